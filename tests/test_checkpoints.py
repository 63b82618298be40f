"""Opening checkpoints as publishers save them, in folders and in the hub's cache."""

import json
import os
import shutil
import socket

import pytest
from huggingface_hub import constants

from models.catalogue import Catalogue, FolderCheckpoint, HubCheckpoint, ModelCard
from models.checkpoint_files import discard
from models.checkpoints import open_checkpoint
from models.engine import EngineSettings
from models.errors import BadConfig, CorruptWeights, UnsafeWeights, WeightsUnavailable
from models.recipes import FAMILIES, Recipe
from models.references import resolve_model
from models.store import WeightsState, WeightsStore
from tests.hub_lab import MARIAN, WEIGHTS, git_hash, lay_snapshot
from tests.tiny_checkpoints import FAMILY_OF, FORMS, make_checkpoint, make_pickled
from tests.weights_lab import make_bytes, sha256

EMPTY = Catalogue({}, {})
SAFE = {**MARIAN, "model.safetensors": WEIGHTS}
INDEX = b'{"weight_map": {"a": "model-00001-of-00002.safetensors", "b": "%s"}}'
SHARDS = {
    **MARIAN,
    "model.safetensors.index.json": INDEX % b"model-00002-of-00002.safetensors",
    "model-00001-of-00002.safetensors": make_bytes(5000, 1),
    "model-00002-of-00002.safetensors": make_bytes(5000, 2),
}


def write(folder, files):
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return folder


def card_of(folder, family="", recipe=None):
    return ModelCard(
        name="mine",
        tasks=("translate",),
        family=family,
        engine="auto",
        licence="MIT",
        commercial_use=True,
        notes="",
        context=64,
        chat_format=None,
        checkpoint=FolderCheckpoint(folder),
        recipe=recipe,
    )


def open_folder(folder, family="", allow_pickle=False):
    return open_checkpoint(card_of(folder, family), EngineSettings(allow_pickle=allow_pickle))


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """The hub's cache of this test, which the client's own setting names."""
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    return tmp_path / "hub"


@pytest.mark.parametrize("form", FORMS)
def test_a_real_checkpoint_tells_its_family(tmp_path, form):
    folder = make_checkpoint(form, tmp_path / form)
    card = resolve_model(str(folder), EMPTY)
    opened = open_checkpoint(card, EngineSettings())
    assert opened.family == FAMILY_OF[form]
    assert opened.recipe == FAMILIES[opened.family].recipe
    assert (opened.name, opened.folder, opened.pickled) == (str(folder), folder, False)
    assert opened.config == json.loads((folder / "config.json").read_text())


@pytest.mark.parametrize(
    ("config", "more", "family"),
    [
        ({"model_type": "mbart", "tokenizer_class": "BartphoTokenizer"}, {}, "bartpho"),
        ({"model_type": "mbart"}, {"dict.txt": b"a 1"}, "bartpho"),
        ({"model_type": "mbart", "tokenizer_class": "MBartTokenizer"}, {}, "mbart"),
        ({"model_type": "mbart"}, {}, "mbart"),
        (
            {"model_type": "m2m_100", "tokenizer_class": "M2M100Tokenizer"},
            {"tokenizer_config.json": b'{"tokenizer_class": "NllbTokenizerFast"}'},
            "nllb",
        ),
        ({"model_type": "m2m_100"}, {"special_tokens_map.json": b'{"x": ["vie_Latn"]}'}, "nllb"),
        ({"model_type": "m2m_100"}, {"vocab.json": b'{"__vi__": 1}'}, "m2m100"),
        ({"model_type": "t5"}, {"spiece.model": b"\x0a\x06<2en>\x15"}, "madlad"),
        ({"model_type": "t5"}, {"spiece.model": b"\x0a\x06en\x15"}, "t5"),
        ({"model_type": "umt5"}, {"spiece.model": b"\x0a\x06<2en>\x15"}, "t5"),
        ({"model_type": "marian", "auto_map": {"AutoModel": "modeling.Own"}}, {}, "marian"),
    ],
)
def test_families_of_one_model_type_differ_in_their_tokenizer(tmp_path, config, more, family):
    files = {"config.json": json.dumps(config).encode(), "model.safetensors": WEIGHTS}
    assert open_folder(write(tmp_path / "own", files | more)).family == family


def test_the_card_says_family_and_recipe_where_it_does(tmp_path):
    folder = write(tmp_path / "own", SAFE | {"config.json": b'{"model_type": "m2m_100"}'})
    opened = open_checkpoint(card_of(folder, "nllb", Recipe("a", "b")), EngineSettings())
    assert (opened.family, opened.recipe) == ("nllb", Recipe("a", "b"))


