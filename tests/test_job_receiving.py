"""Archives as they come: names, sizes, formats, and what is left of those that are refused."""

import io
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from models.errors import BadConfig
from service.jobs.faults import (
    DiskFull,
    EmptyUpload,
    JobsFull,
    StateUnusable,
    UploadCutOff,
    UploadTooLarge,
    WrongUploadType,
)
from service.jobs.folders import safe_name
from service.jobs.jobs import Jobs
from service.jobs.records import JobStatus
from service.jobs.uploads import check_name
from service.runtime import Runtime
from tests.archive_lab import gz
from tests.job_lab import (
    REQUEST,
    environment_of,
    job_settings,
    opened_jobs,
    running_process,
    send,
    zip_of,
)
from tests.processes import ROOT

MIB = 1 << 20


@pytest.fixture
def settings(tmp_path):
    return job_settings(tmp_path, max_archive_mib=2, max_jobs=3)


@pytest.fixture
def jobs(settings):
    with opened_jobs(settings, start=False) as opened:
        yield opened


def left(settings):
    folder = settings.state_dir / "jobs"
    return list(folder.iterdir()) if folder.exists() else []


class Endless:
    """A stream without an end, which counts what was read of it."""

    def __init__(self, start=b"PK\x03\x04"):
        self.start, self.given = start, 0

    def read(self, size, /):
        piece = (self.start + bytes(size))[:size] if not self.given else bytes(size)
        self.given += size
        return piece


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("news.zip", "news.zip"),
        ("../../etc/passwd.zip", "passwd.zip"),
        ("C:\\tin\\a.parquet", "a.parquet"),
        ("tin tức.JSONL.GZ", "tin_tuc.jsonl.gz"),
        ("đ.zip", "upload.zip"),
        (".zip", "upload.zip"),
        ("a\0b\n.csv", "ab.csv"),
        ("x" * 300 + ".tar.zst", "x" * 80 + ".tar.zst"),
        ("a.txt.html", "a.txt.html"),
        ("news.zip.exe", "news.zip.exe"),
        ("-rf.zip", "-rf.zip"),
        ("..", "upload"),
        ("", "upload"),
    ],
)
def test_names_become_safe_and_keep_what_tells_their_format(name, safe):
    assert safe_name(name) == safe


def test_a_name_of_nothing_but_ends_stays_short():
    assert len(safe_name("a" + ".gz" * 100)) < 120


@pytest.mark.parametrize(
    ("name", "data", "match"),
    [
        ("news.pdf", b"%PDF-", "of no format that is read"),
        ("news", b"text", "of no format that is read"),
        ("news.gz", gz(b"text"), "what the compressed file holds"),
        ("news.zip", b"plain text", "Its name says ZIP, its content does not"),
        ("news.txt", zip_of(1), "but it is a ZIP file"),
    ],
)
def test_what_cannot_be_read_is_refused(jobs, settings, name, data, match):
    with pytest.raises(WrongUploadType, match=match):
        send(jobs, data, name)
    assert left(settings) == []


@pytest.mark.parametrize("name", ["a.warc.gz", "a.parquet", "a.tar.zst", "a.tsv.gz", "a.html"])
def test_every_format_is_taken(name):
    check_name(name)


def test_too_much_is_refused_by_what_is_announced(jobs, settings):
    stream = Endless()
    with pytest.raises(UploadTooLarge, match="2 MiB"):
        jobs.receive(stream, "a.zip", REQUEST, 2 * MIB + 1)
    assert (stream.given, left(settings)) == (0, [])


def test_too_much_is_refused_while_it_comes(jobs, settings):
    stream = Endless()
    with pytest.raises(UploadTooLarge):
        jobs.receive(stream, "a.zip", REQUEST)
    assert stream.given <= 4 * MIB
    assert left(settings) == []


def test_exactly_as_much_as_may_be_is_taken(jobs):
    data = zip_of(1)
    job = send(jobs, data + bytes(2 * MIB - len(data)))
    assert job.status is JobStatus.QUEUED


@pytest.mark.parametrize(
    ("data", "length", "error"),
    [(b"", None, EmptyUpload), (b"", 0, EmptyUpload), (zip_of(1), 10_000, UploadCutOff)],
)
def test_what_did_not_come_whole_is_refused(jobs, settings, data, length, error):
    with pytest.raises(error):
        jobs.receive(io.BytesIO(data), "a.zip", REQUEST, length)
    assert left(settings) == []


