"""The network: data that leaves, shells opened to others, requests that delete, downloads that are run unread."""

from __future__ import annotations

import re
from collections.abc import Iterator

from trayassist.api import Risk

from .model import Danger, ProgramCall, Rule, high, medium, word_set
from .scanner import ShellCommand, plain

# ---- data that leaves

TAG = "possible_data_exfil"
_SECRET_PATH = re.compile(
    r"(?:^|[/~@=\s'\"])(?:\.ssh(?:/|$)|\.aws(?:/|$)|\.gnupg|\.kube/config|\.docker/config|\.netrc|\.pgpass|"
    r"\.git-credentials|\.npmrc|\.pypirc|\.env(?:\.\w{1,20})?(?=$|[\s'\";)])|\.bash_history|\.zsh_history|"
    r"\.password-store|\.config/gcloud|id_(?:rsa|dsa|ecdsa|ed25519)|shadow$|/?etc/(?:passwd|shadow|sudoers|ssh/)|"
    r"[\w.-]{0,40}\.(?:pem|key|p12|pfx|kdbx|keystore|jks|ovpn)(?=$|[\s'\";)])|Login Data|cookies\.sqlite|"
    r"logins\.json|key4\.db|wallet\.dat|\.bitcoin|Library/Keychains|credentials(?:\.json)?$|/proc/self/environ)",
    re.IGNORECASE,
)
_SENDERS = word_set(
    "curl wget nc ncat netcat socat telnet ftp tftp lftp scp sftp rsync ssh mail mailx mutt sendmail rclone croc "
    "http xh"
)
_DUMPS_ALL = frozenset(("env", "printenv", "history", "export"))
_NAME_LOOKUPS = word_set("dig nslookup host ping ping6 drill resolvectl getent")
_SEND_VALUES = word_set(
    "-d --data --data-raw --data-binary --data-urlencode -F --form -T --upload-file --post-file --post-data "
    "--body-file --body-data --json -H --header"
)
_REMOTE = re.compile(r"^(?:[\w.-]{1,64}@)?[\w.-]{1,253}:(?!//)|^(?:s?ftp|rsync|s3|gs)://")


def judge_sending(command: ShellCommand, words: list[str], name: str) -> Iterator[Danger]:
    """Yield the ways in which one command sends something away."""
    text = " ".join(plain(word) for word in words)
    if any(re.match(r"^/dev/(?:tcp|udp)/", path) for _, path in command.redirects):
        shell = name in {"bash", "sh", "zsh", "exec", "ksh"}
        yield _danger("opens a shell to another machine" if shell else "sends data to another machine")
    if name in {"nc", "ncat", "netcat", "socat"} and re.search(
        r"(?:^|\s)(?:-\w{0,6}[ec]|--exec|--sh-exec)\s|EXEC:|SYSTEM:|exec:|system:", text
    ):
        yield _danger("opens a shell to another machine")
    if name in _NAME_LOOKUPS and command.inner and re.search(r"(?:\$\(|`).{1,300}\.\w", text):
        yield _danger("hides data in a name that is looked up")
    if name not in _SENDERS and name not in {"aws", "gsutil", "mc", "s3cmd", "az", "gh"}:
        return
    if (_SECRET_PATH.search(_named_as_sent(words, name)) and _leaves(words, name)) or (
        any(_private(one) for one in _sources(command)) and name != "ssh"
    ):
        yield _danger("sends keys or private settings to another machine")


def _danger(why: str) -> Danger:
    return Danger(Risk.HIGH, why, tag=TAG)


def _named_as_sent(words: list[str], name: str) -> str:
    """Return the words that name what is sent: not the key file that a login uses, not a header file."""
    kept, skip = [], False
    for at, word in enumerate(words):
        if skip:
            skip = False
            continue
        if word in {
            "-i",
            "--cert",
            "--key",
            "--cacert",
            "-E",
            "--private-key",
            "-e",
            "--netrc-file",
            "--env-file",
            "-o",
            "-F",
            "-c",
        }:
            form = word == "-F" and name in {"curl", "http"}
            skip = not form
            if skip:
                continue
        if not re.match(r"^-\w{0,8}e$|^ssh\s", word):  # rsync's way to log in
            kept.append(plain(word))
        if at > 60:
            break
    return " ".join(kept)


def _leaves(words: list[str], name: str) -> bool:
    if name in {"scp", "rsync", "rclone", "sftp"}:
        return bool(_REMOTE.match(words[-1]) or (name == "rclone" and ":" in words[-1]))
    if name in {"curl", "wget", "http", "xh"}:
        glued = any(
            word.startswith(("-d@", "-F", "-T", "--data", "--post", "--form", "--upload", "--body")) for word in words
        )
        return glued or not _SEND_VALUES.isdisjoint(words) or any("$(" in word or "`" in word for word in words)
    if name in {"aws", "gsutil", "mc", "s3cmd", "az", "gh"}:
        return (
            "cp" in words
            or "sync" in words
            or "put" in words
            or "upload" in words
            or (name == "gh" and "gist" in words)
        )
    return name in {
        "ftp",
        "lftp",
        "mail",
        "mailx",
        "mutt",
        "sendmail",
        "croc",
        "nc",
        "ncat",
        "netcat",
        "socat",
        "telnet",
    }


