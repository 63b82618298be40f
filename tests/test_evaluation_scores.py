"""The libraries' scores: what they give for texts whose scores can be told beforehand."""

import pytest

from service.evaluation_scores import score_summaries, score_texts
from tests.memory_lab import start_child

TEXTS = ["The province met on Monday to talk about roads.", "It rained in the hills all day."]


def test_the_reference_itself_scores_100():
    scores = score_texts(TEXTS, TEXTS)
    assert [scores.bleu, scores.chrf, scores.chrf_plus_plus] == pytest.approx([100] * 3)
    rouge = score_summaries(TEXTS, TEXTS)
    assert [rouge.rouge1, rouge.rouge2, rouge.rouge_l] == pytest.approx([100] * 3)


def test_nothing_in_common_scores_next_to_nothing():
    scores = score_texts(["qqq", "zzz"], TEXTS)
    assert max(scores.bleu, scores.chrf, scores.chrf_plus_plus) == pytest.approx(0, abs=0.1)
    rouge = score_summaries(["qqq", "zzz"], TEXTS)
    assert [rouge.rouge1, rouge.rouge2, rouge.rouge_l] == [0, 0, 0]


def test_rouge_is_the_mean_f1_of_the_texts():
    rouge = score_summaries(["The provinces met", "qqq"], ["The province met on Monday", "zzz"])
    # Stemmed: 3 of 3 and 3 of 5 words, 2 of 2 and 2 of 4 pairs; the other text has none.
    assert rouge.rouge1 == pytest.approx(100 * (2 * 1 * 0.6 / 1.6) / 2)
    assert rouge.rouge2 == pytest.approx(100 * (2 * 1 * 0.5 / 1.5) / 2)
    assert rouge.rouge_l == rouge.rouge1


def test_word_order_counts_in_chrf_plus_plus_alone():
    scores = score_texts(["on Monday met province The"], ["The province met on Monday"])
    assert scores.chrf_plus_plus < scores.chrf
    assert {name: text.split("|")[-1][:8] for name, text in scores.signatures.items()} == {
        "BLEU": "version:",
        "chrF": "version:",
        "chrF++": "version:",
    }
    assert "nw:0" in scores.signatures["chrF"] and "nw:2" in scores.signatures["chrF++"]


@pytest.mark.parametrize("package", ["sacrebleu", "rouge_score"])
def test_a_missing_scorer_names_the_extra(package):
    code = f"""
        import sys
        sys.modules["{package}"] = None  # as if it were not installed
        from models.errors import MissingDependency
        from service.evaluation_scores import require_scorers
        try:
            require_scorers()
        except MissingDependency as error:
            print(error)
    """
    with start_child(code) as child:
        out, err = child.communicate(timeout=60)
    assert (err, child.returncode) == ("", 0)
    assert package in out and "pip install 'diemtin[eval]'" in out
