"""To or by: "giảm còn 3%" is down to 3%, "giảm 3%" down by 3%, and small models mix them up."""

from __future__ import annotations

import re
from collections.abc import Iterator

from models.figure_pairs import find_same, group_by_value
from models.quantities import Quantity, QuantityKind, find_quantities_en, find_quantities_vi

_VERB = r"(?<!\w)(?:giảm|tăng|hạ|nâng|rút|sụt|vọt)"
_TO = re.compile(
    rf"{_VERB}(?:\s+[^\W\d_]+){{0,3}}?\s+(?:còn|xuống còn|xuống mức|lên mức)\s+"
    r"(?:(?:khoảng|gần|hơn|trên|dưới|chỉ)\s+)?$",
    re.IGNORECASE,
)
_BY = re.compile(rf"{_VERB}\s+(?:(?:khoảng|gần|hơn|trên|thêm|tới|đến)\s+)?$", re.IGNORECASE)
_CHANGED = re.compile(
    r"\b(?:decreas|increas|reduc|fall|fell|dropp|drop|declin|rise|rose|rising|grow|grew|lower|cut"
    r"|climb|jump|rais)\w*\s+(?:[^\W\d_]+\s+)?(?P<how>by|to)\s+"
    r"(?:(?:about|nearly|over|around|only|just|almost|more than)\s+)?(?:VND\s?|USD\s?|\$)?$",
    re.IGNORECASE,
)
_KINDS = frozenset({QuantityKind.NUMBER, QuantityKind.MONEY, QuantityKind.PERCENT})
_LEAD = 60


def restore_changes(source: str, target: str) -> str:
    """Put "to" for "by", or "by" for "to", where the source says which it is.

    A figure is touched only where its value stands once on either side.
    """
    changes = list(_changes(source))
    if not changes:
        return target
    in_target = group_by_value(find_quantities_en(target))
    spans = {}
    for how, one in changes:
        same = find_same(one, in_target)
        told = _find_how(target, same[0].start) if len(same) == 1 else None
        if told and told["how"].lower() != how:
            spans[told.span("how")] = how
    for (start, end), how in sorted(spans.items(), reverse=True):
        target = target[:start] + how + target[end:]
    return target


def _changes(source: str) -> Iterator[tuple[str, Quantity]]:
    """Figures that something rose or fell to, or by, of which no other has the value."""
    figures = find_quantities_vi(source)
    known = group_by_value(figures)
    for one in figures:
        if one.optional or one.kind not in _KINDS or len(find_same(one, known)) > 1:
            continue
        lead = max(0, one.start - _LEAD)
        if _TO.search(source, lead, one.start):
            yield "to", one
        elif _BY.search(source, lead, one.start) and not _is_range_end(source, one):
            yield "by", one


def _is_range_end(source: str, one: Quantity) -> bool:
    """Whether "from ... to ..." follows, whose ends English gives with "from" and "to"."""
    return re.compile(r"[^.;]{0,20}\b(?:lên|xuống|còn)\b").match(source, one.end) is not None


def _find_how(target: str, end: int) -> re.Match[str] | None:
    return _CHANGED.search(target, max(0, end - _LEAD), end)
