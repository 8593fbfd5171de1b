"""A request's text as the rules see it: cut to a bounded length, normalised once, typing errors corrected."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

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
# "Actually", "sorry" or "no" before a statement may correct what was said before. Before a question, or before a wish
# about what is remembered, it corrects nothing. "No olvida" without a comma is Spanish for "does not forget".
_SECOND_THOUGHT = re.compile(
    r"(?:no(?! (?:te )?(?:olvid|borr|elimin|recuerd|acuérd|memori[cz]|apunt|anot))|nope|actually|correction|sorry|nein"
    r"|eigentlich|korrektur|en fait|en realidad)\b[ ,:;.!-]{1,4}"
)
_WISH = re.compile(
    r"(?:what|how|when|where|who|whose|whom|which|why|is|are|am|was|were|do|does|did|can|could|will|would|should|has|have"
    r"|wie|wann|wo|wer|welche[rsmn]?|warum|comment|combien|quand|où|qui|quel(?:le)?s?|pourquoi|¿?qué|¿?cuánt[oa]s?"
    r"|¿?cuándo|¿?dónde|¿?quién|¿?cuál|¿?cómo"
    r"|(?:(?:don't|do not|never|stop|no longer|n'|no te) ?)?(?:forget|unremember|remember(?:ing)?|memori[sz]e"
    r"|oublie[sz]?|olvides)|delete|remove|erase|wipe|purge|discard|list|show|tell|recall|keep in mind|bear in mind"
    r"|note that|vergiss|vergesse|lösche|entferne|merke?|behalte|notiere?|speichere?|erinnere|liste|zeige?|efface[sz]?"
    r"|supprime[sz]?|souviens|souvenez|rappelle|retiens|retenez|mémorise[sz]?|montre|olvida|borra|elimina|recuerda"
    r"|acuérdate|memoriza|apunta|anota|lista|muestra)\b"
)
_ASKING = re.compile(
    r"(?:tell me|let me know|know|do you (?:happen to )?know|find out|can i ask(?: you)?"
    r"|i (?:was )?wonder(?:ing)?(?: if)?"
    r"|any idea|inform me|figure out|i must know|i need|give me|show me)(?: please)?,? "
)


@dataclass(frozen=True, slots=True)
class RequestText:
    """`raw` keeps case and lines; `line` is lower case on one line, typing errors corrected.

    Neither has "actually", "sorry" or "no" before a question or "forget …". `core` is `line` without "could you
    please …".
    `whole` is the text uncut, `asked` is core without "tell me" and the like: the bare question.
    """

    whole: str
    raw: str
    line: str
    core: str
    asked: str


def prepare(text: str) -> RequestText:
    """Return the views of `text`. Each has at most HEAD + TAIL + 1 characters (but `whole`)."""
    whole = text.strip()
    raw = whole if len(whole) <= HEAD + TAIL else f"{whole[:HEAD]}\n{whole[-TAIL:]}"
    line = _without_second_thought(correct_typos(_SPACE.sub(" ", raw.translate(_QUOTES)).lower().strip()))
    core = _without(_LEAD_IN, _LEAD_OUT.sub("", line[:-TAIL]) + _LEAD_OUT.sub("", line[-TAIL:]), 5)
    core = _without_second_thought(core)
    return RequestText(whole, raw, line, core, _without(_LEAD_IN, _without(_ASKING, core, 2), 2))


def _without(pattern: re.Pattern[str], text: str, times: int) -> str:
    for _ in range(times):
        match = pattern.match(text)
        if match is None or match.end() >= len(text):
            break
        text = text[match.end() :].lstrip()
    return text


def _without_second_thought(line: str) -> str:
    """Return the question or the wish after "actually", "sorry" or "no"; `line` as it is where neither follows."""
    match = _SECOND_THOUGHT.match(line)
    if match is None:
        return line
    rest = line[match.end() :]
    return rest if _WISH.match(_without(_ASKING, _without(_LEAD_IN, rest, 3), 1)) else line


# Typing errors are corrected in the few words that decide a route: "serach", "fucntion", "summerise", "rember".
_DECIDING_WORDS = (
    "average battery calculate calculator clipboard convert derivative document documents equation forget function "
    "integral javascript notes percent probability python query remember remind reminder script search settings "
    "shopping solve summarise summarize summary timer translate typescript"
)
_DECIDING = _DECIDING_WORDS.split()
_BY_LETTER = {letter: [word for word in _DECIDING if word[0] == letter] for letter in {word[0] for word in _DECIDING}}
_ORDINARY_WORDS = (  # words of their own that are one typing error away from a deciding one
    "remained remainder reminded reminds remaining summed scripts scripted scrip timers timed times tamer timber "
    "time trimer solves solved salve slove converts converse convent convect concert coverts notices noted nodes "
    "notis queried quarry queer forgets forgot forger forged foget quote sumup member summery juncture junction "
    "fraction factions faction function's starch stretch setting sittings percents persent percept present "
    "integrals interval shipping chopping shoppings stopping remembers remembered searches searched reach "
    "bakery buttery averages averaged render renders sopping calcular calculer"
)
_ORDINARY = frozenset(_ORDINARY_WORDS.split())
_WORD = re.compile(r"\b[a-z]{5,13}\b")
_LONG = 8  # letters; a longer word may lack two of them


def correct_typos(line: str) -> str:
    """Return the lower-case line with typing errors in deciding words corrected."""
    return _WORD.sub(lambda word: _correct_word(word[0]), line)


@lru_cache(maxsize=4096)
def _correct_word(word: str) -> str:
    if word in _ORDINARY:
        return word
    for meant in _BY_LETTER.get(word[0], ()):
        if word.startswith(meant):
            return word
    return next((meant for meant in _BY_LETTER.get(word[0], ()) if _is_slip(word, meant)), word)


def _is_slip(word: str, meant: str) -> bool:
    """Return whether `word` is `meant` with two letters swapped, one too many or wrong, or some left out."""
    shorter = len(meant) - len(word)
    if shorter == 0:
        wrong = [at for at, (a, b) in enumerate(zip(word, meant, strict=True)) if a != b]
        swapped = len(wrong) == 2 and wrong[1] == wrong[0] + 1
        if swapped and (word[wrong[0]], word[wrong[1]]) == (meant[wrong[1]], meant[wrong[0]]):
            return True
        return len(wrong) == 1 and len(meant) > 6 and wrong[0] < len(meant) - 1
    if shorter == -1:
        return word[-1] == meant[-1] and _within(meant, word)
    return 0 < shorter <= (2 if len(meant) >= _LONG else 1) and word[-1] == meant[-1] and _within(word, meant)


def _within(short: str, long: str) -> bool:
    """Return whether the letters of `short` stand in `long` in this order."""
    letters = iter(long)
    return all(letter in letters for letter in short)
