"""Jobs as HTTP and the command know them."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Lock, Thread

import structlog

from models.errors import BadConfig, DiemtinError
from service.jobs.consumer import JobConsumer
from service.jobs.faults import JobExpired, JobNotDone, UnknownJob
from service.jobs.folders import JobFolders, is_job_id
from service.jobs.housekeeping import EXPIRED, House
from service.jobs.presence import Presence
from service.jobs.queue import JobQueue
from service.jobs.reception import Reception
from service.jobs.records import Job, JobRequest, JobStatus
from service.jobs.running import JobRunner
from service.jobs.store import JobStore
from service.jobs.uploads import ByteStream
from service.problems import describe_trace
from service.runtime import Runtime
from service.settings import Settings

FILE = "jobs.sqlite3"
STOP_S = 30.0  # how long the end waits for items under way

_LOOK_S = 0.2
_CANCELLED = "It was cancelled, and its files are deleted."
_DELETED = "Its result was deleted. Send the archive again."

_log = structlog.get_logger()


class Jobs:
    """The archives that were sent: what becomes of them, and their results."""

    def __init__(self, settings: Settings, runtime: Runtime) -> None:
        """Nothing is opened or created until the first use.

        Raises:
            BadConfig: the URL of the database or of the queue is malformed.
            MissingDependency: a package that speaks to one of them is not installed.
        """
        self._settings, self._runtime = settings, runtime
        self._root = settings.state_dir.expanduser().absolute()
        self._folders = JobFolders(self._root)
        self._store = JobStore(settings.database, self._root / FILE)
        self._presence = Presence(self._root)
        keep_s = settings.job_hours * 3600
        self._runner = JobRunner(runtime, self._store, self._folders, self._presence.name, keep_s)
        self._lock = Lock()
        self._reception = Reception(settings, self._root, self._store, self._folders)
        self._queue: JobQueue | None = None
        self._consumer: JobConsumer | None = None
        self._stop = Event()
        self._starter: Thread | None = None  # which nobody waits for: a model may be loading
        self._threads: list[Thread] = []
        if settings.queue:
            self._open_queue()  # it connects to nothing, but reads the URL

    def receive(
        self,
        stream: ByteStream,
        name: str,
        request: JobRequest | Callable[[], JobRequest],
        length: int | None = None,
    ) -> Job:
        """Take an archive as it comes, and let it wait for its turn.

        Args:
            stream: its bytes.
            name: what its sender calls it; its end tells the format.
            request: what is wanted; called once all bytes are there, where it is no value.
            length: how many bytes were announced.

        Raises:
            JobsFull: too many wait.
            WrongUploadType: it is of no format that is read.
            MissingDependency: what reads it, or writes what is wanted, is not installed.
            EmptyUpload, UploadCutOff, UploadTooLarge: of its bytes.
            QueueDown, StateUnusable, DiskFull: it cannot be kept; nothing of it was.
        """
        return self._reception.receive(self._open_queue(), stream, name, request, length)

    def get(self, job_id: str) -> Job:
        """Return a job as it stands.

        Raises:
            UnknownJob: there is none of this id.
            StateUnusable: the database cannot be reached.
        """
        if not is_job_id(job_id):
            raise UnknownJob("This is no id of a job. Take it from the answer to the archive.")
        job = self._store.get(job_id)
        if job.status is JobStatus.DONE and job.expires and job.expires <= datetime.now(UTC):
            self._expire(job_id, EXPIRED)
            return self._store.get(job_id)
        return job

    def result(self, job_id: str) -> Path:
        """Return where a job's result lies.

        Raises:
            UnknownJob: there is none of this id.
            JobNotDone: it is not done, or failed.
            JobExpired: its result is deleted.
        """
        job = self.get(job_id)
        if job.status.is_unfinished:
            raise JobNotDone(f"The job is {job.status}; ask again when it is done.")
        if job.status is JobStatus.FAILED:
            raise JobNotDone(f"The job failed and has no result. {job.detail}")
        path = self._folders.result(job_id)
        if job.status is not JobStatus.DONE:
            raise JobExpired(f"There is no result any more. {job.detail}")
        if not path.is_file():
            self._expire(job_id, _DELETED)
            raise JobExpired(f"There is no result any more. {_DELETED}")
        return path

    def cancel(self, job_id: str) -> Job:
        """End a job that waits or runs, and delete the files of any; as often as one likes.

        Raises:
            UnknownJob: there is none of this id.
        """
        before = self.get(job_id)
        if self._store.cancel(job_id, _CANCELLED):
            self._runner.stop(job_id)
            _log.info("job cancelled", job=job_id)
            if before.status is JobStatus.QUEUED:  # else whoever works on it deletes them
                self._folders.delete(job_id)
        elif self._store.get(job_id).status is JobStatus.DONE:
            self._expire(job_id, _DELETED)
        return self._store.get(job_id)

    def start(self) -> None:
        """Keep house, and work on jobs where the queue is this process's own; returns at once.

        Jobs wait until the models are loaded.
        """
        self._run_beside(self._start_own if not self._settings.queue else self._start_house)

    def close(self) -> None:
        """Stop at the next item; what is not done goes on with the next start."""
        self._stop.set()
        self._runner.stop_all()
        with self._lock:
            consumer = self._consumer
        if consumer:
            consumer.begin_stop()
        for thread in self._threads:
            thread.join(STOP_S)
        if consumer and not consumer.wait(STOP_S):
            _log.warning("jobs did not stop in time; they go on all the same")
        self._presence.leave()
        if self._queue:
            self._queue.close()
        self._store.close()

    def work_until(self, stop: Event) -> None:
        """Work on the jobs of a queue that others fill, until told to stop.

        Raises:
            BadConfig: the queue is not one that processes share.
            DiemtinError: the models cannot be loaded.
        """
        if not self._settings.queue:
            raise BadConfig(
                "Without DIEMTIN_QUEUE the service works on its jobs itself. Set it, here and "
                "for the service, to the URL of a Redis, as in redis://127.0.0.1:6379/0."
            )
        try:
            self._runtime.load()
            self._start_consumer()
            self._start_house()
            while not stop.is_set():  # a signal's handler must never meet its lock
                time.sleep(_LOOK_S)
        finally:
            self.close()

    def _expire(self, job_id: str, detail: str) -> None:
        self._store.expire(job_id, detail)
        self._folders.delete(job_id)

    def _open_queue(self) -> JobQueue:
        with self._lock:
            if self._queue is None:
                settings = self._settings.model_copy(update={"state_dir": self._root})
                self._queue = JobQueue(settings, self._runner.run)
            return self._queue

    @property
    def is_starting(self) -> bool:
        """Whether `start` has more to do, such as to load the models."""
        return self._starter is not None and self._starter.is_alive()

    def _run_beside(self, begin: Callable[[], None]) -> None:
        def run() -> None:
            try:
                begin()
            except DiemtinError as error:
                _log.error("jobs wait", error=type(error).__name__, detail=str(error))
            except Exception as error:  # the service itself goes on
                _log.error("jobs wait", error=type(error).__name__, trace=describe_trace(error))

        self._starter = Thread(target=run, name="job-starter", daemon=True)
        self._starter.start()

    def _start_own(self) -> None:
        queue = self._open_queue()
        queue.clear()  # so that the oldest goes first; the house tells of all anew
        self._start_house()
        self._runtime.load()
        self._start_consumer()

    def _start_consumer(self) -> None:
        consumer = JobConsumer(self._open_queue(), self._settings.job_workers)
        with self._lock:
            if self._stop.is_set():
                return
            self._presence.hold()
            self._consumer = consumer
            consumer.start()

    def _start_house(self) -> None:
        house = House(
            self._store,
            self._folders,
            self._open_queue(),
            self._presence,
            lambda: self._runner.running,
        )
        self._threads.append(house.start(self._stop, self._check_consumer))

    def _check_consumer(self) -> None:
        if self._consumer and not self._stop.is_set():
            self._consumer.check()
