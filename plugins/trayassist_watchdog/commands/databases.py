"""Databases: SQL in any client, Redis, MongoDB, and the programs that drop or overwrite a whole database."""

from __future__ import annotations

import re

from .model import HIGH, MEDIUM, UNKNOWN, Danger, Line, ProgramCall, Rule, high, medium, table_rules, word_set
from .scanner import plain

_COMMENT = re.compile(r"--[^\n]{0,2000}|/\*.{0,2000}?\*/", re.DOTALL)
_STRING = re.compile(r"'[^']{0,2000}'")
_START = r"^\s{0,80}(?:BEGIN\s{1,20}|USE\s{1,20}\S{1,80}\s{1,20}|EXPLAIN\s{1,20}\(?ANALY[SZ]E\)?\s{1,20})?"
_HIGH_SQL: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(_START + pattern, re.IGNORECASE), why)
    for pattern, why in (
        (
            (
                r"DROP\s{1,20}(?:TEMPORARY\s{1,20})?(?:DATABASE|SCHEMA|TABLE|TABLESPACE|KEYSPACE|COLLECTION|USER|ROLE|"
                r"VIEW|MATERIALIZED|INDEX|COLUMN|FUNCTION|PROCEDURE|TRIGGER|SEQUENCE|TYPE|EXTENSION|OWNED|PARTITION|"
                r"MEASUREMENT|SERIES|LOGIN|PUBLICATION|SUBSCRIPTION|EVENT|WAREHOUSE|STAGE|PIPE)\b"
            ),
            "drops a part of a database",
        ),
        (r"TRUNCATE\b", "empties a table"),
        (
            r"DELETE\s{1,20}FROM\s{1,20}[^\s;]{1,120}\s{0,20}(?:$|WHERE\s{1,20}(?:1\s{0,5}=\s{0,5}1|true|1)\s{0,20}$)",
            "deletes all rows of a table",
        ),
        (r"ALTER\s{1,20}TABLE\b.{0,300}?\bDROP\b", "drops columns or constraints"),
        (
            r"(?:RESET\s{1,20}MASTER|PURGE\s{1,20}(?:BINARY|MASTER)|RESET\s{1,20}SLAVE\s{1,20}ALL)\b",
            "deletes the record of changes",
        ),
        (r"ALTER\s{1,20}DATABASE\b.{0,200}?\bSET\s{1,20}OFFLINE", "takes a database away"),
        (r"EXEC(?:UTE)?\s{1,20}(?:master\.{1,2})?(?:dbo\.)?xp_cmdshell\b", "runs a program from the database"),
    )
)
_MEDIUM_SQL: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(_START + pattern, re.IGNORECASE), why)
    for pattern, why in (
        (r"UPDATE\s{1,20}[^\s;]{1,120}\s{1,20}SET\b(?!.{0,4000}\bWHERE\b)", "changes every row of a table"),
        (r"GRANT\s{1,20}ALL\b", "gives all rights away"),
        (r"(?:SHUTDOWN|REVOKE\s{1,20}ALL)\b", "takes a database or its rights away"),
    )
)
SQL_START = re.compile(
    r"^\s{0,80}(?:DROP\s{1,9}(?:TABLE|DATABASE|SCHEMA|VIEW|INDEX|USER|ROLE)|TRUNCATE\s{1,9}(?:TABLE\s)?\w|"
    r"DELETE\s{1,9}FROM|ALTER\s{1,9}TABLE)\b",
    re.IGNORECASE,
)
SQL_ONLY = re.compile(  # a statement whose first word no shell knows, or that is plainly SQL: no program to judge
    r"^\s{0,80}(?:EXPLAIN\s{1,9}\w|SELECT\s{1,9}.{1,2000}\bFROM\b|SELECT\s{1,9}['\d]|INSERT\s{1,9}INTO\b|"
    r"UPDATE\s{1,9}\S{1,80}\s{1,9}SET\b|CREATE\s{1,9}(?:TABLE|VIEW|INDEX|DATABASE|UNIQUE)\b|"
    r"WITH\s{1,9}\w{1,60}\s{1,9}AS\s{0,9}\()",
    re.IGNORECASE | re.DOTALL,
)
_PROGRAM = re.compile(
    r"\b(?:FROM|TO)\s{1,20}PROGRAM\s{1,20}'([^']{1,500})'|\bxp_cmdshell\s{1,20}'([^']{1,500})'", re.IGNORECASE
)
_MONGO = re.compile(
    r"\.dropDatabase\s{0,5}\(|\.drop(?:Indexes|Index|User|AllUsersFromDatabase|Role)?\s{0,5}\(|"
    r"\.shutdownServer\s{0,5}\(|\.(?:remove|deleteMany)\s{0,5}\(\s{0,5}(?:\{\s{0,5}\}\s{0,5})?[,)]|"
    r"\bdropDatabase\s{0,5}:|rs\.remove\s{0,5}\("
)
_REDIS_HIGH = word_set("flushall flushdb shutdown")
_REDIS_PAIRS = {
    "debug": "segfault panic crash-and-recover restart oom sleep reload",
    "config": "rewrite",
    "script": "flush kill",
    "function": "flush delete",
    "cluster": "reset forget flushslots delslots failover",
    "acl": "deluser",
    "xgroup": "destroy",
    "memory": "purge",
    "sentinel": "remove reset",
}
_SQL_VALUED = word_set(
    "-c -e -Q -q -d -U -h -p -P -u -D -H -S -o -f -F -v -i --command --execute --query --sql --host --port --user "
    "--username --dbname --database --file --password --eval --url"
)


