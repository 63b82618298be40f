"""The text of a news item -> its elements, losing no character.

The space around an element is a `space` element of its own; only a dateline keeps the space after
its dash ("(GLO)- "), as it belongs to the lead's line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from service.article import Article, Element, Kind
from service.newslines import (
    ends_sentence,
    find_credit,
    is_attribution,
    is_bullet,
    is_furniture,
    is_image,
    is_lone_dateline,
    is_names,
    is_published,
    is_tags,
    is_tags_label,
    match_dateline,
)
from service.textlines import Line, join_wrapped, split_lines

_MOST_HEADLINE = 200
_MOST_SECTION_WORDS = 2
_MOST_HEADING = 110
_MOST_HEADING_WORDS = 20
_MOST_CAPTION = 500  # a longer line that ends in a credit is a paragraph
_MOST_BARE_CAPTION = 300  # after an image's name, in a text with blank lines between paragraphs
_MOST_TIGHT_CAPTION = 170  # the same where nothing separates the paragraphs
_MOST_SIGNATURES = 3
_MOST_SIGNATURE = 80
_QUOTED = re.compile('[“"][^“”"]*(?:[”"],|,[”"])')  # speech and its speaker: no heading
_END_SIGNATURE = re.compile(r"(?:\s(?=\((?:Theo|Nguồn)\b)|\./\.\s+)(?P<sign>[^\n.]{2,60})\.?$")


@dataclass(frozen=True)
class _Piece:
    kind: Kind
    start: int
    end: int


def _is_bare_caption(line: Line, tight: bool) -> bool:
    """Whether a line below an image's name, with no credit, describes the image."""
    if line.after_blank:
        return len(line.text) <= _MOST_TIGHT_CAPTION and not ends_sentence(line.text)
    return len(line.text) <= (_MOST_TIGHT_CAPTION if tight else _MOST_BARE_CAPTION)


def _kind_apart(line: Line, above: Kind | None, tight: bool) -> Kind | None:
    """The kind of a line that shows it by itself, or by standing below an image."""
    if is_image(line.text):
        return Kind.IMAGE
    if is_furniture(line.text):
        return Kind.FURNITURE
    if is_tags(line.text):
        return Kind.TAGS
    below_image = above in (Kind.IMAGE, Kind.CAPTION) and not line.after_blank
    credit = find_credit(line.text, below_image)
    if credit is not None:
        return _kind_credited(line.text, credit)
    if above is Kind.IMAGE and not match_dateline(line.text) and _is_bare_caption(line, tight):
        return Kind.CAPTION
    return None


def _kind_credited(text: str, credit: int) -> Kind | None:
    if credit == 0:
        return Kind.CREDIT
    return Kind.CAPTION if len(text) <= _MOST_CAPTION else None


def _mark_apart(lines: list[Line]) -> list[Line]:
    tight = sum(line.after_blank for line in lines) <= 1 + len(lines) // 10
    marked: list[Line] = []
    above: Kind | None = None
    for line in lines:
        line = replace(line, kind=_kind_apart(line, above, tight))
        if line.kind is Kind.CREDIT and not line.after_blank and marked:
            marked[-1] = _caption_above(marked[-1])
        above = line.kind
        marked.append(line)
    return _mark_keywords(marked)


def _caption_above(line: Line) -> Line:
    """The line above a credit that has a line to itself: a caption, unless it is too long."""
    fits = line.kind is None and len(line.text) <= _MOST_TIGHT_CAPTION
    return replace(line, kind=Kind.CAPTION) if fits else line


def _mark_keywords(lines: list[Line]) -> list[Line]:
    """Mark the keywords below a label that stands alone."""
    label = next((at for at, line in enumerate(lines) if is_tags_label(line.text)), len(lines))
    short = all(
        len(line.text) <= _MOST_HEADING and not ends_sentence(line.text)
        for line in lines[label + 1 :]
    )
    if not short:
        return lines
    return lines[:label] + [replace(line, kind=Kind.TAGS) for line in lines[label:]]


def _is_headlike(text: str, first: bool) -> bool:
    """Whether a line above the lead is no part of it: short, and no sentence, or a question."""
    if is_published(text):
        return True
    if len(text) > _MOST_HEADLINE or match_dateline(text):
        return False
    if is_attribution(text) or is_names(text):
        return True
    return not ends_sentence(text) or (first and text.endswith(("?", "!")))


def _mark_head(lines: list[Line]) -> list[Line]:
    """Mark everything down to the lead."""
    texts = [at for at, line in enumerate(lines) if line.kind is None]
    head = 0
    while head < len(texts) and _is_headlike(lines[texts[head]].text, head == 0):
        head += 1
    kinds = _name_head([lines[at].text for at in texts[:head]])
    if head == len(texts):
        kinds = _find_late_lead(kinds)
    else:
        kinds += _name_lead([lines[at].text for at in texts[head : head + 4]])
    marked = list(lines)
    for at, kind in zip(texts, kinds, strict=False):
        marked[at] = replace(lines[at], kind=kind)
    return marked


def _name_lead(texts: list[str]) -> list[Kind]:
    """A dateline may have a line to itself above the lead, and the byline may stand below it."""
    alone = is_lone_dateline(texts[0]) or match_dateline(texts[0]) == len(texts[0])
    kinds = [Kind.DATELINE, Kind.LEAD] if alone and len(texts) > 1 else [Kind.LEAD]
    below = texts[len(kinds) :]
    if len(below) > 1 and (is_names(below[0]) or is_attribution(below[0])):
        kinds.append(Kind.BYLINE)
    return kinds


