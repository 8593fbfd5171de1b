"""Summarise: a document, a pasted text, or what was just answered. Summaries of what the world knows stay chat."""

from __future__ import annotations

from trayassist.api import Kind
from trayassist.routing.rule import MAYBE, pattern

DOCUMENT = (
    r"(?:documents?|docs?|files?|pdfs?|papers?|reports?|contracts?|leases?|manuals?|articles?|notes?|chapters?"
    r"|sections?|pages?|emails?|e-mails?|letters?|threads?|transcripts?|minutes|meeting|slides?|presentation"
    r"|book|thesis|"
    r"filings?|10-?[kq]|invoices?|polic(?:y|ies)|agreements?|texts?|passages?|paragraphs?|attachments?|readme"
    r"|changelog|spec(?:ification)?s?|proposals?|memos?|studies|study|handbook|guide|whitepaper|brochure|terms"
    r"|abstract|"
    r"conversations?|chat|discussion|answer|above|below|following|everything|it|this|that|these|those|them"
    r"|(?:one|two|three|four|five|\d|a few) (?:sentences?|bullets?|lines?|bullet points|paragraphs?)"
    r"|[\w()-]{1,60}\.(?:pdf|docx?|txt|md|html?|pptx?|epub|rtf|odt|csv|png|jpe?g))"
)
_ABOUT_WORLD = (
    r"\b(?:plot|life|story|history|biography|career|causes|movie|film|novel|play|war|battle|theory|philosophy"
    r"|reviews|news|season|episode|rules of|today's headlines|latest)\b(?!.{0,60}\b(?:pdf|my |the (?:report"
    r"|document|file|paper)|attached|following|below)\b)"
)
_MAKE = r"(?:give|write|make|create|provide|produce|get|need|want|show|do|draft|prepare|i'd like|send)"
_SHORT = (
    r"(?:short |brief |quick |concise |one[- ](?:page|line|paragraph|sentence) |executive |\w{1,8}[- ](?:page"
    r"|line|paragraph|sentence|bullet(?:[- ]point)?|word)s? |high-level |rough |good )?"
)

