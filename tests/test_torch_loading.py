import os
import pickle
from dataclasses import replace

import pytest

from models.engine import DecodeOptions
from models.errors import BadConfig, EngineFailed, UnsafeWeights
from models.recipes import FAMILIES
from models.torch_loading import choose_compute_type, choose_device, collapse_blanks
from models.transformers_engine import TransformersEngine
from tests.tiny_checkpoints import (
    cached_checkpoint,
    make_checkpoint,
    make_pickled,
    without_weights,
)
from tests.torch_lab import FLOAT32, SOURCES, engine_of, ids_of, open_engine, texts


@pytest.mark.parametrize("family", ["mbart", "mbart-vinai", "t5", "pegasus", "nllb"])
def test_a_sentencepiece_model_alone_is_enough_for_the_tokenizer(family, tmp_path):
    folder = make_checkpoint(family, tmp_path / family)
    (folder / "tokenizer.json").unlink()
    bare = open_engine(family, folder)
    assert texts(bare, SOURCES[:4]) == texts(engine_of(family), SOURCES[:4])


def test_a_pickle_is_loaded_only_when_allowed(tmp_path):
    folder = make_pickled(tmp_path / "pickled")
    with pytest.raises(UnsafeWeights):
        open_engine("marian", folder)
    engine = open_engine("marian", folder, replace(FLOAT32, allow_pickle=True))
    assert texts(engine, SOURCES[:3]) == texts(engine_of("marian"), SOURCES[:3])


