"""The real service with a dedicated model that knows twenty sentences by heart."""

import json
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path

import pytest

from service.app import create_app
from service.runtime import Runtime
from tests.fake_home import fake_environment, fake_settings
from tests.items import SHORT
from tests.serving_lab import served
from tests.test_serving import LONGER
from tests.tiny_checkpoints import MEMORISED, make_checkpoint, make_memorised, make_pickled

SECONDS = 20


def environment(folder: Path, engine: str) -> dict[str, str]:
    """A service whose translator is the memorised model, and whose summarizer a tiny BART."""
    return fake_environment(folder) | {
        "DIEMTIN_TRANSLATOR": str(make_memorised(folder / "memorised")),
        "DIEMTIN_SUMMARIZER": str(make_checkpoint("bart", folder / "bart")),
        "DIEMTIN_ENGINE": engine,
    }


def targets(answer) -> list[str]:
    status, _, body = answer
    assert status == 200, body
    return [one["target"] for one in body["elements"]]


@pytest.mark.parametrize("engine", ["transformers", "ctranslate2"])
def test_every_sentence_comes_out_right_alone_together_and_from_the_memory(tmp_path, engine):
    memory = tmp_path / "memory.sqlite"
    env = environment(tmp_path, engine) | {"DIEMTIN_MEMORY": str(memory)}
    bodies = [{"text": source} for source, _ in MEMORISED]
    right = [[target] for _, target in MEMORISED]
    with served(tmp_path, env) as service, ThreadPoolExecutor(len(bodies)) as pool:
        post = lambda body: targets(service.post("/v1/translate", body))  # noqa: E731
        assert list(pool.map(post, bodies)) == right
        assert [post(body) for body in bodies[:3]] == right[:3]
        together = "\n".join(source for source, _ in MEMORISED)
        assert sum(map(len, right)) == len(post({"text": together}))
        status, _, listed = service.post("/v1/translate", {"text": [s for s, _ in MEMORISED]})
        assert status == 200
        assert [[each["target"] for each in one["elements"]] for one in listed["results"]] == right
        status, _, digest = service.post("/v1/digest", {"text": together, "max_words": 30})
        assert status == 200 and 0 < digest["summary"]["words"] <= 30
        made_by = digest["provenance"]["translator"]
        assert made_by["engine"] == engine and made_by["revision"].startswith("sha256:")
        assert service.stop()[0] == 0
    with sqlite3.connect(memory) as database:
        [table] = [
            name
            for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type='table'")
            if name.startswith("diemtin_memory")
        ]
        texts = {text for (text,) in database.execute(f"SELECT text FROM {table}")}
    assert {target for _, target in MEMORISED} <= texts
    assert not any(source in text for source, _ in MEMORISED for text in texts)


@pytest.fixture
def memorised_settings(tmp_path, register_engine):
    return fake_settings(tmp_path, translator=str(make_memorised(tmp_path / "memorised")))


def test_what_is_remembered_costs_no_engine_call_after_a_restart(memorised_settings, tmp_path):
    settings = memorised_settings.model_copy(update={"memory": str(tmp_path / "kept.sqlite")})
    counts = []
    for _ in range(2):
        runtime = Runtime(settings)
        runtime.load()
        engine = runtime.engine(settings.translator)
        before = engine.misses
        digest = runtime.load().translate(MEMORISED[0][0])
        assert [one.target for one in digest.elements] == [MEMORISED[0][1]]
        counts.append(engine.misses - before)
        runtime.close()
    assert counts == [1, 0]


def test_a_pickle_is_refused_until_it_is_allowed(tmp_path, register_engine):
    settings = fake_settings(tmp_path, translator=str(make_pickled(tmp_path / "pickled")))
    client = create_app(settings).test_client()
    deadline = time.monotonic() + SECONDS * 3
    while (ready := client.get("/readyz")).json["status"] == "loading":
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert ready.status_code == 503 and "--allow-pickle" in ready.json["detail"]
    runtime = Runtime(settings.model_copy(update={"allow_pickle": True}))
    assert runtime.load()
    runtime.close()


def test_a_full_queue_refuses_with_the_time_to_come_back(tmp_path):
    env = fake_environment(tmp_path) | {"DIEMTIN_QUEUE_SEGMENTS": "1"}
    with served(tmp_path, env, loader="tests.engines:load_one_by_one") as service:
        with ThreadPoolExecutor(12) as pool:
            bodies = [{"text": SHORT}] * 12
            answers = list(pool.map(lambda body: service.post("/v1/translate", body), bodies))
        assert service.post("/v1/translate", {"text": SHORT})[0] == 200
    statuses = [status for status, _, _ in answers]
    assert set(statuses) == {200, 503}
    refused = [(headers, body) for status, headers, body in answers if status == 503]
    assert {headers["Retry-After"] for headers, _ in refused} == {"5"}
    assert {body["type"] for _, body in refused} == {"urn:diemtin:problem:queue-full"}


def test_a_client_that_hangs_up_takes_its_segments_with_it(tmp_path):
    env = fake_environment(tmp_path)
    with served(tmp_path, env, loader="tests.engines:load_one_by_one") as service:
        host, _, port = service.url.removeprefix("http://").partition(":")
        leaving = [HTTPConnection(host, int(port)) for _ in range(8)]
        body = json.dumps({"text": LONGER})
        for connection in leaving:
            connection.request("POST", "/v1/digest", body, {"Content-Type": "application/json"})
        time.sleep(0.5)
        for connection in leaving:
            connection.close()
        began = time.monotonic()
        assert service.post("/v1/translate", {"text": SHORT})[0] == 200
        assert time.monotonic() - began < SECONDS / 4
        assert service.stop()[1] < SECONDS / 2, "the digests go on without their clients"
    assert "Traceback" not in service.err
