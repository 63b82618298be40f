"""Short English summaries of translated items, every sentence tied to its paragraphs."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from models.attribution import Paragraph, supporting_paragraphs
from models.engine import DecodeOptions, Engine, EngineInput, Provenance
from models.english import count_words, cut_to_words, split_english_sentences
from models.errors import EngineFailed
from models.fidelity import Issue, IssueKind
from models.grounding import unsupported_values
from models.prompts import instructions
from models.runaway import repeated_run

DEFAULT_WORDS = 60
FEWEST_WORDS = 10
MOST_WORDS = 400
PART_CHARACTERS = 8000
PART_WORDS = 120
MOST_SENTENCES = 3
LEAD_CHARACTERS = 150
LEAD_WORDS = 35
REST_WORDS = 25
SLACK_WORDS = 5
RETRY_TEMPERATURE = 0.4
RETRY_SEED = 1

_BULLET = re.compile(r"^\s*(?:[-*•]|\d+[.)])\s+", re.MULTILINE)


class SummaryStyle(StrEnum):
    """One sentence, up to three, or up to three bullet points."""

    SENTENCE = "sentence"
    SHORT = "short"
    BULLETS = "bullets"


class SummaryMethod(StrEnum):
    """Written by the model, or taken from the translation."""

    ABSTRACTIVE = "abstractive"
    EXTRACTIVE = "extractive"


@dataclass(frozen=True)
class SummarizeOptions:
    """The form of a summary; `max_words` is a hard limit."""

    max_words: int = DEFAULT_WORDS
    style: SummaryStyle = SummaryStyle.SHORT


@dataclass(frozen=True)
class SummarySentence:
    """One sentence and the ids of the paragraphs that support it, best first."""

    text: str
    paragraphs: tuple[int, ...]


@dataclass(frozen=True)
class Summary:
    """A summary within its limit, how it was made and what the checks found."""

    sentences: tuple[SummarySentence, ...]
    style: SummaryStyle
    method: SummaryMethod
    issues: tuple[Issue, ...]
    attempts: int
    provenance: Provenance

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
class _Task:
    """One call of the model: which instruction, for which text, for how many sentences."""

    instruction: str
    text: str
    words: int
    sentences: int


class Summarizer:
    """Summarises with one engine; safe to share between threads."""

    def __init__(self, engine: Engine) -> None:
        """The engine is only called."""
        self._engine = engine
        self._texts = instructions("summarize")

    def summarize(
        self, paragraphs: Sequence[Paragraph], options: SummarizeOptions = SummarizeOptions()
    ) -> Summary:
        """Summarise the whole item from its translated paragraphs.

        The model writes; what it writes must hold no figure and no name that the item
        does not have. It gets a second attempt, then sentences of the translation stand
        in, with an issue that says so.

        Raises:
            EngineFailed: the engine could not generate.
        """
        sentences: list[str] = []
        attempts = 0
        for task in self._tasks(paragraphs, options):
            left = options.max_words - sum(map(count_words, sentences))
            written, tried, forbidden = self._write_grounded(task, left, paragraphs)
            attempts += tried
            if forbidden or not (written or sentences):
                return self._fall_back(paragraphs, options, forbidden, attempts)
            said = {_words_of(sentence) for sentence in sentences}
            sentences += [one for one in written if _words_of(one) not in said]
        return self._as_summary(sentences, paragraphs, options, attempts)

    def provenance(self) -> Provenance:
        """Model, engine and decode options of a first attempt."""
        return self._engine.provenance(_decode_options(DEFAULT_WORDS))

    def _tasks(self, paragraphs: Sequence[Paragraph], options: SummarizeOptions) -> Iterator[_Task]:
        split = _lead_end(paragraphs)
        lead, rest = paragraphs[:split], paragraphs[split:]
        if options.style is SummaryStyle.SENTENCE or not rest:
            yield _Task("item", self._condensed(paragraphs), options.max_words * 2 // 3, 1)
            return
        words = min(LEAD_WORDS, options.max_words * 2 // 3)
        yield _Task("lead", self._condensed(lead), words, 1)
        remaining = max(FEWEST_WORDS, options.max_words - words - SLACK_WORDS)
        if options.style is SummaryStyle.BULLETS or remaining >= 2 * REST_WORDS:
            yield _Task("rest_twice", self._condensed(rest), remaining, MOST_SENTENCES - 1)
        else:
            yield _Task("rest", self._condensed(rest), remaining, 1)

    def _write_grounded(
        self, task: _Task, left: int, paragraphs: Sequence[Paragraph]
    ) -> tuple[list[str], int, tuple[str, ...]]:
        """Sentences that fit and are borne out, the attempts, and what was not borne out."""
        forbidden: tuple[str, ...] = ()
        for attempt in (1, 2):
            written = self._write(task, forbidden)
            sentences = _within(written, task.sentences, left)
            forbidden = unsupported_values(" ".join(sentences), paragraphs)
            if sentences and not forbidden:
                return sentences, attempt, ()
            if written and not sentences:  # too long: shorten what was written
                task = _Task("shorten", written[0], left * 2 // 3, 1)
        return [], 2, forbidden

    def _write(self, task: _Task, forbidden: Sequence[str]) -> list[str]:
        request = self._texts[task.instruction].format(words=task.words, text=task.text)
        decode = _decode_options(task.words)
        if forbidden:
            request += self._texts["again"].format(forbidden="; ".join(forbidden))
            decode = replace(decode, temperature=RETRY_TEMPERATURE, seed=RETRY_SEED)
        [hypothesis] = self._engine.generate(
            [EngineInput(request, self._texts["instruction"])], decode
        )
        sentences = split_english_sentences(_BULLET.sub("", hypothesis.text))
        if hypothesis.truncated:
            sentences = sentences[:-1]
        if repeated_run(hypothesis.text):
            return []
        return [one for one in sentences if any(map(str.isalpha, one))]

    def _condensed(self, paragraphs: Sequence[Paragraph]) -> str:
        """The item's text, shortened part by part where it exceeds the model's window."""
        texts = [paragraph.target for paragraph in paragraphs]
        while sum(map(len, texts)) > PART_CHARACTERS:
            shorter = [self._condense_part(part) for part in _packed(texts)]
            if sum(map(len, shorter)) >= sum(map(len, texts)):
                raise EngineFailed("The model's summaries of the parts are no shorter than them.")
            texts = shorter
        return "\n\n".join(texts)

    def _condense_part(self, text: str) -> str:
        request = self._texts["part"].format(text=text)
        [hypothesis] = self._engine.generate(
            [EngineInput(request, self._texts["instruction"])], _decode_options(PART_WORDS)
        )
        return hypothesis.text

    def _as_summary(
        self,
        sentences: Sequence[str],
        paragraphs: Sequence[Paragraph],
        options: SummarizeOptions,
        attempts: int,
    ) -> Summary:
        return Summary(
            sentences=tuple(
                SummarySentence(text, supporting_paragraphs(text, paragraphs)) for text in sentences
            ),
            style=options.style,
            method=SummaryMethod.ABSTRACTIVE,
            issues=(),
            attempts=attempts,
            provenance=self.provenance(),
        )

    def _fall_back(
        self,
        paragraphs: Sequence[Paragraph],
        options: SummarizeOptions,
        forbidden: Sequence[str],
        attempts: int,
    ) -> Summary:
        what = f" ({'; '.join(forbidden)})" if forbidden else ""
        issue = Issue(
            IssueKind.SUMMARY,
            f"The model's summary was not borne out by the item{what}; "
            "these sentences are taken from the translation.",
            target_value="; ".join(forbidden) or None,
        )
        return Summary(
            sentences=tuple(lead_sentences(paragraphs, options)),
            style=options.style,
            method=SummaryMethod.EXTRACTIVE,
            issues=(issue,),
            attempts=attempts,
            provenance=self.provenance(),
        )


def lead_sentences(
    paragraphs: Sequence[Paragraph], options: SummarizeOptions
) -> Iterator[SummarySentence]:
    """The item's first sentences within the limit; a first one beyond it is cut, with "…"."""
    left = options.max_words
    most = 1 if options.style is SummaryStyle.SENTENCE else MOST_SENTENCES
    found = (
        (sentence, paragraph.id)
        for paragraph in paragraphs
        for sentence in split_english_sentences(paragraph.target)
    )
    for index, (sentence, paragraph_id) in enumerate(found):
        if index >= most or (index and count_words(sentence) > left):
            return
        shortened = cut_to_words(sentence, left)
        left -= count_words(shortened)
        yield SummarySentence(shortened, (paragraph_id,))