def test_an_error_of_the_sender_goes_on_and_leaves_nothing(jobs, settings):
    class Broken(Endless):
        def read(self, size, /):
            if self.given > MIB:
                raise ConnectionResetError
            return super().read(size)

    def request():
        raise KeyError("field")

    with pytest.raises(ConnectionResetError):
        jobs.receive(Broken(), "a.zip", REQUEST)
    with pytest.raises(KeyError):
        jobs.receive(io.BytesIO(zip_of(1)), "a.zip", request)
    assert left(settings) == []
    assert send(jobs, zip_of(1)).status is JobStatus.QUEUED


def test_no_more_wait_than_may(jobs, settings):
    """Those that still come count too."""
    has_begun, go_on = Event(), Event()

    class Slow(io.BytesIO):
        def read(self, size, /):
            has_begun.set()
            assert go_on.wait(30)
            return super().read(size)

    first = send(jobs, zip_of(1))
    with ThreadPoolExecutor() as pool:
        coming = pool.submit(jobs.receive, Slow(zip_of(1)), "a.zip", REQUEST)
        assert has_begun.wait(30)
        send(jobs, zip_of(1))
        stream = io.BytesIO(zip_of(1))
        with pytest.raises(JobsFull, match="3 jobs wait already"):
            jobs.receive(stream, "a.zip", REQUEST)
        assert stream.tell() == 0
        go_on.set()
        assert coming.result(30).status is JobStatus.QUEUED
    with pytest.raises(JobsFull):
        send(jobs, zip_of(1))
    jobs.cancel(first.id)
    send(jobs, zip_of(1))


def test_a_full_disk_is_told_and_leaves_nothing(tmp_path):
    """In a process of its own, whose files may have 1 MiB: the kernel answers EFBIG."""
    settings = job_settings(tmp_path)
    code = (
        "import resource, signal, sys; from tests.job_lab import *; import io\n"
        "from service.jobs.faults import DiskFull\n"
        "from service.settings import load_settings\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "with opened_jobs(load_settings(), start=False) as jobs:\n"
        "    send(jobs, zip_of(1))\n"
        "    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))\n"
        "    try: send(jobs, b'PK\\x03\\x04' + bytes(3 << 20))\n"
        "    except DiskFull as error: print('told', error, flush=True)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=os.environ | environment_of(settings),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert "told The service's disk has no room" in done.stdout, done.stderr
    assert len(left(settings)) == 1


def test_more_than_the_disk_has_room_for_is_refused_at_once(tmp_path):
    with opened_jobs(job_settings(tmp_path, max_archive_mib=1 << 40), start=False) as jobs:
        stream = Endless()
        with pytest.raises(DiskFull):
            jobs.receive(stream, "a.zip", REQUEST, 1 << 59)
        assert stream.given == 0


def test_a_state_folder_that_is_none_is_told(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    settings = job_settings(tmp_path, state_dir=tmp_path / "file" / "state")
    with opened_jobs(settings, start=False) as jobs, pytest.raises(StateUnusable):
        send(jobs, zip_of(1))


def test_a_queue_that_is_no_address_stops_the_start(tmp_path):
    settings = job_settings(tmp_path, queue="redis://host:port/0")
    runtime = Runtime(settings)
    with pytest.raises(BadConfig, match="DIEMTIN_QUEUE"):
        Jobs(settings, runtime)
    runtime.close()


def test_a_malformed_queue_names_its_variable(tmp_path):
    log = tmp_path / "log"
    settings = job_settings(tmp_path).model_copy(update={"queue": "amqp://x"})
    settings.__pydantic_fields_set__.add("queue")
    with running_process(settings, log, "worker") as worker:
        assert worker.wait(30) == 1
    assert "DIEMTIN_QUEUE" in log.read_text() and "Traceback" not in log.read_text()


@pytest.mark.parametrize("folder", ["a::b", "s3://bucket/state"])
def test_a_state_folder_that_archives_cannot_be_read_from_stops_the_start(tmp_path, folder):
    settings = job_settings(tmp_path, state_dir=tmp_path / folder)
    runtime = Runtime(settings)
    with pytest.raises(BadConfig, match="DIEMTIN_STATE_DIR"):
        Jobs(settings, runtime)
    runtime.close()
