"""One provider on its page: switch, address, key, a test, and the models it has."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QCheckBox, QFrame, QGridLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from trayassist.api import TrayassistError
from trayassist.cli.verbs import providers as verb
from trayassist.models.registry import file as registry_file
from trayassist.models.serving import providers
from trayassist.safety.secrets import SecretPlace
from trayassist.ui.settings.controls import Combo
from trayassist.ui.settings.rows import Findable
from trayassist.ui.widgets.formats import count, tr
from trayassist.ui.widgets.local import local
from trayassist.ui.widgets.names import provider_title
from trayassist.ui.widgets.theme import SPACE
from trayassist.ui.widgets.window import label, row

if TYPE_CHECKING:
    from trayassist.models.registry.schema import Provider
    from trayassist.ui.settings.window import SettingsWindow


class ProviderCard(Findable):
    """A provider; found by its name and address. Everything that is sent is sent after a press of a button here."""

    def __init__(self, name: str, provider: Provider, window: SettingsWindow) -> None:
        super().__init__(name)
        self._name, self._window, self._provider = name, window, provider
        self.box = QCheckBox(tr("On"))
        self.box.setAccessibleName(tr("Provider {} is on").format(provider_title(name)))
        self.box.toggled.connect(self._switch)
        self._about, self.state = label("", "small", wrap=True), label("", "danger", wrap=True)
        frame = QFrame()
        frame.setProperty("look", "raised")
        self._inner = QVBoxLayout(frame)
        self._inner.setContentsMargins(SPACE[3], SPACE[2], SPACE[3], SPACE[2])
        self._inner.setSpacing(SPACE[1])
        self._inner.addLayout(row(label(provider_title(name), "heading"), None, self.box))
        self._inner.addWidget(self._about)
        self.endpoint = _EndpointForm(name, window) if provider.api == "openai" else None
        if self.endpoint is not None:
            self._inner.addWidget(self.endpoint)
        self._inner.addWidget(self.state)
        self.state.hide()
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, SPACE[2], 0, 0)
        outer.addWidget(frame)

    def show_provider(self, provider: Provider) -> None:
        """Show the provider as it is now."""
        self._provider = provider
        self._check(provider.enabled)
        self._about.setText(_about(provider))
        self.find_by(
            self._name,
            provider_title(self._name),
            provider.base_url,
            provider.kind,
            _about(provider),
            "provider key model endpoint",
        )
        if self.endpoint is not None:
            self.endpoint.show_provider(provider)

    def _switch(self, on: bool) -> None:
        asked = providers.question(self._name, self._provider) if on else ""
        if not asked:
            self._window.run(self._switch_now(on))
            return
        self._check(False)  # until it is confirmed
        yes, no = tr("Switch on"), tr("Leave it off")
        self._window.notice.ask(asked, yes, lambda: self._window.run(self._switch_now(True)), no)

    async def _switch_now(self, on: bool) -> None:
        self.state.hide()
        try:
            await self._window.changes.set(("providers", self._name, "enabled"), on)
        except TrayassistError as error:
            self._check(self._provider.enabled)
            self.state.setText(local(str(error)))
            self.state.show()
        else:
            assistant = self._window.assistant
            assistant.audit.write("provider_changed", provider=self._name, setting="enabled", value=on)

    def _check(self, on: bool) -> None:
        self.box.blockSignals(True)
        self.box.setChecked(on)
        self.box.blockSignals(False)


class _EndpointForm(QWidget):
    """What an endpoint has beside its switch. Nothing is sent while the provider is off."""

    def __init__(self, name: str, window: SettingsWindow) -> None:
        super().__init__()
        self._name, self._window = name, window
        self._auth, self._looked = "", False
        self.address, self.key = QLineEdit(), QLineEdit()
        self.store, self.forget = QPushButton(tr("Store")), QPushButton(tr("Remove"))
        self.kept = label("", "small", wrap=True)
        self.test, self.result = QPushButton(tr("Test")), label("", "small", wrap=True)
        self.models, self.take = Combo(), QPushButton(tr("Add to models"))
        self._dress()
        grid = QGridLayout(self)
        grid.setContentsMargins(0, SPACE[1], 0, 0)
        grid.setHorizontalSpacing(SPACE[3])
        grid.setVerticalSpacing(SPACE[1])
        grid.setColumnStretch(1, 1)
        grid.addWidget(_field_label(tr("Address"), self.address), 0, 0)
        grid.addWidget(self.address, 0, 1)
        grid.addWidget(_field_label(tr("Key"), self.key), 1, 0)
        keys = row(self.key, self.store, self.forget)
        keys.setStretch(0, 1)
        grid.addLayout(keys, 1, 1)
        grid.addWidget(self.kept, 2, 1)
        tested = row(self.test, self.result)
        tested.setStretch(1, 1)
        grid.addLayout(tested, 3, 1)
        models = row(self.models, self.take)
        models.setStretch(0, 1)
        grid.addLayout(models, 4, 1)

    def show_provider(self, provider: Provider) -> None:
        """Show the address, and, once the provider is on, whether the keyring has the key.

        Not before: a locked keyring would ask for its password because somebody looked at this page.
        """
        if self.address.text() != provider.base_url and not self.address.hasFocus():
            self.address.setText(provider.base_url)
        self.test.setEnabled(provider.enabled)
        self.test.setToolTip("" if provider.enabled else tr("Switch it on first: while it is off nothing is sent."))
        if not provider.enabled:
            self._say_result("", "small")
            self._show_models(())
        if provider.auth != self._auth:
            self._auth, self._looked = provider.auth, False
        if provider.enabled and not self._looked:
            self._looked = True
            self._window.run(self._look_for_key())
        elif not self._looked:
            self._show_kept(None, "")
            if self._auth:
                self.forget.show()
                self._say_kept(tr("The keyring is asked for its key once it is on."), "small")

    # ------------------------------------------------------------ address and key

    def _address_left(self) -> None:
        key, new = ("providers", self._name, "base_url"), self.address.text().strip()
        if new != self._window.changes.value(key):
            self._window.run(self._move(new))

    async def _move(self, address: str) -> None:
        """Write a new address. One on another machine is off until it is switched on, and confirmed, again."""
        changes, provider = self._window.changes, self._window.assistant.registry.providers[self._name]
        moved = provider.model_copy(update={"base_url": address})
        try:
            if provider.enabled and providers.leaves_machine(moved):
                await changes.set(("providers", self._name, "enabled"), False)
            await changes.set(("providers", self._name, "base_url"), address)
        except TrayassistError as error:
            self._say_result(local(str(error)), "danger")
            self.address.setText(provider.base_url)

    def _store_wanted(self) -> None:
        if key := self.key.text():
            self.key.clear()
            self._window.run(self._store(key))

    async def _store(self, key: str) -> None:
        self._say_kept(tr("Storing; your desktop may ask for the keyring's password…"), "small")
        stored = await verb.store_key(self._window.assistant, self._name, key)
        self._auth, self._looked = self._window.assistant.registry.providers[self._name].auth, True
        self._show_kept(stored.kept, stored.problem)

    async def _forget(self) -> None:
        self._looked = True
        problem = await verb.forget_key(self._window.assistant, self._name)
        self._show_kept(SecretPlace.NOWHERE, problem)

    async def _look_for_key(self) -> None:
        if not self._auth:
            self._show_kept(None, "")
            return
        self._say_kept(tr("Looking into the keyring…"), "small")
        secret = await self._window.assistant.secrets.get(self._auth)
        self._show_kept(secret.kept, secret.problem)

    def _show_kept(self, kept: SecretPlace | None, problem: str) -> None:
        sentences = {
            SecretPlace.KEYRING: tr("In the keyring."),
            SecretPlace.SESSION: tr("For this session only: it is in memory, and gone when trayassist ends."),
            SecretPlace.NOWHERE: tr("No key is stored."),
            None: tr("It needs no key, or you give it one here."),
        }
        self.forget.setVisible(kept in (SecretPlace.KEYRING, SecretPlace.SESSION))
        self._say_kept(f"{sentences[kept]} {local(problem)}".rstrip(), "danger" if problem else "small")

    # ------------------------------------------------------------ test and models

    async def _test(self) -> None:
        assistant = self._window.assistant
        self.test.setEnabled(False)
        self._say_result(tr("Asking for its models…"), "small")
        try:
            looked = await providers.look(assistant.registry, self._name, assistant.secrets)
        except TrayassistError as error:
            self._say_result(local(str(error)), "danger")
            self._show_models(())
        else:
            found = count(len(looked.models), tr("{} model"), tr("{} models"))
            self._say_result(tr("It answers in {ms:.0f} ms: {found}.").format(ms=looked.ms, found=found), "good")
            self._show_models(looked.models)
        self.test.setEnabled(assistant.registry.providers[self._name].enabled)  # not when the window closed meanwhile

    async def _take(self) -> None:
        """Describe the chosen model in the registry, so that roles can name it."""
        assistant, remote = self._window.assistant, self.models.currentText()
        known = assistant.registry.models
        if any((one.provider, one.remote_id) == (self._name, remote) for one in known.values()):
            self._say_result(tr("{} is among the models already.").format(remote), "small")
            return
        name = re.sub(r"[^\w.-]+", "-", remote).strip("-") or self._name
        name = f"{self._name}-{name}" if name in known else name
        new = {"provider": self._name, "remote_id": remote}
        await asyncio.to_thread(registry_file.save, assistant.paths, ("models", name), new)
        await assistant.reload_registry()
        self._say_result(tr("“{}” is among the models now; give it to a role there.").format(name), "good")

    def _show_models(self, names: tuple[str, ...]) -> None:
        self.models.clear()
        self.models.addItems(list(names))
        self.models.setVisible(bool(names))
        self.take.setVisible(bool(names))

    # ------------------------------------------------------------ looks

    def _dress(self) -> None:
        name, run = self._name, self._window.run
        self.address.setPlaceholderText("http://127.0.0.1:8080/v1")
        self.key.setEchoMode(QLineEdit.EchoMode.Password)
        self.key.setPlaceholderText(tr("Paste a key; it goes into the system's keyring"))
        for widget, text in (
            (self.address, tr("Address of {}")), (self.key, tr("Key of {}")), (self.store, tr("Store the key of {}")),
            (self.forget, tr("Remove the key of {}")), (self.test, tr("Test {}")), (self.models, tr("Models of {}")),
            (self.take, tr("Add the chosen model of {} to the models")),
        ):  # fmt: skip
            widget.setAccessibleName(text.format(name))
        self.address.editingFinished.connect(self._address_left)
        self.key.returnPressed.connect(self._store_wanted)
        self.store.clicked.connect(self._store_wanted)
        self.forget.clicked.connect(lambda: run(self._forget()))
        self.test.clicked.connect(lambda: run(self._test()))
        self.take.clicked.connect(lambda: run(self._take()))
        self._show_models(())

    def _say_kept(self, text: str, look: str) -> None:
        _say(self.kept, text, look)

    def _say_result(self, text: str, look: str) -> None:
        _say(self.result, text, look)


def _about(provider: Provider) -> str:
    if provider.api == "llama_cpp":
        return tr("The GGUF files on this machine.")
    if provider.api == "mock":
        return tr("Made-up answers, always the same, to try a configuration without a model.")
    where = tr("On another machine: {}").format(providers.host(provider))
    place = where if providers.leaves_machine(provider) else tr("On this machine")
    premium = tr("costs money: only roles and jobs that the policy in registry.yaml names may use its models")
    return f"{place} · {premium}" if provider.kind == "premium" else place


def _field_label(text: str, control: QWidget) -> QWidget:
    name = label(text)
    name.setBuddy(control)
    return name


def _say(sentences: QLabel, text: str, look: str) -> None:
    sentences.setText(text)
    sentences.setProperty("look", look)
    sentences.style().polish(sentences)
