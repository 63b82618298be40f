"""Which words are everyday English, so that one which opens a sentence is no name."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

from models.lexicon import load_lexicon

SHORTEST_STEM = 3
SHORTEST_DERIVED = 7
# What is kept of the words met stays small: whoever writes text may write a word of a book.
LONGEST_WORD = 64

_WORD = re.compile(r"[A-Za-z]+")


@dataclass(frozen=True)
class _Vocabulary:
    words: frozenset[str]
    endings: tuple[str, ...]
    telling_endings: tuple[str, ...]
    beginnings: tuple[str, ...]
    demonyms: dict[str, tuple[str, ...]]


def is_english_word(word: str) -> bool:
    """Whether every part of a word is everyday English, whatever its case."""
    return len(word) <= LONGEST_WORD and _is_english(word)


@lru_cache(maxsize=4096)
def _is_english(word: str) -> bool:
    parts = _WORD.findall(word.casefold())
    return bool(parts) and all(map(_is_known, parts))


def countries_of(word: str) -> tuple[str, ...]:
    """The countries that a word such as "Chinese" refers to; none of another word."""
    return _load().demonyms.get(word.removesuffix("s").casefold()) or _load().demonyms.get(
        word.casefold(), ()
    )


def _is_known(word: str) -> bool:
    vocabulary = _load()
    if any(stem in vocabulary.words for stem in _stems(word, vocabulary.endings)):
        return True
    if len(word) >= SHORTEST_DERIVED and word.endswith(vocabulary.telling_endings):
        return True
    rests = (word.removeprefix(one) for one in vocabulary.beginnings if word.startswith(one))
    return any(
        stem in vocabulary.words
        for rest in rests
        if len(rest) > SHORTEST_STEM
        for stem in _stems(rest, vocabulary.endings)
    )


def _stems(word: str, endings: tuple[str, ...]) -> Iterator[str]:
    """The word and what it may be made of: stopped of stop, making of make, tries of try."""
    yield word
    for ending in endings:
        stem = word.removesuffix(ending)
        if stem == word or len(stem) < SHORTEST_STEM:
            continue
        yield from (stem, f"{stem}e")
        if stem[-1] == stem[-2]:
            yield stem[:-1]
        if stem.endswith("i"):
            yield f"{stem[:-1]}y"


@cache
def _load() -> _Vocabulary:
    text = files("models").joinpath("english_words.toml").read_text(encoding="utf-8")
    data = tomllib.loads(text)
    in_lexicon = {
        word
        for entry in load_lexicon().entries
        for form in (entry.en, *entry.accept)
        for word in _WORD.findall(form)
        if len(word) > 1 and word.islower()
    }
    return _Vocabulary(
        frozenset(in_lexicon | set(data["words"].split())),
        tuple(data["endings"]),
        tuple(data["telling_endings"]),
        tuple(data["beginnings"]),
        {word.casefold(): tuple(names) for word, names in data["demonyms"].items()},
    )
