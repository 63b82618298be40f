"""The workers of a Ray cluster in one pass, and what becomes of their items when they die."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from time import monotonic
from typing import Any

import structlog

from models.cancellation import IsGone
from models.errors import DiemtinError
from service.archives.items import ArchiveItem, Trouble
from service.archives.ray_cluster import ClusterUnreachable, RayOptions, count_places
from service.archives.ray_engine import Loaded, NotLoaded, RemoteEngine, Setup
from service.archives.records import Outcome, failed_outcome
from service.archives.workers import ITEMS_AT_ONCE

MOST_DEATHS = 3

_SECONDS_BETWEEN_LOOKS = 0.2
_SECONDS_BETWEEN_WARNINGS = 60.0
_SECONDS_TO_CLOSE = 10.0

_log = structlog.get_logger()


class WorkersLost(DiemtinError):
    """No worker of the cluster can work."""


@dataclass(eq=False)
class _Task:
    """An item under way, and how many workers died with it."""

    item: ArchiveItem
    deaths: int = 0


@dataclass(eq=False)
class _Hand:
    """A worker, what it said of its engine, and what it has to do."""

    actor: Any
    loaded: Loaded | None = None
    tasks: set[_Task] = field(default_factory=set)

    @property
    def room(self) -> int:
        """How many more it takes: one waits for each that is done; a suspect is left alone."""
        if self.loaded is None or any(task.deaths for task in self.tasks):
            return 0
        return 2 * self.loaded.items_at_once - len(self.tasks)


_Event = tuple[_Hand, _Task | None, "Future[Any]"]


class Crew:
    """The workers of one pass; only the thread that iterates changes anything here."""

    def __init__(
        self,
        ray: Any,  # noqa: ANN401 - Ray comes as an extra
        setup: Setup,
        options: RayOptions,
        is_stopped: IsGone,
    ) -> None:
        """Start the workers; each loads its engine while the others do.

        Raises:
            ClusterUnreachable: no node has room for one.
        """
        self._ray, self._is_stopped = ray, is_stopped
        self._engine = ray.remote(RemoteEngine).options(
            num_cpus=options.cpus,
            num_gpus=options.gpus,
            max_concurrency=2 * ITEMS_AT_ONCE,
            max_restarts=0,  # or the items of a lost node would wait for its return
            max_task_retries=0,
            scheduling_strategy="SPREAD",
        )
        self._setup = ray.put(setup)
        self._hands: list[_Hand] = []
        self._suspects: deque[_Task] = deque()
        self._events: SimpleQueue[_Event] = SimpleQueue()  # filled by Ray's threads
        self._exhausted = False
        self._deaths_at_loading = 0
        self._warned = monotonic()
        for _ in range(options.workers or _count_places(ray, options)):
            self._hire()

    def digest(self, items: Iterator[ArchiveItem]) -> Iterator[Outcome]:
        """Yield outcomes until there are no more, or a stop.

        Raises:
            WorkersLost: no worker is left, and none can be had.
        """
        while True:
            self._hand_out(items)
            if self._exhausted and not self._suspects and not any(h.tasks for h in self._hands):
                return
            event = self._wait()
            if event is None:
                return
            yield from self._take(*event)

    def dismiss(self) -> None:
        """Let the workers write down what they remember, unless a stop dropped their work."""
        if self._is_stopped():
            return
        closing = [hand.actor.close.remote() for hand in self._hands if hand.loaded]
        if closing:
            self._ray.wait(closing, num_returns=len(closing), timeout=_SECONDS_TO_CLOSE)

    def _hire(self) -> None:
        hand = _Hand(self._engine.remote(self._setup))
        self._hands.append(hand)
        self._await(hand, None, hand.actor.load.remote())

    def _await(self, hand: _Hand, task: _Task | None, reference: Any) -> None:  # noqa: ANN401
        def tell(done: Future[Any]) -> None:
            self._events.put((hand, task, done))

        reference.future().add_done_callback(tell)

    def _hand_out(self, items: Iterator[ArchiveItem]) -> None:
        while hand := self._freest():
            task = self._next_task(items)
            if task is None:
                return
            hand.tasks.add(task)
            self._await(hand, task, hand.actor.digest.remote(task.item))

    def _freest(self) -> _Hand | None:
        """Who gets the next item; while there are suspects, only who has nothing else to do."""
        ready = [hand for hand in self._hands if hand.room > 0]
        if self._suspects:
            ready = [hand for hand in ready if not hand.tasks]
        return max(ready, key=lambda hand: hand.room, default=None)

    def _next_task(self, items: Iterator[ArchiveItem]) -> _Task | None:
        if self._suspects:
            return self._suspects.popleft()
        item = next(items, None)
        if item is None:
            self._exhausted = True
            return None
        return _Task(item)

    def _wait(self) -> _Event | None:
        while not self._is_stopped():
            try:
                return self._events.get(timeout=_SECONDS_BETWEEN_LOOKS)
            except Empty:
                self._warn_of_waiting()
        return None

    def _take(self, hand: _Hand, task: _Task | None, done: Future[Any]) -> list[Outcome]:
        if hand not in self._hands:  # what it had to do is done by others
            return []
        error = done.exception()
        if isinstance(error, self._ray.exceptions.RayTaskError):
            name = type(error.cause or error).__name__
            return self._accept(hand, task, _explain(task, name))
        return self._lose(hand) if error else self._accept(hand, task, done.result())

    def _accept(
        self, hand: _Hand, task: _Task | None, answer: Outcome | Loaded | NotLoaded
    ) -> list[Outcome]:
        if isinstance(answer, Outcome):
            hand.tasks -= {task}
            return [answer]
        self._note_loaded(hand, answer)
        return []

    def _note_loaded(self, hand: _Hand, answer: Loaded | NotLoaded) -> None:
        if isinstance(answer, Loaded):
            hand.loaded = answer
            self._deaths_at_loading = 0
            return
        self._drop(hand)
        _log.warning("a worker has no engine", node=answer.node, reason=answer.reason)
        if not self._hands:
            raise WorkersLost(
                f"No worker could load its models; on the node {answer.node}: {answer.reason} Put "
                "that right on every node of the cluster, then give the same command again."
            )

    def _lose(self, hand: _Hand) -> list[Outcome]:
        """What a worker had to do when it died goes to others, each item on its own."""
        self._drop(hand)
        node = hand.loaded.node if hand.loaded else "unknown"
        _log.warning("a worker died", node=node, items=len(hand.tasks))
        if hand.loaded or self._can_load():
            self._hire()
        for task in hand.tasks:
            task.deaths += 1
        self._suspects.extend(task for task in hand.tasks if task.deaths < MOST_DEATHS)
        given_up = (task.item for task in hand.tasks if task.deaths >= MOST_DEATHS)
        reason = (
            f"The worker that had it in work died, {MOST_DEATHS} times, at last with no other item "
            "in work. Is there enough memory on the nodes?"
        )
        return [failed_outcome(item, Trouble.FAILED, reason) for item in given_up]

    def _can_load(self) -> bool:
        """Whether it is worth while to replace a worker that died as it loaded."""
        self._deaths_at_loading += 1
        if self._deaths_at_loading < MOST_DEATHS:
            return True
        if not self._hands:
            raise WorkersLost(
                f"{MOST_DEATHS} workers in a row died as they loaded their models. Is there enough "
                "memory for them, and is diemtin installed on every node? Ray's logs say more."
            )
        return False

    def _drop(self, hand: _Hand) -> None:
        self._hands.remove(hand)
        self._ray.kill(hand.actor)

    def _warn_of_waiting(self) -> None:
        if any(hand.loaded for hand in self._hands):
            self._warned = monotonic()
        elif monotonic() - self._warned >= _SECONDS_BETWEEN_WARNINGS:
            self._warned = monotonic()
            _log.warning("no worker is ready yet; is there room in the cluster, see ray status?")


def _explain(task: _Task | None, name: str) -> Outcome | NotLoaded:
    """What an error is that no engine raises: of Ray, or of the worker's own code."""
    if task is None:
        return NotLoaded("unknown", f"It stopped with {name}. Is the same diemtin installed there?")
    reason = f"It stopped with {name} on a worker; please report it."
    return failed_outcome(task.item, Trouble.FAILED, reason)


def _count_places(ray: Any, options: RayOptions) -> int:  # noqa: ANN401 - Ray comes as an extra
    places = count_places(ray.nodes(), options)
    if not places:
        raise ClusterUnreachable(
            f"No node of the cluster has {options.cpus:g} CPUs and {options.gpus:g} GPUs for a "
            "worker; lower --ray-cpus or --ray-gpus, or add nodes."
        )
    return places
