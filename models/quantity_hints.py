"""Preferred English for the dates and figures of a Vietnamese source, as a glossary."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal

from models.quantities import Quantity, QuantityKind, find_quantities_vi
from models.quantity_types import Reading
from models.quantity_words import MONTHS_EN, ORDINALS_EN, WEEKDAYS_EN

Hint = tuple[str, str]
_DAY_PART = re.compile(r"\b(rạng sáng|sáng|trưa|chiều|tối|đêm)\s+(?:ngày\s+)?(?=\d)", re.IGNORECASE)
_DAYS_OF_MONTH = re.compile(r"\d{1,2}(?:, \d{1,2})* và \d{1,2}[-/]\d{1,2}(?:[-/]\d{4})?")

PARTS_OF_DAY = {
    "sáng": "on the morning of", "trưa": "at noon on", "chiều": "on the afternoon of",
    "rạng sáng": "in the early hours of", "tối": "on the evening of", "đêm": "on the night of",
}  # fmt: skip
QUARTER_NAMES = ("first", "second", "third", "fourth")
MAGNITUDES = ((10**12, "trillion"), (10**9, "billion"), (10**6, "million"))
UNITS = {"ha": "hectares", "km": "km", "tấn": "tons", "m": "m", "kg": "kg", "tạ": "quintals"}
LEAST_PLAN_SCALE = 200
CURRENCIES = {"đồng": "VND", "VND": "VND", "VNĐ": "VND", "USD": "USD", "đô la": "USD"}
ORDINAL_NAMES = {value: word for word, value in ORDINALS_EN.items()}


def _render_decimal(value: Decimal) -> str:
    text = f"{value:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def render_number(value: Decimal) -> str:
    """The number in English figures, with a scale word where it stays short."""
    for magnitude, name in MAGNITUDES:
        scaled = value / magnitude
        if scaled >= 1 and scaled * 1000 == int(scaled * 1000):
            return f"{_render_decimal(scaled)} {name}"
    return _render_decimal(value)


def _join_days(days: list[str], text: str) -> str:
    if len(days) > 2:
        return ", ".join(days[:-1]) + " and " + days[-1]
    joint = " and " if "và" in text else " to " if re.search("đến|tới", text) else "-"
    return joint.join(days)


def _count_days(reading: Reading) -> int:
    return sum(atom.kind is QuantityKind.DATE for atom in reading)


def _hint_date(one: Quantity, text: str) -> Hint | None:
    if not isinstance(one.value, tuple) or len(one.value) != 3:
        return None
    _, month_number, year = one.value
    # Quantities with several readings may be plain numbers; a hint must not decide that,
    # but for "14 và 15-10": no score or count is written so.
    if len(one.readings) > 1 and not _DAYS_OF_MONTH.fullmatch(one.text):
        return None
    atoms = max(one.readings, key=_count_days)
    days = sorted(a.value[0] for a in atoms if isinstance(a.value, tuple))
    english = f"{MONTHS_EN[month_number - 1]} {_join_days([str(day) for day in days], one.text)}"
    english += f", {year}" if year else ""
    parts = list(_DAY_PART.finditer(one.text))
    if len(parts) == 2 and len(days) == 2 and year is None:
        named = (PARTS_OF_DAY[part[1].lower()] for part in parts)
        month_name = MONTHS_EN[month_number - 1]
        english = " and ".join(
            f"{part} {month_name} {day}" for part, day in zip(named, days, strict=True)
        )
        return one.text, english
    part = _DAY_PART.match(one.text)
    if part is None:
        return one.text[re.search(r"\d", one.text).start() :], english  # type: ignore[union-attr]
    english = f"{PARTS_OF_DAY[part[1].lower()]} {english}"
    return one.text, english[0].upper() + english[1:] if one.text[0].isupper() else english


def _hint_month(one: Quantity, text: str) -> Hint | None:
    month_number, _, year = str(one.value).partition("/")
    if not one.text.lower().startswith("tháng"):
        return None
    name = MONTHS_EN[int(month_number) - 1]
    return one.text, f"{name} {year}" if year else name


def _hint_quarter(one: Quantity, text: str) -> Hint | None:
    found = re.fullmatch(r"Q([1-4])(?:/(\d{4}))?", str(one.value))
    if found is None:
        return None
    english = f"the {QUARTER_NAMES[int(found[1]) - 1]} quarter"
    return one.text, f"{english} of {found[2]}" if found[2] else english


def _hint_ratio(one: Quantity, text: str) -> Hint | None:
    figures = re.sub(r"[^\d/:]", "", one.text)
    if re.match(r"t[ỷỉ] lệ", one.text, re.IGNORECASE):
        return one.text, f"at a scale of {figures}"
    return (one.text, f"1/{figures[2:]} scale") if _is_plan_scale(figures) else None


def _is_plan_scale(figures: str) -> bool:
    """Whether the figures are a plan's scale, such as 1/500: no fraction is so small."""
    return figures[:2] in ("1/", "1:") and int(figures[2:]) >= LEAST_PLAN_SCALE


