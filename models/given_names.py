"""People whom an item names in full once and by their given name alone after that."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from models.name_finder import Name, NameKind
from models.name_letters import fold_diacritics, is_syllable
from models.name_words import COMPOUND_STARTS, OPENERS

_SENTENCE_START = re.compile(r"(?:^|[.!?…:;\n])[\s\"“”‘’'(\[\-–—•*+]*$")
_WORD_BEFORE = re.compile(r"([\w'’]+)[^\S\n]$")
_WORD_AFTER = re.compile(r"[^\S\n](\w+)")


def find_given_names(names: Iterable[Name]) -> frozenset[str]:
    """The last words of the full names of people: "Bửu" of "Trần Quốc Bửu"."""
    return frozenset(
        words[-1]
        for name in names
        if name.kind is NameKind.PERSON
        and len(words := name.text.split()) > 1
        and len(words[-1]) > 1
        and words[-1].istitle()
        and is_syllable(words[-1].lower())
    )


def find_mentions(
    text: str, given_names: Iterable[str], taken: Sequence[tuple[int, int]]
) -> tuple[Name, ...]:
    """Given names that stand alone in a text, outside the spans that are taken."""
    forms = "|".join(sorted(map(re.escape, given_names), key=len, reverse=True))
    if not forms:
        return ()
    return tuple(
        Name(one[0], fold_diacritics(one[0]), *one.span(), NameKind.PERSON)
        for one in re.finditer(rf"(?<![\w-])(?:{forms})(?![\w-])", text)
        if not any(start < one.end() and one.start() < end for start, end in taken)
        and _stands_alone(text, one)
    )


def _stands_alone(text: str, one: re.Match[str]) -> bool:
    """Whether it is no part of a longer name, and at the head of a sentence no common word."""
    before = text[max(0, one.start() - 40) : one.start()]
    after = _WORD_AFTER.match(text, one.end())
    if after and after[1][0].isupper():
        return False
    if _SENTENCE_START.search(before):
        return one[0].lower() not in OPENERS | COMPOUND_STARTS and after is not None
    word = _WORD_BEFORE.search(before)
    return word is None or not word[1][0].isupper()
