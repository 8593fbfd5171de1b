"""The story of a request: inspected, routed, answered by a role, inspected again, kept and recorded."""

from trayassist.assistant.assistant import Assistant

__all__ = ["Assistant"]
