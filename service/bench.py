"""What diemtin costs and gains beside the bare engine: both in one run, told as ratios."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter

from models.engine import (
    DecodeOptions,
    Engine,
    EngineInput,
    EngineWrapper,
    Hypothesis,
)
from models.lexicon import Lexicon
from models.segmenter import split_sentences
from models.summarizer import Summarizer
from models.translator import Translator, decode_options
from service.normalizing import EmptyText
from service.pipeline import Digester

BLOCK_LINES = 4


@dataclass(frozen=True)
class Call:
    """One input that an engine was given, and how long it took, in seconds."""

    one: EngineInput
    options: DecodeOptions
    seconds: float


class RecordingEngine(EngineWrapper):
    """Passes everything on to an engine and keeps what was asked."""

    def __init__(self, engine: Engine) -> None:
        """Record calls to `engine`."""
        super().__init__(engine)
        self.calls: list[Call] = []

    def generate(self, inputs: Sequence[EngineInput], options: DecodeOptions) -> list[Hypothesis]:
        """Generate, one input at a time, and keep the time of each."""
        hypotheses = []
        for one in inputs:
            began = perf_counter()
            hypotheses += self.engine.generate([one], options)
            self.calls.append(Call(one, options, perf_counter() - began))
        return hypotheses


@dataclass(frozen=True)
class Overhead:
    """Seconds of one digest and of its peers.

    Args:
        segments: paragraphs, headings and captions that were translated.
        calls: engine calls of the digest, second attempts and the summary among them.
        digest_s: the digest from text to result.
        engine_s: the part of it that passed inside the engine.
        replay_s: the same engine calls with nothing around them.
        bare_s: the same segments with the plain instruction: no glossary, no checks, no
            second attempts, no summary.
        translate_s: the digest's translation, to be held against `bare_s`.
    """

    segments: int
    calls: int
    digest_s: float
    engine_s: float
    replay_s: float
    bare_s: float
    translate_s: float


def measure_overhead(engine: Engine, lexicon: Lexicon, text: str) -> Overhead:
    """Digest the text through the pipeline, then give the engine the same inputs alone.

    Raises:
        EmptyText: the item has nothing that is translated.
        NotVietnamese: it is in another language.
    """
    recorder = RecordingEngine(engine)
    translator = Translator(recorder, lexicon)
    digester = Digester(translator, Summarizer(recorder, translator))
    engine.generate([EngineInput("Xin chào.")], DecodeOptions(max_tokens=8))
    began = perf_counter()
    digest = digester.digest(text)
    digest_s = perf_counter() - began
    segments = [one.element.text for one in digest.elements if one.element.translatable]
    if not segments:
        raise EmptyText("The item has nothing to translate; measure one with a paragraph.")
    plain = [(_plain(segment), decode_options(segment, engine.traits)) for segment in segments]
    return Overhead(
        segments=len(segments),
        calls=len(recorder.calls),
        digest_s=digest_s,
        engine_s=sum(call.seconds for call in recorder.calls),
        replay_s=_time_calls(engine, [(call.one, call.options) for call in recorder.calls]),
        bare_s=_time_calls(engine, plain),
        translate_s=digest.timings.translate_s,
    )


def _plain(segment: str) -> EngineInput:
    return EngineInput(segment.strip(), Translator.plain_instruction())


def _time_calls(engine: Engine, calls: Sequence[tuple[EngineInput, DecodeOptions]]) -> float:
    began = perf_counter()
    for one, options in calls:
        engine.generate([one], options)
    return perf_counter() - began


@dataclass(frozen=True)
class UnitResult:
    """The same blocks of lines, translated in units of one size."""

    unit: str
    hypotheses: tuple[str, ...]
    seconds: float
    target_tokens: int


def measure_units(engine: Engine, lines: Sequence[str]) -> list[UnitResult]:
    """Translate blocks of four lines by sentences, by pairs and whole, plainly instructed."""
    blocks = join_blocks(lines)
    sizes = {"sentences": 1, "pairs": 2, "paragraphs": max(map(len, blocks), default=1)}
    return [_measure_unit(engine, blocks, unit, size) for unit, size in sizes.items()]


def join_blocks(lines: Sequence[str]) -> list[str]:
    """Four lines to a block, as one paragraph each."""
    starts = range(0, len(lines), BLOCK_LINES)
    return [" ".join(lines[at : at + BLOCK_LINES]) for at in starts]


def _measure_unit(engine: Engine, blocks: Sequence[str], unit: str, size: int) -> UnitResult:
    hypotheses, tokens = [], 0
    began = perf_counter()
    for block in blocks:
        sentences = split_sentences(block)
        pieces = ["".join(sentences[at : at + size]) for at in range(0, len(sentences), size)]
        done = [
            engine.generate([_plain(one)], decode_options(one, engine.traits))[0] for one in pieces
        ]
        hypotheses.append(" ".join(one.text for one in done))
        tokens += sum(one.target_tokens for one in done)
    return UnitResult(unit, tuple(hypotheses), perf_counter() - began, tokens)
