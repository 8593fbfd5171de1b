"""Whether a small model can draft for a big one, told from the two files alone, without loading either (S0-11..S0-14).

The yes or no is llama.cpp's own rule (common_speculative_are_compatible in common/speculative.cpp), and before it
what that rule leaves out: architectures that cannot take a token back. Everything else is only a warning; whether a
pair pays is measured, not told.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from trayassist.api import ConfigError, ModelUnavailable
from trayassist.gguf_format import BLOCKS
from trayassist.models.gguf import header as gguf
from trayassist.models.gguf import vocabulary
from trayassist.models.gguf.header import why_no_speculation
from trayassist.models.gguf.vocabulary import NONE, TokenVocabulary
from trayassist.models.registry import file as registry_file
from trayassist.models.registry.resolve import file_of, path_of
from trayassist.models.registry.schema import DraftRule
from trayassist.paths import Paths

MOST_SIZE_DIFFERENCE = 128  # llama.cpp's SPEC_VOCAB_MAX_SIZE_DIFFERENCE
FIRST_COMPARED = 5  # llama.cpp's SPEC_VOCAB_CHECK_START_TOKEN_ID: before it are the special tokens
SMALL_ENOUGH = 1 / 8  # of the target's parameters; a bigger draft rarely pays (S0-14)
ADVISED_QUANT = "Q8_0"


@dataclass(frozen=True, slots=True)
class Difference:
    """The first token whose text differs."""

    token: int
    target: str
    draft: str


@dataclass(frozen=True, slots=True)
class Compatibility:
    """The verdict on a pair. `reasons` say why not, and are empty when it can; `warnings` keep nothing from starting.

    `sizes` are those of the two vocabularies, the target's first.
    """

    target: Path
    draft: Path
    reasons: tuple[str, ...]
    warnings: tuple[str, ...]
    sizes: tuple[int, int]
    first_difference: Difference | None

    @property
    def compatible(self) -> bool:
        """Whether the pair may be started."""
        return not self.reasons


def compare(
    target: Path, draft: Path, *, families: tuple[str, str] = ("", ""), rules: Sequence[DraftRule] = ()
) -> Compatibility:
    """Return whether the file `draft` can draft for the file `target`; `families` are the registry's, if known.

    Raises ModelUnavailable when one of them cannot be read. Takes some tenths of a second at 150,000 tokens.
    """
    headers = gguf.read(target, "any"), gguf.read(draft, "any")
    ours, theirs = vocabulary.read(target), vocabulary.read(draft)
    difference = _first_difference(ours, theirs)
    return Compatibility(
        target=target,
        draft=draft,
        reasons=(*_states(*headers), *_vocabularies(ours, theirs, difference)),
        warnings=(*_odd(ours, theirs), *_advice(*headers), *_families(families, rules)),
        sizes=(len(ours.tokens), len(theirs.tokens)),
        first_difference=difference,
    )


def compare_named(paths: Paths, target: str, draft: str) -> Compatibility:
    """Return the verdict on two models, each a GGUF file or a name of the registry; a name goes before a file.

    Raises ModelUnavailable for what is neither or cannot be read, ConfigError when a wrong registry hides a name.
    """
    are_files = path_of(Path.cwd(), target).is_file() and path_of(Path.cwd(), draft).is_file()
    try:
        registry = registry_file.load(paths)
    except ConfigError:
        if not are_files:
            raise
        registry = registry_file.shipped_registry()
    files, families = [], []
    for name in (target, draft):
        model = registry.models.get(name)
        if model is None and not path_of(Path.cwd(), name).exists():
            close = difflib.get_close_matches(name, registry.models, n=1)
            todo = f"Did you mean “{close[0]}”?" if close else "Give a GGUF file, or the name of a model."
            raise ModelUnavailable(f"“{name}” is neither a file nor a model of the registry.", todo)
        if model is not None and not model.file:
            raise ModelUnavailable(f"The model {name} is no file of this machine.", "Drafting needs two GGUF files.")
        files.append(file_of(paths, model) if model else path_of(Path.cwd(), name))
        families.append(model.family if model else "")
    return compare(files[0], files[1], families=(families[0], families[1]), rules=registry.draft_rules)


def speculation_verdict(target: Path, draft: Path) -> str:
    """Return "" when the pair may be started, else a sentence such as "speculation off: vocabulary differs at …".

    Never raises: a file that cannot be read is a reason, too (S0-11).
    """
    try:
        reasons = compare(target, draft).reasons
    except ModelUnavailable as error:
        return f"speculation off: {error.what}"
    return f"speculation off: {reasons[0]}" if reasons else ""


def visible(text: str) -> str:
    """Return a token's text for a line: a line break, and what else would not be seen, as its escape."""
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode() for one in text)


def parameters(header: gguf.Header) -> int:
    """Return how many parameters the file's tensors hold; a type that is not known here counts nothing."""
    per_byte = {name: values / size for name, values, size in BLOCKS.values() if size}
    return round(sum(size * per_byte.get(name, 0) for name, size in header.tensor_bytes.items()))


