"""The archive runner with an engine that costs nothing: rate, memory, going on after kills.

Every run is the real one, in a process of its own: reading and decoding the rows, content hashes,
the state in SQLite, making and writing records, manifest and report. `Part.RUNNER` has a worker in
place of parser, engine and checks, so its rate is that of everything around them. `Part.WHOLE` has
the whole digester, with its checks, around an engine that answers at once; no queue and no memory
of translations stand before that engine.
"""

from __future__ import annotations

import hashlib
import json
import random
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from enum import StrEnum
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from time import perf_counter, process_time

from service.archives.archiving import Watcher, archive
from service.archives.options import ArchiveOptions, OutputForm, RunSettings
from service.archives.outputs import FOLDER_NAME, JSONL_NAME
from service.archives.records import Recipe
from service.archives.runner import Counts
from service.archives.workers import LocalWorker
from service.bench_archive_items import SEED
from service.bench_archive_workers import InstantEngine, InstantWorker, load_whole

EARLY = 1000  # the item at which memory is looked at first
_SPAWN = get_context("spawn")
_SETTINGS = RunSettings({"translator": "instant"})
_PATIENCE_S = 600.0
_SPAN_S = 0.5  # longest that a process lives which is killed


class Part(StrEnum):
    """What stands between an item and its record."""

    RUNNER = "runner"
    WHOLE = "whole"


@dataclass(frozen=True)
class Job:
    """A run: from which file, to which folder, in which form, with what; it may pause an item."""

    source: Path
    folder: Path
    form: OutputForm = OutputForm.JSONL
    part: Part = Part.RUNNER
    pause_s: float = 0.0


@dataclass(frozen=True)
class PassFigures:
    """What one pass took.

    Args:
        items: met in it, done now or before.
        done: of them, in this pass.
        failed: what has no record.
        seconds: of the pass, from its call to the report that it wrote.
        cpu_s: of them, those that its threads worked.
        engine_calls: counted by the worker, or by the engine where there is one.
        early_item: the item at which `early_mib` was looked at.
        early_mib: resident then.
        last_mib: resident at the last item.
        peak_mib: most that ever was resident, the report at the end included.
    """

    items: int
    done: int
    failed: int
    seconds: float
    cpu_s: float
    engine_calls: int
    early_item: int
    early_mib: float
    last_mib: float
    peak_mib: float

    @property
    def rate(self) -> float:
        """Items a second."""
        return self.items / self.seconds

    @property
    def growth_mib(self) -> float:
        """What memory grew by from the early item to the last."""
        return self.last_mib - self.early_mib


@dataclass(frozen=True)
class Comparison:
    """The records of a run beside those of an undisturbed one.

    Args:
        records: there at the end.
        doubled: of them, there more than once.
        missing: those of the undisturbed run that are not there.
        strange: those that the undisturbed run does not have.
    """

    records: int
    doubled: int
    missing: int
    strange: int

    @property
    def identical(self) -> bool:
        """Whether both have the same records, each once."""
        return self.records > 0 and not (self.doubled or self.missing or self.strange)


@dataclass(frozen=True)
class KillFigures(Comparison):
    """What a run that was killed again and again came to.

    Args:
        kills: processes that were killed at work.
        done_before: records that the killed ones left to the last.
    """

    kills: int
    done_before: int


def measure_pass(job: Job) -> PassFigures:
    """Run once, or go on, in a fresh process, whose memory is the run's alone."""
    with ProcessPoolExecutor(1, mp_context=_SPAWN) as pool:
        return pool.submit(run_pass, job).result()


def run_pass(job: Job) -> PassFigures:
    """Run once in this process."""
    engine, runner = InstantEngine(), InstantWorker(job.pause_s)
    options = ArchiveOptions(form=job.form)
    is_whole = job.part is Part.WHOLE
    whole = LocalWorker(lambda: load_whole(engine), Recipe.of(options))
    memory = _MemoryWatch()
    began, worked = perf_counter(), process_time()
    done = archive(
        [str(job.source)],
        job.folder,
        options,
        _SETTINGS,
        whole if is_whole else runner,
        Watcher(on_counts=memory.look),
    ).result.counts
    return PassFigures(
        items=done.met,
        done=done.done,
        failed=done.failed + done.failed_before,
        seconds=perf_counter() - began,
        cpu_s=process_time() - worked,
        engine_calls=engine.calls if is_whole else runner.calls,
        early_item=memory.early_item,
        early_mib=memory.early_mib,
        last_mib=memory.last_mib,
        peak_mib=_status_mib("VmHWM"),
    )


class _MemoryWatch:
    """Looks at the resident set at an early item, and at the end of the pass."""

    def __init__(self) -> None:
        self.early_item = 0
        self.early_mib = self.last_mib = 0.0

    def look(self, counts: Counts) -> None:
        if counts.met == EARLY and not self.early_item:
            self.early_item, self.early_mib = EARLY, _status_mib("VmRSS")
        if counts.met % EARLY == 0 or counts.met == counts.total:
            self.last_mib = _status_mib("VmRSS")


