"""Whether the target leaves words of its source out, or adds words of its own."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from itertools import pairwise
from math import sqrt
from typing import TypeVar

from models.english import split_english_sentences
from models.entries import Entry
from models.lexicon import TermMatch
from models.names import Name
from models.quantity_words import alternation
from models.segmenter import split_sentences

# English content words for each word of the source, by what it is: rounded between a fit to
# provincial news (the benchmark's development references and the right cases of
# tests/data/fidelity/dev.toml) and one to general text, which is said in fewer words.
PER_NAME_WORD = 0.9
PER_TERM_WORD = 0.88
PER_FIGURE = 1.2
PER_OTHER_WORD = 0.53
PER_LIGHT_WORD = 0.12
PER_SENTENCE = 0.4
# Hardly a right translation has a smaller or a larger share of its expected length, and is at
# the same time so many standard deviations off. Where names, terms and figures make up less of
# the source, the expectation is vaguer.
SHORTEST_SHARE, SHORTEST_VAGUE_SHARE, SHORTEST_DEVIATION = 0.66, 0.57, -1.1
FAMILIAR_SHARE = 0.45
FEWEST_EXPECTED = 8.5
LONGEST_SHARE, LONGEST_DEVIATION = 1.5, 1.5
MOST_BRIEF_MORE = 6.0
WHOLE_IS_SHORT, WHOLE_IS_LONG = 0.95, 1.25
# A target this short has probably dropped whole what it also lacks a term or a figure of.
SHORT_SHARE_OF_TERM = 0.87
SHORT_SHARE_OF_VALUE = 0.9
KEY_LETTERS = 5
# No segment of the news has more; bounds keep hostile input cheap.
MOST_SENTENCES, MOST_GAPS = 60, 20

_WORD = re.compile(r"[^\W_]+(?:[-'’.,:/][^\W_]+)*")
_CLAUSE_END = re.compile(
    r"(?:[,;:–—)](?=\s)|[.?!…](?=\s|$)|\s(?=\()|\s(?=(?:và|nhưng|song|rồi)\s))\s*"
)
# "1.500 ha cà phê": a measure without its thing tells a reader something else.
_MEASURE = re.compile(
    r"\d\s?(?:ha|h[eé]c-?ta|sào|tấn|tạ|kg|lít|m3|m³|con|cây|gốc|quả|lồng|bè|chiếc|tàu)\s+$",
    re.IGNORECASE,
)
_LIST_ITEM = re.compile(r"(?:,|\svà|\sgồm:?|\slà:?)\s+(?:hơn |gần |khoảng )?$")


@dataclass(frozen=True)
class Lost:
    """Words of the source that the target has nothing for, and their English where known."""

    text: str
    english: str | None = None


@dataclass(frozen=True)
class Gap:
    """A value of the source that the target lacks, at its place."""

    start: int
    end: int


_Span = TypeVar("_Span", Name, TermMatch, Gap)


@dataclass(frozen=True)
class _Words:
    light_vi: frozenset[str]
    light_en: frozenset[str]
    domains: frozenset[str]
    elidable: re.Pattern[str]


@dataclass(frozen=True)
class _Pair:
    """A part of the source from `start` to `end`, and what it was made."""

    start: int
    end: int
    target: str


@dataclass(frozen=True)
class _Length:
    """Content words expected for names, terms and figures, for the rest, and counted."""

    familiar: float
    other: float
    actual: int

    @property
    def expected(self) -> float:
        return self.familiar + self.other

    @property
    def share(self) -> float:
        return self.actual / self.expected

    @property
    def is_vague(self) -> bool:
        return self.familiar < FAMILIAR_SHARE * self.expected

    @property
    def is_short(self) -> bool:
        least = SHORTEST_VAGUE_SHARE if self.is_vague else SHORTEST_SHARE
        is_telling = self.expected >= FEWEST_EXPECTED and self._deviation < SHORTEST_DEVIATION
        return is_telling and self.share < least

    @property
    def is_long(self) -> bool:
        if self.expected < FEWEST_EXPECTED and self.actual - self.expected < MOST_BRIEF_MORE:
            return False
        return self.share > LONGEST_SHARE and self._deviation > LONGEST_DEVIATION

    @property
    def _deviation(self) -> float:
        return (self.actual - self.expected) / sqrt(max(self.expected, 1.0))


@dataclass(frozen=True)
class Content:
    """A source with what was found in it, and what its target was found to lack.

    Args:
        gaps: figures that the target lacks and has no others for.
        negation_lost: whether it also lacks a negation.
        has_strange: whether it has figures or names that the source does not have, and does
            not have them in the place of others.
    """

    source: str
    names: Sequence[Name]
    matches: Sequence[TermMatch]
    gaps: Sequence[Gap] = ()
    negation_lost: bool = False
    has_strange: bool = False


def find_omissions(content: Content, target: str) -> list[Lost]:
    """Words that the target leaves out; an empty text where only its length tells."""
    lost: list[Lost] = []
    whole = _measure(content, _Pair(0, len(content.source), target))
    for pair in _pairs(content.source, target):
        length = _measure(content, pair)
        found = [*_lost_terms(content, pair, length), *_lost_clauses(content, pair, length)]
        # Where the whole has its length, a short sentence only left its words to the next.
        if not found and length.is_short and whole.share < WHOLE_IS_SHORT:
            found = [Lost("")]
        lost += found
    return lost


def is_padded(content: Content, target: str) -> bool:
    """Whether the target has far more words than its source can have made."""
    whole = _measure(content, _Pair(0, len(content.source), target))
    if whole.share < WHOLE_IS_LONG:
        return False
    if content.has_strange:
        return True
    return any(_measure(content, pair).is_long for pair in _pairs(content.source, target))


def count_content_words(english: str) -> int:
    """Words of an English text that are more than grammar."""
    light = _load_words().light_en
    return sum(word[0].casefold() not in light for word in _WORD.finditer(english))


def _pairs(source: str, target: str) -> Iterator[_Pair]:
    """Sentences with their English where both sides have as many, else all at once."""
    left, right = split_sentences(source), split_english_sentences(target)
    if len(left) != len(right) or len(left) > MOST_SENTENCES:
        yield _Pair(0, len(source), target)
        return
    start = 0
    for one, english in zip(left, right, strict=True):
        yield _Pair(start, start + len(one), english)
        start += len(one)


def _measure(content: Content, pair: _Pair) -> _Length:
    """The content words that a usual English translation of that part has, and its own."""
    covered: set[int] = set()
    familiar = other = 0.0
    for name in _within(content.names, pair.start, pair.end):
        covered.update(range(name.start, name.end))
        familiar += PER_NAME_WORD * len(name.text.split())
    for match in _within(content.matches, pair.start, pair.end):
        if covered.isdisjoint(range(match.start, match.end)):
            covered.update(range(match.start, match.end))
            familiar += PER_TERM_WORD * _usual_words(match.entry)
    for word in _WORD.finditer(content.source, pair.start, pair.end):
        if word.start() in covered:
            continue
        if any(map(str.isdigit, word[0])):
            familiar += PER_FIGURE
        else:
            is_light = word[0].casefold() in _load_words().light_vi
            other += PER_LIGHT_WORD if is_light else PER_OTHER_WORD
    return _Length(familiar, other + PER_SENTENCE, count_content_words(pair.target))


@lru_cache(maxsize=8192)
def _usual_words(entry: Entry) -> float:
    """Content words of a term, between its full English and the shortest that is accepted."""
    counts = [count_content_words(form) for form in (entry.en, *entry.accept)]
    return (counts[0] + min(counts)) / 2


def _within(spans: Iterable[_Span], start: int, end: int) -> list[_Span]:
    return [one for one in spans if start <= one.start < end]


def _lost_terms(content: Content, pair: _Pair, length: _Length) -> Iterator[Lost]:
    """Terms for things, of which a short target has not a single word, or that are measured."""
    is_short = not length.is_vague and length.share < SHORT_SHARE_OF_TERM
    words = _load_words()
    target = _content_words(pair.target)
    for match in _within(content.matches, pair.start, pair.end):
        # Of one syllable it is often something else; several things are seldom all said.
        is_thing = " " in match.text and "," not in match.text
        is_measured = _MEASURE.search(content.source[: match.start]) is not None
        is_needed = is_thing and match.entry.domain in words.domains and (is_short or is_measured)
        if words.elidable.match(match.text):
            continue
        if is_needed and not _overlap(_form_words(match.entry), target):
            yield Lost(match.text, match.entry.en)


def _lost_clauses(content: Content, pair: _Pair, length: _Length) -> Iterator[Lost]:
    """Clauses around what is missing: of a short target, or items of a list of figures."""
    gaps = _within(content.gaps[:MOST_GAPS], pair.start, pair.end)
    for gap in gaps:
        if length.share < SHORT_SHARE_OF_VALUE or _is_list_item(content.source, gap):
            yield Lost(_clause(content.source, gap))
    if content.negation_lost and not gaps and length.share < SHORT_SHARE_OF_VALUE:
        yield Lost("")


def _clause(source: str, gap: Gap) -> str:
    bounds = [0, *(match.end() for match in _CLAUSE_END.finditer(source)), len(source)]
    for start, end in pairwise(bounds):
        if start <= gap.start < end:
            return source[start:end].strip(" ,;:.()")
    return source[gap.start : gap.end]


def _is_list_item(source: str, gap: Gap) -> bool:
    """Whether the value opens an item of a list whose other items open with figures too."""
    if not source[gap.start].isdigit() or not _LIST_ITEM.search(source[: gap.start]):
        return False
    sentence = source[source.rfind(". ", 0, gap.start) + 1 :].partition(". ")[0]
    items = re.findall(r"(?:,|\svà|\sgồm:?|\slà:?)\s+(?=\d)", sentence)
    return len(items) > 1


def _overlap(form_words: frozenset[str], target: frozenset[str]) -> bool:
    """Whether any word was rendered at all: "quake" and "vaccinated" are enough."""
    keys = {word[:KEY_LETTERS] for word in target}
    return any(
        word[:KEY_LETTERS] in keys or any(len(one) > 3 and one in word for one in target)
        for word in form_words
    )


@lru_cache(maxsize=8192)
def _form_words(entry: Entry) -> frozenset[str]:
    return frozenset().union(*(_content_words(form) for form in (entry.en, *entry.accept)))


def _content_words(english: str) -> frozenset[str]:
    light = _load_words().light_en
    words = (word[0].casefold() for word in _WORD.finditer(english.replace("-", " ")))
    return frozenset(word.removesuffix("s") for word in words if word not in light)


@cache
def _load_words() -> _Words:
    text = files("models").joinpath("omission.toml").read_text(encoding="utf-8")
    data = tomllib.loads(text)
    return _Words(
        frozenset(data["light"]["vi"]),
        frozenset(data["light"]["en"]),
        frozenset(data["terms"]["domains"]),
        re.compile(rf"{alternation(data['terms']['elidable'])}(?!\w)", re.IGNORECASE),
    )
