import pytest

from models.change_repair import restore_changes


@pytest.mark.parametrize(
    ("source", "target", "expected"),
    [
        (
            "Tỷ lệ hộ nghèo giảm còn 3,07%.",
            "The poverty rate decreased by 3.07%.",
            "The poverty rate decreased to 3.07%.",
        ),
        (
            "số vụ giảm xuống còn 12 vụ",
            "the number of cases fell sharply by 12",
            "the number of cases fell sharply to 12",
        ),
        ("giá hạ xuống còn 45.000 đồng", "It was cut by VND 45,000.", "It was cut to VND 45,000."),
        (
            "Doanh thu tăng 12% so với cùng kỳ",
            "Revenue increased to 12% year on year",
            "Revenue increased by 12% year on year",
        ),
        ("thu nhập tăng thêm 5 triệu đồng", "rose to VND 5 million", "rose by VND 5 million"),
        (
            "nghèo giảm còn 3,07%, cận nghèo giảm 1,2%",
            "the poor fell by 3.07%, the near-poor fell to 1.2%",
            "the poor fell to 3.07%, the near-poor fell by 1.2%",
        ),
    ],
)
def test_how_far_and_how_much_are_told_apart(source, target, expected):
    assert restore_changes(source, target) == expected
    assert restore_changes(source, expected) == expected


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("giảm 3% còn 12%", "fell 3% to 12%"),
        ("tăng từ 3% lên 12%", "rose from 3% to 12%"),
        ("tăng 12% lên mức 500 tỷ đồng", "rose 12% to VND 500 billion"),
        ("tăng lên 20%", "increased by 20%"),
        ("giảm còn 3%, thấp hơn 3% so với năm trước", "fell by 3%"),
        ("giảm còn 3%", "fell by 5%"),
        ("còn 3% chưa tiêm", "led by 3% of them"),
        ("Tăng 5 bậc", "It moved to 5th place."),
    ],
)
def test_what_is_not_told_stays(source, target):
    assert restore_changes(source, target) == target
