"""Files that were dropped with the question: what they are decides who looks at them."""

from __future__ import annotations

from trayassist.api import Kind, Request
from trayassist.routing.decision import Context, Decision
from trayassist.routing.rules import by_rules
from trayassist.routing.text import Text

_SUFFIXES = (
    ".py .pyi .ipynb .js .mjs .ts .tsx .jsx .java .kt .c .h .cc .cpp .hpp .cs .go .rs .rb .php .swift .scala .sh "
    ".bash .zsh .fish .ps1 .bat .sql .pl .lua .r .jl .hs .ex .exs .clj .dart .vue .svelte .css .scss .toml .ini "
    ".cfg .yaml .yml .json .diff .patch .gradle .cmake .mk .tf .proto .asm .f90 .m .vb .log"
)
CODE_SUFFIXES = frozenset(_SUFFIXES.split())
CODE_NAMES = frozenset({"makefile", "dockerfile", "jenkinsfile", "cmakelists.txt", ".gitignore", ".env"})
_ABOUT_FILES = (Kind.SUMMARISE, Kind.SEARCH)  # kinds that a question about dropped documents may still be


def by_drop(text: Text, request: Request, context: Context) -> Decision | None:
    """Return the decision for a question that came with files."""
    if not request.files:
        return None
    if all(f.suffix.lower() in CODE_SUFFIXES or f.name.lower() in CODE_NAMES for f in request.files):
        return Decision(kind=Kind.CODE, confidence=0.9, method="drop", reason="It came with files of code.")
    if not text.whole:
        return Decision(
            kind=Kind.SUMMARISE, confidence=0.7, method="drop", reason="It came with documents and no question.",
            text="summarise this", alternatives=(Kind.CHAT,),
        )  # fmt: skip
    seen = by_rules(text, request, context)
    kind = seen.kind if seen is not None and seen.kind in _ABOUT_FILES else Kind.CHAT
    return Decision(kind=kind, confidence=0.9, method="drop", reason="It came with documents: it is about them.")
