"""The hotkey on Wayland: xdg-desktop-portal's GlobalShortcuts, spoken with jeepney on the app's own event loop.

The user agrees in a dialog of the desktop and may choose another key there, so what we ask for is a wish.
Seen working against a portal that the tests run; desktops differ in when they show their dialog.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from contextlib import AsyncExitStack, suppress
from typing import Any

from jeepney import DBusAddress, MatchRule, MessageType, new_method_call
from jeepney.bus_messages import message_bus
from jeepney.io.asyncio import Proxy, open_dbus_router

from trayassist.api import TrayassistError
from trayassist.config.hotkeys import HotkeyRefused, KeyCombination
from trayassist.ui.hotkey.base import TOGGLE_HINT, Lost, Pressed, key_text

logger = logging.getLogger(__name__)

APP_ID = "trayassist"  # the name of the installed .desktop file
BUS, ROOT = "org.freedesktop.portal.Desktop", "/org/freedesktop/portal/desktop"
SHORTCUTS = DBusAddress(ROOT, BUS, "org.freedesktop.portal.GlobalShortcuts")
REGISTRY = DBusAddress(ROOT, BUS, "org.freedesktop.host.portal.Registry")
ASK = "ask"
CALL_LIMIT_S = 5.0
DIALOG_LIMIT_S = 300.0  # the user may look at the desktop's dialog for so long
MODIFIERS = {"ctrl": "CTRL", "alt": "ALT", "shift": "SHIFT", "super": "LOGO"}


class PortalHotkey:
    """A session with the portal that lives as long as the key is wanted."""

    fixed_by_desktop = True

    def __init__(self, pressed: Pressed, lost: Lost) -> None:
        self._pressed, self._lost = pressed, lost
        self._stack: AsyncExitStack | None = None
        self._router: Any = None
        self._bus: Any = None
        self._session = ""
        self._listener: asyncio.Task[None] | None = None

    async def grab(self, key: KeyCombination) -> str:
        try:
            await self._connect()
            await self._open_session()
            shortcut = await self._find_session_key() or await self._bind(key)
        except (OSError, TimeoutError, KeyError) as error:
            await self.close()
            raise HotkeyRefused("This desktop offers no global hotkey.", TOGGLE_HINT) from error
        except TrayassistError:
            await self.close()
            raise
        return str(shortcut.get("trigger_description", ("s", ""))[1]) or key_text(key)

    async def release(self) -> None:
        await self.close()

    async def close(self) -> None:
        if self._listener is not None:
            self._listener.cancel()
        self._listener = None
        stack, self._stack, self._session = self._stack, None, ""
        if stack is not None:
            with suppress(OSError):  # the bus may be gone before us; closing the connection ends the session
                await stack.aclose()

    # ------------------------------------------------------------ the session

    async def _connect(self) -> None:
        self._stack = AsyncExitStack()
        self._router = await self._stack.enter_async_context(open_dbus_router())
        self._bus = Proxy(message_bus, self._router)
        with suppress(HotkeyRefused):  # portals before 1.19 know no Registry; from 1.21 on they insist on it
            await self._call(new_method_call(REGISTRY, "Register", "sa{sv}", (APP_ID, {})))

    async def _open_session(self) -> None:
        options = {"session_handle_token": ("s", _token())}
        answer = await self._request("CreateSession", "a{sv}", options)
        self._session = str(answer["session_handle"][1])
        rule = MatchRule(type="signal", interface=SHORTCUTS.interface, member="Activated", path=ROOT)
        await self._bus.AddMatch(rule)
        assert self._stack is not None
        queue = self._stack.enter_context(self._router.filter(rule, bufsize=50))
        self._listener = asyncio.get_running_loop().create_task(self._listen(queue))

    async def _find_session_key(self) -> dict[str, Any] | None:
        """Return our shortcut when the desktop remembers it from an earlier session: no dialog then."""
        answer = await self._request("ListShortcuts", "oa{sv}", self._session, {})
        return dict(answer.get("shortcuts", ("", []))[1]).get(ASK)

    async def _bind(self, key: KeyCombination) -> dict[str, Any]:
        trigger = "+".join([*(MODIFIERS[modifier] for modifier in key.modifiers), key.keysym])
        wish = {"description": ("s", "Ask trayassist"), "preferred_trigger": ("s", trigger)}
        answer = await self._request("BindShortcuts", "oa(sa{sv})sa{sv}", self._session, [(ASK, wish)], "", {})
        shortcut = dict(answer.get("shortcuts", ("", []))[1]).get(ASK)
        if shortcut is None:
            raise HotkeyRefused(f"The desktop did not give us {key_text(key)}.", TOGGLE_HINT)
        return dict(shortcut)

    async def _listen(self, queue: asyncio.Queue[Any]) -> None:
        while True:
            session, shortcut, time, options = (await queue.get()).body
            if session == self._session and shortcut == ASK:
                self._pressed(int(time) & 0xFFFFFFFF, str(options.get("activation_token", ("s", ""))[1]))

    # ------------------------------------------------------------ calls

    async def _request(self, method: str, signature: str, *arguments: Any) -> dict[str, Any]:
        """Call a method that answers through a Request object; return its results."""
        token = _token()
        sender = self._router.unique_name[1:].replace(".", "_")
        rule = MatchRule(
            type="signal",
            interface="org.freedesktop.portal.Request",
            member="Response",
            path=f"{ROOT}/request/{sender}/{token}",
        )
        await self._bus.AddMatch(rule)  # before the call: the answer may come first
        with self._router.filter(rule) as answers:
            options = {**arguments[-1], "handle_token": ("s", token)}
            await self._call(new_method_call(SHORTCUTS, method, signature, (*arguments[:-1], options)))
            code, results = (await asyncio.wait_for(answers.get(), DIALOG_LIMIT_S)).body
        await self._bus.RemoveMatch(rule)
        if code:
            what = "The hotkey was declined in the desktop's dialog." if code == 1 else "The desktop gave no hotkey."
            raise HotkeyRefused(what, TOGGLE_HINT)
        return dict(results)

    async def _call(self, message: Any) -> Any:
        reply = await asyncio.wait_for(self._router.send_and_get_reply(message), CALL_LIMIT_S)
        if reply.header.message_type == MessageType.error:
            logger.info("the portal refused: %s", reply.body)
            raise HotkeyRefused("This desktop offers no global hotkey.", TOGGLE_HINT)
        return reply.body


def _token() -> str:
    return "trayassist" + secrets.token_hex(8)
