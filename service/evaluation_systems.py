"""The systems that are measured: the whole pipeline, and the bare model beside it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import StrEnum

from models.attribution import Paragraph
from models.engine import DecodeOptions, Engine, EngineInput, Provenance
from models.english import split_english_sentences
from models.errors import BadConfig, InputTooLong
from models.lexicon import Lexicon
from models.pieces import split_halves
from models.registry import EnginePool
from models.summarizer import SummarizeOptions, Summarizer, Summary, SummaryMethod, SummarySentence
from models.translator import TranslateOptions, Translation, Translator, decode_options
from service.pipeline import Digester
from service.runtime import Runtime
from service.settings import Settings

SUMMARY_INSTRUCTION = "Summarize this news item in English in at most {words} words."
_TOKENS_A_WORD = 2
_SLACK_TOKENS = 40
_TRANSLATE = TranslateOptions()
_SUMMARIZE = SummarizeOptions()


class System(StrEnum):
    """What made the English."""

    BARE = "bare"
    PIPELINE = "pipeline"


class PlainTranslator(Translator):
    """The engine alone: the plain instruction, no lexicon, no checks, no second attempts."""

    def __init__(self, engine: Engine) -> None:
        """The engine is only called."""
        super().__init__(engine, Lexicon(()), second_attempts=False)
        self._plain = engine

    def translate(
        self, segments: Sequence[str], options: TranslateOptions = _TRANSLATE
    ) -> list[Translation]:
        """Return what the engine makes of each whole segment; the options change nothing."""
        if self.takes_batches:
            try:
                return self._ask(segments)
            except InputTooLong:
                pass  # one of them; the others stay whole
        return [self._translate_one(segment) for segment in segments]

    def _translate_one(self, segment: str) -> Translation:
        try:
            return self._ask([segment])[0]
        except InputTooLong:
            halves = [self._translate_one(half) for half in split_halves(segment)]
        target = " ".join(half.target for half in halves)
        return replace(
            halves[0], source=segment, target=target, attempts=sum(half.attempts for half in halves)
        )

    def _ask(self, segments: Sequence[str]) -> list[Translation]:
        inputs = [EngineInput(one.strip(), self.plain_instruction()) for one in segments]
        longest = max(segments, key=len, default="")
        made = self._plain.generate(inputs, decode_options(longest, self._plain.traits))
        return [
            Translation(
                source=segment,
                target=one.text,
                issues=(),
                attempts=1,
                provenance=one.provenance,
            )
            for segment, one in zip(segments, made, strict=True)
        ]


class PlainSummarizer(Summarizer):
    """The engine asked once for a summary of its own English; nothing is checked."""

    def __init__(self, engine: Engine) -> None:
        """The engine is only called.

        Raises:
            BadConfig: it writes Vietnamese.
        """
        if engine.traits.language != "en":
            raise BadConfig(
                "The bare model is asked for a summary of its English, and this summarizer reads "
                "Vietnamese; leave out --bare and --both, or choose another with --summarizer."
            )
        super().__init__(engine)
        self._plain = engine

    def summarize(
        self, paragraphs: Sequence[Paragraph], options: SummarizeOptions = _SUMMARIZE
    ) -> Summary:
        """Return what the engine writes, however long it is."""
        text = self._ask("\n\n".join(one.target for one in paragraphs), options)
        return Summary(
            sentences=tuple(SummarySentence(one, ()) for one in split_english_sentences(text)),
            style=options.style,
            method=SummaryMethod.ABSTRACTIVE,
            issues=(),
            attempts=1,
            provenance=self._plain.provenance(self._options(options)),
        )

    def _ask(self, text: str, options: SummarizeOptions) -> str:
        instruction = SUMMARY_INSTRUCTION.format(words=options.max_words)
        try:
            [made] = self._plain.generate([EngineInput(text, instruction)], self._options(options))
        except InputTooLong:
            return self._ask(split_halves(text)[0], options)
        return made.text

    def _options(self, options: SummarizeOptions) -> DecodeOptions:
        return DecodeOptions(
            max_tokens=_SLACK_TOKENS + _TOKENS_A_WORD * options.max_words,
            ascii_only=True,
            beam_size=self._plain.traits.beam_size,
        )


@dataclass(frozen=True)
class _Loaded:
    runtime: Runtime
    pool: EnginePool

    def warm(self, model: str) -> Engine:
        engine = self.pool.get(model)
        engine.generate([EngineInput("Xin chào.")], DecodeOptions(max_tokens=4))
        return engine

    def translator(self, system: System) -> Translator:
        engine = self.warm(self.runtime.translator)
        if system is System.BARE:
            return PlainTranslator(engine)
        return Translator(
            engine,
            self.runtime.lexicon,
            second_attempts=self.runtime.settings.second_attempts,
        )

    def digester(self, system: System) -> Digester:
        translator = self.translator(system)
        engine = self.warm(self.runtime.summarizer)
        if system is System.BARE:
            return Digester(translator, PlainSummarizer(engine))
        return Digester(translator, Summarizer(engine, translator))


@contextmanager
def _load(settings: Settings) -> Iterator[_Loaded]:
    # Neither a translation nor a prompt is remembered: whoever comes second would be faster.
    runtime = Runtime(settings.model_copy(update={"memory": "off"}))
    pool = EnginePool(runtime.store, replace(settings.engine_settings(), prompt_cache_mib=0))
    try:
        yield _Loaded(runtime, pool)
    finally:
        pool.close()
        runtime.close()


@contextmanager
def open_digesters(
    settings: Settings, systems: Collection[System]
) -> Iterator[Mapping[System, Digester]]:
    """Load the models of the settings and give a digester a system, until the block ends."""
    with _load(settings) as loaded:
        yield {system: loaded.digester(system) for system in systems}


@contextmanager
def open_translator(settings: Settings, system: System) -> Iterator[Translator]:
    """Load the translating model alone, until the block ends."""
    with _load(settings) as loaded:
        yield loaded.translator(system)


def describe_provenance(made: Provenance, package_version: str) -> str:
    """Model, revision, engine, decode options and version on one line."""
    default = DecodeOptions()
    options = {
        name: value
        for name, value in vars(made.options).items()
        if name != "max_tokens" and value != getattr(default, name)
    }
    told = ", ".join(f"{name}={value}" for name, value in options.items()) or "greedy"
    return (
        f"{made.model} ({made.revision[:19]}), {made.engine} {made.engine_version}, {told}, "
        f"diemtin {package_version}"
    )
