"""A small hub on this machine: it speaks what huggingface_hub asks for, and can cut, slow, damage and refuse."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlparse

COMMIT = "c" * 40
BLOCK = 2**15


@dataclass
class Repo:
    """A repository: its files, and what its page says."""

    files: dict[str, bytes]
    license: str = "apache-2.0"
    gated: str | bool = False
    announced: dict[str, str] = field(default_factory=dict)  # a sha256 that is not the content's


@dataclass
class Hub:
    """The server's repositories and moods. Each mood holds for all downloads until it is changed."""

    repos: dict[str, Repo] = field(default_factory=dict)
    requests: list[dict[str, Any]] = field(default_factory=list)
    url: str = ""
    cut_after: int = 0  # bytes of an answer, then the connection is dropped; 0 = never
    cuts: int = 0  # how many answers are still to be cut; -1 = all
    pause_s: float = 0.0  # between blocks
    damage: bool = False
    status: int = 0  # answers downloads with this status
    statuses: list[int] = field(default_factory=list)  # for the next answers, then normal again
    ranges: bool = True
    circles: bool = False  # downloads are answered with a redirect to themselves
    redirect: str = ""  # downloads are answered with a redirect to this host, path kept

    def count_served_bytes(self) -> int:
        """Return how many bytes of files were sent."""
        return sum(request.get("sent", 0) for request in self.requests)

    def downloads(self) -> list[dict[str, Any]]:
        return [request for request in self.requests if "/resolve/" in request["path"]]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    hub: Hub

    def do_GET(self) -> None:
        path = urlparse(self.path).path
        note: dict[str, Any] = {"path": path, "method": self.command, "headers": dict(self.headers.items())}
        self.hub.requests.append(note)
        if path.startswith("/api/models/"):
            self._model(path.removeprefix("/api/models/").partition("/revision/")[0])
        else:
            self._file(path, note)

    def do_HEAD(self) -> None:
        self.do_GET()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class's name
        pass

    def _model(self, name: str) -> None:
        repo = self.hub.repos.get(name)
        if repo is None:
            self._say(401, {"X-Error-Code": "RepoNotFound"}, b'{"error": "Repository not found"}')
            return
        siblings = []
        for file, content in repo.files.items():
            sha = repo.announced.get(file) or hashlib.sha256(content).hexdigest()
            lfs = {"sha256": sha, "size": len(content), "pointerSize": 134}
            siblings.append({"rfilename": file, "size": len(content), "blobId": "b" * 40, "lfs": lfs})
        siblings.append({"rfilename": "README.md", "size": 12, "blobId": "b" * 40})
        body = {
            "id": name, "modelId": name, "sha": COMMIT, "private": False, "gated": repo.gated, "siblings": siblings,
            "tags": [f"license:{repo.license}"], "cardData": {"license": repo.license},
        }  # fmt: skip
        self._say(200, {"Content-Type": "application/json"}, json.dumps(body).encode())

    def _file(self, path: str, note: dict[str, Any]) -> None:
        name, _, rest = path.lstrip("/").partition("/resolve/")
        repo = self.hub.repos.get(name)
        content = repo.files.get(rest.partition("/")[2]) if repo is not None else None
        status = self.hub.statuses.pop(0) if self.hub.statuses else self.hub.status
        if self.hub.circles:
            self._say(302, {"Location": self.path}, b"")
        elif self.hub.redirect and self.headers["Host"] not in self.hub.redirect:
            self._say(302, {"Location": self.hub.redirect + self.path}, b"")
        elif status:
            code = {"X-Error-Code": "GatedRepo"} if status == 403 else {}
            self._say(status, code, b"no")
        elif content is None:
            self._say(404, {"X-Error-Code": "EntryNotFound"}, b"no")
        else:
            self._send(content, note)

    def _send(self, content: bytes, note: dict[str, Any]) -> None:
        begin = 0
        wanted = self.headers.get("Range", "")
        if wanted and self.hub.ranges:
            begin = int(wanted.removeprefix("bytes=").partition("-")[0])
            if begin >= len(content):
                self._say(416, {"Content-Range": f"bytes */{len(content)}"}, b"")
                return
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {begin}-{len(content) - 1}/{len(content)}")
        else:
            self.send_response(200)
        self.send_header("Content-Length", str(len(content) - begin))
        self.end_headers()
        note["begin"] = begin
        note["sent"] = 0
        cut = self.hub.cut_after if self.hub.cuts else 0
        if cut:
            self.hub.cuts -= 1
        for at in range(begin, len(content), BLOCK):
            block = content[at : at + BLOCK]
            if cut and note["sent"] + len(block) > cut:
                self.close_connection = True
                self.connection.close()
                return
            if self.hub.damage:
                block = bytes(255 - byte for byte in block)
            try:
                self.wfile.write(block)
                self.wfile.flush()
            except OSError:
                self.close_connection = True
                return
            note["sent"] += len(block)
            time.sleep(self.hub.pause_s)

    def _say(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


@contextmanager
def running() -> Iterator[Hub]:
    """A hub that listens on a free port of this machine until the end."""
    hub = Hub()
    handler = type("HandlerOfOne", (Handler,), {"hub": hub})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    hub.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=lambda: server.serve_forever(poll_interval=0.05), daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
