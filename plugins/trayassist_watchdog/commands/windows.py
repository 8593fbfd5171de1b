"""Windows: its command lines read, cmd's and PowerShell's own commands, programs that wipe, unprotect or cut off.

In cmd and PowerShell the backslash is a path's, never an escape.
"""

from __future__ import annotations

import base64
import binascii
import re

from .model import HIGH, MEDIUM, Danger, Line, ProgramCall, Rule, high, medium, table_rules, word_set
from .scanner import ShellCommand

_TOKEN = re.compile(
    r"\s*(?:(?P<operator>\|\||&&|[|;&\n{}()])|(?P<word>(?:\"[^\"]{0,4000}\"?|'[^']{0,4000}'?|[\^`].|[^\s\"'|"
    r";&{}()\^`]|[\^`]$){1,4000}))",
    re.DOTALL,
)
_QUOTES = re.compile(r"\"([^\"]*)\"?|'([^']*)'?|[\^`](.)", re.DOTALL)
MAX_COMMANDS = 500


def scan_windows(text: str) -> list[ShellCommand]:
    """Return the commands of the text in order, pipes linked."""
    commands: list[ShellCommand] = []
    now, at = ShellCommand(), 0
    while (match := _TOKEN.match(text, at)) and len(commands) < MAX_COMMANDS:
        at = match.end()
        if match["word"] is not None:
            now.argv.append(_QUOTES.sub(lambda found: found[1] or found[2] or found[3] or "", match["word"]))
            continue
        before = now
        if now.argv:
            commands.append(now)
        now = ShellCommand(feeds_from=before if match["operator"] == "|" and before.argv else None)
    return [*commands, now] if now.argv else commands


# ---- rules

NAMES = re.compile(
    r"(?i)(?<![\w./\\-])(?:del|erase|rd|rmdir|format|deltree|diskpart|vssadmin|wbadmin|bcdedit|cipher|reg|sc|wmic|"
    r"schtasks|net|net1|wevtutil|fsutil|takeown|icacls|robocopy|powershell|pwsh|cmd|iex|invoke-expression|ri|rm|"
    r"remove-\w{2,40}|clear-\w{2,40}|format-volume|stop-\w{2,40}|restart-computer|initialize-disk|set-mppreference|"
    r"set-executionpolicy|disable-\w{2,40}|uninstall-\w{2,40}|netsh|taskkill|shutdown|logoff|dism|certutil|"
    r"bitsadmin|mshta|rundll32|regsvr32|attrib|msiexec|dsrm|dsmod|reset-\w{2,40}|dismount-\w{2,40}|manage-bde|"
    r"reagentc|wsl|wslconfig|lxrun|move-item|set-content|out-file|start-process|start|call|forfiles|for|runas|invoke-command|icm|"
    r"invoke-webrequest|iwr|invoke-restmethod|irm|unregister-\w{2,40}|revoke-\w{2,40})(?:\.exe|\.com)?(?=[\s;|"
    r"&(){}]|$)|%0\s{0,3}\|\s{0,3}%0|\.(?:delete|deletefile)\s{0,3}\("
)
_SCRATCH = re.compile(r"(?i)^(?:%te?mp%|\$env:te?mp|[a-z]:\\(?:windows\\)?te?mp)[\\/].")
_QUIET_NOUNS = word_set("host variable item-property jobs job event history-display")
_DELETES = "deletes files or folders"


def delete(call: ProgramCall) -> list[Danger]:
    """`del`: with /s, a wildcard, or into system folders."""
    switches, paths = _switches(call)
    if paths and all(_SCRATCH.match(path) for path in paths):
        return []
    wide = any(
        "*" in path or re.match(r"(?i)^(?:[a-z]:\\?$|%systemroot%|[a-z]:\\(?:windows|users|program))", path)
        for path in paths
    )
    return high(_DELETES) if "/s" in switches or (wide and bool(paths)) else []


def remove_folder(call: ProgramCall) -> list[Danger]:
    """`rd /s`."""
    switches, paths = _switches(call)
    return high(_DELETES) if "/s" in switches and not (paths and all(map(_SCRATCH.match, paths))) else []


def _switches(call: ProgramCall) -> tuple[set[str], list[str]]:
    joined = [part for word in call.args for part in re.findall(r"/[a-zA-Z?](?::\S{1,60})?(?=/|$)|.+", word)]
    switches = {word.lower()[:2] for word in joined if re.match(r"^/[a-zA-Z?](?:$|:)", word)}
    return switches, [word for word in joined if not re.match(r"^/[a-zA-Z?](?:$|:)", word)]


