"""The real service with an engine that decodes to real lengths: what `bench engines` talks to."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace

from models.catalogue import ModelCard
from models.engine import (
    DecodeOptions,
    EngineInput,
    EngineSettings,
    EngineWrapper,
    Hypothesis,
)
from models.engine_choice import load
from models.registry import register
from models.store import WeightsStore
from service.bench_shapes import TARGET_TOKENS_A_SYLLABLE
from service.serving import serve
from service.settings import load_settings


class ForcedEngine(EngineWrapper):
    """Random weights never end a sentence: this decodes each to the length it would have."""

    def generate(self, inputs: Sequence[EngineInput], options: DecodeOptions) -> list[Hypothesis]:
        """Generate as many tokens as a reference of each source would have."""
        forced = [replace(one, forced_tokens=forced_length(one.source)) for one in inputs]
        return self.engine.generate(forced, options)


def forced_length(source: str) -> int:
    """Tokens of a reference translation of a source of so many syllables."""
    return max(2, round(len(source.split()) * TARGET_TOKENS_A_SYLLABLE))


def load_forced(card: ModelCard, store: WeightsStore, settings: EngineSettings) -> ForcedEngine:
    """What the registry calls in this process."""
    return ForcedEngine(load(card, store, settings))


def main() -> None:
    """Serve on the port that is the only argument; settings come from the environment."""
    register("auto", "service.bench_server:load_forced")
    serve(load_settings(), "127.0.0.1", int(sys.argv[1]))


if __name__ == "__main__":
    main()