@pytest.mark.parametrize(
    ("config", "family", "told"),
    [
        (b'{"model_type": "gpt9"}', "", "has the model_type 'gpt9', which diemtin does not know"),
        (b'{"auto_map": {}}', "", "trust_remote_code is never on"),
        (b'{"model_type": "own", "auto_map": {}}', "", "brings its own Python code"),
        (b'{"model_type": ["marian"]}', "", "which diemtin does not know"),
        (b'{"model_type": "marian"}', "mbart", "config.json has the model_type 'marian'"),
        (b"[]", "", "holds no JSON object"),
        (b"{", "", "is not JSON"),
        (b"\xff", "", "is not JSON"),
    ],
)
def test_a_configuration_that_cannot_be_used_is_told(tmp_path, config, family, told):
    folder = write(tmp_path / "own", SAFE | {"config.json": config})
    with pytest.raises(BadConfig) as caught:
        open_folder(folder, family)
    assert told in str(caught.value)


def test_a_pickle_is_opened_only_where_it_is_allowed(tmp_path):
    folder = make_pickled(tmp_path / "own")
    with pytest.raises(UnsafeWeights, match=r"may run any code.*--allow-pickle or DIEMTIN_ALLOW"):
        open_folder(folder)
    assert open_folder(folder, allow_pickle=True).pickled
    (folder / "model.safetensors").write_bytes(WEIGHTS)
    assert not open_folder(folder).pickled


def test_the_hash_is_over_every_file_that_loading_reads_and_no_other(tmp_path):
    folder = write(tmp_path / "own", SAFE)
    before = open_folder(folder).sha256
    write(folder, {"README.md": b"words", "modeling.py": b"raise SystemExit", "x.gguf": b"x"})
    assert open_folder(folder).sha256 == before
    seen = {before}
    for name, data in SAFE.items():
        (folder / name).write_bytes(data + b" ")
        seen.add(open_folder(folder).sha256)
        (folder / name).write_bytes(data)
    shutil.move(folder / "target.spm", folder / "spiece.model")
    seen.add(open_folder(folder).sha256)
    assert len(seen) == len(SAFE) + 2
    assert all(len(one) == 64 for one in seen)


def test_every_shard_that_the_index_names_must_be_there(tmp_path):
    folder = write(tmp_path / "own", SHARDS)
    whole = open_folder(folder).sha256
    (folder / "model-00002-of-00002.safetensors").unlink()
    with pytest.raises(CorruptWeights, match=r"lacks model-00002-of-00002\.safetensors"):
        open_folder(folder)
    write(folder, {"model.safetensors.index.json": INDEX % b"../../other.safetensors"})
    with pytest.raises(CorruptWeights, match=r"lacks \.\./\.\./other\.safetensors"):
        open_folder(folder)
    write(folder, {"model.safetensors.index.json": b"{}"})
    with pytest.raises(CorruptWeights, match="names no weights"):
        open_folder(folder)
    write(folder, SHARDS)
    assert open_folder(folder).sha256 == whole


@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "source.spm"])
def test_only_regular_files_of_the_folder_itself_are_read(tmp_path, name):
    folder = write(tmp_path / "own", SAFE)
    (folder / name).rename(tmp_path / "elsewhere")
    (folder / name).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(BadConfig, match=rf"{name} is a link"):
        open_folder(folder)
    (folder / name).unlink()
    (folder / name).mkdir()
    with pytest.raises(BadConfig, match=rf"{name} is not a regular file"):
        open_folder(folder)


def test_a_link_out_of_something_like_a_cache_is_refused(tmp_path):
    snapshot = lay_snapshot(tmp_path, "lab/tiny", SAFE)
    assert open_folder(snapshot).sha256 == open_folder(write(tmp_path / "own", SAFE)).sha256
    (snapshot / "source.spm").unlink()
    (snapshot / "source.spm").symlink_to(tmp_path / "own" / "source.spm")
    with pytest.raises(BadConfig, match=r"source\.spm is a link"):
        open_folder(snapshot)


@pytest.mark.skipif(os.name != "posix", reason="sockets in folders are a POSIX thing")
def test_what_is_no_file_is_not_waited_for(tmp_path, monkeypatch):
    folder = write(tmp_path / "own", SAFE)
    (folder / "vocab.json").unlink()
    monkeypatch.chdir(folder)  # the path of a socket must be short
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("vocab.json")
        with pytest.raises(BadConfig, match="not a regular file"):
            open_folder(folder)


def test_an_adapter_is_refused(tmp_path):
    folder = write(tmp_path / "own", SAFE | {"adapter_config.json": b"{}"})
    with pytest.raises(BadConfig, match="merge it into its base model"):
        open_folder(folder)


def test_missing_folders_and_files_are_told(tmp_path):
    with pytest.raises(WeightsUnavailable, match="The folder of mine is not there"):
        open_folder(tmp_path / "none")
    for missing in ("config.json", "model.safetensors"):
        folder = write(tmp_path / missing, SAFE)
        (folder / missing).unlink()
        with pytest.raises(WeightsUnavailable, match=r"lacks config\.json or model\.safetensors"):
            open_folder(folder)


