"""What runs on a node of a Ray cluster: one process with its engines, loaded once.

Nothing here needs Ray: the driver makes an actor of `RemoteEngine`.
"""

from __future__ import annotations

import logging
import socket
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Semaphore

import structlog

from models.errors import BadConfig, DiemtinError
from models.registry import ENGINES, register
from service.archives.items import ArchiveItem
from service.archives.options import RunSettings, run_settings
from service.archives.records import Outcome, Recipe, digest_item
from service.archives.workers import ITEMS_AT_ONCE
from service.runtime import Runtime
from service.settings import Settings

_CARRIED = ("glossary", "catalogue")


@dataclass(frozen=True)
class CarriedFile:
    """A file of the driver's machine, which a node need not have."""

    name: str
    content: bytes


@dataclass(frozen=True)
class Setup:
    """All that a node needs to work as the driver would; picklable.

    Args:
        settings: of the driver.
        recipe: how items are digested.
        run: what the results depend on; a node where that differs would spoil the output.
        engines: the driver's registry.
        files: by name of the setting that leads to them.
        threads: of an engine, unless the settings say how many.
        device: where an engine runs, unless the settings say where.
    """

    settings: Settings
    recipe: Recipe
    run: RunSettings
    engines: Mapping[str, str]
    files: Mapping[str, CarriedFile]
    threads: int
    device: str

    @classmethod
    def of(cls, runtime: Runtime, recipe: Recipe, threads: int, device: str) -> Setup:
        """What makes nodes work as this runtime would."""
        settings = runtime.settings
        paths = {name: getattr(settings, name) for name in _CARRIED}
        files = {
            name: CarriedFile(path.name, path.read_bytes()) for name, path in paths.items() if path
        }
        run = run_settings(runtime, recipe.options)
        return cls(settings, recipe, run, dict(ENGINES), files, threads, device)


@dataclass(frozen=True)
class Loaded:
    """An engine is there, and takes so many items at once."""

    node: str
    items_at_once: int


@dataclass(frozen=True)
class NotLoaded:
    """Why a node has no engine, and what to do."""

    node: str
    reason: str


class RemoteEngine:
    """Digests items on a node; several at a time where the engine takes batches."""

    def __init__(self, setup: Setup) -> None:
        """Load nothing yet."""
        self._setup = setup

    def load(self) -> Loaded | NotLoaded:
        """Load the models; what is wrong is an answer, and never a trace in Ray's log."""
        _start_logging()
        node = socket.gethostname()
        try:
            return Loaded(node, self._load())
        except DiemtinError as error:
            return NotLoaded(node, str(error))
        except Exception as error:  # an engine's library may raise anything
            return NotLoaded(node, f"The engine stopped with {type(error).__name__}: {error}")

    def digest(self, item: ArchiveItem) -> Outcome:
        """Digest one item; what is wrong with it is its outcome."""
        with self._room:
            return digest_item(self._digester, item, self._setup.recipe, self._count_tokens)

    def close(self) -> None:
        """Free the engines, and write down what the translation memory holds back."""
        self._runtime.close()

    def _load(self) -> int:
        for name, path in self._setup.engines.items():
            register(name, path)
        with tempfile.TemporaryDirectory(prefix="diemtin-") as folder:
            self._runtime = _runtime_here(self._setup, Path(folder))
        self._digester = self._runtime.load()
        self._count_tokens = self._runtime.engine(self._runtime.translator).count_tokens
        at_once = ITEMS_AT_ONCE if self._digester.takes_batches else 1
        self._room = Semaphore(at_once)
        return at_once


def _runtime_here(setup: Setup, folder: Path) -> Runtime:
    """The runtime of this node; it reads the carried files now and never again."""
    settings = _settings_here(setup, folder)
    _refuse_difference(setup, settings)
    device = setup.device if settings.device == "auto" else settings.device
    here = {"threads": settings.threads or setup.threads, "device": device}
    return Runtime(settings.model_copy(update=here))


def _settings_here(setup: Setup, folder: Path) -> Settings:
    paths = {}
    for field, file in setup.files.items():
        paths[field] = folder / f"{field}-{file.name}"
        paths[field].write_bytes(file.content)
    return setup.settings.model_copy(update=paths)


def _refuse_difference(setup: Setup, settings: Settings) -> None:
    runtime = Runtime(settings)
    try:
        here = run_settings(runtime, setup.recipe.options)
    finally:
        runtime.close()
    if changes := here.changes_from(setup.run.values):
        raise BadConfig(
            f"It would work in another way than the machine of the command ({'; '.join(changes)}). "
            "Install the same version of diemtin there, and put the same weights there."
        )


def _start_logging() -> None:
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
