"""`diemtin bench archive`: the archive runner with an engine that answers at once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import click

from service.archives.options import OutputForm
from service.bench_archive import (
    Job,
    KillFigures,
    Part,
    PassFigures,
    beside,
    measure_kills,
    measure_pass,
    measure_plain,
)
from service.bench_archive_items import write_items
from service.bench_archive_ray import NodeFigures, measure_nodes
from service.cli_errors import told_errors

MOST_AGAIN = 10_000  # items of the archive that is done again, and of the one that is killed
_WIDTH = 58
_EXAMPLES = """
\b
Examples:
  diemtin bench archive --items 2000 --words 60 --whole 2
  diemtin bench archive --items 400 --kills 2 --whole 0 --output-format tree --json
"""


@dataclass(frozen=True)
class Wanted:
    """What is to be measured."""

    items: int
    words: int
    form: OutputForm
    whole: int
    kills: int
    ray: bool


@dataclass(frozen=True)
class Found:
    """Everything that was measured in one run of the command.

    Args:
        first: all items with the instant worker.
        plain_s: a bare loop over the same file.
        again: a second run over a finished archive, of no more than MOST_AGAIN items.
        again_process_s: the same from the start of its process to its end.
        whole: few items with the whole digester.
        kills: the run that was killed.
        nodes: one node of a cluster, and two.
    """

    first: PassFigures
    plain_s: float
    again: PassFigures
    again_process_s: float
    whole: PassFigures | None
    kills: KillFigures | None
    nodes: list[NodeFigures]


@click.command("archive", epilog=_EXAMPLES)
@click.option("--items", type=click.IntRange(2), default=100_000, show_default=True)
@click.option("--words", type=click.IntRange(20), default=300, show_default=True, help="An item.")
@click.option(
    "--output-format",
    "--format",
    "form",
    type=click.Choice([form.value for form in OutputForm]),
    default=OutputForm.JSONL.value,
    show_default=True,
)
@click.option(
    "--whole",
    type=click.IntRange(0),
    default=100,
    show_default=True,
    help="Items that go through parser, checks and summary too.",
)
@click.option("--kills", type=click.IntRange(0), default=0, help="Kill a run so often; compare.")
@click.option("--ray", is_flag=True, help="One node of a Ray cluster beside two.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def measure_archive(
    items: int, words: int, form: str, whole: int, kills: int, ray: bool, as_json: bool
) -> None:
    """Time the archive runner over made-up items with an engine that answers at once.

    Measured: reading, hashing, the state, making and writing records, manifest and report, each
    run in a process of its own. Not measured: parsing, checks and summary, whose place a worker
    takes that answers at once; they have a line of their own, with an engine that does, loading
    of their data included. Exit status 1: a run that was killed came to other records.
    """
    wanted = Wanted(items, words, OutputForm(form), whole, kills, ray)
    with told_errors(), TemporaryDirectory(prefix="diemtin-bench-") as scratch:
        found = measure(wanted, Path(scratch))
    click.echo(json.dumps(_as_json(wanted, found)) if as_json else "\n".join(_lines(wanted, found)))
    if found.kills and not found.kills.identical:
        raise SystemExit(1)


def measure(wanted: Wanted, folder: Path) -> Found:
    """Measure what is wanted, with its files in the folder."""
    nodes = measure_nodes() if wanted.ray else []  # first: it tells at once where Ray is not there
    job = _write_job(folder / "all", wanted.items, wanted)
    first = measure_pass(job)
    few = job
    if wanted.items > MOST_AGAIN:
        few = _write_job(folder / "few", MOST_AGAIN, wanted)
        measure_pass(few)
    began = perf_counter()
    again = measure_pass(few)
    return Found(
        first=first,
        again=again,
        again_process_s=perf_counter() - began,
        plain_s=measure_plain(job.source, folder / "plain.jsonl"),
        whole=_measure_whole(folder / "whole", wanted) if wanted.whole else None,
        kills=measure_kills(beside(few, "killed"), few, wanted.kills) if wanted.kills else None,
        nodes=nodes,
    )


def _measure_whole(folder: Path, wanted: Wanted) -> PassFigures:
    return measure_pass(_write_job(folder, wanted.whole, wanted, Part.WHOLE))


def _write_job(folder: Path, count: int, wanted: Wanted, part: Part = Part.RUNNER) -> Job:
    folder.mkdir()
    write_items(folder / "items.jsonl", count, wanted.words)
    return Job(folder / "items.jsonl", folder / "out", wanted.form, part)


def _ratios(found: Found) -> dict[str, float]:
    ratios = {"seconds of the run / of the bare loop": found.first.seconds / found.plain_s}
    if found.nodes:
        one, two = found.nodes
        ratios["rate of two nodes / of one"] = two.rate / one.rate
    return ratios


def _lines(wanted: Wanted, found: Found) -> Iterator[str]:
    first, again, whole, kills = found.first, found.again, found.whole, found.kills
    yield f"{first.items} items of {wanted.words} words, as {wanted.form}"
    yield _line("the runner: all but parser, engine and checks", first.rate, "items/s")
    yield _line("the same by its seconds of CPU alone", first.items / first.cpu_s, "items/s")
    yield _line("a bare loop: json.loads and json.dumps", first.items / found.plain_s, "items/s")
    if failed := sum(one.failed for one in (first, whole) if one):
        yield _line("FAILED", failed, "items")
    if first.early_item:
        yield _line(f"resident at item {first.early_item}", first.early_mib, "MiB")
        yield _line(f"resident at item {first.items}", first.last_mib, "MiB")
        yield _line("growth", first.growth_mib, "MiB")
    yield _line("peak, the report at the end included", first.peak_mib, "MiB")
    yield _line(f"again, over the finished archive of {again.items}", again.seconds, "s")
    yield _line("the same with the start of its process", found.again_process_s, "s")
    yield _line("calls of the engine in it", again.engine_calls, "")
    if whole:
        told = f"the whole digester, engine at once, {whole.items} items"
        yield _line(told, whole.rate, "items/s")
        yield _line("calls of the engine in it", whole.engine_calls, "")
    if kills:
        yield _line(f"killed, of {wanted.kills} tries", kills.kills, "times")
        yield _line("records that the killed ones left", kills.done_before, "")
        yield _line("records at the end", kills.records, "")
        told = f"{kills.doubled} doubled, {kills.missing} missing, {kills.strange} strange"
        yield f"  {'identical to the undisturbed run' if kills.identical else 'DIFFERENT'}: {told}"
    for one in found.nodes:
        yield _line(f"Ray, {one.nodes} node(s), an engine that sleeps", one.rate, "items/s")
    for name, value in _ratios(found).items():
        yield _line(name, value, "")


def _line(label: str, value: float, unit: str) -> str:
    shown = f"{value:10d}" if isinstance(value, int) else f"{value:10.2f}"
    return f"  {label:{_WIDTH}}{shown} {unit}".rstrip()


def _as_json(wanted: Wanted, found: Found) -> dict[str, object]:
    def told(one: PassFigures) -> dict[str, object]:
        return asdict(one) | {"items_per_s": one.rate}

    return {
        "wanted": asdict(wanted),
        "runner": told(found.first) | {"growth_mib": found.first.growth_mib},
        "bare_loop_s": found.plain_s,
        "again": told(found.again) | {"process_s": found.again_process_s},
        "whole": found.whole and told(found.whole),
        "kills": found.kills and asdict(found.kills) | {"identical": found.kills.identical},
        "ray": [asdict(one) for one in found.nodes],
        "ratios": _ratios(found),
    }
