"""What diemtin itself costs: measured against its peers in one run, told as ratios."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter

from models.engine import DecodeOptions, Engine, EngineInput, Hypothesis, Provenance
from models.lexicon import Lexicon
from models.segmenter import split_sentences
from models.summarizer import Summarizer
from models.translator import Translator, decode_options
from service.pipeline import Digester, DigestOptions


@dataclass(frozen=True)
class Call:
    """One input that an engine was given, and how long it took, in seconds."""

    one: EngineInput
    options: DecodeOptions
    seconds: float


class RecordingEngine(Engine):
    """Passes everything on to an engine and keeps what was asked."""

    def __init__(self, engine: Engine) -> None:
        """Record calls to `engine`."""
        self._engine = engine
        self.calls: list[Call] = []

    def generate(self, inputs: Sequence[EngineInput], options: DecodeOptions) -> list[Hypothesis]:
        """Generate, one input at a time, and keep the time of each."""
        hypotheses = []
        for one in inputs:
            began = perf_counter()
            hypotheses += self._engine.generate([one], options)
            self.calls.append(Call(one, options, perf_counter() - began))
        return hypotheses

    def provenance(self, options: DecodeOptions) -> Provenance:
        """What the engine underneath says."""
        return self._engine.provenance(options)


@dataclass(frozen=True)
class Overhead:
    """Seconds of one digest: all in all, inside the engine, and of the plainest peer.

    `bare_s` is the engine alone on the same segments (paragraphs, headings, captions),
    with the plain instruction: no glossary, no checks, no second attempts, no summary.
    """

    characters: int
    calls: int
    total_s: float
    engine_s: float
    replay_s: float
    bare_s: float
    pipeline_translate_s: float

    @property
    def own_share(self) -> float:
        """Everything but the engine, over the engine's time."""
        return (self.total_s - self.engine_s) / self.engine_s


def measure_overhead(engine: Engine, lexicon: Lexicon, text: str) -> Overhead:
    """Digest the text through the pipeline, then give the engine the same inputs alone."""
    recorder = RecordingEngine(engine)
    digester = Digester(Translator(recorder, lexicon), Summarizer(recorder))
    began = perf_counter()
    digest = digester.digest(text, DigestOptions())
    total = perf_counter() - began
    segments = [one.element.text for one in digest.elements if one.element.translatable]
    return Overhead(
        characters=len(text),
        calls=len(recorder.calls),
        total_s=total,
        engine_s=sum(call.seconds for call in recorder.calls),
        replay_s=_time_calls(engine, [(call.one, call.options) for call in recorder.calls]),
        bare_s=_time_calls(engine, _bare_calls(segments)),
        pipeline_translate_s=digest.timings.translate_s,
    )


def _bare_calls(segments: Sequence[str]) -> list[tuple[EngineInput, DecodeOptions]]:
    plain = Translator.plain_instruction()
    return [(EngineInput(segment, plain), decode_options(segment)) for segment in segments]


def _time_calls(engine: Engine, calls: Sequence[tuple[EngineInput, DecodeOptions]]) -> float:
    began = perf_counter()
    for one, options in calls:
        engine.generate([one], options)
    return perf_counter() - began


@dataclass(frozen=True)
class UnitResult:
    """Translating the same lines in units of one size."""

    unit: str
    hypotheses: tuple[str, ...]
    seconds: float
    target_tokens: int


def measure_units(engine: Engine, lines: Sequence[str], block: int = 4) -> list[UnitResult]:
    """Translate blocks of lines by sentences, pairs and whole, with the plain instruction."""
    blocks = [" ".join(lines[at : at + block]) for at in range(0, len(lines), block)]
    return [
        _measure_unit(engine, blocks, name, size)
        for name, size in (("sentences", 1), ("pairs", 2), ("paragraphs", block * 8))
    ]


def _measure_unit(engine: Engine, blocks: Sequence[str], name: str, size: int) -> UnitResult:
    plain = Translator.plain_instruction()
    hypotheses, tokens = [], 0
    began = perf_counter()
    for block in blocks:
        sentences = split_sentences(block)
        units = ["".join(sentences[at : at + size]) for at in range(0, len(sentences), size)]
        done = [
            engine.generate([EngineInput(unit.strip(), plain)], decode_options(unit))[0]
            for unit in units
        ]
        hypotheses.append(" ".join(one.text for one in done))
        tokens += sum(one.target_tokens for one in done)
    return UnitResult(name, tuple(hypotheses), perf_counter() - began, tokens)
