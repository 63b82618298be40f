"""The English that is measured: made by a digester, kept in files and read again."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from models.engine import Provenance
from models.errors import BadConfig
from models.fidelity import Issue
from service.benchmark import BenchmarkItem, Split
from service.evaluation_systems import System
from service.pipeline import Digest, Digester

RUN_FILE = "run.json"


@dataclass(frozen=True)
class ElementOutput:
    """One element with its English; what a model translated has a reference."""

    source: str
    target: str
    translated: bool
    issues: tuple[Issue, ...] = ()


@dataclass(frozen=True)
class ItemOutput:
    """What a system made of one benchmark item."""

    id: str
    elements: tuple[ElementOutput, ...]
    summary: str
    translate_s: float
    summarize_s: float

    @property
    def translated(self) -> tuple[ElementOutput, ...]:
        """The elements that have a reference, in its order."""
        return tuple(element for element in self.elements if element.translated)


@dataclass(frozen=True)
class RunRecord:
    """What made a system's outputs, and of which items."""

    system: str
    split: Split
    items: tuple[str, ...]
    translator: Provenance
    summarizer: Provenance | None
    package_version: str


@dataclass(frozen=True)
class SystemOutput:
    """All that one system made, in the order of the items."""

    record: RunRecord
    items: tuple[ItemOutput, ...]


Kept = TypeVar("Kept")
_ITEM = TypeAdapter(ItemOutput)
_RECORD = TypeAdapter(RunRecord)


def run_item(digester: Digester, item: BenchmarkItem) -> tuple[ItemOutput, Digest]:
    """Digest one item as a user would."""
    done = digester.digest(item.source)
    elements = tuple(
        ElementOutput(one.element.text, one.target, one.element.translatable, one.issues)
        for one in done.elements
        if one.target is not None
    )
    output = ItemOutput(
        id=item.id,
        elements=elements,
        summary=done.summary.text if done.summary else "",
        translate_s=done.timings.translate_s,
        summarize_s=done.timings.summarize_s,
    )
    return output, done


def run_benchmark(
    digesters: Mapping[System, Digester], items: Sequence[BenchmarkItem], split: Split
) -> Iterator[SystemOutput]:
    """Yield each system's output whenever it has one item more.

    The systems take turns item by item, in changing order, so that a machine that slows
    down slows down both.
    """
    done: dict[System, list[ItemOutput]] = {system: [] for system in digesters}
    for number, item in enumerate(items):
        turns = list(digesters.items())
        for system, digester in turns if number % 2 else reversed(turns):
            output, digest = run_item(digester, item)
            done[system].append(output)
            record = RunRecord(
                system=system,
                split=split,
                items=tuple(one.id for one in done[system]),
                translator=digest.translator,
                summarizer=digest.summarizer,
                package_version=version("diemtin"),
            )
            yield SystemOutput(record, tuple(done[system]))


def keep_output(folder: Path, output: SystemOutput) -> None:
    """Write the last item of the output, and the record of all."""
    item = output.items[-1]
    own = folder / output.record.system
    write_whole(own / f"{item.id}.json", _ITEM.dump_json(item, indent=2))
    write_whole(own / RUN_FILE, _RECORD.dump_json(output.record, indent=2))


def write_whole(path: Path, data: bytes) -> None:
    """Write a file so that whoever reads it finds all of it or none.

    Raises:
        BadConfig: it cannot be written.
    """
    partial = path.with_name(path.name + ".partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_bytes(data)
        partial.replace(path)
    except OSError as error:
        raise BadConfig(
            f"{path} cannot be written ({error.strerror}); name another place with --keep."
        ) from error


def read_kept(folder: Path) -> tuple[SystemOutput, ...]:
    """Return every system's kept output.

    Raises:
        BadConfig: there is none, a file is missing or malformed, or the systems were given
            different items; the message names the file.
    """
    runs = sorted(folder.glob(f"*/{RUN_FILE}"))
    if not runs:
        raise BadConfig(f"{folder} holds no kept output; make it with 'diemtin eval --keep'.")
    outputs = tuple(_read_output(run) for run in runs)
    if len({(one.record.split, one.record.items) for one in outputs}) > 1:
        raise BadConfig(
            f"{folder} holds outputs of different items, one of each of: "
            f"{', '.join(one.record.system for one in outputs)}. Make them anew with --both."
        )
    return outputs


def _read_output(run: Path) -> SystemOutput:
    record = _read(_RECORD, run)
    items = tuple(_read(_ITEM, run.parent / f"{id_}.json") for id_ in record.items)
    return SystemOutput(record, items)


def _read(adapter: TypeAdapter[Kept], path: Path) -> Kept:
    try:
        return adapter.validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        reason = error.strerror if isinstance(error, OSError) else "malformed"
        raise BadConfig(f"{path} cannot be read ({reason}); make it anew with --keep.") from error


def benchmark_digest(split: Split) -> str:
    """SHA-256 over the names and bytes of a split's files."""
    digest = hashlib.sha256()
    folder = files("service").joinpath("benchmark_items", split.value)
    for entry in sorted(folder.iterdir(), key=lambda one: one.name):
        if entry.name.endswith(".toml"):
            digest.update(entry.name.encode() + b"\0" + entry.read_bytes())
    return digest.hexdigest()
