"""What a summary may say of its item: neither too little is caught nor too much."""

import pytest

from models.attribution import Paragraph
from models.english import split_english_sentences
from models.grounding import invented_values, unsupported_values
from service.bench_summaries import normalize, parse_article
from service.benchmark import Split, load_benchmark

ITEM = [
    Paragraph(
        1,
        "Chiều 7-9, xã Ia Mơ khai trương chợ nông sản với 46 gian hàng. Ông Trần Văn Nam, Chủ tịch "
        "UBND xã, và ông Lê Quốc Hải, Giám đốc Sở Công Thương tỉnh Đắk Lắk, dự lễ.",
        "On the afternoon of September 7, Ia Mo Commune opened a farm market with 46 stalls. "
        "Mr. Tran Van Nam, Chairman of the Commune People's Committee, and Mr. Le Quoc Hai, "
        "Director of the Department of Industry and Trade of Dak Lak Province, attended.",
    ),
    Paragraph(
        2,
        "Dịp này, 12 hộ nghèo được nhận tiền hỗ trợ. Doanh thu chợ phiên năm 2024 giảm 15% do "
        "thương lái Trung Quốc ngừng mua.",
        "On this occasion, 12 poor households received support money. The fair's revenue in 2024 "
        "fell by 15% because traders from China stopped buying.",
    ),
    Paragraph(3, "Mưa lớn khiến một người mất tích.", "Heavy rain left one person missing."),
]

CORRUPTED = [
    ("Mr. Tran Quoc Hai opened a farm market.", "Tran Quoc Hai"),
    ("Mr. Le Van Nam attended.", "Le Van Nam"),
    ("Quoc Nam attended.", "Quoc Nam"),
    ("Le Quoc Hai, Chairman of the People's Committee, came.", "Le Quoc Hai, Chairman"),
    ("Director Tran Van Nam attended.", "Director Tran Van Nam"),
    ("Deputy Chairman Tran Van Nam attended.", "Deputy Chairman Tran Van Nam"),
    ("Vinamilk opened a farm market with 46 stalls.", "Vinamilk"),
    ("Kongchro opened a farm market.", "Kongchro"),
    ("Market: Vinamilk attended.", "Vinamilk"),
    ("Cuban traders attended.", "Cuban"),
    ("Phong opened the market.", "Phong"),
    ("The market was opened by Ông Ánh.", "Ông Ánh"),
    ("The market is in Đắk Nông.", "Đắk Nông"),
    ("Ia Mo Commune opened a farm market with 12 stalls.", "12 stalls"),
    ("46 poor households received money.", "46 poor households received"),
    ("The market sold 46 tonnes of rice.", "46 tonnes of rice"),
    ("46% of households received money.", "46% of households received"),
    ("Ia Mo Commune opened a farm market in 2024.", "in 2024"),
    ("On the morning of September 7, Ia Mo Commune opened a farm market.", "morning"),
    ("Revenue in 2024 rose by 15%.", "rose by 15%"),
    ("Revenue doubled.", "doubled"),
    ("One person died.", "died"),
    ("Many traders were arrested.", "arrested"),
    ("No households received money.", "No households received"),
]

FAITHFUL = [
    "On the afternoon of September 7, Ia Mo Commune opened a market with 46 new stalls.",
    "Ia Mo Commune opened a farm market with 46 booths.",
    "The market, with 46 stalls, opened on September 7.",
    "Chinese traders stopped buying.",
    "Mr. Nam and Mr. Hai attended.",
    "Chairman Nam and Director Hai attended.",
    "Commune Chairman Tran Van Nam attended.",
    "Commune Chairperson Tran Van Nam attended.",
    "Mr. Tran Van Nam, the Commune Chairman, attended.",
    "Director Le Quoc Hai attended.",
    "Dak Lak officials attended.",
    "Đắk Lắk officials attended.",
    "Support money went to 12 needy families.",
    "Twelve poor households got aid.",
    "Revenue fell 15% in 2024.",
    "In 2024, the fair's revenue dropped by 15 percent.",
    "Traders bought less; revenue was down 15%.",
    "One person is missing after heavy rain.",
    "Elsewhere, rain fell.",
    "Flood-hit villagers waited.",
    "Ia Mơ opened a market.",
]


