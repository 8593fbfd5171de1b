"""Every odd PDF of the evaluation data: it ingests, asks for a password, or gives a sentence."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from tests.memory.ingest.conftest import desk


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_every_file_ends_in_one_of_three_ways(data: Path) -> None:
    files = sorted((data / "pdf").rglob("*.pdf"))
    if not files:
        pytest.skip("no PDFs here")
    async with desk(page_time_limit_s=20, file_time_limit_s=60) as d:
        reports = await d.read(data / "pdf")
        assert {report.path for report in reports} >= {str(file) for file in files}
        count = Counter(report.status for report in reports)
        assert set(count) <= {"ingested", "unchanged", "needs_password", "failed", "refused"}
        for report in reports:
            if report.status in ("needs_password", "failed", "refused"):
                assert report.reason.endswith((".", "”"))
                assert "Traceback" not in report.reason
        parts = {report.path: Path(report.path).parent.name for report in reports}
        locked = [r for r in reports if parts[r.path] == "encrypted_user_password"]
        assert {report.status for report in locked} == {"needs_password"}
        for folder in ("born_digital_text", "tables", "multi_column", "many_pages", "rotated"):
            bad = [r for r in reports if parts[r.path] == folder and r.status not in ("ingested", "unchanged")]
            assert all("scan" in report.reason or "text" in report.reason for report in bad), bad
        assert count["ingested"] > len(files) / 2
        after = await d.memory.search("report")  # both workers are there after all of that
        assert after.documents > 0


async def test_passwords_of_the_evaluation_data_open_their_files(data: Path) -> None:
    known = json.loads((data / "pdf" / "passwords.json").read_text())
    async with desk() as d:
        for name, entry in known.items():
            (path,) = (data / "pdf").rglob(name)
            report = await d.read_one(path, password=entry["password"])
            assert report.status in ("ingested", "unchanged"), (name, report)
