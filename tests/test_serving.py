"""`diemtin serve` as a real process: start, stop, what it prints and what it keeps to itself."""

import json
import os
import re
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from service.admission import MOST_REQUESTS, THREADS
from tests.fake_home import CATALOGUE, WEIGHTS, fake_environment
from tests.items import ITEM, SHORT
from tests.serving_lab import ask, served

LONG = "\n".join([ITEM] * 3)
LONGER = "\n".join([ITEM] * 12)  # it lasts until all others have come
MARK = "Zượngbíẩn"
SECONDS = 10


@pytest.fixture
def env(tmp_path):
    return fake_environment(tmp_path)


def children(pid):
    lists = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for one in lists for child in one.read_text().split()]


def test_one_worker_serves_and_ends_cleanly(tmp_path, env):
    with served(tmp_path, env) as service:
        if Path("/proc/self/task").exists():
            assert len(children(service.process.pid)) == 1
        assert service.get("/healthz")[2]["status"] == "ok"
        code, seconds = service.stop()
    assert (code, seconds < SECONDS) == (0, True), service.err
    assert "Traceback" not in service.err


def test_requests_under_way_end_well_and_health_is_told_meanwhile(tmp_path, env):
    with served(tmp_path, env) as service, ThreadPoolExecutor(12) as pool:
        long = [pool.submit(service.post, "/v1/digest", {"text": LONG}) for _ in range(12)]
        time.sleep(0.5)
        began = time.monotonic()
        assert service.get("/healthz")[0] == service.get("/readyz")[0] == 200
        assert time.monotonic() - began < 2
        assert not any(one.done() for one in long)
        code, _ = service.stop()
        answers = [one.result() for one in long]
    assert code == 0
    assert [status for status, _, _ in answers] == [200] * 12
    assert all(body["summary"]["text"] for _, _, body in answers)


def test_more_requests_than_it_takes_are_refused_and_health_is_told(tmp_path, env):
    most = THREADS + 6
    with served(tmp_path, env) as service, ThreadPoolExecutor(most) as pool:
        body = {"text": LONGER}
        asked = [pool.submit(service.post, "/v1/digest/stream", body) for _ in range(most)]
        deadline = time.monotonic() + SECONDS
        while sum(one.done() for one in asked) < most - MOST_REQUESTS:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        began = time.monotonic()
        assert service.get("/healthz")[0] == 200
        assert time.monotonic() - began < 2
        refused = [one.result() for one in asked if one.done()]
        answers = [one.result() for one in asked]
        assert service.post("/v1/digest", {"text": SHORT})[0] == 200
    assert {headers["Retry-After"] for _, headers, _ in refused} == {"5"}
    assert {document["type"] for _, _, document in refused} == {"urn:diemtin:problem:busy"}
    statuses = [status for status, _, _ in answers]
    assert (statuses.count(200), statuses.count(503)) == (MOST_REQUESTS, most - MOST_REQUESTS)


def test_readers_who_leave_give_their_places_back(tmp_path, env):
    with served(tmp_path, env) as service:
        readers = [start_reading(service.url, LONGER * 3) for _ in range(MOST_REQUESTS)]
        assert service.post("/v1/digest", {"text": SHORT})[0] == 503
        began = time.monotonic()
        for reader in readers:
            reader.close()
        while service.post("/v1/digest", {"text": SHORT})[0] != 200:
            assert time.monotonic() - began < SECONDS / 2, "the digests go on without a reader"
            time.sleep(0.05)
        assert service.stop()[0] == 0
    assert "Traceback" not in service.err


def start_reading(url, text=LONG):
    host, port = re.fullmatch(r"http://(.+):(\d+)", url).groups()
    body = json.dumps({"text": text}).encode()
    head = f"POST /v1/digest/stream HTTP/1.1\r\nHost: {host}\r\nContent-Length: {len(body)}\r\n"
    reader = socket.create_connection((host, int(port)))
    reader.sendall(head.encode() + b"Content-Type: application/json\r\n\r\n" + body)
    assert reader.recv(100).startswith(b"HTTP/1.1 200")
    return reader


def test_it_prints_its_page_and_a_command_that_works(tmp_path, env):
    with served(tmp_path, env) as service:
        page, curl = service.out.splitlines()
        assert page == f"Web page:  {service.url}/"
        command = curl.removeprefix("Try it:    ")
        assert command.startswith("curl ")
        done = subprocess.run(["sh", "-c", command], capture_output=True, timeout=SECONDS)
    assert (done.returncode, done.stderr) == (0, b"")
    digest = json.loads(done.stdout)
    assert [one["kind"] for one in digest["elements"]] == ["dateline", "lead"]
    assert digest["summary"]["text"]


def run_serve(env, *arguments):
    command = ["-m", "tests.fake_service", "serve", *arguments]
    return subprocess.run(
        [sys.executable, *command],
        env=os.environ | env,
        capture_output=True,
        text=True,
        timeout=SECONDS * 2,
    )


def test_a_port_in_use_is_named_at_once(env):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        began = time.monotonic()
        done = run_serve(env, "--port", str(port))
    assert time.monotonic() - began < SECONDS
    assert (done.returncode, done.stdout) == (1, "")
    assert f"Cannot listen on 127.0.0.1:{port}: Address already in use" in done.stderr
    assert "--port" in done.stderr and "Traceback" not in done.stderr


