"""German, French and Spanish for the closed kinds. What no pattern knows fails safe to chat."""

from __future__ import annotations

from trayassist.api import Kind
from trayassist.routing.patterns.code import LANGUAGE
from trayassist.routing.patterns.maths import NOT_A_SUM, NUMBER
from trayassist.routing.stages import LIKELY, pattern

_DE_DOCS = r"(?:dokument(?:e|en|s)?|unterlagen|dateien|datei|notizen|ordner|pdfs?|akten|verträgen|gedächtnis)"
_FR_DOCS = r"(?:documents?|fichiers?|notes?|dossiers?|pdfs?|archives|papiers)"
_ES_DOCS = r"(?:documentos?|archivos?|notas?|carpetas?|pdfs?|ficheros?|papeles)"

_MAKE = (
    r"(?:schreib\w{0,3}|erstell\w{0,3}|programmier\w{0,3}|implementier\w{0,3}|entwickl\w{0,3}|mach\w{0,3}|bau\w{0,3}"
    r"|zeig\w{0,2}|korrigier\w{0,3}|verbesser\w{0,3}|écri\w{1,4}|crée[rsz]?|génère[rsz]?"
    r"|programme[rsz]?|développe[rsz]?"
    r"|corrige[rsz]?|optimise[rsz]?|escrib\w{1,4}|crea[rsd]?|genera[rd]?|programa[rd]?|haz(?:me)?"
    r"|corrige|optimiza[rd]?)"
)
_THING = (
    r"(?:(?:[a-z+#]{1,12}-)?(?:funktion|skript|script|programm|klasse|methode|abfrage|algorithmus|code"
    r"|schleife)(?:en|s|e|n)?"
    r"|fonctions?|scripts?|programmes?|classes?|requêtes?|algorithmes?|boucles?|funci[oó]n(?:es)?|programas?|clases?"
    r"|consultas? sql|algoritmos?|bucles?|regex|code|código)"
)
_DOC = (
    r"(?:(?:miet|arbeits|kauf|leih)?vertrag|(?:miet|arbeits)?vertrags|handbuch|bericht|rechnung(?:en)?"
    r"|bescheid|brief|police"
    r"|anleitung|protokoll|gutachten|unterlagen|dokument(?:e|en)?|dateien|notizen|manuel|contrat|facture|rapport|bail"
    r"|police|notice|documents?|fichiers?|notes|contrato|factura|informe|manual|póliza|documentos|archivos|notas)"
)
_MY = (
    r"(?:mein\w{0,2}|unser\w{0,2}|de[mnr]|das|die|mon|ma|mes|notre|nos|le|la|les|du|l'|mi|mis"
    r"|nuestr[oa]s?|el|los|las|del)"
)

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
        r"^(?:und |also )?(?:worum|um was) (?:geht(?: e|['’])s|handelt es sich)\b|^(?:und )?wovon handelt\b"
        r"|^was ist (?:das|dies) für (?:ein|eine)(?: \w{1,20})? (?:dokument|datei|brief|text|schreiben)\b"
        r"|\bfass\w{0,2}\b.{0,80}\bzusammen\b|\b(?:zusammenfassung|überblick|kurzfassung) (?:von|vom|des|der|über"
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
        r"^(?:et )?de quoi (?:parle|traite|est-il question|s['’]agit|il s['’]agit|ça parle)\b"
        r"|^(?:résume[sz]?|résumer|fais|faites|donne|donnez|écris)(?:-moi| moi)?\b(?:.{0,30}\b(?:résumé|synthèse)\b"
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
    # work: code, sums, documents, and the state of this machine
    pattern(
        Kind.CODE,
        0.88,
        "It asks for code.",
        rf"^{_MAKE}\b.{{0,60}}\b(?:{_THING}|{LANGUAGE})\b|\b(?:wie|comment|cómo|warum|pourquoi|por qué|unterschied"
        rf"|différence|diferencia|erklär\w{{0,2}}|explique[rz]?|explica)\b.{{0,90}}\b(?:in|en|mit|avec"
        rf"|con) {LANGUAGE}(?![\w-])"
        rf"|\b(?:diese[nrs]?|mein\w{{0,2}}|ce|cette|mon|ma|este|esta|mi) (?:code|código|skript|script"
        rf"|funktion|fonction|función)\b"
        rf"|^(?:was|que|qué) (?:macht|fait|hace) (?:dies\w{{1,2}}|ce|cet|cette|este|esta) {_THING}\b",
        unless=r"\b(?:gedicht|poème|poema|brief|lettre|carta|theater|salle|aula)\b",
    ),
    pattern(
        Kind.MATH,
        0.9,
        "It asks for a calculation.",
        rf"^(?:wie ?viel (?:ist|sind|ergibt|macht|gibt)|was (?:ist|sind|ergibt)|berechne\w{{0,2}}"
        rf"|rechne|combien (?:font|fait|font-ils"
        rf"|est|donne)|calcule[rz]?|quel est|quelle est|cuánto (?:es|son|da)|calcula[rd]?|¿cuánto (?:es"
        rf"|son|da))\b.{{0,40}}"
        rf"(?:{NUMBER} ?(?:[-+*/×÷^x%]|plus|minus|mal|geteilt|hoch|prozent|moins|fois|divisé|multiplié"
        rf"|pour ?cent|más|menos|por"
        rf"|entre|dividido|por ciento)|(?:wurzel|racine|raíz)\b.{{0,20}}\d)"
        rf"|^(?:löse|résou[sdz]\w{{0,3}}|resuelve|resolver)\b.{{0,60}}(?:=|\b(?:gleichung|équation"
        rf"|ecuación|système|sistema)\b)"
        rf"|^(?:beweise|zeige|démontre[rz]?|prouve[rz]?|demuestra"
        rf"|prueba)\b.{{0,80}}\b(?:primzahl\w{{0,2}}|teilbar|irrational"
        rf"|nombres? premiers?|divisible|irrationnel|números? primos?|irracional|reell\w{{0,2}}"
        rf"|ganze\w? zahl\w{{0,2}})\b"
        rf"|\b(?:ableitung|stammfunktion|integral|dérivée|intégrale|derivada) (?:von|de|del|der)\b"
        rf"|\b(?:(?:quadrat|kubik)?wurzel (?:aus|von)|racine carrée de|raíz cuadrada de) \d",
        unless=rf"\b(?:uhr|heure|hora|vertrag|contrat|contrato|rechnung|facture|factura)\b|{NOT_A_SUM}"
        r"|^(?:was (?:ist|sind)|quel(?:le)? est|qu'est-ce que|qué es) (?:24/7|9/11|50/50)[ ?.!]{0,4}$",
    ),
    pattern(
        Kind.TOOL,
        0.86,
        "It asks for the state of this machine.",
        r"^(?:wie (?:voll|warm|heiß|ausgelastet|schnell|groß) ist|wie ?viel|wie ist|zeig\w{0,2}"
        r"|combien|quel(?:le)? est|affiche[rz]?"
        r"|montre[rz]?|cuánt[oa]s?|muestra|cuál es|¿cuánt[oa]s?|cómo está"
        r"|est-ce que)\b.{0,40}\b(?:festplatte|speicher(?:platz)?"
        r"|arbeitsspeicher|ram|cpu|prozessor\w{0,12}|akku(?:stand)?|batterie|disque(?: dur)?"
        r"|mémoire vive|processeur|disco(?: duro)?"
        r"|memoria ram|procesador|batería|espace disque|espacio (?:en|libre|de disco)\b)",
        unless=r"\b(?:kostet|kaufen|coûte|acheter|cuesta|comprar|auto|handy|voiture|coche"
        r"|erklär\w{0,2}|was ist ein\w{0,2})\b",
    ),
    pattern(
        Kind.TOOL,
        0.86,
        "It asks for the time or the date.",
        r"^(?:wie ?viele|combien de|cuántos|¿cuántos) (?:tage|wochen|monate|jours|semaines|mois|días"
        r"|meses)\b.{0,30}\b(?:bis|noch"
        r"|seit|jusqu'\w{1,4}|avant|depuis|hasta|para|faltan|desde)\b|^(?:welcher"
        r"|was für ein) (?:wochentag|tag) (?:ist|war|haben)"
        r"|^(?:quel jour|quelle date|on est quel jour)|^¿?(?:qué|a qué) (?:día|fecha)\b",
    ),
    pattern(
        Kind.TASK,
        0.88,
        "It is about a list that is kept.",
        r"^(?:was|zeig\w{0,2}|lies|welche|habe ich|qu'est-ce|que|quels?|quelles?|montre[rz]?|lis"
        r"|affiche[rz]?|qué|muestra|lee|¿qué"
        r"|léeme)\b.{0,40}\b(?:(?:to-?do|einkaufs|aufgaben)-?liste|meine\w? (?:offenen )?(?:aufgaben"
        r"|erinnerungen|to-?dos)|liste de"
        r" (?:courses|tâches)|mes (?:tâches|rappels)|lista de (?:la compra|compras|tareas)|mis (?:tareas|recordatorios)"
        r"|to-?do-?list\w?)\b|^(?:lösch\w{0,2}|streich\w{0,2}|entfern\w{0,2}|supprime[rz]?|retire[rz]?"
        r"|efface[rz]?|borra|elimina"
        r"|quita)\b.{0,40}\b(?:aufgabe|erinnerung|liste|tâche|rappel|tarea|recordatorio|lista)\b"
        r"|^(?:setz\w{0,2}|erstell\w{0,2}|leg\w{0,2}|mach\w{0,2})\b.{0,30}\breminder\b"
        r"|^(?:neue )?(?:aufgabe|erinnerung|tâche|rappel|tarea|recordatorio) ?:",
    ),
    pattern(
        Kind.CURATE,
        0.88,
        "It is about what is remembered.",
        r"\b(?:fakten|dinge|sachen|infos) .{0,20}(?:gemerkt|gespeichert|notiert)\b"
        r"|^(?:bitte )?merken? ?:|\bnot[ea] à retenir\b"
        r"|^zum merken ?:|^à retenir ?:|^nota ?:|^(?:vergiss|vergesse) (?:bitte ?,? )?(?:dass|alles|was|mein\w{0,2})\b",
    ),
    pattern(
        Kind.SUMMARISE,
        0.86,
        "It asks for a summary.",
        r"^(?:eine? |bitte eine? )?(?:kurze? )?(?:kurzfassung|zusammenfassung|überblick|en bref|résumé"
        r"|resumen|en resumen)\b.{0,60}$"
        r"|\b(?:wichtigsten|zentralen|points? (?:clés?|essentiels?|principaux)|puntos (?:clave|principales))\b.{0,12}?"
        r"(?:punkte|aussagen|ergebnisse|\b(?:du|de|des|del)\b)|^(?:was|worum) (?:geht es"
        r"|steht) (?:kurz )?in (?:diesem|dem) (?:text"
        r"|dokument|artikel)|\bkürzer (?:fassen|machen|schreiben)\b|\bplus courte?s?\b"
        r"|\bmás cort[oa]\b|^(?:kürze|verkürze|raccourci[st]\w{0,3}|acorta|abrevia)\b.{0,40}\b(?:text"
        r"|absatz|artikel|texte|article"
        r"|paragraphe|texto|artículo|párrafo)\b",
    ),
    pattern(
        Kind.SEARCH,
        0.86,
        "It asks to search memory.",
        rf"^(?:such\w{{0,2}}|finde?|zeig\w{{0,2}}|öffne|cherche[rsz]?|trouve[rsz]?|montre[rz]?"
        rf"|ouvre[rz]?|busca|encuentra|muestra"
        rf"|muéstrame|abre|localiza)(?:-moi| mir|me)?\b.{{0,50}}\b(?:stellen?|absatz|absätze|seiten?"
        rf"|klauseln?|abschnitte?"
        rf"|passages?|paragraphes?|clauses?|pages?|sections?"
        rf"|párrafos?|cláusulas?|páginas?|apartados?)\b.{{0,60}}|^(?:such\w{{0,2}}|finde?|cherche[rsz]?"
        rf"|trouve[rsz]?|busca|encuentra)\b.{{0,60}}"
        rf"\b(?:in|dans|en) {_MY} ?{_DOC}\b|^(?:such\w{{0,2}}|finde?|cherche[rsz]?|trouve[rsz]?|busca"
        rf"|encuentra)(?:-moi| mir|me)? {_MY}"
        rf" ?(?:[\w-]{{1,18}} ){{0,2}}{_DOC}\b|^(?:wo|où|dónde|¿dónde) (?:steht|est|se trouve|está|pone"
        rf"|dice)\b.{{0,60}}\b(?:im|in|dans"
        rf"|en) .{{0,12}}{_DOC}\b",
    ),
    pattern(
        Kind.CHAT,
        LIKELY,
        "It asks what a document says; memory is asked.",
        rf"\bwas (?:steht|sagt)\b.{{0,30}}\b{_DOC}\b|\b(?:que|qué) (?:dit|disent|dice[n]?|pone)\b.{{0,30}}\b{_DOC}\b"
        rf"|^(?:in|dans|en|laut|gemäß|selon|según) {_MY} ?{_DOC}\b",
    ),
)
