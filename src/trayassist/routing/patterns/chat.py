"""Patterns for chat, which other kinds must not take: greetings, the assistant, writing, questions on documents."""

from __future__ import annotations

from trayassist.api import Kind
from trayassist.routing.patterns.documents import DOCS
from trayassist.routing.stages import LIKELY, MAYBE, pattern

_WRITTEN = (
    r"(?:poems?|stor(?:y|ies)|e?-?mails?|letters?|essays?|blog(?: posts?)?|posts?|articles?|speech|songs?"
    r"|lyrics|haikus?|limericks?|jokes?|paragraphs?|tweets?|captions?|slogans?|headlines?|recipes?"
    r"|itinerar(?:y|ies)|bio|biography|review|toast|"
    r"dialogues?|outline|cover letter|resume|proposals?|descriptions?|invitations?|messages?|note to|scene"
    r"|screenplay|sonnet|novel|chapter|press release|newsletter|ad(?:vert(?:isement)?)?|thank[- ]you (?:note"
    r"|card)|lesson plan|meal plan|workout plan|"
    r"business plan|marketing plan|memo|fairy ?tale|script for an? (?:play|film|movie|video|podcast|scene"
    r"|speech|ad|commercial|short|skit)|movie script|product description|report on|names? for|list of (?:ideas"
    r"|tips|pros|reasons|things|places|books|movies|names|questions))"
)

