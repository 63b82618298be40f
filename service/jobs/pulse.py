"""The thread beside the work on a job: it tells how far the work is, and hears of its end."""

from __future__ import annotations

from threading import Event, Thread
from types import TracebackType

import structlog

from service.jobs.faults import StateUnusable
from service.jobs.records import Job, Progress
from service.jobs.store import JobStore

_EVERY_S = 1.0

_log = structlog.get_logger()


class Pulse:
    """Writes to the store once a second while a job is worked on.

    Args:
        stop: ends the work; set here when the job was cancelled or is another's.
        is_lost: whether the job is not this process's any more.
    """

    def __init__(self, store: JobStore, job: Job, owner: str, stop: Event) -> None:
        """Begin with the `with` block."""
        self.stop = stop
        self.is_lost = False
        self._store, self._job, self._owner = store, job, owner
        self._shown: Progress | None = None
        self._over = Event()
        self._thread = Thread(target=self._beat_on, name="job-pulse", daemon=True)

    def show(self, progress: Progress) -> None:
        """Keep how far the work is, for the next time.

        What a new pass meets again is not shown before it comes to what is new: nobody should
        see a job go backwards after a restart.
        """
        if progress.done + progress.failed > self._job.done + self._job.failed:
            self._shown = progress

    def check(self) -> None:
        """See now whether the job still is this process's, which may have slept."""
        self._beat()

    def __enter__(self) -> Pulse:
        """Begin."""
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End, with how far it came written down."""
        self._over.set()
        self._thread.join()
        self._beat()

    def _beat_on(self) -> None:
        while not self._over.wait(_EVERY_S):
            self._beat()

    def _beat(self) -> None:
        shown, self._shown = self._shown, None
        try:
            is_own = self.is_lost or self._store.beat(self._job.id, self._owner, shown)
        except StateUnusable as error:
            _log.warning("progress not written down", job=self._job.id, detail=str(error))
            return
        if not is_own:
            self.is_lost = True
            self.stop.set()
