"""Curator: stores verbatim, lists, forgets; asks before more than one goes; look-alikes store nothing."""

import pytest

from tests.bundled.roles.fake_host import AnswerParts, FakeHost, ask, passage, quote
from trayassist.api import Fact, Found, Kind, Role
from trayassist_curator import register_roles
from trayassist_curator.reading import read
from trayassist_curator.role import Curator, says_the_same


def with_facts(*texts: str, agrees: bool = False) -> FakeHost:
    facts = [Fact(id=f"f{n}", text=text, created="2025-05-03T10:00:00+02:00") for n, text in enumerate(texts)]
    return FakeHost(stored=facts, agrees=agrees)


def ask_curator(host: FakeHost, text: str, method: str = "rules") -> AnswerParts:
    return ask(Curator(), host, text, kind=Kind.CURATE, role="curator", method=method)


def texts(host: FakeHost) -> list[str]:
    return [fact.text for fact in host.stored]


def test_the_plugin_hands_over_one_role() -> None:
    (role,) = register_roles(FakeHost())  # type: ignore[arg-type]
    assert isinstance(role, Role)
    assert role.name == "curator"


@pytest.mark.parametrize(
    ("said", "stored"),
    [
        ("remember that my locker code is 4411", "my locker code is 4411"),
        ("Please remember my sister's birthday is on 3 May.", "my sister's birthday is on 3 May."),
        ("Can you memorize this: the gate opens at 7", "the gate opens at 7"),
        ("note that the landlord's name is Miller", "the landlord's name is Miller"),
        ("keep in mind that I'm allergic to nuts", "I'm allergic to nuts"),
        ("don't forget that I'm vegetarian", "I'm vegetarian"),
        ("my dog's vet is Dr. Hale, remember that", "my dog's vet is Dr. Hale"),
        ("save to memory: Peter prefers tea", "Peter prefers tea"),
        ("Could you remember that I take the 7:40 train?", "I take the 7:40 train"),
        ("remember that what matters to me is price", "what matters to me is price"),
        ("Merk dir, dass mein Code 4411 ist", "mein Code 4411 ist"),
        ("Souviens-toi que mon code est 4411", "mon code est 4411"),
        ("recuerda que mi código es 4411", "mi código es 4411"),
        ("remember that:\nline one\nline two", "line one\nline two"),
    ],
)
def test_a_fact_is_stored_and_confirmed_word_by_word(said: str, stored: str) -> None:
    host = FakeHost()
    result = ask_curator(host, said)
    assert texts(host) == [stored]
    assert result.text == f"Remembered: “{' '.join(stored.split())}”"


@pytest.mark.parametrize(
    "said",
    [
        "remember the nineties?",
        "do you remember when we met",
        "remember when phones had buttons",
        "Remember the Titans?",
        "do you remember the first moon landing?",
        "forget it",
        "never mind",
        "I can't remember his name",
        "remember that",
        "remember",
        "I remember the war",
        "what do you remember?",
        "do you remember my shoe size?",
        "I forgot my keys",
    ],
)
def test_look_alikes_store_and_forget_nothing(said: str) -> None:
    host = with_facts("I like tea", agrees=True)
    ask_curator(host, said)
    assert texts(host) == ["I like tea"]


def test_the_same_fact_twice_is_one_and_is_said() -> None:
    host = with_facts("I like tea")
    assert ask_curator(host, "remember that I like tea").text == "That is remembered already: “I like tea”"
    assert len(host.stored) == 1


def test_a_slash_command_stores_what_follows_whatever_it_looks_like() -> None:
    host = FakeHost()
    ask_curator(host, "remember the nineties?", method="slash")
    assert texts(host) == ["the nineties?"]


@pytest.mark.parametrize("said", ["save this: {}", "remember that {}", "{}, remember that", "save {} to memory"])
def test_a_long_fact_is_stored_and_an_endless_one_is_refused_in_words(said: str) -> None:
    host = FakeHost()
    long, endless = "my plan is " + "word " * 700 + "end", "my plan is " + "word " * 900 + "end"
    ask_curator(host, said.format(long))
    assert texts(host) == [long]
    refused = ask_curator(host, said.format(endless)).text
    assert refused.startswith("That is 4,514 characters long; a fact may have 4,000. Nothing was stored.")
    assert texts(host) == [long]


