"""What a summary is, and how one is built from the sentences that a model wrote."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from models.attribution import Paragraph, supporting_paragraphs
from models.engine import Provenance
from models.english import count_words, cut_to_words, split_english_sentences
from models.entries import GlossaryTerm
from models.extractive import Extract, Ranking, content_words, extract_sentences, in_order
from models.fidelity import Issue, IssueKind
from models.grounding_item import read_item, word_keys
from models.quantities import QuantityKind, find_quantities_en

DEFAULT_WORDS = 60
FEWEST_WORDS = 10
MOST_WORDS = 400
MOST_SENTENCES = 3

_WHEN = {QuantityKind.DATE, QuantityKind.MONTH, QuantityKind.WEEKDAY, QuantityKind.QUARTER}
_NAME = re.compile(r"(?<=[^.!?…:“\"] )[A-ZĐ]\w")


class SummaryStyle(StrEnum):
    """One sentence, up to three, or up to three bullet points."""

    SENTENCE = "sentence"
    SHORT = "short"
    BULLETS = "bullets"


class SummaryMethod(StrEnum):
    """Written by the model, or taken from the translation."""

    ABSTRACTIVE = "abstractive"
    EXTRACTIVE = "extractive"


class Fault(StrEnum):
    """Why what a model wrote is no summary; completes "The model's summary …"."""

    UNSUPPORTED = "was not borne out by the item"
    TOO_LONG = "has no first sentence within the limit of words"
    LOOPING = "repeats itself"
    EMPTY = "is empty"
    NOTHING_NEW = "only says the lead again"
    NO_SHORTER = "of the item's parts is no shorter than they are"


@dataclass(frozen=True)
class SummarizeOptions:
    """The form of a summary; `max_words` is a hard limit.

    `glossary` is the user's own (source, target) pairs, for a summary that is written in
    Vietnamese and then translated.
    """

    max_words: int = DEFAULT_WORDS
    style: SummaryStyle = SummaryStyle.SHORT
    glossary: tuple[GlossaryTerm, ...] = ()

    @property
    def most_sentences(self) -> int:
        """How many sentences the style allows."""
        return 1 if self.style is SummaryStyle.SENTENCE else MOST_SENTENCES


@dataclass(frozen=True)
class SummarySentence:
    """One sentence and the ids of the paragraphs that support it, best first."""

    text: str
    paragraphs: tuple[int, ...]


@dataclass(frozen=True)
class Summary:
    """A summary within its limit, how it was made and what the checks found.

    `provenance` is of the model that summarised; `translator` of the one that translated
    its Vietnamese, where it wrote Vietnamese.
    """

    sentences: tuple[SummarySentence, ...]
    style: SummaryStyle
    method: SummaryMethod
    issues: tuple[Issue, ...]
    attempts: int
    provenance: Provenance
    translator: Provenance | None = None

    @property
    def text(self) -> str:
        """The sentences as one text; bullet points stand on lines of their own."""
        if self.style is SummaryStyle.BULLETS:
            return "\n".join(f"- {sentence.text}" for sentence in self.sentences)
        return " ".join(sentence.text for sentence in self.sentences)

    @property
    def words(self) -> int:
        """Words of the text, bullet signs not counted."""
        return sum(count_words(sentence.text) for sentence in self.sentences)


@dataclass(frozen=True)
class Draft:
    """What a model made of an item: English sentences within the limits, or a fault.

    Args:
        sentences: none where there is a fault.
        attempts: how often the model was asked.
        fault: why there are no sentences.
        forbidden: figures and names that the item does not bear out.
        issues: found in the sentences, though they were taken.
        translator: what translated them, where they were written in Vietnamese.
    """

    sentences: tuple[str, ...]
    attempts: int
    fault: Fault | None = None
    forbidden: tuple[str, ...] = ()
    issues: tuple[Issue, ...] = ()
    translator: Provenance | None = None


class SummaryWriter(Protocol):
    """Writes with one kind of model; safe to share between threads."""

    def write(self, paragraphs: Sequence[Paragraph], options: SummarizeOptions) -> Draft:
        """Return sentences that the item bears out, or what is wrong with those written."""

    def provenance(self) -> Provenance:
        """Model, engine and decode options of a first attempt."""


def build_summary(
    draft: Draft,
    paragraphs: Sequence[Paragraph],
    options: SummarizeOptions,
    provenance: Provenance,
) -> Summary:
    """Tie the draft's sentences to their paragraphs; the item's own stand in for none."""
    if not draft.sentences:
        return _fall_back(draft, paragraphs, options, provenance)
    return Summary(
        sentences=tuple(
            SummarySentence(text, supporting_paragraphs(text, paragraphs))
            for text in draft.sentences
        ),
        style=options.style,
        method=SummaryMethod.ABSTRACTIVE,
        issues=draft.issues,
        attempts=draft.attempts,
        provenance=provenance,
        translator=draft.translator,
    )


def _fall_back(
    draft: Draft,
    paragraphs: Sequence[Paragraph],
    options: SummarizeOptions,
    provenance: Provenance,
) -> Summary:
    what = name_values(draft.fault or Fault.UNSUPPORTED, draft.forbidden)
    issue = Issue(
        IssueKind.SUMMARY,
        f"The model's summary {what}; these sentences are taken from the translation.",
        target_value="; ".join(draft.forbidden) or None,
    )
    return Summary(
        sentences=tuple(
            SummarySentence(one.text, (one.paragraph,))
            for one in extract_sentences(
                paragraphs, options.max_words, options.most_sentences, _rank_sound(paragraphs)
            )
        ),
        style=options.style,
        method=SummaryMethod.EXTRACTIVE,
        issues=(issue,),
        attempts=draft.attempts,
        provenance=provenance,
    )


def _rank_sound(paragraphs: Sequence[Paragraph]) -> Ranking:
    """In order, without the sentences that have a name which the model spelled anew."""
    coined = read_item(paragraphs).coined

    def rank(sentences: Sequence[Extract]) -> Sequence[int]:
        order = in_order(sentences)
        return [at for at in order if coined.isdisjoint(word_keys((sentences[at].text,)))] or order

    return rank


def name_values(fault: Fault, forbidden: Sequence[str]) -> str:
    """The fault, with the values that it is about."""
    return f"{fault} ({'; '.join(forbidden)})" if forbidden else str(fault)


def lead_sentences(
    paragraphs: Sequence[Paragraph], options: SummarizeOptions
) -> Iterator[SummarySentence]:
    """The item's first sentences within the limit; a first one beyond it is cut, with "…"."""
    left = options.max_words
    found = (
        (sentence, paragraph.id)
        for paragraph in paragraphs
        for sentence in split_english_sentences(paragraph.target)
    )
    for index, (sentence, paragraph_id) in enumerate(found):
        if index >= options.most_sentences or (index and count_words(sentence) > left):
            return
        shortened = cut_to_words(sentence, left)
        left -= count_words(shortened)
        yield SummarySentence(shortened, (paragraph_id,))


def count_fitting(sentences: Sequence[str], most: int, words: int) -> int:
    """How many of the first sentences fit the limits; none when the first does not."""
    fitting = 0
    for sentence in sentences[:most]:
        words -= count_words(sentence)
        if words < 0:
            break
        fitting += 1
    return fitting


def words_of(sentence: str) -> tuple[str, ...]:
    """The sentence without case and punctuation, to tell that two say the same."""
    return tuple(re.findall(r"\w+", sentence.casefold()))


def telling_facts(sentence: str) -> int:
    """How many kinds of facts a sentence tells: when, how many, who or where."""
    figures = [one for one in find_quantities_en(sentence) if not one.optional]
    dates = [one for one in figures if one.kind in _WHEN]
    return bool(dates) + (len(figures) > len(dates)) + bool(_NAME.search(sentence))


def add_something(sentences: Sequence[str], said: Sequence[str]) -> list[str]:
    """The sentences with a word or a figure that neither those said nor an earlier one has."""
    known = {word for sentence in said for word in content_words(sentence)}
    adding: list[str] = []
    for sentence in sentences:
        words = content_words(sentence)
        if words - known or not (said or adding):
            adding.append(sentence)
            known |= words
    return adding
