"""Whether a summary stays within its item: no figure and no name of its own."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from models.attribution import Paragraph
from models.lexicon import load_lexicon
from models.names import fold_diacritics
from models.quantities import (
    Quantity,
    QuantityKind,
    compare_quantities,
    find_quantities_en,
    find_quantities_vi,
)
from models.quantity_types import Reading

_WORD = re.compile(r"[A-Za-z][\w'’-]*")
_CAPITALISED = re.compile(r"[A-Z][\w'’-]*(?:\s+[A-Z][\w'’-]*)*")
_POSSESSIVE = re.compile(r"['’]s?$")


def unsupported_values(summary: str, paragraphs: Sequence[Paragraph]) -> tuple[str, ...]:
    """Figures and names of the summary that neither source nor translation holds."""
    return (*_unsupported_figures(summary, paragraphs), *_unsupported_names(summary, paragraphs))


def _unsupported_figures(summary: str, paragraphs: Sequence[Paragraph]) -> list[str]:
    source = "\n".join(paragraph.source for paragraph in paragraphs)
    target = "\n".join(paragraph.target for paragraph in paragraphs)
    figures = find_quantities_en(target)
    known = {reading for one in figures for reading in one.readings}
    strange = [
        one for one in compare_quantities(source, summary).invented if not one.readings & known
    ]
    whole = known | {reading for one in find_quantities_vi(source) for reading in one.readings}
    years_added = [
        one for one in find_quantities_en(summary) if _is_dated(one) and not _is_within(one, whole)
    ]
    return list(dict.fromkeys(one.text for one in (*strange, *years_added)))


def _is_dated(quantity: Quantity) -> bool:
    """Whether a date carries its year: the item must have both together."""
    is_date = quantity.kind in (QuantityKind.DATE, QuantityKind.MONTH)
    return is_date and all(len(reading) > 1 for reading in quantity.readings)


def _is_within(quantity: Quantity, whole: set[Reading]) -> bool:
    return any(mine <= theirs for mine in quantity.readings for theirs in whole)


def _unsupported_names(summary: str, paragraphs: Sequence[Paragraph]) -> list[str]:
    """Capitalised words that the item has nowhere.

    A word that opens a sentence is capitalised for that reason alone, so it counts only
    when another capitalised word follows it, or when it is a place of the lexicon.
    """
    known = _known_words(paragraphs)
    unsupported = []
    for match in _CAPITALISED.finditer(summary):
        words = match.group().split()
        if _opens_sentence(summary, match.start()) and not _is_name(words):
            words = words[1:]
        unknown = [word for word in words if _key(word) not in known]
        if unknown:
            unsupported.append(" ".join(unknown))
    return unsupported


@cache
def _places() -> frozenset[str]:
    return frozenset(entry.en.casefold() for entry in load_lexicon().places)


def _is_name(words: Sequence[str]) -> bool:
    """Whether capitalised words at the head of a sentence name something."""
    first = _key(words[0])
    return first in _places() or (len(words) > 1 and first not in _SENTENCE_OPENERS)


def _known_words(paragraphs: Sequence[Paragraph]) -> set[str]:
    texts = [paragraph.target for paragraph in paragraphs]
    texts += [fold_diacritics(paragraph.source) for paragraph in paragraphs]
    return {_key(match.group()) for text in texts for match in _WORD.finditer(text)}


def _key(word: str) -> str:
    return _POSSESSIVE.sub("", word).casefold()


def _opens_sentence(text: str, start: int) -> bool:
    before = text[:start].rstrip(' "“‘(-•*')
    return not before or before[-1] in ".!?:…\n"


_SENTENCE_OPENERS = frozenset(
    {
        "a",
        "an",
        "the",
        "this",
        "that",
        "these",
        "those",
        "in",
        "on",
        "at",
        "by",
        "for",
        "from",
        "to",
        "with",
        "during",
        "after",
        "before",
        "when",
        "while",
        "as",
        "he",
        "she",
        "it",
        "they",
        "his",
        "her",
        "its",
        "their",
        "meanwhile",
        "according",
        "under",
        "also",
        "local",
        "both",
        "all",
        "some",
        "many",
        "more",
        "most",
        "no",
        "not",
        "one",
        "two",
        "three",
        "several",
    }
)
