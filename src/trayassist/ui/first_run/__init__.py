"""The first steps: what trayassist does, the hotkey, documents, models, a first question. Shown once."""

from trayassist.ui.first_run.window import FirstSteps

__all__ = ["FirstSteps"]
