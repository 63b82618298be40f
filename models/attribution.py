"""Which paragraphs of an item support a sentence about it."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

MOST_PARAGRAPHS = 3
LEAST_GAIN = 0.15

_TERM = re.compile(r"\w+(?:[.,/:-]\w+)*")


@dataclass(frozen=True)
class Paragraph:
    """One translated paragraph of an item; `id` is its element's.

    `own_terms` is the English of the user's own terms that stands in the target.
    """

    id: int
    source: str
    target: str
    own_terms: tuple[str, ...] = ()


def supporting_paragraphs(sentence: str, paragraphs: Sequence[Paragraph]) -> tuple[int, ...]:
    """Return the ids of the paragraphs that together hold most of the sentence's words.

    Words weigh by inverse document frequency over the paragraphs; paragraphs are taken
    greedily while each adds at least 15% of the sentence's weight. At least one id comes
    back for a sentence that shares a word with the item.
    """
    terms = [_terms(paragraph.target) for paragraph in paragraphs]
    weights = _weights(_terms(sentence), terms)
    total = sum(weights.values())
    chosen: list[int] = []
    left = dict(weights)
    while total and len(chosen) < MOST_PARAGRAPHS:
        gains = [sum(left.get(term, 0.0) for term in one) for one in terms]
        best = max(range(len(gains)), key=gains.__getitem__)
        if gains[best] == 0 or (chosen and gains[best] < LEAST_GAIN * total):
            break
        chosen.append(best)
        left = {term: weight for term, weight in left.items() if term not in terms[best]}
    return tuple(paragraphs[index].id for index in chosen)


def _terms(text: str) -> set[str]:
    return {stem_word(match.group().casefold()) for match in _TERM.finditer(text)}


def stem_word(word: str) -> str:
    """Strip the commonest English endings, enough to match "visits" with "visited"."""
    for ending in ("ing", "ed", "es", "s"):
        if word.endswith(ending) and len(word) > len(ending) + 3:
            return word[: -len(ending)]
    return word


def _weights(sentence: set[str], documents: Sequence[set[str]]) -> dict[str, float]:
    frequency = Counter(term for document in documents for term in document)
    return {
        term: math.log(1 + len(documents) / frequency[term])
        for term in sorted(sentence)
        if frequency[term]
    }
