""" "Trước đó, khoảng 2 giờ": earlier, at about 2; small models write "before 2"."""

from __future__ import annotations

import re

from models.quantity_words import MONTHS_EN

_PART_OF_DAY = r"rạng sáng|sáng|trưa|chiều|tối|đêm"
_EARLIER = re.compile(
    rf"(?<!\w)trước đó,?\s+(?:vào\s+)?(?:(?P<about>khoảng)\s+|lúc\s+|hồi\s+|ngày\s+"
    rf"|(?:{_PART_OF_DAY})\s+(?:ngày\s+)?)*"
    r"(?=\d{1,2}\s?(?:giờ|h|g\b|:\d|[-/]\d))",
    re.IGNORECASE,
)
_MONTH = "|".join(MONTHS_EN)
_BEFORE = re.compile(
    rf"(?:(?<=^)|(?<=[.!?…]\s))Before (?P<about>about |around |approximately )?"
    rf"(?=(?P<time>\d{{1,2}}(?::\d\d)?\s?[ap]\.?m\b)|(?:{_MONTH}) \d)"
)


def restore_earlier(source: str, target: str) -> str:
    """Put "before that, at" for a sentence's "before" where the source has "trước đó".

    Only where either side has it once: otherwise nothing tells which belongs to which.
    """
    earlier, before = list(_EARLIER.finditer(source)), list(_BEFORE.finditer(target))
    if len(earlier) != 1 or len(before) != 1:
        return target
    [found] = before
    is_about = earlier[0]["about"] or found["about"]
    place = ("at about" if is_about else "at") if found["time"] else "on"
    return f"{target[: found.start()]}Before that, {place} {target[found.end() :]}"
