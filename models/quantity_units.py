"""Which unit stands at a quantity: money, percent, area, length, weight, time."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

from models.quantity_types import Atom, Quantity, QuantityKind, number, readings

Evidence = dict[Atom, set[str]]

UNKNOWN = ""
ANY = "any"
PERCENT = "percent"
TIME_SPANS = {"hour", "day", "week", "month", "year"}

# "5 đồng chí" are five comrades, "5 năm 2025" and "5 tháng giêng" no spans of time. Longer
# names stand before those that they begin with.
UNITS_VI = {
    "percent": r"(?:điểm\s)?(?:%|phần trăm)",
    "vnd": r"(?:đồng(?!\s+(?:chí|bào|đội|nghiệp|phạm|hồ|tác|môn|hương|minh|ruộng|cỏ|lúa|muối|chủ"
    r"|loạt|hành|xu|euro|usd|đô|yên|bảng|nhân|won|baht|kíp|riel|rúp|tiền))|VND|VNĐ|đ|₫)",
    "usd": r"(?:USD|US\$|\$|(?:đô[ -]?la|đô(?=\sMỹ))(?!\s(?!Mỹ)(?-i:[A-ZĐ])))",
    "eur": r"(?:EUR|euro|€)",
    "cny": r"(?:CNY|RMB|NDT|nhân dân tệ)",
    "m2": r"(?:m2|m²|mét vuông)",
    "km2": r"(?:km2|km²|(?:km|ki-?l[oô]-?mét) vuông)",
    "m3": r"(?:m3|m³|mét khối)",
    "ha": r"(?:ha|h[eé]c[- ]?ta)",
    "sao": r"sào",
    "km": r"(?:km|ki-?l[oô]-?mét|cây số)",
    "cm": r"(?:cm|xăng-?ti-?mét|xentimét)",
    "mm": r"(?:mm|mi-?li-?mét)",
    "m": r"(?:(?-i:m)|mét)",
    "foot": r"(?:feet|foot|ft)",
    "mile": r"(?:hải lý|dặm)",
    "liter": r"(?:lít|(?-i:l))",
    "kg": r"(?:kg|ki-?l[oô]-?gam)",
    "gram": r"(?:(?-i:g)|gam|gram)",
    "ton": r"tấn",
    "quintal": r"tạ",
    "second": r"giây",
    "minute": r"phút",
    "hour": r"(?:giờ|tiếng đồng hồ)",
    "day": r"ngày(?!\s+\d)",
    "week": r"tuần(?!\s+(?:tra|hoàn))",
    "month": r"tháng(?!\s+(?:\d|giêng|chạp|một|hai|ba|tư|năm|sáu|bảy|tám|chín|mười))",
    "any": r"(?:năm\s)?tuổi",  # English has "years", "years old" or neither for it
    "year": r"năm(?!\s+\d)",
}
UNITS_EN = {
    "percent": r"(?:%|per\s?cent(?:age)?|pct)",
    "any": r"points?",
    "vnd": r"(?:(?:Vietnam(?:ese)?\s)?(?:VND|VNĐ|dongs?|đồng)|đ|₫)",
    "usd": r"(?:USD|US\$|\$|(?:(?:US|U\.S\.|American)\s)?dollars?)",
    "eur": r"(?:EUR|euros?|€)",
    "cny": r"(?:CNY|RMB|(?:Chinese\s)?yuan)",
    "m2": r"(?:m2|m²|sq(?:uare|\.)?\s?(?:m|met(?:er|re)s?))",
    "km2": r"(?:km2|km²|sq(?:uare|\.)?\s?(?:km|kilomet(?:er|re)s?))",
    "m3": r"(?:m3|m³|cubic\s(?:m|met(?:er|re)s?))",
    "ha": r"(?:ha|hectares?)",
    "acre": r"acres?",
    "sao": r"s[aà]o",
    "km": r"(?:kms?|kilomet(?:er|re)s?)",
    "cm": r"(?:cm|centimet(?:er|re)s?)",
    "mm": r"(?:mm|millimet(?:er|re)s?)",
    "m": r"(?:(?-i:m)|met(?:er|re)s?)",
    "foot": r"(?:feet|foot|ft)",
    "mile": r"(?:nautical\s)?miles?",
    "liter": r"(?:lit(?:er|re)s?|(?-i:l))",
    "kg": r"(?:kgs?|kilos?|kilogram(?:me)?s?)",
    "gram": r"(?:(?-i:g)|gram(?:me)?s?)",
    "ton": r"(?:metric\s)?ton(?:ne)?s?",
    "quintal": r"(?:quintals?|hundredweights?)",
    "second": r"seconds?",
    "minute": r"minutes?",
    "hour": r"hours?",
    "day": r"days?",
    "week": r"weeks?",
    "month": r"months?",
    "age": r"years?[-\s]olds?",
    "year": r"years?",
}
CONVERSIONS = {
    "quintal": (("ton", Decimal("0.1")), ("kg", Decimal(100))),
    "ton": (("kg", Decimal(1000)),),
    "sao": tuple(("m2", Decimal(size)) for size in (360, 497, 500, 1000)),
}
CURRENCIES = {"vnd": "VND|VNĐ|₫", "usd": r"USD|(?:US)?\$", "eur": "EUR|€", "cny": "CNY|RMB"}


def _names(units: dict[str, str]) -> str:
    return "|".join(f"(?P<{family}>{names})" for family, names in units.items())


def _after(units: dict[str, str]) -> re.Pattern[str]:
    return re.compile(rf"[\s-]?(?:{_names(units)})(?:(?<=[%$€₫])|(?!\w))", re.IGNORECASE)


AFTER_VI, AFTER_EN = _after(UNITS_VI), _after(UNITS_EN)
# "A$5" and "HK$5" are no American dollars.
MONEY_BEFORE = re.compile(rf"(?<![^\W_])(?:{_names(CURRENCIES)})\s?$", re.IGNORECASE)
MONEY_OPENS = re.compile(r"(?:VND|VNĐ|USD|US\$|\$|€|EUR)\s?", re.IGNORECASE)
NAMED_BEFORE = re.compile(
    r"(?:ngày|mùng|mồng|tháng|năm|thứ|lần|số|khóa|kỳ|lớp|khối|tổ|khu|thôn|làng|đợt|quý)\s$",
    re.IGNORECASE,
)
BARE_PAIR = re.compile(r"\d+\s?[-–—]\s?\d+")
BARE_HOURS = re.compile(r"\d+\s?giờ", re.IGNORECASE)
MEASURABLE = {QuantityKind.NUMBER, QuantityKind.MONEY, QuantityKind.PERCENT}
LONGEST_GAP = 40
# What may stand between figures that share the percent sign of one: "from 5 in 2020 to 7%".
SHARED_GAP = re.compile(
    r"(?:[\s,;:()/–—-]|\b(?:to|and|or|from|up|down|by|in|of|at|then|about|nearly|over|through"
    r"|versus|respectively|year|compared|with|just|only)\b|\b(?:19|20)\d\d\b)*",
    re.IGNORECASE,
)


class Measured(NamedTuple):
    """A quantity, the family of its unit, and the quantity with the unit in its text."""

    quantity: Quantity
    unit: str
    shown: Quantity


def convert(one: Measured, target: Evidence) -> Measured:
    """The figure in the unit that the target gives it in, if that is another one of the same.

    A quintal is ten to the ton everywhere; a sào differs between the regions.
    """
    for unit, factor in CONVERSIONS.get(one.unit, ()):
        for reading in one.quantity.readings:
            scaled = [number(_number(atom) * factor) for atom in reading if _number(atom)]
            units = [target.get(atom, set()) for atom in scaled]
            if len(scaled) == len(reading) and all(units) and any(unit in each for each in units):
                quantity = replace(one.quantity, readings=readings(scaled))
                return one._replace(quantity=quantity, unit=unit)
    return one


def _number(atom: Atom) -> Decimal:
    return atom.value if isinstance(atom.value, Decimal) else Decimal(0)


def units_differ(source: str, target: str) -> bool:
    """Whether the units contradict each other; in doubt they do not, but percent is kept."""
    if target == ANY or source in (UNKNOWN, ANY):
        return False
    return source == PERCENT if target == UNKNOWN else source != target


def measure_vi(text: str, quantities: Sequence[Quantity]) -> list[Measured]:
    """The quantities of a Vietnamese text with their units."""
    return [_measure_vi(text, one) for one in quantities]


def measure_en(text: str, quantities: Sequence[Quantity]) -> list[Measured]:
    """The quantities of an English text with their units."""
    measured = [_measure_en(text, one) for one in quantities]
    shared = _sharers(text, measured) if any(one.unit == PERCENT for one in measured) else set()
    if re.search(r"\bpercentage\b|\(%\)", text, re.IGNORECASE):
        shared |= {index for index, one in enumerate(measured) if one.unit == UNKNOWN}
    return [
        one._replace(unit=ANY) if index in shared else one for index, one in enumerate(measured)
    ]


def _measure_vi(text: str, one: Quantity) -> Measured:
    if one.kind is QuantityKind.TIME and BARE_HOURS.fullmatch(one.text):
        return Measured(one, "hour", one)
    found = _measure(text, one, AFTER_VI)
    before = text[max(0, one.start - 10) : one.start]
    is_name = found.unit in TIME_SPANS and NAMED_BEFORE.search(before)
    return Measured(one, UNKNOWN, one) if is_name else found


def _measure_en(text: str, one: Quantity) -> Measured:
    found = _measure(text, one, AFTER_EN)
    # "a", "one" and "each" seldom stand for a figure of the source.
    is_vague = one.optional and found.unit != PERCENT
    return Measured(one, UNKNOWN, one) if is_vague else found


def _measure(text: str, one: Quantity, after: re.Pattern[str]) -> Measured:
    if one.kind not in MEASURABLE and not BARE_PAIR.fullmatch(one.text):
        return Measured(one, UNKNOWN, one)
    opening = MONEY_OPENS.match(one.text)
    begin = one.start + (opening.end() if opening else 0)
    money = MONEY_BEFORE.search(text[max(0, begin - 6) : begin])
    behind = one.end - len(one.unit) if one.unit and one.text.endswith(one.unit) else one.end
    unit = after.match(text, behind)
    start = min(one.start, begin - len(money.group())) if money else one.start
    end = max(one.end, unit.end()) if unit and not money else one.end
    shown = replace(one, text=text[start:end], start=start, end=end)
    return Measured(one, _family(money, unit), shown)


def _family(money: re.Match[str] | None, unit: re.Match[str] | None) -> str:
    """The currency before the figure counts, unless another one stands behind it."""
    before = money.lastgroup if money else None
    behind = unit.lastgroup if unit else None
    if before and behind in CURRENCIES and before != behind:
        return ANY
    return before or behind or UNKNOWN


def _sharers(text: str, measured: Sequence[Measured]) -> set[int]:
    """Places of the figures without a unit that a neighbour's percent sign covers."""
    joined = [
        first.quantity.end <= last.quantity.start <= first.quantity.end + LONGEST_GAP
        and SHARED_GAP.fullmatch(text, first.quantity.end, last.quantity.start) is not None
        for first, last in pairwise(measured)
    ]
    order = range(len(measured))
    return _covered(measured, joined, order) | _covered(measured, [False, *joined], order[::-1])


def _covered(measured: Sequence[Measured], joined: Sequence[bool], order: range) -> set[int]:
    """Places that a percent sign reaches, going through the figures in the given order."""
    covered = set()
    reach = False
    for index in order:
        unit = measured[index].unit
        if unit == UNKNOWN and reach:
            covered.add(index)
        forward = joined[index] if index < len(joined) else False
        reach = forward and (unit == PERCENT or (unit == UNKNOWN and reach))
    return covered
