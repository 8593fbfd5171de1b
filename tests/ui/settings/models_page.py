"""Opens the page Models on a small registry, and finds what the tests look at."""

from __future__ import annotations

from tests.ui.parts import ListHotkeys, PartAssistant
from tests.waiting import until
from trayassist.ui.settings.models import ModelsPage
from trayassist.ui.settings.role_form import RoleForm
from trayassist.ui.settings.window import SettingsWindow

REGISTRY = """
# my models
models:
  small: {file: small.gguf, license: apache-2.0, params_b: 3.1}
  v2.5-code: {file: code.gguf, kind: code, params_b: 14}
  sums: {file: sums.gguf, kind: math, license: mit, params_b: 7}
roles:
  persona: {model: small}
  coder: {model: v2.5-code, fallback: [small]}
"""


async def open_models_page(assistant: PartAssistant, hotkeys: ListHotkeys, registry: str = REGISTRY) -> ModelsPage:
    assistant.paths.registry.write_text(registry)
    await assistant.reload_registry()
    window = SettingsWindow(assistant, hotkeys)  # type: ignore[arg-type]
    window.show()
    window.show_page("models")
    found = window.page("models")
    assert isinstance(found, ModelsPage)
    await until(lambda: found.ram.text)
    return found


def row_texts(page: ModelsPage, name: str) -> list[str]:
    table = page.list.table.rows
    line = next(line for line in table.shown if line.name == name)
    return [column.text(line) for column in table.columns]


def select(page: ModelsPage, name: str) -> None:
    page.list.table.select([next(at for at, line in enumerate(page.list.table.rows.shown) if line.name == name)])


def form(page: ModelsPage, role: str) -> RoleForm:
    page.cards[role].more.click()
    found = page.cards[role].form
    assert found is not None
    found.complete()
    return found
