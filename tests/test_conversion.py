import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import ctranslate2
import pytest
import torch
from safetensors.torch import load_file, save_file

from models.checkpoints import open_checkpoint
from models.conversion import (
    MANIFEST,
    choose_compute_type,
    convert_checkpoint,
    is_intact,
    pick_compute_type,
    pick_device,
)
from models.engine import EngineSettings
from models.errors import BadConfig, EngineFailed, UnsafeWeights, WeightsUnavailable
from tests.tiny_checkpoints import make_checkpoint, make_pickled, tiny_card, without_weights

CPU = EngineSettings(device="cpu")
ROOT = Path(__file__).parent.parent
# Converts; `at` is an audit event and the end of its first argument: the process kills itself
# with SIGKILL when that comes to pass. `most` bytes is what a file may hold.
CHILD = """
import os, resource, signal, sys
from pathlib import Path
from models.catalogue import FolderCheckpoint
from models.checkpoints import open_checkpoint
from models.conversion import convert_checkpoint
from models.engine import EngineSettings
from models.errors import DiemtinError
from tests.tiny_checkpoints import tiny_card

folder, root, event, ending, most = sys.argv[1:]

def kill(seen, arguments):
    if seen == event and str(arguments[0]).endswith(ending):
        os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(kill)
checkpoint = open_checkpoint(tiny_card("marian", Path(folder)), EngineSettings())
if int(most):
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(most), resource.RLIM_INFINITY))
try:
    print(convert_checkpoint(checkpoint, Path(root), "int8"))
except DiemtinError as error:
    sys.exit(f"{type(error).__name__}: {error}")
"""


