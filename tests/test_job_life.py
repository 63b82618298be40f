"""Jobs of the real service from their beginning to their end, and beyond the service's own."""

from __future__ import annotations

import os
import signal
import time
from contextlib import ExitStack
from pathlib import Path

import httpx2
import pytest

from service.job_api import MOST_STREAMS
from tests.fake_home import fake_environment
from tests.job_api_lab import (
    PATIENCE_S,
    JobClient,
    connect,
    dripping,
    job_files,
    read_events,
    text_of,
    upload_head,
    zip_of,
)
from tests.serving_lab import served


@pytest.fixture
def env(tmp_path):
    return fake_environment(tmp_path)


def test_a_job_under_way_is_followed_and_ended(tmp_path, env):
    with served(tmp_path, env) as service, JobClient(service) as jobs:
        job = jobs.send(zip_of(400))
        waiting = jobs.send(zip_of(5))
        seen = jobs.wait(job, until=lambda one: one["done"] >= 5 and one["total"])
        assert (seen["status"], seen["total"], seen["result"]) == ("running", 400, None)
        assert seen["items_per_second"] > 0 and seen["seconds_left"] > 0
        assert jobs.get(job, "/result").status_code == 409
        assert jobs.get(waiting).json()["status"] == "queued"
        with jobs.http.stream("GET", f"/v1/jobs/{job['id']}/events") as answer:
            events = read_events(answer.iter_lines())
            kinds = [next(events) for _ in range(2)]
            assert jobs.delete(job).json()["status"] == "cancelled"
            kinds += events
        told = [one["done"] for name, one in kinds if name == "progress"]
        assert len(told) >= 2 and told == sorted(told)
        assert [name for name, _ in kinds][-1] == "done" and kinds[-1][1]["status"] == "cancelled"
        assert jobs.get(job, "/result").status_code in {409, 410}
        assert jobs.wait(waiting)["done"] == 5, "the next one's turn"
        assert jobs.events(waiting)[-1][1]["status"] == "done"
        deadline = time.monotonic() + 10
        while any(job["id"] in str(one) for one in job_files(tmp_path)):
            assert time.monotonic() < deadline
            time.sleep(0.05)


def test_more_followers_than_it_takes_are_told_to_ask_later(tmp_path, env):
    with served(tmp_path, env) as service, JobClient(service) as jobs, ExitStack() as stack:
        job = jobs.send(zip_of(400))
        http = stack.enter_context(httpx2.Client(base_url=service.url, limits=httpx2.Limits()))
        address = f"/v1/jobs/{job['id']}/events"
        followers = [stack.enter_context(http.stream("GET", address)) for _ in range(MOST_STREAMS)]
        assert {one.status_code for one in followers} == {200}
        refused = jobs.get(job, "/events")
        assert (refused.status_code, refused.headers["Retry-After"]) == (503, "5")
        assert jobs.get(job).status_code == jobs.http.get("/healthz").status_code == 200
        followers[0].close()
        deadline = time.monotonic() + 10
        while stack.enter_context(http.stream("GET", address)).status_code == 503:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        began = time.monotonic()
        service.stop()
        assert time.monotonic() - began < 20, "followers must not hold it up"
    assert "Traceback" not in service.err


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL], ids=["term", "kill"])
def test_a_job_goes_on_after_the_service_has_ended(tmp_path, env, number):
    with served(tmp_path, env) as service, JobClient(service) as jobs:
        job = jobs.send(zip_of(120))
        jobs.wait(job, until=lambda one: one["done"] >= 10)
        end(service, number)
    with served(tmp_path, env) as service, JobClient(service) as jobs:
        seen = jobs.wait(job)
        assert (seen["status"], seen["done"], seen["total"]) == ("done", 120, 120), seen
        sources = [one["source"] for one in jobs.records(job)]
        assert sorted(sources) == sorted(text_of(one) for one in range(120)), "each once"


def end(service, number):
    """End the service; killed, its worker process with it, as where the power goes."""
    if number == signal.SIGTERM:
        assert service.stop()[0] == 0
        return
    lists = Path(f"/proc/{service.process.pid}/task").glob("*/children")
    pids = [int(one) for each in lists for one in each.read_text().split()]
    for pid in (service.process.pid, *pids):
        os.kill(pid, signal.SIGKILL)
    service.process.wait(10)


STOPPED = "job stopped, to go on"


def test_an_upload_that_creeps_does_not_hold_up_a_stop(tmp_path, env):
    head = upload_head("application/zip", "Content-Length: 9999999") + zip_of(1)[:4]
    with served(tmp_path, env) as service, JobClient(service) as jobs:
        jobs.wait(jobs.send(zip_of(4000)), until=lambda one: one["done"] >= 3)
        with connect(service.url) as client, dripping(client, head):
            wait_until(lambda: len(list((tmp_path / "state" / "jobs").iterdir())) == 2)
            status, seconds = service.stop()
            told = client.recv(10_000)
    assert status == 0 and seconds < 30, service.err
    assert told.startswith(b"HTTP/1.1 400 ") and b"The service is stopping" in told
    assert STOPPED in service.err and "Traceback" not in service.err


def test_jobs_stop_at_once_though_a_request_is_still_under_way(tmp_path, env):
    head = upload_head("application/json", "Content-Length: 9999", path="/v1/digest")
    with served(tmp_path, env) as service, JobClient(service) as jobs:
        jobs.wait(jobs.send(zip_of(4000)), until=lambda one: one["done"] >= 3)
        with connect(service.url) as client, dripping(client, head) as drips:
            service.process.send_signal(signal.SIGTERM)
            wait_until(lambda: STOPPED in service.err)
            assert drips.is_alive() and service.process.poll() is None
        assert service.process.wait(PATIENCE_S) == 0


def wait_until(is_so):
    deadline = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.05)
