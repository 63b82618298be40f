"""huey's consumer as threads of this process, which keeps its own signals."""

from __future__ import annotations

import time
from threading import Lock
from typing import Any

import structlog
from huey.consumer import Consumer, Scheduler, Worker

from service.jobs.queue import JobQueue

_IDLE_S = 60.0
_SHORTEST_S, _LONGEST_S = 0.1, 1.0  # between two looks into a queue that does not wait itself
_DOWN_S = 5.0

_log = structlog.get_logger()


class JobConsumer:
    """So many threads that take jobs from the queue."""

    def __init__(self, queue: JobQueue, threads: int) -> None:
        """Nothing runs yet."""
        self._lock = Lock()
        self._is_started = False
        self._consumer = _Threads(
            queue.huey,
            workers=threads,
            periodic=False,
            initial_delay=_SHORTEST_S,
            max_delay=_LONGEST_S,
        )

    def start(self) -> None:
        """Begin to take jobs."""
        with self._lock:
            try:
                self._consumer.start()
            except BaseException:
                self.begin_stop()  # of the threads that did start
                raise
            self._is_started = True

    def check(self) -> None:
        """Replace threads that died; one that was not begun yet is none of them."""
        with self._lock:
            if self._is_started and not self._consumer.stop_flag.is_set():
                self._consumer.check_worker_health()

    def begin_stop(self) -> None:
        """Take no more jobs."""
        self._consumer.stop_flag.set()

    def wait(self, seconds: float) -> bool:
        """Wait until the threads ended, or so long; say whether they did."""
        deadline = time.monotonic() + seconds
        threads = [thread for _, thread in self._consumer.worker_threads]
        for thread in (*threads, self._consumer.scheduler):
            if thread.ident is not None:
                thread.join(max(0.0, deadline - time.monotonic()))
        return not any(thread.is_alive() for thread in threads)


class _Worker(Worker):  # type: ignore[misc] # huey ships no types
    """Says once that the queue is down, and once that it is back, without a traceback."""

    _is_down = False

    def loop(self, now: Any = None) -> None:  # noqa: ANN401 - huey's signature
        """Take a job and work on it."""
        try:
            task = self.huey.dequeue()
        except Exception as error:  # each storage raises errors of its own library
            self._tell_down(error)
            self.stop_flag.wait(_DOWN_S if self._is_down else 0)
            return
        if self._is_down:
            self._is_down = False
            _log.info("queue of jobs is back")
        if task is not None:
            self.delay = self.default_delay
            task.execute()
        elif not self.huey.storage.blocking:
            self.sleep()

    def _tell_down(self, error: Exception) -> None:
        if isinstance(error, ValueError | LookupError | TypeError):
            _log.warning("queue of jobs held something else", error=type(error).__name__)
        elif not self._is_down:
            self._is_down = True
            _log.warning("queue of jobs cannot be reached", error=type(error).__name__)


class _Scheduler(Scheduler):  # type: ignore[misc] # huey ships no types
    """Has nothing to do: no job is put off."""

    def loop(self, now: Any = None) -> None:  # noqa: ANN401 - huey's signature
        """Wait."""
        self.stop_flag.wait(_IDLE_S)


class _Threads(Consumer):  # type: ignore[misc] # huey ships no types
    worker_class = _Worker
    scheduler_class = _Scheduler

    def _set_signal_handlers(self) -> None:
        """Leave them to whoever runs this process."""
