"""The providers page: who runs models, what leaves this machine, and the keys of those who want one."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QLineEdit, QPushButton

from trayassist.api import TrayassistError
from trayassist.models.registry import file as registry_file
from trayassist.models.serving import providers
from trayassist.ui.settings.provider_card import ProviderCard
from trayassist.ui.settings.rows import Findable, SettingsPage
from trayassist.ui.widgets.formats import tr
from trayassist.ui.widgets.local import local
from trayassist.ui.widgets.theme import SPACE
from trayassist.ui.widgets.window import column, label, row

if TYPE_CHECKING:
    from trayassist.ui.settings.window import SettingsWindow


class ProvidersPage(SettingsPage):
    """A card for each provider, and at the top one line that says what leaves this machine."""

    def __init__(self, window: SettingsWindow) -> None:
        super().__init__(tr("Providers"))
        self._window = window
        self.privacy = label("", "heading", wrap=True)
        self.add(self.privacy)
        about = tr("A provider runs models. llama.cpp runs the files on this machine. Servers with "
                   "OpenAI's interface are others: Ollama, llama-server, LM Studio and vLLM have one.")  # fmt: skip
        intro = label(about, "muted", wrap=True)
        intro.setContentsMargins(0, SPACE[1], 0, SPACE[1])
        self.add(intro)
        self.cards: dict[str, ProviderCard] = {}
        self.adding = AddProvider(window)
        self.adding.added.connect(self.fill)
        self.add(self.adding)
        window.changes.changed.connect(lambda key, _: self.fill() if key[0] == "providers" else None)
        window.changes.files_changed.connect(self.fill)
        self.fill()

    def fill(self) -> None:
        """Show the providers as they are now; cards that are there already stay, with their focus."""
        found = self._window.assistant.registry.providers
        for name in [name for name in self.cards if name not in found]:
            self.take_out(self.cards.pop(name))
        for name, provider in found.items():
            if name not in self.cards:
                self._window.name(("providers", name, "enabled"), tr("{} on").format(name))
                self._window.name(("providers", name, "base_url"), tr("Address of {}").format(name))
                self.cards[name] = card = ProviderCard(name, provider, self._window)
                self._layout.insertWidget(self._layout.indexOf(self.adding), card)
                self.rows.append(card)
            self.cards[name].show_provider(provider)
        self._say_what_leaves()

    def _say_what_leaves(self) -> None:
        found = self._window.assistant.registry.providers.values()
        hosts = [providers.host(one) for one in found if one.enabled and providers.leaves_machine(one)]
        if hosts:
            text = tr("What their models are asked is sent to: {}.").format(", ".join(hosts))
        else:
            text = tr("Nothing leaves this machine: every provider on another machine is off.")
        self.privacy.setText(text)
        self.privacy.setProperty("look", "danger" if hosts else "heading")
        self.privacy.style().polish(self.privacy)


class AddProvider(Findable):
    """Describes another endpoint. `added` follows; it is off until it is switched on."""

    added = Signal()

    def __init__(self, window: SettingsWindow) -> None:
        super().__init__(tr("Another server"), "add provider endpoint server lm studio vllm llama-server")
        self._window = window
        self.name, self.address, self.premium = QLineEdit(), QLineEdit(), QCheckBox(tr("Costs money"))
        self.button = QPushButton(tr("Add"))
        self._error = label("", "danger", wrap=True)
        self.name.setPlaceholderText(tr("Name, such as lmstudio"))
        self.address.setPlaceholderText("http://127.0.0.1:1234/v1")
        self.name.setAccessibleName(tr("Name of another server"))
        self.address.setAccessibleName(tr("Address of another server"))
        self.premium.setToolTip(tr("Only roles and jobs that the policy in registry.yaml names may use its models."))
        self.premium.setAccessibleName(tr("The other server costs money"))
        self.button.setAccessibleName(tr("Add the server"))
        line = row(self.name, self.address, self.premium, self.button)
        line.setStretch(0, 2)
        line.setStretch(1, 3)
        box = column(label(tr("Another server"), "heading"), spacing=1)
        box.addLayout(line)
        box.addWidget(self._error)
        box.setContentsMargins(0, SPACE[4], 0, 0)
        self.setLayout(box)
        self._error.hide()
        self.button.clicked.connect(self._on_wish)
        self.address.returnPressed.connect(self._on_wish)

    def _on_wish(self) -> None:
        name, address = self.name.text().strip(), self.address.text().strip()
        if name and address:
            self._window.run(self._add(name, address))
        else:
            self._say(tr("Give a name and an address."))

    async def _add(self, name: str, address: str) -> None:
        assistant = self._window.assistant
        if name in assistant.registry.providers:
            self._say(tr("There is a provider “{}” already.").format(name))
            return
        kind = "premium" if self.premium.isChecked() else "local"
        new = {"api": "openai", "kind": kind, "base_url": address, "enabled": False}
        try:
            await asyncio.to_thread(registry_file.save, assistant.paths, ("providers", name), new)
        except TrayassistError as error:
            self._say(local(str(error)))
            return
        await assistant.reload_registry()
        self._say("")
        self.name.clear()
        self.address.clear()
        self.premium.setChecked(False)
        self.added.emit()

    def _say(self, text: str) -> None:
        self._error.setText(text)
        self._error.setVisible(bool(text))
