"""What a source corrects in its target, and what must be left alone."""

import pytest

from models.fidelity import check_segment
from models.names import find_names
from models.repair import repair

SOURCE = "Ông Lộc Văn Thìn và bà Trần Thị Nụ có 1.500 ha, thu 68,4 triệu đồng."


def repaired(target: str) -> tuple[str, int]:
    names = find_names(SOURCE)
    text, issues = repair(SOURCE, target, check_segment(SOURCE, target, names), names)
    return text, len(issues)


RIGHT = "Mr. Loc Van Thin and Ms. Tran Thi Nu have 1,500 ha and earned VND 68.4 million."


@pytest.mark.parametrize(
    "wrong",
    [
        RIGHT,
        RIGHT.replace("Loc Van Thin", "Loc Van Thinh"),
        RIGHT.replace("Tran Thi Nu", "Tran Thi Nuc"),
        RIGHT.replace("1,500", "1.500"),
        RIGHT.replace("68.4", "68,4"),
        RIGHT.replace("68.4", "68,4").replace("Thin ", "Thinh "),
    ],
)
def test_a_slip_is_put_right(wrong):
    assert repaired(wrong) == (RIGHT, 0)


@pytest.mark.parametrize(
    "wrong",
    [
        RIGHT.replace("Loc Van Thin", "Nguyen Dinh Hai"),
        RIGHT.replace("68.4", "68.5"),
        RIGHT.replace("1,500", "15,000"),
        RIGHT.replace("Mr. Loc Van Thin and ", ""),
    ],
)
def test_what_is_no_slip_stays_and_stays_flagged(wrong):
    text, issues = repaired(wrong)
    assert text == wrong
    assert issues > 0


def test_another_person_of_the_same_family_is_not_renamed():
    source = "Ông Lê Văn Tám vắng mặt."
    names = find_names(source)
    target = "Mr. Le Minh Duc was absent."
    text, issues = repair(source, target, check_segment(source, target, names), names)
    assert text == target and issues


def test_only_the_whole_name_or_figure_is_changed():
    source = "Ông Nguyễn Văn Thái và ông Nguyễn Văn Thanh có 1,5 ha và 11,5 ha."
    names = find_names(source)
    target = "Mr. Nguyen Van Tha and Mr. Nguyen Van Thanh have 1,5 ha and 11.5 ha."
    text, issues = repair(source, target, check_segment(source, target, names), names)
    assert text == "Mr. Nguyen Van Thai and Mr. Nguyen Van Thanh have 1.5 ha and 11.5 ha."
    assert issues == ()


def test_an_article_of_law_gets_no_comma():
    source = "Vi phạm điểm b, khoản 2, Điều 51."
    target = "It violates Article 51.2.b."
    assert repair(source, target, check_segment(source, target, ()), ())[0] == target
