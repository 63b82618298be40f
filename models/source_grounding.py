"""Whether a Vietnamese summary stays within its Vietnamese item."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from models.attribution import Paragraph
from models.grounding_names import letters_key
from models.names import find_names
from models.quantities import Quantity, QuantityKind, find_quantities_vi
from models.quantity_types import Atom, month, number
from models.quantity_units import UNKNOWN, Measured, measure_vi

# Two syllables tell a thing, as in "gian hàng"; more may follow before the sentence goes on.
SYLLABLES_COUNTED = 2
SYLLABLES_BEHIND = 8

_WORD = re.compile(r"[^\W\d_]+")
_PHRASE_END = re.compile(r"[\d.,;:()\"“”\n]")
_PARTS = re.compile(r"[^\W_]+|[^\w\s'’ʼ–-]|\n")
_PARTING = re.compile(r"\W|\n")


def unsupported_in_source(summary: str, paragraphs: Sequence[Paragraph]) -> tuple[str, ...]:
    """Figures and names of a Vietnamese summary that the source does not hold."""
    source = "\n".join(paragraph.source for paragraph in paragraphs)
    found = (
        *_strange_figures(summary, source),
        *_strange_names(summary, source),
        *_moved_figures(summary, source),
    )
    return tuple(dict.fromkeys(found))


def _strange_figures(summary: str, source: str) -> list[str]:
    known = {atom for one in find_quantities_vi(source) for atom in _proved(one)}
    strange = [
        one.text
        for one in find_quantities_vi(summary)
        if not one.optional and not any(reading <= known for reading in one.readings)
    ]
    return list(dict.fromkeys(strange))


def _proved(quantity: Quantity) -> Iterable[Atom]:
    """Every value of a figure's readings; a day proves its month and its number as well."""
    for atom in (atom for reading in quantity.readings for atom in reading):
        yield atom
        if atom.kind is QuantityKind.DATE and isinstance(atom.value, tuple):
            yield from (number(atom.value[0]), month(atom.value[1]))


def _moved_figures(summary: str, source: str) -> list[str]:
    """Figures with another unit than in the source, or before what another figure counts there."""
    known = measure_vi(source, find_quantities_vi(source))
    return [
        " ".join((one.shown.text, *_syllables_after(summary, one)[:SYLLABLES_COUNTED]))
        for one in measure_vi(summary, find_quantities_vi(summary))
        if one.quantity.kind is QuantityKind.NUMBER
        and not one.quantity.optional
        and _is_moved(summary, one, source, known)
    ]


def _is_moved(summary: str, one: Measured, source: str, known: Sequence[Measured]) -> bool:
    same = [two for two in known if _holds(two.quantity, one.quantity)]
    if not same:
        return False
    if one.unit != UNKNOWN:
        return all(two.unit != one.unit and _is_definite(source, two) for two in same)
    thing = _syllables_after(summary, one)[:SYLLABLES_COUNTED]
    if len(thing) < SYLLABLES_COUNTED:
        return False
    here = {syllable for two in same for syllable in _syllables_after(source, two)}
    elsewhere = [
        _syllables_after(source, two)[:SYLLABLES_COUNTED] for two in known if two not in same
    ]
    return here.isdisjoint(thing) and bool(here) and thing in elsewhere


def _is_definite(source: str, one: Measured) -> bool:
    """Whether a figure has a unit, or a thing that it counts, right behind it."""
    return one.unit != UNKNOWN or len(_syllables_after(source, one)) >= SYLLABLES_COUNTED


def _holds(theirs: Quantity, mine: Quantity) -> bool:
    return any(one <= other for one in mine.readings for other in theirs.readings)


def _syllables_after(text: str, one: Measured) -> list[str]:
    """What stands behind a figure, as far as the next sign or figure."""
    phrase = _PHRASE_END.split(text[one.shown.end :])[0]
    return [word.casefold() for word in _WORD.findall(phrase)][:SYLLABLES_BEHIND]


def _strange_names(summary: str, source: str) -> list[str]:
    """Names with a word that the source lacks, or with words that stand apart there."""
    running = _running(source)
    strange = [name.text for name in find_names(summary) if _running(name.text) not in running]
    return list(dict.fromkeys(strange))


def _running(text: str) -> str:
    """The keys of the words between spaces, with a bar where a sign parts them."""
    parts = _PARTS.findall(text)
    return f" {' '.join('|' if _PARTING.fullmatch(one) else letters_key(one) for one in parts)} "
