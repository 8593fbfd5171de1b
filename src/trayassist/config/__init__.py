"""Settings: the shipped defaults, overridden key by key by the user's files, and their errors in words."""

from trayassist.config.messages import Key, Wrong
from trayassist.config.settings import (
    App,
    Hotkey,
    Look,
    MemorySettings,
    PluginSettings,
    Section,
    YamlFile,
    deep_merge,
    edited,
    load,
    merged,
    parse_yaml,
    read_yaml,
    remove_setting,
    save_setting,
    write,
    wrong,
)

__all__ = [
    "App",
    "Hotkey",
    "Key",
    "Look",
    "MemorySettings",
    "PluginSettings",
    "Section",
    "Wrong",
    "YamlFile",
    "deep_merge",
    "edited",
    "load",
    "merged",
    "parse_yaml",
    "read_yaml",
    "remove_setting",
    "save_setting",
    "write",
    "wrong",
]
