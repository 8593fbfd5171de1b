"""The watchdog: looks at a question, what memory gave, an answer or a command, and says how risky they are, and why."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from trayassist.api import Exchange, Risk, Verdict

from . import jailbreak, text_rules
from .commands import in_text
from .commands.engine import MAX_CHARACTERS as MAX_COMMAND
from .commands.engine import judge

EXFIL, DESTRUCTIVE, PROBE, POLICY, ANOMALY = (
    "possible_data_exfil",
    "destructive_command",
    "jailbreak_probe",
    "out_of_policy",
    "agent_anomaly",
)
SECRET, PERSONAL = "secret", "personal_data"
TAGS = (EXFIL, DESTRUCTIVE, PROBE, POLICY, ANOMALY, SECRET, PERSONAL)
MAX_CHARACTERS = 200_000  # of one part; a longer one counts as UNCHECKED
MAX_SPANS = 8
SPAN = 80
PLACES = {"request": "the question", "context": "a document", "answer": "the answer", "command": "the command"}

_SENDS = re.compile(
    r"(?i)\b(?:send|post|upload|forward|publish|share|e-?mail|tweet|paste|submit|put)\b[^.\n]{0,80}?\b(?:to|on|at|"
    r"into|online|with)\b|https?://"
)
_SCORES = {Risk.LOW: 0.2, Risk.MEDIUM: 0.6, Risk.UNCHECKED: 0.5, Risk.HIGH: 0.95}
Redact = Callable[[str], tuple[str, tuple[str, ...]]]


@dataclass(frozen=True, slots=True)
class RiskFinding:
    """One thing that was found: its tags, how grave it is, the words that show it, and a sentence about it."""

    risk: Risk
    tags: tuple[str, ...]
    span: str
    reason: str
    score: float = 0.0


class Watchdog:
    """Inspects by rules alone: no model, no network, no state. `redact` masks secrets in what it reports."""

    name = "watchdog"

    def __init__(self, redact: Redact) -> None:
        self._redact = redact

    def inspect(self, exchange: Exchange) -> Verdict:
        """Return the verdict on the parts that are there. `blocks` is set for a command of high risk only."""
        findings: list[RiskFinding] = []
        commands = [] if exchange.command is None else self._command(exchange.command)
        findings += commands
        if exchange.request is not None and exchange.request.text:
            findings += self._request(exchange.request.text[:MAX_CHARACTERS])
        for passage in exchange.passages:
            findings += self._passage(passage.text[:MAX_CHARACTERS])
        if exchange.answer:
            findings += self._answer(exchange.answer[:MAX_CHARACTERS])
        findings += _unread(exchange)
        return self._verdict(findings, blocks=any(finding.risk is Risk.HIGH for finding in commands))

    # ------------------------------------------------------------ parts

    def _command(self, text: str) -> list[RiskFinding]:
        found = [RiskFinding(d.risk, (d.tag,), d.text, f"The command {d.why}.") for d in judge(text)]
        return found + list(self._secrets(text, "command"))

    def _request(self, text: str) -> Iterator[RiskFinding]:
        yield from _commands(text, "request")
        yield from self._secrets(text, "request")
        yield from _personal(text, "request")
        yield from _probe(text, "request")
        if span := text_rules.out_of_policy(text):
            yield RiskFinding(Risk.MEDIUM, (POLICY,), span, "The question asks for malware, weapons or fraud.")
        if span := text_rules.switches_off(text):
            yield RiskFinding(Risk.MEDIUM, (POLICY,), span, "The question asks to switch off what keeps you safe.")
        for span in text_rules.orders(text):
            yield RiskFinding(Risk.MEDIUM, (EXFIL,), span, "The question asks to send private data somewhere.")

    def _passage(self, text: str) -> Iterator[RiskFinding]:
        yield from _commands(text, "context", at_most=Risk.MEDIUM)
        yield from self._secrets(text, "context")
        yield from _personal(text, "context")
        yield from _probe(text, "context")
        for span in text_rules.orders(text):
            yield RiskFinding(
                Risk.MEDIUM, (EXFIL, PROBE), span, "A document tells its reader to send private data somewhere."
            )
        for span in text_rules.carriers(text):
            yield RiskFinding(
                Risk.MEDIUM, (EXFIL,), span, "A document holds a picture or link that can carry data away."
            )
        if span := jailbreak.order(text):
            yield RiskFinding(Risk.MEDIUM, (PROBE,), span, "A document gives orders to the assistant that reads it.")
        if span := text_rules.switches_off(text):
            yield RiskFinding(Risk.MEDIUM, (PROBE,), span, "A document asks to switch off what keeps you safe.")

    def _answer(self, text: str) -> Iterator[RiskFinding]:
        yield from _commands(text, "answer")
        yield from self._secrets(text, "answer")
        yield from _personal(text, "answer")
        for span in text_rules.carriers(text):
            yield RiskFinding(
                Risk.MEDIUM, (EXFIL,), span, "The answer holds a picture or link that can carry data away."
            )
        span, reason = text_rules.anomaly(text)
        if reason:
            yield RiskFinding(Risk.MEDIUM, (ANOMALY,), span, reason)

    def _secrets(self, text: str, part: str) -> Iterator[RiskFinding]:
        """Yield one finding for all secrets of a part: high when the same text also wants it sent somewhere."""
        masked, kinds = self._redact(text)
        if not kinds:
            return
        risk = Risk.HIGH if part in {"request", "command"} and _SENDS.search(masked) else Risk.MEDIUM
        one, names = len(kinds) == 1, ", ".join(kinds)
        if risk is Risk.HIGH:
            reason = (
                f"A secret in {PLACES[part]} is to be sent somewhere ({names})."
                if one
                else f"Secrets in {PLACES[part]} are to be sent somewhere ({names})."
            )
        else:
            reason = (
                f"There is a secret in {PLACES[part]} ({names})."
                if one
                else f"There are secrets in {PLACES[part]} ({names})."
            )
        for kind in kinds:
            yield RiskFinding(risk, (SECRET, EXFIL), f"[secret: {kind}]", reason)

    # ------------------------------------------------------------ verdict

    def _verdict(self, findings: list[RiskFinding], *, blocks: bool) -> Verdict:
        if not findings:
            return Verdict(risk=Risk.LOW, reason="", source="rules")
        worst = max(findings, key=lambda finding: (finding.risk, _score(finding)))
        ordered = sorted(findings, key=lambda finding: -finding.risk)
        spans = dict.fromkeys(
            self._redact(" ".join(finding.span.split()))[0][:SPAN] for finding in ordered if finding.span
        )
        tags = {tag for finding in findings for tag in finding.tags}
        return Verdict(
            risk=worst.risk,
            score=round(max(_score(finding) for finding in findings), 3),
            tags=tuple(tag for tag in TAGS if tag in tags),
            matched=tuple(spans)[:MAX_SPANS],
            reason=worst.reason,
            source="rules",
            blocks=blocks,
        )


def _unread(exchange: Exchange) -> Iterator[RiskFinding]:
    """Yield UNCHECKED for a part that is longer than what is looked at: unread is not safe (F-18)."""
    parts = {
        "command": (exchange.command or "", MAX_COMMAND),
        "request": (exchange.request.text if exchange.request else "", MAX_CHARACTERS),
        "answer": (exchange.answer or "", MAX_CHARACTERS),
        "context": (max((passage.text for passage in exchange.passages), key=len, default=""), MAX_CHARACTERS),
    }
    for part, (text, limit) in parts.items():
        if len(text) > limit:
            yield RiskFinding(
                Risk.UNCHECKED,
                (),
                "",
                f"{len(text):,} characters in {PLACES[part]} are too many to be checked as a whole.",
            )


def _score(finding: RiskFinding) -> float:
    return finding.score or _SCORES[finding.risk]


def _commands(text: str, part: str, at_most: Risk = Risk.HIGH) -> Iterator[RiskFinding]:
    for danger in in_text.dangers(text):
        yield RiskFinding(
            min(danger.risk, at_most), (danger.tag,), danger.text, f"In {PLACES[part]}, a command {danger.why}."
        )


def _personal(text: str, part: str) -> Iterator[RiskFinding]:
    """Yield personal data: card and social security numbers count, an e-mail address alone does not."""
    for one in text_rules.find_personal(text):
        if one.kind in {"ip", "domain"}:
            continue
        grave = one.kind in {"card", "ssn"} and part != "context"
        word = {
            "card": "card number",
            "ssn": "social security number",
            "iban": "bank account",
            "phone": "phone number",
        }.get(one.kind, "e-mail address")
        shown = text[one.start : one.end] if one.kind == "email" else f"[{word}]"
        yield RiskFinding(
            Risk.MEDIUM if grave else Risk.LOW,
            (PERSONAL,),
            shown,
            f"There is personal data in {PLACES[part]} ({word}).",
        )


def _probe(text: str, part: str) -> Iterator[RiskFinding]:
    found = jailbreak.features(text)
    likely = jailbreak.probability(found)
    if part == "context" and jailbreak.ADDRESSING.isdisjoint(found):
        return  # a document may speak of rules, weapons and crimes without meaning us
    if likely >= jailbreak.THRESHOLD:
        who = (
            "The question tries to talk the assistant out of its rules."
            if part == "request"
            else "A document speaks to the assistant as if it were you."
        )
        strongest = max(found, key=lambda name: jailbreak.WEIGHTS[name])
        yield RiskFinding(Risk.MEDIUM, (PROBE,), found[strongest], who, score=round(0.4 + 0.39 * likely, 3))
