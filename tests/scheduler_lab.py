"""An engine that a test holds and lets go, and a scheduler on it with callers in threads."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

from models.cancellation import cancellable
from models.engine import (
    DecodeOptions,
    Engine,
    EngineInput,
    EngineTraits,
    Hypothesis,
    Provenance,
)
from models.errors import EngineFailed, InputTooLong
from models.scheduler import Scheduler, SchedulerSettings

PATIENCE_S = 20
FOR_EVER_MS = 60_000
GREEDY, BEAM = DecodeOptions(), DecodeOptions(beam_size=5)


class Uncopyable(Exception):
    def __init__(self, code: int, *, reason: str) -> None:
        super().__init__(reason)


FAILURES: dict[str, Callable[[], BaseException]] = {
    "dài": lambda: InputTooLong("Too long; split it."),
    "hỏng": lambda: EngineFailed("It broke; restart."),
    "lạ": lambda: ValueError("strange"),
    "thoát": lambda: SystemExit(3),
    "khó": lambda: Uncopyable(1, reason="hard"),
}


class Controlled(Engine):
    """Answers with options and source; holds its batches while told to, fails by text."""

    def __init__(self, budget: int = 64, parallel: int = 1, instructed: bool = False) -> None:
        self.batches: list[tuple[list[str], DecodeOptions]] = []
        self.closed = 0
        self.depths: list[int] = []
        self.scheduler: Scheduler | None = None
        self._traits = EngineTraits(
            instructed=instructed, batch_tokens=budget, parallel_calls=parallel
        )
        self._entered = threading.Semaphore(0)
        self._leave = threading.Semaphore(0)
        self._holding = False

    def hold(self) -> None:
        self._holding = True

    def entered(self, batches: int = 1) -> None:
        """Wait until so many more batches are in the engine."""
        for _ in range(batches):
            assert self._entered.acquire(timeout=PATIENCE_S), self.batches

    def let_out(self, batches: int = 1) -> None:
        self._leave.release(batches)

    def open(self) -> None:
        self._holding = False
        self.let_out(1000)

    @property
    def sources(self) -> list[list[str]]:
        return [sources for sources, _ in self.batches]

    @property
    def traits(self) -> EngineTraits:
        return self._traits

    def count_tokens(self, sources: Sequence[str]) -> list[int]:
        return [len(source.split()) for source in sources]

    def provenance(self, options: DecodeOptions) -> Provenance:
        return Provenance("m", "r", "controlled", "1", options)

    def generate(self, inputs: Sequence[EngineInput], options: DecodeOptions) -> list[Hypothesis]:
        self.batches.append(([one.source for one in inputs], options))
        if self.scheduler:
            self.depths.append(self.scheduler.statistics.depth)
        self._entered.release()
        if self._holding:
            self._leave.acquire()
        for one in inputs:
            if (word := one.source.split()[0]) in FAILURES:
                raise FAILURES[word]()
        return [
            Hypothesis(expected(one.source, options), 1, 1, False, self.provenance(options))
            for one in inputs
            if one.source != "mất"
        ]

    def close(self) -> None:
        self.closed += 1


class Bench:
    """A scheduler on a controlled engine, and callers in threads of their own."""

    def __init__(self, engine: Controlled, pool: ThreadPoolExecutor, **numbers: float) -> None:
        self.engine = engine
        self.scheduler = Scheduler(engine, SchedulerSettings(**numbers))
        self._pool = pool

    def ask(
        self,
        *sources: str,
        options: DecodeOptions = GREEDY,
        is_gone: Callable[[], bool] | None = None,
        **fields: object,
    ) -> Future[list[str]]:
        inputs = [EngineInput(source, **fields) for source in sources]
        return self._pool.submit(self._ask, inputs, options, is_gone)

    def _ask(self, inputs, options, is_gone):
        if is_gone is None:
            return texts(self.scheduler.generate(inputs, options))
        with cancellable(is_gone):
            return texts(self.scheduler.generate(inputs, options))

    def queue(self, *sources: str, **rest: object) -> Future[list[str]]:
        """Ask, and go on when the segments wait."""
        depth = self.scheduler.statistics.depth + len(sources)
        asked = self.ask(*sources, **rest)
        self.until_depth(depth)
        return asked

    def occupy(self) -> Future[list[str]]:
        """Let one worker be busy until a batch is let out."""
        self.engine.hold()
        asked = self.ask("bận")
        self.engine.entered()
        self.engine.batches.clear()
        return asked

    def until_depth(self, depth: int) -> None:
        until(lambda: self.scheduler.statistics.depth == depth)


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.001)


@contextmanager
def bench(budget: int = 64, parallel: int = 1, instructed: bool = False, **numbers: float):
    engine = Controlled(budget, parallel, instructed)
    with ThreadPoolExecutor(32) as pool:
        made = Bench(engine, pool, **numbers)
        try:
            yield made
        finally:
            engine.open()
            made.scheduler.close()


def expected(source: str, options: DecodeOptions) -> str:
    return f"{options.beam_size} {options.temperature} {source}"


def texts(hypotheses: Sequence[Hypothesis]) -> list[str]:
    return [one.text for one in hypotheses]


def answers(*sources: str, options: DecodeOptions = GREEDY) -> list[str]:
    return [expected(source, options) for source in sources]


def words(name: str, count: int) -> str:
    return " ".join([name] * count)


def result(asked: Future[list[str]]) -> list[str]:
    return asked.result(PATIENCE_S)
