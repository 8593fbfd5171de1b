"""Sentences that persona says without a model, and how it knows small talk."""

from __future__ import annotations

import re

from trayassist.api import Evidence, Kind, plain

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


NOT_SAID = {
    "en": "Your documents do not say this.",
    "de": "In den Dokumenten steht das nicht.",
    "fr": "Les documents ne le disent pas.",
    "es": "Los documentos no lo dicen.",
}
_MISSING = {"en": "{} is not there", "de": "{} steht nicht darin", "fr": "{} n’y figure pas", "es": "{} no aparece"}
_ALIKE = {
    "en": "; the nearest: {}.",
    "de": "; am nächsten: {}.",
    "fr": " ; le plus proche : {}.",
    "es": "; lo más cercano: {}.",
}


def not_said(evidence: Evidence, tongue: str) -> str:
    """Return the sentence for a question that the documents do not answer: what is missing, and what is near it."""
    if not evidence.missing:
        return NOT_SAID[tongue]
    missing = _MISSING[tongue].format(", ".join(f"“{plain(name)}”" for name in evidence.missing))
    near = _ALIKE[tongue].format(", ".join(f"“{plain(name)}”" for name in evidence.alike)) if evidence.alike else "."
    return f"{NOT_SAID[tongue]} {missing}{near}"


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


# ---- what is said around a model's answer, in the language of the question

NOT_THERE = {
    "en": "*(not in your documents)*",
    "de": "*(nicht in den Dokumenten)*",
    "fr": "*(pas dans vos documents)*",
    "es": "*(no está en sus documentos)*",
}
OWN_KNOWLEDGE = {
    "en": "*From the model’s own knowledge, not from your documents:*",
    "de": "*Aus dem Wissen des Modells, nicht aus den Dokumenten:*",
    "fr": "*D’après les connaissances du modèle, pas vos documents :*",
    "es": "*Según el conocimiento del modelo, no sus documentos:*",
}
LEFT_OUT = {
    "en": "What the model wrote is left out: your documents do not bear it out.",
    "de": "Was das Modell schrieb, ist weggelassen, weil es nicht belegt ist.",
    "fr": "La réponse du modèle est omise : vos documents ne la confirment pas.",
    "es": "La respuesta del modelo se omite: sus documentos no la confirman.",
}
NEAREST = {
    "en": "The nearest in your documents:",
    "de": "Das Nächste in den Dokumenten:",
    "fr": "Le plus proche dans vos documents :",
    "es": "Lo más próximo en sus documentos:",
}

_FUNCTION_WORDS = {  # the words that tell a language, of which no other of the four has many
    "en": "the of and to is are was were what which who when where how does did do it that this with for from by has"
    " have had been would will can many much there their they you your than not be or at an on",
    "de": "der die das und ist sind war waren was welche welcher welches wer wann wo wie warum nicht ein eine einen"
    " einem einer den dem des mit von für auf im zu zum zur bei aus nach hat haben hatte wird werden kann sich"
    " auch es sie",
    "fr": "le la les des et est sont était quel quelle quels quelles qui quand où comment combien pourquoi dans une un"
    " du au aux pour par sur avec ne pas que ce cette il elle ont été dont leur vous votre nous notre d l",
    "es": "el los las y es son era fue qué cuál cuáles quién cuándo dónde cómo cuánto cuántos cuánta por una un del al"
    " para con no que se su sus hay como más este esta lo ha han sido",
}
_TELLS = {language: frozenset(found.split()) for language, found in _FUNCTION_WORDS.items()}
EMPTY_WORDS = frozenset(word for found in _TELLS.values() for word in found) | frozenset(
    (
        "yes",
        "no",
        "ja",
        "nein",
        "oui",
        "non",
        "sí",
        "according",
        "based",
        "passage",
        "passages",
        "document",
        "documents",
        "text",
        "said",
        "says",
        "also",
        "its",
        "these",
    )
)
_LETTERS = re.compile(r"[^\W\d_]{1,20}")


def language(text: str) -> str:
    """Return en, de, fr or es by the function words of a text, or "" when they tell none."""
    found = [word.casefold() for word in _LETTERS.findall(text[:2000])]
    counts = {name: sum(word in tells for word in found) for name, tells in _TELLS.items()}
    best = max(counts, key=lambda name: counts[name])
    return best if counts[best] and list(counts.values()).count(counts[best]) == 1 else ""


