"""What one process owns: the weights store, the engines and the digester."""

from __future__ import annotations

from enum import StrEnum
from threading import Lock, Thread

import structlog

from models.catalogue import Catalogue
from models.engine import DecodeOptions, Engine, EngineInput
from models.errors import DiemtinError
from models.lexicon import load_entries, load_lexicon
from models.registry import EnginePool
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
            UnknownModel: a setting names a model that the catalogue lacks.
        """
        self.settings = settings
        catalogue = Catalogue.load(settings.catalogue)
        self.store = WeightsStore(settings.models_dir, catalogue)
        self.translator = settings.translator or catalogue.default_for("translate")
        self.summarizer = settings.summarizer or catalogue.default_for("summarize")
        for name in (self.translator, self.summarizer):
            catalogue.get(name)
        own = load_entries(settings.glossary) if settings.glossary else ()
        self.lexicon = load_lexicon().with_entries(own)
        self._pool = EnginePool(self.store, settings.engine_settings())
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
        """Free the engines."""
        self._pool.close()

    def _build(self) -> Digester:
        translating, summarizing = self._pool.get(self.translator), self._pool.get(self.summarizer)
        for engine in {translating, summarizing}:
            engine.generate([EngineInput("Xin chào.")], DecodeOptions(max_tokens=4))
        return Digester(Translator(translating, self.lexicon), Summarizer(summarizing))

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