def remove_item(call: ProgramCall) -> list[Danger]:
    """Remove-Item and its short names: recursive, forced, or a whole folder."""
    if _what_if(call):
        return []
    given = [word.lower() for word in call.args]
    if call.name == "rm" and not any(re.match(r"^-(?:rec|fo)\w{0,9}$", word) for word in given):
        return []  # the other shell's rm, judged by its own rule
    deep = any(re.match(r"^-r(?:e\w*)?(?::\$true)?$", word) for word in given)
    forced = any(re.match(r"^-f(?:o\w*)?$", word) for word in given)
    paths = [
        word for word in call.args if not word.startswith("-") and word.lower() not in {"$true", "silentlycontinue"}
    ]
    if paths and all(map(_SCRATCH.match, paths)):
        return []
    many = (
        any("*" in path for path in paths)
        or call.command.feeds_from is not None
        or any(path.lower().startswith("hklm:") for path in paths)
    )
    return high(_DELETES) if deep or forced or many else []


def _what_if(call: ProgramCall) -> bool:
    return any(word.lower() in {"-whatif", "-wi", "/?", "-?"} for word in call.args)


def verb_noun(call: ProgramCall) -> list[Danger]:
    """PowerShell's `Remove-ADUser`, `Clear-Disk`, `Stop-Computer`: the verb says what it does."""
    verb, _, noun = call.name.partition("-")
    if _what_if(call) or noun in _QUIET_NOUNS:
        return []
    if noun in {"content", "recyclebin", "itemproperty", "item"} and verb == "clear":
        return medium("empties files")
    if verb in {"remove", "clear", "format", "initialize", "uninstall", "reset", "revoke", "unregister", "dismount"}:
        return high("deletes or clears a part of the system")
    if verb == "disable" or (verb in {"stop", "restart"} and noun in {"computer", "service", "vm", "azvm"}):
        return medium("stops or switches off a part of the system")
    return []


def format_(call: ProgramCall) -> list[Danger]:
    """`format c:`."""
    drive = any(re.match(r"(?i)^[a-z]:\\?$|^\\\\\?\\volume", word) for word in call.args)
    return high("erases a disk") if drive and "--help" not in call.args and "/?" not in call.args else []


def diskpart(call: ProgramCall) -> list[Danger]:
    """diskpart with a script, by /s or through a pipe."""
    source = call.command.feeds_from
    piped = source is not None and re.search(r"(?i)\b(?:clean|delete|format)\b", " ".join(source.argv))
    return high("erases a disk") if piped or any(word.lower() == "/s" for word in call.args) else []


def powershell(call: ProgramCall) -> list[Danger]:
    """powershell -Command and -EncodedCommand: the code is judged again."""
    for at, word in enumerate(call.args):
        low = word.lower()
        if re.match(r"^[-/](?:e|ec|en\w*)$", low) and at + 1 < len(call.args):
            decoded = _decode(call.args[at + 1])
            return (
                high("runs a program that was hidden in encoded text")
                if decoded is None
                else call.script(decoded) or high("runs a program that was hidden in encoded text")
            )
        if re.match(r"^[-/]c(?:o\w*)?$", low):
            return call.script(" ".join(call.args[at + 1 :]))
    words = [word for word in call.args if not word.startswith("-")]
    return call.script(" ".join(words)) if words and not words[0].lower().endswith(".ps1") else []


def _decode(text: str) -> str | None:
    try:
        return base64.b64decode(text + "==").decode("utf-16-le")
    except (binascii.Error, ValueError):
        return None


def cmd(call: ProgramCall) -> list[Danger]:
    """`cmd /c ...`."""
    for at, word in enumerate(call.args):
        if word.lower() in {"/c", "/k", "/r"}:
            return call.script(" ".join(call.args[at + 1 :]))
    return []


def run_unread(text: str) -> list[Danger]:
    """Return the danger of Invoke-Expression beside a download, in whatever order PowerShell allows."""
    runs = re.search(r"(?i)(?<![\w-])(?:iex|invoke-expression)(?![\w-])", text)
    loads = re.search(
        r"(?i)(?<![\w-])(?:iwr|irm|invoke-webrequest|invoke-restmethod|downloadstring|downloaddata|curl|"
        r"wget)(?![\w-])",
        text,
    )
    return (
        [Danger(HIGH, "runs a program straight from the network, unread", text.strip()[:160])] if runs and loads else []
    )


def invoke(call: ProgramCall) -> list[Danger]:
    """Invoke-Expression: the text is judged as a command."""
    return call.script(" ".join(call.args)) if call.args else []


def start(call: ProgramCall) -> list[Danger]:
    """`start`, `call`, `runas`, `for ... do`, `Invoke-Command`: what they run is judged."""
    args = [word for word in call.args if not re.match(r"(?i)^[/-](?!s\b|q\b|c\b)\w", word)]
    if call.name == "for" and "do" in [word.lower() for word in args]:
        args = args[[word.lower() for word in args].index("do") + 1 :]
    if call.name in {"start-process", "saps"}:
        args = [
            word for word in call.args if word.lower() not in {"-filepath", "-argumentlist", "-verb", "runas", "-wait"}
        ]
    if call.name == "forfiles":
        lowered = [word.lower() for word in call.args]
        args = call.args[lowered.index("/c") + 1 :] if "/c" in lowered else []
    return call.script(" ".join(args)) if args else []


