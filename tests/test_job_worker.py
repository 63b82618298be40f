"""Workers as processes on a real Redis, and services on SQLite: killed, stopped, cut off."""

import io
import pickle
import random
import signal
import time

import pytest
import redis

from service.jobs.faults import QueueDown
from service.jobs.records import JobStatus
from tests.job_lab import (
    REQUEST,
    assert_each_item_once,
    eventually,
    job_settings,
    kill_service,
    opened_jobs,
    running_process,
    running_redis,
    send,
    stop,
    wait_for,
    zip_of,
)
from tests.processes import free_port

SLOW = "tests.engines:load_one_by_one"  # 0.05 s a segment
KILLS = 2
MANY = 100  # more than are done before the last kill


@pytest.fixture(scope="module")
def redis_server():
    with running_redis() as server:
        yield server


@pytest.fixture
def settings(tmp_path, redis_server):
    with redis_server.client as client:
        client.flushall()
    return job_settings(tmp_path, queue=redis_server.url)


def test_a_worker_does_what_the_service_takes(tmp_path, settings):
    log = tmp_path / "log"
    with opened_jobs(settings) as jobs, running_process(settings, log, "worker") as worker:
        job = send(jobs, zip_of(20))
        assert wait_for(jobs, job).done == 20
        assert_each_item_once(jobs.result(job.id), 20)
        assert stop(worker) == 0
    assert "job ended" in log.read_text() and "Traceback" not in log.read_text()
    assert "phiên chợ" not in log.read_text()


def test_the_service_itself_does_nothing_where_workers_do(settings):
    with opened_jobs(settings) as jobs:
        job = send(jobs, zip_of(1))
        time.sleep(1.5)
        assert jobs.get(job.id).status is JobStatus.QUEUED


def test_two_workers_share_the_jobs_and_none_is_done_twice(tmp_path, settings):
    logs = [tmp_path / "one", tmp_path / "two"]
    with (
        opened_jobs(settings) as jobs,
        running_process(settings, logs[0], "worker", engine=SLOW),
        running_process(settings, logs[1], "worker", engine=SLOW),
    ):
        sent = [send(jobs, zip_of(12)) for _ in range(6)]
        for job in sent:
            assert wait_for(jobs, job).done == 12
            assert_each_item_once(jobs.result(job.id), 12)
    begun = [log.read_text().count("job begun") for log in logs]
    assert sum(begun) == 6 and all(begun), begun


def test_a_killed_worker_s_job_goes_on_with_another(tmp_path, settings):
    with opened_jobs(settings) as jobs:
        with running_process(settings, tmp_path / "one", "worker", engine=SLOW) as worker:
            job = send(jobs, zip_of(60))
            half = wait_for(jobs, job, lambda seen: seen.done > 5)
            worker.kill()
        with running_process(settings, tmp_path / "two", "worker"):
            seen = wait_for(jobs, job)
            assert (seen.status, seen.done, seen.failed) == (JobStatus.DONE, 60, 0)
            assert seen.started == half.started
            assert_each_item_once(jobs.result(job.id), 60)


def test_a_worker_stopped_in_order_gives_its_job_back(tmp_path, settings):
    with opened_jobs(settings) as jobs:
        with running_process(settings, tmp_path / "one", "worker", engine=SLOW) as worker:
            job = send(jobs, zip_of(60))
            wait_for(jobs, job, lambda seen: seen.done > 5)
            began = time.monotonic()
            assert stop(worker, signal.SIGINT) == 0
            assert time.monotonic() - began < 5
        assert jobs.get(job.id).status is JobStatus.QUEUED
        with running_process(settings, tmp_path / "two", "worker"):
            assert wait_for(jobs, job).done == 60
            assert_each_item_once(jobs.result(job.id), 60)


def test_a_job_is_cancelled_in_another_process(tmp_path, settings):
    with (
        opened_jobs(settings) as jobs,
        running_process(settings, tmp_path / "log", "worker", engine=SLOW),
    ):
        job = send(jobs, zip_of(500))
        wait_for(jobs, job, lambda seen: seen.done > 2)
        assert jobs.cancel(job.id).status is JobStatus.CANCELLED
        eventually(lambda: not (settings.state_dir / "jobs" / job.id).exists(), seconds=5)
        assert wait_for(jobs, send(jobs, zip_of(2))).done == 2


