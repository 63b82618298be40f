"""Extractive summaries beside lead-1 and lead-3, on the benchmark's reference translations."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import version
from importlib.resources import files
from itertools import groupby
from typing import Any

from models.attribution import Paragraph
from models.english import count_words
from models.errors import MissingDependency
from models.extractive import Extract, Ranking, extract_sentences, in_order, item_sentences
from models.name_words import SENTENCE_WORDS_EN
from models.quantities import find_quantities_en
from models.quantity_types import Reading
from models.summary import SummarizeOptions, lead_sentences
from service.article import BODY, Kind
from service.benchmark import BenchmarkItem, Split, load_benchmark
from service.normalizing import normalize
from service.parsing import parse_article

FALLBACK = "diemtin's fallback"
ROUGES = ("rouge1", "rouge2", "rougeL")
# Method -> module of sumy.summarizers and class.
LIBRARY: Mapping[str, tuple[str, str]] = {
    "LexRank": ("lex_rank", "LexRankSummarizer"),
    "TextRank": ("text_rank", "TextRankSummarizer"),
    "LSA": ("lsa", "LsaSummarizer"),
    "Luhn": ("luhn", "LuhnSummarizer"),
    "KL-Sum": ("kl", "KLSummarizer"),
    "SumBasic": ("sum_basic", "SumBasicSummarizer"),
    "Edmundson": ("edmundson", "EdmundsonSummarizer"),
}
# sumy's SumBasic looks for unstemmed stop words among stems and breaks; KL-Sum never stems.
_UNSTEMMED = ("KL-Sum", "SumBasic")
_SUMMARISED = BODY | {Kind.HEADLINE, Kind.HEADING}
_OPTIONS = SummarizeOptions()
_WORD = re.compile(r"\w+(?:[.,]\d+)*")
_NAME = re.compile(r"[A-Z][\w-]*(?: [A-Z][\w-]*)*")


@dataclass(frozen=True)
class ReferenceFacts:
    """Figures, each by its possible readings, and the words of each name."""

    figures: tuple[frozenset[Reading], ...]
    names: tuple[frozenset[str], ...]

    def __len__(self) -> int:
        """How many there are."""
        return len(self.figures) + len(self.names)


@dataclass(frozen=True)
class MethodScore:
    """One method over all items: mean ROUGE F1 in %, recall of all facts in %, mean length."""

    method: str
    rouge: Mapping[str, float]
    fact_recall: float
    words: float


@dataclass(frozen=True)
class SummaryComparison:
    """The methods' scores, and what they were measured on and with."""

    split: Split
    items: int
    facts: int
    sha256: str
    signature: str
    scores: tuple[MethodScore, ...]


Method = Callable[[Sequence[Paragraph]], str]


def compare_summaries(split: Split) -> SummaryComparison:
    """Score every method on the items of a split.

    Raises:
        MissingDependency: sumy or rouge-score is not installed.
    """
    items = load_benchmark(split)
    scorer = _load("rouge_score.rouge_scorer").RougeScorer(ROUGES, use_stemmer=True)
    articles = [summarised_paragraphs(item) for item in items]
    return SummaryComparison(
        split=split,
        items=len(items),
        facts=sum(len(find_facts(item.summary)) for item in items),
        sha256=_digest(split),
        signature=_signature(),
        scores=tuple(
            _score(name, [method(one) for one in articles], items, scorer)
            for name, method in _methods().items()
        ),
    )


def summarised_paragraphs(item: BenchmarkItem) -> list[Paragraph]:
    """The item's paragraphs with their reference English, as a digest gives them to summarise."""
    elements = parse_article(normalize(item.source)).translatable
    told = [one for one in elements if one.text.strip()]
    return [
        Paragraph(one.id, one.text, target)
        for one, target in zip(told, item.reference, strict=True)
        if one.kind in _SUMMARISED
    ]


def find_facts(text: str) -> ReferenceFacts:
    """The figures and names of an English summary."""
    figures = [one for one in find_quantities_en(text) if not one.optional]
    for one in figures:
        text = text[: one.start] + "." * (one.end - one.start) + text[one.end :]
    return ReferenceFacts(
        tuple(one.readings for one in figures),
        tuple(dict.fromkeys(_names(text))),
    )


def count_held(facts: ReferenceFacts, text: str) -> int:
    """How many of the facts a text holds: figures by value, names by all their words."""
    known = {reading for one in find_quantities_en(text) for reading in one.readings}
    words = _words(text)
    held = sum(bool(readings & known) for readings in facts.figures)
    return held + sum(name <= words for name in facts.names)


