"""Finding the administrative units that a Vietnamese text names."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace

from models.gazetteer_index import Cue, Gazetteer, load_gazetteer, units_english
from models.gazetteer_units import AdministrativeUnit, Level
from models.name_letters import is_syllable
from models.name_words import FAMILY_NAMES, INSTITUTIONS, OPENERS, WEAK_FAMILY_NAMES

_LONGEST_NAME = 60
# How far to look for a word beside a name.
_FAR = 12
_WORD_AFTER = re.compile(r"[^\S\n]([^\W\d_][\w\u0300-\u036f'’]*)")
_WORD_BEFORE = re.compile(r"([^\W\d_][\w\u0300-\u036f]*)\.?[^\S\n]?$")
_SENTENCE_START = re.compile(r"(?:^|[.!?…:;\n])[\s\"“”‘’'(\[\-–—•*+]*$")
_SEPARATOR = re.compile(r"(?:\s*([,;])|\s+(v[àa]\u0300?))\s+")
_MANY = re.compile(r"(?:các|những|hai|ba|bốn|năm|sáu|bảy|tám|chín|mười|\d)\s+$", re.IGNORECASE)
_ABOVE = re.compile(rf"\s*(?:,|\(|thuộc|{unicodedata.normalize('NFD', 'thuộc')})?\s*")
# "phường 3 năm liền" counts years, "phường 1.500" is no name.
_COUNTS = re.compile(
    r"[.,/]?\d|\s+(?:năm|tháng|ngày|lần|hộ|người|tỷ|tỉ|triệu|em|ca|trường|xã|phường)\b"
)

# After these a name of a province is a person, a street or a river of that name.
_NOT_PROVINCES = frozenset(
    "ông bà anh chị em cô chú bác cụ cậu dì tên đường phố ngõ cầu sông suối hồ núi đèo".split()  # noqa: SIM905 - a word list
)
_MIDDLE_NAMES = {"thị", "văn"}

_Units = frozenset[AdministrativeUnit]


@dataclass(frozen=True)
class PlaceMatch:
    """A mention of a unit; `text` is source[start:end], and the bare name begins at `name_start`.

    More than one unit means that the text does not tell which of them it is.
    """

    text: str
    start: int
    end: int
    name_start: int
    units: tuple[AdministrativeUnit, ...]

    @property
    def english(self) -> str:
        """The name with its level, or without where the units differ in it."""
        return units_english(self.units)


def find_places(
    source: str, home: str | None = None, provinces: Collection[str] = ()
) -> tuple[PlaceMatch, ...]:
    """Find the provinces of a text, and the units that a cue such as "xã" announces.

    A name that several units bear is told by the unit named after it, then by the provinces
    of the text, `home` and `provinces`; what these leave open stays open.

    Args:
        source: Vietnamese text.
        home: the province whose news it is, for example "Gia Lai".
        provinces: Vietnamese names of others that the rest of the item names.

    Raises:
        BadConfig: `home` is no province.
    """
    gazetteer = load_gazetteer()
    around = {*provinces, *({gazetteer.province(home).name} if home else ())}
    cues = gazetteer.find_cues(source)
    lower = sorted(_find_lower(source, gazetteer, cues), key=lambda match: match.start)
    taken = {offset for match in lower for offset in range(match.start, match.end)}
    top = [
        match
        for match in _find_provinces(source, gazetteer, cues)
        if not taken.intersection(range(match.start, match.end))
    ]
    around |= {unit.name for match in top for unit in match.units}
    ordered = sorted([*lower, *top], key=lambda match: match.start)
    return tuple(_resolve(source, ordered, around))


def _find_lower(source: str, gazetteer: Gazetteer, cues: Iterable[Cue]) -> Iterator[PlaceMatch]:
    end = 0
    for cue in cues:
        if cue.start < end:
            continue
        many = _MANY.search(_composed(source[max(0, cue.start - _FAR) : cue.start]))
        start = _skip(source, cue.end, ": " if many else " ")
        first = _read_match(source, gazetteer, cue, start)
        if first is None:
            continue
        if len(cue.levels) > 1 or ":" in source[cue.end : first.start]:
            yield first  # "các xã, phường: A" is no way to say what A is
        else:
            yield replace(first, text=source[cue.start : first.end], start=cue.start)
        end = first.end
        for match in _read_list(source, gazetteer, cue, first, many is not None):
            yield match
            end = match.end


def _skip(source: str, start: int, signs: str) -> int:
    while start < len(source) and (source[start] in signs or source[start] == "\u00a0"):
        start += 1
    return start


def _read_match(source: str, gazetteer: Gazetteer, cue: Cue, start: int) -> PlaceMatch | None:
    found = gazetteer.read_name(source[start : start + _LONGEST_NAME], cue.levels)
    if found is None or _runs_on(source, start, start + found[0]):
        return None
    end = start + found[0]
    return PlaceMatch(source[start:end], start, end, start, _sorted(found[1]))


def _read_list(
    source: str, gazetteer: Gazetteer, cue: Cue, first: PlaceMatch, many: bool
) -> list[PlaceMatch]:
    """The further names of "các xã A, B và C"; without "các" only up to an "and"."""
    read: list[PlaceMatch] = []
    certain = 0
    end = first.end
    while separator := _SEPARATOR.match(source, end):
        match = _read_match(source, gazetteer, cue, separator.end())
        if match is None:
            break
        read.append(match)
        end = match.end
        if many or separator[2]:
            certain = len(read)
    return read[:certain]


def _runs_on(source: str, start: int, end: int) -> bool:
    """Whether the name goes on after the words that are known, and is another one therefore."""
    if source[end - 1].isdigit() and _COUNTS.match(_composed(source[end : end + _FAR])):
        return True
    after = _WORD_AFTER.match(source, end)
    if after is None or not after[1][0].isupper() or source[start:end].isupper():
        return False
    beyond = _WORD_AFTER.match(source, after.end())
    is_person = _key(after[1]) in FAMILY_NAMES and beyond is not None and beyond[1][0].isupper()
    return not is_person and is_syllable(_key(after[1]))


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _key(word: str) -> str:
    return _composed(word).lower()


def _find_provinces(source: str, gazetteer: Gazetteer, cues: Iterable[Cue]) -> Iterator[PlaceMatch]:
    announced = {_skip(source, cue.end, " ") for cue in cues}
    for found, units in gazetteer.province_names.find(source):
        start = found.end - _bare_length(found.text, units)
        with_cue = start > found.start
        if found.start in announced or _runs_on(source, found.start, found.end):
            continue
        if with_cue or _stands_alone(source, found.start, found.text):
            yield PlaceMatch(found.text, found.start, found.end, start, _sorted(units))


def _bare_length(text: str, units: _Units) -> int:
    """How much of "tỉnh Gia Lai" is the name; what is spelled another way is all name."""
    for word in ("tỉnh", "thành phố", "tp.", "tp"):
        for form in (word, unicodedata.normalize("NFD", word)):
            if text.lower().startswith(f"{form} "):
                return len(text) - len(form) - 1
    return len(text)


def _stands_alone(source: str, start: int, text: str) -> bool:
    """Whether a name of a province without its cue is no part of a person's or another name."""
    before = _WORD_BEFORE.search(source, max(0, start - _LONGEST_NAME), start)
    if before is None:
        return True
    word, key = before[1], _key(before[1])
    if "." in before[0]:
        return True
    if key in _NOT_PROVINCES:
        return False
    if not word[0].isupper():
        return True
    if word.isupper() and (text.isupper() or len(word) > 1):
        return not text.isupper() or key not in (FAMILY_NAMES - WEAK_FAMILY_NAMES) | _MIDDLE_NAMES
    if _SENTENCE_START.search(source, max(0, before.start() - _LONGEST_NAME), before.start()):
        return key in OPENERS | INSTITUTIONS or key not in FAMILY_NAMES
    return key in INSTITUTIONS or not is_syllable(key)


