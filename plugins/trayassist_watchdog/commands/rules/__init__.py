"""The rules, by what a command works on. `BY_NAME` maps a program to the rules that judge it."""

from __future__ import annotations

from trayassist_watchdog.commands.model import Rule

from . import containers, data, disks, exfiltration, files, git, interpreters, network, packages, system, windows

BY_NAME: dict[str, list[Rule]] = {}
for _module in (containers, data, disks, exfiltration, files, git, interpreters, network, packages, system):
    for _name, _rule in _module.RULES.items():
        BY_NAME.setdefault(_name, []).append(_rule)

WINDOWS: dict[str, Rule] = windows.RULES