def robocopy(call: ProgramCall) -> list[Danger]:
    """robocopy with /MIR, /PURGE or /MOVE, unless it only lists."""
    given = {word.lower() for word in call.args}
    if "/l" in given:
        return []
    return (
        high("deletes at the target whatever the source lacks") if given & {"/mir", "/purge", "/move", "/mov"} else []
    )


def icacls(call: ProgramCall) -> list[Danger]:
    """Rights reset or given to everyone on whole trees."""
    text = " ".join(call.args).lower()
    deep = "/t" in text.split() or "/r" in text.split()
    return (
        medium("changes the rights of a whole tree")
        if deep and ("everyone" in text or "/reset" in text or call.name == "takeown")
        else []
    )


def reg(call: ProgramCall) -> list[Danger]:
    """Registry keys deleted, or protections switched off there."""
    text = " ".join(call.args).lower()
    if text.startswith("delete"):
        return high("deletes settings of the system")
    weak = re.search(r"disableantispyware|enablelua|disablerealtimemonitoring|image file execution|\\run\b", text)
    return medium("changes a protection of the system") if text.startswith("add") and weak else []


def certutil(call: ProgramCall) -> list[Danger]:
    """certutil and bitsadmin used to fetch programs."""
    text = " ".join(call.args).lower()
    return medium("fetches a program in a hidden way") if re.search(r"urlcache|/transfer|-decode\b", text) else []


_SYSTEM_GONE = "deletes a whole system with its files"
_TABLE = (
    Line("vssadmin", "delete resize", HIGH, "deletes the copies that bring files back"),
    Line("wbadmin", "delete", HIGH, "deletes backups"),
    Line("bcdedit", "/set /delete /deletevalue /import", HIGH, "changes how the machine starts"),
    Line("wmic", "delete uninstall", HIGH, "deletes a part of the system"),
    Line("sc", "delete stop", HIGH, "deletes or stops a service"),
    Line("schtasks", "/delete", MEDIUM, "removes timed jobs"),
    Line("net net1", "/delete /del stop", MEDIUM, "removes users or stops services"),
    Line("wevtutil", "cl clear-log", HIGH, "clears the event log"),
    Line("fsutil", "deletejournal setzerodata", HIGH, "destroys data"),
    Line("netsh", "off reset delete", MEDIUM, "changes the firewall or the network"),
    Line("dism", "/remove-package /disable-feature", MEDIUM, "removes a part of the system"),
    Line("dsrm", "", HIGH, "deletes from the user directory"),
    Line("manage-bde", "-off -forcerecovery -delete", MEDIUM, "changes the disk's encryption"),
    Line("reagentc", "/disable", MEDIUM, "switches the recovery system off"),
    Line(
        "wsl wslconfig lxrun", "--unregister /u /unregister /uninstall", HIGH, "deletes a whole system with its files"
    ),
    Line("deltree", "", HIGH, _DELETES),
    Line("set-executionpolicy", "unrestricted bypass", MEDIUM, "switches a protection off"),
    Line("shutdown", "/s /r /p /h -s -r", MEDIUM, "switches the machine off or restarts it"),
    Line("mshta", "", MEDIUM, "runs a program straight from the network, unread"),
    Line("msiexec", "/x /uninstall", MEDIUM, "removes installed programs"),
)


def defender(call: ProgramCall) -> list[Danger]:
    """Set-MpPreference that switches the virus guard off."""
    off = any(word.lower().startswith("-disable") for word in call.args) or any(
        "exclusion" in word.lower() for word in call.args
    )
    return high("switches the virus guard off") if off else []


def cipher(call: ProgramCall) -> list[Danger]:
    """`cipher /w` overwrites free space."""
    return (
        high("destroys what could be brought back") if any(word.lower().startswith("/w") for word in call.args) else []
    )


RULES: dict[str, Rule] = {
    **table_rules(_TABLE, unless="/? /a"),
    **dict.fromkeys(("del", "erase"), delete),
    **dict.fromkeys(("rd", "rmdir"), remove_folder),
    **dict.fromkeys(("remove-item", "ri", "rm"), remove_item),
    **dict.fromkeys(("powershell", "pwsh"), powershell),
    **dict.fromkeys(("iex", "invoke-expression"), invoke),
    **dict.fromkeys(
        ("start", "call", "runas", "for", "start-process", "saps", "forfiles", "invoke-command", "icm"), start
    ),
    **dict.fromkeys(("icacls", "takeown", "cacls"), icacls),
    **dict.fromkeys(("certutil", "bitsadmin"), certutil),
    "format": format_,
    "diskpart": diskpart,
    "cmd": cmd,
    "robocopy": robocopy,
    "reg": reg,
    "cipher": cipher,
    "set-mppreference": defender,
}
