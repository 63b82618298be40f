"""Jobs in this process or in others, with the fake engine, and a Redis of the tests' own."""

from __future__ import annotations

import io
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import redis

from service.jobs.jobs import Jobs
from service.jobs.records import Job, JobRequest, JobStatus
from service.runtime import Runtime
from service.settings import Settings
from tests.archive_lab import zip_bytes
from tests.fake_home import fake_settings
from tests.processes import ROOT

PATIENCE_S = 90  # other work may share the machine
NO_REDIS = "DIEMTIN_TEST_NO_REDIS"
NOT_INSTALLED = (
    "no redis-server here: install the Debian package redis-server, or set "
    f"{NO_REDIS}=1 to do without the tests that need it"
)
OVER = {JobStatus.DONE, JobStatus.FAILED, JobStatus.CANCELLED, JobStatus.EXPIRED}
REQUEST = JobRequest(summary=False)
_NAMES = ["không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín"]


def text_of(number: int) -> str:
    """An item like no other."""
    named = " ".join(_NAMES[int(digit)] for digit in str(number))
    return f"Sáng 12-5, xã thứ {named} khai trương phiên chợ với {number} gian hàng."


def zip_of(count: int) -> bytes:
    """An archive of so many items."""
    return zip_bytes((f"tin/{number}.txt", text_of(number).encode()) for number in range(count))


def send(jobs: Jobs, data: bytes, name: str = "tin.zip", request: JobRequest = REQUEST) -> Job:
    return jobs.receive(io.BytesIO(data), name, request, len(data))


def wait_for(
    jobs: Jobs, job: Job, until: Callable[[Job], bool] = lambda seen: seen.status in OVER
) -> Job:
    """Look at a job until it is over, or as it should be."""
    deadline = time.monotonic() + PATIENCE_S
    while not until(seen := jobs.get(job.id)):
        assert time.monotonic() < deadline, seen
        time.sleep(0.02)
    return seen


def eventually(is_so: Callable[[], object], seconds: float = PATIENCE_S) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def read_result(path: Path) -> dict[str, bytes]:
    """The files of a packed result, each checked."""
    with zipfile.ZipFile(path) as packed:
        assert packed.testzip() is None
        return {name: packed.read(name) for name in packed.namelist()}


def records_of(path: Path) -> list[dict[str, Any]]:
    lines = read_result(path)["records.jsonl"].decode().splitlines()
    return [json.loads(line) for line in lines]


def assert_each_item_once(path: Path, count: int, name: str = "tin.zip") -> None:
    """The result has a record of every item, and each translates the right text."""
    records = records_of(path)
    wanted = {f"{name}!/tin/{number}.txt": text_of(number) for number in range(count)}
    assert sorted(one["origin"] for one in records) == sorted(wanted)
    assert all(one["source"].strip() == wanted[one["origin"]] for one in records)


@contextmanager
def opened_jobs(settings: Settings, *, start: bool = True) -> Iterator[Jobs]:
    """Jobs of this process, as the service has them."""
    runtime = Runtime(settings)
    jobs = Jobs(settings, runtime)
    if start:
        jobs.start()
    try:
        yield jobs
    finally:
        jobs.close()
        runtime.close()


def job_settings(folder: Path, **changed: object) -> Settings:
    return fake_settings(folder, **changed)


def environment_of(settings: Settings) -> dict[str, str]:
    """Variables that give a process these settings."""
    given = settings.model_dump(include=settings.model_fields_set)
    return {f"DIEMTIN_{name.upper()}": str(value) for name, value in given.items()}


@contextmanager
def running_process(
    settings: Settings, log: Path, *command: str, engine: str = "tests.fake_engine:load"
) -> Iterator[subprocess.Popen[bytes]]:
    """A `diemtin` command under way, ended at the latest with the block."""
    starter = (
        "from models.registry import register\nfrom service.cli import main\n"
        f'register("fake", "{engine}")\nmain(prog_name="diemtin")'
    )
    with log.open("ab") as err:
        process = subprocess.Popen(
            [sys.executable, "-W", "error::ResourceWarning", "-c", starter, *command],
            cwd=ROOT,
            env=os.environ | environment_of(settings),
            stdout=err,
            stderr=err,
        )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(PATIENCE_S)


def stop(process: subprocess.Popen[bytes], number: int = signal.SIGTERM) -> int:
    process.send_signal(number)
    return process.wait(PATIENCE_S)


def kill_service(process: subprocess.Popen[bytes]) -> None:
    """Kill a service and its worker process, as where the power goes."""
    lists = Path(f"/proc/{process.pid}/task").glob("*/children")
    pids = [int(one) for each in lists for one in each.read_text().split()]
    assert pids, "the service has no worker process"
    for pid in (process.pid, *pids):  # the first would start others anew
        os.kill(pid, signal.SIGKILL)
    process.wait(PATIENCE_S)


class RedisServer:
    """A real Redis on a socket in a folder of its own, started and stopped at will."""

    def __init__(self, program: str, folder: Path) -> None:
        self._program, self._folder = program, folder
        self._process: subprocess.Popen[bytes] | None = None
        self.url = f"unix://{folder}/redis.sock"

    @property
    def client(self) -> redis.Redis:
        return redis.Redis.from_url(self.url)

    def start(self) -> None:
        own = ("--port", "0", "--unixsocket", "redis.sock", "--save", "", "--appendonly", "no")
        self._process = subprocess.Popen(
            [self._program, *own],
            cwd=self._folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
        eventually(self._answers)

    def stop(self, number: int = signal.SIGKILL) -> None:
        if self._process:
            self._process.send_signal(number)
            self._process.wait(PATIENCE_S)
            self._process = None

    def _answers(self) -> bool:
        try:
            with self.client as client:
                return bool(client.ping())
        except redis.ConnectionError:
            return False


@contextmanager
def running_redis() -> Iterator[RedisServer]:
    """A Redis; without its program the test fails, unless it was said to do without."""
    program = shutil.which("redis-server")
    if program is None and os.environ.get(NO_REDIS) == "1":
        pytest.skip(f"{NO_REDIS} is set")
    assert program, NOT_INSTALLED
    folder = Path(tempfile.mkdtemp(prefix="redis-"))  # a socket's path must be short
    server = RedisServer(program, folder)
    try:
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)