def _status_mib(name: str) -> float:
    """A figure of this process that Linux keeps; 0 where there is no Linux."""
    status = Path("/proc/self/status")
    if not status.exists():
        return 0.0
    lines = dict(line.split(":", 1) for line in status.read_text("ascii").splitlines())
    return int(lines[name].split()[0]) / 1024


def measure_plain(source: Path, target: Path) -> float:
    """Seconds of a bare loop in a fresh process: read, parse, and write rows of like size."""
    with ProcessPoolExecutor(1, mp_context=_SPAWN) as pool:
        return pool.submit(_copy_plainly, source, target).result()


def _copy_plainly(source: Path, target: Path) -> float:
    """What a user would write: no state, no hash, no flush to the disk, nothing to go on from."""
    began = perf_counter()
    with source.open(encoding="utf-8") as lines, target.open("w", encoding="utf-8") as records:
        for number, line in enumerate(lines, 1):
            record = _plain_record(number, json.loads(line))
            records.write(f"{json.dumps(record, ensure_ascii=False)}\n")
    return perf_counter() - began


def _plain_record(number: int, item: dict[str, str]) -> dict[str, object]:
    texts = [item["title"], *item["text"].split("\n\n")]
    elements = [{"id": at, "source": one, "target": one} for at, one in enumerate(texts)]
    digest = {"elements": elements, "summary": None, "warnings": []}
    return {"origin": f"items#{number}", "id": item["id"], "title": item["title"]} | {
        "source": item["text"],
        "digest": digest,
    }


def measure_kills(job: Job, undisturbed: Job, kills: int) -> KillFigures:
    """Kill the run at random moments, let it end, and compare with an undisturbed one.

    What is killed pauses at each item, so that all of the kills come before the end.
    """
    chance = random.Random(SEED)  # noqa: S311 - not for secrets
    slow = replace(job, pause_s=kills * _SPAN_S / count_records(undisturbed).total())
    killed = sum(_kill(slow, chance.uniform(0, _SPAN_S)) for _ in range(kills))
    last = measure_pass(job)
    compared = compare_records(job, undisturbed)
    return KillFigures(**vars(compared), kills=killed, done_before=last.items - last.done)


def compare_records(job: Job, undisturbed: Job) -> Comparison:
    """The records of both, but for what a clock has a part in."""
    wanted, found = count_records(undisturbed), count_records(job)
    return Comparison(
        records=found.total(),
        doubled=sum(1 for number in found.values() if number > 1),
        missing=(wanted - found).total(),
        strange=len(found.keys() - wanted.keys()),
    )


def _kill(job: Job, moment_s: float) -> bool:
    """Start the run, let it work for so long, and kill it; whether it was still at work."""
    here, there = _SPAWN.Pipe(duplex=False)
    process = _SPAWN.Process(target=_work, args=(job, there))
    process.start()
    try:
        there.close()
        if not here.poll(_PATIENCE_S):
            raise TimeoutError("A process of the benchmark did not start.")
        here.recv()
        process.join(moment_s)
        was_alive = process.exitcode is None
    finally:
        process.kill()
        process.join()
        here.close()
    return was_alive


def _work(job: Job, begun: Connection) -> None:
    begun.send("begun")
    begun.close()
    run_pass(job)


def count_records(job: Job) -> Counter[bytes]:
    """How often each record is there, by a hash of all that no clock has a part in."""
    return Counter(map(_identity, _read_records(job)))


def _identity(record: dict[str, object]) -> bytes:
    digest = record["digest"]
    told = json.loads(digest) if isinstance(digest, str) else digest
    kept = {name: one for name, one in record.items() if not name.endswith("_s")}
    kept["digest"] = {name: one for name, one in told.items() if name != "timings"}  # type: ignore[union-attr]
    return hashlib.sha256(json.dumps(kept, sort_keys=True).encode()).digest()


def _read_records(job: Job) -> Iterator[dict[str, object]]:
    """The records of an output, one after the other; fails at half a record."""
    if job.form is OutputForm.JSONL:
        with (job.folder / JSONL_NAME).open(encoding="utf-8") as lines:
            yield from map(json.loads, lines)
    elif job.form is OutputForm.TREE:
        for path in (job.folder / FOLDER_NAME).rglob("*.json"):
            yield json.loads(path.read_text("utf-8"))
    else:
        from pyarrow.parquet import ParquetFile

        for path in (job.folder / FOLDER_NAME).iterdir():
            for batch in ParquetFile(path).iter_batches(500):
                yield from batch.to_pylist()


def beside(job: Job, name: str) -> Job:
    """The same run to another folder."""
    return replace(job, folder=job.folder.with_name(name))
