"""Bodies of one term of office: "Quốc hội khóa XVI" is the 16th National Assembly."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from models.lexicon import TermMatch
from models.quantity_words import parse_roman

_TERM_OF_OFFICE = re.compile(r"\s+kh(?:óa|oá)\s+(?P<number>[IVX]+|\d{1,2})(?![\w.,/]\d|\w)")
_LEVEL = r"(?:(?:Provincial|Municipal|City|District|Commune|Communal|Ward)\s+)?"
_BODY = re.compile(
    rf"National Assembly|{_LEVEL}People's Council|Party Central Committee"
    rf"|{_LEVEL}Party (?:Executive )?Committee"
)
_SUFFIXES = {1: "st", 2: "nd", 3: "rd"}


@dataclass(frozen=True)
class NumberedBody:
    """A term of the source with the number of its term of office, and its English."""

    text: str
    start: int
    end: int
    english: str


def find_numbered_bodies(source: str, matches: Sequence[TermMatch]) -> Iterator[NumberedBody]:
    """Yield the elected bodies, or their members, that the source numbers."""
    for match in matches:
        found = _TERM_OF_OFFICE.match(source, match.end)
        body = _BODY.search(match.entry.en)
        number = _read_number(found["number"]) if found else None
        if found is None or body is None or number is None:
            continue
        english = f"{match.entry.en[: body.start()]}{_ordinal(number)} "
        english += match.entry.en[body.start() :]
        yield NumberedBody(source[match.start : found.end()], match.start, found.end(), english)


def _read_number(text: str) -> int | None:
    return int(text) if text.isdecimal() else parse_roman(text)


def _ordinal(number: int) -> str:
    teen = 10 < number % 100 < 20
    return f"{number}{'th' if teen else _SUFFIXES.get(number % 10, 'th')}"
