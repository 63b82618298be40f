"""Administrative units of Vietnam: what they are called and what became of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

# The communes, wards and special zones of today, and the provinces, date from this day.
REFORM_DAY = date(2025, 7, 1)


class Level(StrEnum):
    """The kind of a unit, in the English word that goes with its name."""

    PROVINCE = "province"
    CENTRAL_CITY = "centrally run city"
    COMMUNE = "commune"
    WARD = "ward"
    SPECIAL_ZONE = "special zone"
    CITY = "city"
    DISTRICT = "district"
    TOWN = "town"
    TOWNSHIP = "township"

    @property
    def is_top(self) -> bool:
        """Whether the unit answers to the centre: a province or a centrally run city."""
        return self in (Level.PROVINCE, Level.CENTRAL_CITY)


@dataclass(frozen=True, slots=True)
class AdministrativeUnit:
    """A unit of today, or one that ended on `ended` and lives on in its successors.

    `province` and `district` are Vietnamese names without their level: those that the unit
    answers to, or did when it ended. `provinces` also has the others that it lies or lay in.
    In English: `parent` is what the unit answers to (a province: itself), and `partners` are
    the other provinces of a merger.
    """

    name: str
    folded: str
    level: Level
    english: str
    province: str
    district: str = ""
    ended: date | None = None
    provinces: frozenset[str] = field(default=frozenset(), compare=False)
    parent: str = field(default="", compare=False)
    successors: tuple[AdministrativeUnit, ...] = field(default=(), compare=False, repr=False)
    partners: tuple[str, ...] = field(default=(), compare=False)

    @property
    def is_current(self) -> bool:
        """Whether the unit exists today."""
        return self.ended is None

    @property
    def province_today(self) -> str:
        """The English of the province that the unit or what succeeded it lies in, or ""."""
        if self.level.is_top and self.is_current:
            return self.english
        if self.is_current:
            return self.parent
        provinces = {unit.province_today for unit in self.successors}
        return provinces.pop() if len(provinces) == 1 else ""


def join_words(words: list[str] | tuple[str, ...]) -> str:
    """Join English words: "A", "A and B", "A, B and C"."""
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last


def english_date(day: date) -> str:
    """A date as the descriptions write it: 1 July 2025."""
    return f"{day.day} {day:%B %Y}"
