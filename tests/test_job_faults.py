"""What jobs outlive: files that are away for a while, lost claims, a queue or database down."""

import io
import sqlite3
from contextlib import closing, contextmanager

import pytest
from structlog.testing import capture_logs

from service.jobs.faults import QueueDown, StateUnusable
from service.jobs.folders import JobFolders, pack_output
from service.jobs.records import JobStatus
from service.jobs.running import JobRunner
from service.jobs.store import JobStore
from service.runtime import Runtime
from tests.job_lab import (
    REQUEST,
    assert_each_item_once,
    eventually,
    job_settings,
    opened_jobs,
    read_result,
    send,
    wait_for,
    zip_of,
)


@pytest.fixture
def settings(tmp_path):
    return job_settings(tmp_path)


@pytest.fixture
def jobs(settings, register_engine):
    """Jobs that nobody works on."""
    register_engine("load_at_once")
    with opened_jobs(settings, start=False) as opened:
        yield opened


def test_a_result_that_cannot_be_seen_for_a_while_is_not_given_up(jobs, settings, tmp_path):
    job = send(jobs, zip_of(1))
    with opened_runner(settings) as runner:
        runner.run(job.id)
    result = jobs.result(job.id)
    away = tmp_path / "away"
    result.parent.rename(away)
    with pytest.raises(StateUnusable, match="Try again in a minute"):
        jobs.result(job.id)
    assert jobs.get(job.id).status is JobStatus.DONE
    away.rename(result.parent)
    assert jobs.result(job.id) == result


@contextmanager
def opened_runner(settings):
    """What works on jobs, without the queue that tells it of them."""
    runtime, store = Runtime(settings), JobStore("", settings.state_dir / "jobs.sqlite3")
    yield JobRunner(runtime, store, JobFolders(settings.state_dir), "here/me", 60)
    store.close()
    runtime.close()


def events_of(logs, level="error"):
    return [one["event"] for one in logs if one["log_level"] == level]


def test_a_job_whose_upload_cannot_be_seen_for_a_while_waits(jobs, settings, tmp_path):
    with opened_runner(settings) as runner:
        job = send(jobs, zip_of(2))
        folders, away = settings.state_dir / "jobs", tmp_path / "away"
        folders.rename(away)
        with capture_logs() as logs:
            for _ in range(2):
                runner.run(job.id)
        [told] = events_of(logs)
        assert "upload of a job not visible" in told
        assert jobs.get(job.id).status is JobStatus.QUEUED
        assert not folders.exists(), "nothing is begun where a share should be"
        away.rename(folders)
        runner.run(job.id)
        assert jobs.get(job.id).status is JobStatus.DONE
        assert_each_item_once(jobs.result(job.id), 2)


def test_a_job_whose_files_go_away_under_it_waits(settings, tmp_path, register_engine):
    register_engine("load_one_by_one")
    folders, away = settings.state_dir / "jobs", tmp_path / "away"
    with opened_jobs(settings) as jobs:
        job = send(jobs, zip_of(40))
        wait_for(jobs, job, lambda seen: seen.done > 2)
        folders.rename(away)
        wait_for(jobs, job, lambda seen: seen.status is not JobStatus.RUNNING)
        assert jobs.get(job.id).status is JobStatus.QUEUED
        if folders.exists():
            folders.rename(tmp_path / "begun")
        away.rename(folders)
        assert wait_for(jobs, job).status is JobStatus.DONE
        assert_each_item_once(jobs.result(job.id), 40)


def test_a_job_that_the_database_lacks_is_told_of_once(settings):
    with opened_runner(settings) as runner, capture_logs() as logs:
        for _ in range(2):
            runner.run("x" * 24)
    [told] = events_of(logs)
    assert "DIEMTIN_STATE_DIR or DIEMTIN_DATABASE differs" in told


