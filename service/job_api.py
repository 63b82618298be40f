"""Archives over HTTP: an upload makes a job, which is looked at, fetched and deleted."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable
from functools import partial
from typing import Any

from apiflask import APIBlueprint, APIFlask, HTTPError
from flask import Response, current_app, request, send_file, url_for

from models.cancellation import never
from models.errors import DiemtinError
from service.admission import Admission, Place
from service.clients import is_client_gone
from service.job_events import LAST, tell_job
from service.job_pace import Pace, PaceLimits, discard_rest, ended_reading, keep_pace
from service.job_schemas import JobOut
from service.job_uploads import open_upload
from service.jobs.faults import JobExpired
from service.jobs.jobs import Jobs
from service.jobs.records import Job
from service.openapi import EVENTS, RESULT, problems_for
from service.problems import Busy, ForeignPage

JOBS = "diemtin-jobs"
STOPPING = "diemtin-stopping"
MOST_MIB = "MAX_ARCHIVE_MIB"
PACE = "ARCHIVE_PACE"
MOST_STREAMS = 16  # each holds a thread
MOST_UPLOADS = 16
MOST_DOWNLOADS = 16
JOB_THREADS = MOST_STREAMS + MOST_UPLOADS + MOST_DOWNLOADS

_STREAMS = "diemtin-job-streams"
_UPLOADS = "diemtin-job-uploads"
_DOWNLOADS = "diemtin-job-downloads"
_SILENCE_S = 60.0  # a client that neither sends nor reads for so long holds its thread no more
_ONE_RANGE = re.compile(r"bytes=([0-9]{1,18})-([0-9]{1,18})?|bytes=-[0-9]{1,18}", re.IGNORECASE)
_OWN_SITES = (None, "same-origin", "none")

job_blueprint = APIBlueprint("archives", __name__, tag="archives")


def add_jobs(app: APIFlask, owned: Jobs, most_mib: int) -> None:
    """Give the application its jobs, and their addresses under /v1."""
    app.config[MOST_MIB] = most_mib
    app.config[PACE] = PaceLimits()
    app.extensions[JOBS] = owned
    app.extensions[_STREAMS] = Admission(MOST_STREAMS)
    app.extensions[_UPLOADS] = Admission(MOST_UPLOADS)
    app.extensions[_DOWNLOADS] = Admission(MOST_DOWNLOADS)
    app.register_blueprint(job_blueprint, url_prefix="/v1")


def jobs() -> Jobs:
    """The jobs of the current application."""
    owned: Jobs = current_app.extensions[JOBS]
    return owned


@job_blueprint.before_request
def limit_silence() -> None:
    """Let go of a client that has stalled; gunicorn would wait for it for ever."""
    connection = request.environ.get("gunicorn.socket")
    if isinstance(connection, socket.socket):
        connection.settimeout(_SILENCE_S)  # gunicorn takes it back before the next request


@job_blueprint.before_request
def refuse_foreign_pages() -> None:
    """Keep a web page from filling the disk of the service that runs where it is looked at.

    A browser asks before it sends JSON to another site, but sends a form without asking.
    """
    if request.method == "POST" and request.headers.get("Sec-Fetch-Site") not in _OWN_SITES:
        raise ForeignPage("A page of another site may not send archives here; use this one's own.")


@job_blueprint.after_request
def forbid_storing(response: Response) -> Response:
    """Keep jobs out of shared caches."""
    response.headers.setdefault("Cache-Control", "no-store")
    return response


@job_blueprint.post("/archives")
@job_blueprint.output(
    JobOut, status_code=202, description="The job; its address stands in Location."
)
@job_blueprint.doc(responses=problems_for(400, 403, 413, 415, 422, 500, 501, 503, 507))
def take_archive() -> tuple[JobOut, int, dict[str, str]]:
    """Take an archive, and digest it as a job.

    The archive is anything that `diemtin archive` reads. Send it as the part `file` of a form, or
    alone as the body, with the fields in the query.
    """
    try:
        job = _receive()
    except (DiemtinError, HTTPError):
        discard_rest(request)
        raise
    return _as_out(job), 202, {"Location": _address(job.id)}


@job_blueprint.get("/jobs/<job_id>")
@job_blueprint.output(JobOut)
@job_blueprint.doc(responses=problems_for(404, 500))
def show_job(job_id: str) -> JobOut:
    """Tell how far a job is."""
    return _as_out(jobs().get(job_id))


@job_blueprint.delete("/jobs/<job_id>")
@job_blueprint.output(JobOut, description="The job, which has ended; its files are deleted.")
@job_blueprint.doc(responses=problems_for(404, 500, 503))
def delete_job(job_id: str) -> JobOut:
    """End a job and delete its files; the same again does no more."""
    return _as_out(jobs().cancel(job_id))


@job_blueprint.get("/jobs/<job_id>/events")
@job_blueprint.doc(responses={**EVENTS, **problems_for(404, 500, 503)})
def follow_job(job_id: str) -> Response:
    """Tell a job whenever it changes, until it has ended."""
    job = jobs().get(job_id)
    if request.headers.get("Last-Event-ID") == LAST and not job.status.is_unfinished:
        return Response(status=204)  # by which a browser knows not to come back
    place = _enter_stream()
    is_gone, is_stopping = is_client_gone(request.environ), _is_stopping()
    look = partial(jobs().get, job_id)
    events = tell_job(job, _address(job_id), look, lambda: is_stopping() or is_gone())
    response = Response(
        events,
        mimetype="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )
    response.call_on_close(place.leave)
    return response


@job_blueprint.get("/jobs/<job_id>/result")
@job_blueprint.doc(responses={**RESULT, **problems_for(404, 409, 410, 500, 503)})
def fetch_result(job_id: str) -> Response:
    """Fetch what a job has made, whole or a range of it."""
    place = _enter(_DOWNLOADS)
    try:
        _ignore_odd_ranges()
        response = _send_result(job_id)
    except BaseException:
        place.leave()
        raise
    response.call_on_close(place.leave)
    return response


def _receive() -> Job:
    place = _enter(_UPLOADS)
    pace = Pace(current_app.config[PACE], _is_stopping())
    try:
        with ended_reading(request, lambda: pace.is_stuck):
            upload = open_upload(request, current_app.config[MOST_MIB], pace)
            return jobs().receive(upload.stream, upload.name, upload.request, upload.length)
    finally:
        place.leave()


def _ignore_odd_ranges() -> None:
    """Send all where not one range of bytes is asked for, as RFC 9110 (14.2) wants it."""
    found = _ONE_RANGE.fullmatch(request.headers.get("Range", ""))
    is_backward = found is not None and found[2] is not None and int(found[1]) > int(found[2])
    if found is None or is_backward or request.method != "GET":
        request.environ.pop("HTTP_RANGE", None)


def _send_result(job_id: str) -> Response:
    path = jobs().result(job_id)
    try:
        response = send_file(
            path,
            mimetype="application/zip",
            as_attachment=True,
            download_name=f"diemtin-{job_id}.zip",
            conditional=True,
        )
    except FileNotFoundError as error:  # between the two
        raise JobExpired("The result was deleted just now. Send the archive again.") from error
    response.direct_passthrough = False  # or nobody would tell when it is closed
    pieces: Any = response.response
    response.call_on_close(pieces.close)
    limits: PaceLimits = current_app.config[PACE]
    response.response = keep_pace(pieces, Pace(limits, _is_stopping(), limits.last_s))
    return response


def _enter_stream() -> Place:
    try:
        return _enter(_STREAMS)
    except Busy as error:
        raise Busy(
            f"{MOST_STREAMS} readers follow jobs already, which is the most. Ask for the job "
            "itself now and then, or try again later."
        ) from error


def _enter(kind: str) -> Place:
    places: Admission = current_app.extensions[kind]
    return places.enter()


def _is_stopping() -> Callable[[], bool]:
    is_stopping: Callable[[], bool] = current_app.extensions.get(STOPPING, never)
    return is_stopping


def _as_out(job: Job) -> JobOut:
    return JobOut.of(job, _address(job.id))


def _address(job_id: str) -> str:
    return url_for("archives.show_job", job_id=job_id)
