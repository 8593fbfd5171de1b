"""What models are called in windows: by their file, never shortened where two differ."""

from __future__ import annotations

from trayassist.models.registry.schema import Model
from trayassist.ui.widgets.names import elide_apart, model_title, model_titles, role_title

LONG = ["qwen2.5-coder-1.5b-instruct-q4_k_m", "qwen2.5-coder-7b-instruct-q4_k_m", "qwen2.5-coder-14b-instruct-q4_k_m"]


def test_a_model_is_called_like_its_file() -> None:
    assert model_title("x", Model(file="/m/Qwen2.5-7B-Instruct-Q4_K_M.gguf")) == "Qwen2.5-7B-Instruct-Q4_K_M"
    assert model_title("x", Model(file="big-00001-of-00003.gguf")) == "big"
    assert model_title("gpt", Model(file="")) == "gpt"
    assert model_title("gone", None) == "gone"


def test_two_models_of_one_file_are_told_apart() -> None:
    models = {"short": Model(file="a.gguf"), "long": Model(file="a.gguf"), "other": Model(file="b.gguf")}
    assert model_titles(models) == {"short": "a (short)", "long": "a (long)", "other": "b"}


def test_names_stay_apart_however_narrow_the_column_is() -> None:
    for room in range(12, 40):
        shown = [elide_apart(name, LONG, lambda text, room=room: len(text) <= room) for name in LONG]
        assert len(set(shown)) == len(LONG), (room, shown)
        assert all(len(text) <= room for text in shown)


def test_a_name_that_fits_is_left_alone() -> None:
    assert elide_apart("small", ["small", "smaller"], lambda _: True) == "small"


def test_a_role_of_a_plugin_is_called_by_its_name() -> None:
    assert role_title("weather_report") == "Weather report"
    assert role_title("persona") == "Assistant"
