"""A digest as text, Markdown and JSON."""

import json

import pytest

from service.rendering import RENDERERS, render_markdown, render_summary, render_text
from service.schemas import DigestOut

WARNING = {"kind": "number", "message": "“46” is missing.", "element": 3}
NOTE = {"kind": "summary", "message": "Taken from the translation."}
ELEMENTS = [
    (0, "headline", "Chợ phiên", "Market\nday"),
    (1, "byline", "Hà Duy", "Ha Duy"),
    (2, "dateline", "(GLO)- ", "(GLO)-"),
    (3, "lead", "Chợ mở 46 quầy.", "A market opened. "),
    (4, "heading", "Nhiều hàng", "Many goods"),
    (5, "image", "cho.jpg", None),
    (6, "caption", "Khách mua.", "Buyers."),
    (7, "credit", "Ảnh: Hà Duy", "Photo: Ha Duy"),
    (8, "signature", "HÀ DUY", "HA DUY"),
]
TEXT = """SUMMARY (taken from the translation)
A market opened.

Market
day

Ha Duy

(GLO)-

A market opened.

Many goods

Buyers.

Photo: Ha Duy

HA DUY

! number (element 3): “46” is missing.
! summary: Taken from the translation.

m (sha256:0123456789ab), e 2, diemtin 0.1.0; 3.1 s"""
MARKDOWN = """# Market day

**Summary.** A market opened.

*Ha Duy*

*(GLO)-*

A market opened.

## Many goods

> Buyers.

> *Photo: Ha Duy*

*HA DUY*

## Warnings

- number (element 3): “46” is missing.
- summary: Taken from the translation.

*m (sha256:0123456789ab), e 2, diemtin 0.1.0; 3.1 s*"""


def make_digest(**changed):
    model = {"model": "m", "revision": "sha256:0123456789abcdef", "engine": "e"}
    made = model | {"engine_version": "2", "options": {}}
    whole = {
        "elements": [
            {"id": id_, "kind": kind, "source": source, "target": target, "warnings": []}
            for id_, kind, source, target in ELEMENTS
        ],
        "summary": {
            "text": "A market opened.",
            "style": "short",
            "words": 3,
            "method": "extractive",
            "sentences": [{"text": "A market opened.", "paragraphs": [3]}],
            "warnings": [NOTE],
        },
        "warnings": [WARNING, NOTE],
        "timings": {"parse_s": 0.1, "translate_s": 2, "summarize_s": 1, "total_s": 3.1},
        "provenance": {"translator": made, "summarizer": made, "package_version": "0.1.0"},
    }
    return DigestOut.model_validate(whole | changed)


@pytest.mark.parametrize(("form", "wanted"), [("text", TEXT), ("markdown", MARKDOWN)])
def test_the_forms(form, wanted):
    assert RENDERERS[form](make_digest()) == wanted


def test_json_is_the_digest_itself():
    digest = make_digest()
    assert DigestOut.model_validate(json.loads(RENDERERS["json"](digest))) == digest
    assert "“46”" in RENDERERS["json"](digest)


def test_without_summary_and_warnings_nothing_stands_in_for_them():
    bare = make_digest(summary=None, warnings=[])
    assert render_text(bare).startswith("Market\nday\n\nHa Duy")
    assert "!" not in render_text(bare)
    assert "Warnings" not in render_markdown(bare) and "Summary" not in render_markdown(bare)
    assert render_summary(bare.summary) == ""


def test_a_digest_without_a_headline_begins_with_its_summary():
    lead = make_digest().elements[3]
    markdown = render_markdown(make_digest(elements=[lead]))
    assert markdown.startswith("**Summary.** A market opened.\n\nA market opened.")


def test_bullets_stay_a_list():
    points = {"text": "- One.\n- Two.", "style": "bullets", "method": "abstractive"}
    summary = make_digest().summary.model_copy(update=points)
    digest = make_digest().model_copy(update={"summary": summary})
    assert "\n\n- One.\n- Two.\n\n" in render_markdown(digest)
    assert render_text(digest).startswith("SUMMARY\n- One.\n- Two.\n\n")
