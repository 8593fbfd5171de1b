"""The popup of the global hotkey."""

from trayassist.ui.popup.protocols import DesktopActions, NoDesktop, PopupAssistant
from trayassist.ui.popup.window import Popup

__all__ = ["DesktopActions", "NoDesktop", "Popup", "PopupAssistant"]
