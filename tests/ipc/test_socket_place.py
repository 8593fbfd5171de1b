"""Where the app's local socket lies, and whose it must be."""

from __future__ import annotations

import os
import socket
import tempfile
from pathlib import Path

import pytest

from trayassist.ipc import client
from trayassist.paths import LONGEST_SOCKET, Paths


def test_a_folder_with_a_long_name_is_left_for_one_with_a_short_name(
    home: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / ("t" * 90)))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / ("long" * 30)))
    assert Path(home.socket).parent == Path("/tmp")
    assert len(home.socket) <= LONGEST_SOCKET


def test_the_runtime_folder_is_used_where_it_can_be(home: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/run/user/1000")
    assert home.socket.startswith("/run/user/1000/trayassist-")


def test_nothing_is_sent_to_a_socket_of_another_user(home: Paths) -> None:
    if os.getuid():
        pytest.skip("only root can give a file to somebody else")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(home.socket)
        listener.listen()
        try:
            with client.connect_to_app(home) as connection:
                assert connection is not None
            os.chown(home.socket, 65534, 65534)
            assert not client.tell(home, "show")
        finally:
            Path(home.socket).unlink()
