"""What becomes of jobs whose process died, and of files that nobody may have any more."""

import os
import subprocess
import sys
import time
from threading import Event

import pytest
from structlog.testing import capture_logs

from service.jobs.folders import JobFolders
from service.jobs.housekeeping import MOST_CRASHES, House
from service.jobs.presence import STALE_S, Presence
from service.jobs.queue import JobQueue
from service.jobs.records import JobRequest, JobStatus, Progress
from service.jobs.store import JobStore
from tests.job_lab import eventually, job_settings
from tests.processes import ROOT

HOLDER = """
import sys
from pathlib import Path
from service.jobs.presence import Presence
presence = Presence(Path(sys.argv[1]))
presence.hold()
print(presence.name, flush=True)
sys.stdin.read()
"""
ID = "abcdefghijklmnopqrstuvwx"


class Lab:
    """Everything that a house looks after; clocks of the store and the house can be turned."""

    def __init__(self, folder):
        settings = job_settings(folder)
        self.root = settings.state_dir
        self.ago_s = 0.0
        self.now = 100.0
        self.store = JobStore("", self.root / "jobs.sqlite3", lambda: time.time() - self.ago_s)
        self.folders = JobFolders(self.root)
        self.queue = JobQueue(settings, lambda job_id: None)
        self.presence = Presence(self.root)
        self.presence.hold()
        self.running = frozenset()
        known = (self.store, self.folders, self.queue, self.presence)
        self.house = House(*known, lambda: self.running, lambda: self.now)

    def add(self, job_id=ID):
        self.folders.make(job_id)
        self.store.add(job_id, "a.zip", "a.zip", JobRequest())
        self.folders.mark_taken(job_id)

    def recover_after(self, silent_s):
        """Look, and look again so much later."""
        self.house.recover()
        self.now += silent_s
        self.house.recover()

    def status(self, job_id=ID):
        return self.store.get(job_id).status

    def close(self):
        self.presence.leave()
        self.queue.close()
        self.store.close()


@pytest.fixture
def lab(tmp_path):
    built = Lab(tmp_path)
    yield built
    built.close()


