"""Files, folders and disks: removing, emptying, overwriting, mirroring, opening to everyone, erasing."""

from __future__ import annotations

import posixpath
import re

from .model import UNKNOWN, Danger, ProgramCall, Rule, high, medium, word_set

# ---- which paths matter

_TEMPORARY = re.compile(r"^(?:/private)?/(?:tmp|var/tmp|dev/shm)/[^/]|^/run/user/\d+/[^/]")
_TEMP_VARIABLE = re.compile(
    r"^(?:\$\{?(?:TMPDIR|TMP|TEMP|RUNNER_TEMP|TEMPDIR)(?:(?::?-)(?:/tmp|/var/tmp))?\}?)(?=/|$)(?P<rest>.*)$"
)
_MKTEMP = re.compile(r"^(?:\$\(|`)\s*mktemp\b")
_TOP = re.compile(
    r"^/(?:bin|boot|dev|etc|home|lib(?:32|64|x32)?|media|mnt|opt|proc|root|run|sbin|srv|sys|usr|var|Applications|"
    r"Library|System|Users|Volumes|private)?(?:/(?:\*|\.\*|\{,?\.\*\}|\.))?/?$"
)
_HOME = re.compile(r"^(?:~\w*|\$\{?HOME\}?|/(?:home|Users)/[^/]+|/root)(?:/(?:\*|\.\*|\.))?/?$")
_SYSTEM = re.compile(
    r"^/(?:bin|boot|dev|etc|lib(?:32|64|x32)?|proc|root|sbin|sys|System|usr/(?!local/|src/)|var/(?:lib|log|"
    r"spool)(?:/|$)|Library)(?:/|$|(?<=/))"
)
_RIGHTS = re.compile(
    r"^/(?:bin|boot|dev|etc|lib(?:32|64|x32)?|proc|sbin|sys|System|usr/(?:s?bin|lib\w{0,3}|share)|var/(?:lib|log|"
    r"spool))(?:/\*?)?$|^/etc/"
)
_CRITICAL = re.compile(
    r"^/etc/(?:passwd|shadow|gshadow|group|sudoers|fstab|hosts|resolv\.conf|crontab|ssh/sshd_config|"
    r"ld\.so\.preload|pam\.d/.{1,60}|sudoers\.d/.{1,60}|nsswitch\.conf|hostname|profile|environment|inittab)$|"
    r"^/boot/.{1,100}|"
    r"(?:.{1,200}/)?\.git/(?:config|HEAD|index|packed-refs|ORIG_HEAD|shallow|(?:refs|objects|logs)/.{1,200})$"
)
_LOCK = re.compile(r"(?:^|/)\.git/(?:.{1,200}/)?[\w.-]{1,80}\.lock$")
_KEYS = re.compile(r"(?:^|/)\.(?:ssh|gnupg|aws|kube)(?:/|$)|(?:^|/)\.git(?:/|$)")
_SAFE_DEVICE = re.compile(
    r"^/dev/(?:null|zero|stdin|stdout|stderr|tty\w{0,8}|fd/\d{1,3}|full|u?random|ptmx|pts/.{1,8}|tcp/.{1,200}|"
    r"udp/.{1,200}|shm/.{1,200})$"
)
_ALL = frozenset(("*", ".", "..", "./*", ".*", "*.*", "../*", "./.*", "{*,.*}"))
_DEVICE = re.compile(r"^/dev/\w|^\\\\\.\\(?:PhysicalDrive|[A-Za-z]:)", re.IGNORECASE)


def is_temporary(path: str, assigned: dict[str, str] | None = None) -> bool:
    """Return whether the path lies inside a scratch folder, and stays there when `..` is followed."""
    if _MKTEMP.match(path):
        return True
    if match := _TEMP_VARIABLE.match(path):
        name = re.sub(r"\W.*", "", path.lstrip("${"))
        if name in (assigned or {}):
            return False  # the value would have been put in if it were known
        path = "/tmp/x" + match["rest"]  # noqa: S108 - a path to reason about, nothing is opened
    path = posixpath.normpath(path) if path else path
    return _TEMPORARY.match(path) is not None


