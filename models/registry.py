"""Engines by name: a dotted path each, imported on use, one instance a process."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from threading import Lock
from typing import cast

from models.catalogue import ModelCard
from models.engine import Engine, EngineSettings
from models.errors import BadConfig
from models.store import WeightsStore

ENGINES: dict[str, str] = {
    "gguf": "models.gguf:load",
    "auto": "models.engine_choice:load",
    "transformers": "models.transformers_engine:load",
    "ctranslate2": "models.ctranslate2_engine:load",
}


EngineLoader = Callable[[ModelCard, WeightsStore, EngineSettings], Engine]
Wrapper = Callable[[Engine, ModelCard], Engine]


def register(name: str, dotted_path: str) -> None:
    """Add an engine: `package.module:function`, a function like `models.gguf.load`."""
    ENGINES[name] = dotted_path


class EnginePool:
    """Loads each model once, under a lock, and hands out the same engine ever after."""

    def __init__(
        self, store: WeightsStore, settings: EngineSettings, wrap: Wrapper | None = None
    ) -> None:
        """Nothing is loaded until the first `get`; `wrap` puts a scheduler or memory around."""
        self._store = store
        self._settings = settings
        self._wrap = wrap
        self._engines: dict[str, Engine] = {}
        self._lock = Lock()

    def get(self, model: str) -> Engine:
        """Return the engine of a model; the first call loads it, which takes seconds.

        The model is a name of the catalogue, a hub id or a folder.

        Raises:
            UnknownModel: the catalogue has no such model.
            WeightsUnavailable: the weights are not on this machine.
            CorruptWeights: the weights are not what the catalogue says.
            BadConfig: the catalogue names an engine that is not registered.
        """
        with self._lock:
            if model not in self._engines:
                card = self._store.resolve(model)
                engine = _loader(card.engine)(card, self._store, self._settings)
                self._engines[model] = self._wrap(engine, card) if self._wrap else engine
            return self._engines[model]

    @property
    def loaded(self) -> Mapping[str, Engine]:
        """The engines loaded so far, by model name."""
        return dict(self._engines)

    def close(self) -> None:
        """Free every engine."""
        with self._lock:
            for engine in self._engines.values():
                engine.close()
            self._engines.clear()


def _loader(engine: str) -> EngineLoader:
    if engine not in ENGINES:
        known = ", ".join(sorted(ENGINES))
        raise BadConfig(f"Unknown engine {engine!r}; the known ones are: {known}.")
    module, _, function = ENGINES[engine].partition(":")
    return cast(EngineLoader, getattr(import_module(module), function))
