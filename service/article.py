"""The parts of one news item, each with the exact characters it came from."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a stretch of the source is."""

    HEADLINE = "headline"
    BYLINE = "byline"
    DATELINE = "dateline"
    LEAD = "lead"
    PARAGRAPH = "paragraph"
    HEADING = "heading"
    CAPTION = "caption"
    CREDIT = "credit"
    IMAGE = "image"
    TAGS = "tags"
    SIGNATURE = "signature"
    FURNITURE = "furniture"
    SPACE = "space"


TRANSLATABLE = frozenset(
    {Kind.HEADLINE, Kind.LEAD, Kind.PARAGRAPH, Kind.HEADING, Kind.CAPTION, Kind.TAGS}
)
BODY = frozenset({Kind.LEAD, Kind.PARAGRAPH})


@dataclass(frozen=True)
class Element:
    """One stretch of the source: `source[start:end] == text`, in order of `id`."""

    id: int
    kind: Kind
    text: str
    start: int
    end: int

    @property
    def translatable(self) -> bool:
        """Whether the element's words go to the translator."""
        return self.kind in TRANSLATABLE


@dataclass(frozen=True)
class Article:
    """A parsed item; its elements, joined, are its source, character for character."""

    elements: tuple[Element, ...]
    source: str

    def of_kind(self, *kinds: Kind) -> tuple[Element, ...]:
        """The elements of these kinds, in order."""
        return tuple(element for element in self.elements if element.kind in kinds)

    @property
    def visible(self) -> tuple[Element, ...]:
        """Everything but the space between elements."""
        return tuple(element for element in self.elements if element.kind is not Kind.SPACE)

    @property
    def translatable(self) -> tuple[Element, ...]:
        """The elements whose words go to the translator."""
        return tuple(element for element in self.elements if element.translatable)

    @property
    def body(self) -> tuple[Element, ...]:
        """The lead and the paragraphs: what a summary is made of."""
        return tuple(element for element in self.elements if element.kind in BODY)

    @property
    def headline(self) -> str | None:
        """The headline's text."""
        return self._first(Kind.HEADLINE)

    @property
    def byline(self) -> str | None:
        """The byline as printed, a doubled name still doubled."""
        return self._first(Kind.BYLINE)

    @property
    def dateline(self) -> str | None:
        """The agency tag or place before the lead, without its dash: "(GLO)", "Gia Lai (TTXVN)"."""
        found = self._first(Kind.DATELINE)
        return None if found is None else found.rstrip(" -–—,:")

    @property
    def lead(self) -> str | None:
        """The first paragraph of the body."""
        return self._first(Kind.LEAD)

    def _first(self, kind: Kind) -> str | None:
        return next((element.text for element in self.elements if element.kind is kind), None)
