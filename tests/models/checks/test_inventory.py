"""S1-19: what is installed and who uses it; a change of it is a line in the audit log."""

from __future__ import annotations

from tests import tiny_gguf
from tests.models.running import Lines
from trayassist.models.checks import inventory
from trayassist.models.registry import file as registry_file
from trayassist.paths import Paths

TEXT = """\
models:
  small: {file: small.gguf, license: mit, quant: Q4_0}
  gone: {file: gone.gguf, kind: code, quant: Q8_0}
  far: {provider: ollama, remote_id: "mistral|7b"}
roles:
  persona: {model: small, fallback: [far]}
  coder: {model: gone, fallback: [small]}
"""


def test_the_page_lists_names_quantizations_and_roles(home: Paths) -> None:
    tiny_gguf.write(home.models / "small.gguf", half=True)
    home.registry.write_text(TEXT)
    registry = registry_file.load(home)
    listed = inventory.entries(home, registry)
    assert [(one.name, one.quant, one.roles, one.fallback_of) for one in listed] == [
        ("small", "F16", ("persona",), ("coder",)),  # what the file says goes before what the registry says
        ("gone", "Q8_0", ("coder",), ()),
        ("far", "", (), ("persona",)),
    ]
    page = inventory.as_markdown(listed, registry, "2026-11-21")
    assert page.startswith("# Models on this machine\n\n2026-11-21, mode agent\n\n| Model | Roles |")
    assert "| gone | coder | – | code | Q8_0 | – | unknown | gone.gguf (llama_cpp) |" in page
    assert "mistral\\|7b (ollama)" in page
    assert inventory.as_markdown([], registry, "x").endswith("No model is described.\n")


def test_a_role_that_works_by_rules_uses_no_model(home: Paths) -> None:
    """A model that is named for the safety check was listed as used by it, although it is never asked."""
    home.registry.write_text(TEXT + "  watchdog: {model: small}\n  curator: {model: small, fallback: [far]}\n")
    small, _, far = inventory.entries(home, registry_file.load(home))
    assert (small.roles, small.fallback_of, far.fallback_of) == (("persona",), ("coder",), ("persona",))


def test_a_change_is_audited_once_with_before_and_after(home: Paths) -> None:
    audit = Lines()
    assert not inventory.record(home, registry_file.load(home), audit)  # type: ignore[arg-type]
    home.registry.write_text(TEXT)
    assert inventory.record(home, registry_file.load(home), audit)  # type: ignore[arg-type]
    registry = registry_file.save(home, "roles.persona.model", "far")
    assert inventory.record(home, registry, audit)  # type: ignore[arg-type]
    assert not inventory.record(home, registry, audit)  # type: ignore[arg-type]
    assert [line["event"] for line in audit.lines] == ["models_changed", "models_changed"]
    assert audit.lines[0]["before"] == {}
    assert audit.lines[0]["after"]["models.small"] == {"file": "small.gguf", "quant": "Q4_0"}
    assert audit.lines[1]["before"] == {"roles.persona": {"model": "small", "fallback": ["far"]}}
    assert audit.lines[1]["after"] == {"roles.persona": {"model": "far", "fallback": ["far"]}}


def test_a_damaged_memory_of_it_is_begun_anew(home: Paths) -> None:
    audit = Lines()
    (home.data / "models-seen.json").write_text("[")
    home.registry.write_text(TEXT)
    assert inventory.record(home, registry_file.load(home), audit)  # type: ignore[arg-type]
    assert not inventory.record(home, registry_file.load(home), audit)  # type: ignore[arg-type]
