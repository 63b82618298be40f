"""What `diemtin eval` does: run or read the systems, then score them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from service.benchmark import BenchmarkItem, Split, load_benchmark
from service.evaluation import SystemScores, score_benchmark, score_pair
from service.evaluation_lines import (
    KeptLines,
    LinePair,
    file_digest,
    lines_record,
    read_hypotheses,
    read_lines,
    read_pair,
    translate_lines,
)
from service.evaluation_outputs import (
    SystemOutput,
    benchmark_digest,
    keep_output,
    read_kept,
    run_benchmark,
)
from service.evaluation_progress import show_progress
from service.evaluation_report import BENCHMARK_NOTES, PAIR_NOTES, Evaluation
from service.evaluation_scores import require_scorers
from service.evaluation_systems import (
    System,
    describe_provenance,
    open_digesters,
    open_translator,
)
from service.settings import Settings


@dataclass(frozen=True)
class BenchmarkRequest:
    """What is to be measured on the benchmark.

    Args:
        split: which half.
        most_items: only its first items; None takes all.
        systems: what is to run.
        keep: a folder for the English.
        kept: a folder of such English, scored in place of a run.
    """

    split: Split
    most_items: int | None = None
    systems: tuple[System, ...] = (System.PIPELINE,)
    keep: Path | None = None
    kept: Path | None = None


@dataclass(frozen=True)
class PairRequest:
    """What is to be measured on a pair of files.

    Args:
        source: Vietnamese, one segment a line.
        reference: its English.
        hypotheses: files to score; without any, `system` translates the source.
        system: what translates.
        most_lines: only the first lines; None takes all.
        keep: a file for the English; lines that it has are not made again.
    """

    source: Path
    reference: Path
    hypotheses: tuple[Path, ...] = ()
    system: System = System.PIPELINE
    most_lines: int | None = None
    keep: Path | None = None


def evaluate_benchmark(settings: Settings, request: BenchmarkRequest) -> Evaluation:
    """Run the systems on the benchmark, or read what they made, and score it.

    Raises:
        MissingDependency: the scorers are not installed.
        BadConfig: kept output cannot be read, or belongs to another benchmark.
    """
    require_scorers()
    if request.kept:
        outputs = read_kept(request.kept)
        split = outputs[0].record.split
        items = load_benchmark(split)
    else:
        split = request.split
        items = load_benchmark(split)
        outputs = _run(settings, request, items[: request.most_items])
    return Evaluation(
        origin={
            "benchmark": split.value,
            "items": len(outputs[0].items),
            "of": len(items),
            "sha256": benchmark_digest(split),
        },
        notes=BENCHMARK_NOTES,
        systems=tuple(score_benchmark(one, items, _provenance(one)) for one in outputs),
    )


def _run(
    settings: Settings, request: BenchmarkRequest, items: Sequence[BenchmarkItem]
) -> tuple[SystemOutput, ...]:
    outputs: dict[str, SystemOutput] = {}
    total = len(items) * len(request.systems)
    with (
        open_digesters(settings, request.systems) as digesters,
        show_progress("Items", total) as advance,
    ):
        for done, output in enumerate(run_benchmark(digesters, items, request.split), 1):
            outputs[output.record.system] = output
            if request.keep:
                keep_output(request.keep, output)
            advance(done)
    return tuple(outputs[system] for system in request.systems)


def _provenance(output: SystemOutput) -> str:
    record = output.record
    line = describe_provenance(record.translator, record.package_version)
    if record.summarizer is None or record.summarizer.model == record.translator.model:
        return line
    return f"{line}; summaries: {describe_provenance(record.summarizer, record.package_version)}"


def evaluate_pair(settings: Settings, request: PairRequest) -> Evaluation:
    """Score the hypotheses of a pair of files, or translate the source and score that.

    Raises:
        MissingDependency: the scorers are not installed.
        BadConfig: the files do not have a line for each line.
        BadConfig: the kept file was made from another source or by another model.
    """
    require_scorers()
    pair = read_pair(request.source, request.reference, request.most_lines)
    scores = (
        _score_hypotheses(request, pair)
        if request.hypotheses
        else (_score_translation(settings, request, pair),)
    )
    return Evaluation(
        origin={
            "source": request.source.name,
            "reference": request.reference.name,
            "lines": len(pair.sources),
            "sha256": pair.sha256,
        },
        notes=PAIR_NOTES,
        systems=scores,
    )


def _score_hypotheses(request: PairRequest, pair: LinePair) -> tuple[SystemScores, ...]:
    total = len(read_lines(request.source))
    made = {path: read_hypotheses(path, len(pair.sources), total) for path in request.hypotheses}
    return tuple(
        score_pair(
            str(path),
            lines,
            pair.sources,
            pair.references,
            f"sha256 {file_digest(path)}, scored by diemtin {version('diemtin')}",
        )
        for path, lines in made.items()
    )


def _score_translation(settings: Settings, request: PairRequest, pair: LinePair) -> SystemScores:
    with open_translator(settings, request.system) as translator:
        record = lines_record(translator, request.system, request.source)
        kept = KeptLines(request.keep, record) if request.keep else None
        with show_progress("Lines", len(pair.sources)) as advance:
            lines, seconds = translate_lines(translator, pair.sources, kept, advance)
    return score_pair(
        request.system,
        lines,
        pair.sources,
        pair.references,
        describe_provenance(record.translator, record.package_version),
        seconds,
    )
