"""Readers of dates, times and ordinals in English text."""

from __future__ import annotations

import re
from itertools import pairwise

from models.quantities_en_numbers import MEASURED_RANGES, NUMBER_READERS
from models.quantities_shared import (
    ADDRESSES,
    CODES,
    DOCUMENTS,
    FULL_DATES,
    ISO_DATES,
    MONTH_YEARS,
    PAIRS,
    YEAR,
    YEARS,
    is_day_of_month,
)
from models.quantity_types import (
    Draft,
    QuantityKind,
    Reader,
    date,
    draft_dates,
    draft_month,
    draft_numbers,
    draft_quarter,
    draft_times,
    draft_weekday,
    month,
    number,
    readings,
)
from models.quantity_words import (
    MONTHS_EN,
    ORDINALS_EN,
    WEEKDAYS_EN,
    alternation,
    parse_roman,
    parse_words_en,
)

MONTH_NUMBERS = {name[:3]: value for value, name in enumerate(MONTHS_EN, 1)}
MONTH = (
    r"(?P<month>(?:"
    + "|".join(MONTHS_EN)
    + r"|(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)(?!\s[A-Z]))(?!\w))\.?"
)
DAY = r"\d{1,2}(?:st|nd|rd|th)?(?![\w:%]|[.,/]\d|\s?[ap]\.?m\b)"
MORE_DAYS = rf"(?:,\s?{DAY}){{0,8}}(?:,?\s?and|,?\s?&)\s?(?:the\s)?{DAY}"
DAYS = rf"(?P<days>{DAY}(?:{MORE_DAYS}|\s?(?:[-–—]|to|through|until)\s?{DAY})?)"
IN_YEAR = rf"(?:,?\s+(?:of\s+)?(?P<y>{YEAR})(?!\w))?"
ORDINAL_WORD = (
    rf"(?:(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)-)?{alternation(ORDINALS_EN)}"
)
QUARTERS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "last": 4, "final": 4}
QUARTERS |= {"1st": 1, "2nd": 2, "3rd": 3, "4th": 4, "one": 1, "two": 2, "three": 3, "four": 4}


def _year(match: re.Match[str]) -> int | None:
    return int(match["y"]) if match["y"] else None


def _read_dates(match: re.Match[str]) -> Draft | None:
    """Days of a named month; "March 10 and 15 others" may be one day and a number."""
    days = [int(day) for day in re.findall(r"\d+", match["days"])]
    month_number = MONTH_NUMBERS[match["month"][:3]]
    if not all(is_day_of_month(day, month_number) for day in days):
        return None
    year = [number(int(match["y"]))] if match["y"] else []
    others = [[date(days[0], month_number), *map(number, days[1:]), *year]]
    if any(first >= last for first, last in pairwise(days)):
        others = []
    return draft_dates(days, month_number, _year(match), *others)


def _read_month(match: re.Match[str]) -> Draft:
    # "May" and "March" open sentences as verbs, so only their use after a preposition counts.
    name = match["month"]
    doubtful = name in ("May", "March", "Mar") and not (match["prep"] or match["y"])
    return draft_month(MONTH_NUMBERS[name[:3]], _year(match), optional=doubtful)


def _ordinal_value(word: str) -> int:
    digits = re.match(r"[\d,]+", word)
    if digits:
        return int(digits.group().replace(",", ""))
    return int(parse_words_en(word.lower().split("-")) or 0)


def _read_nth_month(match: re.Match[str]) -> Draft | None:
    value = _ordinal_value(match["o"])
    if not 1 <= value <= 12:
        return None
    return Draft(QuantityKind.MONTH, str(value), readings([month(value)], [number(value)]))


def _read_lunar_day(match: re.Match[str]) -> Draft | None:
    """ "the 15th day of the ninth lunar month"."""
    day, month_number = _ordinal_value(match["d"]), _ordinal_value(match["o"])
    if not is_day_of_month(day, month_number):
        return None
    return draft_dates([day], month_number, None, [number(day), month(month_number)])


def _read_quarter(match: re.Match[str]) -> Draft | None:
    word = match["q"] or match["q2"]
    value = QUARTERS.get(word.lower()) or parse_roman(word)
    if word.isdigit():
        value = int(word)
    return draft_quarter(value, _year(match)) if value and value <= 4 else None


def _read_clock(match: re.Match[str]) -> Draft | None:
    hour, minute = int(match["h"]), int(match["min"] or 0)
    half = (match["half"] or "").lower()
    if hour > 24 or minute > 59:
        return None
    if half:
        return draft_times([(hour % 12 + (12 if half == "p" else 0), minute)])
    other = [((hour + 12) % 24, minute)] if hour <= 12 else []  # "12:00" may be midnight
    return draft_times([(hour, minute), *other])


