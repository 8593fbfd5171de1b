"""Web requests that delete, and downloads that are run unread."""

from __future__ import annotations

import re

from trayassist.api import Risk
from trayassist_watchdog.commands.model import Call, Danger, Rule, high, medium
from trayassist_watchdog.commands.options import word_set

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


def request(call: Call) -> list[Danger]:
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


def remote_copy(call: Call) -> list[Danger]:
    """scp onto the top or the system folders of another machine."""
    words = call.options(("-P", "-i", "-o", "-F", "-c", "-l", "-S", "-J", "-D")).words
    target = words[-1].partition(":")[2] if len(words) > 1 and ":" in words[-1] else ""
    if re.match(r"^/(?:$|etc|boot|bin|sbin|lib|usr/(?!local)|root/\.ssh)", target):
        return [Danger(Risk.MEDIUM, "writes into the system folders of another machine")]
    return []


def dig(call: Call) -> list[Danger]:
    """Asking a name server for a whole zone."""
    whole = any(word.lower() in {"axfr", "-tafxr", "-l"} or word.lower() == "-taxfr" for word in call.args)
    return [Danger(Risk.MEDIUM, "copies all names of a domain", tag="possible_data_exfil")] if whole else []


RULES: dict[str, Rule] = {
    **dict.fromkeys(("curl", "wget", "http", "https", "xh", "xhs", "httpie", "gh", "glab", "curlie"), request),
    **dict.fromkeys(("scp", "pscp"), remote_copy),
    **dict.fromkeys(("dig", "host"), dig),
}
