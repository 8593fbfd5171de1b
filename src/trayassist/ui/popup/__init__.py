"""The popup of the global hotkey."""

from trayassist.ui.popup.protocols import Assistant, Desktop, NoDesktop
from trayassist.ui.popup.window import Popup

__all__ = ["Assistant", "Desktop", "NoDesktop", "Popup"]
