"""The operations of the download worker."""

from __future__ import annotations

import hashlib
import os
import re
import time
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from httpx2 import HTTPError, Response, TooManyRedirects
from huggingface_hub import HfApi, ModelInfo, get_session, hf_hub_url, hf_raise_for_status
from huggingface_hub.errors import HfHubHTTPError

from trayassist import __version__
from trayassist.api import Busy, TrayassistError
from trayassist.ipc import locks
from trayassist.workers.child import Channel
from trayassist.workers.download.messages import disk_words, gated_error, hub_words, in_words, near
from trayassist.workers.download.protocol import FetchedFile, FetchStep, HubFile, WantedFile, part_of

READ_AT_ONCE = 2**22
TELL_EVERY_S = 0.2
READ_LIMIT_S = 20.0  # without a byte the connection is given up and opened again
LOCK_LIMIT_S = 5.0  # a worker whose app was killed is gone by then
ATTEMPTS = 6  # in a row without a new byte
LONGEST_WAIT_S = 8.0
MOST_PARTS = 99
AGAIN = (408, 425, 429, 500, 502, 503, 504)
PARTIAL, BEYOND = 206, 416
PART = re.compile(r"-(\d{5})-of-(\d{5})\.gguf$")


class DownloadService:
    """Every error is said in words; what was fetched stays for the next attempt."""

    def __init__(self, channel: Channel, wait_s: float) -> None:
        self._channel, self._wait_s = channel, wait_s

    def plan(self, wanted: Sequence[WantedFile]) -> list[HubFile]:
        """Return what the hub says of each file, all parts of a model in parts included. Nothing is fetched.

        A repository or file that is not to be had gives one HubFile with the problem in words.
        """
        found: list[HubFile] = []
        for item in wanted:
            try:
                found += _ask(item)
            except TrayassistError as error:
                found.append(_answer(item, problem=error.what, todo=error.todo))
        return found

    def fetch(
        self, repo: str, file: str, commit: str, size: int, sha256: str, target: str
    ) -> Generator[FetchStep | FetchedFile, None, None]:
        """Fetch one file to `target`: yield how far it is, then FetchedFile.

        It goes on where an earlier attempt ended, a killed one included. Cancelled, it ends without Fetched and
        the part file stays. Raises TrayassistError, in words; a content that is not the wanted one is removed.
        """
        place = Path(target)
        with disk_words(place):
            place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            path = part_of(place, sha256, commit)
            with self._own(path, place) as stream:
                part = _Part(stream, size)
                yield from self._read(part)
                yield from self._fill(part, repo, file, commit)
                if self._channel.cancelled():
                    return
                os.fsync(stream.fileno())
            if sha256 and part.sha256 != sha256:
                path.unlink()
                raise TrayassistError(
                    f"{file} arrived damaged: its sha256 is not the one that {repo} names.",
                    "It was thrown away. Fetch it again; if that does not help, something on the way changes it.",
                )
            path.replace(place)
        yield {"sha256": part.sha256}

    # ------------------------------------------------------------ inside

    def _own(self, path: Path, place: Path) -> BinaryIO:
        """Return the part file, open and kept from every other process: two would write into one another.

        Raises Busy while another has it, and when that one has fetched the file meanwhile.
        """
        end = time.monotonic() + LOCK_LIMIT_S
        while not locks.try_lock(stream := path.open("a+b", buffering=0)):
            stream.close()  # Windows does not move an open file to its place
            if time.monotonic() > end or self._channel.cancelled():
                raise Busy(f"{place.name} is being fetched by another trayassist.", "Let that one end, or end it.")
            time.sleep(0.05)
        if place.exists():
            stream.close()
            path.unlink(missing_ok=True)
            raise Busy(f"Another trayassist has fetched {place.name} meanwhile.", "Resume: then it is checked.")
        return stream

    def _read(self, part: _Part) -> Iterator[FetchStep]:
        """Take what an earlier attempt left into the sum."""
        clock = _Clock()
        for done in part.take_over():
            if clock.due():
                yield {"stage": "checking", "bytes": done}
            if self._channel.cancelled():
                return

    def _fill(self, part: _Part, repo: str, file: str, commit: str) -> Iterator[FetchStep]:
        """Ask for the rest until it is there; give up after ATTEMPTS answers in a row without a new byte."""
        attempts = 0
        while not part.whole and not self._channel.cancelled():
            before = part.done
            failed: Exception = TrayassistError("The connection ended early.", "Resume later.")
            try:
                yield from self._one_answer(part, repo, file, commit)
            except HfHubHTTPError as error:
                if error.response is None or error.response.status_code not in AGAIN:
                    raise in_words(error, repo, file) from error
                failed = error
            except TooManyRedirects as error:
                raise in_words(error, repo, file) from error
            except HTTPError as error:  # the connection broke, or nothing came for READ_LIMIT_S
                failed = error
            attempts = 0 if part.done > before else attempts + 1
            if attempts >= ATTEMPTS:
                raise in_words(failed, repo, file) from failed
            if attempts:
                self._wait(min(LONGEST_WAIT_S, self._wait_s * 2 ** (attempts - 1)))
        yield {"stage": "fetching", "bytes": part.done}

    def _one_answer(self, part: _Part, repo: str, file: str, commit: str) -> Iterator[FetchStep]:
        """Append what one answer of the hub brings."""
        headers = {"User-Agent": f"trayassist/{__version__}", "Accept-Encoding": "identity"}
        if part.done:
            headers["Range"] = f"bytes={part.done}-"
        clock = _Clock()
        url = hf_hub_url(repo, file, revision=commit)
        with get_session().stream("GET", url, headers=headers, timeout=READ_LIMIT_S) as answer:
            if part.done and (answer.status_code == BEYOND or not _goes_on(answer, part.done)):
                part.start_over()  # the server gives the file from its beginning only
                if answer.status_code in (BEYOND, PARTIAL):
                    return
            hf_raise_for_status(answer)
            for block in answer.iter_raw():
                part.add(block, repo, file)
                if clock.due():
                    yield {"stage": "fetching", "bytes": part.done}
                if self._channel.cancelled():
                    return

    def _wait(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end and not self._channel.cancelled():
            time.sleep(0.05)


class _Part:
    """A part file with the sum of what is in it."""

    def __init__(self, stream: BinaryIO, size: int) -> None:
        self._stream, self._size = stream, size
        self._sum: Any = hashlib.sha256()
        self.done = 0

    @property
    def whole(self) -> bool:
        return self.done == self._size

    @property
    def sha256(self) -> str:
        return str(self._sum.hexdigest())

    def take_over(self) -> Iterator[int]:
        """Read what is there; yield how many bytes so far. More than the file can have is dropped."""
        if os.fstat(self._stream.fileno()).st_size > self._size:
            self._stream.truncate(0)
        self._stream.seek(0)
        while block := self._stream.read(READ_AT_ONCE):
            self._sum.update(block)
            self.done += len(block)
            yield self.done

    def add(self, block: bytes, repo: str, file: str) -> None:
        if self.done + len(block) > self._size:
            raise TrayassistError(f"{repo} sends more of {file} than it announced.", "Fetch it again.")
        rest = memoryview(block)
        while rest:  # a raw write may take less than all
            rest = rest[self._stream.write(rest) :]
        self._sum.update(block)
        self.done += len(block)

    def start_over(self) -> None:
        self._stream.truncate(0)
        self._sum, self.done = hashlib.sha256(), 0


class _Clock:
    """Says when it is time to tell of progress again."""

    def __init__(self) -> None:
        self._told_at = time.monotonic()

    def due(self) -> bool:
        now = time.monotonic()
        if now - self._told_at < TELL_EVERY_S:
            return False
        self._told_at = now
        return True


def _ask(item: WantedFile) -> list[HubFile]:
    with hub_words(item["repo"], item["file"]):
        info = HfApi(token=False, library_name="trayassist").model_info(
            item["repo"], revision=item["revision"], files_metadata=True, timeout=READ_LIMIT_S
        )
    if info.gated:
        raise gated_error(item["repo"])
    files = {sibling.rfilename: sibling for sibling in info.siblings or ()}
    result = []
    for name in _parts(item["file"]):
        if (known := files.get(name)) is None:
            raise TrayassistError(f"{item['repo']} has no file {name}.", near(name, list(files)))
        found = _answer(item, file=name, commit=info.sha or item["revision"], license=_license(info))
        found["bytes"] = known.size or 0
        found["sha256"] = known.lfs.sha256 if known.lfs is not None else ""
        result.append(found)
    return result


def _answer(item: WantedFile, **more: Any) -> HubFile:
    empty = {"commit": "", "bytes": 0, "sha256": "", "license": "", "problem": "", "todo": ""}
    return HubFile(**{**empty, "repo": item["repo"], "file": item["file"], **more})  # type: ignore[typeddict-item]


def _parts(file: str) -> list[str]:
    """Return all parts of a model in parts, from the name of its first one (NAME-00001-of-00003.gguf)."""
    match = PART.search(file)
    if match is None:
        return [file]
    count = min(int(match[2]), MOST_PARTS)
    return [f"{file[: match.start()]}-{number:05d}-of-{match[2]}.gguf" for number in range(1, count + 1)]


def _license(info: ModelInfo) -> str:
    """Return the licence that the model's page names, "" when it names none; “other” has its own name beside it."""
    card = info.card_data
    name = str(card.get("license") or "") if card is not None else ""
    if name == "other" and card is not None:
        name = str(card.get("license_name") or name)
    if not name:
        name = next((tag.removeprefix("license:") for tag in info.tags or () if tag.startswith("license:")), "")
    return name


def _goes_on(answer: Response, done: int) -> bool:
    """Return whether an answer to a Range begins where we left off; errors are told later."""
    if answer.status_code == PARTIAL:
        return str(answer.headers.get("Content-Range", "")).startswith(f"bytes {done}-")
    return answer.status_code >= 300
