"""Which files of a transformers checkpoint loading reads, and what their bytes are."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.errors import BadConfig, CorruptWeights, WeightsUnavailable

CONFIG = "config.json"
_PLAIN = frozenset(
    {
        CONFIG,
        "generation_config.json",
        "tokenizer.json",
        "tokenizer_config.json",
        "special_tokens_map.json",
        "added_tokens.json",
        "vocab.json",
        "vocab.txt",
        "merges.txt",
        "dict.txt",
        "chat_template.jinja",
        "chat_template.json",
    }
)
_SENTENCEPIECE = re.compile(r"[\w.-]+\.(spm|model)", re.ASCII)
_BLOCK = 1 << 20
_SHA256_DIGITS, _GIT_DIGITS = 64, 40


@dataclass(frozen=True)
class WeightsFormat:
    """How a publisher names weights: one file, or an index and its shards."""

    whole: str
    index: str
    shard: re.Pattern[str]

    def of(self, names: Collection[str]) -> list[str]:
        """The files among the names that hold weights in this format."""
        if self.whole in names:
            return [self.whole]
        shards = sorted(name for name in names if self.shard.fullmatch(name))
        return [self.index, *shards] if shards and self.index in names else []


SAFETENSORS = WeightsFormat(
    "model.safetensors",
    "model.safetensors.index.json",
    re.compile(r"model-\d{5}-of-\d{5}\.safetensors"),
)
PICKLE = WeightsFormat(
    "pytorch_model.bin",
    "pytorch_model.bin.index.json",
    re.compile(r"pytorch_model-\d{5}-of-\d{5}\.bin"),
)


@dataclass(frozen=True)
class CheckpointFiles:
    """The names of the files that loading reads; none of weights where there are none."""

    plain: tuple[str, ...]
    weights: tuple[str, ...]
    pickled: bool

    @classmethod
    def among(cls, names: Iterable[str]) -> CheckpointFiles:
        """Choose from a checkpoint's files: one format of weights, never any code."""
        known = set(names)
        plain = sorted(n for n in known if n in _PLAIN or _SENTENCEPIECE.fullmatch(n))
        safe = SAFETENSORS.of(known)
        return cls(tuple(plain), tuple(safe or PICKLE.of(known)), not safe)

    @property
    def names(self) -> tuple[str, ...]:
        """All of them."""
        return (*self.plain, *self.weights)

    @property
    def usable(self) -> bool:
        """Whether there are a configuration and weights."""
        return CONFIG in self.plain and bool(self.weights)


@dataclass(frozen=True)
class FileHash:
    """The sha256 of a file, and whether it is what its name in the hub's cache promises."""

    name: str
    size: int
    sha256: str
    intact: bool


def list_files(folder: Path) -> CheckpointFiles:
    """The files of a folder that loading reads.

    Raises:
        WeightsUnavailable: the folder cannot be read.
        BadConfig: one of them is not a regular file in that folder.
    """
    try:
        files = CheckpointFiles.among(p.name for p in folder.iterdir() if not _lost_blob(p))
        for name in files.names:
            _check_regular(folder / name)
    except OSError as error:
        raise WeightsUnavailable(
            f"Cannot read the checkpoint in {folder}: {error.strerror}; check that the folder "
            "is there and who may read it."
        ) from error
    return files


def _check_regular(path: Path) -> None:
    # Transformers follows links: one that leads elsewhere would read a file nobody chose.
    if path.is_symlink() and _blob_of(path) is None:
        raise BadConfig(f"{path} is a link, which a checkpoint may not hold; copy the file there.")
    if not path.is_file():
        raise BadConfig(f"{path} is not a regular file; put the checkpoint's own file there.")


def _lost_blob(path: Path) -> bool:
    return not path.exists() and _blob_of(path) is not None


def _blob_of(path: Path) -> Path | None:
    """The blob of the same repository that a file in the hub's cache is a link to."""
    if not path.is_symlink():
        return None
    snapshot = path.parent.resolve()
    repository = snapshot.parent.parent
    # By its name alone: it may be a link itself, into the store that all repositories share.
    blob = Path(os.path.normpath(snapshot / path.readlink()))
    if blob.parent.resolve() != repository / "blobs":
        return None
    if blob.is_symlink() and blob.resolve().parent.parent != repository.parent / "blobs":
        return None
    return blob


def missing_shards(folder: Path, files: CheckpointFiles) -> tuple[str, ...]:
    """The shards that the weights' index names and that are not there.

    Raises:
        CorruptWeights: the index names none.
    """
    indices = [name for name in files.weights if name.endswith(".index.json")]
    named = {str(name) for index in indices for name in _read_index(folder / index).values()}
    return tuple(sorted(named.difference(files.weights)))


def _read_index(path: Path) -> Mapping[str, Any]:
    found = read_json(path).get("weight_map")
    if not isinstance(found, dict):
        raise CorruptWeights(f"{path} names no weights; fetch or copy the checkpoint again.")
    return found


def read_json(path: Path) -> Mapping[str, Any]:
    """Read an object from one of the checkpoint's files.

    Raises:
        WeightsUnavailable: it cannot be read.
        BadConfig: it holds something else.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise WeightsUnavailable(f"Cannot read {path}: {error.strerror}.") from error
    except ValueError as error:
        raise BadConfig(f"{path} is not JSON: {error}; copy the publisher's file anew.") from error
    if not isinstance(found, dict):
        raise BadConfig(f"{path} holds no JSON object; copy the publisher's file anew.")
    return found


def hash_files(folder: Path, files: CheckpointFiles) -> list[FileHash]:
    """Read every file once; one of the hub's cache is compared with the name of its blob.

    Raises:
        WeightsUnavailable: a file cannot be read.
    """
    try:
        return [_hash_file(folder / name) for name in sorted(files.names)]
    except OSError as error:
        raise WeightsUnavailable(
            f"Cannot read the weights in {folder}: {error.strerror}; check who may read them."
        ) from error


def _hash_file(path: Path) -> FileHash:
    blob = _blob_of(path)
    promised = blob.name if blob else ""
    size = path.stat().st_size
    sha256, git = hashlib.sha256(), hashlib.sha1(usedforsecurity=False)
    git.update(b"blob %d\0" % size)
    small = len(promised) == _GIT_DIGITS
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            sha256.update(block)
            if small:
                git.update(block)
    actual = {_SHA256_DIGITS: sha256.hexdigest(), _GIT_DIGITS: git.hexdigest()}
    intact = actual.get(len(promised), promised) == promised
    return FileHash(path.name, size, sha256.hexdigest(), intact)


def sum_of(hashes: Iterable[FileHash]) -> str:
    """One sha256 over the names and hashes of all files."""
    lines = (f"{one.sha256}  {one.name}\n" for one in sorted(hashes, key=lambda one: one.name))
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def discard(folder: Path, names: Iterable[str]) -> None:
    """Take files out of a snapshot of the hub's cache, with their blobs."""
    for name in names:
        path = folder / name
        blob = _blob_of(path)
        # The bytes first: they may lie in the store that all repositories share.
        for each in (blob.resolve(), blob) if blob else ():
            each.unlink(missing_ok=True)
        path.unlink(missing_ok=True)
