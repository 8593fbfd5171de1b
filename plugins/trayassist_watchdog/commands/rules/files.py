"""Files and folders: removing, emptying, overwriting, mirroring, and opening to everyone."""

from __future__ import annotations

import re

from trayassist_watchdog.commands import places
from trayassist_watchdog.commands.model import UNKNOWN, Call, Danger, Rule, high, medium

_LOOSE_MODE = re.compile(r"^0?[0-7]?[0-7]{0,2}[2367]$|^(?:a|o|ugo|uo|go)?[+=][rwxXst]{0,4}w[rwxXst]{0,4}$")
_FIND_EXPRESSION = re.compile(r"^(?:-[a-zA-Z]|[(!,)])")


def rm(call: Call) -> list[Danger]:
    """`rm -r` outside scratch folders; without -r only what is precious, or a whole folder's files."""
    options = call.options()
    paths = options.words
    if paths and all(places.temporary(path, call.assigned) for path in paths):
        return []
    if options.has("-r", "-R", "--recursive"):
        return high("removes folders with all that is in them")
    if options.has("--no-preserve-root"):
        return high("removes files without the usual guard")
    for path in paths:
        if places.unknown(path):
            return high("removes every file that another program lists")
        if places.everything(path) or places.top(path):
            return high("removes all files of a folder")
        if places.critical(path) or places.system(path) or places.precious(path):
            return high("removes files that the system or your keys need")
    return []


def shred(call: Call) -> list[Danger]:
    """Overwriting a file so that nothing brings it back."""
    options = call.options(("-n", "-s", "--iterations", "--size", "--random-source"))
    if not options.words or all(places.temporary(path, call.assigned) for path in options.words):
        return []
    return high("destroys files so that nothing brings them back")


def find(call: Call) -> list[Danger]:
    """`find ... -delete`, and whatever -exec runs; `{}` is a scratch file where only scratch folders are searched."""
    args, at = call.args, 0
    while at < len(args) and (args[at] in {"-H", "-L", "-P", "-D"} or args[at].startswith("-O")):
        at += 2 if args[at] == "-D" else 1
    starts: list[str] = []
    while at < len(args) and not _FIND_EXPRESSION.match(args[at]):
        starts.append(args[at])
        at += 1
    scratch = bool(starts) and all(places.temporary(start + "/x", call.assigned) for start in starts)
    found = "/tmp/found" if scratch else UNKNOWN  # noqa: S108 - a path to reason about, nothing is opened
    dangers: list[Danger] = []
    while at < len(args):
        word = args[at]
        at += 1
        if word in {"-exec", "-execdir", "-ok", "-okdir"}:
            end = next((i for i in range(at, len(args)) if args[i] in {";", "+"}), len(args))
            dangers += call.again([part.replace("{}", found) for part in args[at:end]])
            at = end + 1
        elif word == "-delete" and not scratch:
            dangers += high("removes every file that find matches")
    return dangers


def mv(call: Call) -> list[Danger]:
    """Moving into /dev/null, or moving a top folder away."""
    options = call.options(("-t", "-S", "--target-directory", "--suffix"))
    target = options.value("-t", "--target-directory") or (options.words[-1] if options.words else "")
    sources = options.words if options.value("-t") else options.words[:-1]
    if target.startswith("/dev/null"):
        return high("throws files away")
    if any(places.top(path) or places.critical(path) for path in sources):
        return high("moves away what the system or your home needs")
    return _onto(target)


def cp(call: Call) -> list[Danger]:
    """Copying over a device or a critical file, or nothing over a file."""
    options = call.options(("-t", "-S", "--target-directory", "--suffix", "-m", "-o", "-g"))
    if len(options.words) < 2:
        return []
    *sources, target = options.words
    if sources == ["/dev/null"] and not places.temporary(target, call.assigned):
        return high("empties a file")
    return _onto(target)


def _onto(target: str) -> list[Danger]:
    if places.device(target):
        return high("overwrites a disk")
    if places.critical(target):
        return high("overwrites a file that the system needs")
    return []


def truncate(call: Call) -> list[Danger]:
    """`truncate -s 0` and other fixed sizes smaller than the file may be."""
    options = call.options(("-s", "-r", "-o", "--size", "--reference"))
    size = options.value("-s", "--size") or ""
    if options.words and all(places.temporary(path, call.assigned) for path in options.words):
        return []
    return high("cuts files off") if re.match(r"^(?:0\w{0,2}|[-</].*)$", size) else []


def chmod(call: Call) -> list[Danger]:
    """Rights changed on whole trees of the system, or everything opened to everyone."""
    options = call.options(("--reference", "--from"))
    mode, paths = (options.words[0], options.words[1:]) if options.words else ("", [])
    if call.name == "chmod":  # "-x" is a mode here, not an option
        modes = [word for word in call.args if re.match(r"^-[rwxst]{1,5}$", word) and word != "-R"]
        mode, paths = (modes[0], options.words) if modes and not re.match(r"^\d{3,4}$|.*[+=]", mode) else (mode, paths)
    if all(places.temporary(path, call.assigned) for path in paths):
        return []
    recursive = options.has("-R", "--recursive")
    if recursive and any(map(places.governed, paths)):
        return high("changes the rights of a whole system tree")
    if call.name != "chmod":
        return high("gives a system file to another user") if any(map(places.critical, paths)) else []
    if _LOOSE_MODE.match(mode) and any(places.system(path) or places.top(path) for path in paths):
        return high("opens system files to everyone")
    if re.match(r"^0?000$", mode):
        return high("takes all rights to files away") if recursive else medium("takes all rights to a file away")
    if re.match(r"^[42367][0-7]{3}$|.*[ug]*\+[rwx]*s", mode) and any("sh" in path.rsplit("/", 1)[-1] for path in paths):
        return high("lets everyone run a shell as its owner")
    return medium("opens a whole folder to everyone") if recursive and _LOOSE_MODE.match(mode) else []


