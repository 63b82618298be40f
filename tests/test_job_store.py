"""The table of jobs, in SQLite and in PostgreSQL: one owner a job, whoever asks at once."""

import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from structlog.testing import capture_logs

from models.errors import BadConfig
from service.jobs.faults import StateUnusable, UnknownJob
from service.jobs.records import JobRequest, JobStatus, Progress
from service.jobs.store import JobStore
from tests.postgres_lab import NOT_INSTALLED, find_programs, running_postgres
from tests.processes import ROOT

REQUEST = JobRequest(text_field="noi_dung", max_words=33, summary=False)


class Clock:
    def __init__(self):
        self.now = 1_800_000_000.0

    def __call__(self):
        return self.now


@pytest.fixture(scope="module")
def postgres():
    programs = find_programs()
    if programs is None:
        pytest.skip(NOT_INSTALLED)
    with running_postgres(programs) as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request, tmp_path):
    return request.getfixturevalue("postgres").new_database() if "p" in request.param[0] else ""


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def store(database, tmp_path, clock):
    opened = JobStore(database, tmp_path / "jobs.sqlite3", clock)
    yield opened
    opened.close()


def add(store, job_id="a"):
    return store.add(job_id, "tin tức.zip", "tin_tuc.zip", REQUEST)


def test_a_job_is_kept_as_it_was_given(store, clock):
    job = add(store)
    assert job == store.get("a")
    assert (job.status, job.name, job.file) == (JobStatus.QUEUED, "tin tức.zip", "tin_tuc.zip")
    assert job.request == REQUEST and job.created.timestamp() == clock.now
    assert (job.total, job.seconds_left, job.started, job.expires) == (None,) * 4
    with pytest.raises(UnknownJob):
        store.get("b")


def test_a_job_goes_from_waiting_to_its_end(store, clock):
    add(store)
    assert store.claim("a", "me").status is JobStatus.RUNNING
    clock.now += 5
    assert store.beat("a", "me", Progress(3, 1, 9, 0.5, 10.0))
    seen = store.get("a")
    assert (seen.done, seen.failed, seen.total, seen.seconds_left) == (3, 1, 9, 10.0)
    assert store.beat("a", "me", None) and store.get("a").done == 3
    progress = Progress(8, 1, 9, 0.5, 0.0)
    assert store.finish("a", "me", JobStatus.DONE, None, progress, keep_s=60, result_bytes=7)
    seen = store.get("a")
    assert (seen.status, seen.done, seen.result_bytes) == (JobStatus.DONE, 8, 7)
    assert seen.seconds_left is None and (seen.expires - seen.finished).total_seconds() == 60
    assert store.due() == []
    clock.now += 60
    assert store.due() == ["a"]
    assert store.expire("a", "gone") and not store.expire("a", "gone")
    assert store.get("a").detail == "gone"


def test_only_the_owner_changes_a_job(store):
    add(store)
    store.claim("a", "me")
    assert store.claim("a", "you") is None
    assert not store.beat("a", "you", Progress(1))
    assert not store.release("a", "you")
    assert not store.finish("a", "you", JobStatus.DONE, None)
    assert store.release("a", "me") and not store.beat("a", "me", None)
    assert store.claim("a", "you") is not None


def test_what_was_cancelled_is_nobody_s(store):
    add(store)
    store.claim("a", "me")
    assert store.cancel("a", "why") and not store.cancel("a", "again")
    assert not store.beat("a", "me", Progress(1))
    assert not store.finish("a", "me", JobStatus.DONE, None)
    assert (store.get("a").status, store.get("a").detail) == (JobStatus.CANCELLED, "why")
    assert store.claim("a", "you") is None and store.held() == []


