"""Where the app's local socket lies, whose it must be, and what is left of an answer when the app goes away."""

from __future__ import annotations

import os
import socket
import tempfile
import threading
from pathlib import Path
from typing import Any

import pytest

from trayassist.cli.runner import run
from trayassist.ipc import EXIT_FAILED, client
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


def _answer_of(home: Paths, said: bytes, *, read: bool) -> list[dict[str, Any]]:
    """Return what comes of an answer when the app says this and goes away, having read the request or not."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(home.socket)
        listener.listen()

        def end() -> None:
            app, _ = listener.accept()
            with app:
                app.sendall(said)
                if read:
                    app.recv(1000)

        thread = threading.Thread(target=end)
        thread.start()
        try:
            with client.connect_to_app(home) as connection:
                assert connection is not None
                if not read:
                    thread.join()
                return list(client.request(connection, "ingest", {}))
        finally:
            thread.join()
            Path(home.socket).unlink()


@pytest.mark.parametrize("read", [True, False])
def test_an_app_that_goes_away_ends_the_answer(home: Paths, read: bool) -> None:
    assert _answer_of(home, b"", read=read) == []
    assert _answer_of(home, b'{"progress": 1}\n{"pro', read=read) == [{"progress": 1}]
    assert _answer_of(home, b'{"progress": 1}\n{"end": 0}\n', read=read) == [{"progress": 1}, {"end": 0}]


def test_an_app_that_quits_before_it_takes_the_connection_is_none(home: Paths) -> None:
    """So a second start becomes the app."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(home.socket)
        listener.listen()
        with client.connect_to_app(home) as connection:
            assert connection is not None
            listener.close()
            assert list(client.request(connection, "show", {})) == []


def test_a_request_that_the_app_does_not_take_is_no_crash(home: Paths) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(home.socket)
        listener.listen()
        thread = threading.Thread(target=lambda: listener.accept()[0].close())
        thread.start()
        shown: list[dict[str, Any]] = []
        code = run("ask", {"text": "x" * 2**24}, shown.append, confirm=lambda _question: False)
        thread.join()
    Path(home.socket).unlink()
    assert code == EXIT_FAILED
    assert "hung up" in shown[0]["error"]
