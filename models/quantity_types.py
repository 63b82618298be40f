"""What a quantity found in a text is: its kind, its possible readings, its place."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple

LARGEST_DENOMINATOR = 10


class QuantityKind(StrEnum):
    """The sorts of figures that a translation must keep."""

    NUMBER = "number"
    MONEY = "money"
    PERCENT = "percent"
    ORDINAL = "ordinal"
    RATIO = "ratio"
    DATE = "date"
    MONTH = "month"
    QUARTER = "quarter"
    WEEKDAY = "weekday"
    TIME = "time"
    DOCUMENT = "document"
    CODE = "code"
    VAGUE = "vague"


DateValue = tuple[int, int, int | None]
Value = Decimal | DateValue | tuple[int, int] | str


class Atom(NamedTuple):
    """One comparable value; dates are day and month here, their year is an atom of its own."""

    kind: QuantityKind
    value: Decimal | tuple[int, int] | str


Reading = frozenset[Atom]

# The kinds that tell when.
DATE_KINDS = frozenset(
    {
        QuantityKind.DATE,
        QuantityKind.MONTH,
        QuantityKind.QUARTER,
        QuantityKind.WEEKDAY,
        QuantityKind.TIME,
    }
)


@dataclass(frozen=True)
class Quantity:
    """A figure in a text.

    Args:
        kind: of the likeliest reading.
        value: of the likeliest reading.
        text: exactly as it stands in the text, at `start` to `end`.
        readings: every way to understand it; one that matches is enough, with all its atoms.
        optional: it may justify a figure of the other text, but is itself never missed.
        unit: sign or word after the number, where known.
    """

    kind: QuantityKind
    value: Value
    text: str
    start: int
    end: int
    readings: frozenset[Reading]
    optional: bool = False
    unit: str | None = None

    @property
    def atoms(self) -> set[Atom]:
        """The values of all its readings."""
        return {atom for reading in self.readings for atom in reading}


@dataclass(frozen=True)
class Draft:
    """A quantity before its place in the text is known."""

    kind: QuantityKind
    value: Value
    readings: frozenset[Reading]
    optional: bool = False
    unit: str | None = None


@dataclass(frozen=True)
class Reader:
    """Finds one sort of quantity; `read` answers None where the match is none after all."""

    pattern: re.Pattern[str]
    read: Callable[[re.Match[str]], Draft | None]


def number(value: Decimal | int) -> Atom:
    """The atom of a plain number."""
    return Atom(QuantityKind.NUMBER, Decimal(value))


def date(day: int, month: int) -> Atom:
    """The atom of a day in a month."""
    return Atom(QuantityKind.DATE, (day, month))


def share(value: Fraction) -> Atom:
    """The atom of a part of a whole, however it is written: 20%, one fifth."""
    return Atom(QuantityKind.PERCENT, str(value))


def month(value: int) -> Atom:
    """The atom of a month."""
    return Atom(QuantityKind.MONTH, Decimal(value))


def readings(*alternatives: Iterable[Atom]) -> frozenset[Reading]:
    """The given alternatives as a set of readings."""
    return frozenset(frozenset(atoms) for atoms in alternatives)


def draft_numbers(
    *alternatives: Sequence[Decimal | int],
    kind: QuantityKind = QuantityKind.NUMBER,
    optional: bool = False,
    unit: str | None = None,
) -> Draft:
    """A draft whose readings are lists of numbers, the likeliest first."""
    return Draft(
        kind,
        Decimal(alternatives[0][0]),
        readings(*([number(value) for value in values] for values in alternatives)),
        optional,
        unit,
    )


def with_share(draft: Draft) -> Draft:
    """The same draft; a percentage that is a plain fraction may be written as one too."""
    if draft.kind is not QuantityKind.PERCENT or not isinstance(draft.value, Decimal):
        return draft
    part = Fraction(draft.value) / 100
    if part.denominator > LARGEST_DENOMINATOR:
        return draft
    return replace(draft, readings=draft.readings | readings([share(part)]))


def draft_dates(
    days: Sequence[int], month_number: int, year: int | None, *others: Iterable[Atom]
) -> Draft:
    """A draft of one or more days in a month, with what else the text may mean."""
    atoms = [date(day, month_number) for day in days]
    if year is not None:
        atoms.append(number(year))
    return Draft(QuantityKind.DATE, (days[0], month_number, year), readings(atoms, *others))


def draft_month(month_number: int, year: int | None, optional: bool = False) -> Draft:
    """A draft of a month, with its year where known."""
    atoms = [month(month_number)] + ([number(year)] if year else [])
    value = str(month_number) if year is None else f"{month_number}/{year}"
    return Draft(QuantityKind.MONTH, value, readings(atoms), optional)


def draft_quarter(quarter: int, year: int | None) -> Draft:
    """A draft of a quarter of a year."""
    atoms = [Atom(QuantityKind.QUARTER, Decimal(quarter))] + ([number(year)] if year else [])
    value = f"Q{quarter}" if year is None else f"Q{quarter}/{year}"
    return Draft(QuantityKind.QUARTER, value, readings(atoms))


def draft_weekday(weekday: int, *others: Iterable[Atom], optional: bool = False) -> Draft:
    """A draft of a weekday, numbered as in Vietnamese: Monday is 2, Sunday 8."""
    atom = Atom(QuantityKind.WEEKDAY, Decimal(weekday))
    return Draft(QuantityKind.WEEKDAY, str(weekday), readings([atom], *others), optional)


def draft_times(
    times: Sequence[tuple[int, int]], *others: Iterable[Atom], optional: bool = False
) -> Draft:
    """A draft of a time of day, the likeliest hour first."""
    atoms = [[Atom(QuantityKind.TIME, (hour % 24, minute))] for hour, minute in times]
    value = f"{times[0][0] % 24:02}:{times[0][1]:02}"
    return Draft(QuantityKind.TIME, value, readings(*atoms, *others), optional)


def scan(text: str, readers: Sequence[Reader]) -> list[Quantity]:
    """Apply the readers in order; a span that one has claimed is hidden from the next."""
    found: list[Quantity] = []
    masked = text
    for reader in readers:
        kept = []
        at = 0
        for match in reader.pattern.finditer(masked):
            draft = reader.read(match)
            if draft is None:
                continue
            start, end = match.span()
            kept += [masked[at:start], "\0" * (end - start)]
            at = end
            if draft.readings:
                found.append(
                    Quantity(
                        draft.kind, draft.value, text[start:end], start, end,
                        draft.readings, draft.optional, draft.unit,
                    )
                )  # fmt: skip
        masked = "".join(kept) + masked[at:]
    return sorted(found, key=lambda quantity: quantity.start)
