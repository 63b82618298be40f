"""Readers of plain numbers, money, percentages and number words in English text."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction

from models.quantity_types import (
    Atom,
    Draft,
    QuantityKind,
    Reader,
    draft_numbers,
    number,
    readings,
    share,
    with_share,
)
from models.quantity_words import (
    NUMBERS_EN,
    SCALES_EN,
    alternation,
    parse_numeral_en,
    parse_words_en,
    scale_of,
)

# No figure in the news has more digits; bounds keep hostile input cheap.
NUMERAL = r"(?:\d{1,3}(?:,\d{3}){1,9}(?!\d)(?:\.\d{1,30})?|\d{1,30}(?:[.,]\d{1,30}){0,30})"
LARGE = r"(?:thousand|million|billion|trillion)"
SCALE = rf"(?:(?:hundred|{LARGE})(?:\s{LARGE})?|bn|mn|tn|k)(?!\w)"
CURRENCY = r"(?:(?P<currency>VND|VNĐ|USD|US\$|\$|€|EUR)\s?)?"
UNIT = r"(?:\s?(?P<unit>%|(?:per\s?cent|VND|USD|dong|hectares?|ha|km|tonnes?|tons?|kg)(?!\w)))?"
BEFORE = r"(?<!\d)(?<!\d[.,])"
# Words that stand for a number in English; they never need one, but may render one: "6 tháng
# đầu năm" is the first half of the year, "30 Tết" is New Year's Eve.
MULTIPLES = {
    "twice": 2, "double": 2, "doubled": 2, "doubling": 2, "doubles": 2, "both": 2, "pair": 2,
    "couple": 2, "bilateral": 2, "twofold": 2, "thrice": 3, "triple": 3, "half": 6,
    "a": 1, "an": 1, "each": 1, "every": 1, "single": 1, "per": 1, "once": 1, "eve": 30,
    "decade": 10, "century": 100, "centenary": 100, "millennium": 1000,
}  # fmt: skip
# These are never said without a ground.
GROWTH = {
    "tripled": 3, "tripling": 3, "triples": 3, "threefold": 3, "quadruple": 4, "quadrupled": 4,
    "quadrupling": 4, "fourfold": 4, "fivefold": 5, "tenfold": 10,
}  # fmt: skip
PLURALS = {
    "dozens": 10, "tens": 10, "scores": 10, "hundreds": 100, "thousands": 1000,
    "millions": 10**6, "billions": 10**9, "trillions": 10**12,
}  # fmt: skip
PARTS = {
    "third": 3, "thirds": 3, "quarter": 4, "quarters": 4, "fifth": 5, "fifths": 5, "half": 2,
    "sixth": 6, "sixths": 6, "eighth": 8, "eighths": 8, "tenth": 10, "tenths": 10,
}  # fmt: skip


def _kind_of(unit: str | None, currency: str | None) -> QuantityKind:
    if unit and (unit == "%" or unit.startswith("per")):
        return QuantityKind.PERCENT
    is_money = currency or unit in ("dong", "VND", "USD")
    return QuantityKind.MONEY if is_money else QuantityKind.NUMBER


def _values(numeral: str) -> list[Decimal]:
    """The value of the figures, or several where they are a list such as "1,2,3".

    A decimal comma left over from the Vietnamese ("68,4") is a list too: an English reader
    does not take it for 68.4.
    """
    if re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?", numeral):
        return [parse_numeral_en(numeral)]
    return [Decimal(part) for part in re.findall(r"\d+", numeral)]


def _read_range(match: re.Match[str]) -> Draft:
    scale = scale_of(match["scale"] or "", SCALES_EN)
    first, last = _values(match["a"])[0], _values(match["b"])[0]
    kind = _kind_of(match["unit"], match["currency"])
    alternatives = [[first * scale, last * scale], [first, last * scale]]
    return draft_numbers(*alternatives, kind=kind, unit=match["unit"] or match["currency"])


def _read_number(match: re.Match[str]) -> Draft:
    scale = scale_of(match["scale"] or "", SCALES_EN)
    values = [value * scale for value in _values(match["n"])]
    kind = _kind_of(match["unit"], match["currency"])
    return with_share(draft_numbers(values, kind=kind, unit=match["unit"] or match["currency"]))


def _read_fraction(match: re.Match[str]) -> Draft:
    count = NUMBERS_EN.get((match["count"] or match["count2"]).lower(), 1)
    part = PARTS[(match["part"] or match["part2"] or match["part3"]).lower()]
    ratio = Atom(QuantityKind.RATIO, (count, part))
    figures = [number(count), number(part)]
    alternatives = readings([ratio], figures, [share(Fraction(count, part))])
    return Draft(QuantityKind.RATIO, (count, part), alternatives, optional=count == 1)


def _read_whole(match: re.Match[str]) -> Draft:
    """ "half", "all": a share that the source may give as a percentage."""
    text = match.group().lower()
    part = Fraction(1, 2) if text == "half" else Fraction(1)
    plain = [[number(MULTIPLES["half"])], [number(Decimal("0.5"))]] if text == "half" else []
    return Draft(QuantityKind.PERCENT, str(part), readings([share(part)], *plain), optional=True)


def _read_round_the_clock(match: re.Match[str]) -> Draft:
    return draft_numbers([24, 7], [24, 24], [24])


def _read_plural(match: re.Match[str]) -> Draft:
    magnitude = Decimal(PLURALS[match["first"].lower()])
    if match["second"]:
        magnitude *= PLURALS[match["second"].lower()]
    atom = Atom(QuantityKind.VAGUE, magnitude)
    return Draft(QuantityKind.VAGUE, magnitude, readings([atom], [number(magnitude)]))


def _read_dozen(match: re.Match[str]) -> Draft:
    count = parse_words_en([(match["count"] or "one").lower()]) or Decimal(1)
    if match["count"] and match["count"].lower() == "half a":
        return draft_numbers([6])
    return draft_numbers([12 * count], [10 * count])


def _read_words(match: re.Match[str]) -> Draft | None:
    """Spelled-out numbers; "one" is as often a pronoun and never invented."""
    words = [word for word in re.split(r"[\s-]+", match.group().lower()) if word != "and"]
    value = parse_words_en(words)
    if value is not None:
        alternatives = [[value]]
        if value in SCALES_EN.values():
            return Draft(
                QuantityKind.NUMBER,
                value,
                readings([number(value)], [Atom(QuantityKind.VAGUE, value)]),
            )
        return draft_numbers(*alternatives, optional=value <= 1)
    values = [parse_words_en([word]) for word in words]
    return draft_numbers([one for one in values if one is not None])


def _read_half(match: re.Match[str]) -> Draft | None:
    """ "half a million", "two and a half days", "three and a half billion"."""
    count = match["count"]
    whole = parse_words_en(count.lower().split("-")) if count else Decimal(0)
    if whole is None:
        return None
    scale = scale_of(match["scale"] or match["scale2"] or "", SCALES_EN)
    return draft_numbers([(whole + Decimal("0.5")) * scale])


def _read_growth(match: re.Match[str]) -> Draft:
    return draft_numbers([GROWTH[match.group().lower()]])


def _read_multiple(match: re.Match[str]) -> Draft:
    return draft_numbers([MULTIPLES[match.group().lower()]], optional=True)


WORD = alternation([*NUMBERS_EN, "hundred", "thousand", "million", "billion", "trillion"])
RANGE = rf"{CURRENCY}{BEFORE}(?P<a>{NUMERAL})\s?(?:[-–—]|to|and)\s?(?P<b>{NUMERAL})(?!\w)"
MEASURED_RANGES = Reader(
    re.compile(rf"{RANGE}(?=\s{SCALE}|\s?%|\s?per\s?cent)(?:\s(?P<scale>{SCALE}))?{UNIT}", re.I),
    _read_range,
)
NUMBER_READERS = (
    Reader(re.compile(r"(?<![\w.,/-])24/7(?![\w/])"), _read_round_the_clock),
    Reader(
        re.compile(
            rf"\b(?:(?P<count>{alternation(NUMBERS_EN)}|a)[\s-](?P<part>(?:third|quarter|fifth|sixth"
            r"|eighth|tenth)s?|half)\b(?=\s+(?:of|the)\b|[.,;)]|$))"
            rf"|\b(?P<count2>{alternation(NUMBERS_EN)})(?:[\s-](?P<part2>(?:third|fifth|sixth"
            r"|eighth|tenth)s)|-(?P<part3>third|quarter|fifth|sixth|eighth|tenth|half))\b",
            re.I,
        ),
        _read_fraction,
    ),
    Reader(
        re.compile(
            rf"{CURRENCY}{BEFORE}(?P<n>{NUMERAL})(?!st\b|nd\b|rd\b|th\b)(?:[\s-]?(?P<scale>{SCALE}))?{UNIT}",
            re.I,
        ),
        _read_number,
    ),
    Reader(
        re.compile(
            rf"\b(?P<first>{alternation(PLURALS)})(?:\s+of\s+(?P<second>{alternation(PLURALS)}))?\b",
            re.I,
        ),
        _read_plural,
    ),
    Reader(
        re.compile(
            rf"\bhalf\sa\s(?P<scale>{alternation(SCALES_EN)})\b"
            rf"|\b(?P<count>{alternation(NUMBERS_EN)})\sand\sa\shalf(?:\s(?P<scale2>{SCALE}))?(?!\w)",
            re.I,
        ),
        _read_half,
    ),
    Reader(
        re.compile(rf"\b(?:(?P<count>half a|{alternation(NUMBERS_EN)})\s)?dozen\b", re.I),
        _read_dozen,
    ),
    Reader(re.compile(rf"\b{WORD}(?:(?:\s+and\s+|[\s-]+){WORD})*\b", re.I), _read_words),
    Reader(
        re.compile(r"\b(?:half|all|unanimous(?:ly)?|entire(?:ly)?|every|full(?:y)?)\b", re.I),
        _read_whole,
    ),
    Reader(re.compile(rf"\b{alternation(GROWTH)}\b", re.I), _read_growth),
    Reader(re.compile(rf"\b{alternation(MULTIPLES)}\b", re.I), _read_multiple),
)
