"""Tool: this machine, the time, units, timers, the app's own windows. Anchored: talk about them stays chat."""

from __future__ import annotations

from trayassist.api import Kind
from trayassist.routing.stages import pattern

UNIT = (
    r"(?:mm|millimet(?:er|re)s?|cm|centimet(?:er|re)s?|m|met(?:er|re)s?|km|kilomet(?:er|re)s?|kms|inch(?:es)?"
    r"|in|ft|foot|feet|yards?|yd|miles?|mi|nautical miles?|mg|milligrams?|g|grams?|kg|kgs|kilos?|kilograms?"
    r"|tons?|tonnes?|oz|ounces?|lbs?|pounds?|stones?|ml|millilit(?:er|re)s?|cl|dl|l|lit(?:er|re)s?"
    r"|fluid ounces?|fl oz|cups?|pints?|quarts?|gallons?|tablespoons?|tbsp|teaspoons?|tsp|°?c|celsius"
    r"|centigrade|°?f|fahrenheit|kelvin|k|degrees? (?:celsius|fahrenheit|c|f)|seconds?|secs?|minutes?|mins?"
    r"|hours?|hrs?|days?|weeks?|months?|years?|bits?|bytes?|kb|mb|gb|tb|kib|mib|gib|megabytes?|gigabytes?"
    r"|terabytes?|kilobytes?|mph|km/h|kmh|kph|knots?|m/s|acres?|hectares?|square (?:feet|met(?:er|re)s|miles)"
    r"|joules?|calories|kcal|watts?|kw|horsepower|hp|psi|bar|pascals?|slugs?|radians?|degrees?)"
)
_N = (
    r"(?:-?\d[\d,.]{0,12}|an?|one|two|three|four|five|six|seven|eight|nine|ten|twelve|twenty|thirty|fifty"
    r"|a hundred|half an?|the)"
)
_PARTS = (
    r"(?:cpu|gpu|vram|processors?|ram|memory|disk|disc|hard (?:drive|disk)|ssd|storage|battery|system|network"
    r"|swap|fan|load|wi-?fi|computer|machine|laptop|pc)"
)
_ASPECT = (
    r"(?:usage|use|utili[sz]ation|load|temp(?:erature)?s?|space|level|percent(?:age)?|status|speed|health"
    r"|consumption|info(?:rmation)?|stats?|statistics|charge|life|left|free|capacity|resources|activity|uptime"
    r"|frequency|cores|is (?:left|free|used)|drive)"
)
_SHOW = (
    r"(?:check|show|display|get|monitor|report|list|see|view|print|see|look at|read|measure|give|what(?:'s| is"
    r"| are)?|how(?:'s| is| are)?|current|tell)"
)
_NOT_HERE = (
    r"\b(?:car|tesla|phone|iphone|android|truck|vehicle|remote|watch|buy|upgrade|best|recommend|explain"
    r"|history|better|versus|vs|difference|laptop should|server rack|python|code|script|function|bash"
    r"|powershell|linux command|in (?:c|java|rust))\b"
    r"|\bhow (?:does|do|did|can|could|would|should|to)\b|\bwhy\b|\bwhat (?:is|are) (?:an? )?(?:cpu|gpu|ram"
    r"|battery|disk|swap)\??$"
)
_DATE_WORD = (  # a question of nothing but these asks for the date
    r"(?:what|which|what's|whats|what'll|is|the|it|its|today|today's|tomorrow|tomorrow's|yesterday|yesterday's"
    r"|was|will|would|be|date|day|name"
    r"|of|week|weekday|month|year|on|in|from|now|days|weeks|\d{1,3}|this|next|last|calendar|current|exact|are"
    r"|we|right|at|moment|a|for|and)"
)
_TIMER = r"(?:timers?|alarms?|stopwatch|countdown|alarm clock|pomodoro)"
_ABOUT_TIMERS = (
    r"\bhow (?:do|does|did|long|many|can i|to|would)\b|\bwhy\b|^what (?:is|are) (?:an? )?timers?\b"
    r"|\b(?:explain|story|poem|fire alarm|alarm (?:company|system)|javascript|python|function|code|react"
    r"|arduino)\b"
)

