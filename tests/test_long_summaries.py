"""Items beyond a summarizer's window, group by group: nothing lost, no endless rounds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.attribution import Paragraph
from models.summarizer import Summarizer
from tests.seq2seq_lab import ITEM, LOOP, Seq2SeqEngine, assert_fell_back, words_in


def first_words(count):
    """Summarise by the first words of the source, never by more than the token limit."""

    def answer(one, options):
        words = one.source.split()[: min(count, options.max_tokens)]
        return " ".join(words).rstrip(".") + "."

    return answer


def long_item(paragraphs, sentences=1):
    return [
        Paragraph(
            n, "", " ".join(f"Stall {n} sold rice and honey today." for _ in range(sentences))
        )
        for n in range(paragraphs)
    ]


WORD = st.text("abcdeA1", min_size=1, max_size=5)
SENTENCE = st.lists(WORD, min_size=1, max_size=40).map(lambda words: " ".join(words) + ".")
PARAGRAPH = st.lists(SENTENCE, min_size=1, max_size=4).map(" ".join)


@given(st.lists(PARAGRAPH, min_size=1, max_size=8), st.integers(12, 60))
def test_the_first_round_holds_every_word_once_and_no_input_exceeds_the_window(texts, window):
    engine = Seq2SeqEngine(first_words(3), window)  # which checks its window itself
    item = [Paragraph(n, "", text) for n, text in enumerate(texts)]
    Summarizer(engine, None).summarize(item)
    assert words_in(engine.rounds[0]) == words_in(texts)


def test_a_long_item_is_summarised_group_by_group_until_it_fits():
    item = long_item(60)  # 7 words each
    engine = Seq2SeqEngine(first_words(7), 66)
    summary = Summarizer(engine, None).summarize(item)
    # 420 words in groups of 8 paragraphs; their summaries of 7 words fit.
    assert [len(batch) for batch in engine.rounds] == [8, 1]
    assert engine.rounds[0][0].count("Stall") == 8
    assert engine.rounds[1][0].startswith("Stall 0 sold rice and honey today. Stall 8 ")
    assert summary.text == "Stall 0 sold rice and honey today."
    assert (summary.attempts, summary.issues) == (1, ())


def test_rounds_follow_each_other_where_one_is_not_enough():
    engine = Seq2SeqEngine(first_words(7), 32)
    Summarizer(engine, None).summarize(long_item(60))
    assert [len(batch) for batch in engine.rounds] == [20, 7, 3, 1]


def test_a_part_may_not_take_up_the_window():
    engine = Seq2SeqEngine(first_words(7), 66)
    Summarizer(engine, None).summarize(long_item(60))
    assert [options.max_tokens for _, options in engine.calls] == [22] * 8 + [112]


def test_a_model_without_a_window_gets_what_such_models_were_taught_with():
    engine = Seq2SeqEngine(first_words(7))
    Summarizer(engine, None).summarize(long_item(200))  # 1,400 words
    assert [len(batch) for batch in engine.rounds] == [2, 1]


def test_a_paragraph_beyond_the_window_goes_by_its_sentences():
    engine = Seq2SeqEngine(first_words(7), 32)
    Summarizer(engine, None).summarize(long_item(1, sentences=20))
    assert all(one.endswith("today.") for one in engine.rounds[0])
    assert words_in(engine.rounds[0]) == words_in([long_item(1, sentences=20)[0].target])


def test_a_sentence_beyond_the_window_goes_by_its_words():
    giant = "Stalls sold " + ", ".join(f"rice of sort {n}" for n in range(100)) + "."
    engine = Seq2SeqEngine(first_words(4), 32)
    Summarizer(engine, None).summarize([Paragraph(1, "", giant)])
    assert words_in(engine.rounds[0]) == words_in([giant])
    assert all(one.endswith((",", ".")) for one in engine.rounds[0])


def test_a_model_that_never_shortens_ends_in_sentences_of_the_item():
    engine = Seq2SeqEngine(lambda one, _: one.source, 32)
    summary = Summarizer(engine, None).summarize([*ITEM, *long_item(60)])
    assert_fell_back(summary, "no shorter")
    assert (len(engine.rounds), summary.attempts) == (1, 0)


@pytest.mark.parametrize("junk", [LOOP, "", "There were 99999 stalls."])
def test_a_group_without_a_usable_summary_is_held_by_its_first_sentence(junk):
    def answer(one, options):
        return junk if one.source.startswith("Stall 0") else first_words(7)(one, options)

    engine = Seq2SeqEngine(answer, 66)
    Summarizer(engine, None).summarize(long_item(60))
    [final] = engine.rounds[1]
    assert final.startswith("Stall 0 sold rice and honey today. Stall 8 ")
    assert "99999" not in final


def test_an_item_of_just_the_window_is_summarised_at_once():
    item = long_item(8)  # 56 words, 57 tokens
    for window, rounds in ((65, 1), (64, 2)):  # an eighth is kept free
        engine = Seq2SeqEngine(first_words(7), window)
        Summarizer(engine, None).summarize(item)
        assert len(engine.rounds) == rounds
