"""A digest as text and as Markdown."""

import pytest

from service.rendering import (
    RENDERERS,
    escape_markdown,
    number_paragraphs,
    render_markdown,
    render_summary_markdown,
    render_summary_text,
    render_text,
)
from service.schemas import DigestOut

WARNING = {"kind": "number", "message": "“46” is missing.", "element": 3, "source_value": "46"}
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
A market opened. [2, 1] It sold goods.

[1] Market
day

Ha Duy

(GLO)-

[2] A market opened.

[3] Many goods

[4] Buyers.

Photo: Ha Duy

HA DUY

! number [2]: “46” is missing.
! summary: Taken from the translation.

m (sha256:0123456789ab), e 2, diemtin 0.1.0; 3.1 s"""
MARKDOWN = """# Market day [1]

## Summary (taken from the translation)

A market opened. [2, 1] It sold goods.

## English text

*Ha Duy*

*(GLO)-*

**A market opened.** [2]

### Many goods [3]

*Buyers.* [4]

*Photo: Ha Duy*

*HA DUY*

## Warnings

- **Number** [2]: “46” is missing. (Vietnamese: 46)
- **Summary**: Taken from the translation.

---

Translation: m (sha256:0123456789abcdef) on e 2. Summary: m (sha256:0123456789abcdef) on e 2. \
Time: 3.10 s: reading 0.10 s, translating 2.00 s, summarizing 1.00 s. Made with: diemtin 0.1.0."""
SENTENCES = [
    {"text": "A market opened.", "paragraphs": [3, 0, 5]},
    {"text": "It sold goods.", "paragraphs": []},
]


def make_digest(**changed):
    model = {"model": "m", "revision": "sha256:0123456789abcdef", "engine": "e"}
    made = model | {"engine_version": "2", "options": {}}
    whole = {
        "elements": [
            {"id": id_, "kind": kind, "source": source, "target": target, "warnings": []}
            for id_, kind, source, target in ELEMENTS
        ],
        "summary": {
            "text": "A market opened. It sold goods.",
            "style": "short",
            "words": 6,
            "method": "extractive",
            "sentences": SENTENCES,
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


def test_without_summary_and_warnings_nothing_stands_in_for_them():
    bare = make_digest(summary=None, warnings=[])
    assert render_text(bare).startswith("[1] Market\nday\n\nHa Duy")
    assert "!" not in render_text(bare)
    assert "## Warnings\n\nNone.\n\n---" in render_markdown(bare)
    assert "## Summary" not in render_markdown(bare)
    assert render_summary_text(bare) == render_summary_markdown(bare) == ""


def test_a_digest_without_a_headline_has_a_title_all_the_same():
    lead = make_digest().elements[3]
    markdown = render_markdown(make_digest(elements=[lead]))
    assert markdown.startswith("# News item\n\n## Summary (taken")
    assert "\n\n**A market opened.** [1]\n\n" in markdown


def test_space_between_elements_has_no_number():
    space = {"id": 2, "kind": "space", "source": " ", "target": None, "warnings": []}
    blank = space | {"id": 5, "kind": "paragraph", "target": ""}
    elements = [*make_digest().elements[:2], space, blank, *make_digest().elements[6:7]]
    assert number_paragraphs(make_digest(elements=elements).elements) == {0: 1, 6: 2}


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("truncated", "Cut short"),
        ("omission", "Left out"),
        ("addition", "Added"),
        ("negation", "Negation"),
        ("term", "Term"),
    ],
)
def test_a_warning_bears_the_readers_word_for_its_kind(kind, name):
    markdown = render_markdown(make_digest(warnings=[WARNING | {"kind": kind}]))
    assert f"\n- **{name}** [2]: “46” is missing." in markdown


def test_bullets_stay_a_list():
    points = {"style": "bullets", "method": "abstractive"}
    summary = make_digest().summary.model_copy(update=points)
    digest = make_digest().model_copy(update={"summary": summary})
    points = "- A market opened. [2, 1]\n- It sold goods."
    assert f"## Summary\n\n{points}\n\n" in render_markdown(digest)
    assert render_text(digest).startswith(f"SUMMARY\n{points}\n\n")


def test_a_summary_alone_has_its_mark_and_its_warnings_and_no_others():
    digest = make_digest()
    told = "A market opened. [2, 1] It sold goods."
    assert render_summary_text(digest) == (
        f"SUMMARY (taken from the translation)\n{told}\n\n! summary: Taken from the translation."
    )
    assert render_summary_markdown(digest) == (
        f"## Summary (taken from the translation)\n\n{told}\n\n"
        "## Warnings\n\n- **Summary**: Taken from the translation."
    )


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("<script>x</script>", "\\<script>x\\</script>"),
        ("# Not a heading", "\\# Not a heading"),
        ("a # b", "a # b"),
        ("- no item", "\\- no item"),
        ("> no quotation\n# nor a heading", "\\> no quotation # nor a heading"),
        ("one\r# two", "one # two"),
        ("5. June", "5\\. June"),
        ("5.5 km", "5.5 km"),
        ("*a* _b_ `c` ~d~ [e](f) a|b &lt; \\", None),
    ],
)
def test_text_means_itself_in_markdown(text, wanted):
    if wanted is None:
        wanted = "".join(f"\\{one}" if one in "*_`~[]|&\\" else one for one in text)
    assert escape_markdown(text) == wanted


def test_no_markup_of_any_field_passes():
    evil = "# <script>x</script> [a](b)\n# c"
    kinds = ("headline", "byline", "lead", "paragraph", "heading", "caption", "tags")
    warning = WARNING | {"message": evil, "source_value": evil, "target_value": evil}
    summary = make_digest().summary.model_dump() | {"sentences": [{"text": evil, "paragraphs": []}]}
    for target in (evil, None):
        elements = [
            {"id": id_, "kind": kind, "source": evil, "target": target, "warnings": []}
            for id_, kind in enumerate(kinds)
        ]
        digest = make_digest(elements=elements, summary=summary, warnings=[warning])
        for markdown in (render_markdown(digest), render_summary_markdown(digest)):
            assert "\\<script>" in markdown and "\\[a\\](b)" in markdown
            assert "<" not in markdown.replace("\\<", "") and "\n# c" not in markdown
