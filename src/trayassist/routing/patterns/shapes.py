"""Recognises code and maths by form: operators, calls, queries and formulas inside a sentence, set problems."""

from __future__ import annotations

from trayassist.api import Kind
from trayassist.routing.patterns.code import HOMONYM, LANGUAGE, MAKE
from trayassist.routing.patterns.maths import NOT_A_SUM
from trayassist.routing.stages import LIKELY, pattern

_TEX_OR_CODE = r"[{};]|\b(?:function|def|python|javascript|code|return|array|json|regex|sql)\b|https?:"
_TERM = r"(?:\d{0,6}[a-z](?:\^\d{1,3})?|\d[\d.]{0,9}|\([^()\n]{1,40}\)(?:\^\d{1,3})?)"
_FORMULA = rf"{_TERM}(?: ?[-+*/^=] ?{_TERM}){{1,10}}"

RULES = (
    pattern(
        Kind.CODE,
        0.9,
        "It holds a query or an expression of a program.",
        r"\bdef \w{1,40}\([^)\n]{0,80}\):|\bSELECT\b.{1,120}\bFROM \w|\bINSERT INTO \w"
        r"|\bDELETE FROM \w|\bUPDATE \w{1,40} SET \w"
        r"|(?<![=!<>])[!=]==(?!=)|\w&&\w| && !?\w{1,30}[.(]|\w\?\.\w|</?(?:div|span|table|script|img|input|button)\b"
        r"|\b[a-z]\w{1,30}\.\w{1,30}\([^()\n]{0,60}\)|\b\w{2,30}\(\) (?:return|throw|crash|fail|is"
        r"|does|vs|and|or)\w{0,2}\b"
        r"|`[^`\n]{0,60}(?:\(\)|[=;{}<>$]| -{1,2}\w)[^`\n]{0,60}`",
        view="raw",
    ),
    pattern(
        Kind.CODE,
        0.84,
        "It asks for code to be written.",
        rf"^(?:an? |the |some |simple |quick |small |short |new ){{0,3}}(?:{LANGUAGE} )?(?:scripts?"
        rf"|programs?|macros?|functions?"
        rf"|quer(?:y|ies)|one-?liners?|regex|commands?|cron ?jobs?|class|code) (?:to|that|which|for) \w"
        rf"|\b{MAKE}\b(?: me| us)?(?: an?| the| some| my"
        rf"| this)?(?: [\w+#.-]{{1,20}}){{0,2}} (?:{LANGUAGE} (?:page|form|table"
        rf"|layout|template|component|server|app|project|file|boilerplate|project|class|module|plugin"
        rf"|extension|bot|client)"
        rf"|boilerplate|triggers? (?:that|which|to|on|for)|(?:database )?migrations? (?:that|which|to"
        rf"|file|script)|middleware"
        rf"|login (?:form|page)|web ?hook|crud|enum|singleton|test suite|test fixtures?|stylesheet"
        rf"|nginx config\w{{0,7}}"
        rf"|\.?htaccess|docker-?compose|helm chart|user ?script|bookmarklet|config parser|web ?socket|rest client)\b"
        r"|\b(?:merge|quick|bubble|heap|insertion|selection|radix|topological)[- ]?sort\b"
        r"|\bbinary search\b|\bfizz ?buzz\b"
        r"|\b(?:breadth|depth)[- ]first\b|\bdijkstra|\bknapsack problem\b|\bsieve of eratosthenes\b|\blevenshtein\b",
        unless=r"\b(?:play|movie|film|video|podcast|speech|wedding|phone|sales|radio|yoga|gym|cooking"
        r"|exercise|training|tv"
        r"|dress|zip|area|promo|commander?|military|theat(?:er|re)|language class|(?:my|the) kids)\b",
    ),
    pattern(
        Kind.CODE,
        LIKELY,
        "It asks how something is done in a programming language or a tool of programmers.",
        rf"\b(?:way|ways|how|possible|idiomatic|equivalent|idiom|syntax"
        rf"|best practices?)\b.{{0,70}}\bin {HOMONYM}(?![\w-])"
        rf"(?! (?:to|my|the|a|an)\b)|^(?:why|how come|what's wrong|whats wrong|any idea why"
        rf"|what is wrong)\b.{{0,30}}\b(?:my|this)"
        rf" (?:[\w.-]{{1,16}} ){{0,2}}(?:loop|function|code|script|query|regex|unit tests?|array"
        rf"|recursion|component|endpoint"
        rf"|container|pods?|branch|commit|merge|imports?|dataframe|compiler|dockerfile|makefile"
        rf"|selector|promise|thread)\b"
        r"|\b(?:exit|quit|leave|close|save)\b.{0,12}\b(?:vim?|nano|emacs|tmux)\b",
        unless=r"\b(?:dress|zip|area|promo|door|gift|tax|building|movie|film|play|school|gym|tree|train|bank) ?"
        r"(?:code|script|branch|function)?\b(?= code| script| branch|$)|\b(?:learn|career|salary|job)\b",
    ),
    pattern(
        Kind.CODE,
        0.7,
        "It names a tool of programmers.",
        rf"\b{MAKE}\b.{{0,70}}\bin (?:plain|vanilla|pure|modern|idiomatic) {LANGUAGE}(?![\w-])"
        r"|\b(?:eslint|yarn (?:add|install|workspaces?)|pnpm|vite(?:js)?|monorepos?|github actions?"
        r"|gitlab[- ]ci|jenkinsfile"
        r"|circleci|aws lambda|venv|virtualenv|flake8|mypy|jupyter notebooks?|gunicorn|uvicorn|nodemon"
        r"|postman collection"
        r"|openapi spec|protobuf|grpc|oauth2?|jwt|cors|nginx|apache config|elasticsearch quer\w{1,3}"
        r"|kafka topics?|redis-cli"
        r"|npx|nuget|cmake|gradle|maven|cargo\.toml|pom\.xml|tsconfig|babel(?:rc)?|storybook|selenium"
        r"|playwright|cypress tests?)\b",
        unless=r"\b(?:company|stock|shares|salary|job|history of|who (?:founded|made|invented)"
        r"|contract|report|my notes)\b",
    ),
    pattern(
        Kind.CODE,
        LIKELY,
        "It asks how to lay out a page of the web.",
        r"\b(?:cent(?:er|re)|align|style|hide|resize|float|nest|wrap|stack|animate)\b.{0,30}\b(?:div|flex(?:box)?|grid"
        r"|navbar|iframe|css|span|button|viewport)s?\b",
        unless=r"\b(?:city|power|electric|shirt|jacket|camera)\b",
    ),
    pattern(
        Kind.CODE,
        LIKELY,
        "It sets a programming problem.",
        r"\b(?:given|you are given|suppose you have|find|consider)\b.{0,50}\b(?:arrays?|linked lists?"
        r"|binary (?:search )?trees?|sorted (?:lists?|arrays?)|(?:input )?strings? (?:s|containing|of)|strings?"
        r"|matrix|matrices|graph of|undirected graph|directed graph|hash ?map|integers? array|dataframe|tuples?"
        r"|list of (?:integers|numbers|strings|tuples|words|lists|dicts|dictionaries"
        r"|intervals))\b.{0,120}\b(?:return|write|implement|find (?:the|all|out|whether|if|any)|determine"
        r"|check (?:if|whether)|output|print|count the|sort|in[- ]place|reverse|merge)\b"
        r"|^implement (?!(?:a |an |the |our |my )?(?:[\w-]{1,15} )?(?:plan|policy|strategy|change|rule|budget"
        r"|measure|law|programme|recommendation|decision|reform|system of|process)s?\b)[\w' -]{1,30}$"
        r"|\bimplement (?:an? |the |your own )?(?:[\w'-]{1,20} ){0,4}(?:sort|search|tree|stack|queue|cache|trie"
        r"|heap|graph|parser|algorithm|class|interface|iterator|semaphore|hash|server|client|protocol|encoder"
        r"|decoder|tokenizer|api|login|auth\w{0,12}|pagination|function|method|program|solution)\b",
        unless=r"\b(?:determinant|eigenvalue|eigenvector)s?\b",
    ),
    pattern(
        Kind.MATH,
        0.88,
        "It asks for a number that follows from others.",
        r"\b\d[\d.]{0,6} ?(?:%|percent) (?:tip|discount|tax|vat|off|interest|commission|increase|raise"
        r"|markup|service|fee)\b"
        r".{0,24}\b(?:on|of|from|to) [$€£]?\d|\b(?:square|cube|reciprocal|double|triple|half) of \d"
        r"|^is \d[\d,.]{0,12} (?:an? )?(?:divisible|prime|composite|even|odd|perfect|multiple|factor|power|square)\b"
        r"|\b(?:next|missing) (?:number|term)\b.{0,30}\d{1,6}\W{1,3}\d"
        r"|\d\W{1,3}\d{1,6}\W.{0,20}\b(?:comes|goes|is) next\b"
        r"|\b(?:sum of (?:the )?(?:interior |exterior )?angles?|(?:interior |exterior )?angles?"
        r"|surface area|area|perimeter|volume"
        r"|diagonals?|circumference|radius|hypotenuse) (?:of|in|for) (?:an? "
        r"|the )?(?:[\w-]{1,12} )?(?:triangle|rectangle|circle"
        r"|hexagon|pentagon|octagon|polygon|cube|sphere|cone|cylinder|trapezo(?:id|ium)|parallelogram"
        r"|rhombus|pyramid|prism)\b"
        r"|^(?:evaluate |what(?:'s| is) |compute |calculate |find |solve )?(?:(?:log(?:2|10)?|ln|sin"
        r"|cos|tan|sqrt|exp|abs|arc(?:sin"
        r"|cos|tan))(?:\(| )[\d.π ]{1,12}(?:pi|°)?(?:/\d{1,4})?\)?|\d{1,6}!)[\d\s+*/^().!-]{0,60}[?=]{0,2}$"
        r"|^round (?:off |up |down )?[$€£]?\d|\bwhich (?:(?:number|fraction|one) )?is (?:bigger|larger"
        r"|smaller|greater|more|less)\b"
        r".{0,12}\d|^(?:express|write|give) \d.{0,30}\bas an? (?:percent\w{0,4}|fraction|decimal|ratio|power|mixed)\b"
        r"|\b(?:hypotenuse|area|perimeter|circumference|volume|diagonal)\b.{0,50}\d.{1,30}\d"
        r"|\bpythagor\w{1,6}|\b\d{1,4} choose \d{1,4}\b|\bfrom base \d|\bin base \d",
        unless=_TEX_OR_CODE,
    ),
    pattern(
        Kind.MATH,
        LIKELY,
        "It asks to rework a formula.",
        rf"^(?:expand|simplify|factori[sz]e|factor|solve|evaluate|integrate|differentiate|plot|graph|rationali[sz]e"
        rf"|isolate|what(?:'s| is))\b.{{0,30}}?(?<![\w.]){_FORMULA}(?![\w.])",
        unless=rf"{_TEX_OR_CODE}|\b(?:19|20)\d\d ?[-/] ?(?:19|20)?\d\d\b|{NOT_A_SUM}",
        view="asked",
    ),
    pattern(
        Kind.MATH,
        LIKELY,
        "It asks for a proof or a property of numbers.",
        r"\b(?:prove|show|verify|determine|decide|disprove|demonstrate)\b.{0,80}\b(?:divisible|integers?|odd|even|prime"
        r"|irrational|rational|converg\w{1,5}|diverg\w{1,5}|continuous|injective|surjective|bijecti\w{1,3}|inequality"
        r"|induction|congruent|linearly|orthogonal|for (?:all|every|any) (?:real |positive "
        r"|natural )?(?:[a-z]\b|numbers?)"
        r"|theorem|lemma)\b|\b(?:does|do) the (?:series|sequence|integral|sum)\b.{0,60}\bconverge",
        unless=_TEX_OR_CODE,
    ),
    pattern(
        Kind.MATH,
        LIKELY,
        "It asks for a differential equation, a limit or another form of a number.",
        r"\b[yfux]'{1,3}(?:\([xt]\))? ?[-+=]|\bd[yx]/d[xt]\b|\blim(?:it)?\b.{0,30}\b(?:->|→|to(?:wards?)?"
        r"|approaches|goes to) (?:0|zero|infinity|∞|\d|a\b)"
        r"|^(?:convert|write|express|turn|change)\b.{0,12}?\d[\d./,]{0,12}%? (?:in)?to (?:an? "
        r"|the )?(?:mixed |simplest "
        r"|proper |improper )?(?:fractions?|decimals?|percent(?:age)?s?|mixed number|binary|hex(?:adecimal)?|octal"
        r"|roman numerals?|scientific notation|radians)\b",
        unless=_TEX_OR_CODE,
    ),
)
