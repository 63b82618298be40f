"""The gazetteer: the places of a text, and what became of those that are gone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from models.gazetteer_finder import PlaceMatch, find_places
from models.gazetteer_index import load_gazetteer
from models.gazetteer_units import (
    REFORM_DAY,
    AdministrativeUnit,
    Level,
    english_date,
    join_words,
)

__all__ = [
    "AdministrativeUnit",
    "Level",
    "PlaceMatch",
    "PlaceNote",
    "describe_change",
    "find_places",
    "load_gazetteer",
    "report_places",
]

_MOST_NAMED = 4


@dataclass(frozen=True)
class PlaceNote:
    """What to tell of a place that an item names.

    `status` is "current", "former", or "ambiguous" where the item leaves open which of several
    units is meant. `province` is the one of today that the unit lies in, in English; it is
    empty where an ambiguous name leaves it open.
    """

    text: str
    english: str
    level: str
    province: str
    status: str
    note: str = ""


def describe_change(unit: AdministrativeUnit) -> str:
    """What became of a unit in one English line; "" where nothing is known to have changed."""
    if unit.level.is_top:
        return _describe_merger(unit)
    if unit.is_current or unit.ended is None:
        return ""
    where = _describe_successors(unit.successors)
    if unit.level in (Level.COMMUNE, Level.WARD, Level.TOWNSHIP):
        verb = "now part of" if len(unit.successors) == 1 else "now divided among"
        return f"{unit.english}, {unit.parent} (former): {verb} {where}"
    end = english_date(unit.ended)
    return f"{unit.english} (former), {unit.parent}: abolished on {end}, now {where}"


def _describe_merger(unit: AdministrativeUnit) -> str:
    if not unit.partners:
        return ""
    day = english_date(unit.ended or REFORM_DAY)
    if unit.is_current:
        with_others = f"merged with {join_words(unit.partners)} on {day}"
        return f"{unit.english}: {with_others}; the merged unit keeps this name"
    heir = unit.successors[0].english
    others = [partner for partner in unit.partners if partner != heir]
    joined = f", together with {join_words(others)}" if others else ""
    return f"{unit.english}: merged into {heir} on {day}{joined}"


def _describe_successors(units: Sequence[AdministrativeUnit]) -> str:
    """Name a few units with their provinces, and count the rest."""
    provinces = list(dict.fromkeys(unit.parent for unit in units))
    names = [unit.english for unit in units]
    if len(names) > _MOST_NAMED:
        names = [*names[: _MOST_NAMED - 1], f"{len(names) - _MOST_NAMED + 1} other units"]
    return f"{join_words(names)}, {join_words(provinces)}"


def report_places(texts: Sequence[str], home: str | None = None) -> tuple[PlaceNote, ...]:
    """One note for each distinct unit that an item names, in the order of the item.

    Args:
        texts: the Vietnamese texts of the item.
        home: the province whose news it is, for example "Gia Lai".

    Raises:
        BadConfig: `home` is no province.
    """
    named = {
        unit.name
        for text in texts
        for match in find_places(text, home)
        for unit in match.units
        if unit.level.is_top
    }
    found = [match for text in texts for match in find_places(text, home, named)]
    return tuple(_note(match) for match in _distinct(found))


def _distinct(matches: Iterable[PlaceMatch]) -> list[PlaceMatch]:
    """The first mention of each unit; one left open that another mention settles is dropped."""
    first: dict[frozenset[AdministrativeUnit], PlaceMatch] = {}
    for match in matches:
        first.setdefault(frozenset(match.units), match)
    return [match for units, match in first.items() if not any(other < units for other in first)]


def _note(match: PlaceMatch) -> PlaceNote:
    unit, *others = match.units
    if others:
        status, note = "ambiguous", _describe_candidates(match.units)
    else:
        status, note = ("current" if unit.is_current else "former"), describe_change(unit)
    provinces = {one.province_today for one in match.units}
    province = provinces.pop() if len(provinces) == 1 else ""
    text = " ".join(match.text.split())
    level = " or ".join(sorted({one.level.value for one in match.units}))
    return PlaceNote(text, match.english, level, province, status, note)


def _describe_candidates(units: Sequence[AdministrativeUnit]) -> str:
    """Name the units that a mention may mean, those of today first."""
    names = [
        f"{unit.english}, {unit.parent}{'' if unit.is_current else ' (former)'}" for unit in units
    ]
    if len(names) > _MOST_NAMED:
        names = [*names[: _MOST_NAMED - 1], f"{len(names) - _MOST_NAMED + 1} others"]
    return f"one of {len(units)} units of this name: {'; '.join(names)}"
