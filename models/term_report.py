"""Which terms of a source have their English in the target, and which are missing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from models.fidelity import Issue, IssueKind
from models.lexicon import Entry, TermMatch, term_used
from models.names import Name, fold_diacritics


@dataclass(frozen=True)
class TermHit:
    """One term of a source, and what became of it.

    Args:
        source: as it stands in the source, at its first place.
        target: the preferred English.
        used: the accepted English that stands in the target; None where there is none. A
            term may also be rephrased rightly: that none stands there is a fact, not a fault.
        user: the term is of the user's own glossary.
    """

    source: str
    target: str
    used: str | None
    user: bool


def report_terms(
    matches: Sequence[TermMatch], target: str, names: Sequence[Name] = ()
) -> tuple[TermHit, ...]:
    """Look for each term of a source in its target, each once, in the source's order.

    English puts names inside terms ("Secretary of the Gia Lai Provincial Party Committee"),
    so a term counts where it stands once the source's names are taken out, too.
    """
    without_names = _without(target, names)
    found: dict[Entry, TermHit] = {}
    for match in matches:
        entry = match.entry
        if entry not in found:
            used = term_used(entry, target) or term_used(entry, without_names)
            found[entry] = TermHit(match.text, entry.en, used, entry.user)
    return tuple(found.values())


def check_terms(hits: Sequence[TermHit]) -> tuple[Issue, ...]:
    """An issue for each term of the user's own that is missing; built-in ones are reported only."""
    return tuple(
        Issue(
            IssueKind.TERM,
            f"“{hit.target}”, your glossary's English for “{hit.source}”, is not in the English.",
            source_value=hit.source,
            wanted=hit.target,
        )
        for hit in hits
        if hit.user and hit.used is None
    )


def count_used(hits: Sequence[TermHit]) -> int:
    """How many of the terms have their English."""
    return sum(hit.used is not None for hit in hits)


def _without(target: str, names: Sequence[Name]) -> str:
    folded = {name.folded for name in names if name.folded.strip()}
    if not folded:
        return target
    longest_first = sorted(folded, key=len, reverse=True)
    pattern = "|".join(re.escape(one) for one in longest_first)
    return re.sub(rf"(?<!\w)(?:{pattern})(?!\w)", " ", fold_diacritics(target))
