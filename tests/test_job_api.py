"""Archives over HTTP: the real service as a process, with a fake engine."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import time
from contextlib import ExitStack
from itertools import chain
from pathlib import Path

import httpx2
import pytest

from service.job_api import MOST_STREAMS
from tests.fake_home import fake_environment
from tests.job_api_lab import (
    MIB,
    JobClient,
    job_files,
    read_events,
    stored,
    text_of,
    zip_of,
)
from tests.serving_lab import served

AT_ONCE = "tests.engines:load_at_once"
BIG = 300 * MIB
SECRET = "Zượngbíẩn"


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("jobs")


@pytest.fixture(scope="module")
def at_once(home):
    """A service whose engine answers at once."""
    started = served(home, fake_environment(home), loader=AT_ONCE)
    with started as service, JobClient(service) as jobs:
        yield jobs


@pytest.fixture(scope="module")
def finished(at_once):
    """A job that is done, and its result."""
    job = at_once.wait(at_once.send(zip_of(40)))
    return job, at_once.get(job, "/result").content


@pytest.fixture
def env(tmp_path):
    return fake_environment(tmp_path)


def test_curl_sends_an_archive_and_gets_the_result(at_once, tmp_path):
    (tmp_path / "tin.zip").write_bytes(zip_of(12))
    url = at_once.service.url
    form = ["-F", "file=@tin.zip", "-F", "summary=false", "-F", "output_format=jsonl"]
    sent = run_curl(tmp_path, *form, "-w", "%{http_code}", "-o", "job.json", f"{url}/v1/archives")
    assert sent.stdout == b"202"
    job = at_once.wait(httpx2.Response(200, content=(tmp_path / "job.json").read_bytes()).json())
    assert (job["status"], job["done"], job["failed"], job["total"]) == ("done", 12, 0, 12)
    assert job["created"] <= job["started"] <= job["finished"] < job["expires"]
    names = set(at_once.result(job).namelist())
    assert names == {"records.jsonl", "failures.jsonl", "manifest.json", "report.html"}
    run_curl(tmp_path, "-OJ", f"{url}{job['result']}")
    assert (tmp_path / f"diemtin-{job['id']}.zip").stat().st_size > 1000
    records = at_once.records(job)
    assert {one["source"] for one in records} == {text_of(number) for number in range(12)}
    assert {one["digest"]["summary"] for one in records} == {None}, "the field after the file"


def run_curl(folder, *arguments):
    done = subprocess.run(["curl", "-sS", *arguments], cwd=folder, capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done


@pytest.mark.parametrize(
    ("kind", "query"),
    [
        ("text/csv", "text_field=bài&max_words=40"),
        ("application/octet-stream", "text_field=bài&filename=tin.csv"),
        ("text/csv", "text_field=bài&filename=tin"),
    ],
)
def test_an_archive_may_be_the_body_itself(at_once, kind, query):
    body = f'bài,số\n"{text_of(1)}",1\n"{text_of(2)}",2\n'.encode()
    address = f"/v1/archives?{query}"
    answer = at_once.http.post(address, content=body, headers={"Content-Type": kind})
    job = at_once.wait(at_once.taken(answer))
    assert (job["status"], job["done"]) == ("done", 2)
    assert [one["source"] for one in at_once.records(job)] == [text_of(1), text_of(2)]


def test_the_result_comes_in_ranges_too(at_once, finished):
    job, whole = finished
    first = at_once.get(job, "/result", Range="bytes=0-999")
    tag = first.headers["ETag"]
    assert (first.status_code, first.headers["Accept-Ranges"]) == (206, "bytes")
    assert first.headers["Content-Range"] == f"bytes 0-999/{len(whole)}"
    rest = at_once.get(job, "/result", Range="bytes=1000-", If_Range=tag)
    assert (rest.status_code, first.content + rest.content) == (206, whole)
    changed = at_once.get(job, "/result", Range="bytes=1000-", If_Range='"other"')
    assert (changed.status_code, changed.content) == (200, whole)
    beyond = at_once.get(job, "/result", Range=f"bytes={len(whole)}-")
    assert (beyond.status_code, beyond.json()["status"]) == (416, 416)
    assert beyond.headers["Content-Range"] == f"bytes */{len(whole)}"
    same = at_once.get(job, "/result", If_None_Match=tag)
    assert (same.status_code, same.content) == (304, b"")
    head = at_once.http.head(f"/v1/jobs/{job['id']}/result")
    assert (head.headers["Content-Length"], head.headers["ETag"]) == (str(len(whole)), tag)


def test_many_fetches_leave_room_for_more(at_once, finished):
    job, whole = finished
    for _ in range(40):
        assert at_once.get(job, "/result").content == whole
        assert at_once.get(job, "/result", Range="bytes=-1").content == whole[-1:]
        assert at_once.get(job, "/result", Range="bytes=9999999-").status_code == 416


def test_nobody_elses_job_is_told(at_once):
    for path in ("", "/events", "/result"):
        for name in ("A" * 43, "..%2f..%2fqueue.sqlite3", "%00", "a" * 3000):
            answer = at_once.http.get(f"/v1/jobs/{name}{path}")
            assert answer.status_code == 404, (name, path)
    assert at_once.http.delete("/v1/jobs/" + "A" * 43).status_code == 404


def test_a_finished_job_tells_one_event_and_a_browser_does_not_come_back(at_once, finished):
    job, _ = finished
    assert at_once.events(job) == [("done", job)]
    assert at_once.get(job, "/events", Last_Event_ID="end").status_code == 204


def test_a_deleted_job_is_gone_with_its_files(at_once, home):
    job = at_once.wait(at_once.send(zip_of(3)))
    assert any(job["id"] in str(one) for one in job_files(home))
    for _ in range(2):
        assert at_once.delete(job).status_code == 200
        assert at_once.get(job, "/result").status_code in {409, 410}
    assert not any(job["id"] in str(one) for one in job_files(home))


HOSTILE = [
    "../../../../tmp/evil.zip",
    "/etc/cron.d/evil.zip",
    "..\\..\\evil.zip",
    "con.zip",
    f"{SECRET}.zip",
    "." * 5000 + ".zip",
    "a" * 5000 + ".zip",
    "-rf.zip",
    ".zip",
    "tin\r\nSet-Cookie: a=b.zip",
    "%00/..%2f.zip",
    "~/.ssh/x.zip",
]


def test_hostile_names_stay_where_they_belong(at_once, home):
    before = {one for one in home.rglob("*") if "jobs" not in one.parts}
    for name in HOSTILE:
        job = at_once.wait(at_once.send(zip_of(1), name))
        assert (job["status"], job["done"]) == ("done", 1), (name, job)
    after = {one for one in home.rglob("*") if "jobs" not in one.parts}
    assert {one.name for one in after - before} <= {"jobs.sqlite3-wal", "jobs.sqlite3-shm"}
    assert not Path("/tmp/evil.zip").exists()
    assert SECRET not in at_once.service.err and "evil" not in at_once.service.err


def test_pages_of_other_sites_may_not_send(at_once):
    for site, status in (("cross-site", 403), ("same-site", 403), ("same-origin", 202)):
        files = {"file": ("tin.zip", zip_of(1))}
        sent = at_once.http.post("/v1/archives", files=files, headers={"Sec-Fetch-Site": site})
        assert sent.status_code == status


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


def test_the_users_text_and_names_are_never_logged(tmp_path, env):
    loud = env | {"DIEMTIN_LOG_LEVEL": "debug"}
    with served(tmp_path, loud, "-vv", loader=AT_ONCE) as service, JobClient(service) as jobs:
        rows = "\n".join(f"{SECRET} {text_of(one)}" for one in range(3)).encode()
        name = f"{SECRET}.txt"
        assert jobs.wait(jobs.send(rows, name))["status"] == "done"
        assert jobs.wait(jobs.send(f"{SECRET} LỖI".encode(), name))["status"] in {"done", "failed"}
        for fields in ({SECRET: "1"}, {"style": SECRET}):
            sent = jobs.http.post("/v1/archives", data=fields, files={"file": (name, rows)})
            assert sent.status_code == 422
        service.stop()
    for form in (SECRET, SECRET.encode("unicode_escape").decode()):
        assert form not in service.err + service.out
