import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from models.checkpoints import open_checkpoint
from models.engine import EngineSettings
from models.recipes import FAMILIES
from tests.tiny_checkpoints import (
    FAMILY_OF,
    FORMS,
    MEMORISED,
    make_checkpoint,
    make_memorised,
    make_pickled,
    tiny_card,
)


def test_every_family_has_a_tiny_checkpoint():
    assert set(FAMILY_OF.values()) == set(FAMILIES)
    assert set(FAMILIES) <= set(FORMS)


@pytest.mark.parametrize("form", FORMS)
def test_a_checkpoint_is_small_whole_and_of_its_family(form, tmp_path):
    folder = make_checkpoint(form, tmp_path / form)
    opened = open_checkpoint(tiny_card(form, folder), EngineSettings())
    assert opened.family == FAMILY_OF[form]
    assert not opened.pickled
    files = {path.name for path in folder.iterdir()}
    assert {"config.json", "generation_config.json", "model.safetensors"} <= files
    assert sum(path.stat().st_size for path in folder.iterdir()) < 1_500_000
    architectures = json.loads((folder / "config.json").read_text(encoding="utf-8"))[
        "architectures"
    ]
    assert architectures[0].endswith(("MTModel", "ForConditionalGeneration", "ForCausalLM"))


@pytest.mark.parametrize("form", FORMS)
def test_the_tokenizer_gives_vietnamese_and_figures_back(form, tmp_path, recwarn):
    import transformers

    folder = make_checkpoint(form, tmp_path / form)
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    recwarn.clear()  # Marian asks for sacremoses
    for source, _ in MEMORISED:
        ids = tokenizer(source).input_ids
        extra = {"use_source_tokenizer": True} if form == "marian" else {}
        assert tokenizer.decode(ids, skip_special_tokens=True, **extra).strip() == source


def test_a_second_copy_is_the_same(tmp_path):
    first, second = (make_checkpoint("nllb", tmp_path / name) for name in ("one", "two"))
    assert first != second
    for path in first.iterdir():
        assert path.read_bytes() == (second / path.name).read_bytes()


def test_a_pickled_checkpoint_has_no_safetensors(tmp_path):
    folder = make_pickled(tmp_path / "pickled")
    opened = open_checkpoint(tiny_card("marian", folder), EngineSettings(allow_pickle=True))
    assert opened.pickled
    assert not (folder / "model.safetensors").exists()


def test_the_memorised_pairs_are_twenty_and_distinct(tmp_path):
    assert len(MEMORISED) == len(dict(MEMORISED)) == 20
    assert len({target for _, target in MEMORISED}) == 20
    assert any(character.isdigit() for _, target in MEMORISED for character in target)
    trained, raw = make_memorised(tmp_path / "trained"), make_checkpoint("marian", tmp_path / "raw")
    weights = "model.safetensors"
    assert (trained / weights).read_bytes() != (raw / weights).read_bytes()
    with ThreadPoolExecutor(2) as pool:  # made once, copied from then on
        copies = list(pool.map(make_memorised, [tmp_path / "a", tmp_path / "b"]))
    assert (copies[0] / weights).read_bytes() == (copies[1] / weights).read_bytes()
