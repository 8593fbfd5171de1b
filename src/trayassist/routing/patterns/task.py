"""Task: reminders, to-dos and lists to keep."""

from __future__ import annotations

from trayassist.api import Kind
from trayassist.routing.stages import HINT, MAYBE, pattern

LIST = (
    r"(?:(?:to-?dos?|to do|task|shopping|grocery|groceries|chores?|packing|reading|wish|bucket|buy|to-buy"
    r"|purchase|errands?|reminders?|action item|work|check)[- ]?(?:lists?)?|lists? of (?:to-?dos?|things to do"
    r"|chores|reminders|tasks|errands)|list)"
)
_TASK = (
    r"(?:tasks?|to-?dos?|to do items?|action items?|reminders?|tickets?|checklist items?|chores?"
    r"|follow[- ]?ups?|errands?)"
)
_HOW = (
    r"^(?:how|why|what is|what's|what are|explain|describe|tell me (?:how|why|about))\b(?!.{0,20}\b(?:on"
    r"|in) (?:my|the)\b)"
)

RULES = (
    pattern(
        Kind.TASK,
        0.92,
        "It asks for a reminder.",
        r"(?<!that )(?<!which )(?<!it )(?<!this )\bremind me\b(?! (?:what|who|which|how|why|when (?:was|is|did"
        r"|does)|where|again|of (?:the (?:name|address|time|rules|password|number|date)|a\b|home|my|when|how"
        r"|someone|something|what))\b)|\b(?:set|create|make|add|put|schedule|need|want|have|get|give me|start"
        r"|cancel|delete|change|update)\b(?: up| in)?(?: me)?(?: an?| another| the| my"
        r"| all)?(?: [\w-]{1,12}){0,2} reminders?\b|^(?:a )?reminder (?:to|for|about|at|that)\b|\bbe reminded\b"
        r"|\b(?:don't|do not|so i don't|never|not) (?:let me )?forget to\b|\b(?:don't"
        r"|do not) let me forget\b|\bi (?:don't"
        r"|do not) want to forget to\b|\bremind (?:us|him|her|them)\b|\bping me (?:at|in|when|tomorrow|on|about)\b"
        r"|\b(?:nudge|notify|alert|ping|prod|nag) me (?:in|at|on|tomorrow|tonight|every|before"
        r"|after|to|next|about)\b"
        r"|^(?:move|snooze|postpone|reschedule|push|shift|dismiss|edit|rename|remove|turn off|stop"
        r"|repeat|skip)\b.{0,30}"
        r"\breminders?\b|^reminders?\b(?:[:-]| (?:(?:at|on|in|for|tomorrow|today|tonight|every|next)\b|\d)).{2,200}",
        unless=_HOW,
    ),
    pattern(
        Kind.TASK,
        MAYBE,
        "It asks to keep something to be done.",
        r"^(?:remember to|to remember to|me remember to|don't forget to|make sure (?:that )?i (?:don't forget"
        r"|remember)|help me (?:to )?remember to) \w",
        unless=r"\?$",
    ),
    pattern(
        Kind.TASK,
        0.92,
        "It asks for a task to be kept.",
        rf"^(?:create|add|make|open|log|file|start|set up|put(?: down)?|new|record|track|assign|enter|capture"
        rf"|schedule|delete|remove|complete|finish|close|cancel|update|postpone|reopen|prioriti[sz]e|i need"
        rf"|note)\b(?: me)?(?: an?| the| another| new| this(?: as)?| my| some| that| one)?(?: (?!list|function"
        rf"|class|script|code)[\w-]{{1,14}}){{0,2}} {_TASK}\b(?! (?:scheduler|queue|manager|runner|app|function"
        rf"|class|list app|tracker app|component))"
        rf"|^(?:new )?(?:task|to-?do|action item)s?(?: ?:| for (?:today|tomorrow|me|monday|tuesday|wednesday"
        rf"|thursday|friday)| to \w)|\bmark\b.{{0,60}}\b(?:as )?(?:done|complete[d]?|finished)\b|\b(?:check|cross"
        rf"|tick|strike) (?:off )?.{{0,50}}\b(?:off|from)\b.{{0,20}}\blist\b|\b(?:assign|delegate)\b.{{0,40}}\btask",
        unless=rf"{_HOW}|\b(?:python|javascript|java|react|sql|html|function|class|code|script|flask"
        rf"|django|program|celery"
        rf"|cron|app)\b",
    ),
    pattern(
        Kind.TASK,
        0.9,
        "It is about a list that is kept.",
        rf"\b(?:add|put|insert|append|include|note|place|write|stick|throw|move|jot|scribble|pop"
        rf"|chuck)\b.{{1,80}}\b(?:to|on|onto|in|into) (?:my |the |our |your |a )?(?:[\w-]{{1,12}} )?{LIST}\b(?! of)"
        rf"|\b(?:remove|delete|take|drop|clear|cross|strike|empty|get rid of|erase|scratch"
        rf"|wipe)\b.{{0,80}}\b(?:from|off|of|out of|in)? ?(?:my |the |our |your )(?:[\w-]{{1,12}} )?{LIST}\b"
        rf"|\bi (?:don't )?need .{{1,40}} on (?:the|my) (?:shopping |grocery |to-?do )?list\b|\b(?:add"
        rf"|put) .{{1,40}} (?:to|on) (?:the|my) (?:chores|errands|groceries|tasks|to-?dos|reminders|task list)\b",
        unless=rf"{_HOW}|\b(?:playlist|linked list|python|array|mailing list|waiting list|guest list|list comprehension"
        rf"|javascript|function|code|html)\b",
    ),
    pattern(
        Kind.TASK,
        0.86,
        "It is about a list that is kept.",
        rf"^(?:create|make|start|write|begin|set up|new|open)\b.{{0,16}}\b(?:shopping|grocery|groceries"
        rf"|to-?do|task)s? list\b"
        rf"|^(?:clear|delete|remove|archive|hide|show|list|count|sort)\b(?: me)?(?: all| my| the"
        rf"| any){{0,2}} (?:completed|done"
        rf"|finished|old|open|pending|overdue|due|remaining)(?: \w{{1,10}})? {_TASK}\b"
        r"|^(?:what|what's|whats|anything|is there anything|how much|what is"
        r"|what all)\b.{0,24}\bon (?:my|the) list\b(?! of)",
        unless=rf"{_HOW}|\b(?:python|javascript|react|html|app|code|function|program|component)\b",
    ),
    pattern(
        Kind.TASK,
        0.86,
        "It asks about a list that is kept.",
        r"\b(?:on|in|to|of|from|at) (?:my |the |our )(?:current )?(?:to-?dos?|to do|task|shopping|grocery|chores?"
        r"|reminders?|errands?|purchase|to-buy|packing)(?:'s)?[ -]?(?:list|lists)?\b(?! (?:of|for the (?:project"
        r"|recipe)))|^(?:(?:what|which|list|show|read|tell|give|check|recite|review|display|see|see if|look at"
        r"|iterate|hear|have|is|does|do|did|go)\b.{0,50}\b)?(?:my|the|all|our|open|pending|outstanding|overdue"
        r"|today's|current) (?:my )?(?:to-?dos?|to do list|tasks|reminders?|chores|shopping list|grocery list"
        r"|task list|action items|errands)\b"
        r"|^(?:what|which|any|how many|list|show|do i have|are there)(?: me| any| all| of my"
        r"| the){0,3} (?:reminders|to-?dos|open tasks|pending tasks|tasks)\b(?: do i| have i| are| did i| i have"
        r"| for| left| today)|\b(?:my|the) (?:to-?do|to do|shopping|grocery|task|reminders?|chores) lists?\b"
        r"|\blist of (?:my )?(?:reminders|to-?dos?|things to (?:do|remember|buy)|chores|tasks)\b"
        r"|\bwhat (?:\w{1,8} of things )?(?:do|did|must|should) i (?:still )?(?:(?:have|need) to )?(?:do"
        r"|get done) (?:today|tomorrow|this)|\b(?:items|things|stuff) (?:that )?(?:i|you) (?:want(?:ed)?|was|were"
        r"|am|are) (?:trying |going |supposed )?to (?:remember|recall|remind)|\bwhat did i want to (?:remember|recall"
        r"|remind)|\bwhat did i ask you to (?:recall|remind)",
        unless=r"\b(?:playlist|linked list|python|javascript|react|code|function|app|html)\b|^(?:how (?:do|to|can)|why"
        r"|what is a|explain)\b",
    ),
    pattern(
        Kind.TASK,
        HINT,
        "It asks to plan something.",
        r"\b(?:schedule|book|plan|arrange|set up|put)\b.{0,40}\b(?:meeting|call|appointment|calendar|event|review"
        r"|deadline)\b|\b(?:to|on|from|off) my calendar\b|\bfollow up (?:with|on)\b|\btodo\b|\bby (?:monday"
        r"|tuesday|wednesday|thursday|friday|tomorrow|end of (?:day|week))\b",
    ),
)
