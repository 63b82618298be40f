"""What a target drops around its figures and a rule puts back: "more than", "the morning of"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from models.day_parts import LostPart, compare_day_parts
from models.quantities import Quantity, QuantityKind, find_quantities_en, find_quantities_vi
from models.quantity_types import Atom

_BOUNDS = {
    "hơn": "more than",
    "gần": "nearly",
    "khoảng": "about",
    "chưa đầy": "less than",
    "chưa tới": "less than",
    "chưa đến": "less than",
    "ít nhất": "at least",
    "tối thiểu": "at least",
    "không quá": "no more than",
    "xấp xỉ": "about",
    "trên": "more than",
}
# "trên 3 tuyến đường" is on three roads; of many or of a share it is above.
_ALSO_A_PLACE, FEWEST_ABOVE = "trên", 20
_BOUND_VI = re.compile(rf"(?<!\w)({'|'.join(_BOUNDS)})\s+$", re.IGNORECASE)
# "thấp hơn 11,7 điểm" compares: lower by 11.7 points.
_COMPARED = re.compile(
    r"(?<!\w)(?:cao|thấp|nhiều|ít|lớn|nhỏ|sớm|muộn|nhanh|chậm|dài|ngắn|nặng|nhẹ|rộng|hẹp|tốt|kém|xa"
    r"|đông|đắt|rẻ|mạnh|yếu|sâu|dày|mỏng|lâu|trẻ|già)\s+hơn\s+$",
    re.IGNORECASE,
)
_BOUNDED_EN = re.compile(
    r"\b(?:more|less|fewer|greater|over|above|exceed\w*|excess|upwards?|least|most|nearly|almost"
    r"|clos(?:e|ing)|approach\w*|about|around|some|approximately|roughly|estimated|up to|under"
    r"|below|within|maximum|minimum|near|not|no|around|beyond|top\w*|surpass\w*)\b[^.;:\d]{0,20}$",
    re.IGNORECASE,
)
_BOUNDED_AFTER = re.compile(r"^\s*(?:\+|plus\b|[^.,;:\d]{0,25}\bor (?:so|more|less|fewer)\b)", re.I)
_CURRENCY = re.compile(r"(?:VND|USD|US\$|\$|€|EUR)\s?$")
# After these a figure is one of a series or known already; before a hyphen it is an attribute.
_FIXED = re.compile(
    r"(?:\b(?:the|all|these|those|its|their|his|her|our|every|each|another|only|just|exactly|first"
    r"|last|next|no\.?|numbers?|article|clause|decision|resolution|of)|[-–—/:.(])\s*$",
    re.IGNORECASE,
)
_KINDS = frozenset({QuantityKind.NUMBER, QuantityKind.MONEY, QuantityKind.PERCENT})
_LEAD = 40

_PARTS = {
    "dawn": "in the early hours of",
    "morning": "on the morning of",
    "noon": "at noon on",
    "afternoon": "on the afternoon of",
    "evening": "on the evening of",
    "night": "on the night of",
}
_BEFORE_DATE = re.compile(r"(?:^|(?<=[.!?:;]\s)|\b(on|from|until|by|before|after|since)\s+)$", re.I)


def restore_bounds(source: str, target: str) -> str:
    """Put "more than", "nearly" and the like back before figures that lost theirs.

    A figure is touched only where its value stands once on either side.
    """
    in_target = find_quantities_en(target)
    insertions = []
    for bound, one in _bounded_figures(source):
        same = [other for other in in_target if _atoms(one) & _atoms(other)]
        if len(same) == 1 and _is_unbounded(target, same[0]):
            insertions.append((_figure_start(target, same[0]), bound))
    for start, bound in sorted(insertions, reverse=True):
        target = _insert(target, start, f"{bound} ")
    return target


def _bounded_figures(source: str) -> Iterator[tuple[str, Quantity]]:
    figures = find_quantities_vi(source)
    for one in figures:
        bound = _BOUND_VI.search(source[: one.start])
        compared = _COMPARED.search(source[: one.start])
        if bound is None or compared or one.optional or one.kind not in _KINDS:
            continue
        word = " ".join(bound[1].lower().split())
        alone = sum(bool(_atoms(one) & _atoms(other)) for other in figures) == 1
        if alone and (word != _ALSO_A_PLACE or _is_amount(one)):
            yield _BOUNDS[word], one


def _is_amount(one: Quantity) -> bool:
    many = any(
        not isinstance(atom.value, str | tuple) and atom.value >= FEWEST_ABOVE
        for atom in _atoms(one)
    )
    return many or one.kind is not QuantityKind.NUMBER


def _atoms(one: Quantity) -> set[Atom]:
    return {atom for reading in one.readings for atom in reading}


def _figure_start(target: str, one: Quantity) -> int:
    currency = _CURRENCY.search(target[: one.start])
    return currency.start() if currency else one.start


def _is_unbounded(target: str, one: Quantity) -> bool:
    start = _figure_start(target, one)
    before = target[max(0, start - _LEAD) : start]
    after = target[one.end : one.end + _LEAD]
    if one.kind not in _KINDS or after[:1] in ("-", "–", "/"):
        return False
    return not (_BOUNDED_EN.search(before) or _FIXED.search(before) or _BOUNDED_AFTER.search(after))


def _insert(target: str, start: int, words: str) -> str:
    opens = not re.search(r"[^\s\"“(]", re.split(r"[.!?]\s", target[:start])[-1])
    if not opens:
        return target[:start] + words + target[start:]
    follows = target[start:]
    if not re.match(r"[A-Z]{2}", follows):  # VND stays
        follows = follows[:1].lower() + follows[1:]
    return target[:start] + words[0].upper() + words[1:] + follows


def restore_day_parts(source: str, target: str) -> str:
    """Put "the afternoon of" and the like back before dates that lost theirs."""
    for lost in compare_day_parts(source, target).missing:
        target = _restore_part(lost, target)
    return target


def _restore_part(lost: LostPart, target: str) -> str:
    dates = [one for one in find_quantities_vi(lost.text) if one.kind is QuantityKind.DATE]
    phrase = _PARTS.get(lost.english)
    if phrase is None or len(dates) != 1:
        return target
    same = [one for one in find_quantities_en(target) if _is_same_day(one, dates)]
    lead = _BEFORE_DATE.search(target[: same[0].start]) if len(same) == 1 else None
    if lead is None:
        return target
    if (lead[1] or "on").lower() != "on":  # "from the afternoon of", but no "from at noon on"
        if lost.english == "noon":
            return target
        phrase = f"{lead[1]} {phrase.split(' ', 1)[1]}"
    elif not lead[0] or lead[0][0].isupper():
        phrase = phrase[0].upper() + phrase[1:]
    return f"{target[: lead.start()]}{phrase} {target[same[0].start :]}"


def _is_same_day(one: Quantity, dates: Sequence[Quantity]) -> bool:
    days, theirs = (
        {atom for atom in _atoms(date) if atom.kind is QuantityKind.DATE}
        for date in (dates[0], one)
    )
    return one.kind is QuantityKind.DATE and len(days) == 1 and days == theirs
