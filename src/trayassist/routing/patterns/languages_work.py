"""German, French and Spanish for work: code, sums, documents, and the state of this machine."""

from __future__ import annotations

from trayassist.api import Kind
from trayassist.routing.patterns.code import LANGUAGE
from trayassist.routing.patterns.maths import NUMBER
from trayassist.routing.rule import LIKELY, pattern

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
        unless=r"\b(?:uhr|heure|hora|vertrag|contrat|contrato|rechnung|facture|factura)\b",
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
