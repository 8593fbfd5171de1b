"""The popup of the global hotkey."""

from trayassist.ui.popup.wants import Assistant, Desktop, NoDesktop
from trayassist.ui.popup.window import Popup

__all__ = ["Assistant", "Desktop", "NoDesktop", "Popup"]
