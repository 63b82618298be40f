"""Tiny checkpoints of every family: real classes, real tokenizers, saved as a publisher does.

`make_checkpoint` gives random weights, `make_memorised` a Marian model that knows the pairs of
`MEMORISED` by heart. Both are made once a process and copied from then on.
"""

import atexit
import shutil
import tempfile
import warnings
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from models.catalogue import FolderCheckpoint, ModelCard
from models.recipes import Recipe
from tests import tiny_chat, tiny_models
from tests.tiny_models import WINDOW as WINDOW
from tests.tiny_text import MEMORISED as MEMORISED

_FORMS: dict[str, Callable[[Path], tuple[Any, Any]]] = {
    "marian": tiny_models.marian,
    "mbart": tiny_models.mbart50,
    "mbart-vinai": tiny_models.mbart_vinai,
    "m2m100": tiny_models.m2m100,
    "nllb": tiny_models.nllb,
    "t5": tiny_models.t5,
    "mt5": tiny_models.mt5,
    "madlad": tiny_models.madlad,
    "bart": tiny_models.bart,
    "bartpho": tiny_models.bartpho,
    "pegasus": tiny_models.pegasus,
    "causal": tiny_chat.qwen2,
    "gemma3": tiny_chat.gemma3,
}
FORMS = tuple(_FORMS)
FAMILY_OF = {form: form for form in FORMS} | {
    "mbart-vinai": "mbart",
    "mt5": "t5",
    "gemma3": "causal",
}


def make_checkpoint(family: str, folder: Path) -> Path:
    """Put a tiny checkpoint of the family into the folder and return it.

    A family is a key of `models.recipes.FAMILIES`, or one of its other forms: "mbart-vinai"
    (the decoder starts with the target language), "mt5" and "gemma3".
    """
    shutil.copytree(cached_checkpoint(family), folder, dirs_exist_ok=True)
    return folder


def make_memorised(folder: Path) -> Path:
    """Put a tiny Marian checkpoint that has learnt `MEMORISED` into the folder."""
    shutil.copytree(cached_memorised(), folder, dirs_exist_ok=True)
    return folder


def make_pickled(folder: Path) -> Path:
    """Put a tiny Marian checkpoint into the folder whose weights are a pickle alone."""
    import torch
    from safetensors.torch import load_file

    make_checkpoint("marian", folder)
    weights = folder / "model.safetensors"
    torch.save(load_file(weights), folder / "pytorch_model.bin")
    weights.unlink()
    return folder


def without_weights(folder: Path, ending: str) -> Path:
    """Take the tensors whose names end so out of a checkpoint's weights; there must be some."""
    from safetensors.torch import load_file, save_file

    path = folder / "model.safetensors"
    weights = load_file(path)
    kept = {name: tensor for name, tensor in weights.items() if not name.endswith(ending)}
    assert len(kept) < len(weights)
    save_file(kept, path, {"format": "pt"})
    return folder


def writing_unknowns(folder: Path, unknown: int) -> Path:
    """Make a BART-like checkpoint like its unknown token best of all."""
    from safetensors.torch import load_file, save_file

    path = folder / "model.safetensors"
    weights = load_file(path)
    bias = weights["model.shared.weight"].new_zeros(1, len(weights["model.shared.weight"]))
    bias[0, unknown] = 1000.0
    save_file(weights | {"final_logits_bias": bias}, path, {"format": "pt"})
    return folder


def tiny_card(family: str, folder: Path, recipe: Recipe | None = None) -> ModelCard:
    """A catalogue entry for the checkpoint in the folder."""
    return ModelCard(
        name=f"tiny-{family}",
        tasks=("translate",),
        family=FAMILY_OF[family],
        engine="transformers",
        licence="Apache-2.0",
        commercial_use=True,
        notes="",
        context=512,
        chat_format=None,
        checkpoint=FolderCheckpoint(folder),
        recipe=recipe,
    )


@cache
def _cache_root() -> Path:
    root = Path(tempfile.mkdtemp(prefix="tiny-checkpoints-"))
    atexit.register(shutil.rmtree, root, ignore_errors=True)
    return root


@cache
def cached_checkpoint(family: str) -> Path:
    """The one copy of a family's tiny checkpoint; leave it as it is."""
    import transformers

    transformers.logging.disable_progress_bar()
    folder = _cache_root() / family
    folder.mkdir()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Marian asks for sacremoses
        tokenizer, model = _FORMS[family](folder)
        tokenizer.save_pretrained(folder)
        model.save_pretrained(folder)
    return folder


@cache
def cached_memorised() -> Path:
    """The one copy of the trained checkpoint; leave it as it is."""
    from tests.tiny_training import train

    folder = _cache_root() / "memorised"
    shutil.copytree(cached_checkpoint("marian"), folder)
    train(folder, MEMORISED)
    return folder