def test_who_lost_a_job_leaves_what_another_made_of_it(settings, register_engine):
    """As a process that slept while the house took its job away."""
    register_engine("load_one_by_one")
    store = JobStore("", settings.state_dir / "jobs.sqlite3")
    with capture_logs() as logs, opened_jobs(settings) as jobs:
        job = send(jobs, zip_of(500))
        wait_for(jobs, job, lambda seen: seen.done > 2)
        [held] = store.held()
        (settings.state_dir / "jobs" / job.id / "result.zip").write_bytes(b"theirs")
        assert store.release(job.id, held.owner) and store.claim(job.id, "other/x")
        assert store.finish(job.id, "other/x", JobStatus.DONE, None, keep_s=1000)
        eventually(lambda: "job given up" in events_of(logs, "info"))
        assert jobs.result(job.id).read_bytes() == b"theirs"
    store.close()


def test_two_who_pack_one_result_do_not_meet(tmp_path):
    folders = JobFolders(tmp_path)
    job_id = "x" * 24
    folder = folders.make(job_id)
    (folder / "out").mkdir()
    (folder / "out" / "records.jsonl").write_bytes(b"line\n")

    def other_packs():
        pack_output(folder / "out", theirs, lambda: False)
        folders.publish(job_id, theirs)
        return False

    own, theirs = (folders.packed(job_id, f"host/{owner}") for owner in ("one", "two"))
    pack_output(folder / "out", own, other_packs)
    for _ in range(2):
        assert read_result(folders.result(job_id)) == {"records.jsonl": b"line\n"}
        if own.exists():
            folders.publish(job_id, own)
    assert sorted(one.name for one in folder.iterdir() if ".zip" in one.name) == ["result.zip"]


def test_jobs_start_after_all_where_the_start_failed(jobs, settings):
    waiting = send(jobs, zip_of(1))
    jobs.close()
    for path in settings.state_dir.glob("queue.sqlite3*"):
        path.unlink()
    queue = settings.state_dir / "queue.sqlite3"
    queue.mkdir()  # as bad as one that is locked
    with capture_logs() as logs, opened_jobs(settings) as again:
        eventually(lambda: "jobs wait for another try" in events_of(logs))
        queue.rmdir()
        assert wait_for(again, waiting).status is JobStatus.DONE
        assert wait_for(again, send(again, zip_of(1))).status is JobStatus.DONE


def test_a_queue_that_cannot_be_opened_tells_the_sender_no_path(jobs, settings):
    (settings.state_dir / "queue.sqlite3").mkdir(parents=True)
    with capture_logs() as logs:
        for _ in range(2):
            with pytest.raises(QueueDown, match="nothing of it was kept") as caught:
                send(jobs, zip_of(1))
            assert str(settings.state_dir) not in str(caught.value)
    assert [one["file"] for one in logs] == [str(settings.state_dir / "queue.sqlite3")]
    assert not (settings.state_dir / "jobs").exists()


@pytest.mark.parametrize("forbid", [False, True])
def test_a_job_that_cannot_be_told_of_is_taken_back_or_stays_as_one(jobs, settings, forbid):
    """While the queue is down; with `forbid` the database deletes nothing either."""
    send(jobs, zip_of(1))
    before = jobs_left(settings)

    def request():
        run_sql(settings, "queue", "DROP TABLE task")
        if forbid:
            keep = "BEGIN SELECT RAISE(FAIL, 'no'); END"
            run_sql(settings, "jobs", f"CREATE TRIGGER t BEFORE DELETE ON diemtin_jobs_v1 {keep}")
        return REQUEST

    def receive():
        return jobs.receive(io.BytesIO(zip_of(1)), "a.zip", request)

    if forbid:
        assert jobs.get(receive().id).status is JobStatus.QUEUED
        assert len(jobs_left(settings)) == len(before) + 1
    else:
        with pytest.raises(QueueDown, match="nothing of it was kept"):
            receive()
        assert jobs_left(settings) == before


def run_sql(settings, name, statement):
    with closing(sqlite3.connect(settings.state_dir / f"{name}.sqlite3")) as base:
        base.execute(statement)
        base.commit()


def jobs_left(settings):
    return sorted((settings.state_dir / "jobs").iterdir())
