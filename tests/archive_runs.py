"""Runs over generated items with a worker that answers at once; as a process, to be killed.

`python -m tests.archive_runs FOLDER FORM COUNT PAUSE TRANSLATOR` says "begun" when it begins to
write, and takes at least so many seconds for each item.
"""

from __future__ import annotations

import json
import multiprocessing
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from service.archives.archiving import Finished, Watcher, archive_found
from service.archives.items import ArchiveItem, Found, Trouble
from service.archives.options import ArchiveOptions, OutputForm, RunSettings
from service.archives.records import Done, Failure, Outcome
from tests.processes import ROOT

FAILING = "HỎNG"
SETTINGS = RunSettings({"translator": "a"})
ROWS_A_PART = 100
PATIENCE_S = 120
_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["tests.archive_runs"])  # or each would import for most of a second


def make_items(count: int) -> Iterator[ArchiveItem]:
    for number in range(count):
        origin = f"news.zip!/{number // 100}/tin.jsonl#{number % 100 + 1}"
        yield ArchiveItem(origin, f"Xã thứ {number} họp. " * (1 + number % 40), id=str(number))


def make_record(item: ArchiveItem) -> dict[str, object]:
    element = {"id": 0, "kind": "paragraph", "source": item.text, "target": f"EN {item.text}"}
    warning = {"kind": "number", "message": "m", "element": 0}
    plain = {name: getattr(item, name) for name in ("origin", "id", "title", "date", "language")}
    return plain | {
        "content_hash": item.content_hash,
        "status": "done",
        "source": item.text,
        "digest": {
            "elements": [element],
            "summary": None,
            "warnings": [warning | {"source_value": "1", "target_value": None}],
            "timings": dict.fromkeys(("parse_s", "translate_s", "summarize_s", "total_s"), 0.5),
            "provenance": {"translator": {"model": "a"}},
        },
    }


@dataclass
class InstantWorker:
    """Fails at items with the word; remembers what it was given."""

    failing: str = FAILING
    twice: bool = False
    pause_s: float = 0.0

    def __post_init__(self) -> None:
        self.given: list[str] = []

    def digest(self, items: Iterable[ArchiveItem]) -> Iterator[Outcome]:
        for item in items:
            self.given.append(item.origin)
            if self.pause_s:
                time.sleep(self.pause_s)
            yield self._outcome(item)
            if self.twice:
                yield self._outcome(item)

    def _outcome(self, item: ArchiveItem) -> Outcome:
        result: Done | Failure = Failure(Trouble.FAILED, "It was told to fail.")
        if not self.failing or self.failing not in item.text:
            line = json.dumps(make_record(item), ensure_ascii=False)
            result = Done(line, f"EN {item.text}"[:50], len(item.text), 3, 0.5, "{}", {"number": 1})
        return Outcome(item.origin, item.content_hash, item.id, result)


def run_pass(
    folder: Path,
    found: Iterable[Found],
    worker: InstantWorker | None = None,
    settings: RunSettings = SETTINGS,
    watcher: Watcher | None = None,
    sources: tuple[str, ...] = ("news.zip",),
    **options: object,
) -> Finished:
    wanted = ArchiveOptions(rows_a_part=ROWS_A_PART, **options)  # type: ignore[arg-type]
    given = (sources, found, folder, wanted, settings, worker or InstantWorker())
    return archive_found(*given, watcher or Watcher())


def read_records(folder: Path, form: str) -> list[dict[str, object]]:
    """Every record of an output; fails at half a record."""
    if form == OutputForm.JSONL:
        text = (folder / "records.jsonl").read_text("utf-8")
        assert text.endswith("\n") or not text
        return [json.loads(line) for line in text.splitlines()]
    if form == OutputForm.TREE:
        files = [one for one in (folder / "records").rglob("*") if one.is_file()]
        return [json.loads(one.read_text("utf-8")) for one in files]
    import pyarrow.parquet as pq

    parts = sorted((folder / "records").iterdir())
    return [row for part in parts for row in pq.ParquetFile(part).read().to_pylist()]


def count_records(folder: Path, form: str) -> Counter[tuple[object, ...]]:
    """How often each record is there, by all that must be the same after any way to it."""
    names = ("origin", "content_hash", "source", "id")
    return Counter(tuple(one[name] for name in names) for one in read_records(folder, form))


def expected_records(items: Iterable[ArchiveItem]) -> Counter[tuple[object, ...]]:
    return Counter((one.origin, one.content_hash, one.text, one.id) for one in items)


def start_process(
    folder: Path,
    form: str,
    count: int,
    pause_s: float = 0.0,
    translator: str = "a",
    **more: Any,
) -> subprocess.Popen[bytes]:
    """Run `main` as a process, and wait until it begins."""
    given = (str(folder), form, str(count), str(pause_s), translator)
    process = subprocess.Popen(
        [sys.executable, "-W", "error", "-m", "tests.archive_runs", *given],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        **more,
    )
    assert process.stdout and process.stdout.readline() == b"begun\n"
    return process


def start_fork(folder: Path, form: str, count: int, pause_s: float) -> BaseProcess:
    """As `start_process`, but started in no time: to be killed often."""
    begun, there = _FORKS.Pipe(duplex=False)
    given = (str(folder), form, str(count), str(pause_s), "a")
    process = _FORKS.Process(target=_run_fork, args=(there, *given))
    process.start()
    there.close()
    with begun:
        assert begun.poll(PATIENCE_S) and begun.recv() == "begun"
    return process


def _run_fork(there: Any, *given: str) -> None:
    with there:
        there.send("begun")
    main(*given)


def main(folder: str, form: str, count: str, pause_s: str, translator: str) -> None:
    print("begun", flush=True)
    worker, settings = (
        InstantWorker(pause_s=float(pause_s)),
        RunSettings({"translator": translator}),
    )
    run_pass(Path(folder), make_items(int(count)), worker, settings, form=OutputForm(form))


if __name__ == "__main__":
    main(*sys.argv[1:])
