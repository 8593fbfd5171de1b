"""Curate: facts to remember, to list, to forget. Look-alikes ("remember when we met?") are left to chat."""

from __future__ import annotations

from trayassist.api import Kind
from trayassist.routing.stages import HINT, LIKELY, MAYBE, pattern

_LOOK_ALIKE = (
    r"^(?:do you |don't you |can't |you )?remember (?:when|the (?:time|day|good|old|nineties|eighties"
    r"|seventies|\d\ds|\d{4}s)|how (?:we|i|you|they|he|she)|who|why|where|what|which|if|whether)\b"
    r"|^remember (?!that |my |our |i |i'm |this\b).{0,80}\?$"
    r"|\bforget it\b|\bforget about it\b|\bnever forget\b|\bi (?:always |often |keep "
    r"|just |sometimes )?(?:forget|forgot)\b|^forget(?:ting|ful)|\bforget-me-not|\bhow (?:do|can|could"
    r"|should) (?:i|we|people|you)\b"
)
_FACT = (
    r"(?:that\b|this\b|the following|:|,|my |our |me |i |i'm |i've |we |we're |his |her |their |it's |its "
    r"|[\w' -]{1,60} (?:is|are|was|were|has|have|=|likes?|loves?|hates?|lives?|prefers?|needs?|wants?|works?"
    r"|owns?|owes?|drives?|speaks?|expires?|costs?|belongs?|starts?|ends?|opens?|closes?) )"
)
_STORED = (
    r"(?:facts?|memor(?:y|ies)|things? (?:you|i told you)|notes? (?:about|on|that)|what (?:you"
    r"|i(?:'ve)?) (?:know|remember|stored|saved|told)|everything (?:you|about me|i))"
)

