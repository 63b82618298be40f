"""Small faults of a target that its source corrects: a name misspelt, a comma for a point."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import islice

from models.fidelity import Issue, IssueKind, check_segment, severity
from models.figure_repair import restore_bounds, restore_day_parts
from models.law_references import repair_law_references
from models.lexicon import TermMatch
from models.names import Name, fold_diacritics

# A letter or two in a full name; two people who share only a family name are less alike
# (tests/test_repair.py has both).
LEAST_LIKENESS = 0.85

# Every change is checked anew; what is further off than so many was no slip of the model.
MOST_CHANGES = 12

_SEPARATORS = str.maketrans(",.", ".,")
_SEPARATED = re.compile(r"\d+(?:[.,]\d+)+")
_ENGLISH_NUMBER = re.compile(r"\d{1,3}(?:,\d{3})*(?:\.\d+)?|\d+\.\d+")


def repair(
    source: str,
    target: str,
    issues: Sequence[Issue],
    names: Sequence[Name],
    *,
    matches: Sequence[TermMatch] = (),
) -> tuple[str, tuple[Issue, ...]]:
    """Return the target with what can be put right, and the issues that it then has.

    A name that the source lacks gives way to the missing one that it all but spells; a
    figure with Vietnamese separators gets English ones. Such a change is kept only when the
    checks find less than before. What was dropped around figures comes back ("more than",
    "the afternoon of"), and clauses of law go by their own names.
    """
    restored = _restore(source, target)
    if restored != target:
        target, issues = restored, check_segment(source, restored, names, matches=matches)
    for wrong, right in islice(dict.fromkeys(_changes(issues)), MOST_CHANGES):
        whole = rf"(?<![\w.,]){re.escape(wrong)}(?!\w|[.,]\d)"
        changed = re.sub(whole, right.replace("\\", r"\\"), target)
        remaining = check_segment(source, changed, names, matches=matches)
        if severity(remaining) < severity(issues):
            target, issues = changed, remaining
    return target, tuple(issues)


def _restore(source: str, target: str) -> str:
    for put_right in (repair_law_references, restore_day_parts, restore_bounds):
        target = put_right(source, target)
    return target


def _changes(issues: Sequence[Issue]) -> Iterator[tuple[str, str]]:
    missing = [
        fold_diacritics(one.source_value)
        for one in issues
        if one.kind is IssueKind.NAME and one.source_value
    ]
    for issue in issues:
        wrong = issue.target_value
        if wrong is None:
            continue
        if issue.kind is IssueKind.NAME:
            yield from ((wrong, right) for right in missing if _is_alike(wrong, right))
        elif issue.kind is IssueKind.NUMBER and _is_english(wrong.translate(_SEPARATORS)):
            yield wrong, wrong.translate(_SEPARATORS)


def _is_english(figure: str) -> bool:
    """Whether each number in it is one in English: "Article 51.2" with a comma is none."""
    numbers = _SEPARATED.findall(figure)
    return bool(numbers) and all(map(_ENGLISH_NUMBER.fullmatch, numbers))


def _is_alike(wrong: str, right: str) -> bool:
    return SequenceMatcher(None, wrong.casefold(), right.casefold()).ratio() >= LEAST_LIKENESS
