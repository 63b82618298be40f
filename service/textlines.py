"""A text -> its lines, those that were hard-wrapped joined again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

from service.article import Kind
from service.newslines import (
    ends_in_stop,
    ends_sentence,
    find_credit,
    is_attribution,
    is_bullet,
    is_furniture,
    is_image,
    is_names,
    is_tags,
)

_WRAP_LEAST, _WRAP_MOST = 50, 120  # characters in a line of hard-wrapped text
_MOST_CREDIT_REST = 30


@dataclass(frozen=True)
class Line:
    """A line, or several that were hard-wrapped, without the space around it."""

    text: str
    start: int
    after_blank: bool
    kind: Kind | None = None  # None: running text, not yet placed

    @property
    def end(self) -> int:
        """Where in the source the line ends."""
        return self.start + len(self.text)


def split_lines(source: str) -> list[Line]:
    """The lines that have anything on them, without the space around it."""
    lines: list[Line] = []
    offset, blank = 0, True
    for raw in source.split("\n"):
        text = raw.strip()
        if text:
            lines.append(Line(text, offset + len(raw) - len(raw.lstrip()), blank))
        blank = not text
        offset += len(raw) + 1
    return lines


def _is_apart(text: str) -> bool:
    """Whether the line is a thing of its own, never a part of running text."""
    return (
        is_image(text)
        or is_furniture(text)
        or is_tags(text)
        or is_attribution(text)
        or is_names(text)
        or find_credit(text) is not None
    )


def _continues(line: Line, following: Line) -> bool:
    """Whether the next line goes on in small letters where this one was broken."""
    return (
        _WRAP_LEAST <= len(line.text) <= _WRAP_MOST
        and not following.after_blank
        and following.text[0].islower()
        and not ends_in_stop(line.text)
        and not _is_apart(line.text)
        and not is_image(following.text)
    )


def _is_same_paragraph(line: Line, following: Line, width: int) -> bool:
    """Whether a line that is full goes on in the next, as its end and the next line's show."""
    if not ends_in_stop(line.text):
        return not (ends_sentence(line.text) and is_bullet(following.text))
    heading = len(following.text) < width // 2 and not ends_in_stop(following.text)
    return not heading and not is_bullet(following.text)


def _splits_credit(line: Line, following: Line) -> bool:
    """Whether a photo credit was broken: "... Ảnh: Minh", "Khuê"."""
    short = len(following.text) <= _MOST_CREDIT_REST
    return short and find_credit(f"{line.text} {following.text}") is not None


def _fills(line: Line, following: Line, width: int) -> bool:
    """Whether the next line's first word did not fit into this line any more."""
    word = following.text.split(maxsplit=1)[0]
    return (
        not following.after_blank
        and len(line.text) <= width < len(line.text) + 1 + len(word)
        and not is_image(following.text)
        and (_splits_credit(line, following) or not _is_apart(line.text))
        and _is_same_paragraph(line, following, width)
    )


def _measure_width(pairs: list[tuple[Line, Line]], joined: list[bool]) -> int:
    """The length of the longest line in hard-wrapped text; 0 where nothing is wrapped."""
    beside = zip(joined, [False, *joined], strict=False)
    lengths = (len(line.text) for (line, _), near in zip(pairs, beside, strict=True) if any(near))
    return max((length for length in lengths if length <= _WRAP_MOST), default=0)


def _goes_on(line: Line, following: Line, width: int, spaced: bool) -> bool:
    # Without blank lines a full line that ends in a stop may well end its paragraph: to split a
    # paragraph between sentences harms less than to join two.
    return (spaced or not ends_in_stop(line.text)) and _fills(line, following, width)


def join_wrapped(source: str, lines: list[Line]) -> list[Line]:
    """The lines, a hard-wrapped paragraph's as one, with its line ends in it."""
    pairs = list(pairwise(lines))
    joined = [_continues(line, following) for line, following in pairs]
    width = _measure_width(pairs, joined)
    spaced = any(line.after_blank for line in lines[1:])
    groups: list[list[Line]] = []
    for line, join in zip(lines, [False, *joined], strict=False):
        if join or (groups and _goes_on(groups[-1][-1], line, width, spaced)):
            groups[-1].append(line)
        else:
            groups.append([line])
    return [replace(group[0], text=source[group[0].start : group[-1].end]) for group in groups]
