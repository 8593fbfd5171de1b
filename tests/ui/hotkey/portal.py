"""A desktop portal with global shortcuts, on the session bus of the test. Argument: grant, remember, deny or old.

Speaks D-Bus by itself (jeepney's blocking connection). "press" (test.Press) fires the shortcut.
"""

from __future__ import annotations

import sys
import time
from typing import Any

from jeepney import HeaderFields, MessageType, new_error, new_method_return, new_signal
from jeepney.bus_messages import message_bus
from jeepney.io.blocking import open_dbus_connection
from jeepney.wrappers import DBusAddress

ROOT = "/org/freedesktop/portal/desktop"
SHORTCUTS = "org.freedesktop.portal.GlobalShortcuts"


class Portal:
    def __init__(self, mode: str) -> None:
        self.mode = mode
        self.bus = open_dbus_connection(bus="SESSION")
        self.bus.send_and_get_reply(message_bus.RequestName("org.freedesktop.portal.Desktop"))
        self.registered: set[str] = set()
        self.session = ""
        self.bound: list[Any] = []
        print("up", flush=True)

    def serve(self) -> None:
        while True:
            call = self.bus.receive()
            if call.header.message_type is MessageType.method_call:
                member = call.header.fields[HeaderFields.member]
                getattr(self, member, self.unknown)(call)

    def unknown(self, call: Any) -> None:
        self.bus.send(new_error(call, "org.freedesktop.DBus.Error.UnknownMethod"))

    def Register(self, call: Any) -> None:  # noqa: N802  # D-Bus method
        if self.mode == "old":
            self.unknown(call)
            return
        self.registered.add(call.header.fields[HeaderFields.sender])
        print("registered", call.body[0], flush=True)
        self.bus.send(new_method_return(call))

    def CreateSession(self, call: Any) -> None:  # noqa: N802  # D-Bus method
        sender = call.header.fields[HeaderFields.sender]
        if self.mode != "old" and sender not in self.registered:
            self.bus.send(new_error(call, "org.freedesktop.portal.Error.NotAllowed", "s", ("An app id is required",)))
            return
        token = call.body[0]["session_handle_token"][1]
        self.session = f"{ROOT}/session/{sender[1:].replace('.', '_')}/{token}"
        self.answer(call, call.body[0], 0, {"session_handle": ("s", self.session)})

    def ListShortcuts(self, call: Any) -> None:  # noqa: N802  # D-Bus method
        known = [("ask", {"trigger_description": ("s", "Meta+J")})] if self.mode == "remember" else []
        self.answer(call, call.body[1], 0, {"shortcuts": ("a(sa{sv})", known)})

    def BindShortcuts(self, call: Any) -> None:  # noqa: N802  # D-Bus method
        _session, shortcuts, _parent, options = call.body
        print("bind", shortcuts[0][0], shortcuts[0][1]["preferred_trigger"][1], flush=True)
        if self.mode == "deny":
            self.answer(call, options, 1, {})
            return
        granted = [("ask", {"trigger_description": ("s", "Press Ctrl+Alt+Space")})]
        self.answer(call, options, 0, {"shortcuts": ("a(sa{sv})", granted)})

    def Press(self, call: Any) -> None:  # noqa: N802  # D-Bus method
        self.bus.send(new_method_return(call))
        token = {"activation_token": ("s", "token-1")}
        body = (self.session, "ask", int(time.monotonic() * 1000), token)
        self.bus.send(new_signal(DBusAddress(ROOT, interface=SHORTCUTS), "Activated", "osta{sv}", body))

    def answer(self, call: Any, options: dict[str, Any], code: int, results: dict[str, Any]) -> None:
        sender = call.header.fields[HeaderFields.sender]
        path = f"{ROOT}/request/{sender[1:].replace('.', '_')}/{options['handle_token'][1]}"
        request = DBusAddress(path, interface="org.freedesktop.portal.Request")
        self.bus.send(new_signal(request, "Response", "ua{sv}", (code, results)))  # before the reply: it may be so
        self.bus.send(new_method_return(call, "o", (path,)))


Portal(sys.argv[1]).serve()
