"""LoRA adapters: taken in, bound to their base, judged, switched on and off per role. The face is `Adapters`."""

from trayassist.models.adapters.manager import Adapters

__all__ = ["Adapters"]
