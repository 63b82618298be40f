"""A report to look at: one HTML file that needs no server and no network."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from service.archives.atomic_files import replaced_file
from service.archives.destination import REPORT
from service.archives.progress import describe_rate
from service.archives.state import State

MOST_ROWS = 4000  # what a browser searches without a pause
MOST_FAILURES = 1000
WORST = 20
_TEMPLATE = "archive_report.html"


def write_report(folder: Path, state: State, manifest: dict[str, Any]) -> None:
    """Write the report: failures first, then what has the most warnings."""
    environment = Environment(
        loader=PackageLoader("service"), autoescape=True, undefined=StrictUndefined
    )
    rows = list(_rows(state))
    everything = manifest["totals"]["found"]
    page = environment.get_template(_TEMPLATE).render(
        manifest=manifest,
        rate=describe_rate(manifest["rates"]["items_per_second"]),
        rows=rows,
        left_out=everything - len(rows),
        worst=[one for one in state.worst(WORST) if one.warnings],
        failures=list(state.failures(WORST)),
    )
    with replaced_file(folder / REPORT) as stream:
        stream.write(page.encode())


def _rows(state: State) -> Iterator[tuple[str, str, int, float, str]]:
    """Origin, headline, warnings, seconds, and what went wrong if something did."""
    failed = 0
    for failure in state.failures(MOST_FAILURES):
        failed += 1
        yield failure.origin, "", 0, 0.0, f"{failure.trouble}: {failure.reason}"
    for done in state.worst(MOST_ROWS - failed):
        yield done.origin, done.headline, done.warnings, round(done.seconds, 2), ""
