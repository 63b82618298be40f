"""Whether a summary stays within its item: no figure, no name and no turn of its own."""

from __future__ import annotations

from collections.abc import Sequence

from models.attribution import Paragraph
from models.grounding_figures import invented_figures, moved_figures
from models.grounding_item import read_item
from models.grounding_names import strange_names
from models.grounding_sense import turned_statements
from models.grounding_time import moved_times
from models.grounding_titles import strange_titles


def unsupported_values(summary: str, paragraphs: Sequence[Paragraph]) -> tuple[str, ...]:
    """Words of the summary that the item does not bear out.

    Besides figures and names of its own, these are figures of another thing, titles of
    another person, and statements that the item contradicts.
    """
    item = read_item(paragraphs)
    found = (
        *invented_values(summary, paragraphs),
        *strange_titles(summary, item),
        *moved_figures(summary, item),
        *moved_times(summary, item),
        *turned_statements(summary, item),
    )
    return tuple(dict.fromkeys(found))


def invented_values(summary: str, paragraphs: Sequence[Paragraph]) -> tuple[str, ...]:
    """Figures and names of the summary that neither source nor translation holds."""
    item = read_item(paragraphs)
    return tuple(dict.fromkeys((*invented_figures(summary, item), *strange_names(summary, item))))
