"""Downloads against a small hub (S0-16, S1-25): planned, confirmed, cut, slow, damaged, refused, killed, resumed."""

from __future__ import annotations

import asyncio
import hashlib
import os
import signal
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.models.catalog import hub as hubs
from tests.models.catalog.conftest import content
from trayassist.api import NotAllowed, TrayassistError
from trayassist.models.catalog import fetch_plan
from trayassist.models.catalog.download import DownloadProgress, Downloads
from trayassist.models.catalog.fetch_plan import PlannedFile, Want
from trayassist.paths import Paths

WANT = Want(name="some", repo="some/model-GGUF", file="model-q4_k_m.gguf")


class Lines:
    """An audit log in memory."""

    def __init__(self) -> None:
        self.lines: list[dict[str, Any]] = []

    def write(self, event: str, **fields: Any) -> None:
        self.lines.append({"event": event, **fields})


@asynccontextmanager
async def downloads(
    home: Paths, arrived: list[tuple[Want, list[PlannedFile]]] | None = None
) -> AsyncIterator[Downloads]:
    async def take(want: Want, files: Any) -> None:
        if arrived is not None:
            arrived.append((want, list(files)))

    one = Downloads(home, Lines(), take, wait_s=0.02)  # type: ignore[arg-type]
    try:
        yield one
    finally:
        await one.stop()


async def fetch(one: Downloads, *wants: Want) -> list[DownloadProgress]:
    one.start(await one.plan(wants))
    return [await one.until_ended(want.name) for want in wants]


def parts(home: Paths) -> list[Path]:
    return list(home.models.glob(".*.part"))


async def at_least(one: Downloads, done: int, model: str = "some") -> None:
    """Wait until so many bytes are there."""
    there = asyncio.Event()
    with closing(_Subscribed(one, lambda p: there.set() if p.model == model and p.bytes >= done else None)):
        async with asyncio.timeout(30):
            await there.wait()


class _Subscribed:
    def __init__(self, one: Downloads, callback: Any) -> None:
        self._end = one.subscribe(callback)

    def close(self) -> None:
        self._end()


# ------------------------------------------------------------ plans


async def test_a_plan_names_files_sizes_and_licences_and_fetches_nothing(home: Paths, hub: hubs.Hub) -> None:
    async with downloads(home) as one:
        plan = await one.plan([WANT])
    (file,) = plan.files
    assert (file.bytes, file.license, file.sha256) == (
        1_500_000,
        "apache-2.0",
        hashlib.sha256(content()).hexdigest(),
    )
    assert plan.left == plan.total == 1_500_000
    assert not plan.refusal
    assert not hub.downloads()
    assert not list(home.models.glob("*.gguf"))


async def test_all_parts_of_a_model_in_parts_are_planned(home: Paths, hub: hubs.Hub) -> None:
    names = [f"big-q4_k_m-0000{n}-of-00003.gguf" for n in (1, 2, 3)]
    hub.repos["some/big-GGUF"] = hubs.Repo({f"q4/{name}": content(1000, n) for n, name in enumerate(names)})
    async with downloads(home) as one:
        plan = await one.plan([Want(name="big", repo="some/big-GGUF", file=f"q4/{names[0]}")])
        one.start(plan)
        assert (await one.until_ended("big")).state == "done"
    assert [Path(file.target).name for file in plan.files] == names
    assert [(home.models / name).read_bytes() for name in names] == [content(1000, n) for n in range(3)]


@pytest.mark.parametrize(
    ("want", "words"),
    [
        (Want(name="x", repo="no/such", file="a.gguf"), "no no/such"),
        (Want(name="x", repo="some/model-GGUF", file="model-q8_0.gguf"), "Did you mean model-q4_k_m.gguf?"),
        (Want(name="x", repo="some/gated-GGUF", file="a.gguf"), "accepted its terms"),
        (Want(name="x", repo="not a repo", file="a.gguf"), "“not a repo” is no repository's name"),
        (Want(name="x", repo="some/model-GGUF", file="model-q4_k_m.gguf", sha256="0" * 64), "sha256"),
    ],
)
async def test_what_cannot_be_had_is_said_in_words(home: Paths, hub: hubs.Hub, want: Want, words: str) -> None:
    hub.repos["some/gated-GGUF"] = hubs.Repo({"a.gguf": b"x"}, gated="manual")
    async with downloads(home) as one:
        plan = await one.plan([want])
        assert words in " ".join(plan.problems[0])
        with pytest.raises(NotAllowed):
            one.start(plan)