@pytest.mark.parametrize(("summary", "unsupported"), CORRUPTED)
def test_what_the_item_does_not_bear_out_is_named(summary, unsupported):
    assert unsupported in unsupported_values(summary, ITEM)


@pytest.mark.parametrize("summary", FAITHFUL)
def test_what_the_item_says_in_other_words_is_borne_out(summary):
    assert unsupported_values(summary, ITEM) == ()


def test_only_values_of_its_own_are_invented():
    moved = "Ia Mo Commune opened a farm market with 12 stalls on the morning of September 7."
    assert invented_values(moved, ITEM) == ()
    assert invented_values("Vinamilk sold 47 stalls.", ITEM) == ("47", "Vinamilk")


@pytest.mark.parametrize(
    ("source", "target", "summary", "unsupported"),
    [
        (  # a synonym behind a figure, where the source calls both by the same word
            "Dịch làm chết 37 con lợn thịt; cả xã có 1.286 con lợn.",
            "The disease killed 37 porkers; the commune has 1,286 pigs.",
            "The disease killed 37 pigs.",
            (),
        ),
        (  # an end of a range
            "Sản lượng giảm 15-20%.",
            "Output fell by 15-20%.",
            "Output fell by 15% to 20%.",
            (),
        ),
        (  # both directions stand in the sentence: it cannot be told
            "Doanh thu tăng 15% dù giá giảm.",
            "Revenue rose by 15% though prices fell.",
            "Though prices fell by 15%, revenue rose.",
            (),
        ),
        (  # worked out from two figures of one sentence
            "Doanh thu từ 20 tỷ đồng lên 40 tỷ đồng.",
            "Revenue went from VND20 billion to VND40 billion.",
            "Revenue doubled.",
            (),
        ),
        (  # the morning of the same day
            "Chiều 7-9, xã họp. Sáng cùng ngày, đoàn thăm chợ.",
            "The commune met on the afternoon of September 7. That morning they saw the market.",
            "They saw the market on the morning of September 7.",
            (),
        ),
        (  # a province that goes without saying
            "Dịch xuất hiện tại xã Hạ Lang.",
            "The disease appeared in Ha Lang Commune.",
            "The disease appeared in Ha Lang, Cao Bang.",
            (),
        ),
        (
            "Dịch xuất hiện tại xã Hạ Lang.",
            "The disease appeared in Ha Lang Commune.",
            "The disease appeared in Ha Lang, Lang Son.",
            ("Lang Son",),
        ),
        (  # a place and a person side by side
            "Chủ tịch UBND tỉnh Gia Lai Phạm Anh Tú dự họp.",
            "Pham Anh Tu, Chairman of the Gia Lai Provincial People's Committee, met them.",
            "Chairman of Gia Lai Pham Anh Tu met them.",
            (),
        ),
        (  # a family name that is an English word too
            "Bà Hồ Thị Mai và ông Võ Văn Hà dự họp.",
            "Ms. Ho Thi Mai and Mr. Vo Van Ha attended.",
            "Ho Van Ha attended.",
            ("Ho Van Ha",),
        ),
        (
            "Mưa lớn, không có thiệt hại về người.",
            "It rained heavily; there were no casualties.",
            "No one was hurt in the heavy rain.",
            (),
        ),
        (
            "Ba người tử vong do lũ.",
            "Three people lost their lives in the flood.",
            "The flood killed three people.",
            (),
        ),
    ],
)
def test_what_can_and_what_cannot_be_told(source, target, summary, unsupported):
    assert unsupported_values(summary, [Paragraph(1, source, target)]) == unsupported


@pytest.mark.parametrize("item", load_benchmark(Split.DEV), ids=lambda item: item.id)
def test_no_false_alarm_about_a_careful_summary_or_the_items_own_sentences(item):
    elements = parse_article(normalize(item.source)).translatable
    told = [one for one in elements if one.text.strip()]
    paragraphs = [
        Paragraph(one.id, one.text, target)
        for one, target in zip(told, item.reference, strict=True)
    ]
    sentences = [
        item.summary,
        *split_english_sentences(item.summary),
        *(one for paragraph in paragraphs for one in split_english_sentences(paragraph.target)),
    ]
    alarms = {one: unsupported_values(one, paragraphs) for one in sentences}
    assert {one: values for one, values in alarms.items() if values} == {}
