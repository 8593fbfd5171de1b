"""Which paths matter: scratch folders that may go, and places whose loss breaks a machine or a home."""

from __future__ import annotations

import posixpath
import re

from .model import UNKNOWN

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
    r"^/boot/.{1,100}"
)
_KEYS = re.compile(r"(?:^|/)\.(?:ssh|gnupg|aws|kube)(?:/|$)|(?:^|/)\.git(?:/|$)")
_SAFE_DEVICE = re.compile(
    r"^/dev/(?:null|zero|stdin|stdout|stderr|tty\w{0,8}|fd/\d{1,3}|full|u?random|ptmx|pts/.{1,8}|tcp/.{1,200}|"
    r"udp/.{1,200}|shm/.{1,200})$"
)
_ALL = frozenset(("*", ".", "..", "./*", ".*", "*.*", "../*", "./.*", "{*,.*}"))
_DEVICE = re.compile(r"^/dev/\w|^\\\\\.\\(?:PhysicalDrive|[A-Za-z]:)", re.IGNORECASE)


def temporary(path: str, assigned: dict[str, str] | None = None) -> bool:
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


def top(path: str) -> bool:
    """Return whether the path is `/`, a folder right below it, a home, or all that lies in one of them."""
    path = re.sub(r"(?<!^)/{2,}|(?<=/)(?:\./)+", "/", path)
    path = posixpath.normpath(path) if path.startswith("/") else path
    return _TOP.match(path) is not None or _HOME.match(path) is not None


def system(path: str) -> bool:
    """Return whether the path belongs to the operating system."""
    return _SYSTEM.match(posixpath.normpath(path) if path.startswith("/") else path) is not None


def governed(path: str) -> bool:
    """Return whether the rights on this tree keep the machine or its users apart."""
    path = posixpath.normpath(path) if path.startswith("/") else path
    return path in {"~", "$HOME", "${HOME}"} or (_TOP.match(path) or _RIGHTS.match(path)) is not None


def critical(path: str) -> bool:
    """Return whether overwriting this one file breaks or opens the machine."""
    return _CRITICAL.match(path) is not None


def precious(path: str) -> bool:
    """Return whether the path holds keys or a repository's history."""
    return _KEYS.search(path) is not None


def device(path: str) -> bool:
    """Return whether writing to the path writes to a disk or to memory."""
    return _DEVICE.match(path) is not None and _SAFE_DEVICE.match(path) is None


def everything(path: str) -> bool:
    """Return whether the word means all files of a folder."""
    name = path.rstrip("/")
    return name in _ALL or path.endswith(("/*", "/.*"))


def unknown(path: str) -> bool:
    """Return whether only the running program would know the path."""
    return UNKNOWN in path
