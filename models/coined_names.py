"""Names of a target that no language has: a model spelled one anew, or took a word for one."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from models.english_words import countries_of, is_english_word
from models.lexicon import load_lexicon
from models.name_letters import fold_diacritics
from models.names import invented_names

SHORTEST = 3
SHORTEST_STEM = 5

_WORD = re.compile(r"[^\W\d_]+(?:['’ʼ-][^\W\d_]+)*")
_PART = re.compile(r"[^\W\d_]+")
_SENTENCE_START = re.compile(r"(?:^|[.!?…:;\n])[\s\"“”‘’'(\[\-–—•*]*$")
# Mát-xcơ-va: spelled by ear, and only its own language knows the letters.
_HYPHENED = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)+")


def coined_names(source: str, target: str, english: Iterable[str] = ()) -> tuple[str, ...]:
    """Capitalised words of the target that are neither the source's nor English, each once.

    `english` is what else may stand there, such as the user's own terms. A word that opens a
    sentence is left alone, as are capitals like FDI and, where the source spells a name by
    ear, every name.
    """
    source = unicodedata.normalize("NFC", source)
    if any(map(_is_by_ear, _HYPHENED.findall(source))):
        return ()
    known = frozenset(part for text in (source, *english) for part in _keys(text))
    target = unicodedata.normalize("NFC", target)
    found = (
        match[0]
        for match in _WORD.finditer(target)
        if not _SENTENCE_START.search(target[: match.start()]) and _is_coined(match[0], known)
    )
    return tuple(dict.fromkeys(found))


def strange_to_source(source: str, target: str, english: Iterable[str] = ()) -> tuple[str, ...]:
    """All names of the target that the source does not bear out, each once."""
    invented = invented_names(source, target)
    coined = coined_names(source, target, english)
    return (*invented, *(one for one in coined if not any(one in name for name in invented)))


def _is_by_ear(word: str) -> bool:
    first, *others = word.split("-")
    return first[0].isupper() and all(map(str.islower, others)) and not word.isascii()


def _keys(text: str) -> list[str]:
    return _PART.findall(fold_diacritics(text).casefold())


def _is_coined(word: str, known: frozenset[str]) -> bool:
    parts = _PART.findall(word)
    if not all(map(_is_capitalised, parts)):
        return False
    return not all(_is_known(part, known) for part in parts)


def _is_capitalised(part: str) -> bool:
    return len(part) >= SHORTEST and part[0].isupper() and part[1:].islower()


def _is_known(part: str, known: frozenset[str]) -> bool:
    key = fold_diacritics(part).casefold()
    if key in known or key in _names_in_lexicon() or countries_of(key) or is_english_word(key):
        return True
    # Of a foreign name English may make a word of its own: Pakistan, Pakistani.
    return any(key.startswith(one) for one in known if len(one) >= SHORTEST_STEM)


@lru_cache(maxsize=1)
def _names_in_lexicon() -> frozenset[str]:
    """Words of the lexicon's English with a capital: Vietnam, Hanoi, Khmer."""
    return frozenset(
        key
        for entry in load_lexicon().entries
        for form in (entry.en, *entry.accept)
        for key in _keys(form)
    )
