"""`diemtin bench summaries`: what the fallback of the summarizer is measured by."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict

import click

from service.bench_summaries import SummaryComparison, compare_summaries
from service.benchmark import Split
from service.cli_errors import told_errors

_WIDTH = 38
_EXAMPLES = """
\b
Examples:
  diemtin bench summaries
  diemtin bench summaries --split test --json
"""


@click.command("summaries", epilog=_EXAMPLES)
@click.option(
    "--split",
    type=click.Choice([one.value for one in Split]),
    default=Split.DEV.value,
    show_default=True,
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def show_summaries(split: str, as_json: bool) -> None:
    """Score extractive summaries of the benchmark's reference translations.

    Lead-1 and lead-3 are the item's first sentences whatever their length; every other method
    keeps to the limit. No model is needed.
    """
    with told_errors():
        found = compare_summaries(Split(split))
    click.echo(json.dumps(asdict(found)) if as_json else "\n".join(_lines(found)))


def _lines(found: SummaryComparison) -> Iterator[str]:
    yield f"{'':{_WIDTH}}ROUGE-1 ROUGE-2 ROUGE-L   facts   words"
    for one in found.scores:
        values = (*one.rouge.values(), one.fact_recall, one.words)
        yield f"{one.method:{_WIDTH}}" + "".join(f"{value:7.1f} " for value in values).rstrip()
    yield f"{found.items} items, {found.facts} figures and names in their reference summaries"
    yield f"benchmark {found.split}, SHA-256 {found.sha256}"
    yield found.signature
