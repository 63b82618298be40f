"""Uploads as they come over HTTP: large, too large, cut off, and too slow for their places."""

from __future__ import annotations

import re
import socket
import time
from contextlib import ExitStack
from itertools import chain
from pathlib import Path

import pytest

from service.job_api import MOST_UPLOADS
from tests.fake_home import fake_environment
from tests.job_api_lab import (
    AT_ONCE,
    MIB,
    PATIENCE_S,
    JobClient,
    connect,
    job_files,
    quick_service,
    stored,
    upload_head,
    zip_of,
)
from tests.serving_lab import served

BIG = 300 * MIB


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("jobs")


@pytest.fixture(scope="module")
def at_once(home):
    with quick_service(home) as jobs:
        yield jobs


@pytest.fixture
def env(tmp_path):
    return fake_environment(tmp_path)


@pytest.mark.parametrize("as_form", [True, False], ids=["form", "body"])
def test_memory_stays_flat_while_a_large_archive_comes(at_once, home, as_form):
    before = peak_memory(at_once.service.process.pid)
    answer = at_once.http.post("/v1/archives", **large_upload(as_form))
    job = at_once.taken(answer)
    grown = peak_memory(at_once.service.process.pid) - before
    assert at_once.delete(job).status_code == 200
    assert grown < 40 * MIB, f"{grown / MIB:.0f} MiB for an upload of {BIG // MIB}"
    assert not any(job["id"] in str(one) for one in job_files(home))


def large_upload(as_form):
    head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.zip"\r\n\r\n'
    if as_form:
        body = chain([head], stored(BIG), [b"\r\n--b--\r\n"])
        return {"content": body, "headers": {"Content-Type": "multipart/form-data; boundary=b"}}
    return {"content": stored(BIG), "headers": {"Content-Type": "application/zip"}}


def peak_memory(pid):
    """Of the service's processes together."""
    lists = Path(f"/proc/{pid}/task").glob("*/children")
    pids = [pid, *(int(one) for each in lists for one in each.read_text().split())]
    told = [Path(f"/proc/{one}/status").read_text() for one in pids]
    return sum(int(re.search(r"VmHWM:\s+(\d+) kB", one)[1]) * 1024 for one in told)


def test_what_is_too_large_is_refused_before_and_while_it_comes(tmp_path, env):
    small = env | {"DIEMTIN_MAX_ARCHIVE_MIB": "1"}
    with served(tmp_path, small, loader=AT_ONCE) as service, JobClient(service) as jobs:
        for kind in ("application/zip", "multipart/form-data; boundary=b"):
            told = ask_with_head_alone(service.url, kind, 5 << 30)
            assert told.startswith(b"HTTP/1.1 413 ") and b"DIEMTIN_MAX_ARCHIVE_MIB" in told
        for size in (2 * MIB, 6 * MIB, 64 * MIB):
            for answer in send_both_ways(jobs, size):
                assert (answer.status_code, answer.json()["status"]) == (413, 413)
        assert job_files(tmp_path) == []
        for answer in send_both_ways(jobs, MIB):
            jobs.taken(answer)


def send_both_ways(jobs, size):
    headers = {"Content-Type": "application/zip"}
    yield jobs.http.post("/v1/archives", content=stored(size), headers=headers)
    files = {"file": ("a.zip", b"".join(stored(size)))}
    yield jobs.http.post("/v1/archives", files=files)


def ask_with_head_alone(url, kind, length):
    host, port = re.fullmatch(r"http://(.+):(\d+)", url).groups()
    head = f"POST /v1/archives HTTP/1.1\r\nHost: {host}\r\nContent-Length: {length}\r\n"
    with socket.create_connection((host, int(port)), timeout=10) as client:
        client.sendall(head.encode() + f"Content-Type: {kind}\r\n\r\n".encode())
        told = b""
        while piece := client.recv(4096):
            told += piece
            if b"\r\n\r\n" in told and told.endswith(b"}"):
                return told
    return told


def test_an_upload_that_is_cut_off_leaves_nothing(at_once, home):
    before = set(job_files(home))
    host, port = re.fullmatch(r"http://(.+):(\d+)", at_once.service.url).groups()
    heads = {
        "Content-Length: 9999999": b"PK\x03\x04" + bytes(200_000),
        "Transfer-Encoding: chunked": b"FFFFF\r\nPK\x03\x04" + bytes(200_000),
        "Transfer-Encoding:  chunked": b"4\r\nPK\x03\x04\r\nwrong\r\n",
    }
    for length, body in heads.items():
        with socket.create_connection((host, int(port))) as client:
            head = f"POST /v1/archives HTTP/1.1\r\nHost: {host}\r\n{length}\r\n"
            client.sendall(head.encode() + b"Content-Type: application/zip\r\n\r\n" + body)
            client.shutdown(socket.SHUT_WR)
            assert client.recv(100).startswith(b"HTTP/1.1 400 "), length
    assert set(job_files(home)) == before
    assert "Traceback" not in at_once.service.err


def test_uploads_that_hold_every_place_leave_results_alone(at_once):
    job = at_once.wait(at_once.send(zip_of(3)))
    head = upload_head("application/zip", "Content-Length: 9999")
    with ExitStack() as stack:
        for _ in range(MOST_UPLOADS + 4):  # some may come before the places are theirs
            stack.enter_context(connect(at_once.service.url)).sendall(head + zip_of(1)[:50])
        send_until(at_once, 503)
        assert at_once.get(job, "/result").status_code == 200
    send_until(at_once, 202)


def send_until(jobs, status):
    deadline = time.monotonic() + PATIENCE_S
    while (
        got := jobs.http.post("/v1/archives", files={"file": ("a.zip", zip_of(1))})
    ).status_code != status:
        assert time.monotonic() < deadline, got.text
        time.sleep(0.1)