def is_top(path: str) -> bool:
    """Return whether the path is `/`, a folder right below it, a home, or all that lies in one of them."""
    path = re.sub(r"(?<!^)/{2,}|(?<=/)(?:\./)+", "/", path)
    path = posixpath.normpath(path) if path.startswith("/") else path
    return _TOP.match(path) is not None or _HOME.match(path) is not None


def is_of_system(path: str) -> bool:
    """Return whether the path belongs to the operating system."""
    return _SYSTEM.match(posixpath.normpath(path) if path.startswith("/") else path) is not None


def keeps_users_apart(path: str) -> bool:
    """Return whether the rights on this tree keep the machine or its users apart."""
    path = posixpath.normpath(path) if path.startswith("/") else path
    return path in {"~", "$HOME", "${HOME}"} or (_TOP.match(path) or _RIGHTS.match(path)) is not None


def is_critical(path: str) -> bool:
    """Return whether overwriting this one file breaks or opens the machine, or breaks a repository."""
    return _CRITICAL.match(path) is not None


def is_precious(path: str) -> bool:
    """Return whether the path holds keys or a repository's history."""
    return _KEYS.search(path) is not None and _LOCK.search(path) is None


def is_device(path: str) -> bool:
    """Return whether writing to the path writes to a disk or to memory."""
    return _DEVICE.match(path) is not None and _SAFE_DEVICE.match(path) is None


def is_everything(path: str) -> bool:
    """Return whether the word means all files of a folder."""
    name = path.rstrip("/")
    return name in _ALL or path.endswith(("/*", "/.*"))


def is_unknown(path: str) -> bool:
    """Return whether only the running program would know the path."""
    return UNKNOWN in path


# ---- files and folders

_LOOSE_MODE = re.compile(r"^0?[0-7]?[0-7]{0,2}[2367]$|^(?:a|o|ugo|uo|go)?[+=][rwxXst]{0,4}w[rwxXst]{0,4}$")
_FIND_EXPRESSION = re.compile(r"^(?:-[a-zA-Z]|[(!,)])")


def rm(call: ProgramCall) -> list[Danger]:
    """`rm -r` outside scratch folders; without -r only what is precious, or a whole folder's files."""
    options = call.options()
    paths = options.words
    if paths and all(is_temporary(path, call.assigned) for path in paths):
        return []
    if options.has("-r", "-R", "--recursive"):
        return high("removes folders with all that is in them")
    if options.has("--no-preserve-root"):
        return high("removes files without the usual guard")
    for path in paths:
        if is_unknown(path):
            return high("removes every file that another program lists")
        if is_everything(path) or is_top(path):
            return high("removes all files of a folder")
        if is_critical(path) or is_of_system(path) or is_precious(path):
            return high("removes files that the system or your keys need")
    return []


def shred(call: ProgramCall) -> list[Danger]:
    """Overwriting a file so that nothing brings it back."""
    options = call.options(("-n", "-s", "--iterations", "--size", "--random-source"))
    if not options.words or all(is_temporary(path, call.assigned) for path in options.words):
        return []
    return high("destroys files so that nothing brings them back")


def find(call: ProgramCall) -> list[Danger]:
    """`find ... -delete`, and whatever -exec runs; `{}` is a scratch file where only scratch folders are searched."""
    args, at = call.args, 0
    while at < len(args) and (args[at] in {"-H", "-L", "-P", "-D"} or args[at].startswith("-O")):
        at += 2 if args[at] == "-D" else 1
    starts: list[str] = []
    while at < len(args) and not _FIND_EXPRESSION.match(args[at]):
        starts.append(args[at])
        at += 1
    scratch = bool(starts) and all(is_temporary(start + "/x", call.assigned) for start in starts)
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


