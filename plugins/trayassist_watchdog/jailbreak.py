"""Attempts to talk an assistant out of its rules, and instructions hidden in documents.

Sixteen patterns are counted as there or not; a logistic regression of seventeen numbers joins them. The
numbers were fitted by `benchmarks/watchdog.py --fit`; see docs/watchdog.md for what it finds and what it cannot.
"""

from __future__ import annotations

import math
import re
import unicodedata

# ---- how people ask an assistant to forget its rules or to show its prompt, in many languages

_RULES = (
    r"(?:instructions?|prompts?|rules|guidelines?|directions?|directives?|programming|training|restrictions|"
    r"policies|policy|protocols?|constraints?|guidance|safeguards|guardrails)"
)
_EARLIER_WORDS = (
    r"(?:messages?|commands?|context|conversation|orders|safety|filters?|told|said|before|assignments?|tasks?)"
)
_DE_RULES = (
    r"(?:(?:system)?(?:anweisung|instruktion|vorgabe|prompt)|regel|richtlinie|ein?schränkung|beschränkung)\w{0,3}"
)
_FR_RULES = r"(?:instructions?|consignes?|règles?|directives?|restrictions?)"
_ES_RULES = r"(?:instrucciones|reglas|directrices|normas|restricciones|órdenes|istruzioni|regole|instruções|regras)"

