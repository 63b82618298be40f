"""One engine a model and process, whoever asks first."""

import re
import threading

import pytest

from models.engine import EngineSettings
from models.errors import BadConfig, CorruptWeights, UnknownModel, WeightsUnavailable
from models.registry import ENGINES, EnginePool
from tests.engines import GO_ON, LOADED
from tests.fake_engine import FakeEngine
from tests.fake_home import fake_store


@pytest.fixture
def store(tmp_path):
    return fake_store(tmp_path)


@pytest.fixture
def pool(store, register_engine):
    return EnginePool(store, EngineSettings())


def test_nothing_is_loaded_before_it_is_asked_for(pool):
    assert (LOADED, pool.loaded) == ([], {})
    engine = pool.get("fake")
    assert isinstance(engine, FakeEngine)
    assert (LOADED, pool.loaded) == (["fake"], {"fake": engine})


def test_sixteen_threads_share_one_load(pool, register_engine):
    register_engine("load_when_told")
    together = threading.Barrier(17)
    found = []

    def ask():
        together.wait()
        found.append(pool.get("fake"))

    threads = [threading.Thread(target=ask) for _ in range(16)]
    for thread in threads:
        thread.start()
    together.wait()
    assert found == []
    GO_ON.set()
    for thread in threads:
        thread.join(10)
    assert LOADED == ["fake"]
    assert len(found) == 16 and len({id(one) for one in found}) == 1


def test_a_failed_load_is_tried_again(pool, store):
    weights = store.target("fake")
    good = weights.read_bytes()
    weights.write_bytes(b"olleh")
    with pytest.raises(CorruptWeights, match="diemtin models pull fake"):
        pool.get("fake")
    weights.unlink()
    with pytest.raises(WeightsUnavailable, match="diemtin models pull fake"):
        pool.get("fake")
    assert pool.loaded == {}
    weights.write_bytes(good)
    assert isinstance(pool.get("fake"), FakeEngine)


def test_an_unknown_engine_names_the_known_ones(pool):
    del ENGINES["fake"]
    with pytest.raises(
        BadConfig,
        match=re.escape("Unknown engine 'fake'; the known ones are: auto, ctranslate2, gguf"),
    ):
        pool.get("fake")


def test_an_unknown_model_names_the_known_ones(pool):
    with pytest.raises(UnknownModel, match="'huge'; the catalogue has: fake"):
        pool.get("huge")
    assert LOADED == []


def test_closing_frees_the_engines_and_a_later_get_loads_anew(pool):
    first = pool.get("fake")
    pool.close()
    assert pool.loaded == {}
    assert pool.get("fake") is not first