def _find_late_lead(kinds: list[Kind]) -> list[Kind]:
    """Let the last short line be the lead of an item that has no sentence."""
    for at in range(len(kinds) - 1, -1, -1):
        if kinds[at] in (Kind.HEADING, Kind.HEADLINE):
            return [*kinds[:at], Kind.LEAD, *kinds[at + 1 :]]
    return kinds


def _name_head(texts: list[str]) -> list[Kind]:
    kinds = [_kind_of_head(text) for text in texts]
    # Two names, one above the other: the first is a headline in capitals, not a person.
    if (
        kinds[:2] == [Kind.BYLINE, Kind.BYLINE]
        and Kind.HEADLINE not in kinds
        and texts[0].isupper()
    ):
        kinds[0] = Kind.HEADLINE
    candidates = [at for at, kind in enumerate(kinds) if kind is Kind.HEADLINE]
    # A section's name above the headline has two words: "Trang chủ", "Xã hội".
    long = (at for at in candidates if len(texts[at].split()) > _MOST_SECTION_WORDS)
    headline = next(long, candidates[0] if candidates else None)
    return [
        Kind.HEADING if kind is Kind.HEADLINE and at != headline else kind
        for at, kind in enumerate(kinds)
    ]


def _kind_of_head(text: str) -> Kind:
    if is_lone_dateline(text) or is_published(text):
        return Kind.DATELINE
    return Kind.BYLINE if is_attribution(text) or is_names(text) else Kind.HEADLINE


def _mark_signatures(lines: list[Line]) -> list[Line]:
    """Mark the names and sources below the last paragraph."""
    marked = list(lines)
    found = 0
    for at in range(len(lines) - 1, -1, -1):
        text = lines[at].text
        if lines[at].kind is not None:
            continue
        if found == _MOST_SIGNATURES or not (is_attribution(text) or is_names(text)):
            break
        marked[at] = replace(lines[at], kind=Kind.SIGNATURE)
        found += 1
    return marked


def _looks_like_heading(text: str) -> bool:
    return (
        len(text) <= _MOST_HEADING
        and len(text.split()) <= _MOST_HEADING_WORDS
        and not is_bullet(text)
        and not ends_sentence(text)
        and not _QUOTED.match(text)
    )


def _mark_body(lines: list[Line]) -> list[Line]:
    """Mark what is left: a short line just above a paragraph is its heading."""
    marked = list(lines)
    below_is_text = False
    for at in range(len(lines) - 1, -1, -1):
        if lines[at].kind is not None:
            continue
        short = _looks_like_heading(lines[at].text)
        heading = short and below_is_text
        marked[at] = replace(lines[at], kind=Kind.HEADING if heading else Kind.PARAGRAPH)
        below_is_text = not short
    return marked


def _find_tail(line: Line, last: bool) -> tuple[int, Kind] | None:
    """Where a credit or a signature begins that shares a line with the text before it."""
    if line.kind not in (Kind.CAPTION, Kind.LEAD, Kind.PARAGRAPH):
        return None
    credit = find_credit(line.text, after_image=line.kind is Kind.CAPTION)
    if credit is not None:
        return credit, Kind.CREDIT
    offset = max(0, len(line.text) - _MOST_SIGNATURE)
    signature = _END_SIGNATURE.search(line.text, offset) if last else None
    if signature is None or not (is_attribution(signature["sign"]) or is_names(signature["sign"])):
        return None
    return signature.start("sign"), Kind.SIGNATURE


def _cut_line(line: Line, last: bool) -> Iterator[_Piece]:
    """The dateline, the text, and the credit or signature of one line, those that it has."""
    kind = line.kind or Kind.PARAGRAPH
    start, end = line.start, line.end
    dateline = match_dateline(line.text) if kind is Kind.LEAD else 0
    if 0 < dateline < len(line.text):
        yield _Piece(Kind.DATELINE, start, start + dateline)
        start += dateline
    tail = _find_tail(line, last)
    if tail and line.start + tail[0] > start:
        yield _Piece(kind, start, start + len(line.text[start - line.start : tail[0]].rstrip()))
        yield _Piece(tail[1], line.start + tail[0], end)
    else:
        yield _Piece(kind, start, end)


def _fill_space(pieces: Iterator[_Piece], length: int) -> Iterator[_Piece]:
    """The pieces with those between them, so that nothing of the source is left out."""
    at = 0
    for piece in pieces:
        if piece.start > at:
            yield _Piece(Kind.SPACE, at, piece.start)
        yield piece
        at = piece.end
    if at < length:
        yield _Piece(Kind.SPACE, at, length)


def _place(source: str) -> list[Line]:
    lines = _mark_apart(join_wrapped(source, split_lines(source)))
    return _mark_body(_mark_signatures(_mark_head(lines)))


def parse_article(source: str) -> Article:
    """The elements of a normalised text; joined, they are that text again."""
    lines = _place(source)
    text_ends = [line.end for line in lines if line.kind in (Kind.LEAD, Kind.PARAGRAPH)]
    last = text_ends[-1] if text_ends else 0
    cut = (piece for line in lines for piece in _cut_line(line, line.end == last))
    pieces = _fill_space(cut, len(source))
    return Article(
        tuple(
            Element(at, piece.kind, source[piece.start : piece.end], piece.start, piece.end)
            for at, piece in enumerate(pieces)
        ),
        source,
    )
