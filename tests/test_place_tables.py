"""The list of places after an item."""

import pytest

from service.place_tables import PLACE_RENDERERS
from tests.test_rendering import make_digest

KEYS = ("english", "province", "status", "note")
PLACES = [
    ("Gia Lai province", "Gia Lai province", "current", "Gia Lai province: merged"),
    ("Ia Mo commune", "Gia Lai province", "current", ""),
    ("An Nhon town", "Gia Lai province", "former", "An Nhon town (former): now An Nhon ward"),
    ("Old_ town", "", "former", ""),
    ("Tan Lap commune", "", "ambiguous", "one of 22 units"),
    ("<b>An Phu ward", "Gia Lai province", "ambiguous", "one of 2 [units](x)\n# y"),
]
TEXT = """PLACES 6
- Gia Lai province
- Ia Mo commune, Gia Lai province
- An Nhon town (former): now An Nhon ward
- Old_ town (former)
- Tan Lap commune: one of 22 units
- <b>An Phu ward, Gia Lai province: one of 2 [units](x)
# y"""
MARKDOWN = r"""## Places

- Gia Lai province
- Ia Mo commune, Gia Lai province
- An Nhon town (former): now An Nhon ward
- Old\_ town (former)
- Tan Lap commune: one of 22 units
- \<b>An Phu ward, Gia Lai province: one of 2 \[units\](x) # y"""


def digest_with(places):
    rest = {"text": "xã", "level": "commune"}
    return make_digest(places=[rest | dict(zip(KEYS, one, strict=True)) for one in places])


@pytest.mark.parametrize(("form", "wanted"), [("text", TEXT), ("markdown", MARKDOWN)])
def test_the_forms(form, wanted):
    assert PLACE_RENDERERS[form](digest_with(PLACES)) == wanted


def test_an_item_without_a_place_says_so():
    assert PLACE_RENDERERS["text"](digest_with([])) == "PLACES 0"
    assert PLACE_RENDERERS["markdown"](digest_with([])) == "## Places\n\nNone."
