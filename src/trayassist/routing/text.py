"""A request's text as the rules see it: cut to a bounded length and normalised once."""

from __future__ import annotations

import re
from dataclasses import dataclass

from trayassist.routing.typos import mended

HEAD, TAIL = 400, 200  # characters: the rules read the beginning, and the end, where long problems ask

_SPACE = re.compile(r"\s{1,600}")
_QUOTES = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "„": '"', "´": "'", "\u00a0": " "})
_LEAD_IN = re.compile(
    r"(?:"
    r"(?:hey|hi|hello|yo|fyi|btw|oh|hm{1,4}|um{1,4}|ah|quick one|quick question|one more thing|ok|okay|so|well"
    r"|please"
    r"|pls|now|alright|also|just|kindly|quickly|then|ai|computer|assistant|trayassist)"
    r"(?:[,!.:]? |[,!.:] ?)"
    r"|(?:can|could|would|will) (?:you|u)(?: please| kindly| just| maybe)?,? "
    r"|(?:i|we)(?: really| just)? (?:want|need|would like|would love)(?: for)?(?: you)? to (?=\w)"
    r"|(?:i|we)'(?:d|ll)(?: like| love| need)(?: for)?(?: you)? to (?=\w)|i wanna |i gotta "
    r"|(?:can|could|may) (?:i|we) (?:get|have) you to |help me(?: out)?(?: to| and)? |go ahead and |let's "
    r"|let us "
    r"|(?:is it|would it be) possible (?:for you )?to |are you able to |be so kind (?:as )?to |you (?:need"
    r"|have) to "
    r"|(?:see|check|look) if |assist me (?:to|in|with) |do me a favou?r and |would you mind |i'm (?:trying"
    r"|going) to |i need (?:some )?help (?:to |with )"
    r"|bitte |kannst du (?:bitte )?|könntest du (?:bitte )?|s'il te plaît,? |peux-tu |pouvez-vous "
    r"|por favor,? |puedes |podrías "
    r")"
)
_LEAD_OUT = re.compile(
    r"(?:,? (?:please|pls|thanks|thank you|thx|for me|now|right now|if you (?:can|could|would|don't mind"
    r"|please)|will you|would you"
    r"|can you|bitte|danke|s'il te plaît|merci|por favor|gracias))[ .!?]{0,4}$"
)
_ASKING = re.compile(
    r"(?:tell me|let me know|know|do you (?:happen to )?know|find out|can i ask(?: you)?"
    r"|i (?:was )?wonder(?:ing)?(?: if)?"
    r"|any idea|inform me|figure out|i must know|i need|give me|show me)(?: please)?,? "
)


@dataclass(frozen=True, slots=True)
class Text:
    """`raw` keeps case and lines; `line` is lower case on one line, slips of the hand put right.

    `core` is `line` without "could you please …".
    `whole` is the text uncut, `asked` is core without "tell me" and the like: the bare question.
    """

    whole: str
    raw: str
    line: str
    core: str
    asked: str


def prepare(text: str) -> Text:
    """Return the views of `text`. Each has at most HEAD + TAIL + 1 characters (but `whole`)."""
    whole = text.strip()
    raw = whole if len(whole) <= HEAD + TAIL else f"{whole[:HEAD]}\n{whole[-TAIL:]}"
    line = mended(_SPACE.sub(" ", raw.translate(_QUOTES)).lower().strip())
    core = _without(_LEAD_IN, _LEAD_OUT.sub("", line[:-TAIL]) + _LEAD_OUT.sub("", line[-TAIL:]), 5)
    return Text(whole, raw, line, core, _without(_LEAD_IN, _without(_ASKING, core, 2), 2))


def _without(pattern: re.Pattern[str], text: str, times: int) -> str:
    for _ in range(times):
        match = pattern.match(text)
        if match is None or match.end() >= len(text):
            break
        text = text[match.end() :].lstrip()
    return text
