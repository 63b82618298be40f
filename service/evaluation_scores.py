"""Scores of English against a reference, by the libraries that the field quotes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import version
from statistics import fmean
from typing import Any

from models.errors import MissingDependency

ROUGE_KINDS = ("rouge1", "rouge2", "rougeL")
_STEMMED = True


@dataclass(frozen=True)
class TextScores:
    """Corpus scores from 0 to 100, and sacrebleu's signature of each."""

    bleu: float
    chrf: float
    chrf_plus_plus: float
    signatures: Mapping[str, str]


@dataclass(frozen=True)
class RougeScores:
    """Mean F1 over the texts, from 0 to 100."""

    rouge1: float
    rouge2: float
    rouge_l: float
    signature: str


def require_scorers() -> None:
    """Fail before any model is loaded.

    Raises:
        MissingDependency: sacrebleu or rouge-score is not installed.
    """
    _load("sacrebleu.metrics")
    _load("rouge_score.rouge_scorer")


def _load(module: str) -> Any:  # noqa: ANN401 - optional packages
    try:
        return import_module(module)
    except ImportError as error:
        raise MissingDependency(
            f"Scores need {error.name}, which is not installed: pip install 'diemtin[eval]'"
        ) from error


def score_texts(hypotheses: Sequence[str], references: Sequence[str]) -> TextScores:
    """Score a corpus, one reference a segment."""
    metrics = _load("sacrebleu.metrics")
    scorers = {"BLEU": metrics.BLEU(), "chrF": metrics.CHRF(), "chrF++": metrics.CHRF(word_order=2)}
    scores = {
        name: float(scorer.corpus_score(list(hypotheses), [list(references)]).score)
        for name, scorer in scorers.items()
    }
    return TextScores(
        bleu=scores["BLEU"],
        chrf=scores["chrF"],
        chrf_plus_plus=scores["chrF++"],
        signatures={name: str(scorer.get_signature()) for name, scorer in scorers.items()},
    )


def score_summaries(hypotheses: Sequence[str], references: Sequence[str]) -> RougeScores:
    """Mean ROUGE F1 of summaries, one reference each."""
    scorer = _load("rouge_score.rouge_scorer").RougeScorer(ROUGE_KINDS, use_stemmer=_STEMMED)
    scored = [
        scorer.score(reference, hypothesis)
        for hypothesis, reference in zip(hypotheses, references, strict=True)
    ]
    means = {kind: 100 * fmean(one[kind].fmeasure for one in scored) for kind in ROUGE_KINDS}
    return RougeScores(
        rouge1=means["rouge1"],
        rouge2=means["rouge2"],
        rouge_l=means["rougeL"],
        signature=f"rouge-score {version('rouge-score')}, F1, stemmed, mean of the items",
    )
