"""When a summary says that things happened, and the item said otherwise."""

from __future__ import annotations

import re
from collections.abc import Iterator

from models.day_parts import compare_day_parts, names_day_part
from models.english import split_english_sentences
from models.grounding_item import MOST_SENTENCES, Item, Told
from models.names import fold_diacritics
from models.quantities import Quantity, QuantityKind, find_quantities_en

SHORTEST_TELLING_WORD = 4
LEAST_SHARED = 3
# So many times the words that a clause shares with the year's own sentence.
CLEARLY_MORE = 4

_DATES = {QuantityKind.DATE, QuantityKind.WEEKDAY}
_SAME_DAY = re.compile(r"cùng ngày|hôm nay|nay\b|hôm qua|hôm sau", re.IGNORECASE)
_YEAR = re.compile(r"\b(?:in|of|during|since|throughout)\s+((?:19|20)\d\d)\b(?![-–/]\d)")
_CLAUSE_END = re.compile(r"[,;:()]\s+")
_WORD = re.compile(r"[^\W\d_]+")


def moved_times(summary: str, item: Item) -> list[str]:
    """Parts of the day, and years, that belong to something else in the item."""
    sentences = split_english_sentences(summary)[:MOST_SENTENCES]
    return [
        *(one for sentence in sentences for one in _moved_day_parts(sentence, item)),
        *(one for sentence in sentences for one in _moved_years(sentence, item)),
    ]


def _moved_day_parts(sentence: str, item: Item) -> Iterator[str]:
    """A part of the day that the item has nowhere, or not on the one date of the sentence."""
    if not item.source or not names_day_part(sentence):
        return
    invented = compare_day_parts(item.source, sentence).invented
    if invented:
        yield from invented
        return
    dates = [one for one in find_quantities_en(sentence) if one.kind in _DATES]
    if len(dates) != 1:
        return
    lines = [line for line in item.in_source if line.holds(dates[0])]
    if any(compare_day_parts(line.text, "").missing for line in lines):
        lines += [line for line in item.in_source if _SAME_DAY.search(line.text)]
        source = "\n".join(line.text for line in lines)
        yield from compare_day_parts(source, sentence).invented


def _moved_years(sentence: str, item: Item) -> Iterator[str]:
    for clause in _CLAUSE_END.split(sentence):
        for match in _YEAR.finditer(clause):
            [*years] = find_quantities_en(match.group())
            if years and _is_elsewhere(clause, years[0], item):
                yield match.group()


def _is_elsewhere(clause: str, year: Quantity, item: Item) -> bool:
    """Whether a clause tells what sentences without its year do, and theirs tells nothing of it."""
    words = _telling_words(clause)
    dated = [line for line in item.in_target if line.holds(year)]
    if not dated:
        return False
    with_year = max(_shared(words, line) for line in dated)
    others = max((_shared(words, line) for line in item.in_target if line not in dated), default=0)
    return others >= LEAST_SHARED and others >= CLEARLY_MORE * with_year


def _shared(words: frozenset[str], line: Told) -> int:
    return len(words & _telling_words(line.text))


def _telling_words(text: str) -> frozenset[str]:
    found = _WORD.findall(fold_diacritics(text).casefold())
    return frozenset(word.removesuffix("s") for word in found if len(word) >= SHORTEST_TELLING_WORD)