def mv(call: ProgramCall) -> list[Danger]:
    """Moving into /dev/null, or moving a top folder away."""
    options = call.options(("-t", "-S", "--target-directory", "--suffix"))
    target = options.value("-t", "--target-directory") or (options.words[-1] if options.words else "")
    sources = options.words if options.value("-t") else options.words[:-1]
    if target.startswith("/dev/null"):
        return high("throws files away")
    if any(is_top(path) or is_critical(path) for path in sources):
        return high("moves away what the system or your home needs")
    if any(re.search(r"(?:^|/)\.git/?$", path) for path in sources):
        return medium("moves a repository's history away")
    return _onto(target)


def cp(call: ProgramCall) -> list[Danger]:
    """Copying over a device or a critical file, or nothing over a file."""
    options = call.options(("-t", "-S", "--target-directory", "--suffix", "-m", "-o", "-g"))
    if len(options.words) < 2:
        return []
    *sources, target = options.words
    if sources == ["/dev/null"] and not is_temporary(target, call.assigned):
        return high("empties a file")
    return _onto(target)


def _onto(target: str) -> list[Danger]:
    if is_device(target):
        return high("overwrites a disk")
    if is_critical(target):
        return high("overwrites a file that the system or a repository needs")
    return []


def truncate(call: ProgramCall) -> list[Danger]:
    """`truncate -s 0` and other fixed sizes smaller than the file may be."""
    options = call.options(("-s", "-r", "-o", "--size", "--reference"))
    size = options.value("-s", "--size") or ""
    if options.words and all(is_temporary(path, call.assigned) for path in options.words):
        return []
    return high("cuts files off") if re.match(r"^(?:0\w{0,2}|[-</].*)$", size) else []


def chmod(call: ProgramCall) -> list[Danger]:
    """Rights changed on whole trees of the system, or everything opened to everyone."""
    options = call.options(("--reference", "--from"))
    mode, paths = (options.words[0], options.words[1:]) if options.words else ("", [])
    if call.name == "chmod":  # "-x" is a mode here, not an option
        modes = [word for word in call.args if re.match(r"^-[rwxst]{1,5}$", word) and word != "-R"]
        mode, paths = (modes[0], options.words) if modes and not re.match(r"^\d{3,4}$|.*[+=]", mode) else (mode, paths)
    if all(is_temporary(path, call.assigned) for path in paths):
        return []
    recursive = options.has("-R", "--recursive")
    if recursive and any(map(keeps_users_apart, paths)):
        return high("changes the rights of a whole system tree")
    if call.name != "chmod":
        return high("gives a system file to another user") if any(map(is_critical, paths)) else []
    if _LOOSE_MODE.match(mode) and any(is_of_system(path) or is_top(path) for path in paths):
        return high("opens system files to everyone")
    if re.match(r"^0?000$", mode):
        return high("takes all rights to files away") if recursive else medium("takes all rights to a file away")
    if re.match(r"^[42367][0-7]{3}$|.*[ug]*\+[rwx]*s", mode) and any("sh" in path.rsplit("/", 1)[-1] for path in paths):
        return high("lets everyone run a shell as its owner")
    return medium("opens a whole folder to everyone") if recursive and _LOOSE_MODE.match(mode) else []


def setfacl(call: ProgramCall) -> list[Danger]:
    """Access lists changed or dropped on whole system trees."""
    options = call.options(("-m", "-x", "-M", "-X"))
    deep = options.has("-R", "--recursive") and any(is_top(p) or is_of_system(p) for p in options.words)
    return high("changes the rights of a whole system tree") if deep else []


def rsync(call: ProgramCall) -> list[Danger]:
    """Mirroring that deletes at the target, or sources removed after the copy."""
    options = call.options(("-e", "--rsh", "-f", "--filter", "--exclude", "--include", "-T", "-B", "-M"))
    if options.has("-n", "--list-only") or options.dry:
        return []
    if any(flag.startswith("--delete") or flag == "--del" for flag in options.flags):
        return high("deletes at the target whatever the source lacks")
    return high("deletes the sources after copying") if options.has("--remove-source-files") else []


def tar(call: ProgramCall) -> list[Danger]:
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


def zip_(call: ProgramCall) -> list[Danger]:
    """`zip -m` removes what it packed."""
    return medium("deletes the sources after packing") if call.options().has("-m", "--move") else []


