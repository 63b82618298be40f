"""An archive from its sources to its output: what the command does, and what else may."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import Any

from service.archives.census import Census
from service.archives.destination import STATE, Destination, NewRun
from service.archives.items import Found
from service.archives.locations import without_secrets
from service.archives.manifest import build_manifest, write_failures, write_manifest
from service.archives.options import ArchiveOptions, OutputForm, RunSettings, run_settings
from service.archives.outputs import JsonlOutput, Output, TreeOutput
from service.archives.own_output import refuse_own_output
from service.archives.parquet_output import ParquetOutput, require_pyarrow
from service.archives.records import CountTokens, Recipe
from service.archives.report import write_report
from service.archives.runner import ArchiveRun, Counts, OnCounts, PassResult
from service.archives.sources import read_sources
from service.archives.state import State
from service.archives.workers import LocalWorker, Worker
from service.archives.writer import WritingFailed, told_disk_errors
from service.pipeline import Digester
from service.runtime import Runtime

OnNewRun = Callable[[NewRun], None]


def _ignore_counts(counts: Counts) -> None:
    """Nobody looks."""


def _ignore_new_run(new: NewRun) -> None:
    """Nobody looks."""


@dataclass(frozen=True)
class Watcher:
    """Who looks on: `stop` ends the pass early, the others are told what happens."""

    stop: Event = field(default_factory=Event)
    on_counts: OnCounts = _ignore_counts
    on_new_run: OnNewRun = _ignore_new_run


@dataclass(frozen=True)
class Finished:
    """How a pass ended, and the manifest that was written."""

    result: PassResult
    manifest: dict[str, Any]


def archive(
    sources: Sequence[str],
    folder: Path,
    options: ArchiveOptions,
    settings: RunSettings,
    worker: Worker,
    watcher: Watcher = Watcher(),
) -> Finished:
    """Digest what is not done yet of the sources; the same call goes on after any end.

    Raises:
        DestinationBusy: another process writes to the folder.
        DestinationUnusable: it cannot be written to, or holds what no run left there.
        MissingDependency: the form of the output needs a package that is not there.
        WritingFailed: the disk took no more.
        BadConfig: a source is not there, or holds the folder.
    """
    refuse_own_output(sources, folder)
    found = read_sources(sources, options.mapping, options.limits)
    shown = [without_secrets(one) for one in sources]
    if options.only is not None:
        # A pass over a part of its sources says nothing of them as wholes.
        found, shown = _wanted(found, options.only), []
    count_all = _start_census(sources, options, watcher.stop)
    return archive_found(
        shown, found, folder, options, settings, worker, watcher, count_all=count_all
    )


def _wanted(found: Iterable[Found], only: frozenset[str]) -> Iterator[Found]:
    return (one for one in found if one.origin in only)


def _start_census(
    sources: Sequence[str], options: ArchiveOptions, stop: Event
) -> Callable[[], int | None]:
    """Count what is there, unless it would be fetched twice for that."""
    if options.only is not None:
        wanted = len(options.only)
        return lambda: wanted
    if options.most_items or any("://" in one for one in sources):
        return lambda: None
    census = Census(lambda: read_sources(sources, options.mapping, options.limits), stop)
    return lambda: census.total


def archive_found(
    sources: Sequence[str],
    found: Iterable[Found],
    folder: Path,
    options: ArchiveOptions,
    settings: RunSettings,
    worker: Worker,
    watcher: Watcher = Watcher(),
    *,
    count_all: Callable[[], int | None] = lambda: None,
) -> Finished:
    """`archive` with what was found in the sources, always in the same order."""
    if options.form is OutputForm.PARQUET:
        require_pyarrow()
    destination = Destination(folder)
    with destination.locked():
        with told_disk_errors():
            new = destination.bring_to_front(settings)
        if new:
            watcher.on_new_run(new)
        with _opened(folder, options) as (state, output):
            run = ArchiveRun(state, output, options, watcher.stop, watcher.on_counts, count_all)
            try:
                result = run.run(sources, found, worker)
            except BaseException:
                # Or it would hide what went wrong first.
                with suppress(WritingFailed), told_disk_errors():
                    if state.passes():
                        _tell(folder, state, output, settings, None)
                raise
            manifest = _tell(folder, state, output, settings, result)
    return Finished(result, manifest)


def local_worker(runtime: Runtime, options: ArchiveOptions, stop: Event) -> LocalWorker:
    """A worker with the engines of this process, loaded at the first item."""

    def load() -> tuple[Digester, CountTokens]:
        digester = runtime.load()
        return digester, runtime.engine(runtime.translator).count_tokens

    return LocalWorker(load, Recipe.of(options), stop.is_set)


def archive_here(
    runtime: Runtime,
    sources: Sequence[str],
    folder: Path,
    options: ArchiveOptions,
    watcher: Watcher = Watcher(),
) -> Finished:
    """`archive` with the engines of this process."""
    worker = local_worker(runtime, options, watcher.stop)
    return archive_with(worker, runtime, sources, folder, options, watcher)


def archive_with(
    worker: Worker,
    runtime: Runtime,
    sources: Sequence[str],
    folder: Path,
    options: ArchiveOptions,
    watcher: Watcher = Watcher(),
) -> Finished:
    """`archive` with a worker that does what this runtime would."""
    return archive(sources, folder, options, run_settings(runtime, options), worker, watcher)


@contextmanager
def _opened(folder: Path, options: ArchiveOptions) -> Iterator[tuple[State, Output]]:
    state = State(folder / STATE)
    output = _open_output(folder, state, options)
    try:
        yield state, output
    finally:
        output.close()
        state.close()


def _open_output(folder: Path, state: State, options: ArchiveOptions) -> Output:
    match options.form:
        case OutputForm.JSONL:
            return JsonlOutput(folder, state)
        case OutputForm.PARQUET:
            return ParquetOutput(folder, state, options.rows_a_part)
        case OutputForm.TREE:
            return TreeOutput(folder, state)


def _tell(
    folder: Path,
    state: State,
    output: Output,
    settings: RunSettings,
    result: PassResult | None,
) -> dict[str, Any]:
    with told_disk_errors():
        manifest = build_manifest(state, output, settings, result)
        write_failures(folder, state)
        write_manifest(folder, manifest)
        write_report(folder, state, manifest)
    return manifest
