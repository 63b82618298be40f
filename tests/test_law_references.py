import pytest

from models.law_references import find_law_references, repair_law_references


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("theo khoản 4, Điều 251 Bộ luật Hình sự", ["Clause 4, Article 251"]),
        ("quy định tại điểm b khoản 2 Điều 51", ["Point b, Clause 2, Article 51"]),
        ("tại các điểm a, b và c khoản 1 Điều 9", ["Points a, b and c, Clause 1, Article 9"]),
        ("khoản 1 hoặc 2 Điều 7", ["Clauses 1 or 2, Article 7"]),
        ("Điều 12a của Luật Đất đai và Điều 30", ["Article 12a", "Article 30"]),
        ("điểm đ khoản 3 Điều 6", ["Point dd, Clause 3, Article 6"]),
        ("các Điều 5, 6 và 7 Nghị định", ["Articles 5, 6 and 7"]),
        ("khoản 1 và khoản 2 Điều 250", ["Clause 1, Clause 2, Article 250"]),
        ("Điều 8, khoản 2 và Điều 9", ["Article 8, Clause 2", "Article 9"]),
        ("một khoản 20 triệu đồng", []),
        ("em đạt điểm 10 môn Toán", []),
        ("khoản 5 hộ dân được hỗ trợ", []),
        ("khoảng 4 điều kiện", []),
        ("khoản 3, Điều 4, khoản 1, Điều 2", ["Clause 3, Article 4", "Clause 1, Article 2"]),
        ("vi phạm khoản 2, theo Điều 9", ["Article 9"]),
        ("theo điều 9 của luật này", ["Article 9"]),
        ("bệnh viện điều 2 xe cứu thương", []),
        ("khoản 1 " * 60, []),
    ],
)
def test_references_and_their_english(source, expected):
    found = find_law_references(source)

    assert [one.english for one in found] == expected
    assert all(source[one.start : one.end] == one.text for one in found)


SOURCE = 'về tội "Mua bán trái phép", quy định tại khoản 4, Điều 251 Bộ luật Hình sự'


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("based on Article 4, Section 251 of the Penal Code", "Clause 4, Article 251"),
        ("under Section 251, Article 4 of the Penal Code", "Clause 4, Article 251"),
        ("under Point 4 of Article 251 of the Penal Code", "Clause 4, Article 251"),
    ],
)
def test_swapped_parts_are_put_right(target, expected):
    repaired = repair_law_references(SOURCE, target)

    assert expected in repaired and repaired.endswith(" of the Penal Code")
    assert repaired.split(expected)[0] == target.split(" ", 1)[0] + " " + (
        "on " if target.startswith("based") else ""
    )


@pytest.mark.parametrize(
    "target",
    [
        "under Clause 4, Article 251 of the Penal Code",
        "under Article 251, paragraph 4, of the Penal Code",
        "under Section 4 of Article 251 of the Penal Code",
        "under Article 251 of the Penal Code",
        "under Article 4, Section 250 of the Penal Code",
        "under the Penal Code",
    ],
)
def test_right_and_unlike_references_stay(target):
    assert repair_law_references(SOURCE, target) == target


def test_a_source_without_references_changes_nothing():
    target = "Article 4, Section 251"
    assert repair_law_references("Theo Bộ luật Hình sự", target) == target


def test_a_plan_has_points_of_its_own():
    source = "Điều 2 của quyết định và mục 2 của kế hoạch"
    target = "Article 2 of the decision and Section 2 of the plan"

    assert repair_law_references(source, target) == target


def test_a_reference_that_answers_to_either_of_two_stays():
    source = "khoản 1, Điều 2 và khoản 2, Điều 1"
    target = "Clause 1, Article 2 and Clause 2, Article 1"

    assert repair_law_references(source, target) == target


def test_each_of_two_references_is_put_right_on_its_own():
    source = "theo khoản 1 Điều 8 và khoản 2 Điều 9 Luật Đất đai"
    target = "under Article 1, Clause 8 and in line with Article 2, Clause 9 of the Land Law"

    assert repair_law_references(source, target) == (
        "under Clause 1, Article 8 and in line with Clause 2, Article 9 of the Land Law"
    )