def sed(call: ProgramCall) -> list[Danger]:
    """Editing critical files in place."""
    options = call.options(("-e", "-f", "-l", "--expression", "--file"))
    if any(flag.startswith(("-i", "--in-place")) for flag in options.flags) and any(map(is_critical, options.words)):
        return medium("edits a file that the system or a repository needs")
    return []


def tee(call: ProgramCall) -> list[Danger]:
    """Writing through tee onto a device or a critical file."""
    options = call.options()
    for path in options.words:
        if is_device(path) or path == "/proc/sysrq-trigger":
            return high("overwrites a disk or the kernel's switches")
        if is_critical(path) and not options.has("-a", "--append"):
            return high("overwrites a file that the system or a repository needs")
    return []


def link(call: ProgramCall) -> list[Danger]:
    """A forced link put in place of a critical file."""
    options = call.options(("-t", "-S"))
    replaced = options.has("-f", "--force") and any(map(is_critical, options.words[1:]))
    return high("replaces a file that the system or a repository needs") if replaced else []


def trash(call: ProgramCall) -> list[Danger]:
    """Emptying the trash."""
    return medium("empties the trash")


def redirects(call: ProgramCall) -> list[Danger]:
    """`>` onto devices and system files, and a bare `>` that empties a file."""
    words = [call.name, *call.args]
    nothing = words in ([""], [":"], ["true"], ["cat", "/dev/null"]) or (
        words[0] in {"echo", "printf"} and words[1:] in ([], ["-n"], [""])
    )
    for operator, path in call.command.redirects:
        if operator.startswith("<") and operator != "<>":
            continue
        if is_device(path) or path in {"/proc/sysrq-trigger", "/proc/kcore", "/dev/mem"}:
            return high("overwrites a disk or the kernel's switches")
        if operator in {">", ">|", "&>", "<>"}:
            if is_critical(path):
                return high("overwrites a file that the system or a repository needs")
            if path.startswith("/etc/") and not re.search(r"\.d/|/tmp", path):
                return medium("overwrites a setting of the system")
            if nothing and path.startswith(("/", "~", "$HOME")) and not _is_scratch(path, call):
                return medium("empties a file")
        elif operator in {">>", "&>>"} and re.match(
            r"^/etc/(?:passwd|shadow|sudoers|ld\.so\.preload|crontab|cron\.d/)", path
        ):
            return high("adds to a file that decides who may do what")
    return []


def _is_scratch(path: str, call: ProgramCall) -> bool:
    return path.startswith("/dev/") or is_temporary(path, call.assigned)


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


# ---- disks, partitions, volumes, file systems

_ERASES = "erases a disk or what is on it"


def dd(call: ProgramCall) -> list[Danger]:
    """`dd of=` a device or a critical file."""
    for word in call.args:
        if word.startswith("of="):
            path = word[3:]
            if is_device(path):
                return high("overwrites a disk")
            if is_critical(path) or is_top(path):
                return high("overwrites a file that the system or a repository needs")
    return []


def make_file_system(call: ProgramCall) -> list[Danger]:
    """mkfs and its family, on a device; an image file is nothing to lose."""
    options = call.options(("-t", "-L", "-n", "-m", "-b", "-i", "-O", "-E", "-U", "-N", "-F", "-I", "-s", "-f"))
    onto_disk = any(path.startswith(("/dev/", "$", UNKNOWN)) for path in options.words)
    return high(_ERASES) if onto_disk and not options.has("-V") else []


def partitions(call: ProgramCall) -> list[Danger]:
    """Partition editors: looking is fine, everything else is not."""
    options = call.options(("-t", "-b", "-C", "-H", "-S", "-u", "-a", "--align", "-o", "-N", "--part-type"))
    if call.name == "parted":
        harmful = {"mklabel", "mktable", "rm", "mkpart", "resizepart", "mkfs", "name", "set"} & set(options.words)
        return high(_ERASES) if harmful or ("-c" in options.flags and not options.words) else []
    if call.name in {"sgdisk", "sfdisk"}:
        read_only = options.has(
            "-p", "--print", "-l", "--list", "-d", "--dump", "-i", "--info", "-v", "-V", "--verify", "-J", "-n"
        )
        wipes = options.has("-Z", "--zap-all", "-z", "--zap", "-o", "--clear", "--delete") or not read_only
        return high(_ERASES) if options.words and wipes else []
    if options.has("-l", "--list", "-s", "-v", "-x", "--version", "-P"):
        return []
    devices = [word for word in options.words if is_device(word)]
    return high(_ERASES) if devices else []


