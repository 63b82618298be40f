"""Names that a model spells anew: told where neither the source nor English has the word."""

import pytest

from models.attribution import Paragraph
from models.coined_names import coined_names, strange_to_source
from models.fidelity import IssueKind, check_segment
from models.grounding import unsupported_values
from models.lexicon import load_lexicon
from models.names import find_names
from models.summarizer import SummarizeOptions, Summarizer, SummaryMethod
from tests.fake_engine import FakeEngine

GATE = "Theo Quyết định 35/QĐ-UBND, xã Ia Dom lập tổ công tác tại cột mốc 27."


@pytest.mark.parametrize(
    ("source", "target", "coined"),
    [
        (GATE, "Under Quyit Decision 35/QD-UBND, Ia Dom formed a team.", ("Quyit",)),
        (GATE, "Under Decision 35, Ia Dom formed a team at Moc 27.", ()),
        (GATE, "Under Decision 35, Ia Dom formed a team at Mok 27 and Mok 28.", ("Mok",)),
        (GATE, "Under Decision 35, Yadom formed a team.", ("Yadom",)),
        ("Đoàn đến thăm Tập đoàn Hanwha.", "The delegation visited Hanwha in Tokyo.", ("Tokyo",)),
        ("Đoàn đến thăm Nhật Bản.", "The delegation visited Japan.", ()),
        ("Doanh nghiệp Pakistan dự hội chợ.", "A Pakistani firm came to the fair.", ()),
        ("Đoàn đến thăm Mát-xcơ-va.", "The delegation visited Moscow.", ()),
        ("Xã họp về QĐ-UBND.", "At Karelo the commune met.", ("Karelo",)),
        ("Người dân xã họp.", "Zorbing is new. The people met.", ()),
        ("Người dân xã họp.", "The people met the FDI and XYZ boards.", ()),
        ("Người dân xã họp.", "The people met the Council's Chairpersons.", ()),
        ("Người Ba Na họp.", "The Bahnar met.", ()),
        ("Người dân xã họp.", "The people met Doan-Kepler.", ("Doan-Kepler",)),
    ],
)
def test_a_word_that_neither_the_source_nor_english_has(source, target, coined):
    assert coined_names(source, target) == coined


def test_what_else_may_stand_there_is_the_callers_word():
    source, target = "Hội Khuyến học họp.", "The Learnora met, and so did the Learnara."
    assert coined_names(source, target, ["Learnora"]) == ("Learnara",)


def test_a_name_is_told_once_by_either_check():
    source, target = "Ông Trần Văn Nam họp.", "Mr. Tran Vun Nam met Kessler."
    assert strange_to_source(source, target) == ("Tran Vun Nam", "Kessler")


def test_a_coined_name_is_a_warning_of_its_segment():
    target = "Under Quyit Decision 35/QD-UBND, Ia Dom Commune formed a team at marker 27."
    matches = load_lexicon().find(GATE)
    found = check_segment(GATE, target, find_names(GATE), matches=matches)
    assert (IssueKind.NAME, "Quyit") in [(one.kind, one.target_value) for one in found]


def test_a_summary_does_not_repeat_a_name_that_the_translation_coined():
    target = "Under Quyit Decision 35/QD-UBND, Ia Dom Commune formed a team at marker 27."
    told = [Paragraph(1, GATE, target)]
    assert unsupported_values("Ia Dom Commune formed a team.", told) == ()
    assert unsupported_values("Ia Dom formed it under Quyit Decision 35.", told) == ("Quyit",)


def test_a_term_of_the_users_own_is_no_coined_name():
    source, target = "Hội Khuyến học xã họp.", "The commune's Learnora met."
    summary = "In the commune, the Learnora met."
    assert unsupported_values(summary, [Paragraph(1, source, target)]) == ("Learnora",)
    assert unsupported_values(summary, [Paragraph(1, source, target, ("Learnora",))]) == ()


def test_sentences_with_a_coined_name_do_not_stand_in_for_a_summary():
    told = [
        Paragraph(1, GATE, "Under Quyit Decision 35, Ia Dom formed a team at marker 27."),
        Paragraph(2, "Xã Ia Dom họp.", "Ia Dom Commune met in the hall."),
    ]
    engine = FakeEngine(lambda one, _: "Ia Dom Commune met 99 guests.")
    summary = Summarizer(engine).summarize(told, SummarizeOptions())
    assert (summary.method, summary.text) == (
        SummaryMethod.EXTRACTIVE,
        "Ia Dom Commune met in the hall.",
    )
    alone = Summarizer(engine).summarize(told[:1], SummarizeOptions())
    assert alone.text == told[0].target