def _within(sentences: Sequence[str], most: int, words: int) -> list[str]:
    """The first sentences that fit the limits; none when the first does not."""
    kept: list[str] = []
    for sentence in sentences[:most]:
        words -= count_words(sentence)
        if words < 0:
            break
        kept.append(sentence)
    return kept


def _words_of(sentence: str) -> tuple[str, ...]:
    return tuple(re.findall(r"\w+", sentence.casefold()))


def _lead_end(paragraphs: Sequence[Paragraph]) -> int:
    """How many paragraphs make the lead: headline and all, until it has some length."""
    length = 0
    for index, paragraph in enumerate(paragraphs):
        length += len(paragraph.target)
        if length >= LEAD_CHARACTERS:
            return index + 1
    return len(paragraphs)


def _packed(texts: Sequence[str]) -> list[str]:
    """The texts in parts of half the window at most; a longer one goes by sentences."""
    parts: list[str] = []
    for text in (piece for one in texts for piece in _pieces(one)):
        if parts and len(parts[-1]) + len(text) < PART_CHARACTERS // 2:
            parts[-1] += "\n\n" + text
        else:
            parts.append(text)
    return parts


def _pieces(text: str) -> list[str]:
    limit = PART_CHARACTERS // 2
    if len(text) <= limit:
        return [text]
    sentences = split_english_sentences(text)
    return [piece for sentence in sentences for piece in textwrap.wrap(sentence, limit)]


def _decode_options(words: int) -> DecodeOptions:
    return DecodeOptions(max_tokens=40 + words * 2, ascii_only=True)
