"""The download worker: asks the hub what a model's files are, and fetches them. Nothing else here talks to the hub.

Naming `main` costs nothing: the hub's library is imported when it runs, in the child process.
"""

from __future__ import annotations

import os

from trayassist.workers.child import Channel
from trayassist.workers.download.protocol import FetchedFile, FetchStep, HubFile, WantedFile, part_of

__all__ = ["FetchStep", "FetchedFile", "HubFile", "WantedFile", "main", "part_of"]


def main(channel: Channel, folder: str, wait_s: float = 1.0) -> None:
    """Serve `plan` and `fetch`. `folder` is where the hub's library may keep what it must; no token is read or sent."""
    for name in ("TELEMETRY", "IMPLICIT_TOKEN", "XET", "UPDATE_CHECK", "PROGRESS_BARS", "SYMLINKS_WARNING"):
        os.environ[f"HF_HUB_DISABLE_{name}"] = "1"
    os.environ["HF_HOME"] = folder
    for name in ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "HF_HUB_USER_AGENT_ORIGIN", "HF_DEBUG"):
        os.environ.pop(name, None)
    from trayassist.workers.download.service import DownloadService

    service = DownloadService(channel, wait_s)
    channel.serve({"plan": service.plan, "fetch": service.fetch})
