"""Sentences that persona says without a model, and how it knows small talk."""

from __future__ import annotations

import re

from trayassist.api import Kind

NOTHING = "Nothing in your documents seems to be about this."
WEAK = "Only a weak match was found in your documents:"
SAYS = "Your documents say:"
REMEMBERED = "You asked to remember:"
EMPTY = (
    "Memory is empty, so there is nothing to answer from yet. Drop files or folders on the tray icon,"
    " or run `trayassist ingest PATH`, and ask again."
)
CAN_DO = (
    "I answer questions from your documents and show the page, search and summarise them, do arithmetic,"
    " and keep what you ask me to remember."
)
NO_MODEL_TALK = f"There is no language model here to chat with. {CAN_DO}"
NO_MODEL_MATHS = "Only plain arithmetic can be worked out without a language model."

NOT_YET: dict[Kind, str] = {
    Kind.TOOL: f"There is no tool for this yet, so nothing was done. {CAN_DO}",
    Kind.TASK: (
        "Tasks and reminders cannot be kept yet, so nothing was stored."
        " Write “remember that …” to keep it as a fact that you can ask for later."
    ),
    Kind.CURATE: (
        "The role curator is switched off, so nothing was stored or forgotten."
        " Switch the plugin curator on in the settings, then ask again."
    ),
}

_SMALL_TALK = re.compile(
    r"^\W{0,3}(?:(?:hi|hello|hey|hiya|howdy|yo|greetings|good (?:morning|afternoon|evening|night|day)|thanks"
    r"|thank you|thx|cheers"
    r"|bye|goodbye|see you|ok|okay|great|cool|nice|perfect|awesome|hallo|guten (?:tag|morgen|abend)|danke"
    r"|bonjour|salut|merci|hola"
    r"|gracias|buenos días|yes|no|sure|sorry|never ?mind|forget (?:about )?it|what else)\b[^?]{0,40}"
    r"|(?:(?:hi|hey|hello)[, ]{1,3})?(?:how (?:are|do|is|have) (?:you|ya|it)\b.{0,40}|how's (?:it going"
    r"|your day|life)\b.{0,20}"
    r"|wie geht(?:'s| es dir)|comment (?:ça va|vas-tu)|(?:qué tal|cómo estás)|who (?:are|made|created"
    r"|built) you\b.{0,20}"
    r"|what(?:'s| is| are) (?:your|you) (?:name|called)|are you (?:an?|real|human|alive|happy|sad|ok|there"
    r"|sentient)\b.{0,30}"
    r"|do you (?:like|love|feel|dream|sleep|eat|get bored|have (?:feelings|hobbies|pets|a name"
    r"|friends))\b.{0,40}"
    r"|tell me a (?:joke|story)\b.{0,40}|i (?:feel|am feeling|'m feeling) .{1,40}|i love you|what's up"
    r"|how old are you))\W{0,4}$",
    re.IGNORECASE,
)
_ABOUT_HELP = re.compile(
    r"^\W{0,3}(?:help(?: me)?|what (?:can|do|could) (?:you|i) (?:do|ask)\b.{0,40}|how (?:can|do) (?:you"
    r"|i) (?:help|use|work with) ?(?:me|you|this)?\b.{0,20}"
    r"|what are you (?:able to do|good (?:at|for))|was kannst du)\W{0,4}$",
    re.IGNORECASE,
)


def small_talk(text: str) -> bool:
    """Return whether the text is talk that no document can answer: greetings, thanks, "how are you"."""
    return len(text) <= 120 and _SMALL_TALK.match(text) is not None


def asks_for_help(text: str) -> bool:
    """Return whether the text asks what can be asked."""
    return len(text) <= 120 and _ABOUT_HELP.match(text) is not None