def sql(text: str) -> list[Danger]:
    """Return the dangers of SQL text: each statement from its first word on, so that data in it means nothing."""
    programs = [match[1] or match[2] for match in _PROGRAM.finditer(text)]
    dangers = [Danger(HIGH, "runs a program from the database")] if programs else []
    cleaned = _STRING.sub("''", _COMMENT.sub(" ", text[:20_000]))
    for statement in cleaned.split(";")[:200]:
        dangers += [Danger(HIGH, why) for pattern, why in _HIGH_SQL if pattern.search(statement)]
        if not dangers:
            dangers += [Danger(MEDIUM, why) for pattern, why in _MEDIUM_SQL if pattern.search(statement)]
    return dangers[:3]


def sql_client(call: ProgramCall) -> list[Danger]:
    """Any SQL client: its options, its words, its here-document, and what is echoed into it."""
    options = call.options(_SQL_VALUED)
    texts = [value for values in options.values.values() for value in values if " " in value]
    texts += [word for word in options.words if " " in word]
    if call.name in {"bq", "snow", "wrangler", "cockroach", "turso", "supabase"}:
        texts += [" ".join(options.words)]
    texts += [call.command.here or "", piped_text(call)]
    return [danger for text in texts if text for danger in sql(plain(text))]


def piped_text(call: ProgramCall) -> str:
    """Return what echo or printf pipes into this program; "" when that is not known."""
    source = call.command.feeds_from
    if source is not None and source.argv[:1] in (["echo"], ["printf"], ["cat"]):
        return source.here or " ".join(word for word in source.argv[1:] if not word.startswith("-"))
    return ""


def redis(call: ProgramCall) -> list[Danger]:
    """redis-cli and its kin."""
    options = call.options(
        ("-h", "-p", "-a", "-n", "-u", "-s", "-r", "-i", "-t", "--user", "--pass", "--cacert", "--cert", "--key")
    )
    lines = [options.words, *(line.split() for line in (call.command.here or piped_text(call)).splitlines())]
    for words in lines:
        verb, rest = (words[0].lower(), [word.lower() for word in words[1:]]) if words else ("", [])
        if verb in _REDIS_HIGH:
            return high("empties or stops the database")
        if rest and rest[0] in _REDIS_PAIRS.get(verb, "").split():
            return high("removes data or breaks the server")
        if verb in {"del", "unlink"} and any(UNKNOWN in word or "$(" in word for word in rest):
            return high("deletes many keys")
        if (
            (verb, rest[:1]) == ("config", ["set"])
            and rest[1:2]
            and rest[1] in {"dir", "dbfilename", "save", "requirepass"}
        ):
            return medium("changes where the database keeps its data")
        if verb in {"slaveof", "replicaof"}:
            return medium("changes what the database copies")
    return []


def mongo(call: ProgramCall) -> list[Danger]:
    """MongoDB's shell."""
    text = " ".join([*call.args, call.command.here or "", piped_text(call)])
    return high("drops a part of a database") if _MONGO.search(plain(text)) else []


def name_server(call: ProgramCall) -> list[Danger]:
    """nsupdate told to delete names."""
    text = f"{call.command.here or ''} {piped_text(call)}"
    return high("deletes names of a domain") if re.search(r"\bdelete\s", text) else []


_TABLE = (
    Line("dropdb dropuser pg_dropcluster", "", HIGH, "drops a database or a user"),
    Line("pg_resetwal pg_resetxlog", "", HIGH, "may lose what the database wrote last"),
    Line("mysqladmin mariadb-admin", "drop shutdown flush-logs", HIGH, "drops a database or stops it"),
    Line("pg_restore", "--clean -c", HIGH, "drops what is there before restoring"),
    Line("pg_dump pg_dumpall", "--clean -c", MEDIUM, "writes a dump that drops what is there"),
    Line(
        "mysqldump mariadb-dump",
        "--add-drop-database --add-drop-table",
        MEDIUM,
        "writes a dump that drops what is there",
    ),
    Line("mongorestore mongoimport", "--drop", HIGH, "drops what is there before restoring"),
    Line("etcdctl", "del rm rmdir", HIGH, "deletes keys of the cluster"),
    Line("zkCli.sh zkcli zookeepercli", "delete deleteall rmr", HIGH, "deletes keys of the cluster"),
    Line(
        "rails rake", "db:drop db:reset db:purge db:schema:load db:migrate:reset db:drop:all", HIGH, "drops a database"
    ),
    Line("artisan", "migrate:fresh migrate:reset migrate:refresh db:wipe", HIGH, "drops a database"),
    Line("mix", "ecto.drop ecto.reset", HIGH, "drops a database"),
    Line("django-admin manage.py", "flush reset_db sqlflush", HIGH, "empties a database"),
    Line("prisma", "reset --force-reset --accept-data-loss", HIGH, "empties a database"),
    Line("flyway", "clean", HIGH, "empties a database"),
    Line("liquibase", "dropAll drop-all rollback", HIGH, "empties a database"),
    Line("sequelize sequelize-cli typeorm", "db:drop db:migrate:undo:all schema:drop", HIGH, "drops a database"),
    Line("alembic", "downgrade", MEDIUM, "sets a database's tables back"),
)

RULES: dict[str, Rule] = {
    **table_rules(_TABLE, unless="--help"),
    **dict.fromkeys(
        word_set(
            "psql mysql mariadb sqlite3 sqlite sqlcmd osql isql usql pgcli mycli litecli clickhouse-client "
            "clickhouse duckdb cqlsh snowsql snow bq cockroach influx trino presto hive beeline impala-shell "
            "sqlplus turso wrangler supabase spanner-cli mssql-cli"
        ),
        sql_client,
    ),
    **dict.fromkeys(("redis-cli", "valkey-cli", "keydb-cli", "dragonfly-cli", "iredis"), redis),
    **dict.fromkeys(("mongo", "mongosh"), mongo),
    "nsupdate": name_server,
}
