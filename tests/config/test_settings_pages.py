"""docs/models.md and docs/settings.md have a line for every key of registry.yaml and app.yaml, with its default."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args, get_origin

import pytest
from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from trayassist.config import App
from trayassist.models.registry.schema import Registry

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGES: dict[str, type[BaseModel]] = {"models.md": Registry, "settings.md": App}


def section_in(kind: Any) -> tuple[type[BaseModel], str] | None:
    """Return the section a field holds, and ".*" when it holds sections by name."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return kind, ""
    for part in get_args(kind):
        if found := section_in(part):
            return found[0], f"{'.*' if get_origin(kind) is dict else ''}{found[1]}"
    return None


def keys(model: type[BaseModel], at: str = "") -> Iterator[tuple[str, Any]]:
    for name, field in model.model_fields.items():
        if inner := section_in(field.annotation):
            yield from keys(inner[0], f"{at}{name}{inner[1]}.")
        else:
            yield f"{at}{name}", field.default


def lines(page: str) -> list[str]:
    return (DOCS / page).read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize(
    ("page", "key", "default"), [(page, *found) for page, model in PAGES.items() for found in keys(model)]
)
def test_every_key_has_a_line_with_its_default(page: str, key: str, default: Any) -> None:
    rows = [line.split("|") for line in lines(page) if line.startswith(f"| `{key}` |")]
    assert len(rows) == 1, key
    said = rows[0][2].strip()
    if isinstance(default, bool):
        assert said == str(default).lower()
    elif isinstance(default, int | float):
        assert float(said) == default
    elif default in (None, "", PydanticUndefined):
        assert said in ("", "{}")
    else:
        assert said == ("[]" if default == () else default)


@pytest.mark.parametrize("page", list(PAGES))
def test_the_page_names_no_key_that_is_not_there(page: str) -> None:
    known = {key for key, _ in keys(PAGES[page])}
    rows = [line for line in lines(page) if line.startswith("| `") and not line.startswith("| `trayassist")]
    assert {line.split("`")[1] for line in rows} == known
