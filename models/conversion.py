"""Checkpoints converted for CTranslate2: once, beside the weights, by hash and version."""

from __future__ import annotations

import hashlib
import json
import logging
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

from filelock import FileLock, Timeout

from models.checkpoints import OpenCheckpoint
from models.engine import EngineSettings
from models.errors import (
    BadConfig,
    DiemtinError,
    EngineFailed,
    MissingDependency,
    WeightsUnavailable,
)
from models.torch_loading import BEYOND_FLOAT16, harmful_pickle

MANIFEST = "conversion.json"
VOCABULARY = "shared_vocabulary.json"  # this name and the next are CTranslate2's
PLAIN_ENTRIES = "vmap.txt"
_LAYOUT = 2  # of a converted folder: another number, and what is cached is converted again
_AUTOMATIC = {"cpu": ("int8",), "cuda": ("float16", "float32")}
_AUTOMATIC_BEYOND_FLOAT16 = {"cpu": ("int8",), "cuda": ("bfloat16", "float32")}
_SPARE = 1.05  # vocabulary, biases and norms beside the quantized weights
_log = logging.getLogger(__name__)


def import_ctranslate2() -> Any:  # noqa: ANN401 - an untyped library
    """Return the library.

    Raises:
        MissingDependency: it is not installed, or what it converts checkpoints with.
    """
    try:
        import ctranslate2
        import sentencepiece  # noqa: F401 - transformers says so late and badly
        import torch  # noqa: F401 - the converter says so late and badly
        import transformers
    except ImportError as error:
        raise MissingDependency(
            f"The ctranslate2 engine needs {error.name}: pip install 'diemtin[transformers]'"
        ) from error
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    return ctranslate2


def pick_device(settings: EngineSettings) -> str:
    """Return "cpu" or "cuda": what the settings say, or CUDA where there is any.

    Raises:
        BadConfig: the device is unknown, or CTranslate2 cannot use it here.
    """
    if settings.device == "cpu":
        return "cpu"
    if settings.device not in ("auto", "cuda"):
        raise BadConfig(f"Unknown device {settings.device!r}; give auto, cpu or cuda.")
    if import_ctranslate2().get_cuda_device_count() > 0:
        return "cuda"
    if settings.device == "auto":
        return "cpu"
    raise BadConfig("CTranslate2 finds no CUDA device here; set the device to auto or cpu.")


def pick_compute_type(settings: EngineSettings, device: str, model_type: str) -> str:
    """Return the type of the weights on that device; see `choose_compute_type`."""
    supported = import_ctranslate2().get_supported_compute_types(device)
    return choose_compute_type(settings.compute_type, device, model_type, supported)


def choose_compute_type(
    wanted: str, device: str, model_type: str, supported: Collection[str]
) -> str:
    """Return what is wanted, or for "auto" what suits the device and the range of the model.

    Raises:
        BadConfig: the device does not support it; the message lists what it does.
    """
    automatic = _AUTOMATIC_BEYOND_FLOAT16 if model_type in BEYOND_FLOAT16 else _AUTOMATIC
    for candidate in automatic[device] if wanted == "auto" else (wanted,):
        if candidate in supported:
            return candidate
    raise BadConfig(
        f"CTranslate2 cannot compute in {wanted!r} on this {device}; "
        f"give auto or one of: {', '.join(sorted(supported))}."
    )


def convert_checkpoint(checkpoint: OpenCheckpoint, root: Path, quantization: str) -> Path:
    """Return the folder of the converted checkpoint; only the first call converts.

    Args:
        checkpoint: of a sequence-to-sequence family.
        root: directory of all conversions.
        quantization: of the converted weights, a compute type of CTranslate2.

    Raises:
        MissingDependency: ctranslate2 or transformers is not installed.
        WeightsUnavailable: the disk does not take the conversion.
        UnsafeWeights: its pickle holds more than numbers.
        EngineFailed: the converter does not take the checkpoint.
    """
    version = import_ctranslate2().__version__
    target = root / f"{_stem(checkpoint)}-{version}-{quantization}"
    if is_intact(target):
        return target
    try:
        root.mkdir(parents=True, exist_ok=True)
        with _locked(checkpoint, root):
            if not is_intact(target):
                _remove_leftovers(checkpoint, root, target, version)
                _convert(checkpoint, target, quantization)
    except OSError as error:
        raise WeightsUnavailable(
            f"Cannot write the conversion of {checkpoint.name} to {root}: "
            f"{error.strerror or error}; {_figures(checkpoint, root, quantization)}"
        ) from error
    return target


