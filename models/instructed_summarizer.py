"""Summaries by a model that follows instructions: first the lead, then the rest."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from models.attribution import Paragraph
from models.engine import DecodeOptions, Engine, EngineInput, Provenance
from models.english import count_words, split_english_sentences
from models.errors import EngineFailed
from models.grounding import unsupported_values
from models.prompts import instructions
from models.runaway import repeated_run
from models.summary import (
    DEFAULT_WORDS,
    FEWEST_WORDS,
    MOST_SENTENCES,
    Draft,
    Fault,
    SummarizeOptions,
    SummaryStyle,
    count_fitting,
    words_of,
)

PART_CHARACTERS = 8000
PART_WORDS = 120
LEAD_CHARACTERS = 150
LEAD_WORDS = 35
REST_WORDS = 25
SLACK_WORDS = 5
RETRY_TEMPERATURE = 0.4
RETRY_SEED = 1

_BULLET = re.compile(r"^\s*(?:[-*•]|\d+[.)])\s+", re.MULTILINE)


@dataclass(frozen=True)
class _Task:
    """One call of the model: which instruction, for which text, for how many sentences."""

    instruction: str
    text: str
    words: int
    sentences: int


class InstructedWriter:
    """Asks for the lead and for the rest, and says what to leave out when it must ask again."""

    def __init__(self, engine: Engine) -> None:
        """The engine is only called."""
        self._engine = engine
        self._texts = instructions("summarize")

    def write(self, paragraphs: Sequence[Paragraph], options: SummarizeOptions) -> Draft:
        """Return sentences that the item bears out, or what is wrong with those written.

        Raises:
            EngineFailed: the engine could not generate, or never shortens.
        """
        sentences: list[str] = []
        attempts = 0
        for task in self._tasks(paragraphs, options):
            left = options.max_words - sum(map(count_words, sentences))
            written, tried, forbidden = self._write_grounded(task, left, paragraphs)
            attempts += tried
            if forbidden or not (written or sentences):
                return Draft((), attempts, Fault.UNSUPPORTED, forbidden)
            said = {words_of(sentence) for sentence in sentences}
            sentences += [one for one in written if words_of(one) not in said]
        return Draft(tuple(sentences), attempts)

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
            sentences = written[: count_fitting(written, task.sentences, left)]
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