# ---------------------------------------------------------------- why not


def _states(target: gguf.Header, draft: gguf.Header) -> Iterator[str]:
    for which, header in (("target", target), ("draft", draft)):
        if why := why_no_speculation(header.architecture, header.keys):
            yield f"the {which} cannot speculate: {why}"


def _vocabularies(target: TokenVocabulary, draft: TokenVocabulary, difference: Difference | None) -> Iterator[str]:
    """Rules 2 to 6, in llama.cpp's order; the first that fails is the reason, the others would say the same."""
    sizes = len(target.tokens), len(draft.tokens)
    if target.kind != draft.kind:
        yield f"the kinds of vocabulary differ: {target.kind} and {draft.kind}"
    elif target.adds_bos != draft.adds_bos:
        yield f"only the {'target' if target.adds_bos else 'draft'} puts a BOS token before a text"
    elif target.adds_bos and target.bos != draft.bos:
        yield f"the BOS tokens differ: {_token_in_words(target, target.bos)} and {_token_in_words(draft, draft.bos)}"
    elif target.adds_eos != draft.adds_eos:
        yield f"only the {'target' if target.adds_eos else 'draft'} puts an EOS token after a text"
    elif target.adds_eos and target.eos != draft.eos:
        yield f"the EOS tokens differ: {_token_in_words(target, target.eos)} and {_token_in_words(draft, draft.eos)}"
    elif abs(sizes[0] - sizes[1]) > MOST_SIZE_DIFFERENCE:
        yield f"the vocabularies have {sizes[0]:,} and {sizes[1]:,} tokens, more than {MOST_SIZE_DIFFERENCE} apart"
    elif difference is not None:
        yield f"vocabulary differs at token {difference.token}"


def _first_difference(target: TokenVocabulary, draft: TokenVocabulary) -> Difference | None:
    shared = min(len(target.tokens), len(draft.tokens))
    ours, theirs = target.tokens, draft.tokens
    for token in range(FIRST_COMPARED, shared):
        if ours[token] != theirs[token] and target.text(token) != draft.text(token):
            return Difference(token, target.text(token), draft.text(token))
    return None


def _token_in_words(vocabulary: TokenVocabulary, token: int) -> str:
    return "none" if token == NONE else f"{token} “{visible(vocabulary.text(token))}”"


# ---------------------------------------------------------------- warnings


def _odd(target: TokenVocabulary, draft: TokenVocabulary) -> Iterator[str]:
    """Rule 7 and C-16: a pair may pass and still draft badly."""
    if target.model != draft.model:
        yield f"The tokenizers differ: {target.model} and {draft.model}."
    if target.pre != draft.pre:
        yield f"The pre-tokenizers differ: {target.pre or 'none'} and {draft.pre or 'none'}."
    for name, added, ids in (
        ("BOS", target.adds_bos, (target.bos, draft.bos)),
        ("EOS", target.adds_eos, (target.eos, draft.eos)),
    ):
        if not added and ids[0] != ids[1]:
            yield f"The {name} tokens differ: {_token_in_words(target, ids[0])} and {_token_in_words(draft, ids[1])}."
    for which, one in (("target", target), ("draft", draft)):
        if not one.names_bos:
            yield f"The {which} does not name its BOS token; {_token_in_words(one, one.bos)} is llama.cpp's default."
    if len(draft.tokens) < len(target.tokens):
        missing = len(target.tokens) - len(draft.tokens)
        yield f"The draft's vocabulary is smaller: it can never draft {missing:,} of the target's tokens."


def _advice(target: gguf.Header, draft: gguf.Header) -> Iterator[str]:
    """S0-14, for files that hold a model."""
    big, small = parameters(target), parameters(draft)
    if big and small > big * SMALL_ENOUGH:
        yield f"The draft has {small / big:.0%} of the target's parameters; over {SMALL_ENOUGH:.1%} it rarely pays."
    if small and draft.quant and draft.quant != ADVISED_QUANT:
        yield f"The draft is {draft.quant}; {ADVISED_QUANT} is advised for drafts."
    if target.keys.get(f"{target.architecture}.attention.sliding_window"):
        yield "The target has a sliding window: measure the pair before you rely on it."


def _families(families: tuple[str, str], rules: Sequence[DraftRule]) -> Iterator[str]:
    """S0-12: the table explains; the comparison decides."""
    target, draft = families
    if not target or not draft:
        return
    known = [rule for rule in rules if rule.target == target]
    if not known:
        yield f"draft_rules says nothing of the family {target}."
    elif not any(draft in rule.drafts for rule in known):
        names = ", ".join(name for rule in known for name in rule.drafts)
        notes = "; ".join(rule.note for rule in known if rule.note)
        yield f"draft_rules has {names} for {target}, not {draft}{f' ({notes})' if notes else ''}."
