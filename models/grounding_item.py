"""An item as the checks of its summary read it: both languages, whole and by sentences."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from models.attribution import Paragraph
from models.coined_names import coined_names
from models.english import split_english_sentences
from models.gazetteer_finder import find_places
from models.lexicon import Entry, load_lexicon
from models.name_finder import Name, find_names, fold_diacritics
from models.quantities import Quantity, find_quantities_en, find_quantities_vi
from models.quantity_types import Reading
from models.quantity_units import Measured, measure_en, measure_vi
from models.segmenter import split_sentences

# Sentences of a summary that are held against the whole item one by one; none has so many.
MOST_SENTENCES = 60

_LETTERS = re.compile(r"[^\W\d_]+(?:['’ʼ][^\W\d_]+)*")
_LEVEL = re.compile(r"\s+(?:province|city)$", re.IGNORECASE)
_APOSTROPHES = str.maketrans("’ʼ", "''")
_POSSESSIVE = re.compile(r"['’]s?$")


@dataclass(frozen=True)
class Told:
    """A sentence of the item and the figures in it."""

    text: str
    measured: tuple[Measured, ...]

    def holds(self, quantity: Quantity) -> bool:
        """Whether the sentence has the figure, alone or as an end of a range."""
        return bool(self.same(quantity))

    def same(self, quantity: Quantity) -> list[Measured]:
        """The figures of the sentence that are this one or hold it."""
        return [
            one
            for one in self.measured
            if any(mine <= theirs for mine in quantity.readings for theirs in one.quantity.readings)
        ]


class Item:
    """The texts of an item, and what is found in them, each once."""

    def __init__(self, paragraphs: Sequence[Paragraph]) -> None:
        """Read the paragraphs; nothing is searched before it is asked for."""
        self.paragraphs = tuple(paragraphs)
        self.source = unicodedata.normalize("NFC", "\n".join(one.source for one in paragraphs))
        self.target = "\n".join(one.target for one in paragraphs)

    @cached_property
    def names(self) -> tuple[Name, ...]:
        """The proper names of the source."""
        return find_names(self.source)

    @cached_property
    def name_words(self) -> frozenset[str]:
        """The keys of the words of those names."""
        return frozenset(key for name in self.names for key in name.folded.casefold().split())

    @cached_property
    def in_source(self) -> tuple[Told, ...]:
        """The sentences of the source."""
        lines = self.source.splitlines()
        return tuple(
            Told(one, tuple(measure_vi(one, find_quantities_vi(one))))
            for line in lines
            for one in split_sentences(line)
        )

    @cached_property
    def in_target(self) -> tuple[Told, ...]:
        """The sentences of the translation."""
        return tuple(
            Told(one, tuple(measure_en(one, find_quantities_en(one))))
            for one in split_english_sentences(self.target)
        )

    @cached_property
    def sentence_pairs(self) -> tuple[Paragraph, ...]:
        """Sentences with their translations, numbered, where both sides have as many of them."""
        pairs = (pair for one in self.paragraphs for pair in _pairs(one))
        return tuple(Paragraph(number, *pair) for number, pair in enumerate(pairs))

    @cached_property
    def figures(self) -> tuple[Quantity, ...]:
        """The figures of source and translation, each text read as a whole."""
        return (*find_quantities_vi(self.source), *find_quantities_en(self.target))

    @cached_property
    def target_readings(self) -> frozenset[Reading]:
        """Every reading of the translation's figures."""
        return frozenset(
            reading for one in find_quantities_en(self.target) for reading in one.readings
        )

    @cached_property
    def terms(self) -> tuple[Entry, ...]:
        """The lexicon's entries for the terms of the source."""
        return tuple(dict.fromkeys(match.entry for match in load_lexicon().find(self.source)))

    @cached_property
    def words(self) -> frozenset[str]:
        """Keys of the words of both languages, and of all English for the source's terms."""
        return frozenset(word_keys((self.target, self.source, *self._terms_english)))

    @cached_property
    def capitalised(self) -> frozenset[str]:
        """Keys of the words that stand with a capital somewhere."""
        texts = (self.target, self.source)
        found = (match[0] for text in texts for match in _LETTERS.finditer(text))
        return frozenset(key_of(word) for word in found if word[0].isupper())

    @cached_property
    def coined(self) -> frozenset[str]:
        """Keys of the words that the translation spells as names and no language has."""
        found = (
            coined_names(one.source, one.target, (*self._terms_english, *one.own_terms))
            for one in self.paragraphs
        )
        return frozenset(word_keys(name for names in found for name in names))

    @cached_property
    def _terms_english(self) -> tuple[str, ...]:
        return tuple(form for entry in self.terms for form in (entry.en, *entry.accept))

    @cached_property
    def provinces(self) -> frozenset[str]:
        """Keys of the provinces of today that the places of the source lie in, told or not."""
        around = [{one.province_today for one in place.units} for place in find_places(self.source)]
        names = (one.pop() for one in around if len(one) == 1)
        return frozenset(key_of(_LEVEL.sub("", name)) for name in names if name)

    @cached_property
    def running(self) -> str:
        """Keys of all words between spaces, with a bar wherever words are not neighbours."""
        return "\n".join(running_keys(text) for text in (self.target, self.source))


def _pairs(paragraph: Paragraph) -> list[tuple[str, str]]:
    sources = split_sentences(paragraph.source)
    targets = split_english_sentences(paragraph.target)
    if len(sources) != len(targets):
        return [(paragraph.source, paragraph.target)]
    return list(zip(sources, targets, strict=True))


@lru_cache(maxsize=4)
def _read(paragraphs: tuple[Paragraph, ...]) -> Item:
    return Item(paragraphs)


def read_item(paragraphs: Sequence[Paragraph]) -> Item:
    """The item of the paragraphs; a summary is checked piece by piece against the same one."""
    return _read(tuple(paragraphs))


def key_of(word: str) -> str:
    """A word without case, diacritics and possessive ending."""
    return _POSSESSIVE.sub(
        "", fold_diacritics(unicodedata.normalize("NFC", word)).casefold()
    ).translate(_APOSTROPHES)


def word_keys(texts: Iterable[str]) -> Iterable[str]:
    """The keys of the words of texts."""
    return (key_of(match[0]) for text in texts for match in _LETTERS.finditer(text))


def running_keys(text: str) -> str:
    """The keys of a text's words between spaces; a bar parts what only a sign joins."""
    parts = ["|"]
    end = 0
    for match in _LETTERS.finditer(text):
        if text[end : match.start()].strip(" \t\u00a0-–") or "\n" in text[end : match.start()]:
            parts.append("|")
        parts.append(key_of(match[0]))
        end = match.end()
    return f" {' '.join(parts)} | "