def _hint_time(one: Quantity, text: str) -> Hint | None:
    dated = re.match(r"\s+(?:ngày|hôm|sáng)\b", text[one.end :])
    if len(one.readings) > 1 and not dated and not re.search("chiều|tối|đêm", one.text):
        return None  # it may be a span of hours
    hour, minute = (int(part) for part in str(one.value).split(":"))
    half = "a.m." if hour < 12 else "p.m."
    shown = f"{(hour - 1) % 12 + 1}" + (f":{minute:02}" if minute else "")
    return one.text, f"{shown} {half}"


def _with_unit(english: str, one: Quantity) -> str:
    if one.unit in CURRENCIES:
        return f"{CURRENCIES[one.unit]} {english}"
    if one.kind is QuantityKind.PERCENT:
        return f"{english}%"
    return f"{english} {UNITS[one.unit]}" if one.unit in UNITS else english


def _hint_range(one: Quantity) -> Hint | None:
    """A range whose figures are punctuated the Vietnamese way or scaled."""
    if not re.search(r"\d[.,]\d|\d\s?[^\W\d]{3,}", one.text):
        return None
    # Of "10 đến 15 triệu" the reading in which the scale counts for both is the likelier one.
    ranges = [
        [a.value for a in reading if isinstance(a.value, Decimal)] for reading in one.readings
    ]
    first, last = min(max(ranges, key=sum)), max(max(ranges, key=sum))
    return one.text, _with_unit(f"{render_number(first)} to {render_number(last)}", one)


def _hint_number(one: Quantity, text: str) -> Hint | None:
    if not isinstance(one.value, Decimal):
        return None
    if any(len(reading) > 1 for reading in one.readings):
        return _hint_years(one, text) or _hint_range(one)
    if one.optional or not re.search(r"\d[.,]\d|\d\s?[^\W\d]{3,}", one.text):
        return None
    return one.text, _with_unit(render_number(one.value), one)


def _hint_years(one: Quantity, text: str) -> Hint | None:
    before = re.search(r"(nhiệm kỳ|giai đoạn)\s+$", text[: one.start], re.IGNORECASE)
    years = re.findall(r"\d{4}", one.text)
    if before is None or len(years) != 2:
        return None
    noun = "term" if before[1].lower() == "nhiệm kỳ" else "period"
    return text[before.start() : one.end], f"the {years[0]}-{years[1]} {noun}"


def _hint_ordinal(one: Quantity, text: str) -> Hint | None:
    """The order of people in a photograph, which models take for weekdays."""
    following = re.match(r"\s+từ (phải|trái)(?: sang)?", text[one.end : one.end + 20])
    name = ORDINAL_NAMES.get(int(str(one.value)))
    if following is None or name is None:
        return None
    side = "right" if following[1] == "phải" else "left"
    return one.text + following.group(), f"{name} from {side}"


def _hint_weekday(one: Quantity, text: str) -> Hint | None:
    if len(one.readings) > 1:
        return None
    found = re.search(r"(?:thứ \w+|chủ nhật)", one.text, re.IGNORECASE)
    return (found.group(), WEEKDAYS_EN[int(str(one.value)) - 2]) if found else None


HINTS: dict[QuantityKind, Callable[[Quantity, str], Hint | None]] = {
    QuantityKind.DATE: _hint_date,
    QuantityKind.MONTH: _hint_month,
    QuantityKind.QUARTER: _hint_quarter,
    QuantityKind.RATIO: _hint_ratio,
    QuantityKind.TIME: _hint_time,
    QuantityKind.NUMBER: _hint_number,
    QuantityKind.MONEY: _hint_number,
    QuantityKind.PERCENT: _hint_number,
    QuantityKind.ORDINAL: _hint_ordinal,
    QuantityKind.WEEKDAY: _hint_weekday,
}


def english_dates(source: str) -> list[Hint]:
    """Exact source text and preferred English of dates, figures and money, each once, in order."""
    hints = []
    for one in find_quantities_vi(source):
        make_hint = HINTS.get(one.kind)
        hint = make_hint(one, source) if make_hint else None
        if hint:
            hints.append((hint[0].strip(), hint[1]))
    return list(dict.fromkeys(hints))
