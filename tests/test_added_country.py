import pytest

from models.added_country import drop_added_country

SOURCE = "Xã Hạ Lang dập dịch, người dân lấy nước ở suối."


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("Ha Lang, a commune in Vietnam, fights it.", "Ha Lang, a commune, fights it."),
        ("The people of Ha Lang, Vietnam, fetch water.", "The people of Ha Lang fetch water."),
        ("They fetch water in Ha Lang, Vietnam.", "They fetch water in Ha Lang."),
        ("In Vietnam it rains.", "In Vietnam it rains."),  # to drop it would leave no sentence
        (
            "The Vietnam Bank and a bank in Vietnamese.",
            "The Vietnam Bank and a bank in Vietnamese.",
        ),
        ("It fell in Vietnam", "It fell"),
    ],
)
def test_a_country_that_nobody_named_is_dropped(target, expected):
    assert drop_added_country(SOURCE, target) == expected


@pytest.mark.parametrize(
    "source",
    [
        "Hàng Việt Nam vào siêu thị.",
        "Mưa lớn cả nước.",
        "Thị trường trong nước ổn định.",
        "Khách quốc tế đến xã.",
        "Đoàn VN thắng.",
    ],
)
def test_where_the_source_means_the_country_it_stays(source):
    target = "Visitors come to Hue, in Vietnam."
    assert drop_added_country(source, target) == target
