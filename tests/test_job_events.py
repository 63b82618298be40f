"""What a reader who follows a job is told, and when."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from service.job_events import tell_job
from service.jobs.faults import UnknownJob
from service.jobs.records import Job, JobRequest, JobStatus

ADDRESS = "/v1/jobs/abc"
QUEUED = Job(
    id="abc",
    status=JobStatus.QUEUED,
    name="tin.zip",
    request=JobRequest(),
    done=0,
    failed=0,
    total=None,
    items_per_second=0.0,
    seconds_left=None,
    created=datetime(2026, 5, 12, tzinfo=UTC),
    started=None,
    finished=None,
    expires=None,
    detail=None,
    file="tin.zip",
    result_bytes=None,
)
RUNNING = replace(QUEUED, status=JobStatus.RUNNING)
FURTHER = replace(RUNNING, done=1, total=2)
DONE = replace(RUNNING, status=JobStatus.DONE, done=2, total=2)


def tell(*states, is_over=lambda: False, silence_s=15.0):
    """What is told of a job that is in these states, one after the other."""
    rest = iter(states[1:])
    return list(tell_job(states[0], ADDRESS, lambda: next(rest), is_over, silence_s))


def told(message):
    *lines, empty, end = message.split("\n")
    assert (empty, end) == ("", "")
    fields = dict(line.split(": ", 1) for line in lines)
    data = json.loads(fields["data"])
    return fields["event"], data["status"], data.get("done"), fields.get("id")


def test_each_change_is_told_once():
    events = tell(QUEUED, QUEUED, RUNNING, FURTHER, FURTHER, DONE)
    assert [told(one) for one in events] == [
        ("progress", "queued", 0, None),
        ("progress", "running", 0, None),
        ("progress", "running", 1, None),
        ("done", "done", 2, "end"),
    ]


@pytest.mark.parametrize("status", [one for one in JobStatus if not one.is_unfinished])
def test_every_end_is_told_and_only_one_has_a_result(status):
    [event] = tell(replace(DONE, status=status))
    assert told(event) == ("done", str(status), 2, "end")
    assert (f'"result":"{ADDRESS}/result"' in event) == (status is JobStatus.DONE)


def test_silence_is_broken_by_a_comment():
    events = tell(QUEUED, QUEUED, QUEUED, DONE, silence_s=0.0)
    assert events[1:3] == [": nothing new\n\n"] * 2
    assert len(events) == 4


def test_nobody_is_told_when_nobody_listens():
    assert len(tell(QUEUED, is_over=lambda: True)) == 1


@pytest.mark.parametrize(
    ("error", "slug", "detail"),
    [
        (UnknownJob("There is no such job."), "unknown-job", "There is no such job."),
        (ValueError("mật"), "internal", "its log says where"),
    ],
)
def test_a_job_that_cannot_be_looked_at_ends_with_an_error(error, slug, detail):
    def look():
        raise error

    *_, event = tell_job(QUEUED, ADDRESS, look, lambda: False)
    assert event.startswith("event: error\n") and slug in event and detail in event
    assert "mật" not in event
