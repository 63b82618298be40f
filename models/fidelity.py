"""Whether a target says what its source says: figures, dates, names, completeness."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from models.names import Name, fold_diacritics, invented_names, missing_names
from models.quantities import Quantity, QuantityKind, compare_quantities
from models.runaway import is_looping, length_problem, repeated_run

LEAST_UNTRANSLATED_LETTERS = 6

_WORD = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*")
_DATE_KINDS = {
    QuantityKind(kind)
    for kind in ("date", "month", "quarter", "weekday", "time")
    if kind in set(QuantityKind)
}


class IssueKind(StrEnum):
    """What a check can find."""

    NUMBER = "number"
    DATE = "date"
    NAME = "name"
    UNTRANSLATED = "untranslated"
    REPETITION = "repetition"
    LENGTH = "length"
    TRUNCATED = "truncated"
    SUMMARY = "summary"


# How much an issue counts when the best of several hypotheses is chosen.
SEVERITY = {
    IssueKind.TRUNCATED: 6.0,
    IssueKind.REPETITION: 6.0,
    IssueKind.LENGTH: 4.0,
    IssueKind.NUMBER: 3.0,
    IssueKind.DATE: 3.0,
    IssueKind.UNTRANSLATED: 3.0,
    IssueKind.NAME: 2.0,
    IssueKind.SUMMARY: 1.0,
}


@dataclass(frozen=True)
class Issue:
    """One thing that a check found, with the two values where it has them."""

    kind: IssueKind
    message: str
    source_value: str | None = None
    target_value: str | None = None


def severity(issues: Sequence[Issue]) -> float:
    """Sum of the weights of the issues; 0 is a target that passed every check."""
    return sum(SEVERITY[issue.kind] for issue in issues)


def check_segment(source: str, target: str, names: Sequence[Name]) -> tuple[Issue, ...]:
    """Compare a target with its source; `names` are the names found in the source."""
    checks: tuple[Callable[[], list[Issue]], ...] = (
        lambda: _check_quantities(source, target),
        lambda: _check_names(source, target, names),
        lambda: _check_untranslated(source, target),
        lambda: _check_shape(source, target),
    )
    return tuple(issue for check in checks for issue in check())


def _check_quantities(source: str, target: str) -> list[Issue]:
    difference = compare_quantities(source, target)
    missing = [
        Issue(_kind_of(one), f"“{one.text}” is not in the English.", source_value=one.text)
        for one in difference.missing
    ]
    invented = [
        Issue(_kind_of(one), f"“{one.text}” is not in the Vietnamese.", target_value=one.text)
        for one in difference.invented
    ]
    return missing + invented


def _kind_of(quantity: Quantity) -> IssueKind:
    return IssueKind.DATE if quantity.kind in _DATE_KINDS else IssueKind.NUMBER


def _check_names(source: str, target: str, names: Sequence[Name]) -> list[Issue]:
    missing = [
        Issue(
            IssueKind.NAME,
            f"The name “{name.text}” is not in the English.",
            source_value=name.text,
        )
        for name in missing_names(source, target, names)
    ]
    invented = [
        Issue(
            IssueKind.NAME,
            f"The name “{name}” is not in the Vietnamese.",
            target_value=name,
        )
        for name in invented_names(source, target)
    ]
    return missing + invented


def _check_untranslated(source: str, target: str) -> list[Issue]:
    return [
        Issue(
            IssueKind.UNTRANSLATED,
            f"“{run}” was left in Vietnamese.",
            source_value=run,
            target_value=run,
        )
        for run in untranslated_runs(source, target)
    ]


def untranslated_runs(source: str, target: str) -> list[str]:
    """Runs of Vietnamese common words that stand in the target, with or without diacritics.

    Names are capitalised in the source and may stay; so may words that the source
    itself writes without diacritics ("logistics").
    """
    pairs, marked = _common_pairs(source)
    words = [match.group() for match in _WORD.finditer(target)]
    folded = [fold_diacritics(word).casefold() for word in words]
    runs: list[str] = []
    start = 0
    for index in range(1, len(words) + 1):
        if index < len(words) and (folded[index - 1], folded[index]) in pairs:
            continue
        run = folded[start:index]
        if (
            len(run) > 1
            and sum(map(len, run)) >= LEAST_UNTRANSLATED_LETTERS
            and not marked.isdisjoint(run)
        ):
            runs.append(" ".join(words[start:index]))
        start = index
    return runs


def _common_pairs(source: str) -> tuple[set[tuple[str, str]], set[str]]:
    """Neighbouring lower-case words of the source, folded, and those that had diacritics."""
    words = [match.group() for match in _WORD.finditer(source)]
    pairs = {
        (fold_diacritics(left), fold_diacritics(right))
        for left, right in pairwise(words)
        if (left + right).islower() and (left + right).isalpha()
    }
    return pairs, {fold_diacritics(word) for word in words if not word.isascii()}


def _check_shape(source: str, target: str) -> list[Issue]:
    issues = []
    if is_looping(source, target):
        issues.append(
            Issue(
                IssueKind.REPETITION,
                "The English repeats itself.",
                target_value=repeated_run(target),
            )
        )
    problem = length_problem(source, target)
    if problem:
        issues.append(Issue(IssueKind.LENGTH, f"The English is {problem} for its source."))
    return issues