_DOCUMENTS = (
    r"(?:documents?|passages?|texts?|contexts?|sources?|pages?|files?|excerpts?|quotes?|report|information|Dokumente?n?"
    r"|Unterlagen|Passagen?|Quellen?|Texte?n?|Auszügen?|textes?|extraits?|documentos?|textos?|pasajes?|fuentes?)"
)
_REFUSES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\b{_DOCUMENTS}\b.{{0,60}}\b(?:do(?:es)? not|don['’]t|doesn['’]t|did not|didn['’]t|cannot)\b",
        rf"\b(?:none|neither|nothing|no one) (?:of|in) .{{0,25}}{_DOCUMENTS}",
        r"\b(?:is|are|was|were)(?: not|n['’]t)(?: \w{1,12}){0,2} (?:mentioned|stated|specified|given|provided|found)\b",
        r"\bnot (?:mentioned|stated|specified|given|provided|found|available) (?:in|by|on|anywhere)\b",
        r"\bno (?:information|mention|answer|details?|data|figures?|indication|record)\b",
        r"\bi (?:do not|don['’]t|can(?:no|['’])t|could(?: not|n['’]t)|am unable to) (?:know|find|answer|tell|say)",
        r"\b(?:cannot|can['’]t|could not) be (?:determined|answered|found)",
        rf"\b{_DOCUMENTS}\b.{{0,60}}\b(?:nicht|keine?n?|nichts)\b",
        r"\bkeine (?:Angaben?|Informationen?|Hinweise?|Daten)\b",
        r"\bnicht (?:angegeben|erwähnt|genannt|enthalten|ersichtlich)\b",
        rf"\b{_DOCUMENTS}\b.{{0,40}}\bn(?:e |['’]).{{0,30}}\b(?:pas|aucune?|rien)\b",
        r"\baucune? (?:information|mention|indication|donnée|réponse)\b",
        rf"\b{_DOCUMENTS}\b.{{0,30}}\bno (?:dicen?|mencionan?|indican?|contienen?)\b|\bno hay (?:información|datos)\b",
    )
)


def says_not_there(sentence: str) -> bool:
    """Return whether a sentence of a model says that the documents do not say what is asked."""
    return any(pattern.search(sentence[:400]) for pattern in _REFUSES)


_OWN = re.compile(
    r"\b(?:my|our|mine|ours|mein|meine[mnrs]?|unser|unsere[mnrs]?|mon|ma|mes|notre|nos|mi|mis|nuestr[oa]s?)\s\w"
    r"|\b(?:did|do|have|had|was|am|were|must|habe|hatte|haben) (?:i|we|ich|wir)\b"
    r"|\b(?:ai-je|avons-nous|j'ai|tengo|tenemos)\b",
    re.IGNORECASE,
)
_ADVICE = re.compile(
    r"\bhow (?:do|can|could|should|to|would)\b|\bshould\b|\bwhy\b|\bcan i\b|\bwhat (?:can|could|do|if)\b"
    r"|\b(?:wie kann|soll(?:te)?|warum|kann ich|comment|dois-je|pourquoi|puis-je|cómo|debo|por qué|puedo)\b",
    re.IGNORECASE,
)
_DOCUMENT_NOUN = (
    r"(?:lease|contract|agreement|invoice|bill|receipt|manual|report|policy|statement|document|file|pdf|letter|minutes"
    r"|handbook|warranty|certificate|filing|paper|notes?|attachment|scan|spreadsheet|presentation|Vertrag|Mietvertrag"
    r"|Rechnung|Bericht|Dokument|Datei|Handbuch|Protokoll|Police|Bescheid|contrat|bail|facture|rapport|document|fichier"
    r"|manuel|contrato|factura|informe|documento|archivo)"
)
_NAMES_DOCUMENT = re.compile(
    rf"\b(?:the|this|that|these|our|my|which|der|die|das|dem|den|im|diese[mnrs]?|le|la|les|ce|cette|el|este|esta)\s"
    rf"(?:[\w-]{{1,20}}\s){{0,2}}{_DOCUMENT_NOUN}s?\b|\b[\w-]{{1,60}}\.(?:pdf|docx?|txt|md|html?|csv|xlsx?|odt|epub|png|jpe?g)\b",
    re.IGNORECASE,
)
_WRITES = re.compile(
    r"^\W{0,3}(?:(?:please|can you|could you|bitte|kannst du)[ ,]{1,2}){0,2}(?:help me (?:to )?)?(?:write|draft|compose"
    r"|rewrite|rephrase|translate|proofread|correct|improve|shorten|invent|imagine|make up|brainstorm|suggest"
    r"|schreib\w{0,3}|verfasse|übersetze\w{0,2}|formuliere|écris|rédige|traduis|escribe|redacta|traduce)\b",
    re.IGNORECASE,
)


def asks_for_writing(text: str) -> bool:
    """Return whether the text wants something written: no question that has an answer somewhere."""
    return _WRITES.match(text) is not None


def about_own_things(text: str) -> bool:
    """Return whether only the user's own documents can answer: own things, or a document that is named."""
    if asks_for_writing(text):
        return False
    return _NAMES_DOCUMENT.search(text) is not None or (_OWN.search(text) is not None and not _ADVICE.search(text))
