"""The providers page: nothing is sent without a press, another machine is confirmed, keys are never shown (S4-24)."""

from __future__ import annotations

import asyncio

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit, QPushButton

from tests.ui.parts import ListHotkeys, PartAssistant
from tests.waiting import until
from tests.workers.endpoint.servers import answers, reply, serving
from trayassist.models.registry import file as registry_file
from trayassist.paths import Paths
from trayassist.safety.secrets import Secrets
from trayassist.ui.settings.providers import ProvidersPage
from trayassist.ui.settings.window import SettingsWindow

KEY = "window-words-2207"
OFF = "Nothing leaves this machine: every provider on another machine is off."


class Keyring:
    """A keyring that works until it is locked."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}
        self.locked = False
        self.asked = 0

    def get_password(self, service: str, username: str) -> str | None:
        self.asked += 1
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        if self.locked:
            raise OSError("the bus is gone")
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


@pytest.fixture
def keyring(assistant: PartAssistant) -> Keyring:
    keyring = Keyring()
    assistant.secrets = Secrets(lambda: keyring)
    return keyring


def open_providers(assistant: PartAssistant, hotkeys: ListHotkeys) -> tuple[SettingsWindow, ProvidersPage]:
    window = SettingsWindow(assistant, hotkeys)  # type: ignore[arg-type]
    window.show()
    window.show_page("providers")
    page = window.page("providers")
    assert isinstance(page, ProvidersPage)
    return window, page


async def test_as_shipped_nothing_leaves(assistant: PartAssistant, hotkeys: ListHotkeys, keyring: Keyring) -> None:
    _, page = open_providers(assistant, hotkeys)
    assert page.privacy.text() == OFF
    assert {name for name, card in page.cards.items() if card.box.isChecked()} == {"llama_cpp", "mock"}
    form = page.cards["openai"].endpoint
    assert form is not None
    assert form.kept.text() == "The keyring is asked for its key once it is on."
    other = page.cards["ollama"].endpoint
    assert other is not None
    assert other.kept.text() == "It needs no key, or you give it one here."
    assert keyring.asked == 0, "a locked keyring would ask for its password"
    assert not form.test.isEnabled()
    kinds = (QLineEdit, QPushButton, QCheckBox, QComboBox)
    for control in (found for kind in kinds for found in page.widget().findChildren(kind)):
        assert control.accessibleName(), control


async def test_another_machine_is_confirmed_in_place(
    assistant: PartAssistant, hotkeys: ListHotkeys, keyring: Keyring
) -> None:
    window, page = open_providers(assistant, hotkeys)
    card = page.cards["openai"]
    card.box.click()
    assert window.notice.asking
    assert "are sent to api.openai.com" in window.notice.text
    assert not card.box.isChecked(), "not before it is confirmed"
    window.notice._no.click()
    assert not assistant.registry.providers["openai"].enabled
    card.box.click()
    window.notice._yes.click()
    await until(lambda: assistant.registry.providers["openai"].enabled)
    await until(lambda: "api.openai.com" in page.privacy.text())
    assert card.box.isChecked()
    form = card.endpoint
    assert form is not None
    await until(lambda: form.kept.text() == "No key is stored.")
    window.undo()
    await until(lambda: not card.box.isChecked())
    assert page.privacy.text() == OFF


async def test_undo_asks_as_switching_on_does(
    assistant: PartAssistant, hotkeys: ListHotkeys, keyring: Keyring, home: Paths
) -> None:
    registry_file.save(home, ("providers", "openai", "enabled"), True)
    await assistant.reload_registry()
    window, page = open_providers(assistant, hotkeys)
    card = page.cards["openai"]
    card.box.click()  # off: that asks nothing
    await until(lambda: not assistant.registry.providers["openai"].enabled)
    window.undo()
    await until(lambda: window.notice.asking)
    assert "are sent to api.openai.com" in window.notice.text
    window.notice._no.click()
    assert not assistant.registry.providers["openai"].enabled
    window.undo()
    await until(lambda: window.notice.asking)
    window.notice._yes.click()
    await until(lambda: assistant.registry.providers["openai"].enabled and card.box.isChecked())


async def test_undo_of_an_address_asks_when_it_leads_to_another_machine(
    assistant: PartAssistant, hotkeys: ListHotkeys, keyring: Keyring, home: Paths
) -> None:
    registry_file.save(home, ("providers", "ollama", "base_url"), "http://10.0.0.7:11434/v1")
    registry_file.save(home, ("providers", "ollama", "enabled"), True)
    await assistant.reload_registry()
    window, _ = open_providers(assistant, hotkeys)
    await window.changes.set(("providers", "ollama", "base_url"), "http://127.0.0.1:11434/v1")
    window.undo()
    await until(lambda: window.notice.asking)
    assert "are sent to 10.0.0.7:11434" in window.notice.text
    await window.changes.set(("providers", "ollama", "enabled"), False)
    window.notice._yes.click()  # a change came in between: what was confirmed is not the last any more
    await until(lambda: not window.notice.asking)
    for _ in range(3):
        await asyncio.sleep(0)
    assert assistant.registry.providers["ollama"].base_url == "http://127.0.0.1:11434/v1"


async def test_an_endpoint_of_this_machine_is_tested_and_its_model_added(
    assistant: PartAssistant, hotkeys: ListHotkeys, keyring: Keyring, home: Paths
) -> None:
    with serving(answers("hi", model="llama3.2:latest")) as server:
        registry_file.save(home, ("providers", "ollama", "base_url"), server.url)
        await assistant.reload_registry()
        window, page = open_providers(assistant, hotkeys)
        card = page.cards["ollama"]
        form = card.endpoint
        assert form is not None
        card.box.click()
        assert not window.notice.asking
        await until(lambda: form.test.isEnabled())
        assert page.privacy.text() == OFF, "a server on this machine is this machine"
        assert server.connections == 0
        form.test.click()
        await until(lambda: form.result.text().startswith("It answers in"))
        assert "1 model" in form.result.text()
        assert form.models.isVisible()
        form.take.click()
        await until(lambda: "llama3.2-latest" in assistant.registry.models)
        model = assistant.registry.models["llama3.2-latest"]
        assert (model.provider, model.remote_id) == ("ollama", "llama3.2:latest")
        form.take.click()
        await until(lambda: "already" in form.result.text())


async def test_what_is_wrong_is_said_beside_the_button(
    assistant: PartAssistant, hotkeys: ListHotkeys, keyring: Keyring, home: Paths
) -> None:
    with serving(lambda got: reply("401 Unauthorized", {"error": {"message": "who are you"}})) as server:
        registry_file.save(home, ("providers", "ollama", "base_url"), server.url)
        registry_file.save(home, ("providers", "ollama", "enabled"), True)
        await assistant.reload_registry()
        _, page = open_providers(assistant, hotkeys)
        form = page.cards["ollama"].endpoint
        assert form is not None
        form.test.click()
        await until(lambda: "wants a key (401: who are you)" in form.result.text())
        assert not form.models.isVisible()
        assert form.test.isEnabled()


async def test_a_key_is_hidden_stored_and_removed(
    assistant: PartAssistant, hotkeys: ListHotkeys, keyring: Keyring, home: Paths
) -> None:
    window, page = open_providers(assistant, hotkeys)
    form = page.cards["openai"].endpoint
    assert form is not None
    assert form.key.echoMode() == QLineEdit.EchoMode.Password
    QTest.keyClicks(form.key, KEY)
    QTest.keyClick(form.key, Qt.Key.Key_Return)
    assert form.key.text() == "", "it is not kept in the field"
    await until(lambda: form.kept.text() == "In the keyring.")
    assert keyring.kept == {("trayassist", "openai"): KEY}
    assert not home.registry.exists() or KEY not in home.registry.read_text()
    form.forget.click()
    await until(lambda: form.kept.text() == "No key is stored.")
    assert keyring.kept == {}
    keyring.locked = True
    form.key.setText(KEY)
    form.store.click()
    await until(lambda: form.kept.text().startswith("For this session only"))
    assert "The keyring failed" in form.kept.text()
    assert not window.notice.text


async def test_a_new_address_on_another_machine_is_switched_off_first(
    assistant: PartAssistant, hotkeys: ListHotkeys, keyring: Keyring
) -> None:
    """The confirmation names a host; another host needs another one."""
    _, page = open_providers(assistant, hotkeys)
    card = page.cards["ollama"]
    form = card.endpoint
    assert form is not None
    card.box.click()
    await until(lambda: assistant.registry.providers["ollama"].enabled)
    form.address.setText("http://10.0.0.7:11434/v1")
    form.address.editingFinished.emit()
    await until(lambda: assistant.registry.providers["ollama"].base_url.startswith("http://10."))
    assert not assistant.registry.providers["ollama"].enabled
    form.address.setText("ftp://nowhere")
    form.address.editingFinished.emit()
    await until(lambda: "begins with http://" in form.result.text())
    assert form.address.text() == "http://10.0.0.7:11434/v1"


async def test_another_endpoint_is_added(assistant: PartAssistant, hotkeys: ListHotkeys, keyring: Keyring) -> None:
    _, page = open_providers(assistant, hotkeys)
    page.adding.button.click()
    assert page.adding._error.text() == "Give a name and an address."
    page.adding.name.setText("ollama")
    page.adding.address.setText("http://127.0.0.1:1234/v1")
    page.adding.button.click()
    await until(lambda: "already" in page.adding._error.text())
    page.adding.name.setText("lmstudio")
    page.adding.button.click()
    await until(lambda: "lmstudio" in page.cards)
    added = assistant.registry.providers["lmstudio"]
    assert (added.api, added.kind, added.enabled) == ("openai", "local", False)
    order = [page._layout.indexOf(widget) for widget in (page.cards["openai"], page.cards["lmstudio"], page.adding)]
    assert order == sorted(order)


async def test_the_search_finds_a_provider(assistant: PartAssistant, hotkeys: ListHotkeys, keyring: Keyring) -> None:
    window, page = open_providers(assistant, hotkeys)
    window.search.setText("api.openai.com")
    await until(lambda: page.cards["openai"].isVisible() and not page.cards["ollama"].isVisible())
