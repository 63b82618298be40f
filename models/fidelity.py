"""Whether a target says what its source says: figures, dates, names, completeness."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from models.coined_names import strange_to_source
from models.day_parts import compare_day_parts, lost_calendar
from models.lexicon import TermMatch
from models.names import Name, fold_diacritics, missing_names
from models.negation import NegationDifference, compare_negation
from models.omission import Content, Gap, find_omissions, is_padded
from models.quantities import Quantity, QuantityDifference, compare_quantities
from models.quantity_types import DATE_KINDS
from models.runaway import length_problem, loop_of

LEAST_UNTRANSLATED_LETTERS = 6

_WORD = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*")


class IssueKind(StrEnum):
    """What a check can find."""

    NUMBER = "number"
    DATE = "date"
    NAME = "name"
    TERM = "term"
    UNTRANSLATED = "untranslated"
    REPETITION = "repetition"
    LENGTH = "length"
    TRUNCATED = "truncated"
    OMISSION = "omission"
    ADDITION = "addition"
    NEGATION = "negation"
    SUMMARY = "summary"


# How much an issue counts when the best of several hypotheses is chosen.
SEVERITY = {
    IssueKind.TRUNCATED: 6.0,
    IssueKind.REPETITION: 6.0,
    IssueKind.LENGTH: 4.0,
    IssueKind.NUMBER: 3.0,
    IssueKind.DATE: 3.0,
    IssueKind.UNTRANSLATED: 3.0,
    IssueKind.OMISSION: 3.0,
    IssueKind.ADDITION: 3.0,
    IssueKind.NEGATION: 3.0,
    IssueKind.NAME: 2.0,
    IssueKind.TERM: 2.0,
    IssueKind.SUMMARY: 1.0,
}


@dataclass(frozen=True)
class Issue:
    """One thing that a check found, with the two values where it has them.

    `wanted` is English that a better target would have, where the check knows it.
    """

    kind: IssueKind
    message: str
    source_value: str | None = None
    target_value: str | None = None
    wanted: str | None = None


def severity(issues: Sequence[Issue]) -> float:
    """Sum of the weights of the issues; 0 is a target that passed every check."""
    return sum(SEVERITY[issue.kind] for issue in issues)


def check_segment(
    source: str, target: str, names: Sequence[Name], *, matches: Sequence[TermMatch] = ()
) -> tuple[Issue, ...]:
    """Compare a target with its source; `names` and `matches` were found in the source.

    Without the matches of its terms, a lost term is only told by the length.
    """
    figures = compare_quantities(source, target)
    lost_names = missing_names(source, target, names)
    negation = compare_negation(source, target)
    gaps = [] if figures.invented else [Gap(one.start, one.end) for one in figures.missing]
    english = [form for one in matches for form in (one.entry.en, *one.entry.accept)]
    strange_names = strange_to_source(source, target, english)
    content = Content(
        source,
        names,
        matches,
        gaps,
        negation_lost=bool(negation.missing),
        has_strange=bool(strange_names or (figures.invented and not figures.missing)),
    )
    checks = (
        _check_quantities(figures),
        _check_day_parts(source, target),
        _check_negation(negation),
        _check_names(lost_names, strange_names),
        _check_untranslated(source, target, matches),
        _check_shape(source, target),
        _check_completeness(content, target),
    )
    return tuple(issue for issues in checks for issue in issues)


def _check_quantities(difference: QuantityDifference) -> list[Issue]:
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
    return IssueKind.DATE if quantity.kind in DATE_KINDS else IssueKind.NUMBER


def _check_day_parts(source: str, target: str) -> list[Issue]:
    difference = compare_day_parts(source, target)
    missing = [
        Issue(
            IssueKind.DATE,
            f"The part of the day in “{one.text}” is not in the English.",
            source_value=one.text,
            wanted=one.english,
        )
        for one in difference.missing
    ]
    calendar = lost_calendar(source, target)
    if calendar:
        text = f"“{calendar}” is not in the English."
        missing.append(Issue(IssueKind.DATE, text, source_value=calendar, wanted="lunar"))
    invented = [
        Issue(IssueKind.DATE, f"“{text}” is not in the Vietnamese.", target_value=text)
        for text in difference.invented
    ]
    return missing + invented


def _check_negation(difference: NegationDifference) -> list[Issue]:
    missing = [
        Issue(
            IssueKind.NEGATION,
            f"The negation “{text}” is not in the English.",
            source_value=text,
            wanted="not",
        )
        for text in difference.missing
    ]
    invented = [
        Issue(
            IssueKind.NEGATION,
            f"The negation “{text}” is not in the Vietnamese.",
            target_value=text,
        )
        for text in difference.invented
    ]
    return missing + invented


def _check_names(lost: Sequence[Name], strange: Sequence[str]) -> list[Issue]:
    missing = [
        Issue(
            IssueKind.NAME,
            f"The name “{name.text}” is not in the English.",
            source_value=name.text,
        )
        for name in lost
    ]
    invented = [
        Issue(
            IssueKind.NAME,
            f"The name “{name}” is not in the Vietnamese.",
            target_value=name,
        )
        for name in strange
    ]
    return missing + invented


def _check_untranslated(source: str, target: str, matches: Sequence[TermMatch]) -> list[Issue]:
    """Runs left in Vietnamese, but for those that the lexicon itself calls English: banh chung."""
    forms = (form for match in matches for form in (match.entry.en, *match.entry.accept))
    loans = " ".join(fold_diacritics(form).casefold() for form in forms)
    return [
        Issue(
            IssueKind.UNTRANSLATED,
            f"“{run}” was left in Vietnamese.",
            source_value=run,
            target_value=run,
        )
        for run in untranslated_runs(source, target)
        if fold_diacritics(run).casefold() not in loans
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
    loop = loop_of(source, target)
    if loop:
        issues.append(Issue(IssueKind.REPETITION, "The English repeats itself.", target_value=loop))
    problem = length_problem(source, target)
    if problem:
        issues.append(Issue(IssueKind.LENGTH, f"The English is {problem} for its source."))
    return issues


def _check_completeness(content: Content, target: str) -> list[Issue]:
    issues = [
        Issue(
            IssueKind.OMISSION,
            f"“{one.text}” seems to be left out."
            if one.text
            else "The English is so short that something seems to be left out.",
            source_value=one.text or None,
            wanted=one.english,
        )
        for one in find_omissions(content, target)
    ]
    if is_padded(content, target):
        issues.append(
            Issue(IssueKind.ADDITION, "The English says more than its source has words for.")
        )
    return issues
