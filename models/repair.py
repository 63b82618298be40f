"""Small faults of a target that its source corrects: a name misspelt, a comma for a point."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import islice

from models.added_country import drop_added_country
from models.change_repair import restore_changes
from models.document_numbers import restore_document_numbers
from models.earlier import restore_earlier
from models.fidelity import Issue, IssueKind, check_segment, severity
from models.figure_repair import restore_bounds, restore_day_parts
from models.law_references import repair_law_references
from models.lexicon import TermMatch
from models.names import Name, fold_diacritics
from models.quantities import QuantityKind, find_quantities_en, find_quantities_vi
from models.quantity_hints import english_dates
from models.quantity_types import Value

# A letter or two in a full name; two people who share only a family name are less alike
# (tests/test_repair.py has both).
LEAST_LIKENESS = 0.85
LEAST_WORD_LIKENESS = 0.75
SHORTEST_WORD = 3

# Every change is checked anew; what is further off than so many was no slip of the model.
MOST_CHANGES = 12

_SEPARATORS = str.maketrans(",.", ".,")
_SEPARATED = re.compile(r"\d+(?:[.,]\d+)+")
_ENGLISH_NUMBER = re.compile(r"\d{1,3}(?:,\d{3})*(?:\.\d+)?|\d+\.\d+")
_BIRTH_YEAR = re.compile(r"(?<!\w)(?:SN|sn|Sn)\.?\s?(?P<year>(?:19|20)\d\d)(?!\w)")


def repair(
    source: str,
    target: str,
    issues: Sequence[Issue],
    names: Sequence[Name],
    *,
    matches: Sequence[TermMatch] = (),
) -> tuple[str, tuple[Issue, ...]]:
    """Return the target with what can be put right, and the issues that it then has.

    A name that the source lacks, or a word of one, gives way to the missing one that it all
    but spells; a figure with Vietnamese separators gets English ones, and dong that became
    dollars are dong again. Such a change is kept only when the checks find less than before.
    What was dropped or mixed up around figures comes back ("more than", "the afternoon of",
    "to" for "by"), clauses of law go by their own names and documents by their symbols,
    "SN 1990" is written out, and a country that nobody named is dropped.
    """
    restored = _restore(source, target)
    if restored != target:
        target, issues = restored, check_segment(source, restored, names, matches=matches)
    for wrong, right in islice(dict.fromkeys(_changes(target, issues)), MOST_CHANGES):
        whole = rf"(?<![\w.,]){re.escape(wrong)}(?!\w|[.,]\d)"
        changed = re.sub(whole, right.replace("\\", r"\\"), target)
        remaining = check_segment(source, changed, names, matches=matches)
        if severity(remaining) < severity(issues):
            target, issues = changed, remaining
    return target, tuple(issues)


def _restore(source: str, target: str) -> str:
    for put_right in _RULES:
        target = put_right(source, target)
    return target


def _write_out(source: str, target: str) -> str:
    """The press's short form of "sinh năm", which models copy."""
    years = {found["year"] for found in _BIRTH_YEAR.finditer(source)}
    return _BIRTH_YEAR.sub(
        lambda found: f"born in {found['year']}" if found["year"] in years else found[0], target
    )


_RULES = (
    repair_law_references,
    restore_document_numbers,
    restore_earlier,
    restore_day_parts,
    restore_changes,
    restore_bounds,
    drop_added_country,
    _write_out,
)


def _changes(target: str, issues: Sequence[Issue]) -> Iterator[tuple[str, str]]:
    missing = [
        fold_diacritics(one.source_value)
        for one in issues
        if one.kind is IssueKind.NAME and one.source_value
    ]
    dong = dict(_lost_dong(issues))
    for issue in issues:
        wrong = issue.target_value
        if wrong is None:
            continue
        if issue.kind is IssueKind.NAME:
            yield from ((wrong, right) for right in missing if _is_alike(wrong, right))
            yield from ((wrong, word) for word in _lost_words(missing, wrong, target))
        elif issue.kind is IssueKind.NUMBER and _is_english(wrong.translate(_SEPARATORS)):
            yield wrong, wrong.translate(_SEPARATORS)
        elif issue.kind is IssueKind.NUMBER:
            values = [one.value for one in find_quantities_en(wrong)]
            yield from ((wrong, dong[value]) for value in values if value in dong)


def _lost_dong(issues: Sequence[Issue]) -> Iterator[tuple[Value, str]]:
    """The values of lost sums in dong, each with the sum's English."""
    for issue in issues:
        lost = issue.source_value or ""
        for one in find_quantities_vi(lost) if issue.kind is IssueKind.NUMBER else ():
            if one.kind is QuantityKind.MONEY and one.unit == "đồng":
                yield from ((one.value, english) for _, english in english_dates(lost))


def _is_english(figure: str) -> bool:
    """Whether each number in it is one in English: "Article 51.2" with a comma is none."""
    numbers = _SEPARATED.findall(figure)
    return bool(numbers) and all(map(_ENGLISH_NUMBER.fullmatch, numbers))


def _is_alike(wrong: str, right: str) -> bool:
    return SequenceMatcher(None, wrong.casefold(), right.casefold()).ratio() >= LEAST_LIKENESS


def _lost_words(missing: Sequence[str], wrong: str, target: str) -> Iterator[str]:
    """Words that a lone one all but spells, and with which a longer name is whole again."""
    for name in missing:
        for word in name.split() if " " in name else ():
            mended = target.replace(wrong, word)
            if _spells(wrong, word) and name.casefold() in mended.casefold():
                yield word


def _spells(wrong: str, word: str) -> bool:
    alike = SequenceMatcher(None, wrong.casefold(), word.casefold()).ratio()
    return wrong[0] == word[0] and len(word) >= SHORTEST_WORD and alike >= LEAST_WORD_LIKENESS
