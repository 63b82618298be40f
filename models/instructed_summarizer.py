"""Summaries by a model that follows instructions: first the lead, then the rest."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from models.added_country import drop_added_country
from models.answers import strip_talk
from models.attribution import Paragraph
from models.engine import DecodeOptions, Engine, EngineInput, Provenance
from models.english import count_words, split_english_sentences
from models.errors import EngineFailed
from models.extractive import leans_back
from models.fidelity import Issue, IssueKind
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
    add_something,
    count_fitting,
    name_values,
    telling_facts,
)
from models.summary_output import borne_out

PART_CHARACTERS = 8000
PART_WORDS = 120
LEAD_CHARACTERS = 150
LEAD_WORDS = 35
REST_WORDS = 25
SLACK_WORDS = 5
SHORTEST_REST = 4
# So many sentences of an answer may be its lead, and so many more kinds of facts make it that.
FIRST_SENTENCES = 3
CLEARLY_MORE_FACTS = 2
RETRY_TEMPERATURE = 0.4
RETRY_SEED = 1


@dataclass(frozen=True)
class _Task:
    """One call of the model: which instruction, for which text, for how many sentences."""

    instruction: str
    text: str
    words: int
    sentences: int


@dataclass(frozen=True)
class _Answer:
    """Sentences that may stand, and what is wrong with those that may not."""

    sentences: tuple[str, ...] = ()
    fault: Fault | None = None
    forbidden: tuple[str, ...] = ()


class InstructedWriter:
    """Asks for the lead and for the rest, and says what to leave out when it must ask again."""

    def __init__(self, engine: Engine) -> None:
        """The engine is only called."""
        self._engine = engine
        self._texts = instructions("summarize")

    def write(self, paragraphs: Sequence[Paragraph], options: SummarizeOptions) -> Draft:
        """Return sentences that the item bears out, or what is wrong with those written.

        A lead that stands is kept, with an issue where the rest does not.

        Raises:
            EngineFailed: the engine could not generate, or never shortens.
        """
        lead_task, *rest_tasks = self._tasks(paragraphs, options)
        lead, attempts = self._write_grounded(lead_task, options.max_words, (), paragraphs)
        if not lead.sentences:
            return Draft((), attempts, lead.fault, lead.forbidden)
        sentences, issues = lead.sentences, list[Issue]()
        for task in rest_tasks:
            left = options.max_words - sum(map(count_words, sentences))
            if left < SHORTEST_REST:
                break
            rest, tried = self._write_grounded(task, left, sentences, paragraphs)
            attempts += tried
            sentences += rest.sentences
            if rest.fault:
                issues.append(_left_out(rest.fault, rest.forbidden))
        return Draft(sentences, attempts, issues=tuple(issues))

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
        self, task: _Task, left: int, said: Sequence[str], paragraphs: Sequence[Paragraph]
    ) -> tuple[_Answer, int]:
        """The first answer that is borne out, or the best of two; and the attempts."""
        best = _Answer()
        retry: _Answer | None = None
        for attempt in (1, 2):
            written = _without_country(self._write(task, retry), paragraphs)
            answer = self._judge(written, task, left, said, paragraphs)
            if answer.fault is None or answer.fault is Fault.NOTHING_NEW:
                return answer, attempt
            if not best.sentences:
                best = answer
            retry = answer
            if answer.fault is Fault.TOO_LONG and written.sentences:
                longest = _telling_first(written.sentences, said)[0]
                task, retry = _Task("shorten", longest, left * 2 // 3, 1), None
        return best, 2

    def _judge(
        self,
        written: _Answer,
        task: _Task,
        left: int,
        said: Sequence[str],
        paragraphs: Sequence[Paragraph],
    ) -> _Answer:
        """What of the written sentences fits, is new and is borne out, and what is wrong else."""
        if written.fault:
            return written
        sentences = add_something(_telling_first(written.sentences, said), said)
        if not sentences:
            return _Answer(fault=Fault.NOTHING_NEW)
        fitting = sentences[: count_fitting(sentences, task.sentences, left)]
        if not fitting:
            return _Answer(fault=Fault.TOO_LONG)
        kept, forbidden = borne_out(fitting, lambda one: unsupported_values(one, paragraphs))
        return _Answer(
            tuple(fitting[index] for index in kept),
            Fault.UNSUPPORTED if forbidden else None,
            forbidden,
        )

    def _write(self, task: _Task, retry: _Answer | None) -> _Answer:
        request = self._texts[task.instruction].format(words=task.words, text=task.text)
        decode = _decode_options(task.words)
        if retry:
            decode = replace(decode, temperature=RETRY_TEMPERATURE, seed=RETRY_SEED)
        if retry and retry.forbidden:
            request += self._texts["again"].format(forbidden="; ".join(retry.forbidden))
        [hypothesis] = self._engine.generate(
            [EngineInput(request, self._texts["instruction"])], decode
        )
        if repeated_run(hypothesis.text):
            return _Answer(fault=Fault.LOOPING)
        sentences = split_english_sentences(strip_talk(hypothesis.text))
        whole = sentences[:-1] if hypothesis.truncated else sentences
        told = tuple(one for one in whole if any(map(str.isalpha, one)))
        if told:
            return _Answer(told)
        return _Answer(fault=Fault.TOO_LONG if hypothesis.truncated else Fault.EMPTY)

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


def _without_country(written: _Answer, paragraphs: Sequence[Paragraph]) -> _Answer:
    source = "\n".join(one.source for one in paragraphs)
    told = tuple(drop_added_country(source, one) for one in written.sentences)
    return replace(written, sentences=told)


def _telling_first(sentences: Sequence[str], said: Sequence[str]) -> Sequence[str]:
    """The sentences from the lead on: one that only announces it ("Good news!") is left out."""
    if said or not sentences:
        return sentences
    first = telling_facts(sentences[0])
    for index, sentence in enumerate(sentences[1:FIRST_SENTENCES], 1):
        facts = telling_facts(sentence)
        clearly = (facts and not first) or facts >= first + CLEARLY_MORE_FACTS
        if clearly and not leans_back(sentence):
            return sentences[index:]
    return sentences


def _left_out(fault: Fault, forbidden: Sequence[str]) -> Issue:
    values = "; ".join(forbidden)
    return Issue(
        IssueKind.SUMMARY,
        f"The rest of the model's summary {name_values(fault, forbidden)} and was left out.",
        target_value=values or None,
    )


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
