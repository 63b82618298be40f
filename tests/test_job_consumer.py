"""The threads that take jobs from the queue."""

import threading
from contextlib import closing, contextmanager

import pytest

from service.jobs.consumer import JobConsumer
from service.jobs.queue import JobQueue
from tests.job_lab import eventually, job_settings


@pytest.fixture
def open_queue(tmp_path):
    @contextmanager
    def open_with(run):
        with closing(JobQueue(job_settings(tmp_path), run)) as queue:
            yield queue

    return open_with


@contextmanager
def stopped_after(consumer):
    try:
        yield
    finally:
        consumer.begin_stop()
        assert consumer.wait(5)


def workers():
    return [one for one in threading.enumerate() if one.name.startswith("Worker-")]


def test_a_check_at_any_time_makes_no_thread_too_many(open_queue):
    taken = []
    with open_queue(taken.append) as queue:
        consumer = JobConsumer(queue, 2)
        consumer.check()
        assert workers() == []
        with stopped_after(consumer):
            consumer.start()
            consumer.check()
            assert len(workers()) == 2
            queue.put("a")
            eventually(lambda: taken == ["a"])
        consumer.check()
        assert workers() == []


def test_a_thread_that_died_is_replaced(open_queue, caplog):
    taken = []

    def run(job_id):
        taken.append(job_id)
        if job_id == "deadly":
            raise SystemExit

    with open_queue(run) as queue:
        consumer = JobConsumer(queue, 1)
        with stopped_after(consumer):
            consumer.start()
            queue.put("deadly")
            eventually(lambda: workers() == [])
            consumer.check()
            queue.put("b")
            eventually(lambda: taken == ["deadly", "b"])
    assert "died, restarting" in caplog.text
