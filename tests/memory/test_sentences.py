"""Sentences as they are quoted, and questions as they are understood: pure functions on text."""

from __future__ import annotations

from trayassist.workers.memory import sentences, text
from trayassist.workers.memory.vocabulary import Vocabulary

TABLE = """Fees are due on 1 March.

| Plot | Fee | Deposit |
|---|---|---|
| Half | 95 euros | 50 euros |
| Full | 180 euros | 100 euros |
"""
CSV = "sku,name,shelf,price\nA1,ball valve 1/2 inch,S1,6.75\nA2,pressure gauge,S2,8.10\n"
CODE = "LIMIT = 7  # tries\ndef reset(link):\n    return link.restart()\n"


def split_page(page: str) -> list[str]:
    return [sentence.text for sentence in sentences.split(page)]


def test_each_row_of_a_table_or_a_data_file_is_quoted_alone() -> None:
    rows = ["| Plot | Fee | Deposit |", "| Half | 95 euros | 50 euros |", "| Full | 180 euros | 100 euros |"]
    assert split_page(TABLE) == ["Fees are due on 1 March.", *rows]
    assert split_page(CSV) == CSV.splitlines()
    assert all(map(sentences.is_row, [*rows, *CSV.splitlines()]))


def test_prose_with_commas_and_figures_is_no_row() -> None:
    page = "Sales rose to 1,234,567 euros, 2,345,678 dollars, and, in\nJapan, to 12,345 yen in that year."
    assert split_page(page) == [" ".join(page.split())]


def test_statements_of_code_stand_alone() -> None:
    assert split_page(CODE)[:2] == ["LIMIT = 7 # tries", "def reset(link):"]


def test_a_german_date_ends_no_sentence() -> None:
    page = "Die Wohnung wird ab dem 1. Februar 2022 vermietet. Es gilt die Fassung von Nr. 7. Die Miete steigt."
    assert split_page(page)[0] == "Die Wohnung wird ab dem 1. Februar 2022 vermietet."
    assert split_page(page)[-1] == "Die Miete steigt."


def test_a_long_sentence_is_quoted_whole_and_an_endless_one_is_cut() -> None:
    page = f"The segment {'is in every state and ' * 18}ends here."
    (whole,) = sentences.split(page)
    assert 300 < len(whole.text) <= sentences.WHOLE
    assert sentences.shorten(page, whole, {"segment"}) == whole
    endless = f"The segment {'is in every state and ' * 60}ends here."
    assert len(sentences.shorten(endless, sentences.split(endless)[0], {"segment"}).text) <= sentences.MAX_QUOTE


def test_where_to_look_is_no_part_of_what_is_looked_for() -> None:
    for question in ("What do my documents say about bees?", "What does the file say about bees?"):
        assert text.query_words(text.clean_question(question)) == ["bees"]
    assert text.query_words(text.clean_question("According to the documents, who keeps bees?")) == ["keeps", "bees"]
    assert text.clean_question("Which documents say that?").strip()  # nothing else is asked: it stays


def test_of_a_pasted_text_the_beginning_and_the_end_are_searched_for() -> None:
    cleaned = text.clean_question(f"What is the deposit? {'so it goes on ' * 100_000} And who pays it?")
    assert len(cleaned) <= text.LONG_QUESTION + 1
    assert cleaned.startswith("What is the deposit?")
    assert cleaned.endswith("And who pays it?")


def test_a_slip_of_the_finger_finds_the_word_that_is_there() -> None:
    vocabulary = Vocabulary()
    words = ("chickens", "canteen", "settle", "allowed", "plot")
    vocabulary.add(zip(words, [1] * len(words), strict=True), 10)
    assert vocabulary.corrections("chikens") == ["chicken"]
    assert vocabulary.corrections("canten") == ["canteen"]
    assert vocabulary.corrections("alowed") == ["allow"]
    assert vocabulary.corrections("chicken") == []  # it is there
    assert vocabulary.corrections("kettle") == []  # another first letter is another word
    assert vocabulary.corrections("plt") == []  # too short to tell
