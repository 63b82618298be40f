"""The glossary of dates and figures that a prompt gets."""

from __future__ import annotations

import pytest

from models.quantity_hints import english_dates

HINTS = [
    ("Chiều 10-3, đoàn đến.", [("Chiều 10-3", "On the afternoon of March 10")]),
    ("Đoàn đến sáng ngày 5/4.", [("sáng ngày 5/4", "on the morning of April 5")]),
    ("Hạn là ngày 10-3.", [("10-3", "March 10")]),
    ("Hạn là 10-3-2025.", [("10-3-2025", "March 10, 2025")]),
    ("ngày 10 tháng 3 năm 2025", [("10 tháng 3 năm 2025", "March 10, 2025")]),
    ("trong hai ngày (14 và 15-10)", [("14 và 15-10", "October 14 and 15")]),
    ("Trong hai ngày 10 và 11-3.", [("10 và 11-3", "March 10 and 11")]),
    ("Từ ngày 10 đến 15-3.", [("10 đến 15-3", "March 10 to 15")]),
    ("bản đồ tỷ lệ 1/2000", [("tỷ lệ 1/2000", "at a scale of 1/2000")]),
    ("vốn 2,5 tỷ đồng", [("2,5 tỷ đồng", "VND 2.5 billion")]),
    ("vốn 3 nghìn tỷ đồng", [("3 nghìn tỷ đồng", "VND 3 trillion")]),
    ("giá 1.234.567 đồng", [("1.234.567 đồng", "VND 1,234,567")]),
    ("giá 3.000 USD", [("3.000 USD", "USD 3,000")]),
    ("rộng 1.500 ha", [("1.500 ha", "1,500 hectares")]),
    ("tăng 12,5%", [("12,5%", "12.5%")]),
    ("trong quý I/2025", [("quý I/2025", "the first quarter of 2025")]),
    ("trong tháng 3/2025", [("tháng 3/2025", "March 2025")]),
    ("nhiệm kỳ 2025-2030", [("nhiệm kỳ 2025-2030", "the 2025-2030 term")]),
    ("giai đoạn 2021-2025", [("giai đoạn 2021-2025", "the 2021-2025 period")]),
    ("rạng sáng 1-1", [("rạng sáng 1-1", "in the early hours of January 1")]),
    (
        "đêm 29, rạng sáng 30-9",
        [
            (
                "đêm 29, rạng sáng 30-9",
                "on the night of September 29 and in the early hours of September 30",
            )
        ],
    ),
    ("lúc 19h ngày mai", [("19h", "7 p.m.")]),
    ("lúc 2 giờ đêm qua", [("2 giờ đêm", "2 a.m.")]),
    ("lúc 8 giờ tối", [("8 giờ tối", "8 p.m.")]),
    ("lúc 17h30", [("17h30", "5:30 p.m.")]),
    ("(thứ 2 từ phải sang)", [("thứ 2 từ phải sang", "second from right")]),
    ("sáng thứ Hai", [("thứ Hai", "Monday")]),
    ("giá 131.500-132.000 đồng/kg", [("131.500-132.000 đồng", "VND 131,500 to 132,000")]),
    ("từ 10 đến 15 triệu đồng", [("10 đến 15 triệu đồng", "VND 10 million to 15 million")]),
    ("mỗi nhóm 5-7 người, 3 tổ", []),
    ("10-3, rồi 10-3", []),
    ("giá 2,5 tỷ đồng, tức 2,5 tỷ đồng", [("2,5 tỷ đồng", "VND 2.5 billion")]),
]


@pytest.mark.parametrize(("source", "hints"), HINTS)
def test_english_hints(source: str, hints: list[tuple[str, str]]) -> None:
    assert english_dates(source) == hints
    assert all(found in source for found, _ in english_dates(source))
