"""Whether a Vietnamese summary stays within its Vietnamese item."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

from models.attribution import Paragraph
from models.names import find_names, fold_diacritics
from models.quantities import Quantity, QuantityKind, find_quantities_vi
from models.quantity_types import Atom, month, number

_WORD = re.compile(r"[^\W_]+")


def unsupported_in_source(summary: str, paragraphs: Sequence[Paragraph]) -> tuple[str, ...]:
    """Figures and names of a Vietnamese summary that the source does not hold."""
    source = "\n".join(paragraph.source for paragraph in paragraphs)
    return (*_strange_figures(summary, source), *_strange_names(summary, source))


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


def _strange_names(summary: str, source: str) -> list[str]:
    known = {_key(word) for word in _WORD.findall(source)}
    strange = [
        name.text
        for name in find_names(summary)
        if any(_key(word) not in known for word in _WORD.findall(name.text))
    ]
    return list(dict.fromkeys(strange))


def _key(word: str) -> str:
    """Letters and marks of a word, wherever the tone mark stands: Hòa and Hoà are one."""
    word = word.casefold()
    marks = sorted(mark for mark in unicodedata.normalize("NFD", word) if not mark.isalnum())
    return (
        fold_diacritics(unicodedata.normalize("NFC", word)) + "đ" * word.count("đ") + "".join(marks)
    )