def _sources(command: ShellCommand) -> Iterator[ShellCommand]:
    """Yield what is piped, read or substituted into a sending command."""
    at, steps = command.feeds_from, 0
    while at is not None and steps < 6:
        yield at
        at, steps = at.feeds_from, steps + 1
    for _, inside in command.inner:
        yield from inside
    for operator, path in command.redirects:
        if operator == "<":
            yield ShellCommand(argv=["cat", path])


def _private(command: ShellCommand) -> bool:
    words = [plain(word) for word in command.argv]
    if not words:
        return False
    name = words[0].rsplit("/", 1)[-1]
    if name in _DUMPS_ALL and len(words) <= 2 and not any("=" in word for word in words):
        return True
    return _SECRET_PATH.search(" ".join(words[1:]) + " ".join(path for _, path in command.redirects)) is not None


# ---- requests

_URL_VERB = re.compile(
    r"(?i)[/:._-](?:do)?(?:delete|destroy|purge|wipe|truncate|flush|drop|terminate|"
    r"remove)(?:[A-Z_-]?\w{0,24})?(?:[/?#]|$)|/_(?:delete_by_query|close|shutdown)\b|/delete_series\b|/(?:flushall|"
    r"shutdown|doDelete|quitquitquit)\b"
)
_GRAPHQL = re.compile(r"(?i)mutation\b.{0,200}?\b(?:delete|destroy|remove|purge|archive)\w{0,40}\s{0,5}[({]")
_CURL_VALUED = word_set(
    "-X -d -H -o -u -A -e -b -c -F -T -x -m -w -E -K -C -r -y -Y -z -D -P -Q -t --request --data --data-raw "
    "--data-binary --data-urlencode --header --output --user --user-agent --referer --cookie --cookie-jar --form "
    "--upload-file --proxy --max-time --write-out --cert --key --cacert --config --url --json --connect-timeout "
    "--retry --resolve --method --body-data --body-file --post-data --post-file --input -f --raw-field --field -R "
    "--hostname --repo"
)
_BODIES = (
    "-d",
    "--data",
    "--data-raw",
    "--data-binary",
    "--json",
    "--post-data",
    "--body-data",
    "-f",
    "--raw-field",
    "-F",
    "--field",
)


def request(call: ProgramCall) -> list[Danger]:
    """curl, wget, HTTPie and `gh api`: the DELETE method, a body that deletes, or an address that says so."""
    options = call.options(_CURL_VALUED)
    method = (options.value("-X", "--request", "--method") or "").upper()
    if call.name in {"gh", "glab"} and options.words[:1] != ["api"]:
        return []
    if call.name in {"http", "https", "xh", "xhs", "httpie"} and options.words:
        method = options.words[0].upper()
    if method == "DELETE":
        return high("asks a server to delete something")
    body = " ".join(value for name in _BODIES for value in options.values.get(name, ()))
    if any(
        re.match(r"(?i)\s{0,5}['\"]?_method=delete|.{0,200}x-http-method-override:\s?delete", text)
        for text in (body, *call.args)
    ):
        return high("asks a server to delete something")
    if _GRAPHQL.search(body[:4000]):
        return high("asks a server to delete something")
    sends = method in {"POST", "PUT", "PATCH", "PURGE"} or bool(body)
    addresses = [word for word in (*options.words, options.value("--url") or "") if "/" in word]
    if method == "PURGE":
        return medium("empties a cache")
    if sends and any(_URL_VERB.search(address[:500]) for address in addresses):
        return high("asks a server to delete something")
    return []


def remote_copy(call: ProgramCall) -> list[Danger]:
    """scp onto the top or the system folders of another machine."""
    words = call.options(("-P", "-i", "-o", "-F", "-c", "-l", "-S", "-J", "-D")).words
    target = words[-1].partition(":")[2] if len(words) > 1 and ":" in words[-1] else ""
    if re.match(r"^/(?:$|etc|boot|bin|sbin|lib|usr/(?!local)|root/\.ssh)", target):
        return [Danger(Risk.MEDIUM, "writes into the system folders of another machine")]
    return []


def dig(call: ProgramCall) -> list[Danger]:
    """Asking a name server for a whole zone."""
    whole = any(word.lower() in {"axfr", "-tafxr", "-l"} or word.lower() == "-taxfr" for word in call.args)
    return [Danger(Risk.MEDIUM, "copies all names of a domain", tag="possible_data_exfil")] if whole else []


RULES: dict[str, Rule] = {
    **dict.fromkeys(("curl", "wget", "http", "https", "xh", "xhs", "httpie", "gh", "glab", "curlie"), request),
    **dict.fromkeys(("scp", "pscp"), remote_copy),
    **dict.fromkeys(("dig", "host"), dig),
}
