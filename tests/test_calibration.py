"""How the scores of the checks are counted."""

from dataclasses import dataclass

import pytest

from models.fidelity import Issue, IssueKind
from tests.calibration import Corruption, calibrate, format_calibration


@dataclass(frozen=True)
class Labelled:
    id: str
    kind: str
    source: str
    target: str = ""


def check(source: str, target: str) -> list[Issue]:
    """Report what the source says that it should: the cases script the check."""
    return [Issue(IssueKind(word), "") for word in source.split()]


CASES = [
    Labelled("a", "right", ""),
    Labelled("b", "right", "number"),
    Labelled("c", "number", "number name"),
    Labelled("d", "number", "name"),
    Labelled("e", "number", ""),
    Labelled("f", "date", "number"),
    Labelled("g", "omission", "length"),
]


def test_caught_missed_and_false_alarms_are_counted_by_the_kind_of_the_issue():
    score = calibrate(CASES, check).score("number")
    assert (score.caught, score.missed, score.false_alarms) == (("c",), ("d", "e"), ("b",))
    assert (score.precision, score.recall) == (0.5, pytest.approx(1 / 3))


def test_a_date_may_be_caught_as_a_number_but_answers_for_dates_only():
    score = calibrate(CASES, check).score("date")
    assert (score.caught, score.false_alarms) == (("f",), ())


def test_any_warning_is_counted_too():
    result = calibrate(CASES, check)
    assert (result.right, result.right_warned) == (2, 1)
    assert (result.corrupted, result.corrupted_warned) == (5, 4)


def test_a_check_without_cases_has_nothing_against_it():
    score = calibrate(CASES, check).score("negation")
    assert (score.precision, score.recall) == (1.0, 1.0)


def test_the_table_has_every_check_and_both_shares():
    table = format_calibration(calibrate(CASES, check))
    assert all(one.value in table for one in Corruption)
    assert "right cases with a warning: 1 of 2" in table
    assert "corrupted cases with a warning: 4 of 5" in table
