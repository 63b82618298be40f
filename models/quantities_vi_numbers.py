"""Readers of plain numbers, money, percentages and number words in Vietnamese text."""

from __future__ import annotations

import re
from decimal import Decimal

from models.quantity_types import (
    Atom,
    Draft,
    QuantityKind,
    Reader,
    draft_numbers,
    number,
    readings,
)
from models.quantity_words import (
    DIGITS_VI,
    HINTS_VI,
    SCALES_VI,
    alternation,
    parse_numeral_vi,
    parse_words_vi,
    scale_of,
)

# No figure in the news has more digits; bounds keep hostile input cheap.
NUMERAL = (
    r"(?:\d{1,3}(?:\.\d{3}){1,9}(?!\d)(?:,\d{1,30})?|\d{1,3}(?:[ \u00a0]\d{3}){2,9}(?!\d)"
    r"|\d{1,30}(?:[.,]\d{1,30}){0,30})"
)
NOT_SCALE = r"(?!\w|\s+(?:lệ|phú|suất|trọng|số\s+(?:bàn|cuối|trận)))"
LARGE = r"(?:nghìn|ngàn|vạn|triệu|tỷ|tỉ)"
SCALE = rf"(?:chục|trăm|{LARGE}){NOT_SCALE}(?:\s+{LARGE}{NOT_SCALE}){{0,2}}"
UNIT = r"(?:\s?(?P<unit>%|(?:phần trăm|đồng|USD|VND|VNĐ|đô la|ha|km|tấn|tạ|m|kg)(?!\w)))?"
NAMED = re.compile(
    r"(?:khu|số|tổ|thôn|quận|đoạn|đợt|lần|phường|lộ|điều|khoản|cấp|lớp|khối)\s$", re.IGNORECASE
)
MONEY_UNITS = {"đồng", "usd", "vnd", "vnđ", "đô la"}


def _kind_of(unit: str | None) -> QuantityKind:
    if unit in ("%", "phần trăm"):
        return QuantityKind.PERCENT
    return QuantityKind.MONEY if (unit or "").lower() in MONEY_UNITS else QuantityKind.NUMBER


def _values(numeral: str) -> list[list[Decimal]]:
    """Alternative values; figures with many commas are a list of numbers."""
    parsed = [[value] for value in parse_numeral_vi(numeral)]
    return parsed or [[Decimal(part) for part in re.findall(r"\d+", numeral)]]


def _read_range(match: re.Match[str]) -> Draft | None:
    scale = scale_of(match["scale"] or "", SCALES_VI)
    first, last = _values(match["a"])[0][0], _values(match["b"])[0][0]
    unit = match["unit"]
    alternatives = [[first * scale, last * scale], [first, last * scale]]
    return draft_numbers(*alternatives, kind=_kind_of(unit), unit=unit)


def _read_compound(match: re.Match[str]) -> Draft:
    """ "2 tỷ 500 triệu", "3 triệu rưỡi": one sum, though English may keep the parts."""
    scale = scale_of(match["scale"], SCALES_VI)
    first = _values(match["a"])[0][0] * scale
    if match["half"]:
        return draft_numbers([first + Decimal(scale) / 2])
    second = _values(match["b"])[0][0] * scale_of(match["scale2"], SCALES_VI)
    return draft_numbers([first + second], [first, second])


def _read_number(match: re.Match[str]) -> Draft | None:
    numeral, unit = match["n"], match["unit"]
    scale = scale_of(match["scale"] or "", SCALES_VI) * (1000 if match["k"] else 1)
    values = [[value * scale for value in alternative] for alternative in _values(numeral)]
    before = match.string[max(0, match.start() - 12) : match.start()]
    # "1 người" becomes "a person"; "phân khu 1" keeps its figure.
    optional = numeral == "1" and scale == 1 and unit is None and not NAMED.search(before)
    return draft_numbers(*values, kind=_kind_of(unit), unit=unit, optional=optional)


def _read_vague(match: re.Match[str]) -> Draft:
    """ "hàng trăm nghìn", or a scale word left alone: an order of magnitude."""
    magnitude = Decimal(scale_of(match["scale"], SCALES_VI))
    alternatives = [[Atom(QuantityKind.VAGUE, magnitude)], [number(magnitude)]]
    alternatives += [[number(12)]] if magnitude == 10 else []
    return Draft(QuantityKind.VAGUE, magnitude, readings(*alternatives), optional=True)


def _read_words(match: re.Match[str]) -> Draft | None:
    """Spelled-out numbers; a lone digit word is too ambiguous ("năm", "ba") to be missed."""
    words = match.group().lower().split()
    clear: list[Decimal] = []
    doubtful: list[Decimal] = []
    while words:
        value, used = parse_words_vi(words) or (None, 1)
        if value is not None:
            (clear if value > 10 and used > 1 else doubtful).append(Decimal(value))
        words = words[used:]
    if clear:
        return draft_numbers(clear)
    return draft_numbers(*([value] for value in doubtful), optional=True) if doubtful else None


def _read_hint(match: re.Match[str]) -> Draft:
    return draft_numbers([HINTS_VI[match.group().lower()]], optional=True)


BEFORE = r"(?<!\d)(?<!\d[.,])"
WORDS = alternation({*DIGITS_VI, "mười"})
MORE_WORDS = alternation({*DIGITS_VI, *SCALES_VI, "mười", "mươi", "linh", "lẻ"})
RANGE = rf"{BEFORE}(?P<a>{NUMERAL})\s?(?:[-–—]|đến|tới)\s?(?P<b>{NUMERAL})"
# These go before the reader of bare pairs, which would take the figures without their scale.
MEASURED_RANGES = Reader(
    re.compile(rf"{RANGE}(?=\s(?:{SCALE})|\s?%)(?:\s(?P<scale>{SCALE}))?{UNIT}"), _read_range
)
NUMBER_READERS = (
    Reader(re.compile(rf"{RANGE}(?:\s(?P<scale>{SCALE}))?{UNIT}"), _read_range),
    Reader(
        re.compile(
            rf"{BEFORE}(?P<a>{NUMERAL})\s(?P<scale>{SCALE})"
            rf"(?:\s(?P<half>rưỡi)|\s(?P<b>{NUMERAL})\s(?P<scale2>{SCALE}))(?!\w)"
        ),
        _read_compound,
    ),
    Reader(
        re.compile(rf"{BEFORE}(?P<n>{NUMERAL})(?:(?P<k>k)(?!\w)|\s?(?P<scale>{SCALE}))?{UNIT}"),
        _read_number,
    ),
    Reader(re.compile(rf"\b{WORDS}(?:\s{MORE_WORDS})*(?!\w)(?!\s+lệ)", re.IGNORECASE), _read_words),
    Reader(re.compile(rf"\b(?P<scale>{SCALE})", re.IGNORECASE), _read_vague),
    Reader(re.compile(rf"\b{alternation(HINTS_VI)}(?!\w)", re.IGNORECASE), _read_hint),
)