RULES = (
    pattern(
        Kind.CURATE,
        0.93,
        "It asks to remember something.",
        rf"^(?:always |do |also )?(?:remember|memori[sz]e)(?: for me| please)?,? ?{_FACT}|^(?:keep"
        rf"|bear) in mind:? ?(?:that |my |i |i'm |for )|^(?:make|take) a (?:mental )?note(?: of| that|:|,| to self)"
        rf"|^note(?: down)?:? (?:that |my |the following|down )|^(?:jot|write) (?:this |that |it )?down"
        rf"|^commit (?:this |that |it )?to memory|^don't forget(?: that|:| my| i)\b"
        rf"|^(?:save|store|record|add|put|keep)\b.{{0,100}}\b(?:to|in|into) (?:your |my |the "
        rf"|long[- ]term )?memory\b|^(?:save|store|record) (?:this|that|the|a)? ?(?:fact|info(?:rmation)?|detail"
        rf"|preference|note)\b|^(?:store|save|record) (?:this|that|the following)(?: for (?:me|later))? ?[:,]"
        rf"|^for (?:future reference|the record),? |^note to self\b ?[:,-]? ?(?!.{{0,9}}remind)"
        rf"|^(?:you should|please|i want you to) (?:know"
        rf"|remember) (?:that )|[\w.)]{{1,40}}[,;.] (?:please )?(?:remember|memori[sz]e|note) (?:that|this"
        rf"|it)(?: please| for me)?[.!]?$|^learn (?:that |this(?: about me)?:)",
        unless=_LOOK_ALIKE + r"|\b(?:poem|essay|short story)\b|\b(?:a|the|this) (?:task|to-?do|reminder)\b",
    ),
    pattern(
        Kind.CURATE,
        0.9,
        "It asks to remember something.",
        r"^(?:store|save|record|note|log|memori[sz]e|learn) (?:down )?that (?:my|i|i'm|i've|our|we"
        r"|we're|his|her|their|the)\b"
        r"|[\w.)]{1,40}[,;.:] (?:and )?(?:please )?(?:keep (?:that|this|it) in mind|bear (?:that|this"
        r"|it) in mind|don't forget"
        r"(?: that| it| this)?|make a note(?: of (?:it|that|this))?|(?:remember|memori[sz]e) (?:it|that|this))[.!]?$"
        r"|^(?:remember|memori[sz]e) (?:the |this |these |our |his |her )?[\w' -]{0,40}\b(?:codes?"
        r"|numbers?|passwords?|pin|plate"
        r"|combination|address|birthday|name|date)\b(?! of (?:the|a) \w{1,20}\?).{0,60}\w[.!]?$"
        r"|^take (?:a )?note(?: that| of|:)"
        r"|^(?:from now on|in future|going forward|always),? (?:please )?(?:remember|keep in mind)\b"
        r"|^(?:add|save|store) (?:an?|this|the following|another) (?:new )?(?:fact|memory)\b"
        r"|^(?:keep|store|save|note|hold on to|remember) (?:this|that|it)(?: down)?(?: for (?:me|later"
        r"|now|next time)){0,2} ?:",
        unless=_LOOK_ALIKE + r"|\?$|\b(?:file|song|playlist|contact|screenshot|variable|function|remind)\b",
    ),
    pattern(
        Kind.CURATE,
        LIKELY,
        "It asks what is remembered.",
        r"\bwhat (?:do|did|have|else do) (?:you|i) (?:remember(?:ed)?|memori[sz]ed?|(?:have |'ve )?(?:stored|saved"
        r"|noted|recorded|got stored))\b(?! (?:about|from|of) (?!me\b|my|us\b|our|what i|i\b))|\bdo you (?:know"
        r"|have|remember) anything (?:about|on) (?:me|my|us|our)\b|\bwhat (?:do |have )?you (?:know|learn(?:ed|t)?"
        r"|have on file|have) (?:about|on) (?:me|my|us|our|myself)\b|\bwhat (?:did|have) i (?:ask(?:ed)?|tell|told"
        r"|had?) (?:you|u) (?:to (?:remember|note|keep in mind|memori[sz]e)|about (?:me|my|myself|our))"
        r"|\b(?:list|show|display|read|print|tell me|see|view|recall|give me)(?: me)? (?:all |everything |every "
        r"|what |the |my |your |of |me ){0,4}(?:facts|memories|(?:things )?(?:you|you've"
        r"|you have) (?:remember(?:ed)?|stored|saved|know about me|noted)|stored (?:facts|notes)|saved (?:facts"
        r"|memories|notes)|remembered (?:facts|things))\b|\bwhat(?:'s| is) (?:in|stored in|saved in) your memory\b"
        r"|^do you (?:still )?remember (?:my|our|what i (?:said|told)|anything (?:about|i))\b|\b(?:which"
        r"|what) facts\b.{0,30}\b(?:given|told|remember|know|stored?|saved?|about me)|\bwhat facts (?:do|have"
        r"|are)\b|\bremember about (?:me|my)\b",
        unless=r"\b(?:about|of) (?:the )?(?:country|animals?|history|dolphins?|world war)|\bfun facts?\b"
        r"|\bshopping list|to-?do|\bremind",
    ),
    pattern(
        Kind.CURATE,
        0.92,
        "It asks to forget something.",
        rf"^(?:now )?(?:you (?:can|should|may|must) )?forget (?!it\b|about it\b|(?:that|this|about that"
        rf"|about this)[.!]?$|to\b)(?:that |about |everything|all |what |my |the |our |me\b|i |his |her |fact|it's "
        rf"|whatever |anything|every |one |[a-z]{1, 20}'s )|\b(?:delete|remove|erase|wipe|clear|purge|drop|discard"
        rf"|reset)\b.{{0,40}}\b(?:from (?:your |my |the )?memory|{_STORED})\b|\b(?:clear|wipe|erase|reset|empty"
        rf"|delete) (?:your|my|the|all (?:of )?your) (?:memory|memories|facts)\b|^(?:stop|don't"
        rf"|no longer) remember(?:ing)? (?:that|my|the)|^(?:unremember|unlearn) (?!how)"
        r"|^(?:delete|remove|erase|drop|scratch|strike|wipe)\b (?:the |that |this |what |any |every "
        r"|all ){0,2}(?:(?:bit|thing"
        r"|part|fact|detail|info(?:rmation)?|note|stuff|entry)s? )?(?:(?:you (?:know|have|saved"
        r"|stored)|i (?:said|told you)"
        r"|we (?:said|had)) )?(?:about|on) (?:my|me|our|us)\b",
        unless=r"\bforget about it\b|\bi (?:forgot|forget)\b|\b(?:ram|cache|gpu|variable|usb|memory (?:card|stick"
        r"|leak))\b|\bhow (?:do|can|to)\b",
    ),
    pattern(
        Kind.CURATE,
        MAYBE,
        "It says to forget what was just remembered.",
        r"^(?:forget|delete|remove|erase) (?:that|this|the last)(?: one| fact| memory| again)?[.!]?$",
    ),
    pattern(
        Kind.CURATE,
        LIKELY,
        "It is about keeping what is remembered in order.",
        r"\b(?:curate|organi[sz]e|tidy(?: up)?|clean(?: up)?|sort(?: out)?|consolidate|merge|deduplicate|review"
        r"|prune|group|categori[sz]e|update|correct|change|edit|maintain|go through|export|archive"
        r"|manage)\b(?: \w{1,12}){0,4} (?:memor(?:y|ies)|facts?(?: about me| you| that)?|what you (?:know|remember"
        r"|have stored)(?: about me)?|remembered|knowledge base|stored (?:notes|facts|knowledge)|saved (?:notes"
        r"|facts|memories)|things you (?:know|remember))\b"
        r"|^(?:do (?:some|the) )?(?:memory )?curation\b|\bcurat(?:e|ing|ion)\b.{0,40}\b(?:my|our"
        r"|your) (?:memor\w{1,4}|notes|conversations?|data|knowledge|facts|documents|history)\b",
        unless=r"\b(?:memory (?:leak|usage|card|stick|foam|management)|ram|code|function|fact[- ]check|c\+\+|python"
        r"|essay|photo)\b",
    ),
    pattern(
        Kind.CURATE,
        HINT,
        "It tells something about the user.",
        r"^(?:my (?:name|birthday|address|phone|favou?rite|wife|husband|partner|boss|dog|cat|car"
        r"|bike)\b.{0,40} (?:is|are|was)\b|i(?:'m| am) allergic|i live (?:in|at)|i work (?:for|at|as)|call me "
        r"|start calling me )",
        view="line",
    ),
)
