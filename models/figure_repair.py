"""What a target drops around its figures and a rule puts back: "more than", "the morning of"."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from models.day_parts import LostPart, compare_day_parts
from models.figure_pairs import find_same, group_by_value
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
_PLACE = re.compile(
    r"\s*(?:tuyến|tỉnh|thành|huyện|xã|phường|quận|thôn|đường|phố|sông|địa bàn|khu|lĩnh vực|sàn"
    r"|trang|kênh|cả nước)(?!\w)",
    re.IGNORECASE,
)
_BOUND_VI = re.compile(rf"(?<!\w)({'|'.join(_BOUNDS)})\s+$", re.IGNORECASE)
# "thấp hơn 11,7 điểm" compares: lower by 11.7 points.
_COMPARED = re.compile(
    r"(?<!\w)(?:cao|thấp|nhiều|ít|lớn|nhỏ|sớm|muộn|nhanh|chậm|dài|ngắn|nặng|nhẹ|rộng|hẹp|tốt|kém|xa"
    r"|đông|đắt|rẻ|mạnh|yếu|sâu|dày|mỏng|lâu|trẻ|già)\s+hơn\s+$",
    re.IGNORECASE,
)
_BOUNDED_EN = re.compile(
    r"\b(?:more|less|fewer|greater|than|over|above|past|pass(?:ed|es|ing)|cross\w*|exceed\w*|excess"
    r"|upwards?|least|most|nearly|almost|barely|scarcely|hardly|even|clos(?:e|ing)|next to|beside"
    r"|adjacent|approach\w*|verging|bordering|pushing|about|around|some|approx\w*|roughly|circa|ca"
    r"|estimated|up to|under|below|within|maximum|minimum|capp?(?:ed)?|limit\w*|ceiling|near|not|no"
    r"|beyond|top\w*|surpass\w*|as \w+ as)\b[^;:\d]{0,20}$",
    re.IGNORECASE,
)
_BOUNDED_AFTER = re.compile(
    r"^\s*(?:\+|plus\b|odd\b|ish\b|[^.;:\d]{0,30}\b(?:(?:or|and) (?:so|thereabouts|counting|more"
    r"|less|fewer|over|above|under|below|up|upwards?|beyond|older|younger|higher|lower|longer"
    r"|shorter)|more|less|fewer|ahead|behind|clear|older|younger|higher|lower|better|longer|shorter|earlier"
    r"|later|faster|heavier|lighter|if not|give or take|at (?:the )?(?:very )?(?:least|most)"
    r"|minimum|maximum|upwards?|enough|no further)\b)",
    re.IGNORECASE,
)
_CURRENCY = re.compile(r"(?:VND|USD|US\$|\$|€|EUR)\s?$")
# After these a figure is one of a series or known already; before a hyphen it is an attribute.
_FIXED = re.compile(
    r"(?:\b(?:all|these|those|its|their|his|her|our|every|each|only|just|exactly|first|last|next"
    r"|no\.?|numbers?|article|clause|decision|resolution|of)|[-–—/:.(~±≈<>≤≥]"
    r"|\b(?:the|an?|another)(?:\s+[^\W\d_]+)?)\s*$",
    re.IGNORECASE,
)
# "One of them" numbers what is told.
_CHOSEN = re.compile(r"\s+of\b", re.IGNORECASE)
# "trên 63 tỉnh" is in 63 provinces where English says so.
_ON = re.compile(r"\b(?:on|in|at|across|along|aboard|throughout|through)\s+$", re.IGNORECASE)
_SENTENCE_START = re.compile(r"(?:^|[.!?…][\"”]?\s|\n)[\s\"“(]*$")
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
# Parts of a day in words that no check counts as such.
_PART_TOLD = re.compile(
    r"\b(?:(?:after|before|at|over|around) (?:breakfast|lunch\w*|dinner|supper|work|dark|sun\w+)"
    r"|day(?:-|\s)?long|(?:all|whole|entire|full|through(?:out)?) (?:the )?day|twice"
    r"|round the clock)\b",
    re.IGNORECASE,
)
_BEFORE_DATE = re.compile(r"(?:^|(?<=[.!?:;]\s)|\b(on|from|until|by|before|after|since)\s+)$", re.I)


def restore_bounds(source: str, target: str) -> str:
    """Put "more than", "nearly" and the like back before figures that lost theirs.

    A figure is touched only where its value stands once on either side.
    """
    bounded = list(_bounded_figures(source))
    if not bounded:
        return target
    in_target = group_by_value(find_quantities_en(target))
    insertions = {}
    for word, one in bounded:
        same = find_same(one, in_target)
        if len(same) == 1 and _is_unbounded(target, same[0], word):
            insertions[_figure_start(target, same[0])] = _BOUNDS[word]
    parts, end = list[str](), 0
    for start, bound in sorted(insertions.items()):
        first, *rest = _with_bound(bound, target, start)
        parts += [target[end:start], first, *rest]
        end = start + sum(map(len, rest))
    return "".join([*parts, target[end:]])


def _bounded_figures(source: str) -> Iterator[tuple[str, Quantity]]:
    """Figures with a bound, of which no other has the value, and the bound's Vietnamese."""
    figures = find_quantities_vi(source)
    known = group_by_value(figures)
    for one in figures:
        lead = max(0, one.start - _LEAD)
        bound = _BOUND_VI.search(source, lead, one.start)
        compared = _COMPARED.search(source, lead, one.start)
        if bound is None or compared or one.optional or one.kind not in _KINDS:
            continue
        word = " ".join(bound[1].lower().split())
        if len(find_same(one, known)) == 1 and (word != _ALSO_A_PLACE or _is_amount(source, one)):
            yield word, one


