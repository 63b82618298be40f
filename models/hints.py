"""What the model is told of one segment: terms, names and figures with their English."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from models.feminine_titles import feminize_titles
from models.gazetteer_finder import find_places
from models.law_references import find_law_references
from models.lexicon import TermMatch
from models.names import Name, NameKind
from models.quantity_hints import english_dates
from models.terms_of_office import find_numbered_bodies

MOST_HINTS = 40

# English nouns that a proper name stands before: "Le Thanh border gate", "Ia Dom Commune".
_NAMED_NOUNS = frozenset(
    {
        *("airport", "bridge", "city", "cluster", "commune", "cooperative", "district"),
        *("forest", "gate", "hamlet", "hospital", "island", "lake", "market", "mountain"),
        *("pagoda", "park", "pass", "plant", "port", "province", "reservoir", "river"),
        *("school", "station", "stream", "street", "temple", "town", "township", "university"),
        *("village", "ward", "waterfall", "zone"),
        *("board", "branch", "command", "committee", "council", "department", "union"),
    }
)
_OF = " of the "
# A number after a term that is part of its name; a bare figure may as well begin a count,
# but not after these.
_ALWAYS_NUMBERED = re.compile(
    r"số$|(?:sư|trung|tiểu|lữ|quân|binh|hải)\sđoàn|đại đội|quân khu|báo động", re.IGNORECASE
)
_NUMBERED = re.compile(
    r" (?:(?P<word>số|khu vực|vùng) (?P<worded>\d{1,3}|[IVX]+)"
    r"|(?P<bare>[IVX]+|\d{1,4}(?=[,.;:)]|\s-\s|$))|(?P<counted>\d{1,4}))(?![\w%]|[.,/]\d|-\d)"
)
_NUMBERED_AS = {
    "": "{term} {number}",
    "số": "{term} No. {number}",
    "khu vực": "{term} of Region {number}",
    "vùng": "{term} of Region {number}",
}
_LOWER_WORDS = frozenset({"and", "for", "in", "of", "on", "the", "to", "with"})


@dataclass(frozen=True)
class Hint:
    """Words of the source and the English that they should become."""

    source: str
    target: str


@dataclass(frozen=True)
class _Placed:
    start: int
    end: int
    hint: Hint


def find_hints(
    source: str, matches: Sequence[TermMatch], names: Sequence[Name]
) -> tuple[Hint, ...]:
    """Return the hints of a segment in the order of the text, each once, 40 at most.

    A term directly followed by a place's name makes one hint of both, with the name in
    its English place: "Cửa khẩu quốc tế Lệ Thanh" is "Le Thanh International Border Gate".
    So does a title with the person after it, lest the model write one without the other.
    The gazetteer adds the units that these leave out, such as "TP. Pleiku" or "Quận 1".
    """
    matches = feminize_titles(source, matches, names)
    placed = [*_named_terms(source, matches, names), *_figures(source)]
    placed += _numbered_terms(source, matches)
    placed += [
        _Placed(one.start, one.end, Hint(one.text, one.english))
        for one in find_numbered_bodies(source, matches)
    ]
    placed += [_Placed(one.start, one.end, Hint(one.text, one.entry.en)) for one in matches]
    placed += [
        _Placed(name.start, name.end, Hint(name.text, name.folded))
        for name in names
        if len(name.text) > 1  # a photographer's initial tells the model nothing
    ]
    placed += _units(source, matches)
    return tuple(dict.fromkeys(one.hint for one in _outermost(placed)))[:MOST_HINTS]


def _figures(source: str) -> Iterator[_Placed]:
    for text, english in english_dates(source):
        start = source.find(text)
        yield _Placed(start, start + len(text), Hint(text, english))
    for one in find_law_references(source):
        yield _Placed(one.start, one.end, Hint(one.text, one.english))


def _units(source: str, matches: Sequence[TermMatch]) -> Iterator[_Placed]:
    """Units with their cue, but for those in which the user's own terms stand."""
    users = [match for match in matches if match.entry.user]
    for place in find_places(source):
        if place.start == place.name_start or place.units[0].level.is_top:
            continue
        if not any(one.start < place.end and place.start < one.end for one in users):
            yield _Placed(place.start, place.end, Hint(place.text, _titled(place.english)))


def _named_terms(
    source: str, matches: Sequence[TermMatch], names: Sequence[Name]
) -> Iterator[_Placed]:
    starts = {name.start: name for name in names}
    for match in matches:
        name = starts.get(match.end + 1)
        if name is None or source[match.end] != " ":
            continue
        english = _joined(match.entry.en, name)
        if english:
            text = source[match.start : name.end]
            yield _Placed(match.start, name.end, Hint(text, english))


def _numbered_terms(source: str, matches: Sequence[TermMatch]) -> Iterator[_Placed]:
    """Bodies that go by a number: "Ban Quản lý dự án số 2", "Tiểu đoàn Bộ binh 54"."""
    for match in matches:
        found = _NUMBERED.match(source, match.end)
        if found is None or (found["counted"] and not _ALWAYS_NUMBERED.search(match.text)):
            continue
        number = found["worded"] or found["bare"] or found["counted"]
        english = _NUMBERED_AS[found["word"] or ""].format(term=match.entry.en, number=number)
        yield _Placed(match.start, found.end(), Hint(source[match.start : found.end()], english))


def _joined(term: str, name: Name) -> str | None:
    """A term with the name after it: a place inside it, a person behind the title."""
    if name.kind is NameKind.PLACE or (name.kind is NameKind.OTHER and _OF not in term):
        return with_name(term, name.folded)
    return f"{term} {name.folded}" if name.kind is NameKind.PERSON else None


def with_name(term: str, name: str) -> str | None:
    """Put a proper name into an English term, or return None where it has no place.

    "Secretary of the Provincial Party Committee" and "Gia Lai" make "Secretary of the
    Gia Lai Provincial Party Committee".
    """
    head, of, noun = term.rpartition(_OF)
    if not noun.strip() or noun.split()[-1].casefold() not in _NAMED_NOUNS:
        return None
    return f"{head}{of}{name} {_titled(noun)}"


def _titled(english: str) -> str:
    return " ".join(
        word if word in _LOWER_WORDS else word[0].upper() + word[1:] for word in english.split()
    )


def _outermost(placed: Sequence[_Placed]) -> list[_Placed]:
    """The spans that lie in no other, in the order of the text."""
    ordered = sorted(placed, key=lambda one: (one.start, -one.end))
    kept: list[_Placed] = []
    for one in ordered:
        if not kept or one.end > kept[-1].end:
            kept.append(one)
    return kept