RULES = (
    pattern(
        Kind.CHAT,
        0.92,
        "It asks for a code or a number that memory may hold.",
        r"^(?:what(?:'?s| is| was| are)|do (?:you|i) (?:know|have)|where is|which is) (?:my|our|the|his|her|their"
        r"|[a-z]{1,20}'s)"
        r" (?:[\w'-]{1,20} ){0,3}(?:codes?|pass ?codes?|passwords?|pin|number|combination|key)"
        r"(?: (?:for|of|to|at|in) (?:the|my|our) [\w' -]{1,40})?\W{0,3}$",
        unless=r"\b(?:python|java|javascript|sql|bash|status|exit|error|http|source|prime|random|atomic|number of)\b",
    ),
    pattern(
        Kind.CHAT,
        0.95,
        "It is a greeting or thanks.",
        r"^(?:hi|hello|hey|hiya|howdy|yo|greetings|good (?:morning|afternoon|evening|night|day)|thanks?|thank you"
        r"|thx|cheers|bye|goodbye|see (?:you|ya)|ok(?:ay)?|yes|no|nope|yeah|yep|sure|great|cool|nice|lol|haha"
        r"|sorry|never ?mind|forget it|got it|perfect|awesome|welcome)\b[^?]{0,30}$",
        view="line",
    ),
    pattern(
        Kind.CHAT,
        0.93,
        "It talks to the assistant about itself.",
        r"^(?:how (?:are|do|were|is|have) (?:you|your|ya|things|life|it)\b.{0,40}(?:doing|feel\w{0,3}|going|been"
        r"|day|today|going on|mood|\?|you)?|how(?:'s| is) (?:it going|your day|life|everything)|who (?:are|made"
        r"|created|built|trained|programmed|owns) you|what(?:'s| is| are) (?:your|you)\b(?! (?:cpu|memory|ip))"
        r"|are you (?:an?|real|human|alive|happy|sad|ok|okay|sentient|conscious|there|tired|sure|smart)"
        r"|do you (?:have|like|love|feel|dream|think|believe|want|enjoy|ever|get|sleep|eat|speak|understand)\b"
        r"|where (?:are|were|do) you (?:from|live|born|come)|how old are you|tell me (?:a joke|about yourself"
        r"|something|a story|a fun)|what can you (?:do|help)|what do you (?:think|like|want|do|feel|believe)"
        r"|how can you help|can you (?:feel|think|hear|speak|dance|sing)|you(?:'re| are) (?:so |very "
        r"|really )?(?:funny|great|stupid|smart|wrong|right|awesome|nice|cool|the best|amazing|a ))",
        view="line",
        unless=r"\b(?:remember|stored|know) about\b|\b(?:code|function|python|regex|script)\b"
        r"|\bdocuments? do you (?:have|know)",
    ),
    pattern(
        Kind.CHAT,
        0.7,
        "It asks to play a part.",
        r"^(?:pretend|act (?:as|like)|suppose (?:you|that you|yourself)|picture yourself|embrace the role|embody"
        r"|(?:take on|assume|play) the (?:role|part)|role-?play|imagine (?:yourself|you(?:'re| are)|that you"
        r"|being)|from now on you|you are (?:now )?(?:an? )?(?!given)|speak like|talk like)",
    ),
    pattern(
        Kind.CHAT,
        0.83,
        "It asks for a text to be written.",
        rf"\b(?:write|compose|draft|craft|create|generate|make(?: up)?|come up with|help me (?:write|construct)|pen"
        rf"|construct|tell(?: me)?|give me|rewrite|edit|proofread|improve|rephrase|suggest|brainstorm|develop|need"
        rf"|prepare|design)\b(?: me| us)?(?: an?| the| some| this| my| another| two| three| five"
        rf"| \d{{1,2}})?(?: [\w'/-]{{1,20}},?){{0,5}} {_WRITTEN}\b",
        unless=r"\b(?:function|regex|parser|validat\w{1,5}|python|javascript|html|css|sql|script (?:that|to)|code|api"
        r"|program|bash|powershell|json|remind me|to-?do|summary of)\b",
    ),
    pattern(
        Kind.CHAT,
        0.83,
        "It asks for a translation, a spelling or a meaning.",
        r"^(?:translate|spell|define|pronounce|what(?:'s| does| is)|how (?:do|would|does|should) (?:you|i|one|they"
        r"|we) (?:say|spell|pronounce|translate))\b.{0,80}\b(?:in(?:to)? (?:french|spanish|german|italian|chinese"
        r"|japanese|korean|russian|portuguese|dutch|english|arabic|hindi|latin|greek|turkish|polish|swedish)"
        r"|mean(?:ing)?|definition|spell\w{0,3}|pronounc\w{1,3}|synonyms?|antonyms?|word for)\b|^(?:how (?:do"
        r"|would) (?:you|i|they|one) (?:say|spell|pronounce))\b|^(?:define|spell) ",
        unless=r"\b(?:function|code|error|regex|python|javascript|java|sql|rust|c\+\+"
        r"|in (?:the|my|our) (?:lease|contract|report|document|manual|policy))\b",
    ),
    pattern(
        Kind.CHAT,
        0.86,
        "It asks what a document says; memory is asked.",
        rf"\b(?:in|according to|based on|going by|from|under|per|of|by) (?:the|my|our|this|that|these|those|its"
        rf"|\w{{1,20}}(?:'s)?) (?:[\w'-]{{1,20}} ){{0,3}}(?:{DOCS}|lease|contract|report|manual|agreement|policy"
        rf"|invoice"
        rf"|warranty|handbook|filing|statement|paper)\b.{{0,60}}\?$|^(?:what|when|who|how|which|does|do|did|is|are|can"
        rf"|where|why)\b.{{0,80}}\b(?:the|my|our|this|that) (?:[\w'-]{{1,20}} ){{0,3}}(?:lease|contract|report"
        rf"|manual|agreement|policy|invoice|warranty|handbook|filing|10-?[kq]|annual report|tenancy|pdf|documents?"
        rf"|papers?)\b|\bpage \d{{1,4}}\b.{{0,40}}\?|\b(?:fy ?\d{{2,4}}|fiscal (?:year )?\d{{2,4}}|10-?[kq]"
        rf"|balance sheet|cash flow statement|statement of (?:income|financial position|cash flows)"
        rf"|income statement|p&l|usd (?:millions|thousands|billions))\b",
        unless=r"\b(?:in a nutshell|in short|in brief|briefly|in (?:two|three|a few|\d{1,3}) (?:lines"
        r"|sentences|words)|bottom line|gist|summari[sz]e|summary|sum up"
        r"|tl;?dr|search|find (?:the|my|all|me)|remind me"
        r"|python|function|code|script|forget|what is an? (?:lease|contract))\b|^(?:which|what|in which"
        r"|in what) (?:of (?:my|the) )?(?:[\w-]{1,16} )?(?:documents?|files?|pdfs?|reports?|papers?|contracts?"
        r"|pages?)\b|^where\b|^is there anything in (?:my|our)\b|^(?:is there |do i have "
        r"|got )?(?:anything|something|any)\b|\bon (?:which|what) page",
    ),
    pattern(
        Kind.CHAT,
        0.83,
        "It asks for advice on learning.",
        r"^(?:should i|is it (?:worth|hard|better|easier) (?:it )?to|how long does it take to"
        r"|where can i|what's the best way to"
        r"|which .{1,40} should i) (?:learn|study|start (?:learning|with))\b",
    ),
    pattern(
        Kind.CHAT,
        MAYBE,
        "It asks to explain or to advise.",
        r"^(?:explain|describe|discuss|compare|outline|elaborate|why|should i|would you rather|recommend|suggest"
        r"|what should|what's the (?:best|difference)|tell me (?:more )?about|share|give (?:me )?(?:advice|tips"
        r"|ideas)|do you think|in your opinion|is it (?:ok|true|safe|possible|better|worth)|who (?:is|was|were"
        r"|wrote|won|invented)|when (?:was|did|is)|how (?:does|did|come|is) (?:an?|the)?)\b",
    ),
    pattern(
        Kind.CHAT,
        LIKELY,
        "It is a look-alike of remembering or forgetting.",
        r"^(?:do you |don't you |you )?remember (?:when|the (?:time|day|good|old|nineties|eighties|seventies"
        r"|sixties|\d{2,4}'?s)|how (?:we|i|you|they))\b|^remember\b.{0,60}\?$|^(?:forget (?:about )?(?:it|that"
        r"|this)|never mind)\b.{0,20}$|\bi (?:always |often |keep |just )?forg[eo]t\b(?! to add)",
        unless=r"^forget (?:that|this) (?:fact|one|i|my|the)\b",
    ),
)
