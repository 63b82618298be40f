"""The one interface for everything that turns text into text."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from models.errors import BadConfig


@dataclass(frozen=True)
class DecodeOptions:
    """How an engine decodes; greedy unless told otherwise.

    Args:
        max_tokens: most target tokens of one hypothesis; None lets the engine derive it
            from the length of the source.
        temperature: 0 is greedy.
        repeat_penalty: above 1 discourages tokens already written.
        ascii_only: forbid every character outside the Latin alphabet without diacritics.
        seed: of the sampler, where temperature is above 0.
        beam_size: hypotheses kept at each step; 1 is greedy. Sampling takes no notice of it.
        min_tokens: fewest target tokens of one hypothesis.
        length_penalty: exponent of the length by which a beam's score is divided.
        no_repeat_ngram: n-grams of this many tokens may not come twice; 0 allows them.
        hypotheses: of a beam search, so many of its beams come back, the best as the text
            and the others as alternatives; a search for one costs the same.

    Raises:
        BadConfig: more hypotheses are wanted than there are beams.
    """

    max_tokens: int | None = None
    temperature: float = 0.0
    repeat_penalty: float = 1.0
    ascii_only: bool = False
    seed: int = 0
    beam_size: int = 1
    min_tokens: int = 0
    length_penalty: float = 1.0
    no_repeat_ngram: int = 0
    hypotheses: int = 1

    def __post_init__(self) -> None:
        """Refuse what no search can give."""
        if not 1 <= self.hypotheses <= self.beam_size:
            raise BadConfig(
                f"{self.hypotheses} hypotheses of a beam of {self.beam_size} cannot be had; "
                "widen the beam or ask for fewer."
            )


@dataclass(frozen=True)
class EngineSettings:
    """What every engine is started with; an engine ignores what it has no use for.

    Args:
        context: tokens that prompt and output share.
        threads: CPU threads of one engine; 0 takes every usable core.
        prompt_cache_mib: memory for prompts already read, in MiB.
        engine: which engine runs a transformers checkpoint: "auto", "transformers" or
            "ctranslate2".
        device: "auto", "cpu" or "cuda".
        compute_type: of the weights; "auto", or a type that the engine knows, such as
            "float32", "bfloat16", "float16" or "int8".
        beam_size: of a sequence-to-sequence model's first attempt.
        batch_tokens: most source tokens of one batch, padding included; 0 is the engine's own.
        allow_pickle: load checkpoints that come as pickles, where there is no safetensors file.
    """

    context: int = 8192
    threads: int = 0
    prompt_cache_mib: int = 256
    engine: str = "auto"
    device: str = "auto"
    compute_type: str = "auto"
    beam_size: int = 5
    batch_tokens: int = 0
    allow_pickle: bool = False

    @property
    def cpu_threads(self) -> int:
        """The threads asked for, or one for every core that this process may use."""
        if self.threads:
            return self.threads
        if hasattr(os, "sched_getaffinity"):
            return len(os.sched_getaffinity(0))
        return os.cpu_count() or 1


@dataclass(frozen=True)
class EngineTraits:
    """What a caller must know of an engine to use it well.

    Args:
        instructed: it follows the instruction of an input; a sequence-to-sequence model
            has one task and takes no notice of it.
        window: most source tokens of one input; None where only the context limits it.
        batch_tokens: source tokens, padding included, that one call handles best; 0 where
            inputs are better given one by one.
        parallel_calls: calls of `generate` that the engine works on at the same time.
        beam_size: that suits a first attempt.
        language: "vi" where a summarizer reads and writes Vietnamese, else "en".
    """

    instructed: bool = True
    window: int | None = None
    batch_tokens: int = 0
    parallel_calls: int = 1
    beam_size: int = 1
    language: str = "en"


@dataclass(frozen=True)
class EngineInput:
    """One text for an engine; sequence-to-sequence engines ignore the instruction.

    Args:
        source: the text.
        instruction: what to do with it, for a model that is instructed.
        prefix: how the target begins, given to the model as already written.
        forced_tokens: where above 0, exactly so many target tokens are decoded, whatever
            the model says: for measuring speed alone.
    """

    source: str
    instruction: str = ""
    prefix: str = ""
    forced_tokens: int = 0


@dataclass(frozen=True)
class Provenance:
    """Which model, engine and options made a text."""

    model: str
    revision: str
    engine: str
    engine_version: str
    options: DecodeOptions = field(default_factory=DecodeOptions)

    def as_dict(self) -> dict[str, Any]:
        """The record as plain JSON types."""
        return asdict(self)


@dataclass(frozen=True)
class Hypothesis:
    """One output text; `truncated` when the engine stopped at its token limit.

    `alternatives` are the texts of the other beams, where the options ask for them: best
    first, each once, none that was cut at the limit.
    """

    text: str
    source_tokens: int
    target_tokens: int
    truncated: bool
    provenance: Provenance
    alternatives: tuple[str, ...] = ()


def other_texts(text: str, others: Iterable[str]) -> tuple[str, ...]:
    """The alternatives to a text: what the other beams say, each once."""
    return tuple(dict.fromkeys(one for one in others if one and one != text))


class Engine(ABC):
    """Turns texts into texts, batch as the primitive, safe to call from many threads."""

    @abstractmethod
    def generate(self, inputs: Sequence[EngineInput], options: DecodeOptions) -> list[Hypothesis]:
        """Return one hypothesis an input, in order.

        Raises:
            InputTooLong: an input exceeds the context; nothing was generated for it.
            EngineFailed: the library underneath raised.
        """

    @property
    def traits(self) -> EngineTraits:
        """What a caller must know to use it well; by default, that of a causal model."""
        return EngineTraits()

    def count_tokens(self, sources: Sequence[str]) -> list[int]:
        """Source tokens of each text; by default an estimate, one for three characters."""
        return [len(source) // 3 + 1 for source in sources]

    @abstractmethod
    def provenance(self, options: DecodeOptions) -> Provenance:
        """What a hypothesis decoded with these options will carry."""

    def close(self) -> None:  # noqa: B027 - closing is optional, most engines hold no handle
        """Free what the engine holds."""


class EngineWrapper(Engine):
    """An engine before another: what it does not change is the other's."""

    def __init__(self, engine: Engine) -> None:
        """Stand before `engine`."""
        self.engine = engine

    @property
    def traits(self) -> EngineTraits:
        """Those of the engine behind."""
        return self.engine.traits

    def count_tokens(self, sources: Sequence[str]) -> list[int]:
        """Count as the engine behind does."""
        return self.engine.count_tokens(sources)

    def provenance(self, options: DecodeOptions) -> Provenance:
        """What the engine behind says."""
        return self.engine.provenance(options)

    def close(self) -> None:
        """Close the engine behind."""
        self.engine.close()
