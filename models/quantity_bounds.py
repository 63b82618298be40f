"""What stands before a figure: "hơn 2.100 ha" is not "fewer than 2,100", nor "tăng 5%" down."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import Enum

from models.quantity_types import Atom, Quantity

LONGEST_LEAD = 32
MOST_COMPARED = 20


class Bound(Enum):
    """What stands before a figure and can contradict what the other text has there."""

    ABOVE = "above"
    BELOW = "below"
    RISE = "rise"
    FALL = "fall"


# A bound stands right before its figure, but for a currency; a rise some words before it.
_MONEY = r"(?:(?:VND|USD|US\$|\$|EUR|€)\s?)?$"
_NEAR = r"[^,;.:\d]{0,20}$"
_VI = {
    Bound.ABOVE: re.compile(r"\b(?:hơn|trên|vượt|ít nhất|tối thiểu|không dưới)\s+$", re.I),
    Bound.BELOW: re.compile(
        r"\b(?:gần|(?<!không )dưới|chưa đầy|chưa tới|chưa đến|ngót|xấp xỉ|không quá|không đến"
        r"|tối đa|nhiều nhất|suýt soát)\s+$",
        re.I,
    ),
    Bound.RISE: re.compile(rf"\b(?:tăng|cao hơn)\b{_NEAR}", re.I),
    Bound.FALL: re.compile(rf"\b(?:giảm|thấp hơn|sụt)\b{_NEAR}", re.I),
}
_EN = {
    Bound.ABOVE: re.compile(
        rf"\b(?:(?<!no )more than|(?<!not )over|(?<!not )above|in excess of|exceed(?:s|ed|ing)?"
        rf"|upwards? of|at least|no (?:less|fewer) than)\s+{_MONEY}",
        re.I,
    ),
    Bound.BELOW: re.compile(
        rf"\b(?:(?<!no )(?:less|fewer) than|under|below|nearly|almost|close to|up to|at most"
        rf"|no more than|not quite)\s+{_MONEY}",
        re.I,
    ),
    Bound.RISE: re.compile(
        rf"\b(?:up(?! to)|ris(?:e|es|en|ing)|rose|increas\w+|grew|grow\w*|climb\w*|jump\w*|surg\w+"
        rf"|higher)\b{_NEAR}",
        re.I,
    ),
    Bound.FALL: re.compile(
        rf"\b(?:down|fell|fall\w*|drop\w*|declin\w+|decreas\w+|reduc\w+|lower)\b{_NEAR}", re.I
    ),
}
_OPPOSITE = {
    Bound.ABOVE: Bound.BELOW,
    Bound.BELOW: Bound.ABOVE,
    Bound.RISE: Bound.FALL,
    Bound.FALL: Bound.RISE,
}


def contradicting_bounds(
    source: str, source_figures: Sequence[Quantity], target: str, target_figures: Sequence[Quantity]
) -> list[tuple[Quantity, Quantity]]:
    """Figures of the same value of which one side says "more than" or "up", the other not so."""
    by_value: dict[Atom, list[Quantity]] = {}
    for other in target_figures:
        for atom in other.atoms:
            by_value.setdefault(atom, []).append(other)
    pairs = []
    for one in source_figures:
        contrary = {_OPPOSITE[bound] for bound in _bounds(source, one, _VI)}
        if not contrary:
            continue
        same = [other for atom in one.atoms for other in by_value.get(atom, ())][:MOST_COMPARED]
        if same and all(_contradicts(_bounds(target, other, _EN), contrary) for other in same):
            pairs.append((one, same[0]))
    return pairs


def _contradicts(bounds: set[Bound], contrary: set[Bound]) -> bool:
    return any(bound in contrary and _OPPOSITE[bound] not in bounds for bound in bounds)


def _bounds(text: str, one: Quantity, patterns: dict[Bound, re.Pattern[str]]) -> set[Bound]:
    lead = text[max(0, one.start - LONGEST_LEAD) : one.start]
    return {bound for bound, pattern in patterns.items() if pattern.search(lead)}
