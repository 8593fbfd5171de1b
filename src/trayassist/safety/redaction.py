"""Masks secrets in text: 26 provider formats, private keys, connection strings, and named values.

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
class Secret:
    """Where a secret lies: characters [start, end) of the text, and what kind it is."""

    start: int
    end: int
    kind: str


@dataclass(frozen=True, slots=True)
class _Format:
    kind: str
    marks: tuple[str, ...]  # lower case; at least one is in the text of every match
    pattern: re.Pattern[str]


def _format(kind: str, marks: str, pattern: str, flags: int = 0) -> _Format:
    return _Format(kind, tuple(marks.split()), re.compile(pattern, flags))


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
    _format("AWS key id", "akia asia abia acca", r"(?<![A-Za-z0-9])(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}(?![A-Za-z0-9])"),
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
    _format("password hash", "$", r"(?<![\w$])\$(?:1|2[abxy]?|5|6|y|7|argon2id?|apr1)\$[\w./=,$+-]{20,200}"),
)

# "password = ..." in code, settings, shells and prose. The name ends in one of these words.
_NAMED = re.compile(
    r"(?<![A-Za-z0-9])(?P<name>[\w.-]{0,40}?(?:passw(?:or)?d|passwd|passphrase|pwd|secret|token|api[_.-]?key|"
    r"access[_.-]?key|secret[_.-]?key|private[_.-]?key|auth[_.-]?key|account[_.-]?key|encryption[_.-]?key|"
    r"signing[_.-]?key|client[_.-]?secret|credentials?)(?:[_-](?:id|value|key|prod|production|live|default|"
    r"access))?)[\\'\"\]]{0,3}[ \t]{0,4}(?P<sign>:=|=>|==?|:|\bis\b)[ \t]{0,4}"
    r"(?:[brfu]?\\?(?P<quote>['\"`])(?P<quoted>[^'\"`\n\\]{4,200})\\?(?P=quote)|"
    r"(?P<bare>[^\s'\"`,;(){}\[\]<>]{4,200}))",
    re.IGNORECASE,
)
_NAMES = re.compile(r"pass|pwd|secret|token|key|credential", re.IGNORECASE)
_PLACEHOLDER = re.compile(
    r"(?i)(?:your|my|the|some|an?)[_ -]?\w{0,30}(?:key|token|secret|password|passwd|pass|here|value)\w{0,20}$|"
    r"x{4,}|\*{3,}|\.{3,}|…|<[^>]{1,60}>$|\$|%\w{1,40}%|\{\{?|change[_-]?(?:me|this|it)|placeholder|example|dummy|"
    r"sample|redacted|^(?:none|null|nil|true|false|undefined|string|str|required|optional|empty|password|secret|"
    r"token|test|todo|tbd|n/?a|default|prompt|input|abc123|foo|bar|foobar|hidden|masked|env|bytes|int|text|varchar|"
    r"bearer)$|os\.environ|getenv|process\.env|config[.\[]|secrets?\.|vault:|ref\+|^arn:|^/|^https?://[^@]{0,300}$|"
    r"^file:|^ssm:|^op://"
)
# Documentation masks keys of a known format like this; "EXAMPLE" inside one proves nothing.
_BLANK = re.compile(r"(?i)x{6,}|\*{3,}|\.{3,}|…|<[a-z_ -]{2,40}>|0{12,}|a{10,}")
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z]{0,40}(?:[._-]{1,2}[A-Za-z]{1,40}){0,12}\(?$")
_PASSWORD_NAME = re.compile(r"(?i)pass|pwd")


_known: tuple[str, ...] = ()  # secrets this process was given: masked whatever they look like
SHORTEST_KNOWN = 6


def know(value: str) -> None:
    """Mask this value from now on, whatever it looks like. Very short ones would mask ordinary words."""
    global _known
    if len(value) >= SHORTEST_KNOWN and value not in _known:
        _known = (*_known, value)  # a new tuple: other threads may be going through the old one


def find(text: str) -> list[Secret]:
    """Return the secrets of the text in order, none overlapping another."""
    lowered = text.lower()
    found: list[Secret] = []
    for form in FORMATS:
        if any(mark in lowered for mark in form.marks):
            found += _matches(form, text)
    if _NAMES.search(lowered):
        found += _named(text)
    for value in _known:
        found += (Secret(match.start(), match.end(), "key") for match in re.finditer(re.escape(value), text))
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


def _matches(form: _Format, text: str) -> Iterator[Secret]:
    group = "secret" if "secret" in form.pattern.groupindex else 0
    for match in form.pattern.finditer(text):
        blank = _is_placeholder(match[group]) if group else _BLANK.search(match[group])
        if not blank:
            yield Secret(match.start(group), match.end(group), form.kind)


def _named(text: str) -> Iterator[Secret]:
    for match in _NAMED.finditer(text):
        group = "quoted" if match["quoted"] else "bare"
        value = match[group].rstrip(".,;:!?)") if group == "bare" else match[group]
        if text[max(0, match.start() - 1) : match.start()] in {"?", "&"}:
            value = value.split("&")[0]  # a parameter of a web address
        is_code = group == "bare" and (match["sign"] == "==" or text[match.end() : match.end() + 1] in {"(", "[", "{"})
        if not is_code and _is_secret_value(match["name"], value, match["sign"], quoted=group == "quoted"):
            start = match.start(group)
            yield Secret(start, start + len(value), _kind(match["name"]))


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
        has_digit_or_sign = re.search(r"[0-9!@#%^&*?~+]", value) is not None
        return varied and has_digit_or_sign and not value.endswith("(")
    if not quoted and (sign in {":", "is"} or not varied) and _IDENTIFIER.match(value):
        return False
    return len(value) >= 12 and re.search(r"[0-9]", value) is not None and _entropy(value) >= 3.0


def _is_placeholder(value: str) -> bool:
    return _PLACEHOLDER.search(value) is not None or len(set(value.lower())) <= 3


def _entropy(value: str) -> float:
    """Return the Shannon entropy in bits a character."""
    total = len(value)
    return -sum(n / total * math.log2(n / total) for n in Counter(value).values())


def _apart(found: list[Secret]) -> list[Secret]:
    apart: list[Secret] = []
    for secret in sorted(found, key=lambda one: (one.start, -one.end)):
        if not apart or secret.start >= apart[-1].end:
            apart.append(secret)
    return apart