RULES = (
    pattern(
        Kind.TOOL,
        0.92,
        "It asks for the state of this machine.",
        rf"^{_SHOW}(?: me| us)?(?: (?:my|the|this|current|our|of|about|on|is|at|up|out|overall|much"
        rf"|all)){{0,4}}(?: (?:computer|machine|laptop|pc|system)(?:'s)?)? ?{_PARTS}(?:'s)?(?: (?:and|or"
        rf"|&) {_PARTS})?,? {_ASPECT}\b|^(?:(?:the|my"
        rf"|current) ){{0,2}}{_PARTS} (?:and {_PARTS} )?{_ASPECT}(?: (?:now|please|right now|percentage"
        rf"|level))?\??$"
        rf"|\bhow much (?:more |free )?(?:ram|memory|(?:disk|hard drive|drive|storage|free|ssd) space|storage"
        rf"|battery|charge|vram|swap|space)\b.{{0,40}}\b(?:left|free|available|used|using|in use|do i have|have i"
        rf"|remain\w{{0,3}}|is there|being)\b|^(?:how|is|are) (?:full|hot|busy|loaded|warm|low|charged) (?:is "
        rf"|are )?(?:my|the|this) (?:[\w]{{1,10}} )?{_PARTS}\b|^(?:is|are) (?:my|the"
        rf"|this) (?:[\w]{{1,10}} )?{_PARTS} (?:charging|full|on|off|busy|idle|hot|slow|ok(?:ay)?|fine"
        rf"|under load|connected|working|overheating|overloaded"
        rf"|running (?:hot|low|out)|plugged in|low|charged|almost full|maxed out|on battery)"
        r"|^(?:what(?:'s| is)|show|check|tell me|get)(?: me)? (?:my|the|this (?:computer|machine)'s|our) (?:local "
        r"|public |current )?(?:ip(?: address)?|hostname|uptime|mac address|os version|kernel version"
        r"|operating system|screen resolution|system info\w{0,6})\b|^(?:check|show|what(?:'s"
        r"| is))(?: me)?(?: (?:my|the))? battery\??$|^which (?:processes|programs|apps) (?:are|use|is|take|eat)\b"
        r"|^what(?:'s| is) (?:using|eating|hogging) (?:all )?(?:my|the) (?:cpu|memory|ram|disk|battery)|^(?:list"
        r"|show)(?: me)?(?: the| all| my)? running (?:processes|programs|apps)|^(?:how(?:'?s| is)) (?:my|the"
        r"|this) (?:laptop |computer |pc )?(?:battery|cpu|ram|disk|memory|gpu|machine|system)\b(?: (?:doing"
        r"|looking|holding up|now))?|^(?:what(?:'s| is)|show|check|how much is)(?: me)? (?:the "
        r"|my )?(?:free|available|remaining|used|total) (?:disk |drive "
        r"|storage )?(?:space|storage|memory|ram)\b|^(?:remaining|free|available|used) (?:disk|memory"
        r"|ram|battery|storage"
        r"|drive)(?: space| level| charge)?\b|^(?:system|machine) (?:status|health|load|info)\b|^how long (?:has"
        r"|is) (?:my|the|this) (?:computer|machine|system|pc|laptop) (?:been )?(?:up|on|running)",
        view="core",
        unless=_NOT_HERE,
    ),
    pattern(
        Kind.TOOL,
        0.9,
        "It asks for the time or the date.",
        r"^(?:(?:what(?:'?s| is)?|what time|when) )?(?:is )?(?:the |it )?(?:current |exact |local "
        r"|right )?time(?: is| it is)?(?: it| what)?(?: is it)?(?: right now| now| currently| at the moment"
        r"| please| today| here)?(?: (?:in|for|at|is) (?:the )?[\w', ]{2,40})?(?: right now| now| please)?[?.!]?$"
        r"|^(?:what(?:'s| is|s)?|tell|current|give) ?(?:me )?(?:the )?(?:current )?time (?:in"
        r"|for) [\w', ]{2,40}\??$|^is it (?:after |past |before )?(?:noon|midnight|\w{1,7} o'? ?clock)(?: yet"
        r"| now)?\??$"
        r"|^(?:what(?:'s| is|s| will be| would be)? ?)?(?:the |it )?(?:today's|tomorrow's|yesterday's|current"
        r"|exact)? ?(?:date|day|day of the week|week number)(?: (?:is|are|was|will) (?:it|we in|today|tomorrow"
        r"|be))?(?: (?:this|next|last|on) (?:monday|tuesday|wednesday|thursday|friday|saturday|sunday|week)| today"
        r"| tomorrow| now| is it| it| in \d{1,3} (?:days|weeks|months)| \d{1,3} (?:days|weeks) from (?:now|today)"
        r"| today is| of the week| is tomorrow| yesterday| be){0,3}(?: on the calendar| please| now)?[?.!]?$"
        r"|^(?:what|which) (?:day|date|month|year|week)(?: of the week| number)? (?:is|are|was|will) (?:it|today"
        r"|tomorrow|we in|yesterday)\b.{0,20}$|^(?:what|today|tomorrow)(?: will)? (?:is|today is"
        r"|tomorrow be) (?:what day|today|tomorrow|on the calendar).{0,20}$|^today'?s (?:date|day)\b.{0,10}$"
        rf"|^(?=.{{0,60}}\b(?:date|day|today|tomorrow|month|year"
        rf"|weekday)(?:'?s)?\b)(?:{_DATE_WORD} ){{1,12}}{_DATE_WORD}[?.!]?$"
        r"|^(?:how many|number of) (?:days|weeks|months|hours) (?:until|till|to|since"
        r"|are (?:there )?(?:left )?(?:until|till|between)|left (?:in|until|till)|from|between) .{2,60}$|^(?:what"
        r"|which) day (?:of the week )?(?:is|was|will be|does|did) .{2,40}\b(?:\d{1,2}|\d{4}|christmas|easter"
        r"|new year\w{0,2}|fall on)\b.{0,20}$",
        view="asked",
        unless=r"\b(?:tires?|change|next day|fact|fun|flight|movie|open|close[sd]?|board\w{0,3}|train|best|reservation"
        r"|meeting|game|party|payday|born|due|expir\w{1,4}|deliver\w{0,3}|zone)\b",
    ),
    pattern(
        Kind.TOOL,
        0.9,
        "It asks for a timer.",
        rf"^(?:set|start|create|give me|need|want|put|make|get|stop|cancel|pause|resume|reset|run|begin|add|snooze"
        rf"|turn (?:on|off)|have|use|i(?:'d like| need| want| would like))\b.{{0,50}}\b{_TIMER}\b|^(?:an? "
        rf"|my )?(?:[\w-]{{1,12}} ){{0,2}}{_TIMER}(?: for| at| to|,|:| please|\b.{{0,12}}$)|\bwake me(?: up)?\b"
        rf"|\b{_TIMER} (?:for|at|to) (?:\d|one|two|five|ten|noon|half|an? )|\b\d{{1,3}}[- ](?:minute|min|second|sec"
        rf"|hour)s? (?:timer|countdown|alarm)|^(?:please )?time me\b|^(?:in|after) \d{{1,3}} (?:minutes|seconds"
        rf"|hours).{{0,30}}\b{_TIMER}\b|^(?:how (?:much|long) (?:time )?(?:is|do i have) left on (?:the|my) timer)",
        unless=_ABOUT_TIMERS,
    ),
    pattern(
        Kind.TOOL,
        0.88,
        "It asks to convert units.",
        rf"^(?:convert|change|turn|how (?:many|much)(?: is| are)?|what(?:'s| is)|the conversion (?:between|from|of)"
        rf"|conversion (?:between|from|of))? ?{_N}? ?{UNIT}(?: (?:are|is)(?: there)?| does it take| will| make"
        rf"| equals?)?(?: make| equal)? ?(?:to|into|in|=|and|from|of|is)? ?(?:an? )?{_N}? ?{UNIT}[?.!]?$"
        rf"|^convert {_N} ?{UNIT} (?:to|into|in) {UNIT}\b|\b\d[\d.,]{{0,9}} ?{UNIT} (?:to|into|in) {UNIT}[?.!]?$"
        rf"|^(?:how (?:can|do|would|does) (?:you |i |one )?)?(?:convert|change)(?: from)? {UNIT} (?:to"
        rf"|into) {UNIT}\b",
        view="asked",
        unless=r"\b(?:dollars?|euros?|yen|code|python|function|javascript|string)\b|^(?:in|a|m|l|g|c|f|k)$",
    ),
    pattern(
        Kind.TOOL,
        0.88,
        "It asks to open something or to change this app.",
        r"^(?:open|show|launch|go to|bring up|start|close|hide|switch to)(?: me| up)?(?: the| my"
        r"| your)? (?:settings|preferences|options|config(?:uration)?|control panel|system settings"
        r"|activity(?: window| log)?|memory window|page view|audit log|tray menu|hotkey settings|terminal|browser"
        r"|firefox|chrome|file manager|calculator|text editor|task manager|system monitor|downloads(?: folder)?"
        r"|home folder|desktop|documents folder|spotify|vs ?code|editor)\b(?!.{0,40}\b(?:in python|function"
        r"|code)\b)"
        r"|^(?:switch|change|set|turn|use|enable|disable|toggle)(?: on| off| to)?(?: the| my"
        r"| your)? ?(?:the )?(?:dark|light|system) (?:mode|theme)\b|^(?:change|set|switch)(?: the| my"
        r"| your)? (?:theme|hotkey|shortcut|font size|language of the app)\b|^(?:pause|resume|stop|start"
        r"|cancel) (?:the )?indexing\b|^(?:quit|exit|restart|close) (?:trayassist|the app|the program|yourself)\b"
        r"|^(?:list|show|what|which)(?: me)?(?: the| all| are the| my)? (?:loaded |installed |available "
        r"|local )?(?:models|plugins|adapters|roles)(?: (?:are|is|do) .{0,40}| loaded| installed| available)?\??$"
        r"|^(?:unload|load|warm up) (?:the )?[\w.-]{0,30} ?model\b",
        unless=r"\b(?:linear|regression|statistical|language models? work|bank|account)\b",
    ),
    pattern(
        Kind.TOOL,
        0.86,
        "It asks this machine to do something.",
        r"^(?:what|which|show|check)(?: is|'s)?(?: the)? version (?:of )?(?:trayassist|this (?:app"
        r"|program)|the app|are you)\b"
        r"|^(?!how|why|what|is|explain|write)[a-z]{2,14}\b.{2,60}\b(?:in|of|from|to|into|on) (?:the "
        r"|my |this )?clipboard\b|^(?:copy|paste|clear|read|show|uppercase|lowercase|trim|sort"
        r"|count (?:the )?words in)(?: me)?(?: this"
        r"| that| the| my| what's (?:in|on))?(?: (?:last )?answer| text| contents? of)?(?: to| into| from| in"
        r"| on)?(?: the| my)? ?clipboard\b|^(?:take|make|grab|capture)(?: me)? a (?:screenshot|screen ?grab"
        r"|screen capture)|^(?:lock|turn off) (?:the |my )?(?:screen|computer|pc|laptop|display)\b|^(?:shut ?down"
        r"|restart|reboot|hibernate|suspend|log ?out of|put to sleep|sleep) (?:the |my |this )?(?:computer|pc"
        r"|machine|laptop|system)\b|^(?:mute|unmute) (?:the )?(?:sound|audio|mic\w{0,7}|computer|volume)\b"
        r"|^empty (?:the )?(?:trash|recycle bin)\b|^(?:eject|unmount|mount) (?:the )?(?:usb|disk|drive)\b"
        r"|^(?:generate|create|make|give me) (?:me )?(?:an? )?(?:random |strong |secure |new ){0,3}(?:password|uuid"
        r"|guid)\b(?! (?:policy|manager|generator|reset|validat))|^(?:generate|pick|give me"
        r"|choose) a random number\b",
        unless=r"\b(?:how (?:do|can|to)|why|python|function|code|script|bash|powershell)\b",
    ),
)