class Trap:
    """What a hostile pickle would run."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


def test_a_pickle_that_holds_code_is_not_run(tmp_path):
    import torch

    folder, sprung = make_pickled(tmp_path / "pickled"), tmp_path / "sprung"
    torch.save({"weights": Trap(sprung)}, folder / "pytorch_model.bin")
    with pytest.raises(UnsafeWeights, match="more than numbers"):
        open_engine("marian", folder, replace(FLOAT32, allow_pickle=True))
    assert not sprung.exists()
    pickle.loads(pickle.dumps(Trap(sprung)))  # the trap does work
    assert sprung.exists()


def test_weights_that_are_not_whole_are_not_filled_with_random_numbers(tmp_path):
    folder = make_checkpoint("marian", tmp_path / "marian")
    without_weights(folder, "decoder.layers.0.fc1.weight")
    with pytest.raises(EngineFailed, match=r"lack 1 of.*decoder\.layers\.0\.fc1\.weight"):
        open_engine("marian", folder)


def test_positions_that_pegasus_computes_may_be_missing(tmp_path):
    """As Google published them."""
    folder = make_checkpoint("pegasus", tmp_path / "pegasus")
    without_weights(folder, "embed_positions.weight")
    assert texts(open_engine("pegasus", folder), SOURCES[:4]) == texts(
        engine_of("pegasus"), SOURCES[:4]
    )


@pytest.mark.parametrize("family", ["bart", "mbart"])
def test_positions_that_were_learnt_may_not_be_missing(family, tmp_path):
    folder = make_checkpoint(family, tmp_path / family)
    without_weights(folder, "embed_positions.weight")
    with pytest.raises(EngineFailed, match="lack 2 of"):
        open_engine(family, folder)


def test_other_weights_of_pegasus_may_not_be_missing(tmp_path):
    folder = make_checkpoint("pegasus", tmp_path / "pegasus")
    without_weights(folder, "decoder.layers.0.fc1.weight")
    with pytest.raises(EngineFailed, match="lack 1 of"):
        open_engine("pegasus", folder)


def test_files_that_make_no_sense_say_how_to_check_them(tmp_path):
    folder = make_checkpoint("marian", tmp_path / "marian")
    (folder / "source.spm").write_bytes(b"no model")
    with pytest.raises(EngineFailed, match="diemtin models verify tiny-marian"):
        open_engine("marian", folder)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"compute_type": "int3"}, "float32, bfloat16, float16"),
        ({"device": "tpu"}, "auto, cpu, cuda"),
    ],
)
def test_settings_that_do_not_exist_name_the_valid_ones(tmp_path, settings, message):
    folder = make_checkpoint("marian", tmp_path / "marian")
    with pytest.raises(BadConfig, match=message):
        open_engine("marian", folder, replace(FLOAT32, **settings))


def test_a_language_that_the_tokenizer_lacks_is_refused(tmp_path):
    folder = make_checkpoint("nllb", tmp_path / "nllb")
    with pytest.raises(BadConfig, match="no language 'vi_VN'"):
        open_engine("nllb", folder, recipe=FAMILIES["mbart"].recipe)


def test_the_automatic_compute_type_is_what_the_processor_computes_in():
    import torch

    found = torch.cpu.get_capabilities()
    fast = found.get("amx_bf16") or found.get("avx512_bf16")
    assert choose_compute_type("auto", "cpu", "marian") == ("bfloat16" if fast else "float32")
    assert choose_compute_type("float16", "cpu", "marian") == "float16"


@pytest.mark.parametrize(
    ("model_type", "chosen"),
    [
        ("m2m_100", "float16"),
        ("qwen2", "float16"),
        ("t5", "float32"),
        ("pegasus", "float32"),
        ("gemma3", "float32"),
        ("gemma3_text", "float32"),
    ],
)
def test_on_cuda_without_bfloat16_the_range_of_the_model_decides(model_type, chosen):
    import torch

    if torch.cuda.is_available() and torch.cuda.is_bf16_supported(including_emulation=False):
        assert choose_compute_type("auto", "cuda", model_type) == "bfloat16"
    else:
        assert choose_compute_type("auto", "cuda", model_type) == chosen


def test_the_automatic_device_is_cuda_where_there_is_one():
    import torch

    assert choose_device("auto") == ("cuda" if torch.cuda.is_available() else "cpu")
    assert choose_device("cpu") == "cpu"


def test_cuda_is_refused_where_there_is_none():
    import torch

    if torch.cuda.is_available():
        pytest.skip("this machine has CUDA")
    with pytest.raises(BadConfig, match="no CUDA"):
        choose_device("cuda")


def test_loading_and_generating_print_nothing(tmp_path, capfd):
    engine = open_engine("marian", make_checkpoint("marian", tmp_path / "marian"))
    texts(engine, SOURCES[:2], DecodeOptions(beam_size=2))
    assert isinstance(engine, TransformersEngine)
    captured = capfd.readouterr()
    assert (captured.out, captured.err) == ("", "")


def test_an_unknown_letter_is_no_end_of_the_source():
    engine = engine_of("madlad")  # whose unknown piece is not where T5's is
    ids = engine._coder.encode(["Xin 龘 chào"])[0]
    assert ids.count(engine._tokenizer.eos_token_id) == 1
    assert engine._tokenizer.unk_token_id in ids


@pytest.mark.parametrize("text", ["100 m² … ½", "Sở Y tế… 3½ km²", "ﬁ Ａ①"])
def test_mbart_normalises_as_its_sentencepiece_model_does(text):
    from sentencepiece import SentencePieceProcessor

    checkpoint = cached_checkpoint("mbart-vinai")
    model = SentencePieceProcessor(model_file=str(checkpoint / "sentencepiece.bpe.model"))
    unknown = model.unk_id()
    expected = [3 if piece == unknown else piece + 1 for piece in model.encode(text)]
    assert ids_of(engine_of("mbart-vinai"), text) == expected


def test_a_normalizer_that_the_tokenizer_has_is_kept():
    assert "Precompiled" not in repr(engine_of("mbart")._tokenizer._tokenizer.normalizer)


def test_a_sentencepiece_model_without_normalisation_changes_nothing():
    assert engine_of("nllb")._tokenizer._tokenizer.normalizer is None


def test_blanks_are_collapsed_and_line_breaks_kept():
    assert collapse_blanks("  một \t hai\u00a0 ba \nbốn  ") == "một hai ba \nbốn"


def test_a_closed_engine_says_so(tmp_path):
    engine = open_engine("marian", make_checkpoint("marian", tmp_path / "marian"))
    engine.close()
    with pytest.raises(EngineFailed, match="closed"):
        texts(engine, SOURCES[:1])