def _sorted(units: _Units) -> tuple[AdministrativeUnit, ...]:
    """Units of today first, then by province and district."""
    return tuple(
        sorted(units, key=lambda unit: (not unit.is_current, unit.province, unit.district))
    )


def _resolve(
    source: str, matches: list[PlaceMatch], around: Collection[str]
) -> Iterator[PlaceMatch]:
    """Keep of each match the units that the names beside it and the provinces leave."""
    above: PlaceMatch | None = None
    resolved: list[PlaceMatch] = []
    for match in reversed(matches):
        near = above if above and _ABOVE.fullmatch(source, match.end, above.start) else None
        units = _within(match.units, near) if near else match.units
        units = tuple(u for u in units if u.provinces.intersection(around)) or units
        above = replace(match, units=units)
        resolved.append(above)
    yield from reversed(resolved)


def _within(
    units: tuple[AdministrativeUnit, ...], above: PlaceMatch
) -> tuple[AdministrativeUnit, ...]:
    """The units that answer to the one named right after them, or all."""
    if any(unit.level.is_top for unit in above.units):
        names = {unit.name for unit in above.units}
        return tuple(unit for unit in units if unit.provinces & names) or units
    districts = {
        (unit.name, unit.province)
        for unit in above.units
        if unit.level in (Level.DISTRICT, Level.TOWN, Level.CITY)
    }
    return tuple(unit for unit in units if (unit.district, unit.province) in districts) or units