RULES = (
    pattern(
        Kind.SUMMARISE,
        0.92,
        "It asks for a summary of a text.",
        rf"\b(?:summari[sz]e|sum(?: [\w.-]{{1,20}}){{0,3}} up|condense|recap|boil(?: \w{2, 5})? down|distill?|shorten"
        rf"|tl;?dr|abridge|digest)\b(?: for me| me)?:?(?: in (?:\w{{1,8}} ){{1,3}})?.{{0,60}}\b{DOCUMENT}(?:\b|$)"
        rf"|\b(?:summary|synopsis|overview|gist|tl;?dr|abstract|recap|digest|outline|precis|rundown|key (?:points"
        rf"|takeaways|findings|facts|messages)|main (?:points|ideas?|takeaways|findings|arguments|message)"
        rf"|highlights|takeaways|bullet points|essence|short version) (?:of|from|in|for"
        rf"|on) .{{0,50}}\b{DOCUMENT}(?:\b|$)",
        unless=rf"{_ABOUT_WORLD}|\bsum up (?:all |the )?(?:\d|numbers|values|elements|column|list|array)|\b(?:python"
        rf"|javascript|function|sql|script|code|program|class)\b|\bhow (?:do|can|should) (?:i|you|one|we)\b",
    ),
    pattern(
        Kind.SUMMARISE,
        0.86,
        "It asks for the short version of a text.",
        r"\b(?:the |a |in )(?:short|quick|condensed|brief) (?:version|form|overview|rundown)\b"
        r"|^(?:compress|condense|shorten|abridge|trim|tighten) (?:this|that|these|the|my|it)\b|\bcliff ?notes\b"
        r"|^(?:make|keep|say) (?:this|that|it|the (?:text|paragraph|answer"
        r"|last answer))(?: \w{1,12}){0,2} (?:shorter|more concise"
        r"|briefer|more compact)\b|^(?:quick|short|brief|concise|executive) (?:summary|recap|overview|tl;?dr)\b.{0,30}$"
        r"|^what (?:does|do|did|is|are|was|were)\b.{0,60}\b(?:say|about|mean)\b.{0,12}\b(?:in (?:short|brief|a nutshell"
        r"|a few words|essence)|briefly)\W{0,3}$|^(?:pull out|pick out|extract|list|get|give(?: me)?"
        r"|name|show(?: me)?|highlight|what (?:are|were)) (?:the |its |all )?"
        rf"(?:key|main|most important|central|essential) (?:points?|facts?|ideas?|messages?|findings?"
        rf"|takeaways?|arguments?)"
        rf"(?: (?:of|from|in) (?:the|this|that|these|my|our|page|chapter|section|attached)\b|[.?!]?$)"
        rf"|\b(?:précis|precis|brief|digest|rundown) (?:of|on) (?:the|this|that|my|our|today)"
        rf"|\b(?:this|the|my|that) (?:[\w-]{{1,16}} )?{DOCUMENT}\b.{{0,40}}\bin (?:one|two|three|four"
        rf"|five|a few|\d{{1,3}}) (?:lines?"
        rf"|sentences?|words?|bullets?|bullet points)\W{{0,3}}$|^(?:briefly|in short|in brief"
        rf"|in a few words),? .{{0,60}}\b{DOCUMENT}\b"
        rf"|\bbottom line (?:of|in|from) (?:this|the|that|my)\b"
        r"|\bbullet points (?:out )?(?:of|from)\b"
        r"|^(?:make|turn|put|boil|bring|cut|reduce|compress|trim|get|wrap)(?: (?:down"
        r"|up))?\b.{0,20}\b(?:this|that|these|the|my|it"
        r"|following)\b.{0,40}\b(?:(?:in)?to|down to|in) (?:(?:a |an |one |two|three|four|five"
        r"|\d{1,3}|just |only |few "
        r"|short |single )){1,3} ?(?:bullets?|bullet points|sentences?|lines?|paragraphs?|words|key points|pages?)\b"
        r"|^(?:an? |the )?(?:short |brief |quick )?(?:synopsis|summary|gist|recap|abstract|outline"
        r"|essence|main points|key points"
        r"|takeaways) of (?:the|this|that|my|our|these|chapter|page|section)\b|\b(?:too long|no time"
        r"|don't have time|can't be"
        r" bothered) to read\b|^(?:the )?essentials? of (?:the|this|my)\b",
        unless=rf"{_ABOUT_WORLD}|\b(?:python|function|code|sql|script|list of|email|poem|recipe"
        rf"|into (?:french|german|spanish"
        rf"|english|italian))\b|\bhow (?:do|can|should) (?:i|you|one|we)\b",
    ),
    pattern(
        Kind.SUMMARISE,
        MAYBE,
        "It asks for a summary.",
        rf"^(?:boil|sum|cut|trim) (?:this|that|it|them|these|the|my|our|all)\b[\w. -]{{0,40}} (?:up|down)\b"
        rf"|^(?:summari[sz]e|summari[sz]ation|summary|sum up|tl;?dr|recap|condense)\b|^{_MAKE}(?: me| us)?(?: an?"
        rf"| the)? ?{_SHORT}(?:summary|tl;?dr|synopsis|recap|digest|gist) (?:of|for|on)\b|^{_MAKE}(?: me"
        rf"| us)?(?: an?| the)? ?{_SHORT}(?:summary|tl;?dr|recap)\b[.!]?$|\b(?:this|the"
        rf"|my) (?:\w{{1,12}} )?{DOCUMENT}\b.{{0,30}}\bin a nutshell\b|\bin a nutshell\b.{{0,40}}\b{DOCUMENT}\b"
        rf"|\bwhat(?:'s| is| are) the (?:gist|main points?|key points?|takeaways"
        rf"|bottom line|short version)\b(?! (?:of|in|behind|about|for) (?!(?:the|this|that|my|our|these"
        rf"|it|chapter|section|page)\b))"
        rf"|\bbrief me on (?:the|this|my)|\btoo long(?:;|,)? didn't read\b",
        unless=rf"{_ABOUT_WORLD}|\b(?:sum up|recap) (?:\d|numbers)|\bhow (?:do|can|should) (?:i|you|one|we)\b"
        rf"|\b(?:python|function|code|sql)\b",
    ),
)
