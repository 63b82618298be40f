"""Summaries by English sequence-to-sequence models, with engines that answer by script."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.attribution import Paragraph
from models.seq2seq_summarizer import MOST_WORDS_ASKED
from models.summarizer import SummarizeOptions, Summarizer, SummaryMethod, SummaryStyle
from tests.fake_engine import FakeEngine
from tests.seq2seq_lab import (
    ITEM,
    LEAD,
    LONG,
    LOOP,
    NU,
    REST,
    Seq2SeqEngine,
    assert_fell_back,
    by_turns,
)


def summarize(*answers, item=ITEM, **options):
    engine = Seq2SeqEngine(by_turns(*answers))
    return Summarizer(engine, None).summarize(item, SummarizeOptions(**options)), engine


def test_the_model_gets_the_translation_without_instruction():
    summary, engine = summarize(f"{LEAD} {REST}")
    [(one, options)] = engine.calls
    closed = "Farm market opens."
    assert one.source == " ".join([closed, ITEM[1].target, ITEM[2].target])
    assert (one.instruction, one.prefix) == ("", "")
    assert (options.ascii_only, options.beam_size, options.no_repeat_ngram) == (True, 5, 3)
    assert (options.min_tokens, options.length_penalty, options.temperature) == (0, 1.0, 0.0)
    assert summary.text == f"{LEAD} {REST}"
    assert [one.paragraphs for one in summary.sentences] == [(2,), (5,)]
    assert (summary.issues, summary.attempts, summary.translator) == ((), 1, None)
    assert summary.provenance.model == "fake"


def test_names_go_to_an_english_model_without_their_diacritics():
    item = [Paragraph(1, "Bà Trần Thị Nụ bán gạo.", "Ms. Trần Thị Nụ sells rice.")]
    summary, engine = summarize("Tran Thi Nu sells rice.", item=item)
    assert engine.calls[0][0].source == "Ms. Tran Thi Nu sells rice."
    assert summary.text == "Tran Thi Nu sells rice."


@pytest.mark.parametrize(("words", "tokens"), [(10, 32), (60, 112), (400, 272)])
def test_the_token_limit_follows_the_words(words, tokens):
    _, engine = summarize(LEAD, max_words=words)
    assert engine.calls[0][1].max_tokens == tokens
    assert tokens <= MOST_WORDS_ASKED * 2


@pytest.mark.parametrize(
    ("style", "text"),
    [
        (SummaryStyle.SENTENCE, LEAD),
        (SummaryStyle.SHORT, f"{LEAD} {REST} {NU}"),
        (SummaryStyle.BULLETS, f"- {LEAD}\n- {REST}\n- {NU}"),
    ],
)
def test_each_style_has_its_number_of_sentences(style, text):
    summary, _ = summarize(f"{LEAD}<n>{REST}<n>{NU}<n>It has rice.", style=style)
    assert summary.text == text


@pytest.mark.parametrize(("limit", "text"), [(15, f"{LEAD} {REST}"), (14, LEAD), (10, LEAD)])
def test_sentences_are_taken_while_they_fit(limit, text):
    summary, engine = summarize(f"{LEAD} {REST}", max_words=limit)
    assert (summary.text, len(engine.calls)) == (text, 1)


@pytest.mark.parametrize("long", [LONG, "Ia Mo Commune opened a<cut>"])
def test_a_sentence_that_does_not_fit_is_asked_for_shorter(long):
    summary, engine = summarize(long, LEAD, max_words=12)
    first, second = (options for _, options in engine.calls)
    assert (summary.text, summary.attempts) == (LEAD, 2)
    assert (second.min_tokens, second.length_penalty) == (1, 0.0)
    assert second.max_tokens == first.max_tokens
    assert_fell_back(summarize(long, max_words=12)[0], "within the limit of words")


@pytest.mark.parametrize(
    ("junk", "reason"),
    [
        (LOOP, "repeats itself"),
        ("", "is empty"),
        ("12 . 13 .", "is empty"),
    ],
)
def test_what_is_no_summary_is_tried_again_in_another_way(junk, reason):
    summary, engine = summarize(junk, LEAD)
    first, second = (options for _, options in engine.calls)
    assert (summary.text, summary.attempts) == (LEAD, 2)
    assert first.beam_size != second.beam_size
    assert (second.repeat_penalty > 1) == (junk == LOOP)
    assert_fell_back(summarize(junk)[0], reason)


def test_a_sentence_that_was_cut_off_is_left_out():
    assert summarize(f"{LEAD} It sells ri<cut>")[0].text == LEAD


@pytest.mark.parametrize(
    "invented",
    [
        "The market has 64 stalls.",
        "It opened on July 9.",
        "Hanoi opened a market.",
        "The chairman, Mr. Nguyen Van Hai, said so.",
    ],
)
def test_an_invention_costs_its_sentence_and_as_a_lead_the_attempt(invented):
    dropped, engine = summarize(f"{LEAD} {invented} {NU}")
    assert (dropped.text, dropped.issues, len(engine.calls)) == (f"{LEAD} {NU}", (), 1)
    again, engine = summarize(f"{invented} {LEAD}", LEAD)
    first, second = (options for _, options in engine.calls)
    assert (again.text, again.attempts) == (LEAD, 2)
    assert (first.beam_size, second.beam_size) == (5, 1)
    assert (first.no_repeat_ngram, second.no_repeat_ngram) == (3, 8)
    issue = assert_fell_back(summarize(invented)[0], "not borne out")
    assert issue.target_value and issue.target_value.split("; ")[-1] in invented


def test_a_greedy_model_gets_a_beam_the_second_time():
    engine = Seq2SeqEngine(by_turns("It has 64 stalls.", LEAD), beam_size=1)
    assert Summarizer(engine, None).summarize(ITEM).text == LEAD
    assert [options.beam_size for _, options in engine.calls] == [1, 4]


def test_the_provenance_tells_how_a_first_attempt_is_decoded():
    engine = Seq2SeqEngine(by_turns(LEAD))
    told = Summarizer(engine, None).provenance()
    Summarizer(engine, None).summarize(ITEM)
    assert (told.model, told.options) == ("fake", engine.calls[0][1])


def test_an_item_without_words_asks_nothing():
    summary, engine = summarize(LEAD, item=[Paragraph(1, "", " ")])
    assert (summary.sentences, summary.method, engine.calls) == ((), SummaryMethod.EXTRACTIVE, [])


@given(
    st.integers(10, 60),
    st.sampled_from(SummaryStyle),
    st.lists(st.text("ab .!?1A<n>", max_size=150), min_size=1, max_size=4),
)
def test_no_summary_exceeds_its_limit(limit, style, texts):
    item = [Paragraph(n, text, text) for n, text in enumerate(texts)]
    summary, _ = summarize(*texts, item=item, max_words=limit, style=style)
    assert summary.words <= limit
    assert len(summary.sentences) <= (1 if style is SummaryStyle.SENTENCE else 3)


def test_an_instructed_model_is_still_instructed():
    engine = FakeEngine(by_turns(LEAD))
    assert Summarizer(engine, None).summarize(ITEM).text == LEAD
    assert "say who did what" in engine.calls[0][0].source
