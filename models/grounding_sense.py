"""Statements of a summary that turn the sense of its item: direction, outcome, denial."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import combinations
from typing import Any

from models.attribution import supporting_paragraphs
from models.english import split_english_sentences
from models.grounding_item import MOST_SENTENCES, Item, Told
from models.negation import compare_negation
from models.quantities import Quantity, find_quantities_en
from models.quantity_types import QuantityKind

WORDS_DENIED = 2
WORDS_BEFORE = 4
MOST_RATIO_ERROR = 0.05

_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_CLAUSE_END = re.compile(r"[,;:.()\"“”]\s")
_MOVING = {QuantityKind.NUMBER, QuantityKind.MONEY, QuantityKind.PERCENT}


@dataclass(frozen=True)
class _Claim:
    """Words of a summary, and the words of an item that bear them out."""

    claims: re.Pattern[str]
    en: re.Pattern[str]
    vi: re.Pattern[str]
    times: int = 0


@dataclass(frozen=True)
class _Words:
    events: tuple[_Claim, ...]
    multiples: tuple[_Claim, ...]
    ways: tuple[_Claim, _Claim]
    denies: re.Pattern[str]
    denied: re.Pattern[str]


def turned_statements(summary: str, item: Item) -> list[str]:
    """Words of the summary that the item contradicts or has no ground for."""
    sentences = split_english_sentences(summary)[:MOST_SENTENCES]
    return [
        *_unfounded_events(summary, item),
        *(one for sentence in sentences for one in _turned_figures(sentence, item)),
        *(one for sentence in sentences for one in _unfounded_multiples(sentence, item)),
        *(one for sentence in sentences for one in _unfounded_denials(sentence, item)),
    ]


def _unfounded_events(summary: str, item: Item) -> Iterator[str]:
    for event in _load().events:
        found = event.claims.search(summary)
        if found and not (event.en.search(item.target) or event.vi.search(item.source)):
            yield found.group()


def _turned_figures(sentence: str, item: Item) -> Iterator[str]:
    """Figures that rise in the summary and only fall in the item, or the other way round."""
    figures = find_quantities_en(sentence)
    for one, before in zip(figures, [None, *figures], strict=False):
        if one.kind not in _MOVING or one.optional:
            continue
        start = before.end if before else 0
        way = _way_before(sentence[start : one.start])
        if way is None:
            continue
        same, other, words = way
        if _is_turned(one, same, other, item):
            yield f"{words}{one.text}"


def _way_before(text: str) -> tuple[_Claim, _Claim, str] | None:
    """The last word for a direction close before a figure, with the other direction."""
    clause = _CLAUSE_END.split(text)[-1]
    words = list(_WORD.finditer(clause))[-WORDS_BEFORE:]
    near = clause[words[0].start() :] if words else ""
    up, down = _load().ways
    rises, falls = list(up.claims.finditer(near)), list(down.claims.finditer(near))
    if bool(rises) == bool(falls):
        return None
    first = (rises or falls)[-1].start()
    return (up, down, near[first:]) if rises else (down, up, near[first:])


def _is_turned(figure: Quantity, same: _Claim, other: _Claim, item: Item) -> bool:
    english = _holding(item.in_target, figure)
    if not english or any(same.en.search(text) for text in english):
        return False
    vietnamese = _holding(item.in_source, figure)
    return all(other.en.search(text) for text in english) and not any(
        same.vi.search(text) for text in vietnamese
    )


def _holding(lines: Sequence[Told], figure: Quantity) -> list[str]:
    return [line.text for line in lines if line.holds(figure)]


def _unfounded_multiples(sentence: str, item: Item) -> Iterator[str]:
    for multiple in _load().multiples:
        found = multiple.claims.search(sentence)
        if (
            found
            and not multiple.en.search(item.target)
            and not multiple.vi.search(item.source)
            and not _has_ratio(multiple.times, item)
        ):
            yield found.group()


def _has_ratio(times: int, item: Item) -> bool:
    """Whether two figures of one sentence are in that ratio, so that it can be worked out."""
    return any(
        abs(max(pair) - times * min(pair)) <= MOST_RATIO_ERROR * max(pair)
        for line in (*item.in_target, *item.in_source)
        for pair in combinations(_values(line), 2)
    )


def _values(line: Told) -> list[float]:
    atoms = {
        atom
        for one in line.measured
        if one.quantity.kind in _MOVING and not one.quantity.optional
        for reading in one.quantity.readings
        for atom in reading
        if atom.kind is QuantityKind.NUMBER
    }
    return [float(str(atom.value)) for atom in atoms if float(str(atom.value)) > 0]


def _unfounded_denials(sentence: str, item: Item) -> Iterator[str]:
    """A denial where neither the source nor the English of what supports the sentence denies."""
    words = _load()
    found = words.denies.search(re.sub(r"\bNos?\.?\s?(?=\d)", "", sentence))
    if not found:
        return
    support = set(supporting_paragraphs(sentence, item.sentence_pairs))
    told = [one for one in item.sentence_pairs if one.id in support]
    source = "\n".join(one.source for one in told)
    if not told or any(words.denied.search(one.target) for one in told):
        return
    if compare_negation(source, sentence).invented:
        after = _WORD.findall(sentence[found.end() :])[:WORDS_DENIED]
        yield " ".join((found.group(), *after))


@cache
def _load() -> _Words:
    text = files("models").joinpath("grounding_sense.toml").read_text(encoding="utf-8")
    data = tomllib.loads(text)
    return _Words(
        events=tuple(_claim(row, row["claims"]) for row in data["events"]),
        multiples=tuple(_claim(row, row["claims"]) for row in data["multiples"]),
        ways=(_claim(data["up"], data["up"]["en"]), _claim(data["down"], data["down"]["en"])),
        denies=_one_of(data["negation"]["claims"]),
        denied=_one_of(data["negation"]["en"]),
    )


def _claim(row: dict[str, Any], claims: Iterable[str]) -> _Claim:
    return _Claim(_one_of(claims), _one_of(row["en"]), _one_of(row["vi"]), row.get("times", 0))


def _one_of(words: Iterable[str]) -> re.Pattern[str]:
    """A pattern of whole words; a star is any ending, and "n't" ends a word."""
    parts = [
        ("" if word == "n't" else r"(?<!\w)")
        + re.escape(word).replace("'", "['’]").replace(r"\*", r"\w*")
        for word in sorted(words, key=len, reverse=True)
    ]
    return re.compile(rf"(?:{'|'.join(parts)})(?!\w)", re.IGNORECASE)
