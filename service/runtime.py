"""What one process owns: the weights store, the engines and the digester."""

from __future__ import annotations

from enum import StrEnum
from importlib.metadata import version
from pathlib import Path
from threading import Lock, Thread

import structlog
from platformdirs import user_cache_path

from models.catalogue import Catalogue, ModelCard
from models.engine import DecodeOptions, Engine, EngineInput
from models.errors import DiemtinError
from models.gazetteer import load_gazetteer
from models.lexicon import load_entries, load_lexicon
from models.memory import RememberingEngine, open_memory
from models.references import licence_warning
from models.registry import EnginePool
from models.scheduler import Scheduler, SchedulerSettings
from models.store import WeightsStore
from models.summarizer import Summarizer
from models.translator import Translator
from service.pipeline import Digester
from service.problems import ModelFailed, NotReady, describe_trace
from service.settings import Settings

_log = structlog.get_logger()


class State(StrEnum):
    """How far the models have come."""

    LOADING = "loading"
    READY = "ready"
    FAILED = "failed"


class Runtime:
    """Loads the models once, in the background or at the first use."""

    def __init__(self, settings: Settings) -> None:
        """Read the catalogue and the glossary; load no model.

        Raises:
            BadConfig: a data file is malformed.
            UnknownModel: a setting names no model: neither of the catalogue, nor a hub id, nor
                a folder.
        """
        self.settings = settings
        catalogue = Catalogue.load(settings.catalogue)
        self.store = WeightsStore(settings.models_dir, catalogue)
        self.translator = settings.translator or catalogue.default_for("translate")
        self.summarizer = settings.summarizer or catalogue.default_for("summarize")
        for name in {self.translator, self.summarizer}:
            if warning := licence_warning(self.store.resolve(name)):
                _log.warning(warning, model=name)
        own = load_entries(settings.glossary) if settings.glossary else ()
        self.lexicon = load_lexicon().with_entries(own)
        self.memory = open_memory(settings.memory, settings.memory_mib, default_memory_file())
        self._pool = EnginePool(self.store, settings.engine_settings(), self._wrap)
        self._lock = Lock()
        self._digester: Digester | None = None
        self._failure: str | None = None

    @property
    def state(self) -> State:
        """Whether requests can be answered."""
        if self._digester:
            return State.READY
        return State.FAILED if self._failure else State.LOADING

    @property
    def failure(self) -> str | None:
        """What is wrong and what to do, where the models could not be loaded."""
        return self._failure

    def start(self) -> None:
        """Load the models in the background; `state` tells when they answer."""
        Thread(target=self._load_quietly, name="model-loader", daemon=True).start()

    def load(self) -> Digester:
        """Return the digester; the first call loads the models and asks each for a word."""
        with self._lock:
            if self._digester is None:
                self._digester = self._build()
            return self._digester

    def engine(self, model: str) -> Engine:
        """Return the loaded engine of a model."""
        return self._pool.get(model)

    def digester(self) -> Digester:
        """Return the digester without waiting.

        Raises:
            NotReady: the models are not loaded yet.
            ModelFailed: they could not be loaded.
        """
        if self._digester:
            return self._digester
        if self._failure:
            raise ModelFailed(f"The model could not be loaded. {self._failure}")
        raise NotReady("The model is still loading; try again in a few seconds.")

    def close(self) -> None:
        """Free the engines, and write down what the translation memory still holds back."""
        self._pool.close()
        if self.memory:
            self.memory.close()

    def _wrap(self, engine: Engine, card: ModelCard) -> Engine:
        """Put a queue before the engine, and the translation memory before the queue.

        What a summarizer of Vietnamese writes is Vietnamese, and is not remembered.
        """
        settings = SchedulerSettings(
            max_wait_ms=self.settings.batch_wait_ms,
            queue_segments=self.settings.queue_segments,
            batch_tokens=self.settings.batch_tokens,
            batching=self.settings.batching,
        )
        queued = Scheduler(engine, settings)
        if self.memory is None or engine.traits.language != "en":
            return queued
        asked = (card.family, card.recipe, card.chat_format, self.settings.context)
        return RememberingEngine(queued, self.memory, f"{version('diemtin')} {asked}")

    def _build(self) -> Digester:
        load_gazetteer()  # half a second that the first request would pay
        translating, summarizing = self._pool.get(self.translator), self._pool.get(self.summarizer)
        for engine in {translating, summarizing}:
            engine.generate([EngineInput("Xin chào.")], DecodeOptions(max_tokens=4))
        translator = Translator(
            translating, self.lexicon, second_attempts=self.settings.second_attempts
        )
        return Digester(translator, Summarizer(summarizing, translator))

    def _load_quietly(self) -> None:
        try:
            self.load()
            _log.info("models ready", translator=self.translator, summarizer=self.summarizer)
        except DiemtinError as error:
            _log.error("models failed", error=type(error).__name__, detail=str(error))
            self._failure = f"{str(error).rstrip('.')}. Then restart the service."
        except Exception as error:  # left alone, the service would load for ever
            _log.error("models failed", error=type(error).__name__, trace=describe_trace(error))
            self._failure = f"It stopped with {type(error).__name__}; the service's log says where."


def default_memory_file() -> Path:
    """Where the translation memory lies unless configured: in the user's cache."""
    return user_cache_path("diemtin") / "memory.sqlite"
