"""Short English summaries of translated items, every sentence tied to its paragraphs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from models.attribution import Paragraph, supporting_paragraphs
from models.engine import DecodeOptions, Engine, EngineInput, Provenance
from models.fidelity import Issue, IssueKind
from models.grounding import unsupported_values
from models.prompts import instructions
from models.runaway import repeated_run
from models.segmenter import split_long

DEFAULT_WORDS = 60
FEWEST_WORDS = 10
MOST_WORDS = 400
PART_CHARACTERS = 8000
PART_WORDS = 120
MOST_SENTENCES = 3

_SENTENCE_END = re.compile(r"(?<=[.!?…][\"”’)]|.[.!?…])\s+(?=[\"“‘(]?[A-Z0-9])")
_ABBREVIATION = re.compile(r"\b(?:[A-Z]|Mr|Mrs|Ms|Dr|Prof|Gen|Col|Maj|Lt|Sr|Jr|St|No|vs)\.$")
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
        text = self._condensed(paragraphs)
        forbidden: tuple[str, ...] = ()
        for attempt in (1, 2):
            sentences = self._write(text, options, forbidden)
            forbidden = unsupported_values(" ".join(sentences), paragraphs)
            if sentences and not forbidden:
                return self._as_summary(sentences, paragraphs, options, attempt)
        return self._fall_back(paragraphs, options, forbidden)

    def provenance(self) -> Provenance:
        """Model, engine and decode options of a first attempt."""
        return self._engine.provenance(_decode_options(DEFAULT_WORDS))

    def _write(self, text: str, options: SummarizeOptions, forbidden: Sequence[str]) -> list[str]:
        request = self._texts[options.style.value].format(words=options.max_words, text=text)
        if forbidden:
            request += self._texts["again"].format(forbidden="; ".join(forbidden))
        decode = _decode_options(options.max_words)
        if forbidden:
            decode = replace(decode, temperature=0.4, seed=1)
        [hypothesis] = self._engine.generate(
            [EngineInput(request, self._texts["instruction"])], decode
        )
        written = hypothesis.text
        sentences = split_english_sentences(_BULLET.sub("", written))
        if hypothesis.truncated:
            sentences = sentences[:-1]
        return [] if repeated_run(written) else _within(sentences, options)

    def _condensed(self, paragraphs: Sequence[Paragraph]) -> str:
        """The item's text, shortened part by part where it exceeds the model's window."""
        texts = [paragraph.target for paragraph in paragraphs]
        while sum(map(len, texts)) > PART_CHARACTERS:
            texts = [self._condense_part(part) for part in _packed(texts)]
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
            attempts=2,
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


def count_words(text: str) -> int:
    """Words as an editor counts them: runs between spaces."""
    return len(text.split())


def cut_to_words(sentence: str, limit: int) -> str:
    """Return the sentence, or its first `limit` words with an ellipsis."""
    words = sentence.split()
    if len(words) <= limit:
        return sentence
    return " ".join(words[:limit]).rstrip(",;:-– ") + "…"


def split_english_sentences(text: str) -> list[str]:
    """Split model output into sentences; initials and titles do not end one."""
    sentences: list[str] = []
    for line in text.splitlines():
        parts = [part.strip() for part in _SENTENCE_END.split(line) if part.strip()]
        for part in parts:
            if sentences and _ABBREVIATION.search(sentences[-1]):
                sentences[-1] += f" {part}"
            else:
                sentences.append(part)
    return sentences


def _within(sentences: Sequence[str], options: SummarizeOptions) -> list[str]:
    """The first sentences that fit the style and the limit; none when the first does not."""
    most = 1 if options.style is SummaryStyle.SENTENCE else MOST_SENTENCES
    kept: list[str] = []
    left = options.max_words
    for sentence in sentences[:most]:
        left -= count_words(sentence)
        if left < 0:
            break
        kept.append(sentence)
    return kept


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
    return [piece for sentence in sentences for piece in split_long(sentence, limit)]


def _decode_options(words: int) -> DecodeOptions:
    return DecodeOptions(max_tokens=40 + words * 2, ascii_only=True)