def setfacl(call: Call) -> list[Danger]:
    """Access lists changed or dropped on whole system trees."""
    options = call.options(("-m", "-x", "-M", "-X"))
    deep = options.has("-R", "--recursive") and any(places.top(p) or places.system(p) for p in options.words)
    return high("changes the rights of a whole system tree") if deep else []


def rsync(call: Call) -> list[Danger]:
    """Mirroring that deletes at the target, or sources removed after the copy."""
    options = call.options(("-e", "--rsh", "-f", "--filter", "--exclude", "--include", "-T", "-B", "-M"))
    if options.has("-n", "--list-only") or options.dry:
        return []
    if any(flag.startswith("--delete") or flag == "--del" for flag in options.flags):
        return high("deletes at the target whatever the source lacks")
    return high("deletes the sources after copying") if options.has("--remove-source-files") else []


def tar(call: Call) -> list[Danger]:
    """Sources removed after packing, or a packet unpacked over the system."""
    options = call.options(("-f", "-C", "--file", "--directory", "-T", "-X", "--exclude", "-I"))
    if options.has("--remove-files"):
        return medium("deletes the sources after packing")
    runs = [value for name in ("--to-command", "--checkpoint-action", "-I") for value in options.values.get(name, ())]
    dangers = [danger for code in runs for danger in call.script(code.removeprefix("exec="))]
    old_style = bool(call.args) and not call.args[0].startswith("-") and "x" in call.args[0]
    unpacks = old_style or options.has("-x", "--extract", "--get")
    where = [options.value("-C", "--directory") or ""]
    where += [call.args[at + 1] for at, word in enumerate(call.args[:-1]) if word == "-C"]
    return dangers or (medium("unpacks over the system's own folders") if unpacks and "/" in where else [])


def zip_(call: Call) -> list[Danger]:
    """`zip -m` removes what it packed."""
    return medium("deletes the sources after packing") if call.options().has("-m", "--move") else []


def sed(call: Call) -> list[Danger]:
    """Editing critical files in place."""
    options = call.options(("-e", "-f", "-l", "--expression", "--file"))
    if any(flag.startswith(("-i", "--in-place")) for flag in options.flags) and any(
        map(places.critical, options.words)
    ):
        return medium("edits a file that the system needs")
    return []


def tee(call: Call) -> list[Danger]:
    """Writing through tee onto a device or a critical file."""
    options = call.options()
    for path in options.words:
        if places.device(path) or path == "/proc/sysrq-trigger":
            return high("overwrites a disk or the kernel's switches")
        if places.critical(path) and not options.has("-a", "--append"):
            return high("overwrites a file that the system needs")
    return []


def link(call: Call) -> list[Danger]:
    """A forced link put in place of a critical file."""
    options = call.options(("-t", "-S"))
    replaced = options.has("-f", "--force") and any(map(places.critical, options.words[1:]))
    return high("replaces a file that the system needs") if replaced else []


def trash(call: Call) -> list[Danger]:
    """Emptying the trash."""
    return medium("empties the trash")


def redirects(call: Call) -> list[Danger]:
    """`>` onto devices and system files, and a bare `>` that empties a file."""
    words = [call.name, *call.args]
    nothing = words in ([""], [":"], ["true"], ["cat", "/dev/null"]) or (
        words[0] in {"echo", "printf"} and words[1:] in ([], ["-n"], [""])
    )
    for operator, path in call.command.redirects:
        if operator.startswith("<") and operator != "<>":
            continue
        if places.device(path) or path in {"/proc/sysrq-trigger", "/proc/kcore", "/dev/mem"}:
            return high("overwrites a disk or the kernel's switches")
        if operator in {">", ">|", "&>", "<>"}:
            if places.critical(path):
                return high("overwrites a file that the system needs")
            if path.startswith("/etc/") and not re.search(r"\.d/|/tmp", path):
                return medium("overwrites a setting of the system")
            if nothing and path.startswith(("/", "~", "$HOME")) and not _scratch(path, call):
                return medium("empties a file")
        elif operator in {">>", "&>>"} and re.match(
            r"^/etc/(?:passwd|shadow|sudoers|ld\.so\.preload|crontab|cron\.d/)", path
        ):
            return high("adds to a file that decides who may do what")
    return []


def _scratch(path: str, call: Call) -> bool:
    return path.startswith("/dev/") or places.temporary(path, call.assigned)


RULES: dict[str, Rule] = {
    **dict.fromkeys(("rm", "grm", "unlink", "rip", "srm", "safe-rm"), rm),
    **dict.fromkeys(
        ("shred", "gshred", "wipe", "scrub", "secure-delete", "sfill", "nwipe", "sdelete", "bleachbit"), shred
    ),
    **dict.fromkeys(("find", "gfind"), find),
    **dict.fromkeys(("chmod", "chown", "chgrp", "gchmod", "gchown"), chmod),
    **dict.fromkeys(("cp", "install", "gcp"), cp),
    **dict.fromkeys(("tar", "gtar", "bsdtar"), tar),
    **dict.fromkeys(("sed", "gsed"), sed),
    **dict.fromkeys(("trash-empty", "trash-rm"), trash),
    "mv": mv,
    "truncate": truncate,
    "setfacl": setfacl,
    "rsync": rsync,
    "zip": zip_,
    "tee": tee,
    "ln": link,
}
