"""Loops and implausible lengths."""

import pytest

from models.runaway import length_problem, loop_of, repeated_run, token_budget

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
    assert loop_of(source, "heavy rain and wind " * 4) is None
    assert loop_of("mưa to gió lớn", "heavy rain and wind " * 4) is not None


@pytest.mark.parametrize(
    ("target", "loop"),
    [
        ("Her herd herd herd has nine head.", "herd"),
        ("The storm weakened into a low over Hue. Later it weakened into a low over Hue.", None),
        ("It weakened into a low over Hue and Da Nang. It weakened into a low over Hue and Da "
         "Nang provinces.", "it weakened into a low over hue"),
        ("He came to mark the new year, to mark the new year there to mark the new year.",
         "to mark the new"),
        ("Departments, sectors, departments, sectors, departments, sectors attended.",
         "departments sectors"),
        ("It is a very very very good crop.", None),
        ("He met the Chairman of the People's Committee and the Chairman of the Council.", None),
    ],
)  # fmt: skip
def test_what_comes_again_is_a_loop_unless_it_is_speech(target, loop):
    found = loop_of("Bão suy yếu khi vào đất liền.", target)
    assert (found and sorted(found.split())) == (loop and sorted(loop.split()))


def test_words_may_come_again_where_those_of_the_source_do():
    again = "The People's Committee of Ia Mo commune met. "
    assert loop_of("UBND xã Ia Mơ họp. Chiều, UBND xã Ia Mơ lại họp.", again * 2) is None
    assert loop_of("UBND xã Ia Mơ họp.", again * 2) is not None


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
