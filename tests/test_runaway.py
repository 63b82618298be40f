"""Loops and implausible lengths."""

import pytest

from models.runaway import is_looping, length_problem, repeated_run, token_budget

LOOPS = [
    ("the road, the road, the road, the road, the road", "the road"),
    ("Rice " * 12, "rice"),
    ("It rained on the hills. " * 3, "it rained on the hills"),
    ("a b c d e f g h " * 3, "a b c d e f g h"),
]
PLAIN = [
    "",
    "The farmers harvested rice, coffee and pepper in 3 communes.",
    "very, very, very good",
    "The road is long. The road is wide.",
    "1, 2, 3, 4, 5, 6, 7, 8, 9, 10",
]


@pytest.mark.parametrize(("text", "run"), LOOPS)
def test_a_loop_is_found_and_its_period_named(text, run):
    found = repeated_run(text)
    assert found is not None
    assert sorted(found.split()) == sorted(run.split())


@pytest.mark.parametrize("text", PLAIN)
def test_ordinary_repetition_is_no_loop(text):
    assert repeated_run(text) is None


def test_a_source_that_repeats_itself_may_be_translated_so():
    source = "mưa to gió lớn " * 4
    assert not is_looping(source, "heavy rain and wind " * 4)
    assert is_looping("mưa to gió lớn", "heavy rain and wind " * 4)


@pytest.mark.parametrize(
    ("source_length", "target_length", "problem"),
    [
        (100, 100, None),
        (100, 60, None),
        (100, 170, None),
        (100, 240, "too long"),
        (300, 90, "too short"),
        (10, 25, None),
        (10, 60, "too long"),
        (12, 1, None),
        (100, 0, "too short"),
    ],
)
def test_length_is_judged_by_the_source(source_length, target_length, problem):
    assert length_problem("s" * source_length, "t" * target_length) == problem


def test_the_budget_never_stops_a_target_of_plausible_length():
    source = "a" * 500
    longest_plausible = 2.0 * 500 + 30
    assert token_budget(source) * 2 >= longest_plausible
