"""Code: pasted code and errors, requests to write or mend code, questions about shells and languages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from trayassist.api import Kind
from trayassist.routing.stages import LIKELY, MAYBE, Lazy, any_of, pattern
from trayassist.routing.text import RequestText

# languages and tools whose names are no ordinary words
LANGUAGE = (
    r"(?:python3?|javascript|typescript|js|jsx|tsx|linq|tailwind|webpack|pytest|node(?:\.?js)?|java"
    r"|c\+\+|cpp|c#|csharp|\.net|golang|kotlin|php"
    r"|haskell|scala|perl|fortran|cobol|matlab|octave|julia|lua|elixir|erlang|clojure|lisp|prolog|ocaml|f#"
    r"|objective-c|dart|flutter|sql|mysql|postgres(?:ql)?|sqlite|mongodb|graphql|html5?|css3?|scss"
    r"|react(?:\.?js)?|vue(?:\.?js)?|angular|svelte|django|flask|fastapi|laravel|numpy|pandas|pytorch"
    r"|tensorflow|bash|zsh|powershell|awk|vba|regex|verilog|assembly|webassembly|jquery|latex|terraform"
    r"|ansible|dockerfile|jq)"
)
# names that are also ordinary words: only after "in", "using", "with"
HOMONYM = r"(?:go|rust|ruby|swift|r|c|d|excel|scheme|spring|rails|make|git|vim|docker)"
SHELL = (
    r"(?:bash|linux|unix|ubuntu|debian|terminal|shell|command[- ]line|cmd|powershell|zsh|cli|windows|macos|git"
    r"|docker|kubernetes|kubectl|vim|ssh|cron|crontab|systemd|npm|pip|conda|apt)"
)
THING = (
    r"(?:functions?|scripts?(?! for a (?:play|movie))|(?:dummy|fake|mock|test|sample) data|json (?:for|with"
    r"|schema|file|object)|docstrings?|type hints|methods?|subroutines?|algorithms?|code|code snippets?"
    r"|snippets?|one-?liners?|regex(?:es)?|regular expressions?|unit tests?|test cases? for|sql quer(?:y|ies)"
    r"|quer(?:y|ies) (?:that|to|which|for)|stored procedures?|decorators?|lambda|iterators?"
    r"|generators? function|parsers?|compilers?|interpreters?|(?:rest )?apis?|endpoints?|web ?(?:site|page"
    r"|server|scraper|app)s?|landing page|chrome extension|dockerfiles?|makefiles?|ya?ml (?:file|config)"
    r"|cron ?jobs?|bash commands?|shell commands?|linked lists?|binary (?:search )?trees?|hash ?(?:map"
    r"|table)s?|(?:database|db|json|sql|graphql) schemas?|(?:c|go|rust|r) (?:program|function|code|script)s?"
    r"|async(?:/await)?|data structures?|state machine|discord bot|telegram bot|todo app"
    r"|command[- ]line (?:tool|app|program)|cli(?: tool| app)?|macros?|mobile app|android app|ios app"
    r"|react components?|(?:css|html) (?:layout|form|table)|pseudo-?code|recursion|struct|list comprehensions?"
    r"|for[- ]loops?|while[- ]loops?|try-?catch)"
)
MAKE = (
    r"(?:write|whip up|knock up|put together|cook up|implement|develop|create|build|make|generate|code(?: up)?"
    r"|program|give me|show me|design|need|provide|come up with|construct|add|complete|finish|define"
    r"|turn (?:this|that|my|the|it).{0,30} into|convert (?:this|that|my|the|it).{0,30} (?:to|into)|sketch"
    r"|hack together|rewrite|draft)"
)
MEND = (
    r"(?:fix|debug|refactor|optimi[sz]e|review|improve|clean up|test|explain|document|comment|simplify|port"
    r"|convert|translate|rewrite|speed up|profile|modify|extend|change|update|find (?:the |any )?bugs? in"
    r"|correct|check|format|lint|vectori[sz]e|add (?:type hints|tests|logging|comments|error handling) to)"
)

_PLACE = any_of(LANGUAGE, HOMONYM, SHELL, "the terminal", "nginx", "vs ?code")
_COMMAND = (
    r"(?:powershell|bash|sql|regex|awk|sed|jq|git|shell|linux|terminal|ffmpeg|curl|docker|kubectl|excel|cron"
    r"|vim|unix"
    r"|python|zsh)"
)
_PASTE = (
    r"^[ \t]{0,12}(?:async )?def \w{1,60} ?\(|^[ \t]{0,12}class \w{1,60}(?:\([^)\n]{0,80}\))?:"
    r"|^from [\w.]{1,60} import \w"
    r"|^import [\w.]{1,60}(?: as \w{1,30})?;?$|^#include ?[<\"]|^#!/|^>>> |^using namespace "
    r"|^package [\w.]{1,60};?$"
    r"|\b(?:public|private|protected|static) (?:static |final |async |class |void |int |string ){1,3}\w{1,60}"
    r"|\bfunction ?\w{0,60} ?\([^)\n]{0,100}\) ?\{|\b(?:const|let|var) [\w{}\[\], ]{1,60} ?= ?\S|=> ?[\{(]"
    r"|\bfn \w{1,60}\([^)\n]{0,100}\)"
    r"|\bfunc \w{1,60}\([^)\n]{0,100}\)|^[ \t]{0,12}(?:for|while|if|elif|switch) ?\(.{1,100}\) ?\{"
    r"|^[ \t]{0,12}(?:for \w{1,20} in|while|if|elif) .{1,80}:$"
    r"|\bconsole\.log\(|\bSystem\.out\.|\bprintf\(|\bstd::|\bint main\(|\bself\.\w{1,40} ?=|@app\.route"
    r"|\bprint\([^)\n]{1,80}\)$"
    r"|(?i:^[ \t]{0,12}(?:select .{1,100} from \w|create table \w|insert into \w|alter table \w"
    r"|update \w{1,40} set ))"
    r"|^[ \t]{0,8}(?:</?(?:div|html|body|span|head|script|table|ul|form|button)\b|<!DOCTYPE)"
    r"|\{\{[^}\n]{1,60}\}\}|^[ \t]{0,12}\}[;,]?$"
    r"|^@(?:media|import|keyframes|supports|font-face|charset|layer) |^(?:\$|PS [A-Z]:\\[^>\n]{0,60}>) \w"
    r"|^[ \t]{0,12}return [\w\[({\"'].{0,60};?$|^[+-]{3} [ab]/|^@@ -\d"
)
_ERROR = (
    r"Traceback \(most recent call last\)|^[ \t]{0,8}File \"[^\"\n]{1,120}\", line \d"
    r"|\b[A-Z][A-Za-z]{2,40}(?:Error|Exception)\b"
    r"|\b(?i:segmentation fault|segfault|stack ?trace|core dumped|undefined reference|null ?pointer"
    r"|kernel panic|npm err!)"
    r"|\berror\[E\d{4}\]|\b(?i:runtime error|undefined is not|cannot read propert(?:y|ies)|module not found"
    r"|no module named|nullpointer|out of bounds|type ?error|exception in thread|unhandled exception"
    r"|access violation|unresolved external)\b|\berror (?:CS|TS|C|LNK)\d{3,5}\b|\w\.(?:java|kt|py|js|ts|go|rs"
    r"|c|cpp|rb|php|cs):\d{1,6}\b|^fatal: |^panic: "
    r"|(?i:syntax error (?:near|at|on line)|compil(?:er|ation) error|cannot find symbol|is not defined$"
    r"|command not found|exit(?:ed with)? code \d)"
)

PASTED = pattern(Kind.CODE, 0.97, "It holds pasted code.", _PASTE, view="raw")

_WORDS = Lazy(
    rf"(?<![\w-]){LANGUAGE}(?![\w-])|\b(?:compilers?|linker|interpreter|debugger|breakpoints?|functions?"
    rf"|scripts?|variables?|env(?:ironment)? var(?:iable)?s?|arrays?|dict(?:ionar(?:y|ies))?s?|tuples?|strings?"
    rf"|integers?|"
    r"booleans?|loops?|recursi(?:on|ve)|async(?:hronous)?|await|callbacks?|closures?|decorators?"
    r"|class(?:es)? (?:method|attribute|hierarchy)|inheritance|polymorphism|pointers?|references? error|null"
    r"|nan|exceptions?|stack|heap|hash ?maps?|"
    r"queues?|linked list|binary tree|algorithms?|complexity|schemas?|databases?|tables?|columns?|joins?"
    r"|foreign keys?|primary keys?|indexes|quer(?:y|ies)|api|apis|endpoints?|json|xml|yaml|csv|http|https|rest"
    r"|websockets?|cors|jwt|oauth|"
    r"servers?|localhost|ports?|containers?|docker|kubernetes|repo(?:sitory)?|branch(?:es)?|commits?|merge"
    r"|pull request|git(?:hub|lab)?|ide|vs ?code|npm|pip|packages?|modules?|librar(?:y|ies)|frameworks?"
    r"|imports?|dependenc(?:y|ies)|"
    r"syntax|tokens?|parser?|parse|regex|bash|shell|terminal|command line|stdin|stdout|file ?path|director(?:y"
    r"|ies)|dataframe|numpy|pandas|unit tests?|mocks?|ci|pipeline|deploy\w{0,4}|build|compile[sd]?|thread(?:s"
    r"|ing)?|mutex|deadlock|"
    r"memory leak|buffer|bytes?|unicode|utf-?8|encoding|sdk|cli|gui|widget|component|props|hooks?|css|html|dom"
    r"|button|div|flexbox|swap|sort(?:ed|ing)?|hash|lambda|generic|template|struct|enum|interface|constructor"
    r"|getter|setter|sql)\b"
)
_WEAK = Lazy(  # ordinary words too: they count only beside a strong one
    r"tables?|ports?|stack|queues?|build|classes|buttons?|components?|references|index|hash|heap|swap|sort"
    r"|branch(?:es)?"
    r"|commits?|merge|servers?|strings?|rest|packages?|librar(?:y|ies)|buffer|tokens?|interface|template"
    r"|hooks?"
    r"|integers?|complexity|null|columns?|functions?|scripts?"
)


@dataclass(frozen=True, slots=True)
class TechnicalWords:
    """Speaks for code when a question uses several words of programming."""

    kind: Kind = Kind.CODE
    confidence: float = 0.66
    reason: str = "It uses words of programming."

    def hits(self, text: RequestText) -> bool:
        if _TALK.compiled.search(text.line):
            return False
        words = {found.group() for found in _WORDS.compiled.finditer(text.line)}
        strong = sum(not _WEAK.compiled.fullmatch(word) for word in words)
        return len(text.line) < 300 and (strong >= 2 or (strong == 1 and len(words) >= 3))

    def patterns(self) -> Iterator[re.Pattern[str]]:
        yield from (lazy.compiled for lazy in (_WORDS, _WEAK, _TALK))


_TALK = Lazy(
    r"\b(?:poem|story|essay|email|letter|career|job|salary|history of|who (?:invented|created)|course"
    r"|university|interview tips|company|market|stock|lease|contract|report|revenue|marketing|recipe|"
    r"blog|article|explain (?:to|like)|metaphor|analogy|politic\w{1,4}|chemical|protein|dna|business|customer"
    r"|the \w{1,12} (?:says|states)|summar\w{1,5}|documents?|notes|files?|pdfs?|my (?:cpu|ram|battery))\b"
)

RULES = (
    PASTED,
    TechnicalWords(),
    pattern(Kind.CODE, 0.96, "It holds an error message of a program.", _ERROR, view="raw"),
    pattern(
        Kind.CODE,
        0.9,
        "It asks for code to be written.",
        rf"\b{MAKE}\b(?: me| us)?(?: up)?(?: an?| the| some| this| my| two"
        rf"| three)? ?(?:[\w+#.'/-]{{1,24}},? ){{0,4}}{THING}\b",
        unless=r"\b(?:movie|film|play|video|podcast|sales|call|phone|radio|youtube|tv|theatre|commercial|qr|dress|zip"
        r"|promo|discount|area|access|morse|building|tax|"
        r"teaching|research|cooking|scientific|payment|honou?r|conduct)[- ](?:scripts?|codes?|methods?"
        r"|functions?)\b|\b(?:story|poem|essay|email|letter|article|blog|speech|paragraph)\b|\bscript for (?:a|the"
        r"|my) (?:play|film|movie|video|podcast|scene|speech|ad|commercial|short)"
        r"|\bcode of (?:conduct|ethics|honou?r)|\b(?:social|dinner|corporate|charity|wedding) functions?\b"
        r"|\b(?:zip|pin|postal|promo|gift|door) code",
    ),
    pattern(
        Kind.CODE,
        0.9,
        "It asks for a program.",
        rf"\b{MAKE}\b(?: me| us)?(?: an?| the| some| this)? (?:(?:simple|small|short|basic|little|complete"
        rf"|efficient|recursive|computer|console|working|example|{LANGUAGE}|c|go|rust|ruby|swift|r) ){{0,3}}"
        r"(?:programs?|class|classes|quer(?:y|ies)|modules?|librar(?:y|ies)|apps?|applications?|game)\b"
        r"(?= (?:that|which|to|in|using|for|with|called|named|where) .{0,60}\b(?:python|java|c\+\+|input|output"
        r"|prints?|returns?|reads?|files?|numbers?|arrays?|lists?|strings?|integers?|elements?|sort|"
        r"comput\w{1,4}|calculat\w{1,4}|user|json|csv|data|methods?|database|pars\w{1,4}|fibonacci|prime|matrix"
        r"|html|api|button|text|tree|nth|console|sum|checks?|convert\w{0,3}|count\w{0,3}|server|stack|queue)\b)",
    ),
    pattern(
        Kind.CODE,
        0.88,
        "It names a programming language and asks for code.",
        rf"\b{MAKE}\b.{{0,70}}\b(?:in|using|with|for) {any_of(LANGUAGE, HOMONYM)}(?![\w-])(?! (?:to|from|the|my"
        rf"|for me)\b)|\b{MAKE}\b.{{0,30}}\b{LANGUAGE} (?:programs?|class|code|scripts?|functions?|apps?"
        rf"|quer\w{{1,3}}|example|loop|snippet|tests?)\b",
        unless=r"\b(?:email|letter|essay|poem|story|blog|paragraph|resume|cover letter|cake)\b",
    ),
    pattern(
        Kind.CODE,
        0.88,
        "It is about code that is there already.",
        rf"\b{MEND}\b(?: this| my| the| our| that| these| some| me)?(?: [\w+#.-]{{1,20}}){{0,2}} (?:code|function"
        rf"|script|bug|quer(?:y|ies)|regex|program|method|class|loop|unit tests?|snippet|algorithm|stack ?trace"
        rf"|module|component|sql|codebase|repo(?:sitory)?|pull request|diff|commit|makefile|dockerfile|api|endpoint"
        rf"|tests?)\b",
        unless=r"\b(?:area|zip|dress|tax|building|postal|qr|pin|promo|movie|yoga|english|maths?|history|science|cooking"
        r"|gym) (?:code|script|class|program)|\bblood tests?|\btest (?:results|drive)|\bcode of conduct|\bcovid",
    ),
    pattern(
        Kind.CODE,
        LIKELY,
        "It asks why code does not work.",
        r"\b(?:my|this|the) (?:[\w-]{1,15} )?(?:recursive|recursion|loop|async|lambda|regex|callback|mutex|thread"
        r"|goroutine|dataframe|dockerfile|webpack|query|script|function)\b.{0,40}\b(?:fails?|failing|hangs?"
        r"|crash\w{0,3}|blows|overflows?|throws?|returns?|doesn't|does not|won't|is (?:slow|broken|wrong)"
        r"|never (?:ends|returns|stops)|errors?)\b|\b(?:why|what's wrong|what is wrong|how come)\b.{0,50}\b(?:code"
        r"|function|script|loop|regex|query|program|compile[srd]?|unit tests?|recursion|async|callback|pointer"
        r"|array|dataframe|merge conflict|build|pipeline|import|imports|variable|null|undefined|docker|container"
        r"|segfault\w{0,3}|stack overflow)\b"
        r".{0,40}\b(?:fail\w{0,3}|not|n't|wrong|slow|crash\w{0,3}|return\w{0,3}|print\w{0,3}|hang\w{0,3}"
        r"|error\w{0,2}|infinite|break\w{0,3}|throw\w{0,3}|always|twice|leak\w{0,3}|empty|none|null)\b",
        unless=r"\b(?:exercise|tv|zip|dress|building|area) (?:program|code)",
    ),
    pattern(
        Kind.CODE,
        LIKELY,
        "It asks what a piece of code does.",
        r"\b(?:unit |integration |my |the |ci )?tests? (?:pass|fail|run|break)\w{0,3}\b.{0,60}\b(?:locally|ci"
        r"|pipeline|build|runner|flaky|mock\w{0,2}|debug)\b|\bhow (?:do|can|should|would) (?:i|you|we) debug\b"
        r"|\bwhat (?:does|do|would|will) (?:this|the following|that|my)(?: [\w+#.-]{1,20}){0,2} (?:code"
        r"|function|script|regex|query|command|snippet|program|loop|method|decorator|one-?liner)\b"
        r"|\bwhat is (?:this|the following) (?:code|function|script|regex|snippet|loop)\b|\b(?:time|space"
        r"|runtime) complexity of (?!love|life|human)|\bbig[- ]o\b|\bo\((?:n|1|log ?n|n ?log ?n|n\^?2)\)",
    ),
    pattern(
        Kind.CODE,
        LIKELY,
        "It asks how to do something in a shell or a language.",
        rf"\bhow (?:do|can|could|would|should|does|to|did)\b.{{0,90}}\b(?:in|with|using|on|from|inside|for) (?:a "
        rf"|an |the "
        rf"|my"
        rf" )?{_PLACE}(?![\w-])(?!"
        rf" (?:to|from|your|rate|years?|and me)\b)",
        unless=r"\b(?:say|spell|pronounce|remove (?:the )?rust|scratch)\b|\blinux (?:market|history)|learn (?:to|how)",
    ),
    pattern(
        Kind.CODE,
        LIKELY,
        "It asks for a command.",
        rf"^(?:an? |the |what(?:'s| is) (?:an? |the )?|which (?:is the )?|give me (?:an? |the )?|show me (?:an? "
        rf"|the )?)?(?:[\w-]{{1,15}}"
        rf" )?{_COMMAND}"
        r"(?: (?:commands?|quer(?:y|ies)|formulas?|expressions?|one-?liners?|scripts?|code|snippets?|pattern"
        r"|cmdlets?|alias|syntax|schedule))?,? (?:to|for|that|which|matching|how to|every)\b"
        rf"|^(?:cent(?:er|re)|style|align|animate|parse|sort|iterate|loop|concatenate|merge|split|reverse|filter"
        rf"|serialize|deserialize|mock|query|validate)\b.{{0,60}}\b(?:in|with|using"
        rf"|by) {any_of(LANGUAGE, HOMONYM)}(?![\w-])"
        r"|\b(?:one-?liner|command|regex|cron expression|shell alias|sql query) (?:to|for|that"
        r"|which)\b(?=.{0,60}\b(?:files?|director|folder|process|lines?|columns?|rows?|strings?|port|logs?|branch"
        r"|commit|emails?|url|digits?|words?|disk|zip|tar|ssh|table|duplicates?|spaces|dates?|numbers?|every"
        r"|match)\w{0,4}\b)",
    ),
    pattern(
        Kind.CODE,
        LIKELY,
        "It asks how to work with git, a shell or a tool for programs.",
        r"\b(?:this|that|a|my|the) (?:curl|bash|shell|git|sql|docker|awk|sed) (?:command|script|query|request"
        r"|one-?liner|line|pipeline)\b|\bwhat(?:'?s| is) the (?:[\w-]{1,12} )?(?:bash|linux|shell|git|terminal"
        r"|powershell|unix|vim|docker)(?: (?:command|thing|way|trick|shortcut|flag|option|syntax))\b|\bnpm (?:run"
        r"|start|test|ci)\b|\b(?:git (?:rebase|merge|reset|stash|cherry-?pick|bisect|commit|push|pull|checkout"
        r"|branch|clone|log|diff|blame|revert|submodules?|hooks?|tags?)|docker (?:compose|build|run|image"
        r"|container|volume)s?|npm install|pip install|merge conflict|virtual ?env|package\.json|requirements\.txt"
        r"|kubectl|crontab|chmod|chown|grep|sudo|systemctl|stdin|stdout|localhost|dockerfile|makefile)\b"
        r"|\b(?:undo|revert|squash|amend|rebase|cherry-?pick)\b.{0,30}\bcommits?\b|\bgit\b.{0,60}\b(?:branch"
        r"|commit|remote|repo|history|file|merge|push|tag)",
    ),
    pattern(
        Kind.CODE,
        MAYBE,
        "It names a programming language and something of programs.",
        rf"(?<![\w-]){LANGUAGE}(?![\w-]).{{0,80}}\b(?:code|functions?|class(?:es)?|loops?|arrays?|lists?"
        rf"|dict(?:ionar(?:y|ies))?s?|strings?|variables?|objects?|exceptions?|libraries|library|modules?|packages?"
        rf"|syntax|decorators?|generators?|closures?|threads?|async|tables?|joins?|columns?|dataframes?|imports?"
        rf"|version|compile|sort|parse|json|csv|install|error|script|query|list comprehensions?|inheritance"
        rf"|pointers?|templates?|hooks?|regex|promises?|types?|interface)\b"
        rf"|\b(?:code|functions?|class(?:es)?|loops?|arrays?|lists?|dict(?:ionar(?:y|ies))?s?|strings?|variables?"
        rf"|exceptions?|library|modules?|package|syntax|decorators?|generators?|closures?|threads?|async|joins?"
        rf"|dataframes?|parse|json|csv|sort|difference between|read|write|script|query|list comprehensions?"
        rf"|inheritance|pointers?|hooks?|promises?)\b.{{0,50}}\bin {any_of(LANGUAGE, HOMONYM)}(?![\w-])(?! (?:to"
        rf"|from|the|my)\b)",
        unless=r"\b(?:job|salary|career|history of|who (?:invented|created|made)|snake|zoo|coffee|island|learn"
        r"|course)\b",
    ),
)
