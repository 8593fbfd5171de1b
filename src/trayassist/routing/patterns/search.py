"""Search: pages are wanted, not an answer. Questions about documents stay chat, which answers them with citations."""

from __future__ import annotations

from trayassist.api import Kind
from trayassist.routing.rule import FAINT, HINT, pattern

DOCS = (
    r"(?:documents?|docs?|documentation|files?|pdfs?|folders?|memory|archives?|library|librar(?:y|ies)"
    r"|knowledge base|index|papers|scans?|contracts?|invoices?|leases?|manuals?|filings?|records|notes|slides"
    r"|handbooks?|reports?|receipts?|agreements?|statements?|presentations?|emails?|letters?|pages?|passages?"
    r"|sections?|paragraphs?|clauses?|chapters?|transcripts?|policies|proposals?|specs?|spreadsheets?"
    r"|certificates?|memos?)"
)
_VERB = (
    r"(?:search|look|find|locate|query|scan|go|browse|dig|check|grep|pull up|look up|get|fetch|show|list"
    r"|bring up|retrieve|give|hunt)"
)
_CREATIVE = (
    r"\b(?:movies?|films?|songs?|albums?|soundtracks?|tv|television|(?:tv|the|a|game) shows?|saga|novels?"
    r"|trailers?|games?|video games?|paintings?|pictures?|photographs?|creative work|restaurants?|hotels?"
    r"|flights?|recipes?|jobs?|apartments?|cinemas?|theat(?:er|re)s?|bugs?|function|regex|python|code"
    r"|on the web|online|the (?:web|internet)|google|amazon|youtube|wikipedia|near(?:by|est)?|synonyms?|binary"
    r"|linear|bar|music|playlist|artist|book)\b"
)

