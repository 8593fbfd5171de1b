"""Where things are kept, when the folder has an odd name."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from trayassist.api import TrayassistError
from trayassist.paths import Paths

COMMAND = Path(sys.executable).with_name("trayassist")


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="there every file name is text")
def test_a_home_whose_name_is_no_text_is_refused_in_words(tmp_path: Path) -> None:
    folder = tmp_path / os.fsdecode(b"ho\xffme")
    where = Paths(config=folder / "config", data=folder / "data")
    assert where.socket
    with pytest.raises(TrayassistError, match="ho\N{REPLACEMENT CHARACTER}me/config is not valid text"):
        where.make()
    for arguments in (("search", "late fee"), ("config", "check"), ("doctor",)):
        done = subprocess.run(
            [COMMAND, *arguments],
            env=os.environ | {"TRAYASSIST_HOME": str(folder)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode != 0
        assert "Set TRAYASSIST_HOME to a folder with another name." in done.stdout + done.stderr
        assert "Traceback" not in done.stderr
    assert not folder.exists()
