import pytest

from models.lexicon import load_lexicon
from models.term_repair import repair_terms

SOURCE = (
    "Đinh Thị Sương - Phó Bí thư Thường trực Tỉnh ủy, Chủ tịch HĐND tỉnh; "
    "A Đrin - Phó Bí thư Tỉnh ủy, Chủ tịch UBND tỉnh."
)
RIGHT = (
    "Dinh Thi Suong - Permanent Deputy Secretary of the Provincial Party Committee, Chairman of "
    "the Provincial People's Council; A Drin - Deputy Secretary of the Provincial Party Committee, "
    "Chairman of the Provincial People's Committee."
)


def repaired(source: str, target: str) -> str:
    return repair_terms(load_lexicon().find(source), target)


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("Permanent Deputy", "Deputy"),
        ("People's Committee.", "People's Council."),
        ("People's Council;", "People's Committee;"),
        ("Drin - Deputy", "Drin - Permanent Deputy"),
    ],
)
def test_a_title_that_went_to_two_people_goes_back_to_the_one(right, wrong):
    assert repaired(SOURCE, RIGHT.replace(right, wrong)) == RIGHT


def test_two_mix_ups_at_once_are_put_right():
    wrong = RIGHT.replace("Permanent Deputy", "Deputy").replace("Committee.", "Council.")
    assert repaired(SOURCE, wrong) == RIGHT


@pytest.mark.parametrize(
    "target",
    [
        RIGHT,
        RIGHT.replace("Chairman of the Provincial People's Committee", "head of the province"),
        RIGHT.replace("A Drin - Deputy Secretary", "A Drin - Deputy Secretary, the secretary"),
        "A Drin, Deputy Secretary of the Provincial Party Committee, and Dinh Thi Suong, Permanent "
        "Deputy Secretary of the Provincial Party Committee.",
        "",
    ],
)  # fmt: skip
def test_what_is_not_plainly_mixed_up_stays(target):
    assert repaired(SOURCE, target) == target


def test_a_deputy_who_is_told_apart_gets_no_title_of_another():
    source = "Chủ tịch UBND tỉnh Lê A và Phó Chủ tịch UBND tỉnh Lê B cùng dự."
    target = (
        "Chairman of the Provincial People's Committee Le A came with his deputy, Le B; the "
        "Chairman of the Provincial People's Committee spoke first."
    )
    assert repaired(source, target) == target


def test_unlike_terms_are_never_exchanged():
    source = "Sở Y tế và Công an tỉnh"
    target = "The Department of Health and the Department of Health"
    assert repaired(source, target) == target
