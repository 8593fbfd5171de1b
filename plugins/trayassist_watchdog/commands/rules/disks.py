"""Disks, partitions, volumes and file systems."""

from __future__ import annotations

from trayassist_watchdog.commands import places
from trayassist_watchdog.commands.model import UNKNOWN, Call, Danger, Rule, high, medium
from trayassist_watchdog.commands.options import word_set

_ERASES = "erases a disk or what is on it"


def dd(call: Call) -> list[Danger]:
    """`dd of=` a device or a critical file."""
    for word in call.args:
        if word.startswith("of="):
            path = word[3:]
            if places.device(path):
                return high("overwrites a disk")
            if places.critical(path) or places.top(path):
                return high("overwrites a file that the system needs")
    return []


def make_file_system(call: Call) -> list[Danger]:
    """mkfs and its family, on a device; an image file is nothing to lose."""
    options = call.options(("-t", "-L", "-n", "-m", "-b", "-i", "-O", "-E", "-U", "-N", "-F", "-I", "-s", "-f"))
    onto_disk = any(path.startswith(("/dev/", "$", UNKNOWN)) for path in options.words)
    return high(_ERASES) if onto_disk and not options.has("-V") else []


def partitions(call: Call) -> list[Danger]:
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
    devices = [word for word in options.words if places.device(word)]
    return high(_ERASES) if devices else []


def wipefs(call: Call) -> list[Danger]:
    """wipefs only lists unless -a or -o is given."""
    options = call.options(("-o", "--offset", "-t", "--types"))
    wipes = options.has("-a", "--all", "-o", "--offset", "-f") and not options.has("-n", "--no-act")
    return high(_ERASES) if wipes else []


def always(call: Call) -> list[Danger]:
    """Programs whose one purpose is to erase, when they are given something."""
    options = call.options()
    tested = options.has("-t", "--test", "-n") or options.dry
    return high(_ERASES) if call.args and not tested else []


def with_option(call: Call) -> list[Danger]:
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

RULES: dict[str, Rule] = {
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
    **dict.fromkeys(("lvremove", "vgremove", "pvremove", "lvreduce", "vgreduce", "blkdiscard", "zap", "dban"), always),
    **dict.fromkeys(_HARMFUL, with_option),
}
