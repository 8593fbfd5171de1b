"""All that a plugin may import from trayassist: values, protocols, errors and the hook marker.

Values are frozen and without effects. Protocols say what the application hands to a plugin and what
a plugin hands to the application. This package imports the standard library and pluggy, nothing else.

The errors, all shown to people as "what happened" and "what to do":

    TrayassistError
    ├── PluginUnavailable    a plugin cannot work on this machine
    ├── ConfigError          a setting is wrong; names file, line and key
    ├── UnreadableFile       a file cannot be read (broken, wrong kind, too large)
    │   └── PasswordNeeded   the file opens with a password
    ├── ModelUnavailable     no model can answer (missing file, does not load)
    │   └── NoModelNamed     nobody named a model for the role
    ├── WorkerDied           a worker process crashed or was ended
    ├── Busy                 another trayassist holds what is needed
    └── NotAllowed           policy, a verdict or the user said no
"""

from __future__ import annotations

import pluggy

from trayassist.api.answer import (
    Answer,
    Approval,
    Chunk,
    Citation,
    Event,
    Exchange,
    Finish,
    Finished,
    Flagged,
    FollowUp,
    Risk,
    Routed,
    Status,
    Timings,
    Verdict,
)
from trayassist.api.errors import (
    Busy,
    ConfigError,
    ModelUnavailable,
    NoModelNamed,
    NotAllowed,
    PasswordNeeded,
    PluginUnavailable,
    TrayassistError,
    UnreadableFile,
    WorkerDied,
)
from trayassist.api.host import (
    Host,
    SetupHost,
)
from trayassist.api.memory import (
    Evidence,
    Fact,
    Found,
    Page,
    Passage,
    Quote,
    ReadOptions,
)
from trayassist.api.parts import (
    Ingestor,
    Inspector,
    Job,
    PageDrawer,
    PageView,
    Role,
    Setting,
    Tool,
)
from trayassist.api.question import (
    Kind,
    Message,
    Request,
    Route,
    Turn,
)
from trayassist.api.quoting import (
    as_data,
    as_messages,
    cite,
    one_line,
    plain,
    plain_name,
    prompt_name,
    quote_pages,
    why_no_model,
)

hookspec = pluggy.HookspecMarker("trayassist")
hookimpl = pluggy.HookimplMarker("trayassist")

__all__ = [
    "Answer",
    "Approval",
    "Busy",
    "Chunk",
    "Citation",
    "ConfigError",
    "Event",
    "Evidence",
    "Exchange",
    "Fact",
    "Finish",
    "Finished",
    "Flagged",
    "FollowUp",
    "Found",
    "Host",
    "Ingestor",
    "Inspector",
    "Job",
    "Kind",
    "Message",
    "ModelUnavailable",
    "NoModelNamed",
    "NotAllowed",
    "Page",
    "PageDrawer",
    "PageView",
    "Passage",
    "PasswordNeeded",
    "PluginUnavailable",
    "Quote",
    "ReadOptions",
    "Request",
    "Risk",
    "Role",
    "Route",
    "Routed",
    "Setting",
    "SetupHost",
    "Status",
    "Timings",
    "Tool",
    "TrayassistError",
    "Turn",
    "UnreadableFile",
    "Verdict",
    "WorkerDied",
    "as_data",
    "as_messages",
    "cite",
    "hookimpl",
    "hookspec",
    "one_line",
    "plain",
    "plain_name",
    "prompt_name",
    "quote_pages",
    "why_no_model",
]
