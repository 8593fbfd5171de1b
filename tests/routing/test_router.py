"""The router: the user's word first, then what was dropped, claims, rules, the conversation, and chat for the rest."""

import importlib.util
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.conftest import DATA
from trayassist.api import Answer, Host, Kind, NotAllowed, Request, Role, Route, TrayassistError, Turn
from trayassist.routing.router import COMMANDS, STAGES, Router
from trayassist.routing.stages import Decision, RoutingContext
from trayassist.routing.text import RequestText
from trayassist_coder.role import Coder
from trayassist_curator.role import Curator
from trayassist_persona.role import Persona

ROOT = Path(__file__).resolve().parents[2]
SENTENCES = Path(__file__).with_name("paraphrases.tsv")


class Weather:
    """Someone else's role: claims weather."""

    name = "weather"
    title = "Weather"
    examples = ("Will it rain?",)

    def __init__(self, fails: bool = False) -> None:
        self.fails = fails

    def claims(self, request: Request) -> str | None:
        if self.fails:
            raise ValueError("broken")
        return "It asks for the weather." if "weather" in request.text else None

    async def answer(self, request: Request, route: Route, host: Host) -> AsyncIterator[Answer]:
        return
        yield


def router(*more: Role, models: dict[str, str] | None = None) -> Router:
    roles: list[Role] = [Persona(), Coder(), Curator(), *more]
    return Router({role.name: role for role in roles}, (models or {}).get)


def kind(text: str) -> Kind:
    return router().decide(Request(text=text)).kind


# ---------------------------------------------------------------- what sentences mean


@pytest.mark.parametrize(
    ("text", "expected", "role"),
    [
        ("How are you feeling today?", Kind.CHAT, "persona"),
        ("Write a function to parse JSON", Kind.CODE, "coder"),
        ("Curate my memories", Kind.CURATE, "curator"),
        ("Create a task to review documentation", Kind.TASK, "persona"),
        ("check CPU usage", Kind.TOOL, "persona"),
        ("search docs for termination clauses", Kind.SEARCH, "persona"),
    ],
)
def test_s4_03_and_s3_06_07_the_first_sentences(text: str, expected: Kind, role: str) -> None:
    """S4-03, S3-05, S3-06, S3-07: kind and role, by rules, without a model call."""
    route = router().decide(Request(text=text))
    assert (route.kind, route.role, route.method, route.model_calls) == (expected, role, "rules", 0)
    assert route.reason.endswith(".")
    assert route.confidence > 0.5
    assert route.ms > 0


def test_paraphrases_of_every_kind() -> None:
    """Our own hard sentences; a share of each kind may fail, so that no rule is bent for one of them."""
    total: Counter[str] = Counter()
    right: Counter[str] = Counter()
    for line in SENTENCES.read_text(encoding="utf-8").splitlines():
        expected, text = line.split("\t")
        total[expected] += 1
        right[expected] += kind(text).value == expected
    assert sum(total.values()) > 450
    for name in Kind:
        assert right[name.value] / total[name.value] >= 0.9, (name, right, total)


@pytest.mark.parametrize(
    "text",
    [
        "remember the nineties?",
        "how do timers work",
        "forget it",
        "what is a CPU?",
        "why do people forget?",
        "explain how batteries work",
        "what makes a good summary?",
        "who invented the search engine?",
        "What does the lease say about pets?",
        "how much is the deposit in the Miller lease?",
        "my disk jockey plays on Friday",
        "the task of parenting is hard",
        "what happens when RAM is full",
        "tell me about the 7 wonders of the world",
    ],
)
def test_look_alikes_stay_chat(text: str) -> None:
    assert kind(text) is Kind.CHAT


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Merk dir, dass mein Code 4411 ist", Kind.CURATE),
        ("Vergiss es", Kind.CHAT),
        ("Fasse den Vertrag zusammen", Kind.SUMMARISE),
        ("Durchsuche meine Unterlagen nach der Kaution", Kind.SEARCH),
        ("Stell den Wecker auf 7 Uhr", Kind.TOOL),
        ("Erinnere mich an den Zahnarzt", Kind.TASK),
        ("Retiens que je suis végétarien", Kind.CURATE),
        ("résume ce document", Kind.SUMMARISE),
        ("trouve dans mes notes le code du portail", Kind.SEARCH),
        ("rappelle-moi de payer le loyer", Kind.TASK),
        ("apunta que mi hermana se llama Ana", Kind.CURATE),
        ("resume este documento", Kind.SUMMARISE),
        ("¿en qué documento está la garantía?", Kind.SEARCH),
        ("recuérdame comprar pan", Kind.TASK),
        ("Wie hoch ist die Kaution?", Kind.CHAT),
        ("Quel est le montant du loyer ?", Kind.CHAT),
        ("¿Cuánto es el depósito?", Kind.CHAT),
    ],
)
def test_german_french_and_spanish_for_the_closed_kinds(text: str, expected: Kind) -> None:
    assert kind(text) is expected


