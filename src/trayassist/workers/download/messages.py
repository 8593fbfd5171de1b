"""Messages for the errors of the hub and of the disk: what happened, and what to do about it."""

from __future__ import annotations

import difflib
import errno
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from httpx2 import ConnectError, HTTPError, TimeoutException, TooManyRedirects
from huggingface_hub.errors import (
    GatedRepoError,
    HfHubHTTPError,
    HFValidationError,
    OfflineModeIsEnabled,
    RevisionNotFoundError,
)

from trayassist.api import NotAllowed, TrayassistError

NO_SUCH = (401, 404)  # the hub answers 401 for what is not there, too: it does not tell who may see what


@contextmanager
def hub_words(repo: str, file: str) -> Iterator[None]:
    """Raise what the hub's library raises as a TrayassistError."""
    try:
        yield
    except (HTTPError, OfflineModeIsEnabled, ValueError) as error:
        raise in_words(error, repo, file) from error


@contextmanager
def disk_words(place: Path) -> Iterator[None]:
    """Raise a full or forbidden disk as a TrayassistError."""
    try:
        yield
    except OSError as error:
        if isinstance(error, HfHubHTTPError):
            raise
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise TrayassistError(
                f"The disk is full: {place.name} could not be fetched to its end.",
                "Make room and resume: what was fetched so far is kept.",
            ) from error
        raise TrayassistError(
            f"{place.parent} cannot be written: {error.strerror or error}.", "Check its permissions and resume."
        ) from error


def gated_error(repo: str) -> NotAllowed:
    """Return the error for a repository whose terms have to be accepted first."""
    return NotAllowed(
        f"{repo} is only given to people who accepted its terms on the hub.",
        f"Accept them at https://huggingface.co/{repo}, download the file there, and add it here.",
    )


def in_words(error: Exception, repo: str, file: str) -> TrayassistError:
    """Return what an error of the hub's library means, and what to do."""
    if isinstance(error, TrayassistError):
        return error
    if isinstance(error, GatedRepoError):
        return gated_error(repo)
    if isinstance(error, OfflineModeIsEnabled):
        return TrayassistError(
            "The variable HF_HUB_OFFLINE forbids downloads.", "Start trayassist without it to fetch a model."
        )
    if isinstance(error, RevisionNotFoundError):
        return TrayassistError(f"{repo} has no such revision.", "Leave the revision out, or name one that is there.")
    if isinstance(error, HfHubHTTPError):
        return _status(error, repo, file)
    if isinstance(error, ConnectError):
        return TrayassistError(
            "The hub cannot be reached: this machine is offline, or a firewall is in the way.",
            "Connect and resume, or download the file elsewhere and add it.",
        )
    if isinstance(error, TimeoutException):
        return TrayassistError("The hub does not answer.", "Resume later: what was fetched so far is kept.")
    if isinstance(error, TooManyRedirects):
        return TrayassistError(
            f"The hub sends the download of {file} in circles.", "Resume later: what was fetched so far is kept."
        )
    if isinstance(error, HFValidationError):
        return TrayassistError(f"“{repo}” is no repository's name.", "Write it as the hub does: owner/name.")
    if isinstance(error, HTTPError):
        return TrayassistError(
            f"The connection broke again and again while {file} was fetched.",
            "Resume later: what was fetched so far is kept.",
        )
    return TrayassistError(f"{repo} cannot be asked for {file}: {error}.", "Check how repository and file are written.")


def near(name: str, names: Sequence[str]) -> str:
    """Return what to do about a file that a repository does not have."""
    models = [known for known in names if known.endswith(".gguf")]
    if not models:
        return "It has no GGUF files at all; look for a repository that has."
    if close := difflib.get_close_matches(name, models, n=1, cutoff=0.4):
        return f"Did you mean {close[0]}?"
    return f"It has {', '.join(models[:5])}."


def _status(error: HfHubHTTPError, repo: str, file: str) -> TrayassistError:
    status = error.response.status_code if error.response is not None else 0
    if status in NO_SUCH:
        return TrayassistError(
            f"The hub has no {repo}, or not with a file {file}, or shows it to its owners only.",
            "Check how repository and file are written.",
        )
    if status == 403:
        return gated_error(repo)
    if status == 429:
        return TrayassistError("The hub says that it was asked too often.", "Resume in some minutes.")
    return TrayassistError(f"The hub answers with an error ({status}).", "Resume later: what was fetched is kept.")
