"""What a request to the curator asks for: to store, to list or to forget. English, German, French, Spanish."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal

Action = Literal["store", "correct", "list", "forget", "forget_all", "unclear"]


@dataclass(frozen=True, slots=True)
class Wish:
    """The action and its text: the fact to store in the user's own words, or what to list or forget ("" = all).

    "correct" is a fact that stands against one that is remembered ("actually the garage is 7 metres long").
    `question` is a question that was asked in the same breath, "" when there is none.
    """

    action: Action
    text: str = ""
    question: str = ""


_WH = (
    r"what(?:'s)?|how|when|where|who|which|why|was|wie|wann|wo|wer|welche[rsmn]?|warum|comment|combien|quand|où|qui"
    r"|quel(?:le)?s?|pourquoi|qué|cuánt[oa]s?|cuándo|dónde|quién|cuál|cómo"
)
_VERB = r"is|are|was|were|do|does|did|can|could|will|would|should|has|have|much|many|ist|sind|kostet|est|sont|es|son"
_THEN = (
    r"(?P<then>\s{0,9}[.;!?]\s{1,9}|\s{0,9},\s{0,9}(?:(?:and|but|also|und|et|y)\s{1,9})?(?:then |dann |now )?"
    r"|\s{1,9}(?:and|und|et|y)\s{1,9})"
)
_QUESTION_AFTER = re.compile(  # "forget the code, how big is the garage?"
    rf"^(?P<wish>.{{3,600}}?){_THEN}(?P<question>¿?\s?(?:(?:{_WH})\b[^?\n]{{2,400}}\?"
    rf"|(?:{_VERB})\s[^?\n]{{4,400}}\?))\W*$",
    re.IGNORECASE | re.DOTALL,
)
_UNMARKED_QUESTION = re.compile(  # the same without a question mark, where the order of words shows it
    rf"^(?P<wish>.{{3,600}}?){_THEN}(?P<question>(?:{_WH})\s(?!(?:i|we|you|he|she|they|it)\b)"
    rf"(?:\w{{1,20}}\s){{0,2}}(?:{_VERB})\s[^?\n]{{2,400}})$",
    re.IGNORECASE | re.DOTALL,
)
_STATE_VERB = (
    r"\b(?:is|are|am|was|were|has|have|had|likes?|lives?|works?|knows?|needs?|wants?|takes?|prefers?|can|ist|sind|bin|hat|habe|heißt|mag|wohne"
    r"|est|sont|suis|ai|a|es|son|soy|tiene|tengo|vive|costs?|kostet|cuesta|coûte)\b"
)
_STATES = re.compile(  # a fact says something: "my code is 4411", not "to ask him"
    rf"{_STATE_VERB}|\w['’](?:s|m|re|ve)\b", re.IGNORECASE
)
_CORRECTS = re.compile(
    r"^(?:no|nope|actually|correction|sorry|nein|eigentlich|korrektur|en fait|en realidad)\b[ ,:;.!-]{1,4}(.{3,})$",
    re.IGNORECASE | re.DOTALL,
)
_WISH = re.compile(  # after "actually": a question or a wish, which is no correction
    rf"^¿?(?:{_WH}|is|are|am|was|were|do|does|did|can|could|will|would|should|has|have"
    r"|(?:(?:stop|no longer|don't|do not|never) )?(?:forget|unremember|remember(?:ing)?|memori[sz]e)|delete|remove"
    r"|erase|wipe|purge|discard|list|show|tell|recall|keep in mind|bear in mind|note that|(?:n')?oublie[sz]?|vergiss"
    r"|vergesse|lösche|entferne|merke?|behalte|notiere?|speichere?|erinnere|liste|zeige?|efface[sz]?|supprime[sz]?|souviens"
    r"|souvenez|rappelle|retiens|retenez|mémorise[sz]?|montre|olvida|borra|elimina|recuerda|acuérdate|memoriza"
    r"|apunta|anota|lista|muestra)\b",
    re.IGNORECASE,
)
_FORGET_VERB = re.compile(r"^(?:forget|delete|remove|vergiss|oublie[sz]?|olvida)\b", re.IGNORECASE)
_NOT_FORGET = re.compile(
    r"^(?:(?:please )?(?:don'?t|do not|never|you must not) (?:ever )?forget|vergiss(?: \w{1,8}){0,2} (?:nicht|nie)"
    r"|n'oublie[sz]? (?:pas|jamais)|(?:no|nunca) (?:te )?olvides)\b",
    re.IGNORECASE,
)
_POLITE = re.compile(
    r"^\W{0,3}(?:(?:please|pls|hey|ok|okay|so|also|and|fyi|btw|now|kindly|can you|could you|would you|will you"
    r"|you can|you should|i want you to|i'd like you to|i would like you to"
    r"|i need you to|help me(?: to)?|bitte|kannst du|s'il te plaît|peux-tu|por favor|puedes)[,:]?\s+){1,4}",
    re.IGNORECASE,
)
_END = re.compile(
    r"[\s,]{0,20}(?:(?:please|thanks|thank you|for me|bitte|danke|merci|gracias)\s{0,20})?$", re.IGNORECASE
)
_LOOK_ALIKE = re.compile(
    r"^(?:do you |don't you |you )?remember(?:s|ed)?\s+(?:when|who|why|where|how|what|which|if|whether"
    r"|the (?:time|day|days|good|old|first|last|\w{3,8}ties|\d{2,4}'?s))\b[^:=]{0,200}$"
    r"|^(?:i|we|he|she|they)\s+(?:\w+\s)?(?:remember|forget|forgot)|^(?:forget"
    r"|never mind)\s?(?:about )?(?:it)?[.!]?$|^remember (?!that |my |our |i |i\x27m |this\b)[^.!:=]{0,200}\?\s*$",
    re.IGNORECASE,
)
_LIST = re.compile(
    r"\bwhat(?:'s| is| do| did| have| else| facts?| things?)?\b.{0,40}\b(?:remember(?:ed)?|memori[sz]ed"
    r"|stored?|saved?|noted|know|learn(?:ed|t)|(?:in|on) (?:your )?(?:memory|file))\b"
    r"|^(?:list|show|display|read|print|tell|give|recall|see|view)\b.{0,40}\b(?:facts?|memor(?:y|ies)"
    r"|remember(?:ed)?|stored|saved|know|noted)\b|^do you (?:still )?(?:remember|know)\b|^which facts\b"
    r"|^(?:facts|memories)\b|\bwas (?:weißt|weisst|hast) du\b|\bworan erinnerst\b"
    r"|\b(?:qu'est-ce que|que) (?:tu |vous )?(?:sais|savez)\b"
    r"|\bde quoi te souviens|\bqu'as-tu (?:retenu|noté)|\bqué (?:recuerdas|sabes|has)\b",
    re.IGNORECASE,
)
_ABOUT = re.compile(
    r"\b(?:about|on|regarding|concerning|of|über|zu|sur|sobre|acerca de)\s+(?!file\b|me\W*$|us\W*$|mich\W*$"
    r"|moi\W*$|mí\W*$|myself\W*$|you\b)(.{2,200}?)\W*$|^do you (?:still )?(?:remember"
    r"|know)\s+(?!anything about me|everything)(.{2,200}?)\W*$",
    re.IGNORECASE,
)
_ALL = (
    r"(?:everything|all(?: of)?(?: the| my| your| these| those)?(?: \w{1,12})?(?: (?:facts|memories|notes"
    r"|things))?|all facts|the lot|alles|tout|todo|(?:your|my|the|all your) (?:whole |entire )?(?:memory"
    r"|memories|facts))"
    r"(?: (?:that )?(?:you|you've|you have|i|i've|we|du|tu)\b.{0,60}| about (?:me|us)| from memory"
    r"|,? was .{1,60}|,? ce que .{1,60}|,? lo que .{1,60})?"
)
_FORGET_ALL = re.compile(
    rf"^(?:forget|delete|remove|erase|wipe|clear|purge|drop|reset|empty|vergiss|lösche|oublie[sz]?|efface"
    rf"|olvida|borra)\b(?: out)?\s+{_ALL}\W*$",
    re.IGNORECASE,
)
_FORGET = re.compile(
    r"^(?:forget|unremember|stop remembering|don't remember|no longer remember|delete|remove|erase|drop"
    r"|discard|vergiss|vergesse|lösche|entferne|oublie[sz]?|efface[sz]?|supprime[sz]?|olvida|borra"
    r"|elimina)\b[,:]?\s*"
    r"(?:the (?:fact|note|memory|thing|one)s?(?: (?:that|about|on|saying))?|(?:that|about|what i (?:said"
    r"|told you)(?: about)?|what you (?:know|remember) about|anything about|everything about|all about|all"
    r"|dass|que|qu'|alles über|tout sur|todo sobre|de que)\b)?\s*(?:the fact (?:that|about) )?"
    r"(.{0,400}?)\W*$",
    re.IGNORECASE | re.DOTALL,
)
_FROM_MEMORY = re.compile(r"\s+(?:from (?:your |the |my )?memory|aus (?:dem|deinem) gedächtnis)\W*$", re.IGNORECASE)
_ANSWERED = r"(?:[,:;.!-]|\s)\s*"
_STORE = re.compile(
    rf"^(?:(?:always |do |also )?(?:remember|memori[sz]e)(?: for me)?(?: this"
    rf"| the following)?(?: fact)?(?: for (?:later|me))?|(?:keep|bear) in mind|(?:make"
    rf"|take) a (?:mental )?note(?: of)?|note(?: down)?|jot (?:this |it |that )?down|write (?:this |it "
    rf"|that )?down|commit (?:this |it |that )?to memory"
    rf"|(?:save|store|record|add|put|keep)(?: this| that| the following| it)?(?: fact| note"
    rf"| info(?:rmation)?)?(?: (?:to|in|into) (?:your |my |the |long[- ]term )?memory)?(?: for (?:me|later))?"
    rf"|(?:don'?t|do not|never) (?:ever )?forget|for future reference|for the record|learn|know"
    rf"|merke? dir|behalte?|notiere?(?: dir)?|speichere?(?: dir)?|vergiss(?: \w{{1,8}}){{0,2}} (?:nicht|nie)"
    rf"|erinnere dich(?: daran)?"
    rf"|souviens-toi|souvenez-vous|rappelle-toi|retiens|retenez|note[sz]?(?: bien)?|mémorise[sz]?|enregistre"
    rf"|n'oublie[sz]? (?:pas|jamais)"
    rf"|recuerda|acuérdate|memoriza|guarda|apunta|anota|ten en cuenta|(?:no|nunca) (?:te )?olvides)(?!\w)"
    rf"{_ANSWERED}(?:(?:that|dass|que|de que|of)(?:\s?:)?\s+|qu')?(.+)$",
    re.IGNORECASE | re.DOTALL,
)
_STORE_LATE = re.compile(
    r"^(.{3,}?)[,;.!]?\s{1,20}(?:please\s{1,20})?(?:remember|memori[sz]e|note|keep|save|store) (?:that|this"
    r"|it)(?:\s+(?:please|for me|for later|in mind))?\W{0,20}$|^(?:save|store|record|add|put"
    r"|keep)\s+(.{3,}?)\s{1,20}(?:to|in|into) (?:your |my |the |long[- ]term )?memory\W{0,20}$",
    re.IGNORECASE | re.DOTALL,
)


def read(text: str, *, sure: bool = False) -> Wish:
    """Return what the text asks for. `sure` is set when the user wrote /remember or /forget: no look-alike then.

    A look-alike ("remember the nineties?", "do you remember when …") is unclear: nothing is stored for it.
    """
    asked = " ".join(text.split()) if "\n" not in text.strip() else text.strip()
    if (wish := _with_question(asked, sure)) is not None:
        return wish
    core = _END.sub("", _POLITE.sub("", asked).strip())
    if core != asked and not core.lower().startswith(("what", "which", "do you")):
        core = core.removesuffix("?")  # "could you remember that …?" is no question
    if _NOT_FORGET.match(core):
        return _as_store(core)
    if not sure and _LOOK_ALIKE.search(core):
        return (
            _as_list(core)
            if re.match(r"^do you (?:still )?remember (?:my|our|what i|anything)\b", core, re.IGNORECASE)
            else Wish("unclear")
        )
    if found := _CORRECTS.match(core):
        if _WISH.match(_POLITE.sub("", found[1])):
            return read(found[1], sure=sure)
        if (wish := _as_correction(found[1])) is not None:
            return wish
    if _FORGET_ALL.match(core):
        return Wish("forget_all")
    if found := _FORGET.match(_FROM_MEMORY.sub("", core)):
        return Wish("forget", found[1].strip(" .!?,;:")) if _says_something(found[1]) else Wish("unclear", "forget")
    if found := _STORE_LATE.match(core):
        return Wish("store", (found[1] or found[2]).strip())
    if _LIST.search(core) and (not _STORE.match(core) or core.lower().startswith(("note what", "show"))):
        return _as_list(core)
    return _as_store(core)


def _with_question(asked: str, sure: bool) -> Wish | None:
    """Return the wish and the question of "forget the code, how big is the garage?"; None when it is one thing."""
    found = _QUESTION_AFTER.match(asked) or _UNMARKED_QUESTION.match(asked)
    if found is None:
        return None
    wish, question = read(found["wish"], sure=sure), found["question"].strip()
    if wish.action == "store":
        is_whole = found["then"].strip() in (".", ";", "!") or _STATES.search(wish.text)
        return replace(wish, question=question) if is_whole and question.endswith("?") else None
    if wish.action == "unclear":  # "forget that, how big is the garage?" names nothing to forget
        return Wish("unclear", "forget", question) if _FORGET_VERB.match(found["wish"]) else None
    return replace(wish, question=question)


def subject_and_value(fact: str) -> tuple[str, str]:
    """Return what a fact is about and what it says of it, parted at its verb; ("", fact) where there is none."""
    found = re.search(_STATE_VERB, fact, re.IGNORECASE)
    return (fact[: found.start()], fact[found.end() :]) if found else ("", fact)


def _as_correction(text: str) -> Wish | None:
    """Return what "actually, …" asks for; None where it says nothing of anything."""
    wish = _as_store(text)
    if wish.action == "store":
        return wish
    return Wish("correct", text.strip(" .")) if subject_and_value(text)[0].strip() else None


def _as_store(core: str) -> Wish:
    found = _STORE.match(core)
    if found is None or not _says_something(found[1]):
        return Wish("unclear", "store" if found else "")
    return Wish("store", found[1].strip())


def _as_list(core: str) -> Wish:
    about = _ABOUT.search(core)
    subject = (about[1] or about[2] or "") if about else ""
    return Wish(
        "list",
        "" if re.fullmatch(r"\W*(?:me|us|myself|everything|anything|all|far)\W*", subject, re.IGNORECASE) else subject,
    )


def _says_something(text: str) -> bool:
    """A fact needs a word of its own: "remember that" names none."""
    return (
        re.search(r"\w{2,}", re.sub(r"\b(?:that|this|it|these|those|das|ça|eso)\b", "", text, flags=re.IGNORECASE))
        is not None
    )