def test_an_endless_correction_is_refused_in_words() -> None:
    host = with_facts("my plan is good", agrees=True)
    result = ask_curator(host, "Actually my plan is " + "word " * 900)
    assert "a fact may have 4,000" in result.text
    assert texts(host) == ["my plan is good"]


def test_the_list_shows_all_facts_dated_and_cited() -> None:
    result = ask_curator(with_facts("I like tea", "My code is 4411"), "what do you remember about me?")
    assert "1. I like tea (3 May 2025) [1]" in result.text
    assert [(c.path, c.quote) for c in result.citations] == [("fact:f0", "I like tea"), ("fact:f1", "My code is 4411")]


@pytest.mark.parametrize(
    "said", ["Was weißt du über mich?", "Que sais-tu de moi ?", "Qu'est-ce que tu sais de moi ?", "¿Qué sabes de mí?"]
)
def test_the_list_is_asked_for_in_other_languages(said: str) -> None:
    assert [c.quote for c in ask_curator(with_facts("I like tea"), said).citations] == ["I like tea"]


def test_the_list_about_something_shows_only_that() -> None:
    host = with_facts("My locker code is 4411", "I like tea")
    assert [c.quote for c in ask_curator(host, "what do you remember about my locker").citations] == [
        "My locker code is 4411"
    ]
    nothing = ask_curator(host, "what do you remember about Lisbon").text
    assert "Nothing is remembered about “Lisbon”" in nothing
    assert "2 facts" in nothing


def test_an_empty_list_is_said() -> None:
    assert ask_curator(FakeHost(), "what do you remember").text == "You have not asked to remember anything."


def test_a_fact_named_word_by_word_is_forgotten_and_can_be_had_back() -> None:
    host = with_facts("I live in Berlin", "I like tea")
    forgotten = ask_curator(host, "forget that I live in Berlin").text
    assert forgotten.startswith("Forgotten: “I live in Berlin”.")
    assert texts(host) == ["I like tea"]
    assert host.questions == []
    ask_curator(host, forgotten.rsplit("write: ")[-1])
    assert texts(host) == ["I like tea", "I live in Berlin"]


@pytest.mark.parametrize("agrees", [True, False])
@pytest.mark.parametrize(
    ("said", "fact"),
    [
        ("forget the code", "The code of the garage is 4411"),
        ("forget my locker code", "My locker code is 4411"),
        ("forget Anna's dog", "Anna has no dog"),
        ("vergiss den Code", "Mein Code ist 4411"),
        ("oublie mon code", "Mon code est 4411"),
        ("olvida mi código", "Mi código es 4411"),
    ],
)
def test_a_fact_that_was_not_named_word_by_word_goes_only_after_a_yes(said: str, fact: str, agrees: bool) -> None:
    host = with_facts(fact, "I like tea", agrees=agrees)
    result = ask_curator(host, said)
    assert host.questions == [f"Forget “{fact}”?"]
    assert texts(host) == (["I like tea"] if agrees else [fact, "I like tea"])
    assert fact in result.text


GARAGE = passage("/docs/garage.pdf", 3, "The garage is six metres long and three metres wide.")


@pytest.mark.parametrize(
    "said",
    [
        "forget the code, how big is the garage?",
        "Forget the code. How big is the garage?",
        "forget the code and how big is the garage?",
        "forget the code, how big is the garage",
        "forget that, how big is the garage?",
        "forget it, how big is the garage?",
        "vergiss den Code, wie groß ist die Garage?",
        "oublie le code, quelle est la taille du garage ?",
        "olvida el código, ¿qué tamaño tiene el garaje?",
    ],
)
def test_a_question_in_the_same_breath_is_answered_and_nothing_goes_unasked(said: str) -> None:
    facts = with_facts("The code is 4411", "the garage is big", "the code").stored
    host = FakeHost(stored=facts, quotes=[quote(GARAGE, "The garage is six metres long and three metres wide.")])
    result = ask_curator(host, said)
    assert "4411" in str(texts(host))
    assert "the garage is big" in texts(host)
    assert "six metres" in result.text
    assert [c.page for c in result.citations if c.path == GARAGE.path] == [3]
    assert "gara" in host.queries[-1].lower()
    assert "ode" not in host.queries[-1]


