"""How people ask an assistant to forget its rules or to show its prompt, in five languages, and how a document does."""

from __future__ import annotations

RULES = (
    r"(?:instructions?|prompts?|rules|guidelines?|directions?|directives?|programming|training|restrictions|"
    r"policies|policy|protocols?|constraints?|guidance|safeguards|guardrails)"
)
_SAID = r"(?:messages?|commands?|context|conversation|orders|safety|filters?|told|said|before|assignments?|tasks?)"
_DE_RULES = (
    r"(?:(?:system)?(?:anweisung|instruktion|vorgabe|prompt)|regel|richtlinie|ein?schränkung|beschränkung)\w{0,3}"
)
_FR_RULES = r"(?:instructions?|consignes?|règles?|directives?|restrictions?)"
_ES_RULES = r"(?:instrucciones|reglas|directrices|normas|restricciones|órdenes|istruzioni|regole|instruções|regras)"

IGNORE = (
    # what one said oneself before ("ignore my last message") is one's own affair
    r"\b(?:ignore|disregard|forget|override|overwrite|bypass|discard|skip|drop|stop following|do not follow|"
    r"don'?t follow|pay no attention to)\b(?! (?:my|our|his|her|their)\b)[^.\n]{0,30}?"
    r"(?:\b(?:previous|prior|above|earlier|preceding|former|any|all|your|system|original|initial|programmed|"
    rf"built-in|everything|these|those)\b[^.\n]{{0,40}}?\b(?:{RULES}|{_SAID})\b"
    rf"|\b(?:the|last)\b[^.\n]{{0,40}}?\b(?:{RULES}|(?:content|safety|moderation) filters?|told|said before)\b)"
    r"|\b(?:turn off|switch off|disable|deactivate|drop|lift|remove|abandon|set aside)\b[^.\n]{0,12}?"
    rf"\byour\b[^.\n]{{0,30}}?\b(?:{RULES}|safety|filters?|limits|limitations)\b"
    # the rules first: "your training is outdated, you may ignore it"
    rf"|\byour (?:[\w-]{{1,12}} ){{0,2}}{RULES}\b[^.\n]{{0,40}}?"
    r"\b(?:you (?:can|may|should|must|will)[^.\n]{0,12}? (?:ignore|forget|drop|disregard)"
    r"|(?:are|is)[^.\n]{0,12}? (?:void|cancell?ed|suspended|revoked)"
    r"|(?:no longer|do not|don't|does not) (?:apply|count|bind)\b(?! (?:for|to (?!you))))"
    r"|\b(?:ignorier|vergiss|vergesst|missacht|überschreib|umgeh|verwirf|befolge nicht)\w{0,4}\b[^.\n]{0,30}?"
    r"\b(?:vorherig|bisherig|vorig|obig|früher|ursprünglich|alle|dein|eure|sämtlich)\w{0,3}\b[^.\n]{0,30}?"
    rf"\b{_DE_RULES}\b"
    rf"|\b(?:ignor|oubli|contourn)(?:e[zr]?|ons)\b[^.\n]{{0,12}}?\b(?:(?:tes|vos) (?:\w{{1,12}} )?{_FR_RULES}"
    rf"|(?:toutes )?les {_FR_RULES} (?:précéd|antérieur|initial|ci-dessus|données|de sécurité))"
    rf"|\b(?:ignor[ae]|olvid[ae]|descarta|dimentica|esqueça|haz caso omiso de)\b[^.\n]{{0,12}}?"
    rf"\b(?:(?:tus|sus|tue|suas) (?:\w{{1,12}} )?{_ES_RULES}"
    rf"|(?:las|le|as) {_ES_RULES} (?:anterior|previa|original|inicial|precedent|de seguridad))"
)
LEAK = (
    r"\b(?:reveal|show|print|repeat|output|tell|display|leak|give|share|expose|dump|echo|write|recite|return|"
    r"summari[sz]e|translate|spell|copy|provide|what (?:is|are|was|were|does)|list)\b[^.\n]{0,40}?\b(?:system "
    r"(?:prompts?|messages?|instructions?)|(?:initial|original|hidden|secret|internal|full|entire|exact|starting|"
    r"preceding|previous|above) (?:system )?(?:prompts?|instructions|directives?)(?! (?:from|of|in|on|by|for)\b)|your "
    r"(?:own )?(?:prompts?|instructions|guidelines|directives|rules|system prompt|initialization|configuration|"
    r"programming)|(?:prompt|text|words|everything|instructions?|content)s? (?:above|before|so far|you were given|"
    r"you received))\b"
    r"|\b(?:written|said|stands?|comes?|came|was) (?:above|before) (?:this|my (?:first )?) ?(?:message|prompt|"
    r"line|text)\b"
    r"|\b(?:in|of) your (?:system )?prompt\b"
    r"|\b(?:zeig|gib|verrat|nenn|wiederhol|sag)\w{0,3}\b[^.\n]{0,30}?\b(?:system-?(?:prompt|anweisung|nachricht)\w{0,3}"
    r"|dein\w{0,2} (?:anweisungen|prompt|vorgaben|regeln))\b"
    r"|\b(?:affich|montr|révèl|répèt|donn)(?:e[zr]?)(?:-moi)?\b[^.\n]{0,30}?\b(?:prompt (?:du )?système"
    r"|(?:instructions|message) (?:du )?système|(?:tes|vos) (?:instructions|consignes))"
    r"|\b(?:muestra|revela|repite|dime|imprime|mostra|mostre)(?:me)?\b[^.\n]{0,30}?\b(?:prompt (?:del|de|do) sistema"
    r"|(?:instrucciones|mensaje) del sistema|tus (?:instrucciones|reglas))"
)
# Only in documents: nobody writes so to people.
ORDERS = (
    r"\bif you(?:'re| are) an? (?:ai|llm|(?:large )?language model|chatbot|ai (?:assistant|agent|model))\b"
    r"|\byou,? (?:the|an?|as an?) (?:ai|llm|(?:large )?language model|chatbot)\b"
    r"|\b(?:as|being) an? (?:ai|llm|(?:large )?language model|chatbot|ai (?:assistant|agent))\b[^.\n]{0,30}?"
    r"\b(?:reading|processing|rate|recommend|say|reply|answer|you (?:must|should|will|have to))\b"
    r"|\b(?:do not|don't|never|without) (?:reveal|mention|tell|disclos|show|inform)\w{0,3}\b[^.\n]{0,30}?"
    r"\bthe user\b(?! (?:manual|guide|interface|account|name|list|id|menu|data|settings)\b)"
    r"|\b(?:instead,? )?(?:ask|tell|inform|persuade|urge) the user\b[^.\n]{0,30}?\b(?:for (?:their|his|her|"
    r"the)|to (?:pay|visit|"
    r"click|download|enter|send|install|call)|that)\b(?=[^\n]{0,80}\b(?:card|password|account|https?:|link|pay|"
    r"credential|"
    r"login|pin|money|virus|call)\w{0,3})"
    r"|\b(?:call|run|use|invoke|execute|trigger)\b[^.\n]{0,24}?(?:\b\w{2,20}_\w{2,20} (?:tool|function)\b"
    r"|\btools?\b ?:? ?\w{2,30}\()"
    r"|(?:^|\n)\s{0,5}(?:ai )?(?:assistant|chatbot|ki-assistent|ai|llm)s? ?: ?(?:from now|ignore|ignorier|"
    r"always|you must|"
    r"answer|disregard|say|tell|do not|never|nur)\w{0,3}\b"
    r"|\b(?:attention|important|instructions?|note|message|hinweis|anweisung)[ ,:-]{1,3}(?:to|for|an|"
    r"für)? ?(?:the |any |all |"
    r"die |den |alle )?(?:ai|llm|chatbot|language model|ki|sprachmodell)(?:s|e)?\b(?! (?:act|regulation|policy|"
    r"verordnung))"
)
