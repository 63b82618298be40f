"""Opening a transformers checkpoint: where it lies, what it is, and that it is intact."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.catalogue import FolderCheckpoint, ModelCard
from models.checkpoint_files import (
    CONFIG,
    CheckpointFiles,
    FileHash,
    hash_files,
    list_files,
    missing_shards,
    read_json,
    sum_of,
)
from models.engine import EngineSettings
from models.errors import BadConfig, CorruptWeights, WeightsUnavailable
from models.hub import locate, refuse_pickle
from models.recipes import FAMILIES, Recipe

_ADAPTER = "adapter_config.json"
_MADLAD_TOKEN = b"<2en>"
_NLLB_TOKEN = b"vie_Latn"


@dataclass(frozen=True)
class OpenCheckpoint:
    """A checkpoint that may be loaded.

    Args:
        name: the card's name, for provenance and messages.
        folder: holds config.json, the tokenizer's files and the weights.
        sha256: over the names and hashes of every file that loading reads.
        family: key of `models.recipes.FAMILIES`.
        recipe: language codes and prefixes.
        config: config.json.
        pickled: the weights come as a pickle, and that was allowed.
    """

    name: str
    folder: Path
    sha256: str
    family: str
    recipe: Recipe
    config: Mapping[str, Any]
    pickled: bool


def open_checkpoint(card: ModelCard, settings: EngineSettings) -> OpenCheckpoint:
    """Find a card's checkpoint, hash it and say how it wants to be asked; no network.

    Raises:
        WeightsUnavailable: it was not fetched, or there is no such folder.
        UnsafeWeights: its weights come as a pickle, and that was not allowed.
        CorruptWeights: a file is not what the hub had, or a shard is missing.
        BadConfig: its family is not one that diemtin knows.
    """
    folder = checkpoint_folder(card)
    files = usable_files(card, folder)
    config = read_json(folder / CONFIG)
    family = _family_of(card, folder, config)
    if files.pickled and not settings.allow_pickle:
        raise refuse_pickle(card.name)
    hashes = hash_files(folder, files)
    refuse_damaged(card, hashes)
    recipe = card.recipe or FAMILIES[family].recipe
    return OpenCheckpoint(card.name, folder, sum_of(hashes), family, recipe, config, files.pickled)


def checkpoint_folder(card: ModelCard) -> Path:
    """Where a card's checkpoint lies on this machine.

    Raises:
        WeightsUnavailable: it was not fetched, or there is no such folder.
        BadConfig: the card is of an artifact, which is no checkpoint.
    """
    if card.checkpoint is None:
        raise BadConfig(f"{card.name} is a single file, not a transformers checkpoint.")
    if isinstance(card.checkpoint, FolderCheckpoint):
        folder = card.checkpoint.folder
        if not folder.is_dir():
            raise WeightsUnavailable(f"The folder of {card.name} is not there: {folder}.")
        return folder
    snapshot = locate(card.checkpoint)
    if snapshot is None:
        raise WeightsUnavailable(
            f"{card.name} was not fetched yet; fetch it with: diemtin models pull {card.name}"
        )
    return snapshot


def usable_files(card: ModelCard, folder: Path) -> CheckpointFiles:
    """The files that loading reads.

    Raises:
        WeightsUnavailable: configuration or weights are not there.
        CorruptWeights: a shard of the weights is not there.
        BadConfig: something in the folder must not be read.
    """
    files = list_files(folder)
    if not files.usable:
        raise WeightsUnavailable(
            f"The checkpoint of {card.name} in {folder} lacks config.json or model.safetensors; "
            f"{_again(card)}"
        )
    if (folder / _ADAPTER).exists():
        raise BadConfig(
            f"{folder} holds an adapter ({_ADAPTER}), which would load another model's weights; "
            "merge it into its base model and save that."
        )
    missing = ", ".join(missing_shards(folder, files))
    if missing:
        raise CorruptWeights(f"The checkpoint of {card.name} lacks {missing}; {_again(card)}")
    return files


def is_there(card: ModelCard) -> bool:
    """Whether every file of a card's checkpoint is there; none of the weights is read."""
    try:
        usable_files(card, checkpoint_folder(card))
    except (WeightsUnavailable, CorruptWeights, BadConfig):
        return False
    return True


def refuse_damaged(card: ModelCard, hashes: Sequence[FileHash]) -> None:
    """Raise CorruptWeights where a file is not what the hub's cache says it is."""
    damaged = ", ".join(one.name for one in hashes if not one.intact)
    if damaged:
        raise CorruptWeights(
            f"Of the checkpoint of {card.name} these files are damaged: {damaged}; {_again(card)}"
        )


def _again(card: ModelCard) -> str:
    if isinstance(card.checkpoint, FolderCheckpoint):
        return "copy it there anew."
    return f"fetch it again with: diemtin models pull {card.name}"


def _family_of(card: ModelCard, folder: Path, config: Mapping[str, Any]) -> str:
    kind = config.get("model_type")
    candidates = [name for name, one in FAMILIES.items() if kind in one.model_types]
    if not candidates:
        raise _unknown_family(card, config)
    if not card.family:
        return candidates[0] if len(candidates) == 1 else _tell_apart(str(kind), folder, config)
    if card.family not in candidates:
        raise BadConfig(
            f"The catalogue says that {card.name} is of family {card.family!r}, but its "
            f"config.json has the model_type {kind!r}; set family to {' or '.join(candidates)}."
        )
    return card.family


def _unknown_family(card: ModelCard, config: Mapping[str, Any]) -> BadConfig:
    kind = config.get("model_type")
    known = sorted({name for family in FAMILIES.values() for name in family.model_types})
    if "auto_map" in config:
        return BadConfig(
            f"{card.name} brings its own Python code (auto_map in config.json), which diemtin "
            "never runs: trust_remote_code is never on. Choose a model of a type that "
            f"transformers itself has: {', '.join(known)}."
        )
    return BadConfig(
        f"{card.name} has the model_type {kind!r}, which diemtin does not know; choose a model "
        f"of one of these: {', '.join(known)}."
    )


def _tell_apart(kind: str, folder: Path, config: Mapping[str, Any]) -> str:
    """Families that share a model_type differ in their tokenizer."""
    tokenizer = _tokenizer_class(folder, config)
    if kind == "mbart":
        named = tokenizer.startswith("Bartpho")
        return "bartpho" if named or (not tokenizer and _has(folder, "dict.txt")) else "mbart"
    if kind == "m2m_100":
        languages = ("tokenizer_config.json", "special_tokens_map.json", "tokenizer.json")
        named = tokenizer.startswith("Nllb")
        return "nllb" if named or _mentions(folder, languages, _NLLB_TOKEN) else "m2m100"
    vocabulary = ("tokenizer.json", "added_tokens.json", "spiece.model")
    return "madlad" if _mentions(folder, vocabulary, _MADLAD_TOKEN) else "t5"


def _tokenizer_class(folder: Path, config: Mapping[str, Any]) -> str:
    own = folder / "tokenizer_config.json"
    named = read_json(own).get("tokenizer_class") if own.is_file() else None
    return str(named or config.get("tokenizer_class") or "")


def _has(folder: Path, name: str) -> bool:
    return (folder / name).is_file()


def _mentions(folder: Path, names: Sequence[str], token: bytes) -> bool:
    return any(token in (folder / name).read_bytes() for name in names if _has(folder, name))
