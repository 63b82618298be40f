"""What must be done for jobs beside the work on them, by each process that knows of them."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Event, Thread

import structlog

from service.jobs.faults import UnknownJob
from service.jobs.folders import JobFolders
from service.jobs.notices import Notices, describe
from service.jobs.presence import STALE_S, Presence
from service.jobs.queue import JobQueue
from service.jobs.records import JobStatus
from service.jobs.store import Held, JobStore

EXPIRED = "Its result was kept as long as results are, and is deleted. Send the archive again."
MOST_CRASHES = 10  # in a row, without one item done in between

_EVERY_S = 5.0
_SWEEP_EVERY_S = 60.0
_ABANDONED_S = 3600.0  # an upload of which nothing came for so long
_FORGET_S = 30 * 86400.0

_log = structlog.get_logger()


class House:
    """Finds jobs that nobody works on any more, and deletes what nobody may have any more."""

    def __init__(
        self,
        store: JobStore,
        folders: JobFolders,
        queue: JobQueue,
        presence: Presence,
        running: Callable[[], frozenset[str]],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`running` tells the jobs that this process works on."""
        self._store, self._folders, self._queue = store, folders, queue
        self._presence = presence
        self._running = running
        self._clock = clock
        self._heard: dict[Held, float] = {}  # by this clock: another machine's may be wrong
        self._notices = Notices()
        self._swept = -_SWEEP_EVERY_S

    def start(self, stop: Event, also: Callable[[], None] = lambda: None) -> Thread:
        """Keep house every few seconds, in a thread, until told to stop."""
        thread = Thread(target=self._keep, args=(stop, also), name="job-house", daemon=True)
        thread.start()
        return thread

    def recover(self) -> None:
        """Let the jobs of dead processes wait again, and tell the queue of those it lost."""
        now, found = self._clock(), self._store.held()
        self._heard = {held: self._heard.get(held, now) for held in found}
        for held, since in self._heard.items():
            if self._is_orphan(held, now - since):
                self._take_back(held)
        waiting = self._store.waiting()
        if not waiting:
            return
        told = self._queue.ids()
        for job_id in waiting:
            if job_id not in told:
                self._queue.put(job_id)

    def expire(self) -> None:
        """Delete the results whose time is over."""
        for job_id in self._store.due():
            if self._store.expire(job_id, EXPIRED):
                _log.info("job expired", job=job_id)
            self._folders.delete(job_id)

    def sweep(self) -> None:
        """Delete what killed processes, cut-off uploads and old jobs left."""
        for job_id in self._folders.ids():
            self._sweep_folder(job_id)
        self._presence.sweep()
        self._store.forget(_FORGET_S)

    def _keep(self, stop: Event, also: Callable[[], None]) -> None:
        while not stop.is_set():
            self._keep_once(also)
            stop.wait(_EVERY_S)

    def _keep_once(self, also: Callable[[], None]) -> None:
        tasks = {"recover": self.recover, "expire": self.expire, "consumer": also}
        if time.monotonic() - self._swept >= _SWEEP_EVERY_S:
            self._swept = time.monotonic()
            tasks["sweep"] = self.sweep
        for name, task in tasks.items():
            try:
                task()
            except Exception as error:  # the next time may be better
                self._notices.begin(name, "jobs not looked after", task=name, **describe(error))
            else:
                self._notices.end(name, "jobs looked after again")

    def _is_orphan(self, held: Held, silent_s: float) -> bool:
        if held.owner == self._presence.name:  # its end could not be written down
            return held.id not in self._running() and silent_s > STALE_S
        return self._presence.is_dead(held.owner, silent_s)

    def _take_back(self, held: Held) -> None:
        if held.crashes < MOST_CRASHES:
            if self._store.release(held.id, held.owner, crashed=True):
                _log.warning("job taken up again", job=held.id, crashes=held.crashes + 1)
            return
        detail = (
            f"The service was ended {held.crashes + 1} times while it worked on this archive and "
            "did not come to one more item. Send it in parts, to find the item at fault."
        )
        if self._store.finish(held.id, held.owner, JobStatus.FAILED, detail):
            _log.error("job given up", job=held.id, crashes=held.crashes + 1)
            self._folders.delete(held.id)

    def _sweep_folder(self, job_id: str) -> None:
        try:
            job = self._store.get(job_id)
        except UnknownJob:
            # What was a job is kept: this may be the wrong database.
            if self._folders.is_coming(job_id) and self._folders.idle_s(job_id) > _ABANDONED_S:
                self._folders.delete(job_id)
            return
        if job.status.is_unfinished or job_id in self._running():
            return
        since = job.finished.timestamp() if job.finished else 0.0
        if time.time() - since < STALE_S:  # whoever worked on it may not have noticed
            return
        if job.status is JobStatus.DONE:
            self._folders.delete_all_but_result(job_id)
        else:
            self._folders.delete(job_id)
