"""Destructive commands: a shell scanner, wrappers taken off, and one set of rules over argument lists."""
