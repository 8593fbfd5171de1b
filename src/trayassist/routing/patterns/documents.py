"""Documents: summaries, and searches for pages. Questions about documents stay chat, which answers with citations.

Summaries of what the world knows stay chat, too.
"""

from __future__ import annotations

from trayassist.api import Kind
from trayassist.routing.stages import FAINT, HINT, MAYBE, pattern

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
    # short versions of documents
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
    pattern(
        Kind.SUMMARISE,
        0.9,
        "It asks what a document is about.",
        r"^(?:(?:so|and|ok(?:ay)?|hey|please),? )?(?:(?:can|could) you )?(?:tell me )?what(?:'s|’s| (?:is|are|was"
        r"|were))? (?:this|that|it|these|those|the|my|our|his|her|their|all"
        r"|[\w()-]{1,60}\.[a-z]{2,4}\d?)(?: [\w.'’-]{1,40}){0,12}?(?: (?:is|are))?"
        r"(?: all)? about\W{0,3}$"
        r"|^what (?:kind|sort|type) of (?:document|file|pdf|text|letter|paper) (?:is|are) (?:this|that|it|these)\b"
        r"|^what (?:does|do) (?:this|that) (?:[\w.-]{1,40} ){0,6}?(?:deal with|cover)\W{0,3}$",
        unless=rf"{_ABOUT_WORLD}|\b(?:fuss|hype|noise|excitement|drama|rush)\b",
    ),
    # pages
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