@pytest.fixture
def other(lab):
    """Another process that is present; its name, and itself."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(lab.root)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    yield process.stdout.readline().decode().strip(), process
    process.kill()
    process.communicate(timeout=30)


def test_a_job_is_taken_from_a_process_once_that_is_killed(lab, other):
    name, process = other
    lab.add()
    lab.store.claim(ID, name)
    lab.recover_after(10 * STALE_S)  # it may be silent as long as it lives
    assert lab.status() is JobStatus.RUNNING
    process.kill()
    process.wait()
    lab.house.recover()
    assert lab.status() is JobStatus.QUEUED
    assert lab.queue.ids() == {ID}


@pytest.mark.parametrize(
    ("silent_s", "status"), [(0, JobStatus.RUNNING), (STALE_S + 1, JobStatus.QUEUED)]
)
def test_a_process_of_another_machine_is_dead_when_it_is_silent(lab, silent_s, status):
    lab.add()
    lab.store.claim(ID, "elsewhere/0123")
    lab.recover_after(silent_s)
    assert lab.status() is status


@pytest.mark.parametrize("ago_s", [3600, -3600])
def test_the_clock_of_another_machine_may_be_wrong(lab, ago_s):
    lab.add()
    lab.ago_s = ago_s
    lab.store.claim(ID, "elsewhere/0123")
    for _ in range(5):
        lab.recover_after(STALE_S / 2)
        assert lab.status() is JobStatus.RUNNING
        lab.ago_s -= 1
        assert lab.store.beat(ID, "elsewhere/0123", None)
    lab.recover_after(STALE_S + 1)
    assert lab.status() is JobStatus.QUEUED


@pytest.mark.parametrize(
    ("running", "silent_s", "status"),
    [
        (True, 2 * STALE_S, JobStatus.RUNNING),
        (False, 0, JobStatus.RUNNING),
        (False, 2 * STALE_S, JobStatus.QUEUED),
    ],
)
def test_a_job_whose_end_could_not_be_written_down_is_taken_up(lab, running, silent_s, status):
    lab.add()
    lab.running = frozenset([ID] if running else [])
    lab.store.claim(ID, lab.presence.name)
    lab.recover_after(silent_s)
    assert lab.status() is status


def crash(lab):
    lab.store.claim(ID, f"{os.uname().nodename}/dead")
    lab.house.recover()


def test_a_job_that_ends_every_process_is_given_up(lab):
    lab.add()
    for _ in range(MOST_CRASHES):
        crash(lab)
        assert lab.status() is JobStatus.QUEUED
    crash(lab)
    assert lab.status() is JobStatus.FAILED
    assert "Send it in parts" in lab.store.get(ID).detail
    assert lab.folders.ids() == []


def test_a_job_that_comes_to_more_items_is_never_given_up(lab):
    lab.add()
    for done in range(2 * MOST_CRASHES):
        lab.store.claim(ID, "me")
        lab.store.beat(ID, "me", Progress(done + 1))
        lab.store.release(ID, "me")
        crash(lab)
    assert lab.status() is JobStatus.QUEUED


def test_the_queue_is_told_of_what_it_lost_and_once_only(lab):
    lab.add()
    for _ in range(3):
        lab.house.recover()
        assert lab.queue.huey.storage.queue_size() == 1
    lab.queue.clear()
    lab.house.recover()
    assert lab.queue.ids() == {ID}


def test_uploads_that_nobody_sends_any_more_are_deleted(lab):
    lab.folders.make(ID)
    lab.folders.upload(ID, "a.zip").write_bytes(b"x")
    lab.house.sweep()
    assert lab.folders.ids() == [ID], "it may still come"
    age(lab)
    lab.house.sweep()
    assert lab.folders.ids() == []


def age(lab):
    """Let the upload be old."""
    long_ago = time.time() - 4000
    for path in (lab.folders.upload(ID, "a.zip"), *lab.folders.root.glob("*")):
        os.utime(path, (long_ago, long_ago))


def test_with_another_database_no_upload_and_no_result_is_deleted(lab):
    lab.add()
    other = "x" * 24
    lab.add(other)
    lab.folders.upload(ID, "a.zip").write_bytes(b"x")
    lab.folders.result(other).write_bytes(b"x")
    lab.folders.delete_all_but_result(other)
    age(lab)
    elsewhere = JobStore("", lab.root / "other.sqlite3")
    known = (elsewhere, lab.folders, lab.queue, lab.presence)
    House(*known, lambda: lab.running).sweep()
    elsewhere.close()
    assert lab.folders.upload(ID, "a.zip").is_file() and lab.folders.result(other).is_file()


def test_trouble_is_logged_when_it_begins_and_when_it_is_over(lab):
    """The house looks every 5 s."""
    lab.add()
    turns, is_over, stop = [], Event(), Event()

    def also():
        turns.append(1)
        if not is_over.is_set():
            raise OSError("path")

    with capture_logs() as logs:
        thread = lab.house.start(stop, also)
        eventually(lambda: len(turns) == 2)
        is_over.set()
        eventually(lambda: len(turns) == 3 and len(logs) > 1)
        stop.set()
        thread.join()
    told = [one["event"] for one in logs]
    assert told == ["jobs not looked after", "jobs looked after again"]
    assert logs[0]["error"] == "OSError"


@pytest.mark.parametrize(
    ("status", "silent_s", "left"),
    [
        (JobStatus.DONE, 0, ["out", "result.zip", "upload"]),
        (JobStatus.DONE, STALE_S + 1, ["result.zip"]),
        (JobStatus.FAILED, STALE_S + 1, None),
        (JobStatus.CANCELLED, STALE_S + 1, None),
        (JobStatus.RUNNING, STALE_S + 1, ["out", "result.zip", "upload"]),
    ],
)
def test_what_a_killed_process_left_is_deleted(lab, status, silent_s, left):
    lab.add()
    lab.folders.output(ID).mkdir()
    lab.folders.result(ID).write_bytes(b"x")
    lab.ago_s = silent_s
    lab.store.claim(ID, lab.presence.name)
    if status is JobStatus.CANCELLED:
        lab.store.cancel(ID, "why")
    elif not status.is_unfinished:
        lab.store.finish(ID, lab.presence.name, status, None, keep_s=10_000)
    lab.house.sweep()
    folder = lab.root / "jobs" / ID
    assert (sorted(one.name for one in folder.iterdir()) if folder.exists() else None) == left


def test_locks_of_the_dead_are_swept_and_those_of_the_living_kept(lab, other):
    _, process = other
    locks = lab.root / "owners"
    assert len(list(locks.iterdir())) == 2
    lab.house.sweep()
    assert len(list(locks.iterdir())) == 2
    process.kill()
    process.wait()
    lab.house.sweep()
    assert len(list(locks.iterdir())) == 1
    lab.presence.leave()
    assert list(locks.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "age_s", "is_left"),
    [
        ("news_desk_1-0123", 0, False),
        ("elsewhere-0123", 0, True),
        ("elsewhere-0123", 2 * 86400, False),
    ],
)
def test_locks_of_the_dead_are_swept_whatever_their_host_is_called(lab, name, age_s, is_left):
    here = Presence(lab.root, "news-desk-1")
    here.hold()
    [own] = (lab.root / "owners").glob("news_desk_1-*.lock")
    lock = lab.root / "owners" / f"{name}.lock"
    lock.touch()
    then = time.time() - age_s
    for path in (own, lock):
        os.utime(path, (then, then))
    here.sweep()
    assert lock.exists() is is_left
    assert own.exists() and time.time() - own.stat().st_mtime < 3600, "others see that it lives"
    here.leave()


def test_a_result_whose_time_is_over_is_deleted_and_told_so(lab):
    for job_id, keep_s in ((ID, -1), (ID[::-1], 60)):
        lab.add(job_id)
        lab.store.claim(job_id, lab.presence.name)
        lab.store.finish(job_id, lab.presence.name, JobStatus.DONE, None, keep_s=keep_s)
    lab.house.expire()
    told = {job_id: lab.store.get(job_id).status for job_id in (ID, ID[::-1])}
    assert told == {ID: JobStatus.EXPIRED, ID[::-1]: JobStatus.DONE}
    assert lab.folders.ids() == [ID[::-1]] and lab.store.due() == []