def is_intact(folder: Path) -> bool:
    """Say whether the folder holds a conversion, whole and as it was written."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        return manifest["layout"] == _LAYOUT and all(
            _sha256(folder / name) == sha256 for name, sha256 in manifest["sha256"].items()
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


def _stem(checkpoint: OpenCheckpoint) -> str:
    return checkpoint.sha256[:16]


@contextmanager
def _locked(checkpoint: OpenCheckpoint, root: Path) -> Iterator[None]:
    lock = FileLock(root / f"{_stem(checkpoint)}.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        _log.warning("waiting for another conversion of %s", checkpoint.name)
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


def _remove_leftovers(checkpoint: OpenCheckpoint, root: Path, target: Path, version: str) -> None:
    """Remove what killed conversions and older versions of CTranslate2 left of it."""
    current = f"{_stem(checkpoint)}-{version}-"
    for folder in root.glob(f"{_stem(checkpoint)}-*"):
        stale = folder.suffix == ".partial" or not folder.name.startswith(current)
        if stale or folder == target:
            shutil.rmtree(folder)


def _convert(checkpoint: OpenCheckpoint, target: Path, quantization: str) -> None:
    from models.numbered_converter import NumberedConverter  # it imports torch

    _check_space(checkpoint, target.parent, quantization)
    _log.warning("converting %s to %s, once", checkpoint.name, quantization)
    partial = target.with_name(f"{target.name}.partial")
    try:
        NumberedConverter(checkpoint).convert(str(partial), quantization=quantization)
        _write_manifest(partial)
        partial.rename(target)
    except OSError as error:
        if error.errno is not None:  # of the disk: transformers raises OSError without one
            raise
        raise _refused(checkpoint, error) from error
    except DiemtinError:
        raise
    except UnpicklingError as error:
        raise harmful_pickle(checkpoint.name) from error
    except Exception as error:  # the libraries raise anything over a file they cannot read
        raise _refused(checkpoint, error) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _refused(checkpoint: OpenCheckpoint, error: Exception) -> EngineFailed:
    return EngineFailed(
        f"CTranslate2 cannot convert {checkpoint.name} ({type(error).__name__}: {error}); "
        "check its files, or set the engine to transformers."
    )


def _write_manifest(folder: Path) -> None:
    hashes = {path.name: _sha256(path) for path in sorted(folder.iterdir())}
    text = json.dumps({"layout": _LAYOUT, "sha256": hashes}, indent=1)
    (folder / MANIFEST).write_text(text, encoding="utf-8")


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _check_space(checkpoint: OpenCheckpoint, root: Path, quantization: str) -> None:
    if shutil.disk_usage(root).free < _needed_bytes(checkpoint, quantization):
        raise WeightsUnavailable(
            f"No space to convert {checkpoint.name} in {root}: "
            f"{_figures(checkpoint, root, quantization)}"
        )


def _figures(checkpoint: OpenCheckpoint, root: Path, quantization: str) -> str:
    needed = _needed_bytes(checkpoint, quantization)
    there = next(folder for folder in (root, *root.parents) if folder.exists())
    free = shutil.disk_usage(there).free
    return (
        f"it takes {needed / 1e9:.2f} GB, of which {free / 1e9:.2f} GB are free; make room or "
        "choose another directory with DIEMTIN_MODELS_DIR."
    )


def _needed_bytes(checkpoint: OpenCheckpoint, quantization: str) -> int:
    config = checkpoint.config
    stored_type = str(config.get("dtype") or config.get("torch_dtype") or "float32")
    pattern = "*.bin" if checkpoint.pickled else "*.safetensors"
    stored = sum(path.stat().st_size for path in checkpoint.folder.glob(pattern))
    weights = stored // (2 if "16" in stored_type else 4)
    return int(weights * bytes_a_weight(quantization) * _SPARE)


def bytes_a_weight(quantization: str) -> int:
    """Bytes of one weight in that type."""
    if quantization.startswith("int8"):
        return 1
    return 2 if "16" in quantization else 4