def test_an_unknown_host_is_named(env):
    done = run_serve(env, "--host", "nowhere.invalid")
    assert done.returncode == 1
    assert "Cannot listen on nowhere.invalid:8080" in done.stderr


def test_absent_weights_stop_it_before_it_listens(tmp_path):
    env = {"DIEMTIN_CATALOGUE": str(CATALOGUE), "DIEMTIN_MODELS_DIR": str(tmp_path / "none")}
    done = run_serve(env, "--port", "0")
    assert (done.returncode, done.stdout) == (1, "")
    assert "diemtin models pull fake" in done.stderr
    assert "Traceback" not in done.stderr


def test_damaged_weights_are_told_by_every_address(tmp_path, env):
    [weights] = (tmp_path / "models").glob("*-fake.bin")
    weights.write_bytes(WEIGHTS[::-1])
    loader = "tests.engines:load_at_once"
    with served(tmp_path, env, loader=loader, ready="/healthz") as service:
        deadline = time.monotonic() + SECONDS
        while service.get("/readyz")[2]["status"] == "loading":
            assert time.monotonic() < deadline
        for answer in (service.get("/readyz"), service.post("/v1/digest", {"text": SHORT})):
            status, headers, body = answer
            assert (status, headers["Retry-After"]) == (503, "5")
            assert "are damaged" in body["detail"]
            assert "diemtin models pull fake" in body["detail"]
        assert body["type"] == "urn:diemtin:problem:model-failed"
        assert service.stop()[0] == 0


def test_not_ready_until_the_model_is_loaded(tmp_path, env):
    gate = tmp_path / "gate"
    env = env | {"DIEMTIN_TEST_GATE": str(gate)}
    loader = "tests.engines:load_when_file_is_there"
    with served(tmp_path, env, loader=loader, ready="/healthz") as service:
        status, headers, body = service.get("/readyz")
        assert (status, body["status"], headers["Retry-After"]) == (503, "loading", "5")
        status, headers, body = service.post("/v1/digest", {"text": SHORT})
        assert (status, body["type"]) == (503, "urn:diemtin:problem:not-ready")
        assert headers["Retry-After"] == "5"
        gate.touch()
        service.wait("/readyz")
        assert service.post("/v1/digest", {"text": SHORT})[0] == 200


BODIES = [
    ("/v1/digest", {"text": f"{SHORT} {MARK}."}, 200),
    ("/v1/digest", {"text": f"{SHORT} {MARK} LỖI."}, 500),
    ("/v1/digest", {"text": [f"{SHORT} {MARK} LỖI.", f"{SHORT} {MARK} HỎNG."]}, 200),
    ("/v1/digest/stream", {"text": f"{SHORT}\n{SHORT} {MARK} LỖI."}, 200),
    ("/v1/digest/stream", {"text": f"{SHORT}\n{SHORT} {MARK} HỎNG."}, 200),
    ("/v1/digest", {"text": f"{SHORT} {MARK} HỎNG."}, 500),
    ("/v1/digest", {"text": SHORT, "glossary": {MARK: 5}}, 422),
    ("/v1/digest", {"text": SHORT, "glossary": {MARK: MARK}}, 200),
    ("/v1/digest", {"text": SHORT, MARK: 5}, 422),
    ("/v1/digest", {"text": MARK * 9000}, 413),
    ("/v1/digest", {"text": f"This is English text about {MARK}.", "style": MARK}, 422),
    (f"/v1/nothing/{'m' * 10}", {"text": MARK}, 404),
]


def test_the_users_text_is_never_logged(tmp_path, env):
    env = env | {"DIEMTIN_LOG_LEVEL": "debug"}
    with served(tmp_path, env, "-vv", loader="tests.engines:load_at_once") as service:
        for path, body, status in BODIES:
            assert service.post(path, body)[0] == status, (path, body)
        service.stop()
    logged = service.err + service.out
    assert "unexpected error" in logged and "ValueError" in logged
    assert "engines.py:" in logged, "the log must say where"
    folded = MARK.encode("unicode_escape").decode()
    for form in (MARK, MARK.lower(), folded, "cannot handle", "UBND", SHORT[:20]):
        assert form not in service.err, service.err


def test_a_reader_who_leaves_is_no_error(tmp_path, env):
    with served(tmp_path, env) as service:
        start_reading(service.url).close()
        began = time.monotonic()
        assert service.post("/v1/digest", {"text": SHORT})[0] == 200
        assert service.stop()[0] == 0
        assert time.monotonic() - began < SECONDS
    assert "Traceback" not in service.err


def test_events_come_one_by_one(service_url):
    """The first paragraph is out long before the last is made."""
    body = json.dumps({"text": LONG}).encode()
    request = Request(f"{service_url}/v1/digest/stream", body, {"Content-Type": "application/json"})
    times = {}
    with urlopen(request) as answer:
        for line in answer:
            if line.startswith(b"event: "):
                times.setdefault(line[7:].decode().strip(), time.monotonic())
    assert times["article"] < times["element"] < times["summary"] <= times["done"]
    assert times["done"] - times["element"] > 0.5


def test_threads_share_one_service(service_url):
    found = []
    texts = [f"{SHORT} Có {n} dự án." for n in range(100, 108)]

    def run(text):
        found.append((text, ask(f"{service_url}/v1/digest", json.dumps({"text": text}).encode())))

    threads = [threading.Thread(target=run, args=(text,)) for text in texts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for text, (status, _, digest) in found:
        assert status == 200
        assert "".join(one["source"] for one in digest["elements"]) == text
