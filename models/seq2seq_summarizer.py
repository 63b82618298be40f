"""Summaries by sequence-to-sequence models, of the English or of the Vietnamese."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, replace

from models.attribution import Paragraph
from models.engine import DecodeOptions, Engine, EngineInput, Hypothesis, Provenance
from models.english import split_english_sentences
from models.fidelity import Issue
from models.grounding import unsupported_values
from models.grouping import group_texts
from models.names import fold_diacritics
from models.runaway import repeated_run
from models.source_grounding import unsupported_in_source
from models.summary import DEFAULT_WORDS, Draft, Fault, SummarizeOptions, count_fitting
from models.summary_output import (
    borne_out,
    close_sentence,
    read_english,
    read_vietnamese,
    usable_sentences,
)
from models.translator import TranslateOptions, Translator

TOKENS_A_WORD = 1.6
SLACK_TOKENS = 16
# Three sentences never need more words, and some models have no more target positions.
MOST_WORDS_ASKED = 160
PART_WORDS = 120
# Where positions set no limit: summarizers were taught with sources of about this length.
USUAL_WINDOW = 1024
# Of the window: for the tokens that a model puts around every source.
MARGIN = 8
MOST_MARGIN = 16
# A part's summary may take this share of the window, so that a round shrinks the text.
PART_SHARE = 3
LEAST_SHRINKING = 0.9
NO_REPEAT_NGRAM = 3
LONGER_NGRAM = 8
OTHER_BEAM = 4
REPEAT_PENALTY = 1.15


@dataclass(frozen=True)
class _Sentence:
    """An English sentence and what the checks of its translation found."""

    text: str
    issues: tuple[Issue, ...] = ()


@dataclass(frozen=True)
class _Attempt:
    """Sentences that may stand, or why there are none."""

    sentences: tuple[_Sentence, ...] = ()
    fault: Fault | None = None
    forbidden: tuple[str, ...] = ()


class Seq2SeqWriter(ABC):
    """Summarises a text of any length; the subclasses know the language of the model."""

    plain_letters: bool

    def __init__(self, engine: Engine) -> None:
        """The engine is only called."""
        self._engine = engine

    def write(self, paragraphs: Sequence[Paragraph], options: SummarizeOptions) -> Draft:
        """Return sentences that the item bears out, or what is wrong with those written.

        Raises:
            EngineFailed: the engine could not generate.
            InputTooLong: the model's window does not hold a single character.
        """
        text = self._condense(paragraphs)
        if not text:
            return Draft((), 0, Fault.EMPTY if text is not None else Fault.NO_SHORTER)
        decode = self._decode_options(options.max_words)
        first = self._attempt(text, decode, paragraphs, options)
        if first.fault is None:
            return self._as_draft(first, 1)
        second = self._attempt(text, _otherwise(decode, first.fault), paragraphs, options)
        return self._as_draft(second, 2)

    def provenance(self) -> Provenance:
        """Model, engine and decode options of a first attempt."""
        return self._engine.provenance(self._decode_options(DEFAULT_WORDS))

    @abstractmethod
    def _text_of(self, paragraph: Paragraph) -> str:
        """The paragraph in the model's language."""

    @abstractmethod
    def _read(self, text: str) -> list[str]:
        """The sentences of a text in the model's language."""

    @abstractmethod
    def _unsupported(self, text: str, paragraphs: Sequence[Paragraph]) -> tuple[str, ...]:
        """Figures and names that the item does not hold."""

    @abstractmethod
    def _in_english(
        self, sentences: Sequence[str], paragraphs: Sequence[Paragraph], options: SummarizeOptions
    ) -> _Attempt:
        """The sentences in English, those that the item bears out."""

    def _translator_provenance(self) -> Provenance | None:
        return None

    def _as_draft(self, attempt: _Attempt, attempts: int) -> Draft:
        issues = dict.fromkeys(issue for one in attempt.sentences for issue in one.issues)
        return Draft(
            sentences=tuple(one.text for one in attempt.sentences),
            attempts=attempts,
            fault=attempt.fault,
            forbidden=attempt.forbidden if attempt.fault else (),
            issues=tuple(issues),
            translator=self._translator_provenance(),
        )

    def _attempt(
        self,
        text: str,
        decode: DecodeOptions,
        paragraphs: Sequence[Paragraph],
        options: SummarizeOptions,
    ) -> _Attempt:
        [hypothesis] = self._engine.generate([EngineInput(text)], decode)
        written = usable_sentences(hypothesis, self._read)
        if not written:
            return _Attempt(fault=_fault_of(hypothesis))
        kept, forbidden = borne_out(written, lambda one: self._unsupported(one, paragraphs))
        if not kept:
            return _Attempt(fault=Fault.UNSUPPORTED, forbidden=forbidden)
        said = [written[index] for index in kept][: options.most_sentences]
        told = self._in_english(said, paragraphs, options)
        texts = [one.text for one in told.sentences]
        fitting = count_fitting(texts, options.most_sentences, options.max_words)
        if texts and not fitting:
            return _Attempt(fault=Fault.TOO_LONG)
        return replace(told, sentences=told.sentences[:fitting])

    def _condense(self, paragraphs: Sequence[Paragraph]) -> str | None:
        """The item's text, summarised group by group until it fits; None if that is no use."""
        texts = [close_sentence(self._text_of(paragraph)) for paragraph in paragraphs]
        while True:
            groups = self._grouped(texts)
            if len(groups) < 2:
                return "".join(groups)
            texts = self._summarise_groups(groups)
            if self._size(texts) > self._size(groups) * LEAST_SHRINKING:
                return None

    def _grouped(self, texts: Sequence[str]) -> list[str]:
        room = self._window - min(MOST_MARGIN, self._window // MARGIN)
        return group_texts(texts, room, self._engine.count_tokens, self._read)

    @property
    def _window(self) -> int:
        return self._engine.traits.window or USUAL_WINDOW

    def _size(self, texts: Sequence[str]) -> int:
        return sum(self._engine.count_tokens(texts))

    def _summarise_groups(self, groups: Sequence[str]) -> list[str]:
        decode = self._decode_options(PART_WORDS)
        most = max(1, min(decode.max_tokens or PART_WORDS, self._window // PART_SHARE))
        decode = replace(decode, max_tokens=most)
        hypotheses = self._engine.generate([EngineInput(group) for group in groups], decode)
        return list(map(self._part, groups, hypotheses))

    def _part(self, group: str, hypothesis: Hypothesis) -> str:
        """What the group says in short; its first sentence where its summary is none."""
        told = [Paragraph(0, group, group)]
        written = usable_sentences(hypothesis, self._read)
        kept, _ = borne_out(written, lambda one: self._unsupported(one, told))
        sentences = [written[index] for index in kept] or self._read(group)[:1]
        return " ".join(map(close_sentence, sentences))

    def _decode_options(self, words: int) -> DecodeOptions:
        return DecodeOptions(
            max_tokens=round(min(words, MOST_WORDS_ASKED) * TOKENS_A_WORD) + SLACK_TOKENS,
            ascii_only=self.plain_letters,
            beam_size=self._engine.traits.beam_size,
            no_repeat_ngram=NO_REPEAT_NGRAM,
        )


class EnglishWriter(Seq2SeqWriter):
    """Summarises the translation, as BART, PEGASUS and T5 do."""

    plain_letters = True

    def _text_of(self, paragraph: Paragraph) -> str:
        return fold_diacritics(paragraph.target)

    def _read(self, text: str) -> list[str]:
        return read_english(text)

    def _unsupported(self, text: str, paragraphs: Sequence[Paragraph]) -> tuple[str, ...]:
        return unsupported_values(text, paragraphs)

    def _in_english(
        self, sentences: Sequence[str], paragraphs: Sequence[Paragraph], options: SummarizeOptions
    ) -> _Attempt:
        return _Attempt(tuple(map(_Sentence, sentences)))


class VietnameseWriter(Seq2SeqWriter):
    """Summarises the source, as ViT5 and BARTpho do, and has the summary translated."""

    plain_letters = False

    def __init__(self, engine: Engine, translator: Translator) -> None:
        """Both are only called."""
        super().__init__(engine)
        self._translator = translator

    def _text_of(self, paragraph: Paragraph) -> str:
        return paragraph.source

    def _read(self, text: str) -> list[str]:
        return read_vietnamese(text)

    def _unsupported(self, text: str, paragraphs: Sequence[Paragraph]) -> tuple[str, ...]:
        return unsupported_in_source(text, paragraphs)

    def _in_english(
        self, sentences: Sequence[str], paragraphs: Sequence[Paragraph], options: SummarizeOptions
    ) -> _Attempt:
        """Translate; a figure or name that the translation changed costs its sentence."""
        wanted = TranslateOptions(glossary=options.glossary)
        told = [
            _Sentence(text, translation.issues)
            for translation in self._translator.translate(sentences, wanted)
            for text in split_english_sentences(translation.target)
            if any(map(str.isalpha, text))
        ]
        if not told:
            return _Attempt(fault=Fault.EMPTY)
        texts = [one.text for one in told]
        kept, forbidden = borne_out(texts, lambda one: unsupported_values(one, paragraphs))
        if not kept:
            return _Attempt(fault=Fault.UNSUPPORTED, forbidden=forbidden)
        return _Attempt(tuple(told[index] for index in kept))

    def _translator_provenance(self) -> Provenance:
        return self._translator.provenance()


def _fault_of(hypothesis: Hypothesis) -> Fault:
    if repeated_run(hypothesis.text):
        return Fault.LOOPING
    return Fault.TOO_LONG if hypothesis.truncated else Fault.EMPTY


def _otherwise(decode: DecodeOptions, fault: Fault) -> DecodeOptions:
    """Another way to decode, which may do without the fault of the first."""
    if fault is Fault.TOO_LONG:
        # Without the checkpoint's least length, and with scores that favour short hypotheses.
        return replace(decode, min_tokens=1, length_penalty=0.0)
    other_beam = 1 if decode.beam_size > 1 else OTHER_BEAM
    if fault is Fault.LOOPING:
        return replace(decode, beam_size=other_beam, repeat_penalty=REPEAT_PENALTY)
    # What may not come twice is changed the second time: a year, or half of a name.
    return replace(decode, beam_size=other_beam, no_repeat_ngram=LONGER_NGRAM)
