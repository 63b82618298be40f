"""Checks of one segment: what must be found, and what must not."""

import time

import pytest

from models.fidelity import IssueKind, check_segment, severity, untranslated_runs
from models.lexicon import load_lexicon
from models.names import find_names

SOURCE = "Chiều 7-9, bà Trần Thị Nụ cho biết xã Ia Mơ có 46 hộ trồng 1.500 ha cà phê, tăng 2,5%."
RIGHT = (
    "On the afternoon of September 7, Ms. Tran Thi Nu said Ia Mo Commune has 46 households "
    "growing 1,500 hectares of coffee, up 2.5%."
)


def kinds(source: str, target: str) -> set[IssueKind]:
    return {issue.kind for issue in check_segment(source, target, find_names(source))}


def test_a_faithful_target_has_no_issue():
    assert kinds(SOURCE, RIGHT) == set()


@pytest.mark.parametrize(
    ("right", "wrong", "kind"),
    [
        ("46", "64", IssueKind.NUMBER),
        ("46 households", "households", IssueKind.NUMBER),
        ("1,500", "1.500", IssueKind.NUMBER),
        ("2.5%", "2,5%", IssueKind.NUMBER),
        ("2.5%", "25%", IssueKind.NUMBER),
        ("September 7", "July 9", IssueKind.DATE),
        ("On the afternoon of", "On", IssueKind.DATE),
        ("On the afternoon of", "On the morning of", IssueKind.DATE),
        ("has 46", "does not have 46", IssueKind.NEGATION),
        (" households growing 1,500 hectares of coffee, up 2.5%", "", IssueKind.OMISSION),
        (
            "2.5%.",
            "2.5%. The people there want to sell it all to buyers from Laos.",
            IssueKind.ADDITION,
        ),
        ("September 7", "Monday, September 7", IssueKind.DATE),
        ("Tran Thi Nu", "Tran Thi Na", IssueKind.NAME),
        ("Ia Mo", "the", IssueKind.NAME),
        ("said", "and Mr. Nguyen Van Hai said", IssueKind.NAME),
        ("said", "cho biet xa", IssueKind.UNTRANSLATED),
        (RIGHT, "Coffee.", IssueKind.LENGTH),
        ("up 2.5%", "up 2.5%" + ", so they say" * 30, IssueKind.LENGTH),
        ("coffee", "coffee and coffee and coffee and coffee and coffee", IssueKind.REPETITION),
    ],
)
def test_a_corrupted_target_is_found_out(right, wrong, kind):
    assert right in RIGHT
    assert kind in kinds(SOURCE, RIGHT.replace(right, wrong))


def test_an_issue_shows_the_value_that_differs():
    [issue] = check_segment(SOURCE, RIGHT.replace("46 ", ""), find_names(SOURCE))
    assert (issue.source_value, issue.target_value) == ("46", None)
    found = check_segment(SOURCE, RIGHT + " In 1999.", find_names(SOURCE))
    [issue] = [one for one in found if one.kind is IssueKind.NUMBER]
    assert (issue.source_value, issue.target_value) == (None, "1999")


def test_a_lost_term_is_shown_with_the_english_that_was_wanted():
    source = "Công an thu giữ 212 kg pháo nổ cùng một xe bán tải của Lò Văn Thông."
    target = "Police seized 212 kg of firecrackers of Lo Van Thong."
    matches = load_lexicon().find(source)
    [issue] = check_segment(source, target, find_names(source), matches=matches)
    assert (issue.kind, issue.source_value) == (IssueKind.OMISSION, "xe bán tải")
    assert issue.wanted == "pickup truck"


def test_a_lost_negation_and_a_lost_part_of_the_day_say_what_was_wanted():
    source = "Chiều 7-9, bà Trần Thị Nụ không bán cà phê."
    target = "On September 7, Ms. Tran Thi Nu sold coffee."
    found = check_segment(source, target, find_names(source))
    assert [(one.source_value, one.wanted) for one in found] == [
        ("Chiều 7-9", "afternoon"),
        ("không", "not"),
    ]


def test_what_the_lexicon_calls_english_is_not_left_over():
    source = "Các bé gói bánh chưng."
    matches = load_lexicon().find(source)
    target = "The children wrap banh chung."
    assert check_segment(source, target, (), matches=matches) == ()
    assert kinds(source, target) == {IssueKind.UNTRANSLATED}


def test_names_and_loans_are_not_left_over_vietnamese():
    source = "Công ty Mai Linh mở dịch vụ logistics tại Cảng Quy Nhơn."
    target = "Mai Linh Company opens logistics services at Quy Nhon Port."
    assert untranslated_runs(source, target) == []


@pytest.mark.parametrize("left", ["khu phi thuế quan", "khu phi thue quan", "Khu Phi Thue Quan"])
def test_left_over_vietnamese_is_found_with_and_without_diacritics(left):
    source = "Tỉnh mở khu phi thuế quan ở biên giới."
    runs = untranslated_runs(source, f"The province opens the {left} at the border.")
    assert runs == [left]


def test_graver_issues_weigh_more():
    number = check_segment(SOURCE, RIGHT.replace("46 ", ""), find_names(SOURCE))
    nothing = check_segment(SOURCE, "Coffee.", find_names(SOURCE))
    assert 0 == severity(()) < severity(number) < severity(nothing)


@pytest.mark.parametrize(
    "unit", ["có ", "không ", "chiều 5-3 ", "5 ha, ", "Ông A. ", "giờ sáng ", "trâu bò ", "kept "]
)
def test_checking_is_linear(unit):
    text = unit * (20_000 // len(unit))
    names, matches = find_names(text), load_lexicon().find(text)
    started = time.process_time()
    check_segment(text, text, names, matches=matches)
    check_segment(text, "It rained.", names, matches=matches)
    assert time.process_time() - started < 8
