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


@pytest.mark.parametrize(
    ("source", "target", "expected"),
    [
        ("vay 80 triệu đồng", "He borrowed 80 million dollars.", "He borrowed VND 80 million."),
        ("vay 80 triệu đồng", "He borrowed US$80 million.", "He borrowed VND 80 million."),
        ("chi 2,5 tỷ đồng", "It cost $2.5 billion in all.", "It cost VND 2.5 billion in all."),
    ],
)
def test_dong_that_became_dollars_are_dong_again(source, target, expected):
    assert repair(source, target, check_segment(source, target, []), []) == (expected, ())


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("vay 80 triệu đồng", "He borrowed $3,200."),
        ("vay 80 triệu USD", "He borrowed $80 million."),
        ("vay 80 triệu đồng và 80 triệu USD", "80 million dong and 80 million dollars"),
    ],
)
def test_other_sums_in_dollars_stay(source, target):
    assert repair(source, target, check_segment(source, target, []), [])[0] == target


@pytest.mark.parametrize(
    ("source", "target", "expected"),
    [
        ("Nguyễn Văn Tư (SN 1996)", "Nguyen Van Tu (SN 1996)", "Nguyen Van Tu (born in 1996)"),
        ("Nguyễn Văn Tư (SN 1996)", "Nguyen Van Tu (SN 1990)", "Nguyen Van Tu (SN 1990)"),
        ("tàu SNN 1996", "the ship SNN 1996", "the ship SNN 1996"),
    ],
)
def test_the_short_form_of_a_birth_year_is_written_out(source, target, expected):
    assert repair(source, target, check_segment(source, target, []), [])[0] == expected


def test_the_repairs_work_together():
    source = "Trước đó, chiều 5-3, hơn 200 hộ trú tại khu 2 phải di dời."
    said = "Before March 5, 200 households of Zone 2 had to move."
    done, issues = repair(source, said, check_segment(source, said, []), [])
    assert done == (
        "Before that, on the afternoon of March 5, more than 200 households of Zone 2 had to move."
    )
    assert issues == ()


MU = "Bà con Khơ Mú ở xã Mường Lèo họp."


@pytest.mark.parametrize(
    ("source", "target", "mended"),
    [
        (MU, "The Khok Mu of Muong Leo met.", "The Kho Mu of Muong Leo met."),
        (MU, "The Kho Mu of Muong Leko met.", "The Kho Mu of Muong Leo met."),
        (MU, "The Khok of Muong Leo met.", "The Khok of Muong Leo met."),
        ("Đoàn đến thăm Luân Đôn.", "They visited Luanda.", "They visited Luanda."),
    ],
)
def test_a_word_of_a_name_is_put_right_where_the_name_is_whole_then(source, target, mended):
    names = find_names(source)
    issues = check_segment(source, target, names)
    assert issues
    text, left = repair(source, target, issues, names)
    assert text == mended and bool(left) == (mended == target)