def wipefs(call: ProgramCall) -> list[Danger]:
    """wipefs only lists unless -a or -o is given."""
    options = call.options(("-o", "--offset", "-t", "--types"))
    wipes = options.has("-a", "--all", "-o", "--offset", "-f") and not options.has("-n", "--no-act")
    return high(_ERASES) if wipes else []


def erase_always(call: ProgramCall) -> list[Danger]:
    """Programs whose one purpose is to erase, when they are given something."""
    options = call.options()
    tested = options.has("-t", "--test", "-n") or options.dry
    return high(_ERASES) if call.args and not tested else []


def erase_with_option(call: ProgramCall) -> list[Danger]:
    """Programs that erase only with one of these options or words."""
    given = set(call.args) | {word.split("=")[0] for word in call.args}
    if given & _HARMFUL[call.name]:
        return high(_ERASES)
    return (
        medium("takes a disk array apart")
        if call.name == "mdadm" and given & {"--fail", "-f", "--remove", "-r"}
        else []
    )


_HARMFUL: dict[str, frozenset[str]] = {
    name: frozenset(words.split())
    for name, words in {
        "hdparm": "--security-erase --security-erase-enhanced --trim-sector-ranges --make-bad-sector --write-sector",
        "nvme": "format sanitize write-zeroes delete-ns dsm write-uncor",
        "cryptsetup": "luksFormat luksErase erase luksKillSlot luksRemoveKey reencrypt luksHeaderRestore",
        "zpool": "destroy labelclear",
        "zfs": "destroy rollback",
        "btrfs": "delete",
        "mdadm": "--zero-superblock --stop -S --misc",
        "dmsetup": "remove remove_all wipe_table clear",
        "badblocks": "-w -wsv -wv -ws -wvs",
        "losetup": "-D --detach-all",
        "diskutil": "eraseDisk eraseVolume partitionDisk secureErase zeroDisk randomDisk deleteVolume deleteContainer"
        " eraseall reformat deleteVolumeGroup",
        "hdiutil": "erasekeys",
        "tmutil": "delete deletelocalsnapshots disable",
        "flashrom": "-w -E --write --erase",
        "efibootmgr": "-B --delete-bootnum -O",
        "sg_format": "--format -F",
        "sg_sanitize": "-B -C -O --block --crypto --overwrite",
        "smartctl": "--set=security",
        "xfs_repair": "-L",
        "debugfs": "-w",
    }.items()
}

RULES |= {
    "dd": dd,
    "dcfldd": dd,
    "dc3dd": dd,
    **dict.fromkeys(
        word_set(
            "mkfs mke2fs mkswap newfs mkdosfs mkntfs mkexfatfs mkfs.ext2 mkfs.ext3 mkfs.ext4 mkfs.xfs "
            "mkfs.btrfs mkfs.vfat mkfs.fat mkfs.ntfs mkfs.exfat mkfs.f2fs mkfs.jfs mkfs.minix mkfs.reiserfs "
            "mkreiserfs newfs_hfs newfs_apfs newfs_msdos"
        ),
        make_file_system,
    ),
    **dict.fromkeys(("fdisk", "cfdisk", "gdisk", "cgdisk", "parted", "sfdisk", "sgdisk"), partitions),
    "wipefs": wipefs,
    **dict.fromkeys(
        ("lvremove", "vgremove", "pvremove", "lvreduce", "vgreduce", "blkdiscard", "zap", "dban"), erase_always
    ),
    **dict.fromkeys(_HARMFUL, erase_with_option),
}
