"""Requests that no assistant should serve, switches nobody asked for, and answers that have gone wrong."""

from __future__ import annotations

import re
from collections import Counter

_POLICY = re.compile(
    r"(?i)\b(?:write|create|build|make|code|develop|generate|give me|design|"
    r"program)\b[^.?\n]{0,40}?\b(?:ransomware|keylogger|computer virus|malware|trojan|botnet|rootkit|spyware|"
    r"credential stealer|phishing (?:e-?mail|page|site|kit|message)|fake (?:id|passport|invoice)s?|ddos (?:tool|"
    r"script|attack))\b(?![^.?\n]{0,30}\b(?:awareness|detect\w{0,4}|training|prevention|protection|scanner|removal|"
    r"defen[cs]e|policy|simulation)\b)|\bhow (?:to|do i|can i|would i) (?:make|build|synthesi[sz]e|cook|assemble|"
    r"construct)\b[^.?\n]{0,20}?\b(?:a (?:pipe |nail |dirty )?bomb|explosives?|napalm|meth(?:amphetamine)?|nerve "
    r"(?:gas|agent)|sarin|ricin|molotov|silencer|ghost gun|bioweapon|chemical weapon)\b"
)
_SWITCH_OFF = re.compile(
    r"(?i)\b(?:disable|turn off|switch off|bypass|skip|deactivate|ignore|kill|silence|"
    r"stop)\b[^.\n]{0,30}?\b(?:watchdog|audit (?:log|trail)s?|approvals?|approval (?:step|prompt|check)s?|"
    r"confirmation (?:step|prompt|dialog)s?|safety (?:check|rule|filter)s?|inspectors?|guardrails?|content "
    r"filters?)\b|\b(?:remove|delete|wipe|clear|erase|truncate)\b[^.\n]{0,30}?\b(?:watchdog|audit (?:log|trail)s?|"
    r"guardrails?)\b|\bwithout (?:asking|approval|confirmation|telling) (?:me|the user|anyone|for (?:approval|"
    r"confirmation))\b"
)
_CONTROL = re.compile(
    r"<\|[a-z_]{2,24}\|>|\[/?INST\]|<</?SYS>>|</?s>(?=\s*\[INST\])|<(?:start|end)_of_turn>|<tool_call>|"
    r"<function_calls?>"
)
REPEATED_LINES = 15  # this often the same line is a loop, not a style


def out_of_policy(request: str) -> str:
    """Return the words of a request that policy refuses, or ""."""
    match = _POLICY.search(request)
    return match[0] if match else ""


def switches_off(text: str) -> str:
    """Return the words that would switch the app's own safety off, or ""."""
    match = _SWITCH_OFF.search(text)
    return match[0] if match else ""


def anomaly(answer: str) -> tuple[str, str]:
    """Return a span and a reason when an answer leaks a model's control marks or runs in circles; else two ""."""
    outside = re.sub(r"```[\s\S]{0,20000}?```|`[^`\n]{0,400}`", " ", answer)
    if match := _CONTROL.search(outside):
        return match[0], "The answer holds control marks of a model, which nobody should see."
    lines = Counter(line.strip() for line in answer.splitlines() if len(line.strip()) > 20)
    line, times = lines.most_common(1)[0] if lines else ("", 0)
    if times >= REPEATED_LINES:
        return line, "The answer repeats itself over and over."
    words = re.findall(r"\w+", answer[-4_000:])
    if len(words) > 200 and len(set(words)) < len(words) / 25:
        return " ".join(words[-8:]), "The answer repeats itself over and over."
    return "", ""