@pytest.mark.parametrize("reference", ["lab/tiny", "lab/tiny@" + "ab" * 20])
def test_a_snapshot_is_opened_without_a_network(cache, reference):
    card = resolve_model(reference, EMPTY)
    with pytest.raises(WeightsUnavailable, match=f"fetch it with: diemtin models pull {reference}"):
        open_checkpoint(card, EngineSettings())
    assert isinstance(card.checkpoint, HubCheckpoint)
    commit = "ab" * 20
    snapshot = lay_snapshot(cache, "lab/tiny", SAFE, commit)
    opened = open_checkpoint(card, EngineSettings())
    assert (opened.folder, opened.name, opened.family) == (snapshot, reference, "marian")


def test_a_blob_of_the_shared_store_is_read_checked_and_discarded(cache, tmp_path):
    snapshot = lay_snapshot(cache, "lab/tiny", SAFE, shared=True)
    store = WeightsStore(tmp_path / "store", EMPTY)
    assert store.verify("lab/tiny").state is WeightsState.OK
    stored = (snapshot / "model.safetensors").resolve()
    assert stored.parent.parent == (cache / "blobs").resolve()
    stored.write_bytes(WEIGHTS[::-1])
    assert store.verify("lab/tiny").damaged == ("model.safetensors",)
    discard(snapshot, ["model.safetensors"])
    assert not stored.exists()
    assert list((cache / "models--lab--tiny" / "blobs").glob(sha256(WEIGHTS))) == []
    assert store.verify("lab/tiny").state is WeightsState.MISSING


def test_a_blob_that_leads_out_of_the_cache_is_refused(cache, tmp_path):
    snapshot = lay_snapshot(cache, "lab/tiny", SAFE)
    outside = write(tmp_path / "own", SAFE) / "model.safetensors"
    blob = (snapshot / "model.safetensors").resolve()
    blob.unlink()
    blob.symlink_to(outside)
    with pytest.raises(BadConfig, match=r"model\.safetensors is a link"):
        open_checkpoint(resolve_model("lab/tiny", EMPTY), EngineSettings())
    discard(snapshot, ["model.safetensors"])
    assert outside.exists()


@pytest.mark.parametrize("name", ["model.safetensors", "source.spm"])
def test_a_blob_that_is_not_what_its_name_says_is_damaged(cache, tmp_path, name):
    snapshot = lay_snapshot(cache, "lab/tiny", SAFE)
    store = WeightsStore(tmp_path / "store", EMPTY)
    good = store.verify("lab/tiny")
    assert (good.state, good.path) == (WeightsState.OK, snapshot)
    assert good.sha256 == open_checkpoint(store.resolve("lab/tiny"), EngineSettings()).sha256
    assert good.size == sum(map(len, SAFE.values()))

    blob = (snapshot / name).resolve()
    assert blob.name == (sha256(WEIGHTS) if name == "model.safetensors" else git_hash(SAFE[name]))
    blob.write_bytes(bytes([SAFE[name][0] ^ 1]) + SAFE[name][1:])
    with pytest.raises(CorruptWeights) as caught:
        open_checkpoint(store.resolve("lab/tiny"), EngineSettings())
    assert f"these files are damaged: {name}; fetch it again with: diemtin" in str(caught.value)
    bad = store.verify("lab/tiny")
    assert (bad.state, bad.damaged) == (WeightsState.CORRUPT, (name,))
    with pytest.raises(CorruptWeights, match=f"wrong are {name}"):
        store.open_verified("lab/tiny")


def test_the_store_handles_references_like_names(cache, tmp_path):
    store = WeightsStore(tmp_path / "store", EMPTY)
    folder = write(tmp_path / "own", SAFE)
    for reference, place in (("lab/tiny", cache / "models--lab--tiny"), (str(folder), folder)):
        assert store.target(reference) == place
    assert not store.is_present("lab/tiny")
    assert store.verify("lab/tiny").state is WeightsState.MISSING
    assert store.is_present(str(folder))
    assert store.path(str(folder)) == store.open_verified(str(folder)) == folder
    assert store.pull(str(folder)) == folder
    with pytest.raises(BadConfig, match="--from takes one"):
        store.pull("lab/tiny", source=folder / "config.json")

    snapshot = lay_snapshot(cache, "lab/tiny", SAFE)
    assert store.is_present("lab/tiny")
    assert store.path("lab/tiny") == store.target("lab/tiny") == snapshot
    (snapshot / "model.safetensors").unlink()
    assert store.verify("lab/tiny").state is WeightsState.MISSING
    assert not store.root.exists()


def test_a_folder_with_a_pickle_is_not_pulled_unless_allowed(tmp_path):
    store = WeightsStore(tmp_path / "store", EMPTY)
    folder = write(tmp_path / "own", {**MARIAN, "pytorch_model.bin": b"pickle"})
    with pytest.raises(UnsafeWeights):
        store.pull(str(folder))
    assert store.pull(str(folder), allow_pickle=True) == folder
