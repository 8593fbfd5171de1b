"""Programs installed on the machine: removed, or taken back from a registry."""

from __future__ import annotations

from trayassist_watchdog.commands.model import Rule

from .table import HIGH, MEDIUM, Line, rules

_REMOVES = "removes installed programs"
_UNPUBLISHES = "takes a published package back"

_TABLE = (
    Line("apt apt-get aptitude nala", "remove purge autoremove autopurge", MEDIUM, _REMOVES),
    Line("dnf yum microdnf tdnf", "remove erase autoremove", MEDIUM, _REMOVES),
    Line("zypper", "remove rm", MEDIUM, _REMOVES),
    Line("apk", "del", MEDIUM, _REMOVES),
    Line("pacman yay paru", "-R -Rs -Rns -Rsc -Rdd -Rn -Rc -Rnsc --remove -Scc", MEDIUM, _REMOVES),
    Line("snap flatpak", "remove uninstall", MEDIUM, _REMOVES),
    Line("brew", "uninstall remove rm untap", MEDIUM, _REMOVES),
    Line("port", "uninstall", MEDIUM, _REMOVES),
    Line("dpkg", "-r -P --remove --purge --force-all", MEDIUM, _REMOVES),
    Line("rpm", "-e --erase", MEDIUM, _REMOVES),
    Line("choco winget scoop", "uninstall remove", MEDIUM, _REMOVES),
    Line("emerge", "--unmerge -C --depclean -c", MEDIUM, _REMOVES),
    Line("pkg pkg_delete pkgutil xbps-remove eopkg equo", "delete remove autoremove --forget", MEDIUM, _REMOVES),
    Line("nix-collect-garbage", "-d --delete-old --delete-older-than", MEDIUM, "removes what the last versions need"),
    Line("nix-store", "--delete --gc", MEDIUM, "removes what the last versions need"),
    Line("nix-env", "-e --uninstall --delete-generations", MEDIUM, _REMOVES),
    Line("conda mamba micromamba", "remove uninstall", MEDIUM, _REMOVES),
    Line("npm yarn pnpm", "unpublish", HIGH, _UNPUBLISHES),
    Line("npm", "deprecate", MEDIUM, _UNPUBLISHES),
    Line("cargo gem", "yank", HIGH, _UNPUBLISHES),
)

RULES: dict[str, Rule] = rules(
    _TABLE, unless="-s --simulate --dry-run --just-print --no-act --undo --help -n -h search show list"
)
