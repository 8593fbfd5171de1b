"""Settings: the shipped defaults, overridden key by key by the user's files, and their errors in words."""

from trayassist.config.messages import InvalidSetting, Key
from trayassist.config.settings import (
    App,
    Hotkey,
    LookSettings,
    MemorySettings,
    PluginSettings,
    Section,
    YamlFile,
    deep_merge,
    edit_text,
    find_errors,
    load,
    merge,
    parse_yaml,
    read_yaml,
    remove_setting,
    save_setting,
    write,
)

__all__ = [
    "App",
    "Hotkey",
    "InvalidSetting",
    "Key",
    "LookSettings",
    "MemorySettings",
    "PluginSettings",
    "Section",
    "YamlFile",
    "deep_merge",
    "edit_text",
    "find_errors",
    "load",
    "merge",
    "parse_yaml",
    "read_yaml",
    "remove_setting",
    "save_setting",
    "write",
]
