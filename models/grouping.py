"""Long texts in groups that fit a model's window, without losing a word."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from models.errors import InputTooLong
from models.segmenter import split_long

Measure = Callable[[Sequence[str]], list[int]]
Split = Callable[[str], list[str]]


@dataclass(frozen=True)
class _Piece:
    text: str
    tokens: int


def group_texts(texts: Sequence[str], room: int, measure: Measure, split: Split) -> list[str]:
    """Join neighbouring texts into groups of at most `room` tokens, of about one size.

    A text that alone exceeds the room goes by the sentences that `split` finds, a sentence
    by its words.

    Raises:
        InputTooLong: one character alone exceeds the room.
    """
    told = [text for text in texts if text.strip()]
    if not told:
        return []
    whole = " ".join(told)
    tokens, frame = measure([whole, ""])  # what stands around every text, however short
    if tokens <= room:
        return [whole]
    pieces = [
        replace(piece, tokens=piece.tokens - frame)
        for piece in _fitting(told, room, measure, split)
    ]
    return list(_joined(_pack_evenly(pieces, room - frame), room, measure))


def _fitting(texts: Sequence[str], room: int, measure: Measure, split: Split) -> Iterator[_Piece]:
    for text, tokens in zip(texts, measure(texts), strict=True):
        if tokens <= room:
            yield _Piece(text, tokens)
            continue
        sentences = split(text)
        smaller = sentences if len(sentences) > 1 else _cut(text, room, tokens)
        yield from _fitting(smaller, room, measure, split)


def _cut(sentence: str, room: int, tokens: int) -> list[str]:
    """Pieces of a sentence, at its spaces where it has any; none is as long as it."""
    text = sentence.strip()
    limit = min(len(text) - 1, len(text) * room // tokens)
    if limit < 1:
        raise InputTooLong(
            f"Not even one character fits into the model's window of {room} tokens; "
            "choose a summarizer with a longer one."
        )
    try:
        return [piece.strip() for piece in split_long(text, limit) if piece.strip()]
    except InputTooLong:
        return textwrap.wrap(text, limit, break_on_hyphens=False)


def _pack_evenly(pieces: Sequence[_Piece], room: int) -> list[list[_Piece]]:
    """As few groups as the room allows, the fullest of them as small as can be.

    A last group of one short paragraph would leave a summarizer with next to nothing to
    summarise, and it would make the rest up.
    """
    fewest = len(_pack(pieces, room))
    low, high = 0, room
    while low < high:
        middle = (low + high) // 2
        if len(_pack(pieces, middle)) > fewest:
            low = middle + 1
        else:
            high = middle
    return _pack(pieces, low)


def _pack(pieces: Sequence[_Piece], limit: int) -> list[list[_Piece]]:
    groups: list[list[_Piece]] = []
    size = 0
    for piece in pieces:
        size += piece.tokens
        if not groups or size > limit:
            groups.append([])
            size = piece.tokens
        groups[-1].append(piece)
    return groups


def _joined(groups: Sequence[Sequence[_Piece]], room: int, measure: Measure) -> Iterator[str]:
    """The groups as texts; one that grew beyond the room by being joined is parted again."""
    texts = [" ".join(piece.text for piece in group) for group in groups]
    for group, text, tokens in zip(groups, texts, measure(texts), strict=True):
        if tokens <= room or len(group) == 1:
            yield text
        else:
            half = len(group) // 2
            yield from _joined([group[:half], group[half:]], room, measure)
