"""The one interface for everything that turns text into text."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any


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
    """

    max_tokens: int | None = None
    temperature: float = 0.0
    repeat_penalty: float = 1.0
    ascii_only: bool = False
    seed: int = 0


@dataclass(frozen=True)
class EngineSettings:
    """What every engine is started with; an engine ignores what it has no use for.

    Args:
        context: tokens that prompt and output share.
        threads: CPU threads of one engine; 0 takes every usable core.
        prompt_cache_mib: memory for prompts already read, in MiB.
    """

    context: int = 8192
    threads: int = 0
    prompt_cache_mib: int = 256


@dataclass(frozen=True)
class EngineInput:
    """One text for an engine; sequence-to-sequence engines ignore the instruction."""

    source: str
    instruction: str = ""
    prefix: str = ""


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
    """One output text; `truncated` when the engine stopped at its token limit."""

    text: str
    source_tokens: int
    target_tokens: int
    truncated: bool
    provenance: Provenance


class Engine(ABC):
    """Turns texts into texts, batch as the primitive, safe to call from many threads."""

    @abstractmethod
    def generate(self, inputs: Sequence[EngineInput], options: DecodeOptions) -> list[Hypothesis]:
        """Return one hypothesis an input, in order.

        Raises:
            InputTooLong: an input exceeds the context; nothing was generated for it.
            EngineFailed: the library underneath raised.
        """

    @abstractmethod
    def provenance(self, options: DecodeOptions) -> Provenance:
        """What a hypothesis decoded with these options will carry."""

    def close(self) -> None:  # noqa: B027 - closing is optional, most engines hold no handle
        """Free what the engine holds."""