@pytest.mark.skipif(not (DATA / "routing").is_dir(), reason="evaluation data is not here")
def test_sentences_by_others_reach_their_kind_and_chat_is_not_swallowed() -> None:
    spec = importlib.util.spec_from_file_location("routing_benchmark", ROOT / "benchmarks" / "routing.py")
    assert spec is not None
    assert spec.loader is not None
    benchmark = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(benchmark)
    result = benchmark.measure(DATA)
    assert result["accuracy"]["code"] >= 0.95
    assert result["accuracy"]["math"] >= 0.9
    assert result["accuracy"]["chat"] >= 0.97
    assert (
        result["accuracy_mean"]
        > result["floor"]["keywords"]["accuracy_mean"]
        > result["floor"]["chat"]["accuracy_mean"]
    )


# ---------------------------------------------------------------- the user's word


def test_a_role_picked_in_the_window_wins() -> None:
    route = router().decide(Request(text="check CPU usage", role="coder"))
    assert (route.role, route.kind, route.method, route.confidence) == ("coder", Kind.CODE, "override", 1.0)


def test_at_role_wins_and_is_taken_out() -> None:
    route = router().decide(Request(text="@Persona summarise lease.pdf"))
    assert (route.role, route.kind, route.text, route.method) == (
        "persona",
        Kind.SUMMARISE,
        "summarise lease.pdf",
        "override",
    )
    assert router(Weather()).decide(Request(text="@weather hello")).role == "weather"


@pytest.mark.parametrize(
    "text",
    [
        "@dataclass\nclass Point:\n    x: int",
        "@media (max-width: 600px) { a { color: red } }",
        "@app.route('/')\ndef index():\n    return 1",
    ],
)
def test_code_that_begins_with_an_at_is_no_role(text: str) -> None:
    assert router().decide(Request(text=text)).method == "rules"


def test_an_unknown_role_names_the_near_one() -> None:
    with pytest.raises(TrayassistError, match=r"no role “codr”. Did you mean @coder\?"):
        router().decide(Request(text="@codr write a loop"))
    with pytest.raises(TrayassistError, match="Known roles: coder, curator, persona"):
        router().decide(Request(text="hello", role="xyzzy"))


@pytest.mark.parametrize(
    ("text", "expected", "role", "rest"),
    [
        ("/code a parser for CSV", Kind.CODE, "coder", "a parser for CSV"),
        ("/chat what is 2+2", Kind.CHAT, "persona", "what is 2+2"),
        ("/math 2+2", Kind.MATH, "persona", "2+2"),
        ("/search late fee", Kind.SEARCH, "persona", "late fee"),
        ("/REMEMBER the nineties?", Kind.CURATE, "curator", "remember the nineties?"),
        ("/forget my code", Kind.CURATE, "curator", "forget my code"),
        ("/summarise lease.pdf", Kind.SUMMARISE, "persona", "summarise lease.pdf"),
        ("/summarize", Kind.SUMMARISE, "persona", "summarise this"),
        ("/facts", Kind.CURATE, "curator", "what do you remember"),
        ("/task call Tom", Kind.TASK, "persona", "call Tom"),
        ("/code\nx = 1", Kind.CODE, "coder", "x = 1"),
    ],
)
def test_slash_commands(text: str, expected: Kind, role: str, rest: str) -> None:
    route = router().decide(Request(text=text))
    assert (route.kind, route.role, route.text, route.method) == (expected, role, rest, "slash")


def test_role_as_a_command() -> None:
    route = router().decide(Request(text="/role coder explain this"))
    assert (route.role, route.kind, route.text) == ("coder", Kind.CODE, "explain this")
    with pytest.raises(TrayassistError, match="Known roles"):
        router().decide(Request(text="/role"))


def test_an_unknown_command_names_near_ones() -> None:
    with pytest.raises(TrayassistError, match=r"no command /serach. Did you mean /search\?"):
        router().decide(Request(text="/serach x"))
    with pytest.raises(TrayassistError, match="Known commands: /ask"):
        router().decide(Request(text="/qqqq x"))


@pytest.mark.parametrize(
    "text",
    [
        "/etc/hosts what is it",
        "/tmp is full",
        "/usr is mounted read-only",
        "// a comment",
        "/* note */",
        "/^a+$/ matches what?",
        "/ what is this",
    ],
)
def test_a_path_is_no_command(text: str) -> None:
    assert router().decide(Request(text=text)).method in ("rules", "default")