def start_child(folder, root, event="", ending="", most=0):
    return subprocess.Popen(
        [sys.executable, "-c", CHILD, folder, root, event, ending, str(most)],
        cwd=ROOT,
        env=os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run_child(*arguments, **more):
    with start_child(*arguments, **more) as child:
        out, err = child.communicate(timeout=120)
    return child.returncode, out.strip(), err


@pytest.fixture
def folder(tmp_path):
    return make_checkpoint("marian", tmp_path / "checkpoint")


@pytest.fixture
def checkpoint(folder):
    return open_checkpoint(tiny_card("marian", folder), CPU)


@pytest.fixture
def root(tmp_path):
    return tmp_path / "conversions"


def file_identity(folder):
    found = (folder / "model.bin").stat()
    return found.st_ino, found.st_mtime_ns


def folders_in(root):
    return sorted(path.name for path in root.iterdir() if path.is_dir())


def test_a_checkpoint_is_converted_once(checkpoint, root):
    first = convert_checkpoint(checkpoint, root, "int8")
    assert first == root / f"{checkpoint.sha256[:16]}-{ctranslate2.__version__}-int8"
    before = file_identity(first)
    assert convert_checkpoint(checkpoint, root, "int8") == first
    assert file_identity(first) == before
    assert folders_in(root) == [first.name]


def test_each_quantization_has_its_folder(checkpoint, root):
    small, large = (convert_checkpoint(checkpoint, root, kind) for kind in ("int8", "float32"))
    assert is_intact(small)
    sizes = [(one / "model.bin").stat().st_size for one in (small, large)]
    assert sizes[0] * 2 < sizes[1]


def test_other_weights_are_converted_to_another_folder(checkpoint, folder, root):
    first = convert_checkpoint(checkpoint, root, "int8")
    weights = load_file(folder / "model.safetensors")
    weights["model.shared.weight"] += 1
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    changed = open_checkpoint(tiny_card("marian", folder), CPU)
    assert convert_checkpoint(changed, root, "int8") != first
    assert len(folders_in(root)) == 2


def cut_short(folder):
    with (folder / "model.bin").open("r+b") as stream:
        stream.truncate(1000)


def flip_a_byte(folder):
    data = bytearray((folder / "model.bin").read_bytes())
    data[len(data) // 2] ^= 1
    (folder / "model.bin").write_bytes(data)


def of_another_layout(folder):
    manifest = json.loads((folder / MANIFEST).read_text())
    (folder / MANIFEST).write_text(json.dumps(manifest | {"layout": 0}))


@pytest.mark.parametrize(
    "damage",
    [
        lambda folder: (folder / "model.bin").unlink(),
        lambda folder: (folder / "vmap.txt").unlink(),
        lambda folder: (folder / MANIFEST).unlink(),
        lambda folder: (folder / MANIFEST).write_text("[]"),
        lambda folder: (folder / MANIFEST).write_text("{"),
        cut_short,
        flip_a_byte,
        of_another_layout,
    ],
    ids=["weights", "plain", "manifest", "list", "syntax", "short", "flipped", "layout"],
)
def test_a_damaged_conversion_is_made_again(checkpoint, root, damage):
    made = convert_checkpoint(checkpoint, root, "int8")
    damage(made)
    assert not is_intact(made)
    assert convert_checkpoint(checkpoint, root, "int8") == made
    assert is_intact(made)
    assert ctranslate2.Translator(str(made)).num_translators == 1


@pytest.mark.parametrize(
    ("event", "ending"), [("open", "model.bin"), ("os.rename", ".partial")], ids=["write", "rename"]
)
def test_what_a_killed_conversion_leaves_is_never_taken_for_a_result(
    checkpoint, folder, root, event, ending
):
    code, out, _ = run_child(folder, root, event, ending)
    assert (code, out) == (-9, "")
    [left] = folders_in(root)
    assert left.endswith(".partial")
    made = convert_checkpoint(checkpoint, root, "int8")
    assert is_intact(made)
    assert folders_in(root) == [made.name]


def test_two_processes_convert_once(folder, root):
    children = [start_child(folder, root) for _ in range(2)]
    ends = [child.communicate(timeout=120) for child in children]
    assert [child.returncode for child in children] == [0, 0]
    assert len({out for out, _ in ends}) == 1
    assert sum(err.count("converting tiny-marian") for _, err in ends) == 1
    assert is_intact(Path(ends[0][0].strip()))


def test_threads_convert_once(checkpoint, root, caplog):
    with ThreadPoolExecutor(4) as pool:
        made = set(pool.map(lambda _: convert_checkpoint(checkpoint, root, "int8"), range(4)))
    assert len(made) == 1
    assert sum("converting" in record.message for record in caplog.records) == 1


def test_older_versions_of_the_same_checkpoint_go(checkpoint, root):
    stem = checkpoint.sha256[:16]
    others = ["0123456789abcdef-4.0.0-int8", f"{stem}-{ctranslate2.__version__}-float16"]
    for name in (f"{stem}-4.0.0-int8", f"{stem}-4.0.0-float32", *others):
        (root / name).mkdir(parents=True)
    made = convert_checkpoint(checkpoint, root, "int8")
    assert folders_in(root) == sorted([made.name, *others])


def test_a_full_disk_is_told_with_figures(folder, root):
    code, _, err = run_child(folder, root, most=20_000)
    assert code == 1
    assert "WeightsUnavailable: Cannot write the conversion of tiny-marian" in err
    assert "GB are free; make room" in err
    assert folders_in(root) == []


def test_too_little_space_is_told_before_anything_is_read(checkpoint, folder, root):
    with (folder / "model-2.safetensors").open("wb") as stream:
        stream.truncate(1 << 43)  # a hole: it takes no space
    with pytest.raises(WeightsUnavailable, match=r"it takes 2308\.97 GB, of which .* make room"):
        convert_checkpoint(checkpoint, root, "int8")
    assert folders_in(root) == []


def test_a_root_that_cannot_be_a_folder_is_told(checkpoint, root):
    root.write_text("")
    with pytest.raises(WeightsUnavailable, match="choose another directory"):
        convert_checkpoint(checkpoint, root, "int8")


def test_weights_that_lack_a_tensor_are_refused(folder, root):
    without_weights(folder, "encoder.layers.0.fc1.weight")
    lacking = open_checkpoint(tiny_card("marian", folder), CPU)
    with pytest.raises(EngineFailed, match=r"lack 1 of the model's, such as .*fc1\.weight"):
        convert_checkpoint(lacking, root, "int8")
    assert folders_in(root) == []


def test_positions_that_were_learnt_may_not_be_missing(tmp_path, root):
    folder = make_checkpoint("bart", tmp_path / "bart")
    without_weights(folder, "embed_positions.weight")
    with pytest.raises(EngineFailed, match="lack 2 of the model's"):
        convert_checkpoint(open_checkpoint(tiny_card("bart", folder), CPU), root, "int8")


def test_what_the_converter_does_not_take_is_refused(checkpoint, root):
    other = json.loads((checkpoint.folder / "config.json").read_text()) | {"model_type": "led"}
    (checkpoint.folder / "config.json").write_text(json.dumps(other))
    with pytest.raises(EngineFailed, match="set the engine to transformers"):
        convert_checkpoint(checkpoint, root, "int8")


def test_damaged_weights_are_refused(checkpoint, folder, root):
    (folder / "model.safetensors").write_bytes(b"no tensors")
    with pytest.raises(EngineFailed, match="cannot convert tiny-marian"):
        convert_checkpoint(checkpoint, root, "int8")


class Code:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


def test_a_pickle_with_code_is_not_run(tmp_path, root):
    folder = make_pickled(tmp_path / "pickled")
    torch.save({"weight": Code(tmp_path / "touched")}, folder / "pytorch_model.bin")
    allowed = open_checkpoint(tiny_card("marian", folder), replace(CPU, allow_pickle=True))
    with pytest.raises(UnsafeWeights, match="choose a checkpoint with safetensors"):
        convert_checkpoint(allowed, root, "int8")
    assert not (tmp_path / "touched").exists()


def test_a_pickle_is_read_only_where_it_was_allowed(tmp_path, root):
    folder = make_pickled(tmp_path / "pickled")
    allowed = open_checkpoint(tiny_card("marian", folder), replace(CPU, allow_pickle=True))
    assert is_intact(convert_checkpoint(allowed, root, "int8"))
    with pytest.raises(EngineFailed, match="CTranslate2 cannot convert tiny-marian"):
        convert_checkpoint(replace(allowed, pickled=False), root, "float32")


@pytest.mark.parametrize(
    ("wanted", "chosen"),
    [("auto", "int8"), ("int8", "int8"), ("int8_float32", "int8_float32"), ("float32", "float32")],
)
def test_compute_types_of_a_cpu(wanted, chosen):
    assert pick_compute_type(replace(CPU, compute_type=wanted), "cpu", "t5") == chosen


@pytest.mark.parametrize(
    ("wanted", "model_type", "supported", "chosen"),
    [
        ("auto", "marian", {"float16", "bfloat16", "float32"}, "float16"),
        ("auto", "m2m_100", {"float16", "bfloat16", "float32"}, "float16"),
        ("auto", "bart", {"float32"}, "float32"),
        *[
            ("auto", family, {"float16", "bfloat16", "float32"}, "bfloat16")
            for family in ("t5", "mt5", "umt5", "pegasus")
        ],
        ("auto", "t5", {"float16", "float32"}, "float32"),
        ("float16", "t5", {"float16", "float32"}, "float16"),
    ],
)
def test_compute_types_of_cuda(wanted, model_type, supported, chosen):
    assert choose_compute_type(wanted, "cuda", model_type, supported) == chosen


@pytest.mark.parametrize("wanted", ["float8", "", "INT8"])
def test_a_compute_type_that_is_not_there_names_those_that_are(wanted):
    with pytest.raises(BadConfig) as caught:
        pick_compute_type(replace(CPU, compute_type=wanted), "cpu", "marian")
    supported = ctranslate2.get_supported_compute_types("cpu")
    assert ", ".join(sorted(supported)) in str(caught.value)
    assert repr(wanted) in str(caught.value)


def test_an_unknown_device_is_refused():
    with pytest.raises(BadConfig, match="auto, cpu or cuda"):
        pick_device(replace(CPU, device="tpu"))


@pytest.mark.skipif(ctranslate2.get_cuda_device_count() > 0, reason="needs a machine without CUDA")
def test_without_cuda_the_cpu_is_taken_unless_cuda_was_asked_for():
    assert pick_device(replace(CPU, device="auto")) == "cpu"
    with pytest.raises(BadConfig, match="finds no CUDA device"):
        pick_device(replace(CPU, device="cuda"))
