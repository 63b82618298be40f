"""The table of terms after an item."""

import pytest

from service.term_tables import TERM_RENDERERS
from tests.test_rendering import make_digest

TERMS = {
    0: [("chợ", "market", "market", False)],
    3: [("quầy|hàng", "stall", None, True), ("xã", "commune", None, False)],
    1: [("tên", "name", None, False)],
}
TEXT = """TERMS found 4, used 1
- tên = name
- [2] quầy|hàng = stall (your glossary)
- [2] xã = commune"""
MARKDOWN = r"""## Terms

Found 4, used 1.

| Paragraph | Not used | English | Glossary |
| --- | --- | --- | --- |
|  | tên | name | built-in |
| 2 | quầy\|hàng | stall | yours |
| 2 | xã | commune | built-in |"""


def digest_with(terms):
    elements = [one.model_dump() for one in make_digest().elements]
    for element in elements:
        keys = ("source", "target", "used", "user")
        element["terms"] = [
            dict(zip(keys, term, strict=True)) for term in terms.get(element["id"], [])
        ]
    return make_digest(elements=elements)


@pytest.mark.parametrize(("form", "wanted"), [("text", TEXT), ("markdown", MARKDOWN)])
def test_the_forms(form, wanted):
    assert TERM_RENDERERS[form](digest_with(TERMS)) == wanted


def test_where_nothing_is_missing_only_the_counts_stand():
    used = {0: TERMS[0]}
    assert TERM_RENDERERS["text"](digest_with(used)) == "TERMS found 1, used 1"
    assert TERM_RENDERERS["markdown"](digest_with(used)) == "## Terms\n\nFound 1, used 1."
    assert TERM_RENDERERS["text"](digest_with({})) == "TERMS found 0, used 0"