@pytest.mark.parametrize("text", ["/code", "/search  ", "@coder", "/role coder", "/remember"])
def test_an_override_with_nothing_after_it_says_so(text: str) -> None:
    with pytest.raises(TrayassistError, match="Nothing was asked after"):
        router().decide(Request(text=text))


def test_every_command_has_a_word_on_what_it_does() -> None:
    assert all(command.title for command in COMMANDS.values())
    assert {command.kind for command in COMMANDS.values()} == set(Kind)


@pytest.mark.parametrize("text", ["", "   ", "\n\t"])
def test_an_empty_request_is_refused(text: str) -> None:
    with pytest.raises(TrayassistError, match="empty"):
        router().decide(Request(text=text))


# ---------------------------------------------------------------- what was dropped


@pytest.mark.parametrize(
    ("files", "text", "expected"),
    [
        (["a.py"], "what does it do?", Kind.CODE),
        (["Makefile", "x.sh"], "", Kind.CODE),
        (["lease.pdf"], "what is the late fee?", Kind.CHAT),
        (["lease.pdf"], "sum this up", Kind.SUMMARISE),
        (["lease.pdf"], "", Kind.SUMMARISE),
        (["lease.pdf", "a.py"], "compare them", Kind.CHAT),
        (["numbers.pdf"], "17 * 23", Kind.CHAT),
    ],
)
def test_dropped_files(files: list[str], text: str, expected: Kind) -> None:
    route = router().decide(Request(text=text, files=tuple(Path("/d") / name for name in files)))
    assert (route.kind, route.method) == (expected, "drop")


def test_an_override_beats_the_drop() -> None:
    route = router().decide(Request(text="/summarise", files=(Path("/d/a.py"),)))
    assert (route.kind, route.method) == (Kind.SUMMARISE, "slash")


# ---------------------------------------------------------------- claims, conversation, memory


def test_a_role_that_claims_a_request_gets_it() -> None:
    """S3-11: adding a role needs no change in the router."""
    route = router(Weather()).decide(Request(text="weather in Rome"))
    assert (route.role, route.kind, route.reason) == ("weather", Kind.CHAT, "It asks for the weather.")


def test_a_role_whose_claim_fails_costs_nothing_else() -> None:
    assert router(Weather(fails=True)).decide(Request(text="Write a function to parse JSON")).role == "coder"


def turn(role: str) -> Turn:
    return Turn(question="q", answer="a", role=role, at="2025-05-03T10:00:00+02:00")


def test_a_follow_up_of_code_stays_with_the_coder() -> None:
    request = Request(text="now make it recursive")
    assert router().decide(request, previous=turn("coder")).kind is Kind.CODE
    assert router().decide(request, previous=turn("persona")).kind is Kind.CHAT
    assert router().decide(Request(text="what is the late fee?"), previous=turn("coder")).kind is Kind.CHAT


def test_memory_decides_where_words_alone_cannot() -> None:
    """RECIPES section 2, point 5."""
    request = Request(text="find the renewal terms")
    assert router().decide(request).kind is Kind.CHAT
    assert Kind.SEARCH in router().decide(request).alternatives
    assert router().decide(request, memory_hit=0.9).kind is Kind.SEARCH
    assert router().decide(Request(text="search for pizza"), memory_hit=0.05).kind is Kind.CHAT


@pytest.mark.parametrize("text", ["set a timer for 10 minutes", "remind me to call Ann"])
def test_what_has_no_tool_can_be_answered_as_a_question_instead(text: str) -> None:
    assert Kind.CHAT in router().decide(Request(text=text)).alternatives


def test_the_default_is_chat_with_low_confidence_and_alternatives() -> None:
    route = router().decide(Request(text="schedule a call with Ann on Friday"))
    assert (route.kind, route.method) == (Kind.CHAT, "default")
    assert route.confidence < 0.5
    assert Kind.TASK in route.alternatives


# ---------------------------------------------------------------- roles, models, stages


def test_the_model_is_the_roles_own() -> None:
    models = {"coder": "big", "persona": "small"}
    assert router(models=models).decide(Request(text="Write a function to parse JSON")).model == "big"
    assert router(models=models).decide(Request(text="hello")).model == "small"
    assert router().decide(Request(text="hello")).model is None


