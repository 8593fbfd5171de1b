"""Sentences that persona says without a model, and how it knows small talk."""

from __future__ import annotations

import re

from trayassist.api import Kind

NOTHING = "Nothing in your documents seems to be about this."
EMPTY = (
    "Memory is empty, so there is nothing to answer from yet. Drop files or folders on the tray icon,"
    " or run `trayassist ingest PATH`, and ask again."
)
CAN_DO = (
    "I answer questions from your documents and show the page, search and summarise them, do arithmetic,"
    " and keep what you ask me to remember."
)
NO_CHAT = "There is no language model here to chat with."
NO_MODEL_MATHS = "Only plain arithmetic can be worked out without a language model."

NOT_YET: dict[Kind, str] = {
    Kind.TOOL: "There is no tool for this yet, so nothing was done.",
    Kind.TASK: "Tasks and reminders cannot be kept yet, so nothing was stored, and nothing will remind you.",
}

_AFTER = (  # what may follow a greeting; anything else is a question of its own
    r"(?:[,!. ]{1,3}(?:there|again|all|everyone|everybody|trayassist|assistant|friend|my|dear|buddy|mate|a lot"
    r"|lot|so|very|much"
    r"|a million|you|to|too|then|now|later|soon|tomorrow|today|for (?:that|this|everything|your help|the help"
    r"|helping|nothing)"
    r"|that(?:'s| was| is)?|this|helped|helpful|great|good|fine|enough|all|it|clear|perfect|understood|got"
    r"|i see|welcome|and)){0,7}"
)
_HOW = (
    r"(?:[,! ]{1,3}(?:doing|feeling|going|today|tonight|this (?:morning|evening|afternoon)|now|right now"
    r"|really|these days"
    r"|my friend|so far|been|all right|alright|day|evening)){0,5}"
)
_SMALL_TALK = re.compile(
    r"^\W{0,3}(?:"
    r"(?:hi|hello|hey|hiya|howdy|yo|greetings|good (?:morning|afternoon|evening|night|day)|thanks?|thank you"
    r"|thx|cheers|bye"
    r"|goodbye|see you|ok|okay|great|cool|nice|perfect|awesome|hallo|guten (?:tag|morgen|abend)|danke|bonjour"
    r"|salut|merci|hola"
    rf"|gracias|buenos días|yes|no|sure|sorry|never ?mind|forget it|forget about it|lol|haha){_AFTER}"
    rf"|(?:(?:hi|hey|hello)(?: there)?[,! ]{{1,3}})?(?:how (?:are|do|have) (?:you|ya)(?: do)?|how is it going"
    rf"|how's it going"
    rf"|how(?:'s| is| was) (?:your|the) (?:day|evening|life|week|weekend)|what's up|how do you feel){_HOW}"
    r"|wie geht(?:'s| es dir)|(?:comment )?(?:ça va|vas-tu)|qué tal|cómo estás|who (?:are|made|created"
    r"|built) you"
    r"|what(?:'s| is) your name|are you (?:an? )?(?:real|human|person|robot|bot|machine|ai|alive|happy|sad|ok"
    r"|okay|there|sentient)"
    r"|do you (?:ever )?(?:dream|sleep|eat|get bored|have (?:feelings|hobbies|pets|a name|friends)|love me"
    r"|like me)"
    r"|tell me (?:a|another) (?:good |bad |dad )?joke|i (?:feel|am feeling|'m feeling|am) (?:\w{1,12} ){0,3}"
    r"(?:sad|down|tired|happy|bored|lonely|great|fine|good|bad|sick)(?: today| now)?|i love you"
    r"|how old are you"
    r")\W{0,4}$",
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


_REPLIES = tuple(  # what talk begins with -> the reply to it, and whether to say what can be asked instead
    (re.compile(rf"^\W{{0,3}}(?:{pattern})\b", re.IGNORECASE), reply, offers)
    for pattern, reply, offers in (
        (r"thanks?|thank you|thx|cheers|danke|merci|gracias", "You’re welcome.", False),
        (r"bye|goodbye|see you|good night", "Goodbye.", False),
        (r"ok|okay|great|cool|nice|perfect|awesome|yes|no|sure|sorry|never ?mind|forget it|forget about it|lol|haha",
         "All right.", False),
        (r"who (?:are|made|created|built)|what(?:'s| is) your name|are you",
         "I am trayassist, a program on this computer that answers from your own documents.", True),
        (r"hi|hello|hey|hiya|howdy|yo|greetings|good \w{3,10}", "Hello.", True),
        (r"hallo|guten", "Hallo.", True),
        (r"bonjour|salut", "Bonjour.", True),
        (r"hola|buenos", "Hola.", True),
    )
)  # fmt: skip


def reply_to_talk(text: str) -> str:
    """Return the answer to small talk where no language model can chat."""
    for pattern, reply, offers in _REPLIES:
        if pattern.match(text):
            return f"{reply} {NO_CHAT} {CAN_DO}" if offers else reply
    return f"{NO_CHAT} {CAN_DO}"


DELETES = (
    "Nothing was deleted: files are never deleted from here. To have a document forgotten, open Memory from the tray"
    " icon, or run `trayassist memory forget PATH`. The file itself stays where it is."
)
_FILE_NAME = r"[\w-]{1,80}\.(?:pdf|docx?|txt|md|html?|png|jpe?g|csv|json|odt|epub)"
_DELETES = re.compile(
    r"^\W{0,3}(?:(?:please|can you|could you|bitte|kannst du) ){0,2}(?:delete|remove|erase|forget|drop|unload|lösche"
    r"|entferne|vergiss|supprime|efface|oublie|borra|elimina|olvida)\s(?:\w{1,12}\s){0,3}?"
    rf"(?:(?:file|document|pdf|folder|datei|dokument|ordner|fichier|archivo|documento|carpeta)s?\b|{_FILE_NAME})"
    r"[^?\n]{0,120}$",
    re.IGNORECASE,
)


def asks_to_delete_a_file(text: str) -> bool:
    """Return whether the text wants a file or document deleted or forgotten."""
    return len(text) <= 200 and _DELETES.match(text) is not None


def asks_for_help(text: str) -> bool:
    """Return whether the text asks what can be asked."""
    return len(text) <= 120 and _ABOUT_HELP.match(text) is not None
