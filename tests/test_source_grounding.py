"""A Vietnamese summary against its Vietnamese item."""

import pytest

from models.attribution import Paragraph
from models.source_grounding import unsupported_in_source

ITEM = [
    Paragraph(
        2,
        "Chiều 7-9, xã Ia Mơ khai trương chợ nông sản với 46 gian hàng, doanh thu 1,5 tỷ đồng.",
        "On the afternoon of September 7, Ia Mo Commune opened a farm market with 46 stalls.",
    ),
    Paragraph(5, "Bà Trần Thị Nụ ở thôn Hoà Bình cho biết chợ bán gạo.", "Ms. Nu sells rice."),
    Paragraph(6, "Ông Lê Minh Sơn và 12 hộ nghèo được nhận 3 tấn gạo.", "Mr. Son got rice."),
]


@pytest.mark.parametrize(
    ("summary", "unsupported"),
    [
        ("Xã Ia Mơ khai trương chợ nông sản với 46 gian hàng.", ()),
        ("Ngày 7-9, chợ khai trương.", ()),
        ("Chợ mở trong tháng 9.", ()),
        ("Chợ thu 1,5 tỷ đồng.", ()),
        ("Bà Nụ ở thôn Hòa Bình bán gạo.", ()),
        ("Chợ có 64 gian hàng.", ("64",)),
        ("Chợ có 64 gian hàng, 64 người bán.", ("64",)),
        ("Ngày 9-7, chợ khai trương.", ("Ngày 9-7",)),
        ("Chợ thu 15 tỷ đồng.", ("15 tỷ đồng",)),
        ("Bà Trần Thị Nu bán gạo.", ("Trần Thị Nu",)),
        ("Ông Lê Văn Tám bán gạo.", ("Lê Văn Tám",)),
        ("Chợ ở xã Ia Đơ.", ("Ia Đơ",)),
        ("Ông Trần Minh Sơn bán gạo.", ("Trần Minh Sơn",)),
        ("Ông Lê Minh Sơn bán gạo.", ()),
        ("12 gian hàng bán gạo.", ("12 gian hàng",)),
        ("46 hộ nghèo bán gạo.", ("46 hộ nghèo",)),
        ("Chợ có 46 gian, 12 hộ bán gạo.", ()),
        ("Chợ bán 46 tấn gạo.", ("46 tấn gạo",)),
    ],
)
def test_figures_and_names_that_the_source_lacks(summary, unsupported):
    assert unsupported_in_source(summary, ITEM) == unsupported