def test_when_a_plugin_is_off_persona_steps_in_and_the_kind_stays_right() -> None:
    alone = Router({"persona": Persona()}, lambda role: None)
    route = alone.decide(Request(text="write a python function"))
    assert (route.kind, route.role) == (Kind.CODE, "persona")
    assert "switched off" in route.reason
    with pytest.raises(NotAllowed, match=r"Nothing is remembered or forgotten: the plugin curator is switched off"):
        alone.decide(Request(text="remember that I like tea"))
    with pytest.raises(TrayassistError, match="Switch “Assistant” on"):
        Router({}, lambda role: None).decide(Request(text="hello"))


@pytest.mark.parametrize(
    ("off", "request_"),
    [
        ("curator", Request(text="remember that I like tea")),
        ("curator", Request(text="/remember tea")),
        ("curator", Request(text="@curator what do you know about me?")),
        ("curator", Request(text="hello", role="curator")),
        ("coder", Request(text="write a python function")),
        ("coder", Request(text="", files=(Path("a.py"),))),
        ("persona", Request(text="hello")),
        ("persona", Request(text="/search rent")),
        ("persona", Request(text="", files=(Path("a.pdf"),))),
    ],
)
def test_a_role_that_is_off_in_the_mode_is_off_everywhere_and_that_is_said(off: str, request_: Request) -> None:
    one = Router(
        {role.name: role for role in (Persona(), Coder(), Curator())},
        lambda role: None,
        lambda role: "It is off." if role == off else "",
    )
    with pytest.raises(NotAllowed, match=r"It is off.*Choose another mode"):
        one.decide(request_)


@pytest.mark.parametrize("text", ["Will it rain?", "will it rain tomorrow", "Hey, will it rain today?"])
def test_what_is_nearly_an_example_of_another_plugins_role_goes_there(text: str) -> None:
    route = router(Weather()).decide(Request(text=text))
    assert (route.role, route.method, route.reason) == (
        "weather",
        "examples",
        "It is like “Will it rain?”, an example of the role weather.",
    )
    assert router().decide(Request(text=text)).role == "persona"


@pytest.mark.parametrize("text", ["Will you marry me?", "rain", "Write a function that says whether it will rain"])
def test_what_is_far_from_its_examples_does_not(text: str) -> None:
    assert router(Weather()).decide(Request(text=text)).role != "weather"


def test_another_stage_slots_in() -> None:
    def always_search(text: RequestText, request: Request, context: RoutingContext) -> Decision | None:
        return Decision(kind=Kind.SEARCH, confidence=0.8, method="similarity", reason="It looks like a search.")

    stages = (*STAGES[:-1], always_search, STAGES[-1])
    roles: dict[str, Role] = {"persona": Persona()}
    decide = Router(roles, lambda role: None, stages=stages).decide
    assert decide(Request(text="green ideas")).method == "similarity"
    assert decide(Request(text="/math 1+1")).method == "slash"


def test_patterns_are_compiled_when_used_or_warmed_and_not_at_import() -> None:
    script = (
        "import re, trayassist.routing.router as r\n"
        "from trayassist.routing.patterns import RULES\n"
        "made = lambda: sum('compiled' in vars(rule.find) for rule in RULES if hasattr(rule, 'find'))\n"
        "assert made() == 0\n"
        "r.Router({}, lambda role: None).warm()\n"
        "assert made() > 50\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


def test_the_same_request_is_always_routed_alike() -> None:
    routes = [router().decide(Request(text="search my notes for the code")) for _ in range(3)]
    assert len({(r.kind, r.role, r.confidence, r.reason, r.alternatives) for r in routes}) == 1


@pytest.mark.parametrize("text", ["\x00", "🙂" * 500, "a" * 200_000, "\u202e@persona", "@", "/", "?" * 2000, "\ud7ff"])
def test_odd_texts_are_routed(text: str) -> None:
    assert router().decide(Request(text=text)).role


@pytest.mark.parametrize(
    "text",
    """+31206648113|+31 (0)20 6648-1133|020/6648113|555-0172|(212) 555-0172|1-800-555-0172|978-0-306-40615-7|2021/22
    2020-2021|04/12/2021|2021-12-04|4.12.2021|4/12|24/7|9/11|what is 24/7|was ist 24/7|50/50|007/2021|10.1000/182
    12345-6789|call 020 664 811|0031 20 664811""".replace("\n", "|").split("|"),
)
def test_figures_with_signs_between_them_are_no_sums(text: str) -> None:
    assert kind(text.strip()) is not Kind.MATH


@pytest.mark.parametrize(
    "text", ["19 + 4", "144/12", "100-37", "what is 12/4", "12/4=", "2024 - 1999", "calculate 9/11"]
)
def test_sums_stay_sums(text: str) -> None:
    assert kind(text) is Kind.MATH
