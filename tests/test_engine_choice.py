"""Which library runs a checkpoint, and what is found out before the service listens."""

import shutil
import subprocess
import sys

import pytest

from models.catalogue import Catalogue
from models.checkpoints import open_checkpoint
from models.ctranslate2_engine import CTranslate2Engine
from models.engine import EngineSettings
from models.engine_choice import check_loadable, choose_engine, load
from models.errors import BadConfig, UnsafeWeights, WeightsUnavailable
from models.store import WeightsStore
from models.transformers_engine import TransformersEngine
from tests.fake_home import fake_environment
from tests.processes import ROOT
from tests.tiny_checkpoints import make_checkpoint, make_memorised, make_pickled


@pytest.fixture
def store(tmp_path):
    return WeightsStore(tmp_path / "models", Catalogue.load())


def opened(store, family, folder):
    settings = EngineSettings()
    return open_checkpoint(store.resolve(str(make_checkpoint(family, folder))), settings)


@pytest.mark.parametrize(
    ("family", "wanted", "chosen"),
    [
        ("marian", "auto", "ctranslate2"),
        ("nllb", "auto", "ctranslate2"),
        ("bart", "auto", "ctranslate2"),
        ("marian", "transformers", "transformers"),
        ("causal", "auto", "transformers"),
    ],
)
def test_the_family_and_the_settings_choose(store, tmp_path, family, wanted, chosen):
    checkpoint = opened(store, family, tmp_path / family)
    assert choose_engine(checkpoint, EngineSettings(engine=wanted, device="cpu")) == chosen


def test_a_chat_model_is_not_for_ctranslate2(store, tmp_path):
    checkpoint = opened(store, "causal", tmp_path / "chat")
    with pytest.raises(BadConfig, match="set DIEMTIN_ENGINE to auto"):
        choose_engine(checkpoint, EngineSettings(engine="ctranslate2"))


def test_what_was_chosen_is_loaded(store, tmp_path):
    card = store.resolve(str(make_memorised(tmp_path / "memorised")))
    for name, kind in (("auto", CTranslate2Engine), ("transformers", TransformersEngine)):
        engine = load(card, store, EngineSettings(engine=name, device="cpu"))
        assert type(engine) is kind
        engine.close()


def test_what_cannot_be_loaded_is_known_at_once(store, tmp_path):
    pickled = store.resolve(str(make_pickled(tmp_path / "pickled")))
    with pytest.raises(UnsafeWeights, match="--allow-pickle"):
        check_loadable(pickled, EngineSettings())
    check_loadable(pickled, EngineSettings(allow_pickle=True))
    whole = make_checkpoint("marian", tmp_path / "gone")
    card = store.resolve(str(whole))
    check_loadable(card, EngineSettings())
    shutil.rmtree(whole)
    with pytest.raises(WeightsUnavailable):
        check_loadable(card, EngineSettings())
    check_loadable(store.resolve(store.catalogue.default_for("translate")), EngineSettings())


def test_serve_does_not_begin_with_a_pickle(tmp_path):
    env = fake_environment(tmp_path)
    folder = make_pickled(tmp_path / "pickled")
    done = subprocess.run(
        [sys.executable, "-m", "tests.fake_service", "--translator", str(folder), "serve"],
        cwd=ROOT,
        env=env | {"PATH": ""},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert "--allow-pickle" in done.stderr