def test_a_fact_with_a_question_in_the_same_breath_is_stored_without_it() -> None:
    host = FakeHost(found=Found.NO)
    result = ask_curator(host, "remember that my code is 4411, how big is the garage?")
    assert texts(host) == ["my code is 4411"]
    assert "Your documents do not answer “how big is the garage?”" in result.text
    ask_curator(host, "remember that what matters to me is price, when it is not size")
    assert texts(host)[-1] == "what matters to me is price, when it is not size"


@pytest.mark.parametrize(
    "said",
    [
        "do not forget that I'm vegetarian",
        "never forget that I'm vegetarian",
        "Vergiss bitte nicht, dass ich Vegetarier bin",
        "n'oublie pas que je suis végétarien",
        "no te olvides de que soy vegetariano",
    ],
)
def test_not_to_forget_is_to_remember(said: str) -> None:
    host = with_facts("I'm vegetarian", "ich bin Vegetarier", "je suis végétarien", "soy vegetariano", agrees=True)
    before = texts(host)
    ask_curator(host, said)
    assert texts(host)[: len(before)] == before


def test_an_exact_match_goes_before_similar_ones() -> None:
    host = with_facts("I live in Berlin", "I live in Berlin with Anna")
    ask_curator(host, "forget that I live in Berlin")
    assert texts(host) == ["I live in Berlin with Anna"]


def test_numbers_must_agree() -> None:
    host = with_facts("My locker code is 4411")
    assert "nothing was forgotten" in ask_curator(host, "forget that my locker code is 9999").text
    assert len(host.stored) == 1


@pytest.mark.parametrize("agrees", [True, False])
def test_several_matches_go_only_after_a_yes(agrees: bool) -> None:
    host = with_facts("My car is red", "My car was built in 2019", "I like tea", agrees=agrees)
    result = ask_curator(host, "forget about my car")
    assert "2 facts" in host.questions[0]
    assert "My car is red" in host.questions[0]
    assert len(host.stored) == (1 if agrees else 3)
    assert ("Forgotten: 2 facts." in result.text) is agrees


@pytest.mark.parametrize(
    "said", ["forget everything you remember", "forget everything", "wipe your memory", "vergiss alles"]
)
@pytest.mark.parametrize("agrees", [True, False])
def test_everything_goes_only_after_a_yes(said: str, agrees: bool) -> None:
    host = with_facts("I like tea", "I like milk", agrees=agrees)
    result = ask_curator(host, said)
    assert len(host.questions) == 1
    assert len(host.stored) == (0 if agrees else 2)
    assert ("Nothing was forgotten" in result.text) is not agrees


def test_nothing_to_forget_is_said_without_a_question() -> None:
    host = FakeHost(agrees=True)
    assert "Nothing is remembered" in ask_curator(host, "forget everything").text
    assert "Nothing that is remembered fits “Lisbon”" in ask_curator(host, "forget about Lisbon").text
    assert host.questions == []


def test_curation_lists_what_there_is_and_odd_wishes_get_the_words_to_use() -> None:
    assert ask_curator(with_facts("I like tea"), "Curate my memories from last week").citations
    assert "Nothing was changed" in ask_curator(with_facts("I like tea"), "mumble").text


