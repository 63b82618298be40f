"""The part of the day that things happen in: kept, lost, made up."""

import pytest

from models.day_parts import compare_day_parts, lost_calendar

KEPT = [
    ("Chiều 14-11, tỉnh họp.", "The province met on the afternoon of November 14."),
    ("Chiều 14-11, tỉnh họp.", "The province met at 3 p.m. on November 14."),
    ("Chiều 14-11, tỉnh họp.", "The province met at 15:00 on November 14."),
    (
        "17 giờ 30 phút chiều 14-11, cầu thông xe.",
        "The bridge opened on the evening of November 14.",
    ),
    ("Chiều muộn cùng ngày, mưa tạnh.", "The rain stopped that evening."),
    ("Tối 19 giờ ngày 14-11, lễ hội mở màn.", "The festival opened at 7 p.m. on November 14."),
    ("Tối nay có mưa.", "It will rain tonight."),
    ("Tối 2-9, pháo hoa được bắn.", "Fireworks were set off on the night of September 2."),
    ("Rạng sáng 5-3, đám cháy được dập tắt.", "The fire was out in the early hours of March 5."),
    ("Rạng sáng 5-3, đám cháy được dập tắt.", "The fire was out before dawn on March 5."),
    ("Sáng sớm 5-3, chợ mở.", "The market opened early in the morning of March 5."),
    ("Khoảng 23 giờ đêm 5-3, xe bị lật.", "The truck overturned at about 11 p.m. on March 5."),
    ("Đến nửa đêm, nước rút.", "The water receded by midnight."),
    ("Trưa 5-3, đoàn lên đường.", "The delegation left at noon on March 5."),
    ("Trưa 5-3, đoàn lên đường.", "The delegation left in the early afternoon of March 5."),
    ("Sáng và chiều 5-3, có hai trận.", "Two matches are on the morning and afternoon of March 5."),
    ("Lễ hội diễn ra lúc 19 giờ ngày 5-3.", "The festival is in the evening of March 5, at 7."),
    ("Đơn vị làm việc 90 ngày đêm.", "The unit worked for 90 days and nights."),
    ("Đơn vị làm việc 90 ngày đêm.", "The unit worked around the clock for 90 days."),
    ("Đêm nhạc thu hút 500 khán giả.", "The concert drew an audience of 500."),
]
NOT_OF_THE_DAY = [
    ("Đường có chiều dài 3 km.", "The road is 3 km long."),
    ("Mức hỗ trợ tối đa là 5 triệu đồng.", "Support is VND5 million at most."),
    ("Cuộc thi sáng tạo cho học sinh.", "A creativity contest for pupils."),
    ("Xã lắp điện chiếu sáng, ánh sáng đầy đủ.", "The commune installed lighting."),
    ("Đường một chiều, cấm đi ngược chiều.", "A one-way road; driving against traffic is banned."),
    ("Mức tối thiểu từ tối cao đến trong sáng.", "The least, from the supreme to the pure."),
]


@pytest.mark.parametrize(("source", "target"), KEPT + NOT_OF_THE_DAY)
def test_what_is_kept_is_not_reported(source, target):
    difference = compare_day_parts(source, target)
    assert (difference.missing, difference.invented) == ((), ())


@pytest.mark.parametrize(
    ("source", "target", "lost", "english"),
    [
        ("Chiều 14-11, tỉnh họp.", "The province met on November 14.", "Chiều 14-11", "afternoon"),
        ("Sáng nay trời mưa.", "It is raining today.", "Sáng", "morning"),
        ("Chợ họp lúc 5 giờ sáng.", "The market meets.", "5 giờ sáng", "morning"),
        ("Lớp học mở vào buổi tối.", "The class is held.", "tối", "evening"),
        ("Mưa lớn suốt đêm.", "It rained hard.", "đêm", "night"),
        ("Sáng và chiều 5-3, có hai trận.", "Two matches on the morning of March 5.", "chiều 5-3",
         "afternoon"),
        ("7 giờ tối 5-3, tỉnh họp.", "The province met at 7:00 on March 5.", "tối 5-3", "evening"),
    ],
)  # fmt: skip
def test_what_is_lost_is_shown_with_its_english(source, target, lost, english):
    [missing] = compare_day_parts(source, target).missing
    assert (missing.text.casefold(), missing.english) == (lost.casefold(), english)


@pytest.mark.parametrize(
    ("source", "target", "word"),
    [
        ("Sáng 14-11, tỉnh họp.", "The province met on the evening of November 14.", "evening"),
        ("Chiều 14-11, tỉnh họp.", "The province met on the morning of November 14.", "morning"),
        ("Ngày 14-11, tỉnh họp.", "The province met on the afternoon of November 14.", "afternoon"),
        ("Cuộc thi sáng tạo mở ra.", "The contest opened in the morning.", "morning"),
    ],
)
def test_what_is_made_up_is_shown(source, target, word):
    assert compare_day_parts(source, target).invented == (word,)


@pytest.mark.parametrize(
    ("source", "target", "lost"),
    [
        ("Ngày 10-3 âm lịch là giỗ Tổ.", "The feast is on March 10.", "âm lịch"),
        (
            "Ngày 10-3 âm lịch là giỗ Tổ.",
            "The feast is on the 10th of the third lunar month.",
            None,
        ),
        ("Ngày 10-3 là ngày hội.", "The festival is on March 10.", None),
    ],
)
def test_a_lunar_date_stays_lunar(source, target, lost):
    assert lost_calendar(source, target) == lost