def _read_noon(match: re.Match[str]) -> Draft:
    return draft_times(
        [(12 if match.group().lower() in ("noon", "midday") else 0, 0)], optional=True
    )


def _read_weekday(match: re.Match[str]) -> Draft:
    return draft_weekday(WEEKDAYS_EN.index(match["w"]) + 2)


def _read_ordinal(match: re.Match[str]) -> Draft:
    value = _ordinal_value(match.group())
    return draft_numbers([value], kind=QuantityKind.ORDINAL, optional=value <= 2)


def _read_roman(match: re.Match[str]) -> Draft | None:
    value = parse_roman(match["r"])
    if value is None:
        return None
    return draft_numbers([value], kind=QuantityKind.ORDINAL, optional=len(match["r"]) == 1)


def _read_decade(match: re.Match[str]) -> Draft:
    year = int(match["year"])
    return draft_numbers([year], [year % 100])


PREPOSITION = (
    r"(?P<prep>\b(?:in|of|since|by|until|from|to|last|next|this|early|late|mid|end|and|through)"
    r"[\s-]+)?"
)
EN_READERS = (
    ADDRESSES,
    CODES,
    DOCUMENTS,
    ISO_DATES,
    FULL_DATES,
    Reader(re.compile(rf"\b{MONTH}\s+(?:the\s+)?{DAYS}{IN_YEAR}"), _read_dates),
    Reader(
        re.compile(rf"(?<![\w.,/-]){DAYS}\s+(?:day\s+)?(?:of\s+)?{MONTH}{IN_YEAR}"), _read_dates
    ),
    Reader(re.compile(rf"{PREPOSITION}\b{MONTH}{IN_YEAR}"), _read_month),
    Reader(
        re.compile(
            rf"\b(?P<d>{ORDINAL_WORD}|\d{{1,2}}(?:st|nd|rd|th))\s+(?:day\s+)?of\s+the\s+"
            rf"(?P<o>{ORDINAL_WORD}|\d{{1,2}}(?:st|nd|rd|th))\s+(?:lunar\s+)?month\b",
            re.I,
        ),
        _read_lunar_day,
    ),
    Reader(
        re.compile(
            rf"\b(?P<o>{ORDINAL_WORD}|\d{{1,2}}(?:st|nd|rd|th))\s+(?:lunar\s+)?month\b", re.I
        ),
        _read_nth_month,
    ),
    Reader(
        re.compile(
            rf"\b(?:Q(?P<q>[1-4])|quarter\s(?P<q2>IV|I{{1,3}}|[1-4]|one|two|three|four))\b"
            rf"(?:\s?/\s?|,?\s+(?:of\s+)?)?(?P<y>{YEAR})?",
            re.I,
        ),
        _read_quarter,
    ),
    Reader(
        re.compile(
            rf"\b(?P<q>first|second|third|fourth|last|final|1st|2nd|3rd|4th)(?P<q2>)[\s-]quarter\b{IN_YEAR}",
            re.I,
        ),
        _read_quarter,
    ),
    MONTH_YEARS,
    YEARS,
    Reader(
        re.compile(
            r"(?<![\w.,:/-])(?P<h>\d{1,2})(?:[:.h](?P<min>[0-5]\d))?\s?(?P<half>[ap])\.?m\b\.?",
            re.I,
        ),
        _read_clock,
    ),
    Reader(
        re.compile(
            r"(?<![\w.,:/-])(?P<h>\d{1,2})(?:[:h](?P<min>[0-5]\d)(?![\w:]|[.,]\d)|h(?!\w)|\s?o['’]clock)(?P<half>)",
            re.I,
        ),
        _read_clock,
    ),
    Reader(re.compile(r"\b(?:noon|midday|midnight)\b", re.I), _read_noon),
    Reader(re.compile(rf"\b(?P<w>{'|'.join(WEEKDAYS_EN)})s?\b"), _read_weekday),
    Reader(re.compile(rf"\b(?P<year>{YEAR})['’]?s\b"), _read_decade),
    MEASURED_RANGES,
    PAIRS,
    *NUMBER_READERS[:2],
    Reader(
        re.compile(rf"\b(?:\d{{1,3}}(?:,\d{{3}}){{0,3}}(?:st|nd|rd|th)|{ORDINAL_WORD})\b", re.I),
        _read_ordinal,
    ),
    *NUMBER_READERS[2:],
    Reader(re.compile(r"(?<![\w.'’])(?P<r>[IVX]+)(?![\w'’]|\.\w)"), _read_roman),
)