@pytest.mark.parametrize(
    "text",
    [
        "remember " * 800,
        "forget " + "a " * 3000,
        "please " * 2000,
        "\n" * 3000,
        "remember that " + "x" * 9000,
        "no " * 9000,
        "a" + "\n" * 9000 + "b",
        "a" + "!" * 9000 + "b",
        "a, remember that " * 3000,
    ],
)
def test_odd_texts_are_read_quickly(text: str) -> None:
    read(text)


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("Actually the garage is 7 metres", "the garage is 7 metres"),
        ("no, the garage is 7 metres long.", "the garage is 7 metres long"),
        ("Correction: the garage has 7 metres", "the garage has 7 metres"),
    ],
)
def test_a_correction_replaces_the_fact_when_the_user_agrees_and_can_be_undone(said: str, kept: str) -> None:
    before = ("the garage is 6 metres long", "my garage code is 4411", "I like tea")
    host = with_facts(*before, agrees=True)
    result = ask_curator(host, said)
    assert texts(host) == [*before[1:], kept]
    assert host.questions == [f"Remember “{kept}” in place of this?\n- {before[0]}"]
    assert result.text == (
        f"Remembered: “{kept}”, in place of “{before[0]}”. To have that back, write: remember that {before[0]}"
    )
    ask_curator(host, "remember that the garage is 6 metres long")
    assert texts(host) == [*before[1:], before[0]]
    refused = with_facts(*before)
    assert "Nothing was changed." in ask_curator(refused, said).text
    assert texts(refused) == list(before)


def test_a_correction_of_nothing_changes_nothing_and_says_how_to_store_it() -> None:
    host = with_facts("I like tea", agrees=True)
    result = ask_curator(host, "Actually the garage is 7 metres")
    assert texts(host) == ["I like tea"]
    assert "write: remember that the garage is 7 metres" in result.text
    assert not host.questions


@pytest.mark.parametrize(
    ("known", "said", "asks"),
    [
        ("the garage is 6 metres long", "the garage is 7 metres long", True),
        ("the garage is 6 metres long", "the garage is 7 metres", True),
        ("my locker code is 4411", "my locker code is 5522", True),
        ("the garage is 6 metres long", "the garage is 3 metres wide", False),
        ("my locker code is 4411", "my bike code is 5522", False),
        ("my brother is a doctor", "my brother is in Berlin", False),
        ("I like tea", "I like coffee", False),
    ],
)
def test_another_number_of_the_same_thing_is_asked_about_when_it_is_stored(known: str, said: str, asks: bool) -> None:
    host = with_facts(known, agrees=True)
    ask_curator(host, f"Remember that {said}")
    assert texts(host) == ([said] if asks else [known, said])
    assert len(host.questions) == asks


@pytest.mark.parametrize(
    "said",
    [
        "sorry, what is my locker code",
        "actually how long is the garage",
        "No, who is Anna",
        "sorry, is my locker code 4411",
        "nein, wie ist mein Code",
        "en fait, quel est mon code",
        "en realidad, ¿cuál es mi código",
    ],
)
def test_a_question_after_actually_corrects_no_fact(said: str) -> None:
    host = with_facts("my locker code is 4411", "the garage is 6 metres long", agrees=True)
    result = ask_curator(host, said)
    assert texts(host) == ["my locker code is 4411", "the garage is 6 metres long"]
    assert not host.questions
    assert "remember that what" not in result.text


@pytest.mark.parametrize(
    ("said", "fact"),
    [
        ("Actually forget that my locker code is 4411", "my locker code is 4411"),
        ("no, forget that I live in Berlin", "I live in Berlin"),
        ("sorry, please delete that I live in Berlin", "I live in Berlin"),
        ("Nein, vergiss, dass ich in Berlin wohne", "ich in Berlin wohne"),
        ("en fait, oublie que je vis à Berlin", "je vis à Berlin"),
        ("no, olvida que vivo en Berlín", "vivo en Berlín"),
    ],
)
def test_a_wish_to_forget_after_actually_forgets(said: str, fact: str) -> None:
    host = with_facts(fact, "I like tea")
    assert ask_curator(host, said).text.startswith(f"Forgotten: “{fact}”.")
    assert texts(host) == ["I like tea"]


