"""Help for models that take no instruction: English put into the source itself.

Models made for translation mostly copy what stands in Latin letters without diacritics.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from models.fidelity import Issue, IssueKind
from models.pieces import Piece

_HELPED = frozenset({IssueKind.TERM, IssueKind.NAME})


def lost_values(issues: Sequence[Issue]) -> frozenset[str]:
    """The terms and names of the source that the target lacks."""
    return frozenset(
        one.source_value
        for one in issues
        if one.kind in _HELPED and one.source_value and one.target_value is None
    )


def help_source(piece: Piece, issues: Sequence[Issue]) -> str | None:
    """The source with the lost terms and names in English; None where that changes nothing."""
    lost = lost_values(issues)
    source, end, parts = piece.source, 0, list[str]()
    for start, stop, english in sorted(_spans(piece, lost)):
        if start >= end:
            parts += [source[end:start], english]
            end = stop
    helped = "".join([*parts, source[end:]])
    return None if helped == source else helped


def _spans(piece: Piece, lost: frozenset[str]) -> Iterator[tuple[int, int, str]]:
    """What to put for which part of the source; where two begin alike, the term comes first."""
    lost_entries = {one.entry for one in piece.matches if one.text in lost}
    for match in piece.matches:
        if match.entry in lost_entries:
            yield match.start, match.end, match.entry.en
    for name in piece.names:
        if name.text in lost and not any(
            one.start <= name.start < one.end and one.entry in lost_entries for one in piece.matches
        ):
            yield name.start, name.end, name.folded