RULES = (
    pattern(
        Kind.SEARCH,
        0.92,
        "It asks to search memory.",
        rf"^(?:run a |do a )?(?:search|query|grep|scan|browse|comb)(?: through| in| inside| within| across| over"
        rf"| for)?(?: all| any)?(?: of)?(?: my| the| our| your| these| those"
        rf"| this)?(?: [\w-]{{1,16}}){{0,2}} {DOCS}\b|^(?:search|look|find|locate|query|scan|check"
        rf"|show|list|get|fetch|pull|bring|dig)\b.{{1,120}}\b(?:in|through|inside|within|across|from"
        rf"|among|throughout) (?:all )?(?:of )?(?:my|the"
        rf"|our|these|your|those) (?:[\w-]{{1,16}} ){{0,2}}{DOCS}\b|^look (?:up|through|in|inside) (?:my|the|our"
        rf"|all|these) (?:[\w-]{{1,16}} ){{0,2}}{DOCS}\b|^(?:search|look) (?:my |the |your )?memory\b",
        unless=rf"{_CREATIVE}|\bhow (?:do|can|to)\b|\b(?:average|sum|total|difference) ",
    ),
    pattern(
        Kind.SEARCH,
        0.88,
        "It asks for a file or a page.",
        rf"^(?:can i )?(?:find|locate|get|fetch|pull up|bring up|retrieve|open|show|list|give|dig (?:up|out)"
        rf"|fish out|hunt down|search|where is|where's|where are)(?: me| us| out)?(?: for)?(?: all| any| every"
        rf"| both)?(?: of)?(?: the| my| our| that| an?| those| these)?(?: [\w'-]{{1,18}}){{0,3}} {DOCS} (?:about|on"
        rf"|regarding|concerning|that|which|with|where|mention\w{{0,3}}|containing|contain|discuss\w{{0,3}}"
        rf"|describ\w{{1,3}}|cover\w{{0,3}}|titled|called|named|related|relating|from|saying|dealing|explaining|for"
        rf"|i|we)\b|^(?:find|locate|list|show|pull up|bring up)(?: me)?(?: all)? (?:my|the"
        rf"|our) (?:[\w'-]{{1,18}} ){{0,3}}{DOCS}[.?!]?$",
        unless=rf"{_CREATIVE}|^show me how|\bindex of medical|\brating\b|\b(?:sum|average|total) of|\bcommand|\bbash"
        rf"|\blinux|\bpowershell|\bpython|\bfiles? (?:by size|larger|older|modified)"
        rf"|\b(?:recent )?emails? from my (?:boss|mom)",
    ),
    pattern(
        Kind.SEARCH,
        0.88,
        "It asks for a place in a document.",
        r"^(?:find|locate|quote|cite|show|get|fetch|pull(?: up| out)?|bring up|give|open|go to|jump to|take me to"
        r"|point (?:me )?to|look up|highlight)(?: me| us| out)?(?: for)? (?:the |that |every |all "
        r"|any |each )?(?:exact )?"
        r"(?:mentions?|quotes?|passages?|paragraphs?|clauses?|sections?|pages?|lines?|sentences?|places?|parts?|spots?"
        r"|tables?|references?|figures?|occurrences?|wording|article|entry|entries)\b.{0,60}\b(?:in"
        r"|from|of|about|on|that"
        r"|which|where|for|with|saying|to)\b",
        unless=rf"{_CREATIVE}|\b(?:how to|wikipedia|of (?:my|the|your) (?:life|speech)|news|settings|file ?system)\b"
        rf"|^(?:give|get|find)(?: me)? (?:the )?(?:wording|lines?|sentences?|parts?|figures?|article) (?:for|to)\b",
    ),
    pattern(
        Kind.SEARCH,
        0.86,
        "It asks for a document.",
        rf"^(?:find|locate|pull up|bring up|dig (?:up|out)|fetch|retrieve|open|look up|look for|search)(?: me| us| out"
        rf"| for)?(?: all| any)? (?:my|our|the|that)(?: [\w'-]{{1,18}}){{0,3}} (?:{DOCS}|lease|deck|slide deck|warranty"
        rf"|tax returns?|payslips?|pay stubs?|passport|diploma|deed|licen[cs]e|handbook|bill|ticket"
        rf"|prescription|booklet|brochure|minutes|cv|resume|thesis|datasheet|data sheet|quote)\b",
        unless=rf"{_CREATIVE}|\b(?:python|code|linux|bash|pay|bug|song|movie|restaurant|ticket price|documents? folder"
        rf"|downloads?|file manager|sum|average|total|limit)\b",
    ),
    pattern(
        Kind.SEARCH,
        0.88,
        "It asks where something was read.",
        rf"^where (?:did|do|have|had|was|were|in (?:my|the|our)) (?:i|we|it|you)\b.{{0,20}}\b(?:read|see|seen|saw"
        rf"|save[d]?|written|write|wrote|note[d]?|find|found|mention(?:ed)?|store[d]?|put|keep|kept|have|file[d]?"
        rf"|come across|learn)\b(?=.{{0,80}}\b(?:about|that|on|the|my|of|file|document|pdf|page|note|it)\b)"
        rf"|^where (?:is|are|does|was|do|in|can i find)\b.{{0,60}}\b(?:mentioned|described|discussed|explained"
        rf"|defined|documented|written|stated|covered|specified|talk\w{{0,3}} about|mentions?|says?|in (?:my|the"
        rf"|our) {DOCS})\b"
        rf"|^(?:in )?(?:which|what) (?:of (?:my|the|our|these) )?(?:[\w-]{{1,16}} )?{DOCS}\b(?: of (?:the"
        rf"|my) [\w-]{{1,16}})? (?:do|does|did|has|have|had|is|are|was|were|mention\w{{0,3}}|talks?|says?|said"
        rf"|contain\w{{0,3}}|discuss\w{{0,3}}|cover\w{{0,3}}|describ\w{{1,3}}|explain\w{{0,3}}|refer\w{{0,3}}"
        rf"|deals?|lists?|shows?|i|we|include\w{{0,3}}|about|define\w{{0,2}}|should i|tells?)\b|\bon (?:which"
        rf"|what) pages?\b",
        unless=r"\b(?:my (?:keys|phone|wallet|car|glasses)|should i (?:buy|read next)|python|c\+\+|code|function)\b",
    ),
    pattern(
        Kind.SEARCH,
        0.88,
        "It asks to search memory.",
        rf"^(?:search|find|look)(?: up)?(?: the)? {DOCS} (?:for|about|on)\b|^is there anything (?:in|inside) (?:my"
        rf"|the|our) (?:[\w-]{{1,16}} )?{DOCS} (?:about|on|regarding|mentioning)\b|^where (?:in|inside) (?:my|the"
        rf"|our) (?:[\w-]{{1,16}} )?{DOCS}\b|^(?:got )?(?:any|some) {DOCS} (?:about|on|regarding)|^got (?:any"
        rf"|some)\b.{{0,30}}\b{DOCS}\b|^(?:do|have) (?:i|we) (?:have|got|any|own)\b.{{0,30}}\b{DOCS} (?:about|on"
        rf"|that|mention\w{{0,3}}|regarding|from|with|for)\b|^(?:any|all|every"
        rf"|more) (?:[\w-]{{1,16}} )?{DOCS} (?:about|on|that mention|mentioning|regarding)\b|^(?:documents|files"
        rf"|pages|pdfs|passages|notes) (?:about|on|that mention|mentioning|regarding|with|containing)\b",
        unless=_CREATIVE,
    ),
    pattern(
        Kind.SEARCH,
        0.9,
        "It asks which documents speak of something.",
        rf"^(?:do|does|did|is|are) (?:any|some|one|either|none|all) of (?:my|the|our|these) (?:[\w-]{{1,16}} )?{DOCS}\b"
        rf"|^(?:is there |are there |do i have |have i (?:got )?|got )?(?:anything|something"
        rf"|any (?:mentions?|traces?|info(?:rmation)?))"
        rf"\b.{{0,80}}\b(?:in|inside|among) (?:my|the|our) (?:[\w-]{{1,16}} )?{DOCS}\b"
        rf"|^(?:i'm |i am )?looking for (?:an? |the |my |some |that )?(?:[\w-]{{1,16}} ){{0,2}}{DOCS}\b"
        rf"|^(?:where is|where's|where are) (?:the|that|my) (?:parts?|sections?|pages?|passages?"
        rf"|clauses?|bits?|paragraphs?"
        rf"|chapters?|tables?) (?:about|on|with|that|where|of|for|in)\b"
        rf"|^(?:have|take) a (?:quick )?(?:look|peek) (?:through|in|inside|at) (?:my|the"
        rf"|our) (?:[\w-]{{1,16}} )?{DOCS} for\b"
        rf"|^(?:look|search|check) for (?:the )?(?:term|word|phrase|expression|name|string|text|keyword)s?\b",
        unless=_CREATIVE,
    ),
    pattern(
        Kind.SEARCH,
        0.55,
        "It asks to search.",
        r"^search (?:for )?\w",
        unless=rf"{_CREATIVE}|\?$|\b(?:contacts|nearest|prices?)\b",
    ),
    pattern(
        Kind.SEARCH,
        HINT,
        "It asks to find something.",
        rf"^(?:find|locate|look for|{_VERB} (?:for|up|through))\b",
        unless=_CREATIVE,
    ),
    pattern(  # memory does not lift this one: a question wants an answer, which cites its pages
        Kind.SEARCH,
        FAINT,
        "It may ask for pages.",
        rf"\bin (?:my|our|the) {DOCS}\b|\bpage \d|\bwhat was (?:our|my|the)\b.{{0,60}}\bagain\b"
        r"|\baccording to (?:my|the|our)\b",
    ),
)
