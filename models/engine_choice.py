"""The `auto` engine: which library runs a transformers checkpoint best."""

from __future__ import annotations

from importlib.util import find_spec

from models.catalogue import ModelCard
from models.checkpoints import (
    OpenCheckpoint,
    checkpoint_folder,
    open_checkpoint,
    usable_files,
)
from models.engine import Engine, EngineSettings
from models.errors import BadConfig, MissingDependency
from models.hub import refuse_pickle
from models.recipes import FAMILIES
from models.store import WeightsStore


def load(card: ModelCard, store: WeightsStore, settings: EngineSettings) -> Engine:
    """Load a checkpoint with the engine that the settings name, or the best for it.

    Raises:
        MissingDependency: the engine's library is not installed.
        WeightsUnavailable: the checkpoint has not been fetched.
        UnsafeWeights: it comes as a pickle, which the settings do not allow.
        BadConfig: the engine does not run this family.
    """
    checkpoint = open_checkpoint(card, settings)
    if choose_engine(checkpoint, settings) == "ctranslate2":
        from models.ctranslate2_engine import load_checkpoint as load_ctranslate2

        return load_ctranslate2(checkpoint, store, settings)
    from models.transformers_engine import load_checkpoint as load_transformers

    return load_transformers(checkpoint, settings)


def choose_engine(checkpoint: OpenCheckpoint, settings: EngineSettings) -> str:
    """Return "transformers" or "ctranslate2".

    CTranslate2 runs every sequence-to-sequence family, in int8 on a CPU and 16 bits on
    CUDA, several times as fast (`diemtin bench engines`); chat models run in transformers.

    Raises:
        BadConfig: CTranslate2 was asked for and does not run this family.
    """
    causal = FAMILIES[checkpoint.family].causal
    if settings.engine == "ctranslate2" and causal:
        raise BadConfig(
            f"{checkpoint.name} is a chat model, which the ctranslate2 engine does not run; "
            "set DIEMTIN_ENGINE to auto or transformers."
        )
    if settings.engine != "auto":
        return settings.engine
    if causal or find_spec("ctranslate2") is None or _only_torch_has_cuda(settings):
        return "transformers"
    return "ctranslate2"


def check_loadable(card: ModelCard, settings: EngineSettings) -> None:
    """Find out in a moment whether a fetched model can be loaded; for single files, nothing.

    Raises:
        MissingDependency: the libraries of its engines are not installed.
        WeightsUnavailable: files are missing.
        UnsafeWeights: it comes as a pickle, which the settings do not allow.
    """
    if card.checkpoint is None:
        return
    if find_spec("transformers") is None or find_spec("torch") is None:
        raise MissingDependency(f"{card.name} needs: pip install 'diemtin[transformers]'")
    if usable_files(card, checkpoint_folder(card)).pickled and not settings.allow_pickle:
        raise refuse_pickle(card.name)


def _only_torch_has_cuda(settings: EngineSettings) -> bool:
    if settings.device == "cpu":
        return False
    import ctranslate2
    import torch

    return torch.cuda.is_available() and not ctranslate2.get_cuda_device_count()
