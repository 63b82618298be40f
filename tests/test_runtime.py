"""The states of a process's models, from start to failure."""

import subprocess
import sys
import time

import pytest
from structlog.testing import capture_logs

from models.errors import BadConfig, UnknownModel
from models.translator import TranslateOptions
from service.app import create_app
from service.pipeline import DigestOptions
from service.problems import ModelFailed, NotReady
from service.runtime import Runtime, State
from tests.engines import GO_ON, LOADED, fake_behind
from tests.fake_home import fake_settings
from tests.items import SHORT
from tests.processes import ROOT

PATIENCE_S = 10


@pytest.fixture
def settings(tmp_path, register_engine):
    return fake_settings(tmp_path)


def wait_while_loading(runtime):
    deadline = time.monotonic() + PATIENCE_S
    while runtime.state is State.LOADING:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_it_is_loading_until_the_model_answers(settings, register_engine):
    register_engine("load_when_told")
    runtime = Runtime(settings)
    client = create_app(settings, runtime).test_client()
    runtime.start()
    assert runtime.state is State.LOADING
    with pytest.raises(NotReady, match="still loading"):
        runtime.digester()
    for answer in (client.get("/readyz"), client.post("/v1/digest", json={"text": SHORT})):
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert answer.mimetype == "application/problem+json"
    assert client.get("/healthz").json == {"status": "ok", "detail": None}
    assert client.get("/v1/models").status_code == 200
    GO_ON.set()
    wait_while_loading(runtime)
    assert runtime.state is State.READY
    assert client.get("/readyz").json == {"status": "ok", "detail": None}
    assert client.post("/v1/digest", json={"text": SHORT}).status_code == 200


def test_the_application_starts_loading_by_itself(settings):
    client = create_app(settings).test_client()
    deadline = time.monotonic() + PATIENCE_S
    while client.get("/readyz").status_code != 200:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert LOADED == ["fake"]


@pytest.mark.parametrize(
    ("weights", "said"), [(b"olleh", "are damaged"), (None, "are not in")], ids=["bad", "none"]
)
def test_weights_that_cannot_be_used_fail_with_the_remedy(settings, weights, said):
    runtime = Runtime(settings)
    target = runtime.store.target("fake")
    target.unlink() if weights is None else target.write_bytes(weights)
    client = create_app(settings, runtime).test_client()
    runtime.start()
    wait_while_loading(runtime)
    assert runtime.state is State.FAILED
    ready, digest = client.get("/readyz"), client.post("/v1/digest", json={"text": SHORT})
    assert ready.json["status"] == "failed"
    for answer in (ready, digest):
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
        assert said in answer.json["detail"]
        assert "diemtin models pull fake. Then restart the service." in answer.json["detail"]
    assert digest.json["type"] == "urn:diemtin:problem:model-failed"
    assert digest.mimetype == "application/problem+json"


def test_an_error_nobody_foresaw_fails_too_and_is_not_quoted(settings, register_engine):
    register_engine("load_with_bug")
    runtime = Runtime(settings)
    with capture_logs() as logs:
        runtime.start()
        wait_while_loading(runtime)
    with pytest.raises(ModelFailed, match="RuntimeError; the service's log says where"):
        runtime.digester()
    logged = str(logs)
    assert "engines.py:" in logged and "the library's own words" not in logged


def test_the_first_load_asks_the_engine_once(settings):
    runtime = Runtime(settings)
    assert runtime.load() is runtime.load() is runtime.digester()
    assert LOADED == ["fake"]
    assert [one.source for one, _ in fake_behind(runtime.engine("fake")).calls] == ["Xin chào."]


COLD = """
import sys
from pathlib import Path
from models import gazetteer_index
from models.registry import register
from service.runtime import Runtime
from tests.fake_home import fake_settings
register("fake", "tests.engines:load_at_once")
runtime = Runtime(fake_settings(Path(sys.argv[1])))
print(len(gazetteer_index._loaded))
runtime.load()
print(len(gazetteer_index._loaded))
"""


def test_the_gazetteer_is_loaded_with_the_models(tmp_path):
    command = [sys.executable, "-c", COLD, str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert (done.stdout.split(), done.stderr) == (["0", "1"], "")


def test_bad_settings_stop_it_before_any_load(tmp_path, settings):
    with pytest.raises(UnknownModel, match="the catalogue has: fake"):
        Runtime(settings.model_copy(update={"translator": "huge"}))
    glossary = tmp_path / "terms.csv"
    glossary.write_text("source,target\na,b,c\n")
    with pytest.raises(BadConfig, match=r"terms\.csv, line 2"):
        Runtime(settings.model_copy(update={"glossary": glossary}))
    assert LOADED == []


def test_a_glossary_of_the_settings_is_in_every_prompt(tmp_path, settings):
    glossary = tmp_path / "terms.csv"
    glossary.write_text("source,target\nthu hút đầu tư,INVESTMENT PULL\n", "utf-8")
    runtime = Runtime(settings.model_copy(update={"glossary": glossary}))
    digester = runtime.load()
    digester.translate(SHORT)
    calls = fake_behind(runtime.engine("fake")).calls
    asked = [one.instruction for one, _ in calls if one.source == SHORT]
    assert asked and all("thu hút đầu tư = INVESTMENT PULL" in one for one in asked)
    for own, targets in (((), ["INVESTMENT PULL"]), ((("thu hút đầu tư", "lure"),), ["lure"])):
        options = DigestOptions(translate=TranslateOptions(glossary=own))
        [element] = digester.translate(SHORT, options).elements
        assert [one.target for one in element.terms if one.user] == targets
