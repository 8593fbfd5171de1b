"""Where trayassist keeps things. `TRAYASSIST_HOME` moves all of it."""

from __future__ import annotations

import errno
import hashlib
import os
import sys
from dataclasses import dataclass
from pathlib import Path

NO_LOCKS = (errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOTSUP, errno.ENOSYS, errno.EINVAL)
LONGEST_SOCKET = 100  # bytes; a local socket's name may have 107 on Linux and 103 on macOS


@dataclass(frozen=True, slots=True)
class Paths:
    """The folders and files of one installation (or of one TRAYASSIST_HOME)."""

    config: Path
    data: Path

    @property
    def app_config(self) -> Path:
        """The user's app.yaml; overrides the shipped one key by key."""
        return self.config / "app.yaml"

    @property
    def registry(self) -> Path:
        """The user's registry.yaml; overrides the shipped one key by key."""
        return self.config / "registry.yaml"

    @property
    def memory(self) -> Path:
        return self.data / "memory"

    @property
    def queue(self) -> Path:
        return self.data / "queue.sqlite"

    @property
    def history(self) -> Path:
        return self.data / "history.sqlite"

    @property
    def audit(self) -> Path:
        return self.data / "logs" / "audit"

    @property
    def app_log(self) -> Path:
        return self.data / "logs" / "trayassist.log"

    @property
    def models(self) -> Path:
        return self.data / "models"

    @property
    def adapters(self) -> Path:
        return self.data / "adapters"

    @property
    def tessdata(self) -> Path:
        """The user's own OCR language data, looked into before the system's."""
        return self.data / "tessdata"

    @property
    def window_state(self) -> Path:
        return self.data / "windows.ini"

    @property
    def first_steps(self) -> Path:
        """Is there once the first steps were shown."""
        return self.data / "first-steps.done"

    @property
    def socket(self) -> str:
        """The name of the local socket of the running app; short, and one per data folder."""
        tag = hashlib.sha256(os.fsencode(self.data.resolve())).hexdigest()[:16]
        if sys.platform == "win32":
            return rf"\\.\pipe\trayassist-{tag}"
        name = f"trayassist-{os.getuid()}-{tag}.sock"
        runtime = os.environ.get("XDG_RUNTIME_DIR")
        if runtime and len(os.fsencode(place := str(Path(runtime) / name))) <= LONGEST_SOCKET:
            return place
        import tempfile  # 9 ms, which a start with a runtime folder need not wait for

        place = str(Path(tempfile.gettempdir()) / name)
        return place if len(os.fsencode(place)) <= LONGEST_SOCKET else f"/tmp/{name}"  # noqa: S108  # who connects checks the owner

    def make(self) -> None:
        """Create the folders, readable by this user only. Raises TrayassistError when one cannot be made, or used."""
        self._check_names()
        for folder in (self.config, self.data, self.app_log.parent, self.audit, self.models):
            try:
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                if sys.platform != "win32" and folder.stat().st_mode & 0o077:
                    folder.chmod(0o700)
            except OSError as error:
                from trayassist.api import TrayassistError  # what a second start does without

                raise TrayassistError(
                    f"The folder {folder} cannot be made: {error.strerror}.",
                    "Check its permissions; TRAYASSIST_HOME moves all folders.",
                ) from error
        for folder in (self.config, self.data):
            _check_locks(folder)

    def _check_names(self) -> None:
        """Raise TrayassistError when a folder's name is no UTF-8: LanceDB and Qt cannot open files below it."""
        for folder in (self.config, self.data):
            try:
                str(folder).encode()
            except UnicodeEncodeError:
                from trayassist.api import TrayassistError

                shown = os.fsencode(folder).decode("utf-8", "replace")
                raise TrayassistError(
                    f"The name of the folder {shown} is not valid text, and nothing can be kept there.",
                    "Set TRAYASSIST_HOME to a folder with another name.",
                ) from None


def _check_locks(folder: Path) -> None:
    """Raise TrayassistError where files cannot be locked, as on some network drives.

    Two processes would write over each other there, and SQLite does not open a file at all. The lock is a shared one,
    which nothing waits for.
    """
    if sys.platform == "win32":
        return
    import fcntl  # here: a second start hands its request over without it

    trial = folder / f".locks-{os.getpid()}"
    try:
        with trial.open("a+b") as file:
            trial.unlink()
            for lock in (fcntl.flock, fcntl.lockf):  # what our own locks use, and what SQLite's
                lock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError as error:
        from trayassist.api import TrayassistError

        if error.errno not in NO_LOCKS:
            return  # a folder that cannot be written is told of by what writes to it
        raise TrayassistError(
            f"Files in {folder} cannot be locked ({error.strerror}), as on some network drives: "
            "two programs would write over each other there.",
            "Set TRAYASSIST_HOME to a folder on a disk of this computer.",
        ) from error


def current() -> Paths:
    """Return the paths of this process: under TRAYASSIST_HOME, else the platform's folders."""
    if home := os.environ.get("TRAYASSIST_HOME"):
        root = Path(home).expanduser().absolute()
        return Paths(config=root / "config", data=root / "data")
    import platformdirs  # here, because with TRAYASSIST_HOME set it is not needed

    dirs = platformdirs.PlatformDirs("trayassist", appauthor=False)
    return Paths(config=Path(dirs.user_config_dir), data=Path(dirs.user_data_dir))


def leave_current_folder(paths: Paths) -> None:
    """Make the data folder the current one, which workers inherit; one that a user is in may be hostile, or go away.

    Relative paths that were typed must be absolute before. TRAYASSIST_HOME stays the same folder.
    """
    if home := os.environ.get("TRAYASSIST_HOME"):
        os.environ["TRAYASSIST_HOME"] = str(Path(home).expanduser().absolute())
    try:
        os.chdir(paths.data)
    except OSError:  # it is not made yet, or cannot be entered
        os.chdir(paths.data.anchor)


def shipped_file(name: str) -> Path:
    """Return the path of a file that comes with trayassist, such as "config/app.yaml"."""
    here = Path(__file__).resolve().parent
    installed = here / "_shipped" / name
    return installed if installed.exists() else here.parents[1] / name


def private_files() -> None:
    """From now on, files this process and its children create are readable by this user only."""
    os.umask(0o077)
