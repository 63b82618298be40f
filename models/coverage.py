"""Terms of a source whose English words are nowhere in its target."""

from __future__ import annotations

from collections.abc import Sequence

from models.lexicon import TermMatch, english_stems

# Verbs of reporting and units have too many right renderings; places are names, checked apart.
_FREE_DOMAINS = frozenset({"press", "units", "place-names"})
_LITTLE_WORDS = frozenset({"of", "the", "and", "for", "in", "on", "to", "a", "an", "or"})


def missed_terms(target: str, matches: Sequence[TermMatch]) -> tuple[str, ...]:
    """Return the preferred English of terms of which no accepted form is in the target.

    A form is there when all its words are, in any order and inflection: "put the gate into
    operation" has "put into operation".
    """
    present = english_stems(target)
    return tuple(
        dict.fromkeys(
            match.entry.en
            for match in matches
            if match.entry.domain not in _FREE_DOMAINS
            and not any(
                english_stems(form) - _LITTLE_WORDS <= present
                for form in (match.entry.en, *match.entry.accept)
            )
        )
    )
