"""How a job comes along, as server-sent events."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator

import structlog

from models.errors import DiemtinError
from service.job_schemas import JobOut
from service.jobs.records import Job
from service.problems import problem_of, report_unexpected

LAST = "end"  # the last event's id: who comes back with it has heard all
SILENCE_S = 15.0

_LOOK_S = 0.5

_log = structlog.get_logger()


def tell_job(
    job: Job,
    address: str,
    look: Callable[[], Job],
    is_over: Callable[[], bool],
    silence_s: float = SILENCE_S,
) -> Iterator[str]:
    """The job whenever it has changed, until it has ended or nobody listens any more.

    Args:
        job: as it stands.
        address: the job's own.
        look: gives the job as it stands.
        is_over: whether the reader has gone, or the service is stopping.
        silence_s: after which a comment tells that nothing is broken.
    """
    try:
        yield from _tell_changes(job, address, look, is_over, silence_s)
    except DiemtinError as error:
        _log.warning("events failed", error=type(error).__name__, job=job.id)
        yield _message("error", json.dumps(problem_of(error)))
    except Exception as error:  # the status is out already; the server would log the message
        yield _message("error", json.dumps(report_unexpected(error, "events of a job")))


def _tell_changes(
    job: Job,
    address: str,
    look: Callable[[], Job],
    is_over: Callable[[], bool],
    silence_s: float,
) -> Iterator[str]:
    told: Job | None = None
    told_at = time.monotonic()
    while job.status.is_unfinished:
        if job != told:
            yield _message("progress", JobOut.of(job, address).model_dump_json())
            told, told_at = job, time.monotonic()
        elif time.monotonic() - told_at >= silence_s:
            yield ": nothing new\n\n"
            told_at = time.monotonic()
        time.sleep(_LOOK_S)
        if is_over():
            return
        job = look()
    yield _message("done", JobOut.of(job, address).model_dump_json(), LAST)


def _message(event: str, data: str, number: str | None = None) -> str:
    return f"event: {event}\n" + (f"id: {number}\n" if number else "") + f"data: {data}\n\n"
