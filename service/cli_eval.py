"""`diemtin eval`: measured quality, on the benchmark or on any pair of files."""

from __future__ import annotations

import json
from pathlib import Path

import click

from service.benchmark import Split
from service.cli_errors import told_errors
from service.evaluation_report import as_json, print_report, report_console
from service.evaluation_runs import BenchmarkRequest, PairRequest, evaluate_benchmark, evaluate_pair
from service.evaluation_systems import System
from service.settings import Settings

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_EXAMPLES = """
\b
Examples:
  diemtin eval --items 1 --both
  diemtin eval --split dev --items 1 --keep outputs && diemtin eval --from outputs
  diemtin eval --source source.vi --reference reference.en --lines 4 --keep ours.en
  diemtin eval --source source.vi --reference reference.en --hypothesis reference.en --json
"""


@click.command("eval", epilog=_EXAMPLES)
@click.option(
    "--split",
    type=click.Choice([split.value for split in Split]),
    help="Half of the benchmark.  [default: test]",
)
@click.option("--items", type=click.IntRange(1), help="Only the first items of the benchmark.")
@click.option("--bare", is_flag=True, help="The model alone, plainly instructed.")
@click.option("--both", is_flag=True, help="The model alone and the pipeline, in one run.")
@click.option(
    "--from",
    "kept",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Score what --keep wrote; no model runs.",
)
@click.option("--source", type=_FILE, help="Vietnamese, one segment a line.")
@click.option("--reference", type=_FILE, help="Its English, one segment a line.")
@click.option(
    "--hypothesis", "hypotheses", type=_FILE, multiple=True, help="English to be scored; repeat it."
)
@click.option("--lines", type=click.IntRange(1), help="Only the first lines of the files.")
@click.option(
    "--keep",
    type=click.Path(path_type=Path),
    help="Keep the English: in a folder, or for --source in a file, which resumes.",
)
@click.option("--json", "as_object", is_flag=True, help="Print one JSON object.")
@click.pass_obj
def evaluate(
    settings: Settings,
    /,
    split: str | None,
    items: int | None,
    bare: bool,
    both: bool,
    kept: Path | None,
    source: Path | None,
    reference: Path | None,
    hypotheses: tuple[Path, ...],
    lines: int | None,
    keep: Path | None,
    as_object: bool,
) -> None:
    """Score the benchmark's English, or that of SOURCE, by its reference.

    BLEU, chrF and chrF++, term accuracy, fact recall, invented facts, wrong figures that no
    warning tells of, and the summaries. The benchmark has 20 items a half; the pipeline takes
    minutes for each half on two cores.
    """
    _check_usage(click.get_current_context().params)
    with told_errors():
        if source and reference:
            done = evaluate_pair(
                settings,
                PairRequest(
                    source, reference, hypotheses, System.BARE if bare else System.PIPELINE,
                    lines, keep,
                ),
            )  # fmt: skip
        else:
            systems = tuple(System) if both else (System.BARE if bare else System.PIPELINE,)
            done = evaluate_benchmark(
                settings, BenchmarkRequest(Split(split or Split.TEST), items, systems, keep, kept)
            )
    if as_object:
        click.echo(json.dumps(as_json(done), ensure_ascii=False, indent=2))
    else:
        print_report(done, report_console())


# An option and those that it cannot be given with.
_EXCLUDED = {
    "source": ("split", "items", "both", "kept"),
    "kept": ("split", "items", "bare", "both", "keep"),
    "hypotheses": ("bare", "keep"),
    "both": ("bare",),
}
_NEEDED = {
    "source": "reference",
    "reference": "source",
    "hypotheses": "source",
    "lines": "source",
}
_FLAGS = {"kept": "--from", "hypotheses": "--hypothesis"}


def _check_usage(given: dict[str, object]) -> None:
    for name, others in _EXCLUDED.items():
        for other in others:
            if given[name] and given[other]:
                raise click.UsageError(f"{_flag(name)} and {_flag(other)} exclude each other.")
    for name, needed in _NEEDED.items():
        if given[name] and not given[needed]:
            raise click.UsageError(f"{_flag(name)} needs {_flag(needed)}.")


def _flag(name: str) -> str:
    return _FLAGS.get(name, f"--{name}")
