"""Readers that serve Vietnamese and English alike: addresses, codes, documents, pairs."""

from __future__ import annotations

import re

from models.quantity_types import (
    Atom,
    Draft,
    QuantityKind,
    Reader,
    draft_dates,
    draft_numbers,
    month,
    number,
    readings,
)

DASH = r"[-–—]"
YEAR = r"(?:1[89]|20)\d\d"
NOTHING = Draft(QuantityKind.CODE, "", frozenset())


def is_day_of_month(day: int, month_number: int) -> bool:
    """Whether the two numbers can be a day and its month."""
    longest = 29 if month_number == 2 else 30 if month_number in (4, 6, 9, 11) else 31
    return 1 <= month_number <= 12 and 1 <= day <= longest


def _ignore(match: re.Match[str]) -> Draft:
    return NOTHING


def _read_code(match: re.Match[str]) -> Draft | None:
    digits = re.sub(r"\D", "", match.group())
    if match.group().startswith("+84"):
        digits = "0" + digits[2:]
    if match["phone"] and not 9 <= len(digits) <= 11:
        return None
    return Draft(QuantityKind.CODE, digits, readings([Atom(QuantityKind.CODE, digits)]))


def _read_document(match: re.Match[str]) -> Draft:
    """Only the digits count: letters are folded, translated or dropped in English."""
    figures = [number(int(digits)) for digits in re.findall(r"\d+", match["figures"])]
    return Draft(QuantityKind.DOCUMENT, match.group(), readings(figures))


def _read_iso_date(match: re.Match[str]) -> Draft | None:
    year, month_number, day = map(int, match.groups())
    if not is_day_of_month(day, month_number):
        return None
    return draft_dates([day], month_number, year)


def _read_full_date(match: re.Match[str]) -> Draft | None:
    day, month_number, year = int(match["d"]), int(match["m"]), int(match["y"])
    if not is_day_of_month(day, month_number):
        day, month_number = month_number, day
    return draft_dates([day], month_number, year) if is_day_of_month(day, month_number) else None


def _read_month_year(match: re.Match[str]) -> Draft | None:
    month_number, year = int(match["m"]), int(match["y"])
    if not 1 <= month_number <= 12:
        return None
    figures = [number(month_number), number(year)]
    atoms = [month(month_number), number(year)]
    # "1/2000" is a map scale as often as a month.
    ratio = [Atom(QuantityKind.RATIO, (month_number, year))]
    return Draft(QuantityKind.MONTH, f"{month_number}/{year}", readings(atoms, figures, ratio))


def _read_years(match: re.Match[str]) -> Draft:
    first, last = match["first"], match["last"]
    if len(last) == 2:
        last = first[:2] + last
    return draft_numbers([int(first), int(last)])


def read_pair(match: re.Match[str]) -> Draft | None:
    """Two numbers with a dash, slash or colon: a day, a proportion, or just two numbers."""
    first, last = int(match["a"]), int(re.sub(r"\D", "", match["b"]))
    ratio = Atom(QuantityKind.RATIO, (first, last))
    figures = [number(first), number(last)]
    alternatives = [figures]
    if match["sep"] in "/:":
        alternatives.append([ratio])
    if match["sep"] != ":" and is_day_of_month(first, last) and len(match["b"]) < 3:
        return draft_dates([first], last, None, *alternatives)
    kind = QuantityKind.RATIO if match["sep"] in "/:" else QuantityKind.NUMBER
    return Draft(kind, (first, last), readings(*alternatives))


ADDRESSES = Reader(
    re.compile(
        r"(?:https?://|www\.)\S+|[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+"
        r"|(?<![\w-])[\w-]{1,200}\.(?:jpe?g|png|gif|webp|mp[34]|pdf|docx?|xlsx?|html?)\b"
        r"|(?<=\d)\s?[kcdm]?m[23²³](?!\w)|\b[kcdm]?m[23](?!\w)|\bCO2\b|\bH2O\b",
        re.IGNORECASE,
    ),
    _ignore,
)
CODES = Reader(
    re.compile(
        r"(?<![\w.,/-])(?P<phone>(?:\+84|\(?0\d{1,3}\)?)(?:[ .-]?\d{2,7}){1,4})(?![\w/-])"
        r"|(?<![\w.,/-])\d{2}[A-ZĐ]{1,2}\d?[- ]\d{3}(?:\.?\d{2}|\d)(?!\w)"
    ),
    _read_code,
)
DOCUMENTS = Reader(
    re.compile(
        r"(?<![\w.,/-])(?P<figures>\d{1,5}(?:/(?:19|20)\d\d)?)[-/]"
        r"(?=[A-ZĐƯ]{2})[A-ZĐƯ][A-Za-zĐđƯư]*\d*(?:[-/&][A-ZĐƯ][A-Za-zĐđƯư]*\d*)*"
    ),
    _read_document,
)
ISO_DATES = Reader(re.compile(r"(?<![\w-])(\d{4})-(\d{2})-(\d{2})(?![\w-])"), _read_iso_date)
FULL_DATES = Reader(
    re.compile(
        rf"(?<![\w.,/-])(?P<d>\d{{1,2}})\s?(?P<sep>[-/.–])\s?(?P<m>\d{{1,2}})\s?(?P=sep)\s?(?P<y>{YEAR})(?![\w])"
    ),
    _read_full_date,
)
MONTH_YEARS = Reader(
    re.compile(rf"(?<![\w.,/-])(?P<m>\d{{1,2}})\s?[-/–]\s?(?P<y>{YEAR})(?![\w])"), _read_month_year
)
YEARS = Reader(
    re.compile(
        rf"(?<![\w.,/-])(?P<first>{YEAR})\s?{DASH}\s?(?P<last>{YEAR}|(?<=[-–])\d\d)(?![\w])"
    ),
    _read_years,
)
PAIRS = Reader(
    re.compile(
        r"(?<![\w.,/:-])(?P<a>\d{1,4})\s?(?P<sep>[-/:–—])\s?"
        r"(?P<b>\d{1,3}(?:[.,]\d{3}){1,3}|\d{1,6})(?![\w/]|[.,:]\d|\s?%|-(?:\d|[A-ZĐ]))"
    ),
    read_pair,
)
