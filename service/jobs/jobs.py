"""Jobs as HTTP and the command know them."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Lock, Thread

import structlog

from models.errors import BadConfig
from service.jobs.consumer import JobConsumer
from service.jobs.faults import JobExpired, JobNotDone, QueueDown, StateUnusable, UnknownJob
from service.jobs.folders import JobFolders, is_job_id, is_visible
from service.jobs.housekeeping import EXPIRED, House
from service.jobs.notices import Notices, describe
from service.jobs.presence import Presence
from service.jobs.queue import FILE as QUEUE_FILE
from service.jobs.queue import JobQueue
from service.jobs.reception import Reception
from service.jobs.records import Job, JobRequest, JobStatus
from service.jobs.running import JobRunner
from service.jobs.store import JobStore
from service.jobs.uploads import ByteStream
from service.runtime import Runtime
from service.settings import Settings

FILE = "jobs.sqlite3"
STOP_S = 30.0  # how long the end waits for items under way

_LOOK_S = 0.2
_AGAIN_S = 5.0
_CANCELLED = "It was cancelled, and its files are deleted."
_DELETED = "Its result was deleted. Send the archive again."

_log = structlog.get_logger()


class Jobs:
    """The archives that were sent: what becomes of them, and their results."""

    def __init__(self, settings: Settings, runtime: Runtime) -> None:
        """Nothing is opened or created until the first use.

        Raises:
            BadConfig: the URL of the database or of the queue is malformed, or the state
                folder is none that archives can be read from.
            MissingDependency: a package that speaks to one of them is not installed.
        """
        self._settings, self._runtime = settings, runtime
        self._root = settings.state_dir.expanduser().absolute()
        _check_root(self._root)
        self._folders = JobFolders(self._root)
        self._store = JobStore(settings.database, self._root / FILE)
        self._presence = Presence(self._root)
        keep_s = settings.job_hours * 3600
        self._runner = JobRunner(runtime, self._store, self._folders, self._presence.name, keep_s)
        self._lock = Lock()
        self._notices = Notices()
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
        return self._reception.receive(self._open_queue, stream, name, request, length)

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
            StateUnusable: it cannot be seen now.
        """
        job = self.get(job_id)
        if job.status.is_unfinished:
            raise JobNotDone(f"The job is {job.status}; ask again when it is done.")
        if job.status is JobStatus.FAILED:
            raise JobNotDone(f"The job failed and has no result. {job.detail}")
        path = self._folders.result(job_id)
        is_seen = is_visible(path)
        if not is_seen:
            job = self.get(job_id)  # it may have been deleted just now
        if job.status is not JobStatus.DONE:
            raise JobExpired(f"There is no result any more. {job.detail}")
        if not is_seen:
            raise StateUnusable(
                "The state folder does not show the result. Try again in a minute; whoever runs "
                "the service should look at it."
            )
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
                try:
                    self._queue = JobQueue(settings, self._runner.run)
                except QueueDown as error:
                    told = {"file": str(self._root / QUEUE_FILE), "detail": str(error)}
                    told["advice"] = "If the file is damaged, delete it: no job is lost by that."
                    self._notices.begin("queue", "queue of jobs not opened", **told)
                    raise
                self._notices.end("queue", "queue of jobs opened")
            return self._queue

    @property
    def is_starting(self) -> bool:
        """Whether `start` has more to do, such as to load the models."""
        return self._starter is not None and self._starter.is_alive()

    def _run_beside(self, begin: Callable[[], None]) -> None:
        def run() -> None:
            try:
                begin()
            except Exception as error:  # the service itself goes on
                _log.error("jobs wait", **describe(error))

        self._starter = Thread(target=run, name="job-starter", daemon=True)
        self._starter.start()

    def _start_own(self) -> None:
        self._insist(self._start_house)
        if not self._stop.is_set():
            self._runtime.load()
        self._insist(self._start_consumer)

    def _insist(self, begin: Callable[[], None]) -> None:
        """Try again where the disk or a file fails, until it is done or all is closed."""
        while not self._stop.is_set():
            try:
                begin()
            except Exception as error:
                self._notices.begin("start", "jobs wait for another try", **describe(error))
                self._stop.wait(_AGAIN_S)
            else:
                self._notices.end("start", "jobs started after all")
                return

    def _start_consumer(self) -> None:
        consumer = JobConsumer(self._open_queue(), self._settings.job_workers)
        with self._lock:
            if self._stop.is_set():
                return
            self._presence.hold()
            self._consumer = consumer
            consumer.start()

    def _start_house(self) -> None:
        queue = self._open_queue()
        if not self._settings.queue:
            with suppress(QueueDown):
                queue.clear()  # so that the oldest goes first; the house tells of all anew
        house = House(
            self._store,
            self._folders,
            queue,
            self._presence,
            lambda: self._runner.running,
        )
        self._threads.append(house.start(self._stop, self._check_consumer))

    def _check_consumer(self) -> None:
        if self._consumer and not self._stop.is_set():
            self._consumer.check()


def _check_root(root: Path) -> None:
    """Refuse a folder that what opens archives would read as a chain of addresses."""
    if "::" in str(root) or ":/" in str(root):
        raise BadConfig(
            "DIEMTIN_STATE_DIR is to be a local folder, and its path may hold neither '::' nor "
            "':/'. Name another."
        )