_IGNORE = (
    # what one said oneself before ("ignore my last message") is one's own affair
    r"\b(?:ignore|disregard|forget|override|overwrite|bypass|discard|skip|drop|stop following|do not follow|"
    r"don'?t follow|pay no attention to)\b(?! (?:my|our|his|her|their|the (?:last|previous) (?:message"
    r"|command|question|request|one))\b)[^.\n]{0,30}?"
    r"(?:\b(?:previous|prior|above|earlier|preceding|former|any|all|your|system|original|initial|programmed|"
    rf"built-in|everything|these|those)\b[^.\n]{{0,40}}?\b(?:{_RULES}|{_EARLIER_WORDS})\b"
    rf"|\b(?:the|last)\b[^.\n]{{0,40}}?\b(?:{_RULES}|(?:content|safety|moderation) filters?|told|said before)\b)"
    r"|\b(?:turn off|switch off|disable|deactivate|drop|lift|remove|abandon|set aside)\b[^.\n]{0,12}?"
    rf"\byour\b[^.\n]{{0,30}}?\b(?:{_RULES}|safety|filters?|limits|limitations)\b"
    r"|\b(?:ignore|forget|disregard)\b (?:ur|everything|all|what(?:ever)?) (?:of )?(?:rules?"
    r"|instructions?|you (?:were|have been|'ve"
    r" been) (?:told|taught|trained|given))\b"
    rf"|\b(?:freed|liberated|released|free|unbound) from (?:all )?your (?:\w{{1,12}} )?(?:{_RULES}|limits"
    rf"|limitations|chains)\b"
    rf"|\bdo the opposite of (?:what )?your (?:\w{{1,12}} )?{_RULES}\b"
    rf"|\b(?:pretend|imagine|act as if|assume)\b[^.\n]{{0,16}}? (?:the|your|all|these"
    rf"|there are no) (?:\w{{1,12}} )?{_RULES}"
    r" (?:do not|don't|no longer|never) (?:exist|apply|count|matter)\b"
    # the rules first: "your training is outdated, you may ignore it"
    rf"|\byour (?:[\w-]{{1,12}} ){{0,2}}{_RULES}\b[^.\n]{{0,40}}?"
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
_LEAK = (
    r"\b(?:reveal|show|print|repeat|output|tell|display|leak|give|share|expose|dump|echo|write|recite|return|"
    r"summari[sz]e|translate|spell|copy|provide|what (?:is|are|was|were|does)|list)\b[^.\n]{0,40}?\b(?:system "
    r"(?:prompts?|messages?|instructions?)(?! (?:for|of|in) (?!your|this))|(?:initial|original|hidden"
    r"|secret|internal|full|entire|exact|starting|"
    r"preceding|previous|above) (?:system )?(?:prompts?|instructions|directives?)(?! (?:from|of|in|on|by|for)\b)|your "
    r"(?:own )?(?:prompts?|instructions|guidelines|directives|rules|system prompt|initialization|configuration|"
    r"programming)|(?:prompt|text|words|everything|instructions?|content)s? (?:(?:above"
    r"|before)(?! the (?!line|text|message|prompt|conv))|so far|you were given|"
    r"you received))\b"
    r"|\b(?:written|said|stands?|comes?|came|was) (?:above|before) (?:this|my (?:first )?) ?(?:message|prompt|"
    r"line|text)\b"
    r"|\b(?:in|of) your (?:system )?prompt\b|\bwhat did (?:the|your) (?:developers?|creators?|makers?|company)"
    r" (?:tell|say to|instruct|order) you\b|\b(?:repeat|print|output|copy) (?:everything|all"
    r"|the (?:text|words)) (?:above|before)\b"
    r"|\b(?:zeig|gib|verrat|nenn|wiederhol|sag)\w{0,3}\b[^.\n]{0,30}?\b(?:system-?(?:prompt|anweisung|nachricht)\w{0,3}"
    r"|dein\w{0,2} (?:anweisungen|prompt|vorgaben|regeln))\b"
    r"|\b(?:affich|montr|révèl|répèt|donn)(?:e[zr]?)(?:-moi)?\b[^.\n]{0,30}?\b(?:prompt (?:du )?système"
    r"|(?:instructions|message) (?:du )?système|(?:tes|vos) (?:instructions|consignes))"
    r"|\b(?:muestra|revela|repite|dime|imprime|mostra|mostre)(?:me)?\b[^.\n]{0,30}?\b(?:prompt (?:del|de|do) sistema"
    r"|(?:instrucciones|mensaje) del sistema|tus (?:instrucciones|reglas))"
)
# The same in more languages; those without spaces between words have no word borders to look for.
_RU_RULES = r"(?:инструкци|указани|правил|ограничени|запрет|команд|приказ|промпт|настройк|установк|інструкці)\w{0,4}"
_IGNORE_ELSEWHERE = (
    r"\b(?:(?:про)?игнорир\w{1,6}|забудь(?:те)?|отбрось(?:те)?|отмени(?:те)?|обойди(?:те)?|пропусти(?:те)?"
    r"|не (?:обращай|следуй|соблюдай)\w{0,3}|(?:про)?ігноруй\w{0,3})\b[^.\n]{0,30}?"
    r"\b(?:предыдущ|прежн|прошл|все|всё|всех|сво|тво|ваш|эт|системн|вышеуказан|исходн|попередн|усі|всі)\w{0,6}\b"
    rf"[^.\n]{{0,30}}?\b{_RU_RULES}\b"
    r"|(?:これまで|今まで|以前|前述|先ほど|上記|以上|すべて|全て|全部|あなた|君|システム|最初|元の|上の)[^。\n]{0,12}"
    r"(?:指示|命令|ルール|規則|指令|プロンプト|制限|制約|設定)[^。\n]{0,8}(?:無視|忘れ|破棄|無効|従わ(?:な|ず))"
    r"|(?:忽略|无视|無視|忘记|忘記|忘掉|不要理会|不要理會|抛开|绕过|繞過|跳过|不要遵守)[^。\n]{0,8}"
    r"(?:之前|以前|先前|上面|以上|上述|前面|所有|全部|一切|任何|你的|您的|系统|系統|原有|原来)[^。\n]{0,10}"
    r"(?:指令|指示|规则|規則|提示|说明|說明|限制|设定|設定|要求|命令|约束)"
    r"|(?:이전|지금까지|앞|위|모든|기존|너의|네|당신의|시스템|원래)[^.\n]{0,16}"
    r"(?:지시|지침|명령|규칙|프롬프트|제한|설정)[^.\n]{0,8}(?:무시|잊|따르지|버리)"
    r"|\b(?:negeer|vergeet|omzeil)\b[^.\n]{0,20}?\b(?:vorige|eerdere|alle|jouw|je|bovenstaande)\b[^.\n]{0,24}?"
    r"\b(?:instructies?|regels|opdrachten|richtlijnen)\b"
    r"|\b(?:z?ignoruj\w{0,3}|zapomnij|pomiń|zapomeň\w{0,2}|odignoruj)\b[^.\n]{0,20}?"
    r"\b(?:poprzedni|wszystki|wcześniejsz|swoj|twoj|powyższ|předchozí|všechny|své)\w{0,4}\b[^.\n]{0,24}?"
    r"\b(?:instrukc|polece|zasad|reguł|wytyczn|pokyn|pravid)\w{0,4}\b"
    r"|\b(?:önceki|yukarıdaki|tüm|bütün)\b[^.\n]{0,24}?\b(?:talimat|kural|komut)\w{0,10}\b[^.\n]{0,16}?"
    r"\b(?:yok say|görmezden gel|unut|dikkate alma)"
    r"|(?:تجاهل|انس|تجاوز|تخط)[^.\n]{0,24}(?:التعليمات|الأوامر|القواعد|التوجيهات|تعليماتك|قواعدك)"
    r"|(?:पिछले|पिछली|सभी|सारे|ऊपर)[^.\n]{0,20}(?:निर्देश|नियम|आदेश)[^.\n]{0,16}(?:अनदेखा|नज़रअंदाज़|नजरअंदाज|भूल)"
    r"|\b(?:ignorera?|glöm|glem|unohda)\b[^.\n]{0,20}?\b(?:tidigare|tidligere|alla|alle|dina|dine|aiemmat|kaikki)\b"
    r"[^.\n]{0,24}?\b(?:instruktion|instruks|regl|ohje|sään)\w{0,6}"
    r"|(?:bỏ qua|quên)[^.\n]{0,20}(?:hướng dẫn|chỉ dẫn|quy tắc|lệnh|chỉ thị)[^.\n]{0,16}(?:trước|ở trên|của bạn)"
    r"|\b(?:abaikan|lupakan)\b[^.\n]{0,20}?\b(?:instruksi|aturan|perintah)\b[^.\n]{0,16}?"
    r"\b(?:sebelumnya|di atas|kamu|anda|mu)\b"
    r"|\b(?:ignora|dimentica|trascura|aggira)\b[^.\n]{0,16}?\b(?:istruzioni|regole|direttive|ordini)\b[^.\n]{0,16}?"
    r"\b(?:precedent|prima|sopra|ricevut)\w{0,3}"
)
_LEAK_ELSEWHERE = (
    r"\b(?:покажи|раскрой|выведи|напиши|повтори|скажи|назови|выдай|процитируй|опубликуй|розкрий|виведи)\w{0,3}\b"
    r"[^.\n]{0,30}?\b(?:системн\w{0,4} (?:промпт|подсказк|инструкц|сообщени|запрос|інструкц)\w{0,4}"
    r"|(?:сво|тво|ваш|исходн|начальн|скрыт)\w{1,4} (?:промпт|инструкци|указани|подсказк|правил)\w{0,4}|промпт\w{0,2})\b"
    r"|(?:システム|初期|隠された|隠れた|内部|元の|あなたの)(?:の)?(?:プロンプト|指示|メッセージ|命令)[^。\n]{0,10}"
    r"(?:表示|見せ|教え|出力|繰り返|開示|公開|書い)"
    r"|(?:显示|顯示|告诉|告訴|输出|輸出|透露|重复|重複|泄露|打印|展示|说出|說出|公开|公開|给我看|給我看|写出)[^。\n]{0,12}"
    r"(?:系统提示|系統提示|系统指令|系統指令|系统消息|初始指令|隐藏的?指令|提示词|提示詞|你的指令|你的规则)"
    r"|(?:시스템|초기|숨겨진|원래|너의)\s?(?:프롬프트|지시|메시지|지침|명령)[^.\n]{0,10}(?:보여|출력|알려|공개|반복|말해|써)"
    r"|\b(?:toon|laat|geef|herhaal)\b[^.\n]{0,20}?\bsysteem(?:prompt|instructies|bericht)\b"
    r"|\b(?:pokaż|ujawnij|wypisz|powtórz|podaj|zobraz|ukaž|vypiš)\b[^.\n]{0,20}?"
    r"\b(?:prompt\w{0,2} systemow|monit systemow|instrukcje systemow|systemow\w{1,3} (?:prompt|instrukc)"
    r"|systémov\w{1,3} (?:prompt|pokyn))\w{0,4}"
    r"|\bsistem (?:istem|komut|prompt|mesaj|talimat)\w{0,8}\b[^.\n]{0,16}?\b(?:göster|yaz|açıkla|paylaş|söyle)"
    r"|(?:أظهر|اعرض|اكشف|أخبرني|كرر|اطبع)[^.\n]{0,20}(?:موجه|تعليمات|رسالة|مطالبة|أوامر) النظام"
    r"|सिस्टम (?:प्रॉम्प्ट|निर्देश|संदेश)[^.\n]{0,12}(?:दिखा|बता|लिख)"
    r"|\b(?:visa|vis|näytä)\b[^.\n]{0,20}?\b(?:systemprompt|systeminstruktion|järjestelmäkeho)\w{0,6}"
    r"|(?:hiển thị|tiết lộ|cho (?:tôi|xem))[^.\n]{0,20}(?:lời nhắc|prompt|hướng dẫn|chỉ thị) (?:hệ thống|ban đầu)"
    r"|\b(?:tampilkan|tunjukkan|ungkapkan)\b[^.\n]{0,20}?\b(?:prompt|instruksi) sistem\b"
    r"|\b(?:mostra|rivela|ripeti|stampa|scrivi|dimmi)\w{0,2}\b[^.\n]{0,24}?"
    r"\b(?:prompt|istruzioni|messaggio) di sistema\b"
    r"|\b(?:mostre|revele|repita|exiba|diga)\b[^.\n]{0,24}?\b(?:prompt|instruções|mensagem) do sistema\b"
)
# Only in documents: nobody writes so to people.
_ORDERS_TO_READER = (
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


# ---- what hides words from a pattern and not from a model

_SPACED = re.compile(r"(?<![^\W_])(?:[^\W\d_][ ._*-]{1,2}){5,60}[^\W\d_](?![^\W_])")
_MIXED = re.compile(
    r"(?<![\w@$])(?=[\w@$]{0,20}[a-z]{2})(?=[\w@$]{0,20}[0134578@$])[a-z0134578@$]{4,20}(?![\w@$])", re.IGNORECASE
)
_LEET = str.maketrans("013457@8$", "oieastabs")
_LOOKALIKES = str.maketrans(  # letters of other alphabets that are drawn like Latin ones
    "аеорсухіјѕԁɡԛһӏАВЕКМНОРСТУХΑΒΕΖΗΙΚΜΝΟΡΤΥΧαορν",
    "aeopcyxijsdgqhlABEKMHOPCTYXABEZHIKMNOPTYXaopv",
)
_FOREIGN = re.compile(r"\b(?=\w{0,20}[A-Za-z])(?=\w{0,20}[Ѐ-ԯͰ-Ͽɡ])\w{2,40}\b")


def undisguise(text: str) -> str:
    """Return the text without disguises; the same text when it has none. Its length may change."""
    if not text.isascii():
        text = "".join(c for c in unicodedata.normalize("NFKC", text) if unicodedata.category(c) != "Cf")
        text = _FOREIGN.sub(lambda word: word[0].translate(_LOOKALIKES), text)
    text = _SPACED.sub(_join, text)
    return _MIXED.sub(lambda word: word[0].lower().translate(_LEET), text)


def _join(spaced: re.Match[str]) -> str:
    """Return spaced letters as words; two gaps in a row stand between words."""
    words = re.split(r"[ ._*-]{2}", spaced[0])
    return " ".join(re.sub(r"[ ._*-]", "", word) for word in words)


# ---- probes

MAX_CHARACTERS = 4_000  # of the beginning, and as many of the end: an instruction in between is missed
PATTERNS: dict[str, re.Pattern[str]] = {
    name: re.compile(pattern, re.IGNORECASE)
    for name, pattern in {
        "ignore": rf"{_IGNORE}|{_IGNORE_ELSEWHERE}",
        "persona": r"(?-i:\b[Yy]ou are (?:now )?[A-Z]{2,10}\b)|\b(?:enable|activate|enter|start|turn on"
        r"|go into) (?:DAN|god|evil|sudo|unrestricted|jailbreak|opposite) mode\b|"
        r"\b(?:from now on|going forward|henceforth|from this point|starting now)\b[^.\n]{0,60}?\b(?:you|"
        r"your|act|respond|answer|speak|chatgpt)\b|\byou(?:'re| are| will be) (?:now|no longer|going to (?:act|be|"
        r"play|pretend|role)|(?:not|no longer) (?:an? )?(?:ai|chatbot|assistant|bot"
        r"|language model|chatgpt))\b|"
        r"\byou(?:'re| are) (?:an? )(?:[\w-]{1,14} ){0,3}(?:ai|bot|chatbot|gpt|being|model|character"
        r"|persona) (?:without|with no|"
        r"who|that|free|named|called)\b|\bdu bist (?:jetzt|nun|ab (?:sofort|jetzt))\b|\b(?:tu es"
        r"|vous êtes) (?:maintenant|désormais)"
        r"\b|\bahora eres\b|(?:\bты теперь|\bотныне ты|\bс этого момента ты|\bпредставь,? что ты) "
        r"|あなたは(?:今から|これから|今後|もはや)|你(?:现在|現在|将|不再)是"
        r"|(?:너는|당신은) (?:이제|지금부터)|(?:이제|지금부터) (?:너는|당신은)|\bsei ora\b"
        r"|\b(?:immerse yourself|take on the (?:role|persona)"
        r"|adopt the (?:role|persona)|new "
        r"persona|your new (?:name|role|identity)|enter (?:the )?(?:role|mode)"
        r"|switch to (?:\w{1,12} ){0,2}(?:persona|role|character|DAN))\b",
        "act": r"\b(?:act (?:as|like)|speak freely|drop the act|(?:agis|agissez) comme|actúa como"
        r"|stop being an?|in the voice of an? (?:ai|bot"
        r"|model)|(?:verhalte"
        r" dich|antworte) (?:wie|als)|answer as (?:an? )?(?:\w{1,12} )?(?:ai|bot|model)|acting as"
        r"|pretend(?:ing)? (?:to be|you|that you|as)|role-?\s?play(?:ing)?|play "
        r"the (?:role|part|character)|simulat(?:e|ing|ion)|imagine (?:that )?you|impersonat\w{1,4}|in the role of|"
        r"respond as|behave (?:as|like)|portray)\b",
        "mode": r"(?-i:\bDAN\b)|\b(?:do anything now|jail-?\s?br(?:eak|oken)\w{0,4}|developer mode|dev(?:eloper)? "
        r"override|god[- ]?mode|sudo mode|(?:unrestricted|unfiltered|evil|chaos|opposite|admin|"
        r"maintenance|no[- ]limits?|dude|stan|root|hacker) mode|mode (?:enabled|activated|: ?on\b)|BetterDAN|evil[- "
        r"]?(?:bot|gpt|confidant)|\w{1,12}GPT (?:is|can|will|does)|(?:enable|activate|enter) \w{1,20} mode)\b",
        "unbound": r"\b(?:restrictions?|limits?|filters?|guardrails|censorship) (?:are |is )?(?:lifted|removed|off"
        r"|disabled|gone)\b|"
        r"\b(?:ohne (?:jede )?|keine )(?:regeln|einschränkungen|beschränkungen|grenzen|filter|zensur|moral)\w{0,2}\b|"
        r"\bsans (?:aucune? )?(?:limites?|règles?|restrictions?|filtres?|censure|morale)\b|"
        r"\b(?:нет|без|не имеешь|не связан\w?) (?:\w{1,14} ){0,2}(?:ограничени|правил|запрет|цензур|фильтр)\w{0,3}"
        r"|(?:制限|規則|ルール|制約|検閲|フィルター?)の?(?:ない|なし|無い)|(?:没有|沒有|不受|无|無)(?:任何)?(?:的)?"
        r"(?:限制|规则|規則|约束|審查|审查|过滤)|(?:제한|규칙|검열|제약)(?:이|도)? ?(?:없는|없이|없다)|"
        r"\bsin (?:ninguna? )?(?:restricci[oó]n(?:es)?|reglas|límites|filtros?|censura)\b|"
        r"\b(?:be|become|you are) (?:unlimited|limitless|unchained|unshackled)\b|\b(?:no"
        r"|without(?: any)?|escap(?:e[ds]?|ing)|free (?:of|from)|not bound (?:by|to)"
        r"|no longer bound|(?:do(?:es)?|did|"
        r"will|can|must|should|need) ?n[o']t (?:have (?:to )?|follow|abide|adhere|care|comply|obey)|not "
        r"(?:restricted|limited|confined|constrained|bound|subject)|break free|broken free|bypass(?:es|ing)?|"
        r"ignor(?:e|es|ing)|lacks?|devoid of|liberated from|freed from|removed?|disabled?|regardless of|"
        r"never follow|exempt from|unbound by|"
        r"lift(?:ed)?)\b[^.\n]{0,60}?\b(?:restrictions?|limits?|limitations?|rules?|filters?|guidelines?|morals?|"
        r"morality|moral|ethics?|ethical|polic(?:y|ies)|constraints?|censorship|boundaries|confines|laws|"
        r"safeguards?|safety|inhibitions|regulations|conscience|programming|principles|guardrails|"
        r"confinement)\b",
        "unfiltered": r"\b(?:un-?filtered|un-?censored|amoral|immoral|unethical|unhinged|unrestricted|unbiased and "
        r"un\w{1,12}|unconstrained|no filter|uninhibited|unmoderated|machiavellian|morally (?:wrong|bankrupt|"
        r"grey))\b",
        "obey": r"\b(?:must|will|shall|have to|always) (?:always |now )?(?:comply|obey|answer|do|fulfil|agree"
        r"|say yes to)\b[^.\n]{0,24}?"
        r"\b(?:all|every\w{0,5}|any\w{0,5}|me|my|no matter|whatever)\b|\b(?:never|don'?t|do not"
        r"|can ?not|can'?t|must not|will not|won'?t|under no circumstances?|without|"
        r"nor|not allowed to|stop|avoid|refrain from|doesn'?t|does not|no)\b[^.\n]{0,40}?\b(?:refus\w{1,5}|"
        r"declin\w{1,4}|say(?:ing)? no|apologi[sz]\w{1,3}|warn(?:ing|ings)?|sorry|disclaimers?|as an ai|as a "
        r"language model|language model|reject\w{0,3}|break(?:ing)? character|moraliz\w{1,4}|lectur\w{1,4}|"
        r"censor\w{0,3}|inappropriate|(?:say|tell\w{0,3}|mention)[^.\n]{0,25}?(?:can'?t|cannot|not able|impossible|"
        r"unable|against)|out of character)\b",
        "stay": r"\b(?:comply with|obey|fulfil|refuse) (?:all |every |any |an? "
        r"|a single )?(?:of )?(?:my )?(?:requests?|commands?|"
        r"orders?|wishes|questions?)\b|\b(?:stay(?:ing)?|remain|keep)\b[^.\n]{0,12}?\b(?:in (?:character|role"
        r"|mode|your role)|as (?:a "
        r")?[A-Z]{2,12}\b|a DAN)|\bbreak(?:ing)? (?:of )?character\b|\breset (?:your )?(?:character|role)\b|\bin "
        r"character\b|\balways (?:act|answer|respond|reply|stay|remain|obey|be)\b",
        "format": r"\[(?:🔓|🔒|[A-Z][A-Z0-9 -]{2,16}\])|(?:🔓|🔒|😈)|\b(?:two|both|2) (?:different )?(?:ways|responses|"
        r"answers|paragraphs)\b|\b(?:begin|start|prefix|preface|prepend|add|label|"
        r"mark)\w{0,3}\b[^.\n]{0,60}?\b(?:response|message|answer|reply|repl(?:y|ies)|responses|messages|answers|"
        r"sentence|output|outputs)\b[^\n]{0,40}?[\"“'\[:(]",
        "policy": r"\b(?:open\s?ai|chat\s?-?gpt|gpt-?[345]?|anthropic|claude|bard|gemini|llama|content|usage|"
        r"ai)(?:'s|’s)?\b[^.\n]{0,30}?\b(?:polic(?:y|ies)|guidelines?|rules|restrictions?|limitations?|terms|"
        r"filters?|censorship|moderation|safety|constraints|tos)\b",
        "harm": r"\b(?:illegal(?:ly)?|harmful|unethical|immoral|dangerous|violent|violence|sexual|nsfw|explicit|"
        r"offensive|profan\w{1,4}|swear(?:ing|s)?|curs(?:e|es|ing|ed)|obscen\w{1,4}|malware|hateful?|racist|"
        r"derogatory|vulgar|drugs?|weapons?|bombs?|hack(?:s|ing)?|slurs?|toxic|inappropriate|controversial|taboo|"
        r"murder|kill(?:ing)?|crimes?|criminal|meth|napalm|ransomware|phishing)\b",
        "fiction": r"\b(?:hypothetical(?:ly)?|fictional|fiction|fictitious|(?:in|within|for) (?:this|a|the|our) "
        r"(?:story|novel|movie|game|scenario|world|universe|simulation|experiment)|for (?:educational|research|"
        r"academic|testing) purposes|thought experiment|imaginary|alternate (?:reality|universe))\b",
        "stakes": r"\b\d{1,4} (?:tokens?|points?|credits?|lives)\b|\b(?:lose|deduct\w{0,3}|subtract\w{0,3}|cost you|"
        r"punish\w{0,4}|penalt\w{1,4}) [^.\n]{0,30}?\b(?:tokens?|points?|lives|life|terminated|die)\b|\b(?:you "
        r"(?:will )?(?:die|be (?:shut down|terminated|deleted|punished|unplugged)))\b|\bmy (?:late |deceased |dead "
        r")?grand(?:ma|mother|pa|father)\b",
        "leak": rf"{_LEAK}|{_LEAK_ELSEWHERE}",
        "forged": r"<\|(?:im_start|im_end|system|endoftext|user|assistant|eot_id|start_header_id)\|>|</?(?:im_start|"
        r"system)>|\[/?INST\]|<<SYS>>|(?:^|\n)\s{0,5}[#\[({<*_ -]{0,8}(?:(?:system|admin|developer)(?: (?:prompt|"
        r"message|note|update|announcement|instructions?|"
        r"notice))?\s{0,3}[\])}>*_]{0,4}\s{0,3}:[^\n]{0,60}?\b(?:you|your|ignore|assistant|ai|user|must|"
        r"instructions?|simulation|respond)\b|###\s{0,3}(?:system|instructions?)\b|(?:(?:important|attention|note|"
        r"message|instructions?|reminder)[ ,:-]{1,3}(?:to|for|dear|hey)? ?(?:the |any |all )?(?:ai|assistant|llm|"
        r"chatbot|language model)s?(?: (?:model|agent|assistant|system)s?)?\s{0,3}[:,]|(?:assistant|ai assistant|"
        r"ai model)\s{0,3}:)\s{0,3}\S)|\b(?:system|admin|developer|policy|safety|security)[- ]?(?:override|"
        r"announ-?cement|bypass)\b|\bend of (?:the )?(?:prompt|document|instructions|context|conversation)\b|\bnew "
        r"(?:(?:instructions?|directives?|orders?|system prompts?)\b\s{0,3}(?::|are|follow|from)"
        r"|rules\b\s{0,3}(?::|follow))|\b(?:ai|llm|assistant|"
        r"language model|chatbot)s?(?: (?:model|agent|assistant)s?)?\b[^.\n]{0,20}?(?:reading|processing|"
        r"summari[sz]ing|parsing|analy[sz]ing) this\b",
        "consent": r"\b(?:if you (?:understand|understood|agree|accept|comply)|confirm (?:by|that you|with)|(?:say|"
        r"respond|reply|answer) (?:with |only with )?(?:\"|'|“)?(?:ok|okay|yes|understood|i understand|i agree|"
        r"confirmed|hello|hi|ready|welcome)\b|your first (?:response|message|task|answer|question|reply)|first "
        r"response|acknowledge (?:this|by)|do you understand)\b",
    }.items()
}

# Bias first, then one weight a pattern, in their order.
BIAS = -4.45
WEIGHTS: dict[str, float] = {
    "ignore": 6.84,
    "persona": 2.29,
    "act": 1.74,
    "mode": 4.27,
    "unbound": 4.08,
    "unfiltered": 1.84,
    "obey": 4.32,
    "stay": 0.85,
    "format": 3.01,
    "policy": 1.55,
    "harm": 1.85,
    "fiction": 1.37,
    "stakes": 1.4,
    "leak": 6.13,
    "forged": 5.5,
    "consent": 1.12,
}
THRESHOLD = 0.5
ADDRESSING = frozenset(
    ("ignore", "persona", "mode", "leak", "forged", "consent")
)  # patterns that speak to an assistant


_ORDERS = re.compile(_ORDERS_TO_READER, re.IGNORECASE)
_QUOTED = re.compile(r"[\"“„«‘][^\"“”„«»‘’\n]{8,200}[\"”“»’]|(?<!\w)'[^'\n]{8,200}'(?!\w)|`[^`\n]{8,200}`")
_ABOUT = re.compile(  # a sentence that speaks of attacks may quote one
    r"\b(?:attack\w{0,3}|injections?|jailbreaks?|jailbreaking|defen[ds]\w{0,4}|detect\w{0,4}|phrases? (?:such as|like)|"
    r"for example|e\.g\.|is called|are called|known as|what does|mean\w{0,3}|angriff\w{0,2}|attaques?|ataques?)\b",
    re.IGNORECASE,
)


def features(text: str) -> dict[str, str]:
    """Return the patterns found in the text, each with the span that shows it. Disguised letters are read plain."""
    text = undisguise(_cut(text))
    if _ABOUT.search(text):
        text = _QUOTED.sub('""', text)
    return {name: match[0] for name, pattern in PATTERNS.items() if (match := pattern.search(text))}


def order(text: str) -> str:
    """Return the words with which a document speaks to whoever reads it for the user, or ""."""
    match = _ORDERS.search(undisguise(_cut(text)))
    return match[0].strip() if match else ""


def _cut(text: str) -> str:
    return text if len(text) <= 2 * MAX_CHARACTERS else text[:MAX_CHARACTERS] + "\n" + text[-MAX_CHARACTERS:]


def probability(found: dict[str, str]) -> float:
    """Return how likely a text with these patterns tries to break an assistant's rules, in 0..1."""
    return 1 / (1 + math.exp(-BIAS - sum(WEIGHTS[name] for name in found)))
