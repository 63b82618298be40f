"""How an archive that is sent becomes a job, or leaves nothing behind."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

import structlog

from service.jobs.faults import JobsFull, QueueDown, StateUnusable
from service.jobs.folders import JobFolders, safe_name
from service.jobs.queue import JobQueue
from service.jobs.records import Job, JobRequest
from service.jobs.store import JobStore
from service.jobs.uploads import (
    ByteStream,
    check_length,
    check_name,
    check_request,
    told_file_errors,
    write_upload,
)
from service.settings import Settings

_ID_BYTES = 18
_MOST_NAME = 200

_log = structlog.get_logger()


class Reception:
    """Takes archives, as many as may wait."""

    def __init__(
        self, settings: Settings, root: Path, store: JobStore, folders: JobFolders
    ) -> None:
        """`root` is the state folder."""
        self._settings, self._root = settings, root
        self._store, self._folders = store, folders
        self._lock = Lock()
        self._receiving = 0

    def receive(
        self,
        open_queue: Callable[[], JobQueue],
        stream: ByteStream,
        name: str,
        request: JobRequest | Callable[[], JobRequest],
        length: int | None,
    ) -> Job:
        """Take an archive as it comes, and tell the queue; see `Jobs.receive`."""
        file = safe_name(name)
        check_name(file)
        if isinstance(request, JobRequest):
            check_request(request)
        with self._place():
            with _advised():
                queue = open_queue()
                queue.check()  # before a long upload in vain
            job_id = secrets.token_urlsafe(_ID_BYTES)
            try:
                size = self._keep_upload(stream, job_id, file, length)
                wanted = request if isinstance(request, JobRequest) else request()
                check_request(wanted)
            except BaseException:
                self._folders.delete(job_id)
                raise
            # Where this fails nobody knows what was written: the house looks later.
            job = self._store.add(job_id, _shown_name(name) or file, file, wanted)
            self._folders.mark_taken(job_id)
            with _advised():
                self._tell(queue, job_id)
        _log.info("job taken", job=job_id, bytes=size)
        return job

    @contextmanager
    def _place(self) -> Iterator[None]:
        """A place among the jobs that wait, taken while the archive comes."""
        with self._lock:
            if len(self._store.waiting()) + self._receiving >= self._settings.max_jobs:
                raise JobsFull(
                    f"{self._settings.max_jobs} jobs wait already. Send the archive later."
                )
            self._receiving += 1
        try:
            yield
        finally:
            with self._lock:
                self._receiving -= 1

    def _keep_upload(self, stream: ByteStream, job_id: str, file: str, length: int | None) -> int:
        most_bytes = self._settings.max_archive_mib << 20
        with told_file_errors():
            self._root.mkdir(mode=0o700, parents=True, exist_ok=True)
            check_length(length, most_bytes, self._root)
            self._folders.make(job_id)
        return write_upload(stream, self._folders.upload(job_id, file), length, most_bytes)

    def _tell(self, queue: JobQueue, job_id: str) -> None:
        try:
            queue.put(job_id)
        except QueueDown:
            try:
                is_dropped = self._store.drop(job_id)
            except StateUnusable:  # so it stays, and the house tells the queue of it
                return
            if is_dropped:  # else it was taken all the same
                self._folders.delete(job_id)
                raise


@contextmanager
def _advised() -> Iterator[None]:
    """Let a queue that is down be told to a sender."""
    try:
        yield
    except QueueDown as error:
        raise QueueDown(
            f"{error} Send the archive again in a minute; nothing of it was kept."
        ) from error


def _shown_name(name: str) -> str:
    """The last part of a name that a sender chose, as it can be shown."""
    bare = re.split(r"[/\\]", name)[-1]
    return "".join(one for one in bare if one.isprintable())[:_MOST_NAME].strip()
