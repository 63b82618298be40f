"""What the model is told of one segment: terms, names and figures with their English."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from models.lexicon import TermMatch
from models.names import Name
from models.quantity_hints import english_dates

MOST_HINTS = 40


@dataclass(frozen=True)
class Hint:
    """Words of the source and the English that they should become."""

    source: str
    target: str


def find_hints(
    source: str, matches: Sequence[TermMatch], names: Sequence[Name]
) -> tuple[Hint, ...]:
    """Return the hints of a segment in the order of the text, each once, 40 at most."""
    placed = [(match.start, Hint(match.text, match.entry.en)) for match in matches]
    placed += [(name.start, Hint(name.text, name.folded)) for name in names]
    placed += [(source.find(text), Hint(text, english)) for text, english in english_dates(source)]
    placed.sort(key=lambda one: one[0])
    unique = {hint.source.casefold(): hint for _, hint in reversed(placed)}
    ordered = dict.fromkeys(
        unique[hint.source.casefold()] for _, hint in placed if hint.source != hint.target
    )
    return tuple(ordered)[:MOST_HINTS]
