import pytest

from models.earlier import restore_earlier

TIME = "Trước đó, khoảng 2 giờ 30 phút ngày 13/1, tổ công tác phát hiện ô tô."


@pytest.mark.parametrize(
    ("source", "target", "expected"),
    [
        (
            TIME,
            "Before 2:30 a.m. on January 13, the team found a car.",
            "Before that, at about 2:30 a.m. on January 13, the team found a car.",
        ),
        (
            "Cháy lớn. Trước đó, lúc 19h, xưởng đóng cửa.",
            "A big fire. Before 7 p.m., the workshop closed.",
            "A big fire. Before that, at 7 p.m., the workshop closed.",
        ),
        (
            "Trước đó, ngày 5-3, tòa đã hoãn phiên xử.",
            "Before March 5, the court adjourned the hearing.",
            "Before that, on March 5, the court adjourned the hearing.",
        ),
        (
            "Trước đó, chiều ngày 5-3, mưa lớn.",
            "Before March 5, heavy rain fell.",
            "Before that, on March 5, heavy rain fell.",
        ),
    ],
)
def test_before_that_keeps_its_time(source, target, expected):
    assert restore_earlier(source, target) == expected


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("Trước 2 giờ 30 phút, hàng đã đi.", "Before 2:30 a.m., the goods had left."),
        ("Trước đó, trước ngày 5-3, kho còn đầy.", "Before March 5, the store was full."),
        (TIME, "Earlier, at about 2:30 a.m. on January 13, the team found a car."),
        (TIME, "The team found a car before 2:30 a.m. on January 13."),
        (f"{TIME} Trước đó, ngày 5-3, trời mưa.", "Before 2:30 a.m. it rained."),
        ("Trước đó 3 ngày, xe đã hỏng.", "Before 3 a.m., the car broke down."),
    ],
)
def test_other_befores_stay(source, target):
    assert restore_earlier(source, target) == target
