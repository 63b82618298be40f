"""Engines for the registry: one that is ready at once, one that waits, one that cannot load."""

from __future__ import annotations

import os
import threading
from pathlib import Path

from models.catalogue import ModelCard
from models.engine import Engine, EngineSettings
from models.store import WeightsStore
from tests.fake_engine import SECONDS_A_SEGMENT, FakeEngine, echo

LOADED: list[str] = []
GO_ON = threading.Event()
PATIENCE_S = 20
BUG = "LỖI"


def load_at_once(card: ModelCard, store: WeightsStore, settings: EngineSettings) -> FakeEngine:
    """An engine that checks its weights as the real one does, and answers without a pause."""
    store.open_verified(card.name)
    LOADED.append(card.name)
    return FakeEngine(_stumble, card.name)


def load_when_told(card: ModelCard, store: WeightsStore, settings: EngineSettings) -> FakeEngine:
    """An engine that is loading until GO_ON is set."""
    GO_ON.wait(PATIENCE_S)
    return load_at_once(card, store, settings)


def load_when_file_is_there(
    card: ModelCard, store: WeightsStore, settings: EngineSettings
) -> FakeEngine:
    """The same for a process: it loads until the file in DIEMTIN_TEST_GATE is there."""
    gate = Path(os.environ["DIEMTIN_TEST_GATE"])
    waiting = threading.Event()
    while not gate.exists():
        waiting.wait(0.02)
    return load_at_once(card, store, settings)


def load_one_by_one(card: ModelCard, store: WeightsStore, settings: EngineSettings) -> FakeEngine:
    """An engine that works on one segment at a time, as a model on a CPU does."""
    return FakeEngine(echo, card.name, SECONDS_A_SEGMENT)


def load_with_bug(card: ModelCard, store: WeightsStore, settings: EngineSettings) -> FakeEngine:
    """An engine whose library raises something that nobody foresaw."""
    raise RuntimeError("the library's own words")


def fake_behind(engine: Engine) -> FakeEngine:
    """The fake engine behind the memory and the queue."""
    while not isinstance(engine, FakeEngine):
        engine = engine.engine
    return engine


def _stumble(one, options) -> str:
    """Answer as `echo` does, but fail on a mark as a bug would: quoting the text."""
    if BUG in one.source:
        raise ValueError(f"cannot handle {one.source!r}")
    return echo(one, options)
