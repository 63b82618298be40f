"""What is wanted of a run over an archive, and what of it its results depend on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from importlib.metadata import version
from pathlib import Path
from typing import Any

from models.catalogue import FolderCheckpoint, ModelCard
from models.checkpoint_files import list_files
from models.checkpoints import checkpoint_folder
from models.summarizer import SummarizeOptions
from service.archives.limits import ArchiveLimits
from service.archives.mapping import FieldMapping
from service.runtime import Runtime

_HASH_LETTERS = 12


class OutputForm(StrEnum):
    """How records are written."""

    JSONL = "jsonl"
    PARQUET = "parquet"
    TREE = "tree"


@dataclass(frozen=True)
class ArchiveOptions:
    """What is wanted of a run.

    Args:
        mapping: which field of a row is what.
        limits: beyond which an archive is not read.
        form: of the output.
        html: every item is HTML, whatever its name.
        keep_diacritics: write names as Vietnamese does.
        summarize: form of the summaries; None makes none.
        retry_failed: do again what failed in an earlier pass.
        most_items: only the first so many items; None does all.
        only: origins of what is wanted; None wants everything.
        rows_a_part: records in one file of Parquet.
    """

    mapping: FieldMapping = field(default_factory=FieldMapping)
    limits: ArchiveLimits = field(default_factory=ArchiveLimits)
    form: OutputForm = OutputForm.JSONL
    html: bool = False
    keep_diacritics: bool = False
    summarize: SummarizeOptions | None = field(default_factory=SummarizeOptions)
    retry_failed: bool = False
    most_items: int | None = None
    only: frozenset[str] | None = None
    rows_a_part: int = 5000


@dataclass(frozen=True)
class RunSettings:
    """All that the results of a run depend on; another value of any makes another run.

    Where the items come from, the limits and what a pass does with failures are no part of it.
    """

    values: Mapping[str, Any]

    @property
    def run_id(self) -> str:
        """A short hash of the values."""
        text = json.dumps(self.values, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:_HASH_LETTERS]

    def changes_from(self, old: Mapping[str, Any]) -> list[str]:
        """A line for each value that differs from those of another run."""
        names = sorted({*self.values, *old})
        return [
            f"{name.replace('_', ' ')}: {_told(old.get(name))} -> {_told(self.values.get(name))}"
            for name in names
            if old.get(name) != self.values.get(name)
        ]


def _told(value: object) -> str:
    if value is None:
        return "none"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def run_settings(runtime: Runtime, options: ArchiveOptions) -> RunSettings:
    """What the results depend on; no model is loaded.

    Raises:
        WeightsUnavailable: a checkpoint was not fetched.
        BadConfig: the glossary cannot be read.
    """
    settings = runtime.settings
    models = {"translator": runtime.translator}
    if options.summarize:
        models["summarizer"] = runtime.summarizer
    values: dict[str, Any] = {
        "diemtin": version("diemtin"),
        "engine": settings.engine,
        "device": settings.device,
        "compute_type": settings.compute_type,
        "context": settings.context,
        "beam_size": settings.beam_size,
        "second_attempts": settings.second_attempts,
        "glossary": _hash_file(settings.glossary) if settings.glossary else None,
        "summary": _summary_values(options.summarize),
        "keep_diacritics": options.keep_diacritics,
        "html": options.html,
        "fields": asdict(options.mapping),
        "output_format": str(options.form),
    }
    for task, name in models.items():
        values[task] = _model_values(runtime.store.resolve(name))
    return RunSettings(json.loads(json.dumps(values)))


def _summary_values(wanted: SummarizeOptions | None) -> dict[str, Any] | None:
    return {"style": str(wanted.style), "max_words": wanted.max_words} if wanted else None


def _model_values(card: ModelCard) -> dict[str, Any]:
    values = {"name": card.name, "revision": _revision(card), "family": card.family}
    return values | {"recipe": card.recipe and repr(card.recipe), "chat_format": card.chat_format}


def _revision(card: ModelCard) -> str:
    """Which bytes the weights are, told without reading them."""
    if card.artifact:
        return card.artifact.sha256
    folder = checkpoint_folder(card)
    if not isinstance(card.checkpoint, FolderCheckpoint):
        return folder.name  # of the hub's cache: the commit
    stats = [(name, (folder / name).stat()) for name in list_files(folder).names]
    seen = [(name, one.st_size, one.st_mtime_ns) for name, one in stats]
    return hashlib.sha256(json.dumps([str(folder.resolve()), seen]).encode()).hexdigest()


def _hash_file(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
