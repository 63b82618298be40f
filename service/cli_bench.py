"""The `bench` commands: diemtin beside the bare engine, in one run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from models.engine import Engine
from models.errors import MissingDependency
from models.registry import EnginePool
from service.bench import UnitResult, join_blocks, measure_overhead, measure_units
from service.cli_bench_archive import measure_archive
from service.cli_bench_engines import compare_engines
from service.cli_bench_summaries import show_summaries
from service.cli_errors import told_errors
from service.cli_text import read_text
from service.runtime import Runtime
from service.settings import Settings

_LABEL_WIDTH = 50
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_BENCH_EXAMPLES = """
\b
Examples:
  diemtin bench overhead item.txt
  diemtin bench units source.vi reference.en --lines 40
  diemtin bench engines --shape opus-mt
  diemtin bench archive --items 500 --whole 0
"""
_OVERHEAD_EXAMPLES = """
\b
Example:
  diemtin bench overhead item.txt
"""
_UNITS_EXAMPLES = """
\b
Example:
  diemtin bench units source.vi reference.en --lines 40
"""


@click.group("bench", epilog=_BENCH_EXAMPLES)
def bench_group() -> None:
    """Measure diemtin beside its peers, in one run each."""


bench_group.add_command(compare_engines)
bench_group.add_command(measure_archive)
bench_group.add_command(show_summaries)


@bench_group.command("overhead", epilog=_OVERHEAD_EXAMPLES)
@click.argument("file", type=_FILE)
@click.pass_obj
def show_overhead(settings: Settings, file: Path) -> None:
    """Digest FILE, then give the engine the same calls, and the same segments, alone."""
    with told_errors():
        runtime, engine = _start(settings)
        found = measure_overhead(engine, runtime.lexicon, read_text(file))
    around = found.digest_s - found.engine_s
    seconds = {
        "digest": found.digest_s,
        "  inside the engine": found.engine_s,
        "  everything around the engine": around,
        "the same engine calls, bare": found.replay_s,
        "translation": found.translate_s,
        "plain prompts on the same segments": found.bare_s,
    }
    ratios = {
        "everything around the engine / inside the engine": around / found.engine_s,
        "digest / the same engine calls, bare": found.digest_s / found.replay_s,
        "translation / plain prompts on the same segments": found.translate_s / found.bare_s,
    }
    click.echo(f"{'segments':{_LABEL_WIDTH}}{found.segments:8d}")
    click.echo(f"{'engine calls':{_LABEL_WIDTH}}{found.calls:8d}")
    for label, value in seconds.items():
        click.echo(f"{label:{_LABEL_WIDTH}}{value:8.2f} s")
    for label, value in ratios.items():
        click.echo(f"{label:{_LABEL_WIDTH}}{value:8.4f}")


@bench_group.command("units", epilog=_UNITS_EXAMPLES)
@click.argument("source", type=_FILE)
@click.argument("reference", type=_FILE)
@click.option("--lines", type=click.IntRange(4), default=40, show_default=True)
@click.pass_obj
def compare_units(settings: Settings, source: Path, reference: Path, lines: int) -> None:
    """Translate SOURCE by sentences, pairs and paragraphs of four lines; score by REFERENCE."""
    with told_errors():
        sources = read_text(source).splitlines()[:lines]
        references = read_text(reference).splitlines()[:lines]
        if not sources or len(sources) != len(references):
            raise click.UsageError("SOURCE and REFERENCE need one line for one line.")
        _, engine = _start(settings)
        for result in measure_units(engine, sources):
            click.echo(_score(result, join_blocks(references)))


def _start(settings: Settings) -> tuple[Runtime, Engine]:
    """The runtime and its translator's engine, told to remember no earlier prompt."""
    runtime = Runtime(settings)
    uncached = replace(settings.engine_settings(), prompt_cache_mib=0)
    return runtime, EnginePool(runtime.store, uncached).get(runtime.translator)


def _score(result: UnitResult, references: Sequence[str]) -> str:
    metrics = _metrics()
    hypotheses = list(result.hypotheses)
    bleu = metrics.corpus_bleu(hypotheses, [list(references)]).score
    chrf = metrics.corpus_chrf(hypotheses, [list(references)]).score
    return (
        f"{result.unit:12} BLEU {bleu:5.1f}  chrF {chrf:5.1f}  "
        f"{result.seconds:7.1f} s  {result.target_tokens:6d} tokens"
    )


def _metrics() -> Any:  # noqa: ANN401 - sacrebleu is an optional dependency
    try:
        import sacrebleu
    except ImportError as error:
        raise MissingDependency("Scores need sacrebleu: pip install 'diemtin[eval]'") from error
    return sacrebleu
