"""The summarizer with an engine that answers by script, and its grounding check."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.attribution import Paragraph
from models.english import count_words, cut_to_words, split_english_sentences
from models.errors import EngineFailed
from models.fidelity import IssueKind
from models.grounding import unsupported_values
from models.instructed_summarizer import PART_CHARACTERS
from models.summarizer import (
    SummarizeOptions,
    Summarizer,
    SummaryMethod,
    SummaryStyle,
)
from tests.fake_engine import FakeEngine

ITEM = [
    Paragraph(
        2,
        "Chiều 7-9, xã Ia Mơ khai trương chợ nông sản với 46 gian hàng, có đông bà con các thôn "
        "làng trong vùng đến mua bán và xem biểu diễn cồng chiêng.",
        "On the afternoon of September 7, Ia Mo Commune opened a farm market with 46 stalls, and "
        "many people of the villages around came to trade and to watch a gong show.",
    ),
    Paragraph(
        5,
        "Bà Trần Thị Nụ cho biết chợ bán gạo và mật ong.",
        "Ms. Tran Thi Nu said the market sells rice and honey.",
    ),
]
LEAD = "Ia Mo Commune opened a farm market with 46 stalls on September 7."
REST = "It sells rice and honey."
GOOD = f"{LEAD} {REST}"


def summarize(*answers: str, **options):
    left = list(answers)
    engine = FakeEngine(lambda one, _: left.pop(0) if len(left) > 1 else left[0])
    return Summarizer(engine).summarize(ITEM, SummarizeOptions(**options)), engine


def test_a_grounded_summary_is_taken_with_its_paragraphs():
    summary, engine = summarize(LEAD, REST)
    assert summary.text == GOOD
    assert summary.method is SummaryMethod.ABSTRACTIVE
    assert [one.paragraphs for one in summary.sentences] == [(2,), (5,)]
    assert (summary.issues, summary.attempts, len(engine.calls)) == ((), 2, 2)
    assert summary.words == count_words(GOOD) <= 60


@pytest.mark.parametrize("style", SummaryStyle)
def test_the_prompts_hold_the_whole_item(style):
    _, engine = summarize(LEAD, REST, style=style)
    prompts = "\n".join(one.source for one, _ in engine.calls)
    assert all(paragraph.target in prompts for paragraph in ITEM)


@pytest.mark.parametrize(
    "invented",
    [
        "Ia Mo Commune opened a market with 64 stalls.",
        "Ia Mo Commune opened a market on July 9.",
        "Pleiku City opened a market with 46 stalls.",
        "Ia Mo Commune opened a market, said Mr. Nguyen Van Hai.",
        "Hanoi opened a market with 46 stalls.",
    ],
)
@pytest.mark.parametrize("first_part", [True, False])
def test_an_invention_is_tried_again(invented, first_part):
    answers = (invented, LEAD, REST) if first_part else (LEAD, invented, REST)
    second_try, engine = summarize(*answers)
    assert (second_try.text, second_try.attempts, second_try.issues) == (GOOD, 3, ())
    assert "Do not mention" in engine.calls[1 if first_part else 2][0].source


def test_a_lead_invented_twice_is_replaced_and_flagged():
    replaced, _ = summarize("Pleiku City opened a market with 64 stalls.")
    assert replaced.method is SummaryMethod.EXTRACTIVE
    assert replaced.text.startswith("On the afternoon of September 7")
    [issue] = replaced.issues
    assert issue.kind is IssueKind.SUMMARY and issue.target_value == "64; Pleiku City"


@pytest.mark.parametrize(
    ("rest", "told", "value"),
    [
        ("Pleiku City sells rice.", "was not borne out by the item (Pleiku City)", "Pleiku City"),
        ("Sure!", "is empty", None),
        ("...", "is empty", None),
        ("Rice, rice, rice, rice, rice, rice, rice, rice, rice.", "repeats itself", None),
        ("It sells rice and<cut>", "has no first sentence within the limit of words", None),
        ("On September 7, a market with 46 stalls was opened by Ia Mo.", "only says the lead again",
         None),
    ],
)  # fmt: skip
def test_a_lead_that_stands_is_kept_when_the_rest_does_not(rest, told, value):
    summary, _ = summarize(LEAD, rest)
    assert (summary.text, summary.method) == (LEAD, SummaryMethod.ABSTRACTIVE)
    [issue] = summary.issues
    assert issue.message == f"The rest of the model's summary {told} and was left out."
    assert (issue.kind, issue.target_value) == (IssueKind.SUMMARY, value)


def test_of_a_rest_only_what_is_borne_out_is_kept():
    summary, _ = summarize(LEAD, f"{REST} Pleiku sold 64 pigs.", style=SummaryStyle.BULLETS)
    assert [one.text for one in summary.sentences] == [LEAD, REST]
    assert [issue.target_value for issue in summary.issues] == ["64; Pleiku"]


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ("", "is empty"),
        ("Certainly! Here is a summary:", "is empty"),
        ("The market, the market, the market, the market, the market, the.", "repeats itself"),
        ("Ia Mo Commune opened a farm<cut>", "has no first sentence within the limit of words"),
        ("Hanoi opened a market.", "was not borne out by the item (Hanoi)"),
    ],
)
def test_the_fallback_says_what_was_wrong_with_the_lead(answer, told):
    summary, engine = summarize(answer)
    [issue] = summary.issues
    assert issue.message.startswith(f"The model's summary {told}; these sentences")
    assert summary.attempts == len(engine.calls) == 2
    assert engine.calls[0] != engine.calls[1], "the second attempt must differ"


@pytest.mark.parametrize(
    ("answer", "lead"),
    [
        (f"Good news for farmers. {LEAD}", LEAD),
        (f"Farmers of Ia Mo have good news. {LEAD}", LEAD),
        (f"Sure! Here is a one-sentence summary: {LEAD}", LEAD),
        (f"{LEAD} Many people came.", LEAD),
        (f"Ia Mo Commune opened a market. {REST}", "Ia Mo Commune opened a market."),
        ("Farmers rejoice. It has 46 stalls.", "Farmers rejoice."),
    ],
)
def test_the_lead_is_the_first_sentence_that_tells_who_and_when(answer, lead):
    summary, _ = summarize(answer, style=SummaryStyle.SENTENCE)
    assert summary.text == lead


def test_no_rest_is_asked_for_where_the_lead_fills_the_limit():
    summary, engine = summarize(LEAD, REST, max_words=13)
    assert (summary.text, summary.issues, len(engine.calls)) == (LEAD, (), 1)


def test_figures_may_come_from_the_source_where_the_translation_wrote_them_otherwise():
    assert unsupported_values("It opened on 7 September.", ITEM) == ()
    assert unsupported_values("The commune's market has forty-six stalls.", ITEM) == ()


def test_a_year_that_stands_elsewhere_in_the_item_does_not_make_a_date():
    item = [
        Paragraph(1, "Ngày 14-1, tổ công tác kiểm tra chợ.", "The team checked it on January 14."),
        Paragraph(2, "Từ tháng 12-2025, chợ đóng cửa.", "It closed in December 2025."),
    ]
    assert unsupported_values("The team checked it on January 14.", item) == ()
    assert unsupported_values("It closed in December 2025.", item) == ()
    assert unsupported_values("It was checked on January 14, 2025.", item) == ("January 14, 2025",)


@pytest.mark.parametrize(
    "sentence",
    [
        "Rice and honey are sold.",
        "Officials promised help.",
        "Heavy rain fell, and visitors left.",
        "Authorities' plans remain unclear.",
        "Local farmers met at the market.",
        "Tran Thi Nu's stall sells honey.",
        "The market opened; Ia Mo rejoiced.",
    ],
)
def test_ordinary_english_is_no_invention(sentence):
    assert unsupported_values(sentence, ITEM) == ()


def test_a_second_sentence_beyond_the_limit_is_left_out():
    summary, _ = summarize(LEAD, REST, max_words=14)
    assert summary.text == LEAD


def test_a_sentence_beyond_the_limit_is_shortened_by_the_model():
    long = LEAD.replace(" on ", " that sells rice and honey on ")
    summary, engine = summarize(long, LEAD, max_words=13)
    assert summary.text == LEAD
    asked = engine.calls[1][0].source
    assert asked.startswith(long) and "at most 8 words" in asked


def test_a_summary_of_one_sentence_has_one():
    summary, engine = summarize(GOOD, style=SummaryStyle.SENTENCE)
    assert [one.text for one in summary.sentences] == [LEAD]
    assert len(engine.calls) == 1


def test_bullets_lose_the_models_own_signs_and_get_ours():
    summary, _ = summarize(
        f"1. {LEAD}", "- It sells rice.\n- It sells honey.", style=SummaryStyle.BULLETS
    )
    assert summary.text == f"- {LEAD}\n- It sells rice.\n- It sells honey."
    assert summary.words == count_words(LEAD) + 6


@pytest.mark.parametrize("junk", ["...", "- -", "1. 2."])
def test_what_has_no_letter_is_no_summary(junk):
    assert summarize(junk)[0].method is SummaryMethod.EXTRACTIVE
    assert summarize(LEAD, junk)[0].text == LEAD


@pytest.mark.parametrize(
    "again", [LEAD.upper(), "With 46 stalls, a farm market was opened by Ia Mo on September 7."]
)
def test_the_same_is_not_said_twice(again):
    assert summarize(LEAD, again)[0].text == LEAD
    told = summarize(LEAD, f"{again} {REST}", style=SummaryStyle.BULLETS)[0]
    assert ([one.text for one in told.sentences], told.issues) == ([LEAD, REST], ())


def test_a_run_without_spaces_beyond_the_window_fails_nothing():
    engine = FakeEngine(lambda one, _: LEAD)
    giant = [Paragraph(1, "", "-" * (PART_CHARACTERS + 1000))]
    Summarizer(engine).summarize([*ITEM, *giant], SummarizeOptions())
    assert max(len(one.source) for one, _ in engine.calls) < PART_CHARACTERS + 300


def test_a_model_that_never_shortens_is_an_error_not_an_endless_loop():
    stubborn = "Summarize this part"
    engine = FakeEngine(
        lambda one, _: one.source if one.source.startswith(stubborn) else "Rice was sold."
    )
    giant = [Paragraph(n, "", "Rice was sold. " * 200) for n in range(5)]
    with pytest.raises(EngineFailed, match="no shorter"):
        Summarizer(engine).summarize(giant, SummarizeOptions())


def test_a_loop_is_no_summary():
    summary, _ = summarize("The market, the market, the market, the market, the market, the.")
    assert summary.method is SummaryMethod.EXTRACTIVE


def test_a_first_sentence_beyond_the_limit_is_cut_visibly_in_the_fallback():
    summary, _ = summarize("It has 99 stalls.", max_words=10)
    assert summary.text == "On the afternoon of September 7, Ia Mo Commune opened…"
    assert summary.words == 10


@given(st.integers(10, 80), st.lists(st.text("ab .!?1A", max_size=200), max_size=4))
def test_no_summary_exceeds_its_limit(limit, texts):
    engine = FakeEngine(lambda one, _: " ".join(texts))
    paragraphs = [Paragraph(i, text, text) for i, text in enumerate(texts)]
    summary = Summarizer(engine).summarize(paragraphs, SummarizeOptions(max_words=limit))
    assert summary.words <= limit
    assert len(summary.sentences) <= 3


def test_an_item_beyond_the_window_is_condensed_part_by_part():
    paragraphs = [
        Paragraph(n, "", f"Commune {n} sold rice. " + "It rained a lot there. " * 60)
        for n in range(20)
    ]
    engine = FakeEngine(lambda one, _: one.source.partition("\n\n")[2][:22])
    Summarizer(engine).summarize(paragraphs, SummarizeOptions())
    parts = [one.source for one, _ in engine.calls]
    assert all(f"Commune {n} sold rice" in " ".join(parts) for n in range(20))
    assert max(map(len, parts)) < PART_CHARACTERS + 300


def test_a_single_paragraph_beyond_the_window_is_condensed_too():
    giant = " ".join(f"Commune {n} sold rice and honey at the market." for n in range(400))
    engine = FakeEngine(lambda one, _: one.source.partition("\n\n")[2][:40])
    Summarizer(engine).summarize([Paragraph(1, "", giant)], SummarizeOptions())
    parts = " ".join(one.source for one, _ in engine.calls)
    assert all(f"Commune {n} " in parts for n in range(400))


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("Mr. Tam met Col. Hai. They spoke.", ["Mr. Tam met Col. Hai.", "They spoke."]),
        ("It cost 2.5 billion. Done.", ["It cost 2.5 billion.", "Done."]),
        ("“Go.” He went.", ["“Go.”", "He went."]),
        ("One\nTwo.", ["One", "Two."]),
        ("", []),
    ],
)
def test_english_sentences(text, sentences):
    assert split_english_sentences(text) == sentences


def test_cutting_tells_that_it_cut():
    assert cut_to_words("a b, c", 2) == "a b…"
    assert cut_to_words("a b", 2) == "a b"