def library_ranking(method: str, headlines: Sequence[str] = ()) -> Ranking:
    """A method of sumy as a ranking; it gets our own sentences and words, and no data files.

    Raises:
        MissingDependency: sumy is not installed.
    """
    module, name = LIBRARY[method]
    dom, utils = _load("sumy.models.dom"), _load("sumy.utils")
    summarizer_class = getattr(_load(f"sumy.summarizers.{module}"), name)
    stemming = () if method in _UNSTEMMED else (_load("sumy.nlp.stemmers").Stemmer("english"),)

    def rank(sentences: Sequence[Extract]) -> Sequence[int]:
        document = _document(dom, sentences, headlines)
        summarizer = summarizer_class(*stemming)
        stop_words = utils.get_stop_words("english")
        if method == "Edmundson":  # without its cue words, which it has for no language
            summarizer = summarizer_class(*stemming, cue_weight=0.0)
            summarizer.null_words = stop_words
        else:
            summarizer.stop_words = stop_words
        order: list[int] = []

        def keep_order(infos: Sequence[Any]) -> Sequence[Any]:
            order.extend(one.order for one in infos)
            return infos

        # Given a function instead of a number, sumy hands it all sentences, best first.
        summarizer(document, keep_order)
        return order or in_order(sentences)

    return rank


def after_lead(rank: Ranking) -> Ranking:
    """The item's first sentence, then the others as ranked."""

    def rank_after_lead(sentences: Sequence[Extract]) -> Sequence[int]:
        return [*range(min(1, len(sentences))), *(index for index in rank(sentences) if index)]

    return rank_after_lead


class _Words:
    """What sumy takes for a tokenizer."""

    def to_words(self, text: str) -> tuple[str, ...]:
        return tuple(_WORD.findall(text))


def _document(dom: Any, sentences: Sequence[Extract], headlines: Sequence[str]) -> Any:  # noqa: ANN401 - sumy is an optional dependency
    words = _Words()
    heads = [dom.Paragraph([dom.Sentence(one, words, True) for one in headlines])]
    return dom.ObjectDocumentModel(
        (heads if headlines else [])
        + [
            dom.Paragraph([dom.Sentence(one.text, words) for one in group])
            for _, group in groupby(sentences, key=lambda one: one.paragraph)
        ]
    )


def _methods() -> dict[str, Method]:
    methods: dict[str, Method] = {
        "lead-1": lambda item: _first(item, 1),
        "lead-3": lambda item: _first(item, 3),
        "headline and lead, within the limit": lambda item: " ".join(
            one.text for one in lead_sentences(item, _OPTIONS)
        ),
        FALLBACK: lambda item: _extracted(item, in_order),
    }
    for name in LIBRARY:
        methods[name] = _library_method(name, lambda rank: rank)
    for name in LIBRARY:
        methods[f"lead + {name}"] = _library_method(name, after_lead)
    return methods


def _library_method(name: str, wrap: Callable[[Ranking], Ranking]) -> Method:
    def summarise(item: Sequence[Paragraph]) -> str:
        told = {one.paragraph for one in item_sentences(item)}
        headlines = [one.target for one in item if one.id not in told]
        return _extracted(item, wrap(library_ranking(name, headlines)))

    return summarise


def _first(item: Sequence[Paragraph], count: int) -> str:
    return " ".join(one.text for one in item_sentences(item)[:count])


def _extracted(item: Sequence[Paragraph], rank: Ranking) -> str:
    found = extract_sentences(item, _OPTIONS.max_words, _OPTIONS.most_sentences, rank)
    return " ".join(one.text for one in found)


def _score(
    method: str,
    summaries: Sequence[str],
    items: Sequence[BenchmarkItem],
    scorer: Any,  # noqa: ANN401 - rouge-score is an optional dependency
) -> MethodScore:
    pairs = list(zip(items, summaries, strict=True))
    scores = [scorer.score(item.summary, summary) for item, summary in pairs]
    facts = [find_facts(item.summary) for item in items]
    held = sum(map(count_held, facts, summaries))
    return MethodScore(
        method=method,
        rouge={
            name: 100 * sum(one[name].fmeasure for one in scores) / len(scores) for name in ROUGES
        },
        fact_recall=100 * held / sum(map(len, facts)),
        words=sum(map(count_words, summaries)) / len(summaries),
    )


def _names(text: str) -> Iterator[frozenset[str]]:
    for match in _NAME.finditer(text):
        words = match.group().split()
        before = text[: match.start()].rstrip()
        opens = not before or before[-1] in ".!?"
        if opens and (len(words) == 1 or words[0].casefold() in SENTENCE_WORDS_EN):
            words = words[1:]
        if words:
            yield _words(" ".join(words))


def _words(text: str) -> frozenset[str]:
    return frozenset(word.casefold() for word in _WORD.findall(text))


def _digest(split: Split) -> str:
    """SHA-256 over the names and bytes of the split's files."""
    digest = hashlib.sha256()
    folder = files("service").joinpath("benchmark_items", split.value)
    for entry in sorted(folder.iterdir(), key=lambda one: one.name):
        if entry.name.endswith(".toml"):
            digest.update(entry.name.encode() + b"\0" + entry.read_bytes() + b"\0")
    return digest.hexdigest()


def _signature() -> str:
    packages = (f"{name} {version(name)}" for name in ("diemtin", "sumy", "rouge-score"))
    limits = f"at most {_OPTIONS.max_words} words and {_OPTIONS.most_sentences} sentences"
    return "; ".join((*packages, "F1 with stemming", limits))


def _load(module: str) -> Any:  # noqa: ANN401 - sumy and rouge-score are optional dependencies
    try:
        return import_module(module)
    except ImportError as error:
        raise MissingDependency(
            f"Comparing summaries needs {error.name}: pip install 'diemtin[eval]'"
        ) from error