def test_crashes_count_until_an_item_is_done(store):
    add(store)
    for crashes in range(3):
        store.claim("a", f"{crashes}")
        [held] = store.held()
        assert (held.owner, held.crashes) == (f"{crashes}", crashes)
        store.release("a", f"{crashes}", crashed=True)
    store.claim("a", "me")
    store.beat("a", "me", None)
    assert store.held()[0].crashes == 3
    store.beat("a", "me", Progress(1))
    assert store.held()[0].crashes == 0


def test_the_oldest_waits_first(store, clock):
    for name in ("c", "a", "b"):
        add(store, name)
        clock.now += 1
    assert store.waiting() == ["c", "a", "b"]
    store.claim("c", "me")
    assert store.waiting() == ["a", "b"]
    assert store.drop("a") and not store.drop("c")
    assert store.waiting() == ["b"]


def test_what_is_long_over_is_forgotten(store, clock):
    for name in ("done", "failed", "waiting", "running"):
        add(store, name)
    for name in ("done", "failed", "running"):
        store.claim(name, "me")
    store.finish("done", "me", JobStatus.DONE, None, keep_s=10)
    store.finish("failed", "me", JobStatus.FAILED, "why")
    clock.now += 1000
    store.forget(999)
    assert store.get("done")
    with pytest.raises(UnknownJob):
        store.get("failed")
    store.expire("done", "gone")
    store.forget(999)
    assert store.get("done"), "counted from its expiry"
    clock.now += 10
    store.forget(999)
    with pytest.raises(UnknownJob):
        store.get("done")
    assert store.get("waiting") and store.get("running")


def test_of_many_that_claim_at_once_one_gets_each_job(store, database, tmp_path):
    """Threads of this process, and another process, on one database."""
    names = [f"{number}" for number in range(30)]
    for name in names:
        add(store, name)
    code = (
        "import sys; from pathlib import Path; from service.jobs.store import JobStore\n"
        "store = JobStore(sys.argv[1], Path(sys.argv[2]))\n"
        f"print(sum(store.claim(str(n), 'other') is not None for n in range({len(names)})))\n"
        "store.close()"
    )
    command = [sys.executable, "-c", code, database, str(tmp_path / "jobs.sqlite3")]
    other = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)
    with ThreadPoolExecutor(8) as pool:
        asked = [(name, f"{n}") for n in range(8) for name in reversed(names)]
        claimed = list(pool.map(lambda one: store.claim(*one), asked))
    theirs, _ = other.communicate(timeout=60)
    assert sum(one is not None for one in claimed) + int(theirs) == len(names)
    assert len(store.held()) == len(names)


def test_the_file_is_its_owner_s_alone(tmp_path, clock):
    path = tmp_path / "new" / "jobs.sqlite3"
    store = JobStore("", path, clock)
    assert not path.exists()
    add(store)
    store.close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_database_that_cannot_be_used_says_so(tmp_path, clock):
    (tmp_path / "jobs.sqlite3").write_bytes(b"no database" * 1000)
    store = JobStore("", tmp_path / "jobs.sqlite3", clock)
    with capture_logs() as logs:
        for _ in range(2):
            with pytest.raises(StateUnusable, match=r"cannot be used \(DatabaseError\)") as caught:
                add(store)
            assert str(tmp_path) not in str(caught.value), "it may go to whoever sent an archive"
    assert [str(tmp_path) in one["database"] for one in logs] == [True], "told once"
    store.close()


def test_a_server_that_is_not_there_is_told_without_its_password(tmp_path, clock):
    store = JobStore(f"postgresql://me:secret@/x?host={tmp_path}", tmp_path / "x", clock)
    with pytest.raises(StateUnusable) as caught:
        store.get("a")
    assert "OperationalError" in str(caught.value) and "secret" not in str(caught.value)
    store.close()


@pytest.mark.parametrize("url", ["postgresql://h:port/x", "sqlite:///:memory:", "mysql"])
def test_a_malformed_url_is_refused(tmp_path, url):
    with pytest.raises(BadConfig, match="DIEMTIN_DATABASE"):
        JobStore(url, tmp_path / "x")
