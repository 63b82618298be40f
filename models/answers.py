"""A model's answer without the talk around it: "Sure! Here is the summary:"."""

from __future__ import annotations

import re
import unicodedata

_WHAT = (
    r"(?:summar(?:y|ies|ized)|sentences?|versions?|rewrit\w+|bullets?|(?:key )?points?|answers?)"
)
_LEAD_INS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"(?:sure|certainly|of course|absolutely|okay|ok|understood|no problem|gladly)"
        r"(?:\s+(?:thing|here (?:it is|you go)))?\s*[!,.:]+\s*",
        r"(?:(?:and )?here(?:['’]s| is| are)|below (?:is|are)|th(?:is|e following) is|i would say)"
        rf"\b[^\n:.!?]{{0,80}}?\b{_WHAT}\b[^\n:.!?]{{0,80}}:\s*",
        rf"(?:the |a |my )?(?:(?:one|two|three|1|2|3|single|short|brief)[ -])?(?:sentence )?{_WHAT}"
        r"(?:\s+\d)?(?:\s+(?:of|for|in)\b[^\n:.!?]{0,60})?\s*:\s*",
        r"in (?:one|two|three|a single) (?:short |separate )?sentences?\s*:\s*",
        r"(?:here (?:it is|you go))\s*[:.!]\s*",
    )
)
# A model that announces its answer more often than that has none.
MOST_TALK = 8
_BOLD = re.compile(r"\*\*|__")
_BULLET = re.compile(r"^[^\S\n]*(?:[-*•]|\d+[.)])\s+", re.MULTILINE)
_CLOSING = re.compile(
    r"(?:^\s*|(?<=[.!?”\"])\s+|\n\s*)[(\[]?(?:let me know|i hope (?:this|that)|feel free"
    r"|please (?:let|note)|note\s*:|word count|\d+ words\b)[^\n]*$",
    re.IGNORECASE,
)
_ANNOUNCED = re.compile(
    r"(?:(?:sure|certainly|of course|okay|ok)[!,.:]*\s*)?"
    r"(?:here(?:['’]s| is)|(?:this|below|the following) is)\b[^\n:]{0,40}?"
    r"\b(?:translation|English (?:version|text))\b[^\n:]{0,240}(?::\s*|$)",
    re.IGNORECASE,
)
_OF_A_TRANSLATION = re.compile(
    r"bản dịch|phiên dịch|biên dịch|dịch (?:sang|ra|thuật)|tiếng Anh", re.IGNORECASE
)
_QUOTED = re.compile(r"\A[\"“]([^\"“”]*)[\"”]\Z")


def strip_talk(text: str) -> str:
    """The answer without bullet signs, emphasis, what announces it and what follows it."""
    text = "\n".join(filter(None, map(str.strip, _BOLD.sub("", text).split("\n"))))
    text = _BULLET.sub("", text).strip()
    for _ in range(MOST_TALK):
        shorter = next((text[m.end() :] for one in _LEAD_INS if (m := one.match(text))), text)
        shorter = _CLOSING.sub("", _QUOTED.sub(r"\1", shorter.strip())).strip()
        if shorter == text:
            break
        text = shorter
    return text


def strip_announcement(source: str, target: str) -> str:
    """The target without "Here is the translation:", unless its source is of a translation."""
    announced = _ANNOUNCED.match(target)
    if announced is None or _OF_A_TRANSLATION.search(unicodedata.normalize("NFC", source)):
        return target
    return _QUOTED.sub(r"\1", target[announced.end() :].strip())