async def test_a_plan_that_leaves_no_room_on_the_disk_is_refused(
    home: Paths, hub: hubs.Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch_plan, "disk_free", lambda _: fetch_plan.ROOM_LEFT + 1_000_000)
    async with downloads(home) as one:
        plan = await one.plan([WANT])
        with pytest.raises(NotAllowed, match="The disk lacks"):
            one.start(plan)
    assert not hub.downloads()


async def test_offline_asks_and_fetches_nothing(home: Paths, hub: hubs.Hub) -> None:
    async with downloads(home) as one:
        one.offline = True
        with pytest.raises(NotAllowed, match="offline"):
            await one.plan([WANT])
    assert not hub.requests


async def test_without_a_network_the_error_says_so(home: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:1")
    async with downloads(home) as one:
        plan = await one.plan([WANT])
    assert "cannot be reached" in plan.refusal


# ------------------------------------------------------------ fetching


async def test_a_model_is_fetched_checked_and_put_in_its_place(home: Paths, hub: hubs.Hub) -> None:
    arrived: list[tuple[Want, list[PlannedFile]]] = []
    async with downloads(home, arrived) as one:
        (end,) = await fetch(one, WANT)
    assert (end.state, end.bytes, end.total) == ("done", 1_500_000, 1_500_000)
    file = home.models / "model-q4_k_m.gguf"
    assert file.read_bytes() == content()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert not parts(home)
    assert [(want.name, files[0].sha256) for want, files in arrived] == [
        ("some", hashlib.sha256(content()).hexdigest())
    ]


async def test_no_token_and_nothing_of_this_machine_is_sent(home: Paths, hub: hubs.Hub) -> None:
    async with downloads(home) as one:
        await fetch(one, WANT)
    assert hub.requests
    for request in hub.requests:
        sent = str(request["headers"]).lower()
        assert "authorization" not in sent
        assert "must-never-be-sent" not in sent
        assert os.uname().nodename.lower() not in sent
        assert "; agent/" not in sent
    assert not list((home.models / ".downloads").rglob("token*"))


async def test_a_cut_transfer_goes_on_where_it_ended(home: Paths, hub: hubs.Hub) -> None:
    hub.cut_after, hub.cuts = 300_000, 3
    async with downloads(home) as one:
        (end,) = await fetch(one, WANT)
    assert end.state == "done"
    assert (home.models / "model-q4_k_m.gguf").read_bytes() == content()
    begins = [request["begin"] for request in hub.downloads()]
    assert len(begins) == 4
    assert begins == sorted(set(begins))
    assert hub.count_served_bytes() == 1_500_000  # nothing was sent twice


async def test_a_connection_that_always_breaks_is_given_up_and_what_came_is_kept(home: Paths, hub: hubs.Hub) -> None:
    hub.status = 503
    async with downloads(home) as one:
        (end,) = await fetch(one, WANT)
        assert (end.state, "error (503)" in end.problem) == ("failed", True)
        hub.status = 0
        one.resume("some")
        assert (await one.until_ended("some")).state == "done"


async def test_short_trouble_of_the_server_is_waited_out(home: Paths, hub: hubs.Hub) -> None:
    hub.statuses = [503, 429, 500]
    async with downloads(home) as one:
        (end,) = await fetch(one, WANT)
    assert end.state == "done"


async def test_a_damaged_transfer_is_thrown_away(home: Paths, hub: hubs.Hub) -> None:
    hub.damage = True
    async with downloads(home) as one:
        (end,) = await fetch(one, WANT)
        assert end.state == "failed"
        assert "sha256" in end.problem
        assert not parts(home)
        assert not (home.models / "model-q4_k_m.gguf").exists()
        hub.damage = False
        one.resume("some")
        assert (await one.until_ended("some")).state == "done"


@pytest.mark.parametrize(("status", "words"), [(404, "has no some/model-GGUF"), (403, "accepted its terms")])
async def test_a_refusal_of_the_server_is_said_in_words(home: Paths, hub: hubs.Hub, status: int, words: str) -> None:
    hub.status = status
    async with downloads(home) as one:
        (end,) = await fetch(one, WANT)
    assert end.state == "failed"
    assert words in end.problem
    assert len(hub.downloads()) == 1


async def test_a_redirect_to_another_host_is_followed(home: Paths, hub: hubs.Hub) -> None:
    with hubs.running() as mirror:
        mirror.repos = hub.repos
        hub.redirect = mirror.url
        mirror.cut_after, mirror.cuts = 400_000, 1
        async with downloads(home) as one:
            (end,) = await fetch(one, WANT)
        assert end.state == "done"
        assert mirror.count_served_bytes() == 1_500_000
        assert hub.count_served_bytes() == 0


async def test_a_server_without_ranges_starts_over(home: Paths, hub: hubs.Hub) -> None:
    hub.cut_after, hub.cuts, hub.ranges = 300_000, 1, False
    async with downloads(home) as one:
        (end,) = await fetch(one, WANT)
    assert end.state == "done"
    assert (home.models / "model-q4_k_m.gguf").read_bytes() == content()


async def test_a_file_that_is_there_already_is_checked_not_fetched(home: Paths, hub: hubs.Hub) -> None:
    (home.models / "model-q4_k_m.gguf").write_bytes(content())
    async with downloads(home) as one:
        assert (await one.plan([WANT])).left == 0
        (end,) = await fetch(one, WANT)
    assert end.state == "done"
    assert not hub.downloads()


async def test_a_file_of_that_name_with_another_content_is_left_alone(home: Paths, hub: hubs.Hub) -> None:
    mine = home.models / "model-q4_k_m.gguf"
    mine.write_bytes(b"mine")
    async with downloads(home) as one:
        assert "another content" in (await one.plan([WANT])).refusal
        mine.write_bytes(content(seed=2))  # as large as the wanted one
        (end,) = await fetch(one, WANT)
    assert (end.state, "another content" in end.problem) == ("failed", True)
    assert mine.read_bytes() == content(seed=2)


# ------------------------------------------------------------ pause, resume, cancel, kill


async def test_pause_keeps_what_came_and_resume_goes_on(home: Paths, hub: hubs.Hub) -> None:
    hub.pause_s = 0.02
    async with downloads(home) as one:
        one.start(await one.plan([WANT]))
        await at_least(one, 200_000)
        one.pause("some")
        assert (await one.until_ended("some")).state == "paused"
        (part,) = parts(home)
        kept = part.stat().st_size
        assert kept >= 200_000
        hub.pause_s = 0
        one.resume("some")
        assert (await one.until_ended("some")).state == "done"
    assert hub.downloads()[-1]["begin"] >= kept
    assert (home.models / "model-q4_k_m.gguf").read_bytes() == content()


async def test_cancel_removes_what_came(home: Paths, hub: hubs.Hub) -> None:
    hub.pause_s = 0.02
    async with downloads(home) as one:
        one.start(await one.plan([WANT]))
        await at_least(one, 100_000)
        await one.cancel("some")
        assert [progress.state for progress in one.list()] == ["cancelled"]
        assert not parts(home)
        with pytest.raises(NotAllowed):
            await one.cancel("some")
    assert not (home.data / "downloads.json").exists()


async def test_a_paused_download_can_be_cancelled(home: Paths, hub: hubs.Hub) -> None:
    hub.pause_s = 0.02
    async with downloads(home) as one:
        one.start(await one.plan([WANT]))
        await at_least(one, 100_000)
        one.pause("some")
        await one.until_ended("some")
        assert parts(home)
        await one.cancel("some")
        assert not parts(home)
    assert not (home.data / "downloads.json").exists()


async def test_progress_has_a_rate_and_the_time_left(home: Paths, hub: hubs.Hub) -> None:
    hub.pause_s = 0.05
    seen: list[DownloadProgress] = []
    async with downloads(home) as one:
        one.subscribe(seen.append)
        await fetch(one, WANT)
    rated = [progress for progress in seen if progress.rate and progress.state == "fetching"]
    assert rated
    assert all(progress.seconds_left is not None and progress.seconds_left < 60 for progress in rated)
    assert [progress.bytes for progress in seen] == sorted(progress.bytes for progress in seen)


async def test_the_worker_killed_half_way_fails_and_resumes(home: Paths, hub: hubs.Hub) -> None:
    hub.pause_s = 0.02
    async with downloads(home) as one:
        one.start(await one.plan([WANT]))
        await at_least(one, 200_000)
        for child in psutil.Process().children():
            if "spawn_main" in " ".join(child.cmdline()):
                child.send_signal(signal.SIGKILL)
        end = await one.until_ended("some")
        assert end.state == "failed"
        assert "ended unexpectedly" in end.problem
        hub.pause_s = 0
        one.resume("some")
        assert (await one.until_ended("some")).state == "done"
    assert hub.downloads()[-1]["begin"] >= 200_000


async def test_two_processes_never_write_into_one_part_file(home: Paths, hub: hubs.Hub) -> None:
    """S0-16: the second says so; before, both wrote, and the file was called checked with the content twice."""
    hub.pause_s = 0.5
    async with downloads(home) as first, downloads(home) as second:
        first.start(await first.plan([WANT]))
        await at_least(first, 60_000)
        (refused,) = await fetch(second, WANT)
        hub.pause_s = 0
        assert (refused.state, "being fetched by another trayassist" in refused.problem) == ("failed", True)
        assert (await first.until_ended("some")).state == "done"
        second.resume("some")
        assert (await second.until_ended("some")).state == "done"
    assert (home.models / WANT.file).read_bytes() == hub.repos[WANT.repo].files[WANT.file]


async def test_a_hub_that_sends_in_circles_is_given_up_at_once(home: Paths, hub: hubs.Hub) -> None:
    async with downloads(home) as one:
        hub.circles = True
        (end,) = await fetch(one, WANT)
    assert (end.state, "in circles" in end.problem) == ("failed", True)


async def test_what_a_crash_left_is_listed_paused_and_never_starts_by_itself(home: Paths, hub: hubs.Hub) -> None:
    hub.pause_s = 0.02
    async with downloads(home) as one:
        one.start(await one.plan([WANT]))
        await at_least(one, 200_000)
        await one.stop()
    asked = len(hub.requests)
    hub.pause_s = 0
    async with downloads(home) as later:
        await later.remember()
        (waiting,) = later.list()
        assert waiting.state == "paused"
        assert waiting.bytes >= 200_000
        await asyncio.sleep(0.2)
        assert len(hub.requests) == asked
        later.resume("some")
        assert (await later.until_ended("some")).state == "done"
    assert not (home.data / "downloads.json").exists()


async def test_a_full_disk_is_said_and_what_came_is_kept(home: Paths, hub: hubs.Hub, small_disk: Path) -> None:
    hub.repos["some/model-GGUF"].files["model-q4_k_m.gguf"] = content(3_000_000)
    one = Downloads(
        Paths(config=home.config, data=small_disk),
        Lines(),
        lambda *_: asyncio.sleep(0),
        wait_s=0.02,  # type: ignore[arg-type]
    )
    (small_disk / "models").mkdir()
    try:
        plan = await one.plan([WANT])
        assert "The disk lacks" in plan.refusal
        roomy = fetch_plan.FetchPlan(wants=plan.wants, files=plan.files, disk_free=10**12)
        one.start(roomy)  # the room went away after the plan
        end = await one.until_ended("some")
        assert "The disk is full" in end.problem
        (part,) = (small_disk / "models").glob(".*.part")
        assert part.stat().st_size > 1_000_000
    finally:
        await one.stop()


async def test_several_models_come_one_after_the_other(home: Paths, hub: hubs.Hub) -> None:
    hub.repos["some/other-GGUF"] = hubs.Repo({"other.gguf": content(200_000, 3)})
    async with downloads(home) as one:
        ends = await fetch(one, WANT, Want(name="other", repo="some/other-GGUF", file="other.gguf"))
    assert [end.state for end in ends] == ["done", "done"]
    paths = [request["path"] for request in hub.downloads()]
    assert [path.rsplit("/", 1)[-1] for path in paths] == ["model-q4_k_m.gguf", "other.gguf"]


async def test_a_failure_of_what_follows_is_told_and_can_be_tried_again(home: Paths, hub: hubs.Hub) -> None:
    tries: list[str] = []

    async def refuse_once(want: Want, files: Any) -> None:
        tries.append(want.name)
        if len(tries) == 1:
            raise TrayassistError("registry.yaml cannot be written.", "Check its permissions.")

    one = Downloads(home, Lines(), refuse_once, wait_s=0.02)  # type: ignore[arg-type]
    try:
        (end,) = await fetch(one, WANT)
        assert (end.state, end.problem) == ("failed", "registry.yaml cannot be written. Check its permissions.")
        one.resume("some")
        assert (await one.until_ended("some")).state == "done"
    finally:
        await one.stop()
    assert len(hub.downloads()) == 1
