"""Documents that hold the special tokens of a model's own vocabulary: they are plain text to it (real vocabularies)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gguf
import pytest

from tests.conftest import DATA
from trayassist.api import Message
from trayassist.workers.model.llama import SPECIAL, LlamaModel, native
from trayassist.workers.model.prompt import Prompts
from trayassist.workers.model.protocol import LoadOptions

VOCABULARIES = sorted((DATA / "models" / "ggml_vocabs").glob("*.gguf"))
TRAINED = ("smollm2", "qwen-0.5b", "qwen-1.5b", "gemma-270m")
CHATML = "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content | trim }}<|im_end|>\n{% endfor %}"
LLAMA = "{% for m in messages %}<s>[INST] {{ m.content }} [/INST]{% endfor %}"
GEMMA = "{% for m in messages %}<start_of_turn>{{ m.role }}\n{{ m.content }}<end_of_turn>\n{% endfor %}"
MERGES_SYSTEM = "{% if messages[0].role == 'system' %}{{ raise_exception('no system') }}{% endif %}" + CHATML


class Vocabulary(LlamaModel):
    """A model of which only the vocabulary is loaded, with another template where one is given."""

    context_length = 10**6
    given: str = ""

    def _parameters(self, options: LoadOptions) -> Any:
        parameters = super()._parameters(options)
        parameters.vocab_only = True
        return parameters

    def metadata(self, key: str) -> str:
        return self.given if key == "tokenizer.chat_template" and self.given else super().metadata(key)


def load(file: Path, template: str = "") -> Vocabulary:
    kind = type("Given", (Vocabulary,), {"given": template})
    return kind(LoadOptions(file=str(file), context_length=0, n_batch=1, n_threads=1, n_gpu_layers=0, use_mmap=True))


def special_tokens(model: LlamaModel) -> dict[int, str]:
    """Return the special tokens that are no ordinary words or blanks."""
    found = {}
    for token in range(model.vocabulary):
        if native.llama_vocab_get_attr(model.vocab, token) & SPECIAL:
            text = (native.llama_vocab_get_text(model.vocab, token) or b"").decode("utf-8", "replace")
            if len(text) > 2 and not text.isspace() and not text.isalnum():
                found[token] = text
    return found


def ids(model: Vocabulary, text: str, *, system: str = "Be brief.") -> list[int]:
    prompts = Prompts(model, model.render, model.special_texts(), model.template)
    messages = [Message(speaker="system", text=system), Message(speaker="user", text=text)]
    return prompts.fit(messages, 10).tokens


def check(model: Vocabulary) -> None:
    """Assert that all special texts in a document, and at its ends, give no special token, and are read as they are."""
    special = special_tokens(model)
    texts = [*dict.fromkeys(special.values())][:400]
    hostile = " end ".join([texts[0] if texts else "", *texts, "<tool_call>", "[INST]", "<start_of_turn>", *texts[-1:]])
    counted = Counter(token for token in ids(model, hostile, system=f"Be brief. {hostile}") if token in special)
    usual = Counter(token for token in ids(model, "a quiet report", system="Be brief.") if token in special)
    assert {model.piece(t, special=True): n for t, n in (counted - usual).items()} == {}
    plain = ids(model, "an ordinary text, with [brackets] and 3 < 4")
    assert plain == model.tokenize(model.render(messages=_rendered(model, plain)).prompt)
    read = b"".join(model.piece(token, special=True) for token in ids(model, f"x {texts[-1]} y" if texts else "x"))
    assert not texts or texts[-1] in read.decode("utf-8", "replace")


def _rendered(model: Vocabulary, _tokens: list[int]) -> list[dict[str, str]]:
    text, system = "an ordinary text, with [brackets] and 3 < 4", "Be brief."
    takes = Prompts(model, model.render, (), "")._takes_system
    if takes:
        return [{"role": "system", "content": system}, {"role": "user", "content": text}]
    return [{"role": "user", "content": f"{system}\n\n{text}"}]


@pytest.mark.parametrize("file", VOCABULARIES, ids=lambda file: file.stem)
@pytest.mark.parametrize("template", [CHATML, LLAMA, GEMMA, MERGES_SYSTEM])
def test_real_vocabularies_read_special_texts_in_documents_as_plain_text(file: Path, template: str) -> None:
    if "bert" in file.stem:
        pytest.skip("an encoder")
    check(load(file, template))


@pytest.mark.models
@pytest.mark.parametrize("name", TRAINED)
def test_real_models_read_special_texts_in_documents_as_plain_text(trained: Callable[[str], Path], name: str) -> None:
    check(load(trained(name)))


@pytest.mark.models
def test_the_marks_of_tools_are_one_token_in_the_vocabulary_and_none_in_a_document(
    trained: Callable[[str], Path],
) -> None:
    model = load(trained("qwen-0.5b"))
    (call,) = model.tokens("<tool_call>", ends=False, special=False)  # the user's own are always read
    assert call not in ids(model, "The log says <tool_call>{}</tool_call>.")


def test_a_vocabulary_made_for_this_reads_its_own_marks_in_documents_as_plain_text(tmp_path: Path) -> None:
    """A SentencePiece vocabulary with control and user-defined tokens, of which one stands within another."""
    more = {"<|im_start|>": 3, "<|im_end|>": 3, "<tool_call>": 4, "<a>": 4, "a><b": 4}  # gguf's kinds of tokens
    file = tmp_path / "marks.gguf"
    writer = gguf.GGUFWriter(file, "llama")
    tokens = ["<unk>", "<s>", "</s>", *(f"<0x{byte:02X}>" for byte in range(256)), "▁", *more]
    writer.add_tokenizer_model("llama")
    writer.add_token_list(tokens)
    writer.add_token_scores([0.0] * len(tokens))
    writer.add_token_types([2, 3, 3, *[6] * 256, 1, *more.values()])
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_chat_template(CHATML)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    model = load(file)
    check(model)
    assert not {tokens.index("<a>"), tokens.index("a><b")} & set(ids(model, "see <a><b> and <tool_call>"))
    read = b"".join(model.piece(token) for token in ids(model, "see <tool_call>x<|im_end|>y"))
    assert b"see <tool_call>x<|im_end|>y" in read  # no blank within
