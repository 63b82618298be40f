"""What a job made, fetched over HTTP: whole, in ranges, and not too slowly."""

from __future__ import annotations

import pytest

from service.job_api import JOBS, MOST_DOWNLOADS, PACE
from service.job_pace import PaceLimits
from tests.job_api_lab import quick_service, zip_of
from tests.job_lab import send, wait_for


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("jobs")


@pytest.fixture(scope="module")
def at_once(home):
    with quick_service(home) as jobs:
        yield jobs


@pytest.fixture(scope="module")
def finished(at_once):
    """A job that is done, and its result."""
    job = at_once.wait(at_once.send(zip_of(40)))
    return job, at_once.get(job, "/result").content


def test_the_result_comes_in_ranges_too(at_once, finished):
    job, whole = finished
    first = at_once.get(job, "/result", Range="bytes=0-999")
    tag = first.headers["ETag"]
    assert (first.status_code, first.headers["Accept-Ranges"]) == (206, "bytes")
    assert first.headers["Content-Range"] == f"bytes 0-999/{len(whole)}"
    rest = at_once.get(job, "/result", Range="bytes=1000-", If_Range=tag)
    assert (rest.status_code, first.content + rest.content) == (206, whole)
    changed = at_once.get(job, "/result", Range="bytes=1000-", If_Range='"other"')
    assert (changed.status_code, changed.content) == (200, whole)
    beyond = at_once.get(job, "/result", Range=f"bytes={len(whole)}-")
    assert (beyond.status_code, beyond.json()["status"]) == (416, 416)
    assert beyond.headers["Content-Range"] == f"bytes */{len(whole)}"
    same = at_once.get(job, "/result", If_None_Match=tag)
    assert (same.status_code, same.content) == (304, b"")
    head = at_once.http.head(f"/v1/jobs/{job['id']}/result")
    assert (head.headers["Content-Length"], head.headers["ETag"]) == (str(len(whole)), tag)


def test_many_fetches_leave_room_for_more(at_once, finished):
    job, whole = finished
    for _ in range(40):
        assert at_once.get(job, "/result").content == whole
        assert at_once.get(job, "/result", Range="bytes=-1").content == whole[-1:]
        assert at_once.get(job, "/result", Range="bytes=9999999-").status_code == 416


NOT_ONE_RANGE = [
    "bytes=0-9,20-29",
    "bytes=0-9,",
    "bytes=9-0",
    "bytes=",
    "bytes=-",
    "bytes=a-b",
    "bytes=0-9-",
    "bytes 0-9",
    "bytes",
    "lines=0-9",
    "bytes=" + "9" * 5000 + "-",
]


@pytest.mark.parametrize("asked", NOT_ONE_RANGE, ids=range(len(NOT_ONE_RANGE)))
def test_what_is_not_one_range_is_ignored(at_once, finished, asked):
    job, whole = finished
    answer = at_once.get(job, "/result", Range=asked)
    assert (answer.status_code, answer.content) == (200, whole)
    assert "Content-Range" not in answer.headers


@pytest.mark.parametrize("asked", ["Bytes=3-8", "bytes=3-8"])
def test_one_range_is_sent(at_once, finished, asked):
    job, whole = finished
    answer = at_once.get(job, "/result", Range=asked)
    assert (answer.status_code, answer.content) == (206, whole[3:9])
    head = at_once.http.head(f"/v1/jobs/{job['id']}/result", headers={"Range": asked})
    assert (head.status_code, head.headers["Content-Length"]) == (200, str(len(whole)))


@pytest.fixture
def address(client):
    """The address of a result of several pieces, in this process."""
    jobs = client.application.extensions[JOBS]
    jobs.start()
    job = wait_for(jobs, send(jobs, zip_of(400)))
    yield f"/v1/jobs/{job.id}/result"
    jobs.close()


def test_a_reader_who_creeps_gives_the_place_back(client, address):
    client.application.config[PACE] = PaceLimits(size=1 << 30, seconds=0.0)
    for _ in range(MOST_DOWNLOADS + 1):
        answer = client.get(address)
        assert answer.status_code == 200
        with pytest.raises(BrokenPipeError):
            list(answer.response)
        answer.close()
