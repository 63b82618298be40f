"""Proper names of a Vietnamese text, by its capitals, its terms and lists of words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from models.gazetteer_finder import PlaceMatch, find_places
from models.lexicon import PLACE_NAMES, Lexicon, TermMatch, load_lexicon
from models.name_letters import fold_diacritics, is_syllable
from models.name_words import (
    COMPOUND_STARTS,
    FAMILY_NAMES,
    INSTITUTIONS,
    KNOWN_PLACES,
    OPENERS,
    PERSON_CUES,
    PERSON_PREFIXES,
    PLACE_CUES,
    PLACE_PREFIXES,
    WEAK_FAMILY_NAMES,
    ZODIAC_BRANCHES,
    ZODIAC_STEMS,
)

__all__ = ["Name", "NameKind", "find_names", "fold_diacritics", "is_syllable"]

LONGEST_CAPITALS_NAME = 4

_ABBREVIATED_PLACES = {"tp", "tx", "tt", "p", "h", "x"}

_WORD = re.compile(r"(?<!\w)[^\W\d_][^\W_]*(?:['’ʼ][^\W_]+)*(?:-(?:\d+|[^\W\d_A-Z]+))*")
_SENTENCE_START = re.compile(r"(?:^|[.!?…:;\n]|\)\s*[-–—])[\s\"“”‘’'(\[\-–—•*+]*$")
_MINORITY_GIVEN = re.compile(r"[hk]['’ʼ]")


class NameKind(StrEnum):
    """A guess at what a name names."""

    PERSON = "person"
    PLACE = "place"
    OTHER = "other"


@dataclass(frozen=True)
class Name:
    """A name of a source; `text` is source[start:end], `folded` the same without diacritics."""

    text: str
    folded: str
    start: int
    end: int
    kind: NameKind


@dataclass(frozen=True)
class _Word:
    text: str
    start: int
    end: int
    key: str
    cue: str
    initial: bool


def _read_words(text: str) -> Iterator[_Word]:
    cue, end = "", 0
    for match in _WORD.finditer(text):
        gap = text[end : match.start()].strip()
        if gap and not (gap == "." and cue in _ABBREVIATED_PLACES):
            cue = ""
        initial = _SENTENCE_START.search(text[max(0, match.start() - 12) : match.start()])
        key = match[0].lower()
        yield _Word(match[0], *match.span(), key, cue, initial is not None)
        cue, end = key, match.end()


def _announced_units(text: str) -> tuple[PlaceMatch, ...]:
    """Communes, wards and the like that a cue announces: their names are no other words."""
    return tuple(one for one in find_places(text) if not one.units[0].level.is_top)


def _known_places(
    text: str, matches: Sequence[TermMatch], units: Sequence[PlaceMatch]
) -> dict[int, int]:
    known = {m.start: m.end for m in matches if m.entry.domain == PLACE_NAMES}
    return known | {unit.name_start: unit.end for unit in units}


def _masked(matches: Sequence[TermMatch]) -> set[int]:
    """Offsets inside terms; a one-syllable term (tạ, xã) may be part of a name instead."""
    spans = (
        (m.start, m.end)
        for m in matches
        if m.entry.domain != PLACE_NAMES and (" " in m.text or m.text.isupper())
    )
    return {offset for start, end in spans for offset in range(start, end)}


def _same_case(first: str, second: str) -> bool:
    # A single letter is upper case either way: Y Thông, Nguyễn Văn A, TRẦN VĂN A.
    return min(len(first), len(second)) == 1 or first.isupper() == second.isupper()


def _read_runs(text: str, words: Iterable[_Word], masked: set[int]) -> list[list[_Word]]:
    runs: list[list[_Word]] = []
    end = -1
    for word in words:
        if not word.text[0].isupper() or word.start in masked:
            continue
        gap = text[end : word.start]
        adjacent = runs and end >= 0 and gap.isspace() and "\n" not in gap
        if adjacent and _same_case(word.text, runs[-1][-1].text):
            runs[-1].append(word)
        else:
            runs.append([word])
        end = word.end
    return runs


def _key(run: Sequence[_Word]) -> str:
    return " ".join(word.key for word in run)


def _is_person_start(run: Sequence[_Word]) -> bool:
    if run[0].key not in FAMILY_NAMES or len(run) < 2:
        return False
    weak = run[0].key in WEAK_FAMILY_NAMES and not _MINORITY_GIVEN.match(run[1].key)
    return len(run) > 2 or not weak


def _strip_lead(run: list[_Word], places: dict[int, int]) -> list[_Word]:
    """Drop words that stand before the name: sentence openers and institutions."""
    while run and run[0].start not in places and _key(run) not in KNOWN_PLACES:
        first, second = run[0], run[1:2]
        drop = first.key in INSTITUTIONS or (run[0].initial and first.key in OPENERS)
        cut_off = second and (second[0].start in places or second[0].key in PLACE_PREFIXES)
        if drop and _is_person_start(run) and not cut_off:
            drop = False
        if not drop and first.initial and len(run) > 2 and first.key not in FAMILY_NAMES:
            rest = run[1:]
            drop = _is_person_start(rest) and rest[0].key not in WEAK_FAMILY_NAMES
        if not drop:
            break
        run = [replace(word, initial=first.initial) for word in run[1:2]] + run[2:]
    return run


def _split_place(run: list[_Word], places: dict[int, int]) -> list[list[_Word]]:
    """Part a place from the person after it: "... tỉnh Gia Lai Nguyễn Văn A"."""
    end = places.get(run[0].start)
    if end is None:
        for cut in range(2, len(run) - 1):
            rest = run[cut:]
            if run[0].key in FAMILY_NAMES - WEAK_FAMILY_NAMES:
                break
            weak = rest[0].key in WEAK_FAMILY_NAMES and len(rest) != 3
            if rest[0].key in FAMILY_NAMES and not weak and len(rest) <= 4:
                return [run[:cut], rest]
        return [run]
    inside = [word for word in run if word.end <= end]
    rest = run[len(inside) :]
    return [inside, rest] if inside and len(rest) > 1 else [run]


def _is_foreign(word: _Word) -> bool:
    return len(word.key) > 4 and word.key.isascii() and not is_syllable(word.key)


def _split_foreign(run: list[_Word]) -> list[_Word]:
    """Cut Vietnamese words off a foreign name: Vua Hastings, Google Dịch."""
    native = [not word.key.isascii() and is_syllable(word.key) for word in run]
    if not any(map(_is_foreign, run)) or run[0].key in FAMILY_NAMES | PLACE_PREFIXES:
        return run
    kept = [index for index, is_native in enumerate(native) if not is_native]
    return run[kept[0] : kept[-1] + 1]


def _is_name(run: Sequence[_Word], places: dict[int, int]) -> bool:
    first = run[0]
    if first.start in places or _key(run) in KNOWN_PLACES:
        return True
    if len(run) == 2 and first.key in ZODIAC_STEMS and run[1].key in ZODIAC_BRANCHES:
        return False
    if len(run) > 1:
        return True
    if first.text.isupper() and len(first.text) > 1:
        # Vietnamese abbreviations are translated; these letters are not Vietnamese.
        return bool(re.search(r"[FJWZ]|-\d", first.text))
    if first.key in COMPOUND_STARTS:
        return False
    return first.cue in PERSON_CUES | PLACE_CUES or not is_syllable(first.key)


def _kind(run: Sequence[_Word], places: dict[int, int]) -> NameKind:
    first = run[0]
    if len(run) == 1 and first.cue in PERSON_CUES:
        return NameKind.PERSON
    if first.start in places or _key(run) in KNOWN_PLACES:
        return NameKind.PLACE
    if first.key in PERSON_PREFIXES or _MINORITY_GIVEN.match(first.key):
        return NameKind.PLACE if first.cue in PLACE_CUES else NameKind.PERSON
    if len(run) > 2 and _is_person_start(run) and first.key not in WEAK_FAMILY_NAMES:
        return NameKind.PERSON
    if first.cue in PLACE_CUES or first.key in PLACE_PREFIXES:
        return NameKind.PLACE
    if first.cue in PERSON_CUES or _is_person_start(run):
        return NameKind.PERSON
    if len(run) == 3 or {"văn", "thị"} & {word.key for word in run[1:]}:
        return NameKind.PERSON if all(is_syllable(word.key) for word in run) else NameKind.OTHER
    return NameKind.OTHER


def _capital_names(run: list[_Word], places: dict[int, int]) -> list[list[_Word]]:
    """Names in a line of capitals: known places, or a short run that starts like a person."""
    half = len(run) // 2
    if len(run) % 2 == 0 and _key(run[:half]) == _key(run[half:]) and half > 1:
        return _capital_names(run[:half], places) + _capital_names(run[half:], places)
    if run[0].start not in places and run[0].key in FAMILY_NAMES:
        return [run] if 1 < len(run) <= LONGEST_CAPITALS_NAME else []
    found = []
    for index, word in enumerate(run):
        if word.start in places:
            found.append([w for w in run[index:] if w.end <= places[word.start]])
    return [part for part in found if part] or ([run] if len(run) == 1 else [])


def _lower_places(text: str, places: dict[int, int]) -> list[Name]:
    """Known places that open in lower case or with an abbreviation: châu Âu, TP.HCM."""
    spans = [(s, e) for s, e in places.items() if text[s].islower() or "." in text[s:e]]
    return [_make_name(text, start, end, NameKind.PLACE) for start, end in spans]


def _make_name(text: str, start: int, end: int, kind: NameKind) -> Name:
    folded = " ".join(fold_diacritics(text[start:end]).split())
    return Name(text[start:end], folded, start, end, kind)


def _read_run(run: list[_Word], places: dict[int, int]) -> list[list[_Word]]:
    if all(word.text.isupper() for word in run) and any(len(word.text) > 1 for word in run):
        return _capital_names(run, places)
    stripped = _strip_lead(run, places)
    parts = _split_place(stripped, places) if stripped else []
    return [part if part[0].start in places else _split_foreign(part) for part in parts]


def _matches(text: str, terms: Lexicon | Sequence[TermMatch] | None) -> Sequence[TermMatch]:
    if terms is None:
        return load_lexicon().find(text)
    return terms.find(text) if isinstance(terms, Lexicon) else terms


def find_names(text: str, terms: Lexicon | Sequence[TermMatch] | None = None) -> tuple[Name, ...]:
    """The proper names of a Vietnamese text; `terms` (default: the lexicon) are no names."""
    matches = _matches(text, terms)
    units = _announced_units(text)
    places = _known_places(text, matches, units)
    names = _lower_places(text, places)
    masked = _masked(matches) - {n for one in units for n in range(one.name_start, one.end)}
    masked |= {n for name in names for n in range(name.start, name.end)}
    for run in _read_runs(text, _read_words(text), masked):
        for part in _read_run(run, places):
            if _is_name(part, places):
                end = max(part[-1].end, places.get(part[0].start, 0))
                names.append(_make_name(text, part[0].start, end, _kind(part, places)))
    return _without_overlap(names)


def _without_overlap(names: Iterable[Name]) -> tuple[Name, ...]:
    kept: list[Name] = []
    for name in sorted(names, key=lambda n: (n.start, -n.end)):
        if not kept or name.start >= kept[-1].end:
            kept.append(name)
    return tuple(kept)
