"""Archives for the service's jobs, and how they are sent, well or badly, and looked at."""

from __future__ import annotations

import io
import json
import re
import socket
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Thread
from typing import Any

import httpx2

from tests.archive_lab import zip_bytes
from tests.fake_home import fake_environment
from tests.serving_lab import Served, served

AT_ONCE = "tests.engines:load_at_once"
PATIENCE_S = 60
DRIP_S = 0.2
DRIPPING_S = 15.0
MIB = 1 << 20
OVER = {"done", "failed", "cancelled", "expired"}
NAMES = ["không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín"]


def text_of(number: int) -> str:
    """An item like no other, in Vietnamese."""
    words = " ".join(NAMES[int(digit)] for digit in str(number))
    return f"Sáng 12-5, xã thứ {words} khai trương phiên chợ nông sản với {number} gian hàng."


def zip_of(count: int) -> bytes:
    """An archive of so many items."""
    return zip_bytes((f"tin/{number}.txt", text_of(number).encode()) for number in range(count))


def stored(size: int) -> Iterator[bytes]:
    """Bytes that begin as a ZIP does, in pieces of a MiB."""
    yield b"PK\x03\x04" + bytes(MIB - 4)
    for _ in range(size // MIB - 1):
        yield bytes(MIB)


class JobClient:
    """What a user of the jobs does, at a service under way."""

    def __init__(self, service: Served) -> None:
        self.service = service
        self.http = httpx2.Client(base_url=service.url, timeout=PATIENCE_S)

    def __enter__(self) -> JobClient:
        return self

    def __exit__(self, *error: object) -> None:
        self.http.close()

    def send(self, data: bytes, name: str = "tin.zip", **fields: str) -> dict[str, Any]:
        """Send an archive as a form; return the job."""
        files = {"file": (name, data)}
        return self.taken(self.http.post("/v1/archives", data=fields, files=files))

    def taken(self, answer: httpx2.Response) -> dict[str, Any]:
        assert answer.status_code == 202, answer.text
        job = answer.json()
        assert answer.headers["Location"] == f"/v1/jobs/{job['id']}"
        return job

    def get(self, job: dict[str, Any], what: str = "", **headers: str) -> httpx2.Response:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.http.get(f"/v1/jobs/{job['id']}{what}", headers=sent)

    def delete(self, job: dict[str, Any]) -> httpx2.Response:
        return self.http.delete(f"/v1/jobs/{job['id']}")

    def wait(self, job: dict[str, Any], *, until: Any = None) -> dict[str, Any]:
        """Look at a job until it is over, or as it should be."""
        is_there = until or (lambda seen: seen["status"] in OVER)
        deadline = time.monotonic() + PATIENCE_S
        while not is_there(seen := self.get(job).json()):
            assert time.monotonic() < deadline, (seen, self.service.err)
            time.sleep(0.05)
        return seen

    def result(self, job: dict[str, Any]) -> zipfile.ZipFile:
        answer = self.get(job, "/result")
        assert answer.status_code == 200, answer.text
        return zipfile.ZipFile(io.BytesIO(answer.content))

    def records(self, job: dict[str, Any]) -> list[dict[str, Any]]:
        [name] = [one for one in self.result(job).namelist() if one.startswith("records")]
        return [json.loads(line) for line in self.result(job).read(name).splitlines()]

    def events(self, job: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
        """All events of a job until the stream ends."""
        with self.http.stream("GET", f"/v1/jobs/{job['id']}/events") as answer:
            assert answer.status_code == 200
            assert answer.headers["Content-Type"].startswith("text/event-stream")
            return list(read_events(answer.iter_lines()))


def read_events(lines: Iterator[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    event = ""
    for line in lines:
        if line.startswith("event: "):
            event = line.removeprefix("event: ")
        elif line.startswith("data: "):
            yield event, json.loads(line.removeprefix("data: "))


def job_files(folder: Path) -> list[Path]:
    """What lies in the folders of the jobs."""
    return [one for one in (folder / "state" / "jobs").rglob("*") if one.is_file()]


@contextmanager
def quick_service(home: Path) -> Iterator[JobClient]:
    """A service whose engine answers at once."""
    started = served(home, fake_environment(home), loader=AT_ONCE)
    with started as service, JobClient(service) as jobs:
        yield jobs


def upload_head(kind: str, *lines: str, path: str = "/v1/archives") -> bytes:
    """The head of a request that sends something."""
    lines = (f"POST {path} HTTP/1.1", "Host: localhost", f"Content-Type: {kind}", *lines)
    return "\r\n".join((*lines, "", "")).encode()


def connect(url: str) -> socket.socket:
    """A bare connection to a service."""
    host, port = re.fullmatch(r"http://(.+):(\d+)", url).groups()  # type: ignore[union-attr]
    return socket.create_connection((host, int(port)), timeout=PATIENCE_S)


@contextmanager
def dripping(connection: socket.socket, head: bytes) -> Iterator[Thread]:
    """Send byte after byte, each after a while, for some time and within the block."""
    left = Event()

    def drip() -> None:
        end = time.monotonic() + DRIPPING_S
        with suppress(OSError):
            while not left.wait(DRIP_S) and time.monotonic() < end:
                connection.sendall(b"0")
            connection.shutdown(socket.SHUT_WR)

    connection.sendall(head)
    thread = Thread(target=drip)
    thread.start()
    try:
        yield thread
    finally:
        left.set()
        thread.join()
