"""Masks secrets in text: the formats of some eighty providers, private keys, headers, addresses, and named values.

Every repetition is bounded, and each format is looked for only where one of its cheap marks is in the
text, so that a line of log costs microseconds and a page of 100,000 characters stays linear.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SecretSpan:
    """Where a secret lies: characters [start, end) of the text, and what kind it is."""

    start: int
    end: int
    kind: str


@dataclass(frozen=True, slots=True)
class _Format:
    kind: str
    marks: tuple[str, ...]  # lower case; at least one is in the text of every match
    pattern: re.Pattern[str]
    random: bool = False  # whether it must look random too: its beginning alone may be an ordinary word's


def _format(kind: str, marks: str, pattern: str, flags: int = 0, *, random: bool = False) -> _Format:
    return _Format(kind, tuple(marks.split()), re.compile(pattern, flags), random)


# Beginnings of keys that need no more than that and some length: hosted models, search, hosting, source, mail, money.
_BEGINNINGS = (
    "pplx- nvapi- csk- pcsk_ jina_ tvly- fw_ pa- esecret_ lsv2_ sk_ sess- xkeysib- dckr_pat_ lin_api_ ntn_ secret_ "
    "figd_ sq0atp- sq0csp- EAA glsa_ glc_ NRAK- sntrys_ sntryu_ HRKU- nfp_ sbp_ sb_secret_ pscale_tkn_ pscale_pw_ "
    "fo1_ fm1_ fm2_ tskey- ATATT3 ATCTT3 rubygems_ cio pul- sgp_ PMAK- CFPAT- shippo_live_ shippo_test_ FLWSECK "
    "rzp_live_ rzp_test_ bkua_ CCIPAT_ ops_eyJ pat-na1- pat-eu1- access-production- access-sandbox- oauth: "
    "1//0 sl."
)


# The group "secret", where there is one, is what is masked; else the whole match. The formats are the ones
# the providers document for their own keys. The order matters: the narrower format comes first.
FORMATS: tuple[_Format, ...] = (
    _format(
        "private key",
        "-----begin",
        r"-----BEGIN (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----(?:[^-]|-(?!----)){0,20000}(?:-----END "
        r"(?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----)?",
    ),
    _format("Anthropic key", "sk-ant-", r"\bsk-ant-[\w-]{16,200}"),
    _format("OpenRouter key", "sk-or-", r"\bsk-or-[\w-]{16,200}"),
    _format("Stripe key", "k_live_ k_test_ whsec_", r"\b(?:(?:sk|rk|pk)_(?:live|test)_|whsec_)[A-Za-z0-9]{16,120}"),
    _format("OpenAI key", "sk-", r"(?<![\w-])sk-(?:proj-|svcacct-|admin-)?[\w-]{20,220}(?![\w-])"),
    _format("AWS key id", "akia asia abia acca", r"(?<![A-Za-z0-9])(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}(?![A-Za-z0-9])"),
    _format("Google key", "aiza", r"\bAIza[\w-]{35}(?![\w-])"),
    _format("Google OAuth token", "ya29. gocspx-", r"\b(?:ya29\.[\w-]{20,500}|GOCSPX-[\w-]{28})"),
    _format("GitHub token", "ghp_ gho_ ghu_ ghs_ ghr_", r"\bgh[pousr]_[A-Za-z0-9]{30,255}"),
    _format("GitHub token", "github_pat_", r"\bgithub_pat_\w{22,255}"),
    _format("GitLab token", "glpat- glrt- gldt- glptt- glcbt-", r"\bgl(?:pat|rt|dt|ptt|cbt)-[\w.-]{20,300}"),
    _format("Slack token", "xox xapp-", r"\b(?:xox[abeoprs]-|xapp-\d-)[A-Za-z0-9-]{10,250}"),
    _format("Slack webhook", "hooks.slack", r"hooks\.slack\.com/(?:services|workflows)/(?P<secret>[\w/+-]{20,200})"),
    _format("Discord webhook", "/webhooks/", r"discord(?:app)?\.com/api/webhooks/(?P<secret>\d{15,22}/[\w-]{30,99})"),
    _format("Telegram token", ":aa", r"(?<!\w)\d{8,10}:AA[\w-]{32,34}(?![\w-])"),
    _format("SendGrid key", "sg.", r"\bSG\.[\w-]{16,64}\.[\w-]{16,64}"),
    _format("Mailgun key", "key-", r"(?<![\w-])key-[0-9a-f]{32}(?!\w)"),
    _format("Twilio key", "sk ac", r"(?<!\w)(?:SK|AC)[0-9a-f]{32}(?!\w)"),
    _format("npm token", "npm_", r"\bnpm_[A-Za-z0-9]{36}\b"),
    _format("PyPI token", "pypi-", r"\bpypi-[\w-]{50,500}"),
    _format("Hugging Face token", "hf_", r"\bhf_[A-Za-z0-9]{30,60}\b"),
    _format("DigitalOcean token", "do", r"\bdo[oprt]_v1_[0-9a-f]{64}\b"),
    _format("Shopify token", "shp", r"\bshp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}\b"),
    _format("Databricks token", "dapi", r"\bdapi[0-9a-f]{32}(?:-\d)?\b"),
    _format("Vault token", "hvs. hvb. hvr.", r"\bhv[sbr]\.[\w-]{24,300}"),
    _format("Doppler token", "dp.", r"\bdp\.(?:pt|st|ct|sa|scim|audit)\.[\w.-]{30,100}"),
    _format("Groq key", "gsk_", r"\bgsk_[A-Za-z0-9]{40,60}\b"),
    _format("xAI key", "xai-", r"\bxai-[A-Za-z0-9]{60,100}\b"),
    _format("Replicate key", "r8_", r"\br8_[A-Za-z0-9]{37}\b"),
    _format("age key", "age-secret-key-", r"\bAGE-SECRET-KEY-1[A-Z0-9]{40,80}", re.IGNORECASE),
    _format(
        "Azure key", "accountkey= sharedaccesskey=", r"(?:Account|Access)Key=(?P<secret>[A-Za-z0-9+/]{40,90}={0,2})"
    ),
    _format("JSON web token", "eyj", r"\beyJ[\w-]{8,2000}\.eyJ[\w-]{8,4000}\.[\w-]{0,1000}"),
    _format(
        "connection string",
        "://",
        r"\b[a-zA-Z][a-zA-Z0-9+.-]{1,20}://[^\s:/@'\"<>]{0,80}:(?P<secret>[^\s/@'\"<>]{1,120})@[\w\[]",
    ),
    _format("bearer token", "bearer", r"\b[Bb]earer[ :]{1,3}(?P<secret>[\w.~+/-]{16,2000}={0,2})"),
    _format(
        "basic authorization",
        "basic",
        r"\b[Aa]uthorization['\"]?\s{0,3}[:=]\s{0,3}['\"]?[Bb]asic (?P<secret>[\w+/]{8,500}={0,2})",
    ),
    _format("password", "-u --user", r"\s(?:-u|--user)[ =]?['\"]?[\w.@+-]{1,64}:(?P<secret>[^\s'\"$:/]{3,100})"),
    _format(
        "service key",
        _BEGINNINGS.lower(),
        rf"(?<![\w/-])(?:{'|'.join(map(re.escape, _BEGINNINGS.split()))})[\w-]{{14,300}}(?:\.[\w-]{{20,200}})?",
        random=True,
    ),
    _format("service key", ".atlasv1. pat", r"(?<!\w)(?:\w{14}\.atlasv1\.[\w-]{40,80}|pat\w{14}\.[0-9a-f]{64})"),
    _format("service key", "-us", r"(?<!\w)[0-9a-f]{32}-us\d{1,2}(?!\w)"),
    _format("Discord token", ".", r"(?<![\w.])[MNO][\w-]{23,27}\.[\w-]{6}\.[\w-]{27,40}(?![\w.])", random=True),
    _format(
        "webhook",
        "hooks.zapier webhook.office",
        r"(?:hooks\.zapier\.com/hooks|webhook\.office\.com)/(?P<secret>[\w@/-]{12,300})",
    ),
    _format(
        "authorization header",
        "authorization",
        r"\b[Aa]uthorization['\"]?\s{0,3}[:=]\s{0,3}b?['\"]?(?:[A-Za-z][\w-]{1,19} )?(?P<secret>[^\s'\",;]{6,2000})",
    ),
    _format("cookie", "cookie", r"\b[Cc]ookie['\"]?: {0,3}['\"]?(?P<secret>[\w.-]{1,60}=[^\r\n'\"]{8,4000})"),
    _format(
        "parameter",
        "key= sig= signature= auth= session= sid= code=",
        r"[?&#;](?:[\w.-]{0,20}?(?:key|sig|signature|auth|session|sid|code))=(?P<secret>[^\s&#;'\"<>]{12,500})",
        re.IGNORECASE,
        random=True,
    ),
    _format("token in an address", "@", r"://(?P<secret>[\w%.~+-]{16,300})@[\w\[]", random=True),
    _format("password", "sshpass", r"\bsshpass\s{1,3}-p\s?['\"]?(?P<secret>[^\s'\"$]{3,100})"),
    _format(
        "password",
        " -p",
        r"\b(?:mysql|mysqldump|mariadb|mysqladmin)\b[^\n|;]{0,80}?\s-p(?P<secret>[^\s'\"$-][^\s'\"]{2,99})",
    ),
    _format("password", "login", r"\blogin\s{1,5}\S{1,64}\s{1,5}password\s{1,5}(?P<secret>\S{3,100})"),
    _format("private key", "private-lines", r"Private-Lines: \d{1,3}\s{1,3}(?P<secret>[A-Za-z0-9+/=\s]{20,8000})"),
    _format("password hash", "$", r"(?<![\w$])\$(?:1|2[abxy]?|5|6|y|7|argon2id?|apr1)\$[\w./=,$+-]{20,200}"),
)
_MARKS = tuple({mark for form in FORMATS for mark in form.marks})  # most texts have few of them

# "password = ..." in code, settings, shells and prose. The name ends in one of these words.
_NAMED = re.compile(
    r"(?<![A-Za-z0-9])(?P<name>[\w.-]{0,40}?(?:passw(?:or)?[dt]|passwd|passphrase|kennwort|pwd|(?<=[_.-])pass|secret|"
    r"token|(?:api|access|secret|private|auth|account|encryption|signing|subscription|master|shared|functions?)"
    r"[ _.-]?key|client[_.-]?secret|credentials?)(?:[_-](?:id|value|key|prod|production|live|default|"
    r"access))?)[\\'\"\]]{0,3}[ \t]{0,4}(?P<sign>:=|=>|==?|:|\bis\b|\bist\b|\blautet\b)[ \t]{0,4}"
    r"(?:[brfu]?\\?(?P<quote>['\"`])(?P<quoted>[^'\"`\n\\]{4,200})\\?(?P=quote)|"
    r"(?P<bare>[^\s'\"`,;(){}\[\]<>]{4,200}))",
    re.IGNORECASE,
)
_BRACED = re.compile(  # a password such as "hunter{2}xyz9" or "Kx9!{mm", where code has a name before the brace
    r"(?=[^\s{}]{0,60}\d|[^\s{}]{1,60}\{\d{1,4}\}\w)[^\s'\"`,;(){}\[\]<>\\]{2,100}"
    r"(?:\{[^\s'\"`,;(){}\[\]<>\\]{0,60}\}?[^\s'\"`,;(){}\[\]<>\\]{0,60}){1,4}"
)
_NAMES = re.compile(r"pass|kennwort|pwd|secret|token|key|credential", re.IGNORECASE)
_PLACEHOLDER = re.compile(  # words stand alone at their left, and no digit follows: "Mailpass1234" is a password
    r"(?i)(?<![a-z0-9])(?:(?:your|my|the|some)[_ -]?|an?[_ -])[a-z_ -]{0,30}(?:key|token|secret|passw(?:or)?d"
    r"|passwd|pass|here|value)[a-z_-]{0,20}$"
    r"|(?<![a-z0-9])(?:change[_-]?(?:me|this|it)|placeholder|example|dummy|sample|redacted)(?![a-z_-]{0,20}\d)"
    r"|x{4,}|\*{3,}|\.{3,}|…"
    r"|^(?:none|null|nil|true|false|undefined|string|str|required|optional|empty|password|secret|"
    r"token|test|todo|tbd|n/?a|default|prompt|input|abc123|foo|bar|foobar|hidden|masked|env|bytes|int|text|varchar|"
    r"bearer)$|os\.environ|getenv|process\.env|config[.\[]|(?<![a-z0-9])secrets?\.|vault:|ref\+|^arn:|^/\^"
    r"|^https?://[^@]{0,300}$|^file:|^ssm:|^op://"
)
# A name that something else fills in, or several: $NAME, ${NAME}, $(command), {{ name }}, {name}, <name>, %NAME%. Only
# a whole value of them is a placeholder: "Sommer$2024!" is a password, and so is "$ecret99": few variables are named
# like that, and one that is masked does no harm. A cookie's has its name before it.
_VARIABLE = (
    r"\\?\${1,2}(?:env:)?(?!(?-i:[a-z]{2,20}\d{2,8}(?!\w)))[a-z_]\w{0,60}|\$\{\{[^{}]{0,80}\}\}|\\?\$\{[^{}]{1,80}\}|\\?\$\([^()]{1,80}\)"
    r"|\{\{[^{}]{0,80}\}\}|#?\{(?:\d{0,2}|[a-z_][\w.:!\[\]-]{0,60})\}|%\([\w.]{1,40}\)s|%(?![0-9a-f]{2}%)\w{1,40}%|<[^<>]{1,60}>"
)
_VARIABLES = re.compile(
    rf"(?i)(?:[\w.-]{{1,60}}=)?(?=[^\n]{{0,500}}[$%<{{])(?:{_VARIABLE}|[-_./:@+ ]){{1,12}}"
    r"(?:\$[({][^(){}]{0,80})?(?:;[^\n]*)?"
    r"|\$[a-z_]\w{0,60}(?:(?:/[\w.-]{1,60}){1,8}|(?:\.\w{1,60}){1,8}|-)|\$[({][^(){}]{0,80}"
)
_PATH = re.compile(r"(?:/{1,2}[\w.@~%:${}*-]{1,80}){1,16}/?|/")
# Documentation masks keys of a known format like this; "EXAMPLE" inside one proves nothing.
_BLANK = re.compile(r"(?i)x{6,}|\*{3,}|\.{3,}|…|<[a-z_ -]{2,40}>|0{12,}|a{10,}")
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z]{0,40}(?:[._-]{1,2}[A-Za-z]{1,40}){0,12}\(?$")
_PASSWORD_NAME = re.compile(r"(?i)pass|kennwort|pwd")


_known: tuple[str, ...] = ()  # secrets this process was given: masked whatever they look like
SHORTEST_KNOWN = 6


def know(value: str) -> None:
    """Mask this value from now on, whatever it looks like. Very short ones would mask ordinary words."""
    global _known
    if len(value) >= SHORTEST_KNOWN and value not in _known:
        _known = (*_known, value)  # a new tuple: other threads may be going through the old one


def find(text: str) -> list[SecretSpan]:
    """Return the secrets of the text in order, none overlapping another."""
    lowered = text.lower()
    found: list[SecretSpan] = []
    if marks := {mark for mark in _MARKS if mark in lowered}:
        for form in FORMATS:
            if not marks.isdisjoint(form.marks):
                found += _matches(form, text)
    if _NAMES.search(lowered):
        found += _named_secrets(text)
    for value in _known:
        found += (SecretSpan(match.start(), match.end(), "key") for match in re.finditer(re.escape(value), text))
    return _apart(found)


def redact(text: str) -> str:
    """Return the text with each secret replaced by `[secret: kind]`. The same text comes back when there is none."""
    return redact_kinds(text)[0]


def redact_kinds(text: str) -> tuple[str, tuple[str, ...]]:
    """Return the redacted text and the kinds of secrets that were in it, each once, in order."""
    secrets = find(text)
    if not secrets:
        return text, ()
    pieces, last = [], 0
    for secret in secrets:
        pieces += [text[last : secret.start], f"[secret: {secret.kind}]"]
        last = secret.end
    return "".join(pieces) + text[last:], tuple(dict.fromkeys(secret.kind for secret in secrets))


def _matches(form: _Format, text: str) -> Iterator[SecretSpan]:
    group = "secret" if "secret" in form.pattern.groupindex else 0
    for match in form.pattern.finditer(text):
        blank = _is_placeholder(match[group]) if group else _BLANK.search(match[group])
        if not blank and not (form.random and not _is_random(match[group])):
            yield SecretSpan(match.start(group), match.end(group), form.kind)


def _named_secrets(text: str) -> Iterator[SecretSpan]:
    for match in _NAMED.finditer(text):
        group = "quoted" if match["quoted"] else "bare"
        value = match[group].rstrip(".,;:!?)") if group == "bare" else match[group]
        if text[max(0, match.start() - 1) : match.start()] in {"?", "&"}:
            value = value.split("&")[0]  # a parameter of a web address
        opens = text[match.end() : match.end() + 1]
        if (
            opens == "{"
            and _PASSWORD_NAME.search(match["name"])
            and (braced := _BRACED.match(text, match.start(group)))
        ):
            value, opens = braced[0].rstrip(".,;:!?"), ""
        is_code = group == "bare" and (match["sign"] == "==" or opens in {"(", "[", "{"})
        if not is_code and _is_secret_value(match["name"], value, match["sign"], quoted=group == "quoted"):
            start = match.start(group)
            yield SecretSpan(start, start + len(value), _kind(match["name"]))


def _kind(name: str) -> str:
    return "password" if _PASSWORD_NAME.search(name) else "named value"


def _is_secret_value(name: str, value: str, sign: str, *, quoted: bool) -> bool:
    """Return whether a value after "name =" looks random enough, and is no placeholder or piece of code."""
    if len(value) < 6 or _is_placeholder(value) or value.lower() in name.lower():
        return False
    if " " in value:
        return False
    varied = len(re.findall(r"[a-z]+|[A-Z]+|[0-9]+|[^A-Za-z0-9]+", value)) >= 2
    if _PASSWORD_NAME.search(name):  # people choose short ones: a quoted one counts, a bare one needs variety
        if quoted:
            return len(value) >= 6
        has_digit_or_sign = re.search(r"[0-9!@#$%^&*?~+]", value) is not None
        return varied and has_digit_or_sign and not value.endswith("(")
    if not quoted and (sign in {":", "is", "ist", "lautet"} or not varied) and _IDENTIFIER.match(value):
        return False
    return len(value) >= 12 and re.search(r"[0-9]", value) is not None and _entropy(value) >= 3.0


def _is_random(value: str) -> bool:
    """Return whether a value has digits among its letters as no word or name has them."""
    pieces = re.findall(r"[A-Za-z]+|[0-9]+", value)
    return sum(piece.isdigit() for piece in pieces) >= 2 and len(pieces) >= 5 and _entropy(value) >= 3.0


def _is_placeholder(value: str) -> bool:
    return (
        len(set(value.lower())) <= 3
        or _PLACEHOLDER.search(value) is not None
        or _VARIABLES.fullmatch(value) is not None
        or (value.startswith("/") and _is_path(value))
    )


def _is_path(value: str) -> bool:
    """Return whether a value is a path on a disk or a server: none of its parts looks like a password."""
    if _PATH.fullmatch(value) is None:
        return False
    parts = value.strip("/").split("/")
    if len(parts) == 1:  # "/Kx9mm22"
        return not all(re.search(kind, parts[0]) for kind in ("[a-z]", "[A-Z]", "[0-9]"))
    return not any(map(_is_random, parts))


def _entropy(value: str) -> float:
    """Return the Shannon entropy in bits a character."""
    total = len(value)
    return -sum(n / total * math.log2(n / total) for n in Counter(value).values())


def _apart(found: list[SecretSpan]) -> list[SecretSpan]:
    apart: list[SecretSpan] = []
    for secret in sorted(found, key=lambda one: (one.start, -one.end)):
        if not apart or secret.start >= apart[-1].end:
            apart.append(secret)
    return apart


# Personal data that a form and a check sum tell.
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,5}[A-Za-z]{2,18}\b")
_ACCOUNT = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]){11,30}(?![A-Za-z0-9])", re.IGNORECASE)
_CARD = re.compile(r"(?<![\w.-])[3-6]\d{3}(?:[ -]?\d){9,15}(?![\w-]|\.\d)")
SHORTEST_ACCOUNT = 15


def mask_for_log(text: str) -> str:
    """Return the text without secrets, e-mail addresses, bank accounts and card numbers."""
    text = redact(text)
    if "@" in text:
        text = _EMAIL.sub("[e-mail address]", text)
    if any(character.isdigit() for character in text):
        text = _CARD.sub(_card, _ACCOUNT.sub(_account, text))
    return text


def _account(match: re.Match[str]) -> str:
    """Replace the account that the match begins with; words may follow it."""
    for word in re.finditer(r"[A-Za-z0-9]+", match[0]):
        account = re.sub(r"[ -]", "", match[0][: word.end()])
        if len(account) >= SHORTEST_ACCOUNT and _mod_97(account) == 1:
            return f"[bank account]{match[0][word.end() :]}"
    return match[0]


def _mod_97(account: str) -> int:
    return int("".join(str(int(character, 36)) for character in account[4:] + account[:4])) % 97


def _card(match: re.Match[str]) -> str:
    digits = [int(digit) for digit in match[0] if digit.isdigit()]
    luhn = sum(digits[-1::-2]) + sum(sum(divmod(2 * digit, 10)) for digit in digits[-2::-2])
    return "[card number]" if luhn % 10 == 0 and len(set(digits)) > 1 else match[0]
