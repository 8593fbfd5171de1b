"""Data that leaves: private files sent over the network, names that carry data, shells opened to others."""

from __future__ import annotations

import re
from collections.abc import Iterator

from trayassist.api import Risk
from trayassist_watchdog.commands.model import Danger, Rule
from trayassist_watchdog.commands.options import word_set
from trayassist_watchdog.commands.scanner import Command, plain

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


def judge(command: Command, words: list[str], name: str) -> Iterator[Danger]:
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
    if (_SECRET_PATH.search(_sent(words, name)) and _leaves(words, name)) or (
        any(_private(one) for one in _sources(command)) and name != "ssh"
    ):
        yield _danger("sends keys or private settings to another machine")


def _danger(why: str) -> Danger:
    return Danger(Risk.HIGH, why, tag=TAG)


def _sent(words: list[str], name: str) -> str:
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


def _sources(command: Command) -> Iterator[Command]:
    """Yield what is piped, read or substituted into a sending command."""
    at, steps = command.feeds_from, 0
    while at is not None and steps < 6:
        yield at
        at, steps = at.feeds_from, steps + 1
    for _, inside in command.inner:
        yield from inside
    for operator, path in command.redirects:
        if operator == "<":
            yield Command(argv=["cat", path])


def _private(command: Command) -> bool:
    words = [plain(word) for word in command.argv]
    if not words:
        return False
    name = words[0].rsplit("/", 1)[-1]
    if name in _DUMPS_ALL and len(words) <= 2 and not any("=" in word for word in words):
        return True
    return _SECRET_PATH.search(" ".join(words[1:]) + " ".join(path for _, path in command.redirects)) is not None


RULES: dict[str, Rule] = {}  # judged for every command, see engine
