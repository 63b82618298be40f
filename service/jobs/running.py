"""The work on one job: its archive is digested, packed, and what became of it written down."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from threading import Event, Lock

import structlog

from models.errors import Cancelled, DiemtinError
from service.archives.archiving import Watcher, archive_found, local_worker
from service.archives.census import Census
from service.archives.destination import FAILURES, DestinationBusy
from service.archives.items import Found
from service.archives.options import run_settings
from service.archives.runner import Counts, EngineBroken, PassResult
from service.archives.sources import read_sources
from service.archives.writer import WritingFailed
from service.jobs.faults import StateUnusable, UnknownJob
from service.jobs.folders import JobFolders, is_visible, pack_output
from service.jobs.notices import Notices
from service.jobs.pulse import Pulse
from service.jobs.records import Job, JobStatus, Progress
from service.jobs.store import JobStore
from service.problems import describe_trace
from service.runtime import Runtime

_UNSEEN = "upload of a job not visible; the job waits until the state folder shows it"
_STRANGE = (
    "queue told of a job that the database lacks: DIEMTIN_STATE_DIR or DIEMTIN_DATABASE "
    "differs from the service's"
)

_log = structlog.get_logger()


@dataclass(frozen=True)
class _Ending:
    """What is to be written down of a job whose work ended; no status: it waits again."""

    status: JobStatus | None
    detail: str | None = None
    progress: Progress | None = None
    result_bytes: int | None = None


class JobRunner:
    """Works on jobs, as many at a time as threads call it."""

    def __init__(
        self, runtime: Runtime, store: JobStore, folders: JobFolders, owner: str, keep_s: float
    ) -> None:
        """`owner` is this process; results are kept for so many seconds."""
        self._runtime = runtime
        self._store, self._folders = store, folders
        self._owner, self._keep_s = owner, keep_s
        self._notices = Notices()
        self._lock = Lock()
        self._stops: dict[str, Event] = {}
        self._closing = False

    @property
    def running(self) -> frozenset[str]:
        """The jobs under way here."""
        with self._lock:
            return frozenset(self._stops)

    def stop(self, job_id: str) -> None:
        """Let the work on a job end, if it is done here."""
        with self._lock:
            if stop := self._stops.get(job_id):
                stop.set()

    def stop_all(self) -> None:
        """Let all work end at its next item, to go on another time; nothing is begun any more."""
        with self._lock:
            self._closing = True
            for stop in self._stops.values():
                stop.set()

    def run(self, job_id: str) -> None:
        """Work on a job, unless another does or it is over; raises nothing."""
        stop = Event()
        with self._lock:
            if self._closing or job_id in self._stops:
                return
            self._stops[job_id] = stop
        try:
            job = self._store.claim(job_id, self._owner)
            if job is None:
                self._store.get(job_id)  # raises where there is none
            elif self._sees_upload(job):
                self._work(job, stop)
            else:
                self._store.release(job_id, self._owner)
        except UnknownJob:
            self._notices.begin(job_id, _STRANGE, job=job_id)
        except StateUnusable as error:  # found again once the database is back
            _log.error("job not written down", job=job_id, detail=str(error))
        except Exception as error:  # it would end the thread that works on all jobs
            _log.error("job broke", job=job_id, error=_name(error), trace=describe_trace(error))
        finally:
            with self._lock:
                del self._stops[job_id]

    def _work(self, job: Job, stop: Event) -> None:
        _log.info("job begun", job=job.id)
        with Pulse(self._store, job, self._owner, stop) as pulse:
            try:
                ending = self._digest(job, pulse)
            except (Cancelled, DestinationBusy):
                ending = _Ending(None)
            except Exception as error:
                ending = self._explain(job, pulse, error)
        if pulse.is_lost:
            self._clean_up(job)
        else:
            self._end(job, ending)

    def _digest(self, job: Job, pulse: Pulse) -> _Ending:
        result = self._archive(job, pulse)
        if pulse.stop.is_set():
            return _Ending(None)
        if not result.complete:
            raise StateUnusable(f"The outcome of {result.lost} items was lost.")
        packed = self._folders.packed(job.id, self._owner)
        size = pack_output(self._folders.output(job.id), packed, pulse.stop.is_set)
        pulse.check()
        if pulse.is_lost:
            packed.unlink(missing_ok=True)
            return _Ending(None)
        self._folders.publish(job.id, packed)
        progress = progress_of(result.counts)
        total = progress.done + progress.failed
        detail = None if progress.done else _told_nothing_done(total)
        return _Ending(JobStatus.DONE, detail, replace(progress, total=total), size)

    def _archive(self, job: Job, pulse: Pulse) -> PassResult:
        """Digest what is not done yet, its origins named after the upload, wherever it lies."""
        options = job.request.options()
        path = self._folders.upload(job.id, job.file)

        def read() -> Iterator[Found]:
            found = read_sources([str(path)], options.mapping, options.limits)
            start = f"{path.parent}/"
            return (replace(one, origin=one.origin.removeprefix(start)) for one in found)

        over = Event()
        census = Census(read, over)
        try:
            return archive_found(
                [job.file],
                read(),
                self._folders.output(job.id),
                options,
                run_settings(self._runtime, options),
                local_worker(self._runtime, options, pulse.stop),
                Watcher(pulse.stop, lambda counts: pulse.show(progress_of(counts))),
                count_all=lambda: census.total,
            ).result
        finally:
            over.set()

    def _explain(self, job: Job, pulse: Pulse, error: Exception) -> _Ending:
        if pulse.stop.is_set() or pulse.is_lost:  # its files may have been deleted under it
            return _Ending(None)
        if not self._sees_upload(job):
            return _Ending(None)
        if not isinstance(error, DiemtinError):
            _log.error("job broke", job=job.id, error=_name(error), trace=describe_trace(error))
        root = str(self._folders.output(job.id).parent)
        return _Ending(JobStatus.FAILED, why_failed(error).replace(f"{root}/", ""))

    def _sees_upload(self, job: Job) -> bool:
        is_seen = is_visible(self._folders.upload(job.id, job.file))
        if is_seen:
            self._notices.end(job.id, "upload of a job visible again")
        else:
            self._notices.begin(job.id, _UNSEEN, job=job.id)
        return is_seen

    def _end(self, job: Job, ending: _Ending) -> None:
        if ending.status is None:
            self._store.release(job.id, self._owner)
            _log.info("job stopped, to go on", job=job.id)
            return
        told = (ending.status, ending.detail, ending.progress)
        keep_s = self._keep_s if ending.status is JobStatus.DONE else None
        more = {"keep_s": keep_s, "result_bytes": ending.result_bytes}
        if not self._store.finish(job.id, self._owner, *told, **more):  # type: ignore[arg-type]
            self._clean_up(job)
        elif ending.status is JobStatus.DONE:
            self._folders.delete_all_but_result(job.id)
        else:
            self._folders.delete(job.id)
        progress = ending.progress or Progress()
        counts = {"done": progress.done, "failed": progress.failed}
        _log.info("job ended", job=job.id, status=str(ending.status), **counts)

    def _clean_up(self, job: Job) -> None:
        """Delete the files of a job that was cancelled, but not what another made of it."""
        if self._store.get(job.id).status is JobStatus.CANCELLED:
            self._folders.delete(job.id)
        _log.info("job given up", job=job.id)


def progress_of(counts: Counts) -> Progress:
    """How far all passes over a job's archive came."""
    return Progress(
        counts.done + counts.done_before,
        counts.failed + counts.failed_before,
        counts.total,
        counts.items_per_second,
        counts.seconds_left,
    )


def why_failed(error: Exception) -> str:
    """What the sender of a job is told of an error, whoever raised it."""
    if isinstance(error, EngineBroken):
        text = str(error).partition(" Put that right")[0]
        return f"{text} Send the archive again once that is put right."
    if isinstance(error, WritingFailed):
        reason = getattr(error.__cause__, "strerror", None) or _name(error.__cause__)
        return (
            f"The service could not write the result ({reason}). Send the archive again once "
            "whoever runs the service has put that right."
        )
    if isinstance(error, DiemtinError):
        return str(error)
    if isinstance(error, OSError) and error.strerror:
        return f"The service's disk failed ({error.strerror}). Send the archive again later."
    return f"It stopped with {_name(error)}; the service's log says where. Please report it."


def _told_nothing_done(total: int) -> str:
    return (
        f"None of its {total:,} items could be digested; {FAILURES} in the result says why. "
        "Put that right and send the archive again."
    )


def _name(error: BaseException | None) -> str:
    return type(error).__name__
