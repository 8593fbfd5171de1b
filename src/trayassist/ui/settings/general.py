"""The pages General, Memory and Privacy: rows for app.yaml, the hotkey, autostart, and what is kept."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QPushButton, QWidget

from trayassist.ui.answer import open_outside
from trayassist.ui.app import language
from trayassist.ui.memory.offer import OfferLine
from trayassist.ui.settings.change import AUTOSTART
from trayassist.ui.settings.controls import Field
from trayassist.ui.settings.hotkey import HotkeyRow
from trayassist.ui.settings.rows import SettingRow, SettingsPage, Spec, control_row, text_row
from trayassist.ui.widgets import formats
from trayassist.ui.widgets.formats import tr
from trayassist.ui.widgets.window import column

if TYPE_CHECKING:
    from trayassist.ui.settings.window import SettingsWindow


def general(window: SettingsWindow) -> SettingsPage:
    """Return the page General: hotkey, start, look and language."""
    page = GeneralPage(window)
    page.heading(tr("Start"))
    start = control_row(
        tr("Start with the desktop"),
        Field("switch"),
        tr("trayassist then waits in the tray after you log in."),
        ("autostart log in boot",),
    )
    window.bind(AUTOSTART, tr("Start with the desktop"), start)
    page.add(start)
    page.heading(tr("Look"))
    themes = {"system": tr("Follow the system"), "light": tr("Light"), "dark": tr("Dark")}
    window.add_settings(
        page,
        [
            Spec("look.theme", tr("Theme"), choices=themes),
            Spec(
                "look.language",
                tr("Language"),
                tr("Of windows and menus, from the next start on."),
                choices=language.choices(),
            ),
            Spec("look.text_percent", tr("Text size"), unit="%"),
            Spec("look.keep_answer_s", tr("Keep the last answer for"), unit=tr("s")),
            Spec("look.pinned", tr("Keep the popup open")),
        ],
    )
    return page


class GeneralPage(SettingsPage):
    """The page General; its hotkey row follows the hotkey's own settings."""

    def __init__(self, window: SettingsWindow) -> None:
        super().__init__(tr("General"))
        self.hotkey = HotkeyRow(window, window.hotkeys, window.changes)
        self.add(self.hotkey)
        window.name("hotkey.ask", tr("Hotkey"))
        window.add_settings(self, [Spec("hotkey.enabled", tr("Hotkey on"))])
        window.changes.changed.connect(
            lambda key, _: window.run(self.hotkey.follow()) if str(key).startswith("hotkey.") else None
        )


def memory(window: SettingsWindow) -> SettingsPage:
    """Return the page Memory: how files are read."""
    page = SettingsPage(tr("Memory"))
    offer = QWidget()  # the line hides by itself; what hides while something is looked for is this
    offer.setLayout(column(OfferLine(window)))
    page.add(offer)
    page.heading(tr("Reading"))
    window.add_settings(
        page,
        [
            Spec("memory.ocr", tr("Read scanned pages (OCR)")),
            Spec("memory.ocr_language", tr("Language of scanned pages")),
            Spec("memory.skip_hidden", tr("Skip hidden files")),
            Spec("memory.readers", tr("Readers")),
        ],
    )
    page.heading(tr("Limits"))
    window.add_settings(
        page,
        [
            Spec("memory.max_file_mb", tr("Largest file"), unit="MB"),
            Spec("memory.page_time_limit_s", tr("Time for a page"), unit=tr("s")),
            Spec("memory.file_time_limit_s", tr("Time for a file"), unit=tr("s")),
            Spec("memory.reader_memory_mb", tr("Memory of a reader"), unit="MB"),
        ],
    )
    return page


def privacy(window: SettingsWindow) -> SettingsPage:
    """Return the page Privacy: what is kept, and how to lose it."""
    page = SettingsPage(tr("Privacy"))
    window.add_settings(
        page,
        [
            Spec("network.offline", tr("Stay offline")),
            Spec(
                "history.keep",
                tr("Keep questions and answers"),
                tr("On this machine only. Without it, follow-up questions know nothing of the ones before."),
            ),
            Spec(
                "history.mask_secrets",
                tr("Mask keys and passwords"),
                tr("They are kept as [secret: …]. The answer itself still shows them."),
            ),
            Spec(
                "audit.retention_days",
                tr("Keep the record of activity for"),
                tr("What was asked of which model, and each safety check; never the text of your files."),
                unit=tr("days"),
            ),
        ],
    )
    forget = QPushButton(tr("&Forget the history…"))
    forget.setProperty("look", "danger")
    forget.clicked.connect(lambda: _ask_to_forget(window))
    page.add(text_row(tr("History"), tr("Removes every past question and answer from this machine."), forget))
    page.add(folder_row(tr("Your data"), window.assistant.paths.data))
    page.add(folder_row(tr("Your settings"), window.assistant.paths.config))
    return page


def folder_row(title: str, folder: Path) -> SettingRow:
    """Return a row with a button that opens the folder in the file manager."""
    button = QPushButton(tr("Open folder"))
    button.clicked.connect(lambda: open_outside.open_folder(folder))
    return text_row(title, str(folder), button)


def _ask_to_forget(window: SettingsWindow) -> None:
    window.notice.ask(
        tr("Forget all past questions and answers? This cannot be undone."),
        tr("Forget"),
        lambda: window.run(_forget_history(window)),
    )


async def _forget_history(window: SettingsWindow) -> None:
    gone = await window.assistant.history.forget_all()
    window.assistant.audit.write("forgotten", turns=gone, everything=True)
    window.notice.say(formats.count(gone, tr("{} question is forgotten."), tr("{} questions are forgotten.")))
