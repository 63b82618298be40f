"""What the model is given at once: parts of a segment, and what was found in each."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from models.errors import InputTooLong
from models.fidelity import Issue, IssueKind
from models.given_names import find_given_names, find_mentions
from models.hints import Hint, find_hints
from models.lexicon import Lexicon, TermMatch
from models.names import Name, find_names, fold_diacritics
from models.prompts import instructions
from models.segmenter import split_long, split_sentences

# Pairs of sentences beat single ones with an instructed model, and lose nothing; of whole
# paragraphs of four it leaves sentences out (`diemtin bench units`). Models made for
# translation were trained on single ones.
SENTENCES_AT_ONCE = 2
SEGMENT_LIMIT = 600
FEWEST_ENTRIES = 3
MOST_ENTRY_WORDS = 6

_ENTRY = re.compile(r"[^,]+,?")


@dataclass(frozen=True)
class Piece:
    """A source text with the terms and names that were found in it."""

    source: str
    matches: tuple[TermMatch, ...]
    names: tuple[Name, ...]

    @cached_property
    def hints(self) -> tuple[Hint, ...]:
        """The English that is known of its terms, names and figures: for a model that is told."""
        return find_hints(self.source, self.matches, self.names)


@dataclass(frozen=True)
class Reader:
    """Reads the segments of one item, with what is known of all of it.

    Args:
        lexicon: its terms are looked for.
        given_names: of people whom the item names in full in another segment.
    """

    lexicon: Lexicon
    given_names: frozenset[str] = frozenset()

    def read(self, source: str) -> Piece:
        """Find the terms and names of a source."""
        matches = tuple(self.lexicon.find(source))
        names = find_names(source, matches)
        taken = [(one.start, one.end) for one in names]
        taken += [(one.start, one.end) for one in matches]
        mentions = find_mentions(source, self.given_names | find_given_names(names), taken)
        if mentions:
            names = tuple(sorted((*names, *mentions), key=lambda name: name.start))
        return Piece(source, matches, names)


def instruct(piece: Piece, issues: Sequence[Issue] = ()) -> str:
    """The instruction for a piece; after a failed attempt, with what was wrong stated."""
    texts = instructions("translate")
    lines = "\n".join(f"{hint.source} = {hint.target}" for hint in piece.hints)
    terms = texts["terms"].format(terms=lines) if lines else ""
    return texts["instruction"] + terms + _demands(piece, issues)


def _demands(piece: Piece, issues: Sequence[Issue]) -> str:
    """What a second attempt must and must not contain, in English where that is known."""
    texts = instructions("translate")
    lost = [one for one in issues if one.target_value is None and one.source_value]
    required = [
        one.wanted or _english_of(one.source_value or "", piece)
        for one in lost
        if one.wanted or one.kind is not IssueKind.OMISSION
    ]
    left_out = [
        one.source_value or ""
        for one in issues
        if one.kind is IssueKind.OMISSION and not one.wanted
    ]
    forbidden = [one.target_value for one in issues if one.target_value]
    demands = ""
    if required:
        demands += texts["again"].format(required="; ".join(required))
    if forbidden:
        demands += texts["without"].format(forbidden="; ".join(forbidden))
    if left_out:
        demands += texts["whole"]
    if any(left_out):
        demands += texts["clauses"].format(clauses="; ".join(filter(None, left_out)))
    return demands


def _english_of(value: str, piece: Piece) -> str:
    """The English that the hints give for a value of the source, or the value itself."""
    exact = next((hint.target for hint in piece.hints if hint.source == value), None)
    within = next((hint.target for hint in piece.hints if value in hint.source), None)
    return exact or within or fold_diacritics(value)


def split_parts(segment: str, most_sentences: int, limit: int = SEGMENT_LIMIT) -> list[str]:
    """Split into sentences, packed up to so many at once and up to the limit in characters.

    The limit is a wish: what has no space to split at, such as a long address of a web
    page, stays whole, and the engine says whether it fits.
    """
    sentences = [
        part for sentence in split_sentences(segment) for part in _split_gently(sentence, limit)
    ]
    parts: list[list[str]] = []
    for sentence in sentences:
        fits = parts and sum(map(len, parts[-1])) + len(sentence) <= limit
        if fits and len(parts[-1]) < most_sentences:
            parts[-1].append(sentence)
        else:
            parts.append([sentence])
    return ["".join(part) for part in parts]


def _split_gently(sentence: str, limit: int) -> list[str]:
    try:
        return split_long(sentence, limit)
    except InputTooLong:
        return [sentence]


def split_list(segment: str) -> list[str]:
    """The entries of a list of keywords, each with its comma; nothing of what is no list."""
    entries = [one for one in _ENTRY.findall(segment) if one.strip()]
    is_list = len(entries) >= FEWEST_ENTRIES and all(
        len(one.split()) <= MOST_ENTRY_WORDS for one in entries
    )
    return entries if is_list else []


def split_halves(segment: str) -> list[str]:
    """Split what exceeds the model's window.

    Raises:
        InputTooLong: there is no space to split at.
    """
    return split_long(segment, max(1, len(segment) // 2))
