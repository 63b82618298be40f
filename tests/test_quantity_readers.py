"""What single texts are read as, and that reading keeps spans and stays linear."""

from __future__ import annotations

import time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.quantities import (
    QuantityKind,
    compare_quantities,
    find_quantities_en,
    find_quantities_vi,
)

VALUES_VI = [
    ("ngày 10-3-2025", QuantityKind.DATE, (10, 3, 2025)),
    ("Chiều 10-3", QuantityKind.DATE, (10, 3, None)),
    ("1.500", QuantityKind.NUMBER, Decimal(1500)),
    ("2,5 tỷ đồng", QuantityKind.MONEY, Decimal(2_500_000_000)),
    ("12,5%", QuantityKind.PERCENT, Decimal("12.5")),
    ("tỷ lệ 1/2000", QuantityKind.RATIO, (1, 2000)),
    ("1/500", QuantityKind.RATIO, (1, 500)),
    ("1/5", QuantityKind.DATE, (1, 5, None)),
    ("tỷ lệ 1/5", QuantityKind.RATIO, (1, 5)),
    ("tháng 3/2025", QuantityKind.MONTH, "3/2025"),
    ("quý II/2025", QuantityKind.QUARTER, "Q2/2025"),
    ("sáng thứ Hai", QuantityKind.WEEKDAY, "2"),
    ("thứ 2 từ phải sang", QuantityKind.ORDINAL, Decimal(2)),
    ("17h30", QuantityKind.TIME, "17:30"),
    ("57-NQ/TW", QuantityKind.DOCUMENT, "57-NQ/TW"),
    ("0905 123 456", QuantityKind.CODE, "0905123456"),
    ("hàng trăm nghìn", QuantityKind.VAGUE, Decimal(100_000)),
    ("hai trăm linh năm", QuantityKind.NUMBER, Decimal(205)),
    ("một triệu hai trăm nghìn", QuantityKind.NUMBER, Decimal(1_200_000)),
]


@pytest.mark.parametrize(("text", "kind", "value"), VALUES_VI)
def test_vietnamese_values(text: str, kind: QuantityKind, value: object) -> None:
    assert [(q.kind, q.value) for q in find_quantities_vi(text)] == [(kind, value)]


VALUES_EN = [
    ("March 10, 2025", QuantityKind.DATE, (10, 3, 2025)),
    ("the 10th of March", QuantityKind.DATE, (10, 3, None)),
    ("2025-03-10", QuantityKind.DATE, (10, 3, 2025)),
    ("1,500.75", QuantityKind.NUMBER, Decimal("1500.75")),
    ("VND 2.5 billion", QuantityKind.MONEY, Decimal(2_500_000_000)),
    ("12.5 percent", QuantityKind.PERCENT, Decimal("12.5")),
    ("one hundred and twenty-five", QuantityKind.NUMBER, Decimal(125)),
    ("half a million", QuantityKind.NUMBER, Decimal(500_000)),
    ("twenty-first", QuantityKind.ORDINAL, Decimal(21)),
    ("1:2,000", QuantityKind.RATIO, (1, 2000)),
    ("5:30 pm", QuantityKind.TIME, "17:30"),
    ("noon", QuantityKind.TIME, "12:00"),
    ("Sunday", QuantityKind.WEEKDAY, "8"),
    ("first quarter of 2025", QuantityKind.QUARTER, "Q1/2025"),
]


@pytest.mark.parametrize(("text", "kind", "value"), VALUES_EN)
def test_english_values(text: str, kind: QuantityKind, value: object) -> None:
    found = [(q.kind, q.value) for q in find_quantities_en(text) if q.value != Decimal(1)]
    assert found == [(kind, value)]


UNITS = [
    ("Vốn 5 triệu USD.", "Capital of VND 5 million.", ["5 triệu USD"], ["VND 5 million"]),
    ("Nộp 2 tỷ 500 triệu đồng.", "Paid $2.5 billion.", ["2 tỷ 500 triệu đồng"], ["$2.5 billion"]),
    ("Trong 30 ngày.", "Within 30 months.", ["30 ngày"], ["30 months"]),
    ("Dài 5-7 km.", "It is 5 to 7 m long.", ["5-7 km"], ["7 m"]),
    ("Tăng 5%.", "Up 5.", ["5%"], ["5"]),
    ("Xã có 5 km, 5 ha.", "The commune has 5 km and 5 km.", ["5 ha"], []),
    ("Lúc 9 giờ tối.", "At 9 a.m.", ["9 giờ tối"], ["9 a.m."]),
    ("Sáu hộ, 6 ha.", "6 km for 6 households.", [], []),  # one of the two has no known unit
    ("Trồng 6 ha.", "They planted 6.", [], []),
    ("Trồng 6 ha.", "They planted 7 km.", ["6 ha"], ["7 km"]),
]


@pytest.mark.parametrize(("source", "target", "missing", "invented"), UNITS)
def test_contradicting_units_are_shown_with_their_figures(
    source: str, target: str, missing: list[str], invented: list[str]
) -> None:
    difference = compare_quantities(source, target)
    assert [q.text for q in difference.missing] == missing
    assert [q.text for q in difference.invented] == invented


FIGURES = st.text(alphabet=st.sampled_from("0123456789.,-/:% hngàythứtỷVI()"), max_size=40)


@given(st.one_of(st.text(), FIGURES))
def test_spans_are_exact_and_apart(text: str) -> None:
    for find in (find_quantities_vi, find_quantities_en):
        end = 0
        for quantity in find(text):
            assert text[quantity.start : quantity.end] == quantity.text
            assert end <= quantity.start < quantity.end
            end = quantity.end


@pytest.mark.parametrize(
    "unit",
    [
        "1",
        "1.500 ",
        "10-3, ",
        "hai mươi ",
        "1,",
        "a",
        "một ",
        "10 và ",
        "0905 ",
        "a-",
        "XV ",
        ".111",
        ",111",
        "1/1",
        "1, ",
        "nghìn ",
        "one ",
        "March 1, ",
        "thứ ",
        "5 kg, ",
        "5% and 6 to ",
        "8 giờ tối ",
        "$5 ",
    ],
)
def test_reading_is_linear(unit: str) -> None:
    text = unit * (40_000 // len(unit))
    started = time.process_time()
    compare_quantities(text, text)
    assert time.process_time() - started < 5
