"""Archives over HTTP: the real service as a process, with a fake engine."""

from __future__ import annotations

import subprocess
from pathlib import Path

import httpx2
import pytest

from tests.fake_home import fake_environment
from tests.job_api_lab import AT_ONCE, JobClient, job_files, quick_service, text_of, zip_of
from tests.serving_lab import served

SECRET = "Zượngbíẩn"


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("jobs")


@pytest.fixture(scope="module")
def at_once(home):
    with quick_service(home) as jobs:
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
