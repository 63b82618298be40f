"""Terms that a target lacks."""

import pytest

from models.coverage import missed_terms
from models.lexicon import load_lexicon


@pytest.mark.parametrize(
    ("source", "target", "missed"),
    [
        ("Xã trồng cà phê.", "The commune grows coffee.", ()),
        ("Xã trồng cà phê.", "The commune grows crops.", ("coffee",)),
        ("Xã trồng cà phê và cà phê.", "It grows.", ("commune", "coffee")),
        ("Kiểm tra xuất nhập cảnh.", "They checked import and exit.", ("entry and exit",)),
        ("Kiểm tra xuất nhập cảnh.", "They checked exits and entries.", ()),
        (
            "Bí thư Tỉnh ủy Gia Lai đến thăm.",
            "The Secretary of the Gia Lai Provincial Party Committee visited.",
            (),
        ),
        ("Ông nhấn mạnh như vậy.", "He said so.", ()),
        ("Hà Nội có mưa.", "It rained.", ()),
    ],
)
def test_a_term_is_missed_when_no_form_of_it_is_there(source, target, missed):
    assert missed_terms(target, load_lexicon().find(source)) == missed