def _is_amount(source: str, one: Quantity) -> bool:
    if _PLACE.match(source, one.end):
        return False
    many = any(
        not isinstance(atom.value, str | tuple) and atom.value >= FEWEST_ABOVE for atom in one.atoms
    )
    return many or one.kind is not QuantityKind.NUMBER


def _figure_start(target: str, one: Quantity) -> int:
    currency = _CURRENCY.search(target, max(0, one.start - _LEAD), one.start)
    return currency.start() if currency else one.start


def _is_unbounded(target: str, one: Quantity, word: str) -> bool:
    start = _figure_start(target, one)
    before = target[max(0, start - _LEAD) : start]
    after = target[one.end : one.end + _LEAD]
    if one.kind not in _KINDS or after[:1] in ("-", "–", "/", "+") or _is_chosen(one, after):
        return False
    if word == _ALSO_A_PLACE and _ON.search(before):
        return False
    return not (_BOUNDED_EN.search(before) or _FIXED.search(before) or _BOUNDED_AFTER.search(after))


def _is_chosen(one: Quantity, after: str) -> bool:
    return one.text.isalpha() and _CHOSEN.match(after) is not None


def _with_bound(bound: str, target: str, start: int) -> tuple[str, ...]:
    """What to insert at `start`, and the letter that follows where that one changes."""
    if not _SENTENCE_START.search(target, max(0, start - _LEAD), start):
        return (f"{bound} ",)
    bound = f"{bound[0].upper()}{bound[1:]} "
    if re.compile(r"[A-Z]{2}").match(target, start):  # VND stays
        return (bound,)
    return bound, target[start].lower()


def restore_day_parts(source: str, target: str) -> str:
    """Put "the afternoon of" and the like back before dates that lost theirs."""
    missing = compare_day_parts(source, target).missing
    if not missing or _PART_TOLD.search(target):
        return target
    lost_at = [(lost, _dates(lost)) for lost in missing]
    days = Counter(atom for _, dates in lost_at for one in dates for atom in _days(one))
    for lost, dates in lost_at:
        # Two parts of one day make it a whole day, which English may have told.
        if len(dates) == 1 and all(days[atom] == 1 for atom in _days(dates[0])):
            target = _restore_part(lost, dates, target)
    return target


def _dates(lost: LostPart) -> list[Quantity]:
    return [one for one in find_quantities_vi(lost.text) if one.kind is QuantityKind.DATE]


def _days(date: Quantity) -> set[Atom]:
    return {atom for atom in date.atoms if atom.kind is QuantityKind.DATE}


def _restore_part(lost: LostPart, dates: Sequence[Quantity], target: str) -> str:
    phrase = _PARTS.get(lost.english)
    if phrase is None:
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
    days, theirs = _days(dates[0]), _days(one)
    return one.kind is QuantityKind.DATE and len(days) == 1 and days == theirs
