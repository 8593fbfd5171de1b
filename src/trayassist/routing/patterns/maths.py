"""Maths: arithmetic, equations, named quantities of numbers, and word problems."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from trayassist.api import Kind
from trayassist.routing.stages import LIKELY, Lazy, pattern
from trayassist.routing.text import RequestText

NUMBER_WORD = (
    r"(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen"
    r"|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand"
    r"|million|billion)"
)
NUMBER = (
    rf"(?:[$€£]? ?-?\d[\d,]{{0,15}}(?:\.\d{{1,10}})?(?:%| ?percent)?|\.\d{{1,10}}"
    rf"|{NUMBER_WORD}(?:[ -]{NUMBER_WORD}){{0,4}})"
)
OPERATOR = (
    r"(?:[-+*/×÷^x−]|\*\*|plus|minus|times|(?:multiplied|divided) by|over|mod(?:ulo)?|to the power of"
    r"|(?:percent |% )?of|to the)"
)
_START = (
    r"^(?:(?:what(?:'s| is| are| does)?|how much (?:is|are|does)|calculate|compute|evaluate|work out|solve"
    r"|find|add up|the (?:answer|solution|result) (?:to|of)|answer to|result of|"
    r"what do(?:es)? you get (?:for|when you)|can you) ?)?(?:the (?:answer|solution|result|value) (?:to|of"
    r"|for) )?"
)
_QUANTITY = (
    r"(?:sum|product|difference|average|mean|median|mode|quotient|remainder|gcd|lcm|greatest common (?:divisor"
    r"|factor)|least common multiple|factorial|derivative|integral|determinant|inverse|limit|(?:square|cube"
    r"|cubed|nth|fourth) root|log(?:arithm)?|(?<!same )area|perimeter|volume|surface area|circumference"
    r"|hypotenuse|slope|standard deviation|variance|eigenvalues?|roots?|value|magnitude|distance between"
    r"|midpoint|sine|cosine|tangent|percentage|ratio)"
)

# Figures with signs between them that nobody wants worked out: telephone numbers, dates, spans of years and pages,
# ISBN and other codes, 24/7 and 9/11. A space around the sign, or "=" behind, says that a sum is meant.
_LEAD = r"(?:what(?:'s| is| was| are)?(?: the)? |who(?:'s| is) |call |ring |dial |find |show )?"
NOT_A_SUM = (
    rf"^{_LEAD}(?:"
    r"\+\d[\d ()./-]{5,24}"  # +49 30 5557-1290
    r"|\(?0\d{1,5}\)?[ ./-]{0,3}\d[\d ./-]{2,18}"  # 030/555 712
    r"|\(?\d{3}\)?[ ./-]{1,2}\d{3}[ .-]\d{4}|\d{3}-\d{4}|1[ .-]\d{3}[ .-]\d{3}[ .-]\d{4}"
    r"|(?:\d{1,9}[-–]){2,8}\d{1,9}|(?:\d{1,9}/){2,8}\d{1,9}"  # 978-3-16-148410-0, 03/11/2024
    r"|(?:19|20)\d\d[-–/](?:19|20)\d\d|(?:19|20)\d\d[-–/]\d{1,2}|\d{1,2}[-–/](?:19|20)\d\d"
    r"|0\d{0,8}[-/]\d{1,9}|\d{1,9}[-/]0\d{1,8}|10\.\d{4,9}/\d{1,9}|\d{5}-\d{4}|\d{6,14}[-/]\d{1,8}"
    r"|24/7|9/11|7/7|50/50|60/40|70/30|80/20|90/10|20/20|16/9|4x4"
    r")[ ?.!]{0,4}$"
    r"|^(?:(?:[1-9]|[12]\d|3[01])/(?:[1-9]|1[0-2])|(?:[1-9]|1[0-2])/(?:[1-9]|[12]\d|3[01]))[ ?.!]{0,4}$"  # 3/11
)

_NUMBERS = Lazy(
    rf"(?<![\w.,#/:])[$€£]?\d[\d,]{{0,15}}(?:\.\d{{1,6}}|/\d{{1,3}})?(?![\d:]|(?: ?am| ?pm)\b)"
    rf"|\b{NUMBER_WORD}\b(?! (?:of (?:the|my|our|them)|more time))"
    r"|\b(?:half|twice|double|triple|dozen|quarter|third|thrice|once)\b"
)
_YEAR = Lazy(r"(?:19|20)\d\d")
_ASKS = Lazy(
    r"\bhow (?:many|much|old|far|long|tall|fast|heavy|big|large|wide|deep|often)\b|\bwhat(?:'s| is| was| are"
    r"| were| will be| would be| percent| percentage| fraction| number| time)\b"
    r"|\b(?:find|calculate|determine|compute|express|work out|evaluate)\b|\bwhich (?:number|of the)\b"
    r"|\bhow (?:tall|high)\b|\bat what\b|\bwhen (?:does|do|will|would|did)\b|\bwhat (?:floor|page|day|score"
    r"|age|distance)\b|\bin how many\b|\bby what\b|\bwhat (?:do|does|did|would) (?:\d|one|two|three"
    r"|four|five|six|seven|eight|nine|ten|he|she|they|it)\b"
)
_CUES = Lazy(
    r"\b(?:each|every|twice|half|times|thrice|double[ds]?|triple[ds]?|more|less|fewer|older|younger|taller"
    r"|shorter|longer|remain(?:s|ing|der)?|left|total|altogether|together|combined|in all|both|equally|"
    r"plus|minus|sum|equal(?:ly|s)?|rest|lost|won|passes|catch(?:es)? up|meet|travel\w{0,4}|makes?|works?"
    r"|runs?|reads?|walks?|drives?|needs?|uses?|per|if|costs?|costing|pric(?:e|ed|es)|spen[dt]s?|pa(?:id|ys?)"
    r"|buys?|bought|s[eo]ld|sells?|earn(?:s|ed)?|sav(?:es|ed)|gives?|gave|has|had|have|eats?|ate|average"
    r"|percent|ratio|"
    r"probability|dozen|speed|mph|km/h|miles|hours?|minutes?|days?|weeks?|rate|discount|interest|profit"
    r"|share[ds]?|split|divided?|rectangle|triangle|circle|square|radius|length|width|"
    r"consecutive|integers?|digits?|sum|product|number of|years old|ages?|marbles|apples|cookies|students"
    r"|coins?|dice|cards|invest\w{0,4}|ways)\b|%|\$"
)
_OTHER_KIND = Lazy(
    r"\b(?:function|script|arrays?|strings?|json|csv|python|java|regex|sql|(?:write|create|implement|develop"
    r"|build) (?:an? )?(?:\w{1,20} )?(?:program|code|class)|list of|email|essay|story about|poem|blog|"
    r"article|paragraph|passage|summar\w{1,6}|headline|lesson plan|reviews?|(?:in|per|under|to|of) (?:the|my"
    r"|our|this) (?:contract|lease|manual|invoice|document|report|filing|agreement|policy)|page \d|pdf|"
    r"section \d|10-?[kq]|fy ?\d{2,4}|fiscal|q[1-4]|ebitda|capex|balance sheet|cash flow|act as"
    r"|imagine yourself|pretend|json|\w{1,10}'s 10-?[kq])\b"
)
_EVERYDAY = Lazy(  # what people ask an assistant about, with a number in it
    r"\b(?:my (?:bank|account|card|credit|order|flight|insurance|salary|bill|savings|checking)|visa|mastercard"
    r"|reservation|restaurant|hotel|uber|weather|playlist|song|movie|timer|alarm|remind\w{0,3}|meeting"
    r"|table for|"
    r"calories|vacation|pto|traffic|tell me about|capital of|population|recipe|cook|bake|flights?"
    r"|quarter(?:ly)?|segment|revenue|401k|report|contract|lease|document|mile drive|temperature|forecast)\b"
)
_SCALES = Lazy(r"\bif\b.{3,120}\bhow (?:many|much|long|far)\b|\bhow (?:many|much|long|far)\b.{3,120}\bif\b")


@dataclass(frozen=True, slots=True)
class WordProblem:
    """Speaks for maths when a text gives numbers, relates them and asks for one. Years are no numbers here."""

    kind: Kind = Kind.MATH
    confidence: float = 0.84
    reason: str = "It gives numbers and asks for one that follows."

    def hits(self, text: RequestText) -> bool:
        if not _ASKS.compiled.search(text.line) or _OTHER_KIND.compiled.search(text.line):
            return False
        numbers = sum(not _YEAR.compiled.fullmatch(found.group()) for found in _NUMBERS.compiled.finditer(text.line))
        cues = len({found.group() for found in _CUES.compiled.finditer(text.line)})
        if len(text.line) >= 100 and ((numbers >= 3 and cues >= 2) or (numbers >= 2 and cues >= 4)):
            return True
        if _EVERYDAY.compiled.search(text.line) and not (numbers >= 3 and _SCALES.compiled.search(text.line)):
            return False
        if len(text.line) >= 90:
            return (numbers >= 2 and cues >= 1) or (numbers >= 1 and cues >= 3)
        return (numbers >= 2 and cues >= 2) or (numbers >= 3 and cues >= 1)

    def patterns(self) -> Iterator[re.Pattern[str]]:
        yield from (lazy.compiled for lazy in (_NUMBERS, _YEAR, _ASKS, _CUES, _OTHER_KIND, _EVERYDAY, _SCALES))


RULES = (
    pattern(
        Kind.MATH,
        0.95,
        "It is arithmetic.",
        rf"{_START}[(\[]{{0,4}}{NUMBER}[)\]]{{0,4}}(?: ?{OPERATOR} ?[(\[]{{0,4}}{NUMBER}[)\]!]{{0,4}}){{1,12}}"
        rf" ?(?:equals?|equal to|is what|is|make|come to)?(?: what)?[ =?.!]{{0,6}}$",
        view="asked",
        unless=rf"{NOT_A_SUM}|^\d{{3}}-\d{{3,4}}|^(?:9/11|24/7|50/50|one of|ten of)",
    ),
    pattern(
        Kind.MATH,
        0.93,
        "It is arithmetic.",
        r"^[-+*/^().\d\s,%×÷]{3,200}=? ?\??$",
        view="asked",
        unless=rf"{NOT_A_SUM}|^[\d\s.,()-]{{1,200}}$|^\d{{1,4}}[/.-]\d{{1,2}}[/.-]\d{{1,4}}$",
    ),
    pattern(
        Kind.MATH,
        0.9,
        "It is arithmetic.",
        rf"(?<![\w-]){NUMBER} ?(?:plus|minus|times|(?:multiplied|divided) (?:by|into)|to the power of"
        rf"|mod(?:ulo)?) {NUMBER}\b(?! times)|\b\d[\d.]{{0,9}} (?:squared|cubed|factorial)\b"
        rf"|\b\d[\d,.]{{0,12}} ?(?:%|percent) (?:of|off|more than|less than) [$€£]?\d"
        rf"|\b(?:add|subtract|multiply|divide|divided)\b(?: up| together)? {NUMBER} (?:to|from|by|and|with|plus"
        rf"|into) |\bcan {NUMBER} be divided (?:by|into)|\blog(?:arithm)? (?:base )?\d{{1,4}} of \d|\bln\(?\d"
        rf"|\b(?:tip|discount|tax|vat|markup|interest|commission) of \d[\d.]{{0,6}} ?(?:%|percent) (?:on|off|for)\b"
        rf"|\bconvert \d{{1,6}}/\d{{1,6}} (?:to|into) |\b(?:square|cube|\w{{1,6}}th) root of (?:-?\d|{NUMBER_WORD})"
        rf"|\b(?:half|(?:one |two |three |a )?(?:thirds?|quarters?|fifths?|halves|tenths?)) of (?!(?:19"
        rf"|20)\d\d\b)\d|\bwhat (?:percent|percentage|fraction) (?:of \S{{1,12}} is|is \S{{1,12}} of) \S?\d",
        unless=r"\b(?:new york times|at times)\b",
    ),
    pattern(
        Kind.MATH,
        LIKELY,
        "It asks for a quantity that follows from numbers.",
        rf"\b{_QUANTITY}\b(?: of| between| for| from)(?=.{{0,80}}(?:\d|\b{NUMBER_WORD}\b|\bx\b|\bsin\b|\bcos\b"
        rf"|\be\^))(?! (?:the |my |our )?(?:report|lease|contract|account|card|company|country))",
        unless=r"\b(?:in|from|of) (?:the|my|our|this) (?:report|lease|contract|document|pdf|filing|manual|paper|invoice"
        r"|table|reviews?)|\bfy ?\d\d|\bfiscal|\bq[1-4]\b|\brevenue|\bnet income|\bmargin|\b(?:python|javascript"
        r"|java|sql|c\+\+|excel|function|array|program)\b|\b(?:house|home|rent|stocks?|apartment|bitcoin) ",
    ),
    pattern(
        Kind.MATH,
        LIKELY,
        "It is an equation or an expression.",
        r"(?<![\w/.-])\d{0,4}[a-z](?:\^\d| ?\*\*\d|²|³)?(?: ?[-+*/] ?\d{0,4}[a-z\d]{1,4}(?:\^\d|²"
        r"|³)?){1,6} ?[=<>≤≥]|(?<![\w.])[a-z] ?[=<>≤≥] ?-?\d{1,6}(?:\.\d{1,6})?(?:\b(?!\w)).{0,80}[a-z] ?[-+*/=]"
        r"|\b[fgh]\(x\)|\b\d{0,4}x(?:\^|²|³| squared)|\|x ?[-+] ?\d|\\(?:frac|sqrt|sum|int|cdot|begin|left|pi"
        r"|theta|times|le|ge)\b|\$[^$]{1,80}[\\^_=+][^$]{0,80}\$|∫|∑|√",
        view="line",
        unless=r"[{};]|\b(?:function|def|python|javascript|code|return|array|json)\b|https?:",
    ),
    pattern(
        Kind.MATH,
        LIKELY,
        "It asks to solve, prove or work something out.",
        r"^(?:solve|prove|differentiate|integrate|factori[sz]e|factor|simplify|expand|evaluate"
        r"|find)\b.{0,60}\b(?:equations?|inequalit\w{1,3}|polynomials?|expression|theorem|for [xyzn]\b|derivative"
        r"|integral|matrix|triangle|irrational|prime|roots?|quadratic|fraction|divisible|congruen\w{1,3}|logarithm"
        r"|value of [a-z]\b)|\b(?:solve for [a-z]\b|square root of 2 is irrational|law of (?:co)?sines"
        r"|pythagorean theorem|quadratic formula|prime factori[sz]ation|word problem|maths? (?:problem|question"
        r"|homework))",
        unless=r"\b(?:python|javascript|java|sql|c\+\+|code|function|program|script|array|string|sorted)\b",
    ),
    pattern(
        Kind.MATH,
        LIKELY,
        "It asks for a probability or a count.",
        r"\b(?:probability|odds|chances?|likelihood|expected (?:value|number)) (?:that|of|to)\b.{0,80}\b(?:dice"
        r"|die|roll\w{0,3}|coins?|heads|tails|cards?|deck|draw\w{0,3}|marbles?|balls?|random\w{0,2}|urn|at least"
        r"|exactly|pick\w{0,3}|\d{1,4})\b|\brolling (?:two|three|a|\d)\b.{0,30}\b(?:dice"
        r"|die)\b.{0,50}\b(?:probability|odds|chance)"
        r"|\b(?:find|solve for|what is) [a-z](?: if| when|:| in)? .{0,30}=|\bhow many (?:different |distinct "
        r"|possible |positive |whole |even |odd |prime )?(?:ways|integers|solutions|combinations|permutations"
        r"|divisors|factors|primes?(?: numbers)?|arrangements|subsets|diagonals|digits|multiples|zeros|outcomes)\b",
        unless=r"\b(?:rain|snow|survival|divorce|cancer)\b",
    ),
    pattern(
        Kind.MATH,
        0.6,
        "It asks for a calculation.",
        r"^(?:calculate|compute)\b(?=.{0,100}\d)|^(?:do|solve) (?:this|the|some|my) (?:maths?|sum|calculation"
        r"|equation)|^what(?:'s| is) (?:the )?(?:pi|e) (?:to|squared|times)",
        view="asked",
    ),
    WordProblem(),
)
