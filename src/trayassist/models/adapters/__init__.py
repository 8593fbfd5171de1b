"""LoRA adapters: imported, bound to their base, evaluated, switched on and off per role. The face is `Adapters`."""

from trayassist.models.adapters.applied import AppliedAdapters
from trayassist.models.adapters.manager import Adapters

__all__ = ["Adapters", "AppliedAdapters"]
