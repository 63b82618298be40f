"""An engine that enters through the real registry, answers at once and can be told to fail."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from models.catalogue import ModelCard
from models.engine import (
    DecodeOptions,
    Engine,
    EngineInput,
    EngineSettings,
    EngineTraits,
    Hypothesis,
    Provenance,
)
from models.errors import EngineFailed
from models.names import fold_diacritics
from models.store import WeightsStore

FAIL = "HỎNG"
SECONDS_A_SEGMENT = 0.05
CAUSAL = EngineTraits()

Answer = Callable[[EngineInput, DecodeOptions], str]


class FakeEngine(Engine):
    """Answers with a function of the input, and remembers what it was asked."""

    def __init__(
        self,
        answer: Answer,
        model: str = "fake",
        seconds: float = 0.0,
        traits: EngineTraits = CAUSAL,
    ) -> None:
        self.calls: list[tuple[EngineInput, DecodeOptions]] = []
        self.batches: list[int] = []
        self._traits = traits
        self._answer = answer
        self._seconds = seconds
        self._provenance = Provenance(model, "sha256:0", "fake", "1")

    def generate(self, inputs: Sequence[EngineInput], options: DecodeOptions) -> list[Hypothesis]:
        self.batches.append(len(inputs))
        return [self._generate_one(one, options) for one in inputs]

    @property
    def traits(self) -> EngineTraits:
        return self._traits

    def provenance(self, options: DecodeOptions) -> Provenance:
        return replace(self._provenance, options=options)

    def _generate_one(self, one: EngineInput, options: DecodeOptions) -> Hypothesis:
        self.calls.append((one, options))
        if FAIL in one.source:
            raise EngineFailed("The fake engine was told to fail.")
        time.sleep(self._seconds)
        text = self._answer(one, options)
        truncated = text.endswith("<cut>")
        return Hypothesis(
            text=text.removesuffix("<cut>"),
            source_tokens=len(one.source.split()),
            target_tokens=len(text.split()),
            truncated=truncated,
            provenance=self.provenance(options),
        )


def echo(one: EngineInput, options: DecodeOptions) -> str:
    """Translate into "EN: " and the folded source; summarise by the first sentences."""
    if one.source.startswith(("This is ", "Summarize ")):
        return one.source.split("\n\n")[1].replace("\n", " ")
    return "EN: " + fold_diacritics(one.source)


def load(card: ModelCard, store: WeightsStore, settings: EngineSettings) -> FakeEngine:
    """What the registry calls."""
    return FakeEngine(echo, card.name, SECONDS_A_SEGMENT, EngineTraits(parallel_calls=64))
