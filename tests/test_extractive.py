"""Summaries of an item's own sentences: which are taken, and what stands in the summary."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.attribution import Paragraph
from models.english import count_words, split_english_sentences
from models.extractive import Extract, extract_sentences, in_order, item_sentences
from models.summarizer import SummarizeOptions, Summarizer, SummaryMethod, SummaryStyle
from tests.fake_engine import FakeEngine

HEADLINE = Paragraph(0, "Xã Ia Mơ khai trương chợ nông sản", "Ia Mo opens farm market.")
LEAD = "On September 7, Ia Mo Commune opened a farm market with 46 stalls."
WHO = "Chairman Rơ Mah Thuý cut the ribbon before 300 guests."
THEN = "He thanked the builders."
RAIN = "Heavy rain had delayed the work twice."
COST = "Construction cost VND2.5 billion."
ITEM = [
    HEADLINE,
    Paragraph(2, "Ngày 7-9, xã Ia Mơ khai trương chợ nông sản với 46 gian hàng.", LEAD),
    Paragraph(4, "Phần lễ", "The ceremony"),
    Paragraph(5, "Chủ tịch Rơ Mah Thuý cắt băng. Ông cảm ơn thợ.", f"{WHO} {THEN}"),
    Paragraph(6, "Mưa lớn hai lần làm chậm tiến độ. Kinh phí 2,5 tỷ đồng.", f"{RAIN} {COST}"),
]


def backwards(sentences):
    return range(len(sentences) - 1, -1, -1)


def texts(paragraphs, words=60, sentences=3, rank=in_order):
    return [one.text for one in extract_sentences(paragraphs, words, sentences, rank)]


def told(*targets):
    return [Paragraph(number, "", target) for number, target in enumerate(targets)]


def test_the_lead_comes_first_and_headlines_take_no_room():
    assert extract_sentences(ITEM, 60, 3) == [Extract(LEAD, 2), Extract(WHO, 5), Extract(THEN, 5)]


@pytest.mark.parametrize(
    ("words", "sentences", "expected"),
    [
        (60, 1, [LEAD]),
        (60, 4, [LEAD, WHO, THEN, RAIN]),
        (23, 3, [LEAD, WHO]),
        (22, 3, [LEAD, RAIN]),  # neither who, for length, nor what "he" did without it
        (17, 3, [LEAD, COST]),
        (13, 3, [LEAD]),
        (5, 3, ["On September 7, Ia Mo…"]),
    ],
)
def test_what_does_not_fit_is_passed_over_and_a_first_one_cut(words, sentences, expected):
    assert texts(ITEM, words, sentences) == expected


def test_a_ranking_chooses_and_the_text_orders():
    assert texts(ITEM, 60, 2, backwards) == [RAIN, COST]
    assert texts(ITEM, 10, 3, backwards) == [COST]


@pytest.mark.parametrize(
    "leaning",
    ["He left.", "“This is new,” they said.", "However, nobody came.", "Its roof leaks."],
)
def test_a_sentence_that_points_back_needs_the_one_before(leaning):
    asked = told(LEAD, f"{RAIN} {leaning}")
    assert texts(asked) == [LEAD, RAIN, leaning]
    assert texts(asked, 18, 3) == [LEAD]


@pytest.mark.parametrize(
    "half", ['"Prices fell last week.', 'Farmers are content."', "“We sold everything."]
)
def test_half_of_a_quotation_is_nobodys_word(half):
    assert texts(told(LEAD, half, COST)) == [LEAD, COST]


@pytest.mark.parametrize("fragment", ["The accused are:", "Repaired roads;", "Photo of the day"])
def test_what_does_not_end_as_a_sentence_is_none(fragment):
    assert texts(told(LEAD, f"{COST} {fragment}")) == [LEAD, COST]
    assert texts(told(LEAD, fragment, COST)) == [LEAD, COST]


def test_what_repeats_is_passed_over():
    assert texts(told(LEAD, LEAD.upper(), COST)) == [LEAD, COST]
    assert texts(told(LEAD, "A farm market with 46 stalls is open.", COST)) == [LEAD, COST]


def test_a_headline_is_told_by_its_source_unless_there_is_nothing_else():
    assert [one.text for one in item_sentences(ITEM[:2])] == [LEAD]
    assert texts([HEADLINE]) == ["Ia Mo opens farm market."]
    assert texts(told("Ia Mo opens farm market", LEAD)) == [LEAD]


def test_a_long_lead_without_a_full_stop_is_no_headline():
    lead = "Ia Mo Commune opened a market " + "with many stalls " * 12
    assert texts([Paragraph(1, lead, lead), *ITEM[1:]], 10) == [
        "Ia Mo Commune opened a market with many stalls with…"
    ]


@pytest.mark.parametrize("paragraphs", [[], told(""), told(" \n ", "")])
def test_an_item_without_words_has_no_summary(paragraphs):
    assert texts(paragraphs) == []


WORDS = st.sampled_from(
    ["Đắk", "Thuý", "He", "rain", "fell", "46", "2.5", '"', "“", "”", ".", "!", "…", ":", "\n", "A"]
)
TEXT = st.lists(WORDS, max_size=25).map(" ".join).map(lambda text: text.replace(" .", "."))


@given(st.lists(TEXT, max_size=5), st.integers(1, 40), st.integers(1, 4), st.sampled_from([0, 1]))
def test_every_sentence_is_the_items_own_within_the_limits(targets, words, most, reverse):
    paragraphs = told(*targets)
    rank = backwards if reverse else in_order
    found = extract_sentences(paragraphs, words, most, rank)
    assert found == extract_sentences(paragraphs, words, most, rank)
    assert sum(count_words(one.text) for one in found) <= words
    assert len(found) <= most
    assert [one.paragraph for one in found] == sorted(one.paragraph for one in found)
    assert bool(found) == any(target.strip() for target in targets)
    for one in found:
        own = split_english_sentences(targets[one.paragraph])
        cut = len(found) == 1 and one.text.endswith("…")
        assert one.text in own or (
            cut and any(sentence.startswith(one.text.rstrip("…").strip()) for sentence in own)
        )


@pytest.mark.parametrize(
    ("style", "text"),
    [
        (SummaryStyle.SENTENCE, LEAD),
        (SummaryStyle.SHORT, f"{LEAD} {WHO} {THEN}"),
        (SummaryStyle.BULLETS, f"- {LEAD}\n- {WHO}\n- {THEN}"),
    ],
)
def test_the_items_sentences_stand_in_for_an_invention(style, text):
    engine = FakeEngine(lambda one, _: "Ia Mo Commune opened a farm market with 64 stalls.")
    summary = Summarizer(engine).summarize(ITEM, SummarizeOptions(style=style))
    assert (summary.text, summary.method) == (text, SummaryMethod.EXTRACTIVE)
    assert [one.paragraphs for one in summary.sentences] == [(2,), (5,), (5,)][
        : len(summary.sentences)
    ]
    [issue] = summary.issues
    assert "64" in issue.target_value
