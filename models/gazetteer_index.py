"""Looking up administrative units by the names that stand in a text."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from threading import Lock

from models.entries import Entry, tokenize
from models.errors import BadConfig
from models.gazetteer_data import read_units
from models.gazetteer_units import AdministrativeUnit, Level
from models.lexicon import PLACE_NAMES, Lexicon, TermMatch, load_lexicon
from models.name_letters import fold_diacritics

# Words that announce a name, with the levels that they announce.
_CUES: tuple[tuple[tuple[str, ...], tuple[Level, ...]], ...] = (
    (("xã",), (Level.COMMUNE,)),
    (("phường",), (Level.WARD,)),
    (("xã, phường", "phường, xã", "xã và phường"), (Level.COMMUNE, Level.WARD)),
    (("đặc khu",), (Level.SPECIAL_ZONE,)),
    (("thị trấn",), (Level.TOWNSHIP,)),
    (("huyện", "quận"), (Level.DISTRICT,)),
    (("thị xã",), (Level.TOWN,)),
    (("thành phố",), (Level.CITY,)),
)
# Only as they are written here: "xã Biên Giới" is a commune of that name.
_EXACT_CUES = (
    (("xã biên giới", "xã miền núi", "xã vùng cao", "xã nghèo", "xã đảo"), Level.COMMUNE),
    (("Xã biên giới", "Xã miền núi", "Xã vùng cao", "Xã nghèo", "Xã đảo"), Level.COMMUNE),
    (("huyện biên giới", "huyện miền núi", "huyện đảo"), Level.DISTRICT),
    (("Huyện biên giới", "Huyện miền núi", "Huyện đảo"), Level.DISTRICT),
    (("TP", "TP.", "Tp", "Tp."), Level.CITY),
    (("TX", "TX.", "Tx."), Level.TOWN),
    (("TT.",), Level.TOWNSHIP),
    (("P.",), Level.WARD),
    (("Q.", "H."), Level.DISTRICT),
)
# Words that end like a cue and announce nothing.
_NO_CUES = ("hợp tác xã", "hợp tác xã nông nghiệp", "làng xã", "công xã", "phố phường")
_APOSTROPHES = ("’", "ʼ", "")


@dataclass(frozen=True)
class Cue:
    """A word such as "xã" in a text, with the levels of the names that may follow."""

    start: int
    end: int
    levels: tuple[Level, ...]


class Names:
    """Finds the names of some units in a text; units with one name are found together."""

    def __init__(
        self, forms: Mapping[str, Collection[AdministrativeUnit]], others: Iterable[Entry] = ()
    ) -> None:
        """Index the units by every form of their names; `others` are found but no units."""
        spelled: dict[str, set[str]] = defaultdict(set)
        bearers: dict[str, set[AdministrativeUnit]] = defaultdict(set)
        for form, units in forms.items():
            key = " ".join(token.key for token in tokenize(form))
            spelled[key].add(form)
            bearers[key].update(units)
        self._units = {
            Entry(tuple(sorted(spelled[key])), units_english(units), domain=PLACE_NAMES): units
            for key, units in bearers.items()
        }
        self._lexicon = Lexicon([*others, *self._units])

    def find(self, text: str) -> list[tuple[TermMatch, frozenset[AdministrativeUnit]]]:
        """The names in a text with the units that bear them."""
        found = ((match, self._units.get(match.entry)) for match in self._lexicon.find(text))
        return [(match, frozenset(units)) for match, units in found if units]

    def find_at_start(self, text: str) -> tuple[int, frozenset[AdministrativeUnit]] | None:
        """The length and the units of the longest name that the text begins with."""
        first = self._lexicon.find(text)[:1]
        if not first or first[0].start or first[0].entry not in self._units:
            return None
        return first[0].end, frozenset(self._units[first[0].entry])


def units_english(units: Iterable[AdministrativeUnit]) -> str:
    """The English of units of one name; where their levels differ, the name alone."""
    first, *others = sorted(units, key=lambda unit: unit.english)
    if any(unit.level is not first.level for unit in others):
        return first.folded
    return first.english


class Gazetteer:
    """The units of today and before, with what finds them in a text."""

    def __init__(self, units: Iterable[AdministrativeUnit]) -> None:
        """Index the units."""
        self.units = tuple(units)
        tops = [unit for unit in self.units if unit.level.is_top]
        self.provinces = tuple(tops)
        self.province_names = Names(_province_forms(tops), load_lexicon().places)
        self._folded_provinces = {unit.folded.casefold(): unit for unit in tops}
        by_level: dict[Level, list[AdministrativeUnit]] = defaultdict(list)
        for unit in self.units:
            by_level[unit.level].append(unit)
        self._names = {level: Names(_forms(by_level[level])) for level in Level if not level.is_top}
        self._cue_entries = dict(_cue_entries())
        decoys = [Entry((word,), "no cue") for word in _NO_CUES]
        self._cues = Lexicon([*self._cue_entries, *decoys])

    def find_cues(self, text: str) -> tuple[Cue, ...]:
        """The words of a text that announce a name below the province."""
        found = ((match, self._cue_entries.get(match.entry)) for match in self._cues.find(text))
        return tuple(Cue(match.start, match.end, levels) for match, levels in found if levels)

    def read_name(
        self, text: str, levels: Iterable[Level]
    ) -> tuple[int, frozenset[AdministrativeUnit]] | None:
        """The longest name of one of the levels that the text begins with, and its units."""
        read = [found for level in levels if (found := self._names[level].find_at_start(text))]
        if not read:
            return None
        longest = max(length for length, _ in read)
        return longest, frozenset().union(*(units for length, units in read if length == longest))

    def province(self, name: str) -> AdministrativeUnit:
        """The province or centrally run city of a name, with or without diacritics.

        Raises:
            BadConfig: no province of today or before July 2025 has the name.
        """
        plain = fold_diacritics(name.strip()).casefold()
        for word in ("tinh ", "thanh pho ", "tp. ", "tp "):
            plain = plain.removeprefix(word)
        if plain not in self._folded_provinces:
            raise BadConfig(
                f"{name!r} is no province of Vietnam; give a name such as 'Gia Lai' or 'Hà Nội'"
            )
        return self._folded_provinces[plain]


def _cue_entries() -> Iterable[tuple[Entry, tuple[Level, ...]]]:
    for forms, levels in _CUES:
        yield Entry(forms, " or ".join(levels)), levels
    for forms, level in _EXACT_CUES:
        yield Entry(forms, level, case=True), (level,)


def _spellings(name: str) -> set[str]:
    """A name with the hyphens and apostrophes that are written, or left out."""
    hyphens = {name, name.replace(" - ", " ")}
    return hyphens | {one.replace("'", other) for one in hyphens for other in _APOSTROPHES}


def _forms(units: Iterable[AdministrativeUnit]) -> dict[str, set[AdministrativeUnit]]:
    forms: dict[str, set[AdministrativeUnit]] = defaultdict(set)
    for unit in units:
        for form in _spellings(unit.name):
            forms[form].add(unit)
    return forms


def _province_forms(units: Iterable[AdministrativeUnit]) -> dict[str, set[AdministrativeUnit]]:
    """Names of provinces alone, after "tỉnh" or "TP.", and as the place names spell them."""
    spelled = [set(place.vi) for place in load_lexicon().places]
    forms: dict[str, set[AdministrativeUnit]] = defaultdict(set)
    for unit in units:
        words = ("tỉnh",) if unit.level is Level.PROVINCE else ("thành phố", "TP", "TP.")
        written = {f"{word} {form}" for word in words for form in _spellings(unit.name)}
        # Hồ Chí Minh alone is the man.
        alone = set() if unit.name == "Hồ Chí Minh" else _spellings(unit.name)
        known = {form.casefold() for form in written | alone}
        for forms_of_place in spelled:
            if known & {form.casefold() for form in forms_of_place}:
                alone |= forms_of_place
        with_word = {f"{words[0]} {form}" for form in alone}
        for form in written | alone | with_word:
            forms[form].add(unit)
    return forms


_lock = Lock()
_loaded: list[Gazetteer] = []


def load_gazetteer() -> Gazetteer:
    """The gazetteer, read once a process on first use; safe from several threads.

    Raises:
        MissingDependency: the package with the data is not installed.
    """
    with _lock:
        if not _loaded:
            _loaded.append(Gazetteer(read_units()))
    return _loaded[0]