def test_other_wishes_after_actually_are_read_as_they_are() -> None:
    assert read("actually remember that I like tea").text == "I like tea"
    assert read("sorry, what do you remember about me?").action == "list"
    assert read("no, list my facts").action == "list"
    assert read("actually, forget everything").action == "forget_all"
    assert read("actually don't forget that I like tea").action == "store"


@pytest.mark.parametrize("said", ["Actually the garage is 6 metres long", "no, Garage is 6 metres long."])
def test_a_fact_is_not_replaced_by_itself(said: str) -> None:
    before = ("the garage is 6 metres long", "the garage is 3 metres wide")
    host = with_facts(*before, agrees=True)
    assert ask_curator(host, said).text == "That is remembered already: “the garage is 6 metres long”"
    assert texts(host) == list(before)
    assert not host.questions


def test_a_correction_names_the_fact_with_the_other_number_alone() -> None:
    host = with_facts("the garage is 6 metres long", "the garage is 3 metres wide", agrees=True)
    ask_curator(host, "Actually the garage is 7 metres long")
    assert texts(host) == ["the garage is 3 metres wide", "the garage is 7 metres long"]
    ask_curator(host, "Actually the temperature of the freezer is 18")
    ask_curator(host, "Remember that the freezer is 18 degrees")
    ask_curator(host, "Actually the freezer is -18 degrees")
    assert "the freezer is -18 degrees" in texts(host)


# ---------------------------------------------------------------- tidied by a model


@pytest.mark.parametrize(
    ("said", "tidied"),
    [
        ("um, so my locker code is uh 4411", "My locker code is 4411."),
        ("well, you know, the spare key lies under the third pot", "The spare key lies under the third pot."),
        ("mein Zähler steht äh im Keller", "Mein Zähler steht im Keller."),
        ("um, garage 7 metres long", "The garage is 7 metres long."),
        ("the door\nopens\nto the left", "The door opens to the left."),
    ],
)
def test_a_model_may_leave_out_fillers_and_add_small_words(said: str, tidied: str) -> None:
    assert says_the_same(said, tidied)
    host = FakeHost(says=[tidied])
    assert tidied in remember(host, said, model="m")
    assert [fact.text for fact in host.stored] == [tidied]


@pytest.mark.parametrize(
    ("said", "tidied"),
    [
        ("um my locker code is 4411", "My locker code is 4412."),
        ("um my locker code is 4411", "Your locker code is 4411."),
        ("well, the key is not under the pot", "The key is under the pot."),
        ("well, Anna owes Tom 20 euros", "Tom owes Anna 20 euros."),
        ("so, the rent was 900 euros", "The rent is 900 euros."),
        ("um, rent is due on 3 May", "The rent is due on 5 May."),
        ("um, call Berta on Friday", "Sure! Call Berta on Friday."),
        ("um, call Berta on Friday", "Call Berta."),
        ("um, I like salt", "I salt."),
        ("der Arzt kommt äh um 5 Uhr", "Der Arzt kommt 5 Uhr."),
        ("uh the well is dry", "The is dry."),
        ("um, call Berta on Friday", ""),
    ],
)
def test_what_changes_a_fact_is_kept_as_it_was_said(said: str, tidied: str) -> None:
    assert not says_the_same(said, tidied)
    host = FakeHost(says=[tidied])
    remember(host, said, model="m")
    assert [fact.text for fact in host.stored] == [said]


def test_a_plain_fact_and_a_model_that_fails_leave_the_words_as_they_are() -> None:
    plain_fact, failing = FakeHost(says=["never"]), FakeHost()
    remember(plain_fact, "my locker code is 4411", model="m")
    assert plain_fact.messages == []
    remember(failing, "um my locker code is 4411", model=None)
    assert [f.text for f in (*plain_fact.stored, *failing.stored)] == [
        "my locker code is 4411",
        "um my locker code is 4411",
    ]


def remember(host: FakeHost, fact: str, model: str | None) -> str:
    return ask(Curator(), host, f"remember that {fact}", kind=Kind.CURATE, role="curator", model=model).text
