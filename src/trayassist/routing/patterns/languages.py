"""German, French and Spanish for the closed kinds. What no pattern knows fails safe to chat."""

from __future__ import annotations

from trayassist.api import Kind
from trayassist.routing.rule import pattern

_DE_DOCS = r"(?:dokument(?:e|en|s)?|unterlagen|dateien|datei|notizen|ordner|pdfs?|akten|verträgen|gedächtnis)"
_FR_DOCS = r"(?:documents?|fichiers?|notes?|dossiers?|pdfs?|archives|papiers)"
_ES_DOCS = r"(?:documentos?|archivos?|notas?|carpetas?|pdfs?|ficheros?|papeles)"

RULES = (
    # German
    pattern(
        Kind.CURATE,
        0.9,
        "It asks to remember something.",
        r"^(?:merke? dir|behalte?(?: bitte)?(?: im kopf| in erinnerung)?,? dass|notiere? (?:dir|dass|bitte)"
        r"|speichere? (?:dir|dass|die info|diese)|erinnere dich (?:bitte )?(?:daran|dass)|vergiss nicht,? dass"
        r"|präge dir ein)",
        view="core",
    ),
    pattern(
        Kind.CURATE,
        0.86,
        "It asks what is remembered.",
        r"\bwas (?:weißt|weisst|hast) du (?:alles )?(?:über mich|dir (?:alles )?(?:gemerkt|notiert))|\bwor(?:an"
        r"|auf) erinnerst du dich\b|\bwas (?:sollst|solltest) du dir merken\b|^(?:zeig\w{0,2}"
        r"|liste) (?:mir )?(?:alle )?(?:gemerkten|gespeicherten) (?:fakten|dinge)|\bwas du dir gemerkt hast",
    ),
    pattern(
        Kind.CURATE,
        0.9,
        "It asks to forget something.",
        r"^(?:vergiss|vergesse),? (?!es\b|nicht\b|das nicht|das[.!]?$)(?:bitte )?(?:dass|alles|was|mein\w{0,2}|die"
        r"|den|das \w|unser\w{0,2}|wo)|\b(?:lösche|entferne)\b.{0,40}\baus (?:dem|deinem) gedächtnis",
    ),
    pattern(
        Kind.SUMMARISE,
        0.88,
        "It asks for a summary.",
        r"\bfass\w{0,2}\b.{0,80}\bzusammen\b|\b(?:zusammenfassung|überblick|kurzfassung) (?:von|vom|des|der|über"
        r"|zu)\b|\bzusammenfassen\b",
    ),
    pattern(
        Kind.SEARCH,
        0.88,
        "It asks to search memory.",
        rf"^(?:such\w{{0,2}}|durchsuch\w{{0,2}}|finde?|schau\w{{0,2}})\b.{{0,80}}\b(?:mein\w{{0,2}}|den|alle\w?"
        rf"|unser\w{{0,2}}) {_DE_DOCS}\b|^(?:such\w{{0,2}}|finde?)\b.{{0,40}}\b{_DE_DOCS} (?:über|zu|zum|zur|mit"
        rf"|nach|von)\b|^(?:in )?welche[mnrs]? (?:dokument\w{{0,2}}|datei\w{{0,2}}|pdf|seite)|^wo (?:habe"
        rf"|hab) ich\b.{{0,60}}\b(?:gelesen|gesehen|gespeichert|notiert)",
    ),
    pattern(
        Kind.TOOL,
        0.88,
        "It asks for a timer.",
        r"^(?:stell\w{0,2}|starte?|setz\w{0,2}|mach\w{0,2}|brauche|ich brauche)\b.{0,40}\b(?:timer|wecker|stoppuhr"
        r"|countdown|eieruhr)\b|^(?:timer|wecker) (?:auf|für|in|um)\b|\bweck mich\b",
    ),
    pattern(
        Kind.TOOL,
        0.86,
        "It asks for the time or the date.",
        r"^(?:wie ?viel uhr|wie spät) ist es\b|^welche[rns]? (?:tag|datum|wochentag) (?:ist|haben wir)|^wie spät\b",
    ),
    pattern(
        Kind.TASK,
        0.9,
        "It asks for a reminder.",
        r"\berinner\w{0,2} mich (?:daran|an|um|morgen|heute|in|am|bitte|später|jeden)\b|^(?:neue|erstelle|füge"
        r"|leg\w{0,2}|setz\w{0,2}|schreib\w{0,2})\b.{0,80}\b(?:aufgabe|erinnerung|to-?do|aufgabenliste"
        r"|einkaufsliste|(?:meine|die|der|meiner) liste)\b|^vergiss nicht,? .{1,60} zu \w",
    ),
    # French
    pattern(
        Kind.CURATE,
        0.9,
        "It asks to remember something.",
        r"^(?:souviens-toi|rappelle-toi|souvenez-vous|retiens|retenez|mémorise[sz]?|note[sz]?(?: bien)?"
        r"|garde en mémoire|enregistre)(?: bien)? (?:que|qu'|de ce|ceci|mon|ma|mes)",
    ),
    pattern(
        Kind.CURATE,
        0.86,
        "It asks what is remembered.",
        r"\bque (?:sais-tu|savez-vous) (?:de|sur) (?:moi|mon|ma|mes)\b|\bde quoi te souviens-tu\b"
        r"|\bqu'as-tu (?:retenu|mémorisé|noté)\b|^(?:liste|montre)(?:-moi)? (?:tous )?(?:les|mes) (?:faits"
        r"|souvenirs)|\bce que tu (?:sais de moi|as retenu)",
    ),
    pattern(
        Kind.CURATE,
        0.9,
        "It asks to forget something.",
        r"^oublie[sz]? (?!ça\b|cela\b|pas\b)(?:que|qu'|tout|ce que|mon|ma|mes|le |la |les |notre|où)|\b(?:efface"
        r"|supprime)[sz]?\b.{0,40}\bde (?:ta|la|votre) mémoire",
    ),
    pattern(
        Kind.SUMMARISE,
        0.88,
        "It asks for a summary.",
        r"^(?:résume[sz]?|résumer|fais|faites|donne|donnez|écris)(?:-moi| moi)?\b(?:.{0,30}\b(?:résumé|synthèse)\b"
        r"|(?<=résume) |(?<=résumez) |(?<=résumer) |(?<=-moi) (?:le|la|les|ce|cette|mon|ma|mes) (?!temps))"
        r"|\brésumé (?:de|du|des)\b|^résume",
    ),
    pattern(
        Kind.SEARCH,
        0.88,
        "It asks to search memory.",
        rf"^(?:cherche[rsz]?|recherche[rsz]?|trouve[rsz]?|fouille)\b.{{0,80}}\b(?:mes|les|nos|tous) {_FR_DOCS}\b"
        rf"|^(?:cherche|trouve)[rsz]?(?:-moi)?\b.{{0,40}}\b{_FR_DOCS} (?:sur|qui|à propos|avec|concernant)\b"
        rf"|^dans quels? {_FR_DOCS}|^où (?:ai-je|est-ce que j'ai|j'ai)\b.{{0,40}}\b(?:lu|vu|noté|enregistré)",
    ),
    pattern(
        Kind.TOOL,
        0.88,
        "It asks for a timer.",
        r"^(?:mets|mettez|lance[sz]?|règle[sz]?|démarre[sz]?|programme[sz]?)\b.{0,40}\b(?:minuteurs?|minuterie"
        r"|timer|réveil|alarme|chronomètre|compte à rebours)\b|^(?:minuteur|réveil|alarme) (?:de|à|pour)\b"
        r"|\bréveille-moi\b",
    ),
    pattern(
        Kind.TOOL,
        0.86,
        "It asks for the time or the date.",
        r"^quelle heure (?:est-il|il est)|^il est quelle heure|^quel jour (?:sommes-nous|est-on|on est)"
        r"|^quelle est la date",
    ),
    pattern(
        Kind.TASK,
        0.9,
        "It asks for a reminder.",
        r"\brappelle(?:z)?-(?:moi|nous) (?:de|d'|que|qu'|à|demain|dans|ce soir)|^(?:ajoute|mets|crée|créer"
        r"|nouvelle)[sz]?\b.{0,80}\b(?:tâche|rappel|(?:ma|la|à ma) liste(?: de courses| de tâches)?)\b"
        r"|^n'oublie pas de \w",
    ),
    # Spanish
    pattern(
        Kind.CURATE,
        0.9,
        "It asks to remember something.",
        r"^(?:recuerda|acuérdate(?: de)?|memoriza|guarda|apunta|anota|ten en cuenta|no olvides) (?:que|esto"
        r"|lo siguiente|mi |mis |de que)",
    ),
    pattern(
        Kind.CURATE,
        0.86,
        "It asks what is remembered.",
        r"\bqué (?:recuerdas|sabes|has (?:guardado|memorizado)) (?:de|sobre) (?:mí|mi|mis)\b|^¿?qué recuerdas\b"
        r"|\bqué te (?:pedí|dije) que (?:recordaras|guardaras)|^(?:muestra|lista|muéstrame) (?:todos )?(?:los"
        r"|mis) (?:hechos|recuerdos)",
    ),
    pattern(
        Kind.CURATE,
        0.9,
        "It asks to forget something.",
        r"^olvida (?!eso\b|lo\b$)(?:que|todo|lo que|mi |mis |el |la |los |las |dónde)|\b(?:borra"
        r"|elimina)\b.{0,40}\bde (?:tu|la) memoria",
    ),
    pattern(
        Kind.SUMMARISE,
        0.88,
        "It asks for a summary.",
        r"^(?:resume|resúmeme|resumir|resumid|resuma) (?:el|la|los|las|este|esta|esto|estos|mi|mis|en|lo|al)?\b"
        r"|\bresumen (?:de|del|sobre)\b|^(?:haz|hazme|dame|escribe)\b.{0,20}\b(?:resumen|síntesis)\b",
    ),
    pattern(
        Kind.SEARCH,
        0.88,
        "It asks to search memory.",
        rf"^(?:busca(?:r|me)?|encuentra|encuéntrame|localiza|revisa)\b.{{0,80}}\b(?:mis|los|nuestros"
        rf"|todos los) {_ES_DOCS}\b|^(?:busca|encuentra)\b.{{0,40}}\b{_ES_DOCS} (?:sobre|que|acerca|con)\b"
        rf"|^¿?en qué {_ES_DOCS}|^¿?dónde (?:he|leí|vi|guardé|anoté)\b",
    ),
    pattern(
        Kind.TOOL,
        0.88,
        "It asks for a timer.",
        r"^(?:pon(?:me|er)?|inicia|programa|activa|configura|crea)\b.{0,40}\b(?:temporizador|alarma|cronómetro"
        r"|despertador|cuenta atrás)\b|^(?:temporizador|alarma) (?:de|para|a)\b|\bdespiértame\b",
    ),
    pattern(
        Kind.TOOL,
        0.86,
        "It asks for the time or the date.",
        r"^¿?qué hora es|^¿?qué (?:día|fecha) es|^¿?a qué (?:día|fecha) estamos",
    ),
    pattern(
        Kind.TASK,
        0.9,
        "It asks for a reminder.",
        r"\brecuérd(?:a|e)(?:me|nos) (?:que|de|llamar|comprar|mañana|a las|en|el|la|\w{2,12}r\b)|^(?:añade|agrega"
        r"|pon|crea|crear|nueva|apunta)\b.{0,80}\b(?:tarea|recordatorio|(?:mi|la) lista(?: de la compra"
        r"| de tareas)?)\b|^no olvides \w{2,12}r\b",
    ),
)