def test_without_redis_nothing_is_taken_and_what_was_taken_is_not_lost(tmp_path):
    with running_redis() as server:
        settings = job_settings(tmp_path, queue=server.url)
        with opened_jobs(settings) as jobs:
            kept = send(jobs, zip_of(3))
            server.stop()
            stream = io.BytesIO(zip_of(3))
            with pytest.raises(QueueDown, match="nothing of it was kept"):
                jobs.receive(stream, "tin.zip", REQUEST)
            assert stream.tell() == 0, "nothing may be read in vain"
            folders = settings.state_dir / "jobs"
            assert [one.name for one in folders.iterdir()] == [kept.id]
            log = tmp_path / "log"
            with running_process(settings, log, "worker"):
                eventually(lambda: "queue of jobs cannot be reached" in log.read_text())
                server.start()  # empty: it forgot everything
                assert wait_for(jobs, kept).done == 3
                later = send(jobs, zip_of(4))
                assert wait_for(jobs, later).done == 4
            assert "queue of jobs is back" in log.read_text()
            assert "Traceback" not in log.read_text()


def test_a_redis_that_goes_during_an_upload_keeps_nothing(tmp_path):
    with running_redis() as server:
        settings = job_settings(tmp_path, queue=server.url)
        with opened_jobs(settings) as jobs:

            def request():
                server.stop()
                return REQUEST

            with pytest.raises(QueueDown):
                jobs.receive(io.BytesIO(zip_of(3)), "tin.zip", request)
            assert list((settings.state_dir / "jobs").iterdir()) == []
            server.start()
            with running_process(settings, tmp_path / "log", "worker"):
                assert wait_for(jobs, send(jobs, zip_of(2))).done == 2


def test_what_others_write_into_the_queue_is_not_run_and_stops_nothing(tmp_path, settings):
    with opened_jobs(settings) as jobs, redis.Redis.from_url(settings.queue) as client:
        mark = tmp_path / "ran"
        for data in (pickle.dumps(_Evil(str(mark))), b"{}", b"\xff", b'{"args": [1, 2]}'):
            client.lpush("huey.redis.diemtin", data)
        job = send(jobs, zip_of(2))
        with running_process(settings, tmp_path / "log", "worker"):
            assert wait_for(jobs, job).done == 2
        assert not mark.exists()
        assert (tmp_path / "log").read_text().count("held something else") == 4


class _Evil:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (self.path, "w")


def test_a_worker_without_a_queue_says_what_to_set(tmp_path):
    log = tmp_path / "log"
    with running_process(job_settings(tmp_path), log, "worker") as worker:
        assert worker.wait(20) == 1
    assert "Set it, here and for the service" in log.read_text()
    assert "Traceback" not in log.read_text()


def test_a_service_killed_again_and_again_ends_with_every_item_once(tmp_path, register_engine):
    """The service works on its own jobs; this process looks on, and is the last that goes on."""
    register_engine("load_at_once")
    settings = job_settings(tmp_path)
    moments = random.Random(7)
    serve = ("serve", "--port", str(free_port()))
    log = tmp_path / "log"
    with opened_jobs(settings, start=False) as jobs:
        job = send(jobs, zip_of(MANY))
        done = 0
        for _ in range(KILLS):
            with running_process(settings, log, *serve, engine=SLOW) as service:
                before = done
                wait_for(jobs, job, lambda seen: seen.done > before)  # noqa: B023
                time.sleep(moments.uniform(0.0, 0.5))
                kill_service(service)
            seen = jobs.get(job.id)
            assert seen.status is JobStatus.RUNNING, "nobody had the time to write it down"
            done = seen.done
        assert 0 < done < MANY
        with opened_jobs(settings):
            seen = wait_for(jobs, job)
        assert (seen.status, seen.done, seen.failed, seen.total) == (JobStatus.DONE, MANY, 0, MANY)
        assert_each_item_once(jobs.result(job.id), MANY)
    assert log.read_text().count("job taken up again") == KILLS - 1
    assert "job stopped" not in log.read_text()


def test_a_service_stopped_by_a_signal_goes_on_at_the_next_start(tmp_path):
    settings = job_settings(tmp_path)
    serve = ("serve", "--port", str(free_port()))
    with opened_jobs(settings, start=False) as jobs:
        job = send(jobs, zip_of(60))
        with running_process(settings, tmp_path / "log", *serve, engine=SLOW) as service:
            wait_for(jobs, job, lambda seen: seen.done > 3)
            assert stop(service) == 0
        assert jobs.get(job.id).status is JobStatus.QUEUED
        with running_process(settings, tmp_path / "log", *serve):
            assert wait_for(jobs, job).done == 60
        assert_each_item_once(jobs.result(job.id), 60)
    assert "Traceback" not in (tmp_path / "log").read_text()
