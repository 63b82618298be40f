"""What a run has done, told in files: the manifest and the failures."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from service.archives.atomic_files import replaced_file
from service.archives.destination import FAILURES, MANIFEST
from service.archives.options import RunSettings
from service.archives.outputs import Output
from service.archives.runner import RATE_DIGITS, PassResult
from service.archives.state import Pass, State


def write_failures(folder: Path, state: State) -> None:
    """Write a line for everything that has no record."""
    with replaced_file(folder / FAILURES) as stream:
        for row in state.failures():
            stream.write(f"{json.dumps(asdict(row), ensure_ascii=False)}\n".encode())


def write_manifest(folder: Path, manifest: dict[str, Any]) -> None:
    """Write the manifest."""
    with replaced_file(folder / MANIFEST) as stream:
        stream.write(json.dumps(manifest, ensure_ascii=False, indent=2).encode())


def build_manifest(
    state: State, output: Output, settings: RunSettings, result: PassResult | None
) -> dict[str, Any]:
    """Totals over all passes, and the last pass apart; `result` where it came to an end."""
    totals = state.totals()
    passes = state.passes()
    seconds = sum(one.seconds for one in passes)
    return {
        "run": settings.run_id,
        "complete": passes[-1].complete,
        "started_at": _moment(passes[0].started_at),
        "written_at": _moment(datetime.now(UTC).timestamp()),
        "sources": _sources(passes),
        "totals": {
            "found": totals.done + totals.failed,
            "done": totals.done,
            "failed": totals.failed,
            "characters": totals.characters,
            "tokens": totals.tokens,
            "warnings": totals.warnings,
            "seconds": round(seconds, 3),
            "item_seconds": round(totals.item_seconds, 3),
        },
        "rates": {
            "items_per_second": _rate(totals.done + totals.failed, seconds),
            "tokens_per_second": _rate(totals.tokens, seconds),
            "characters_per_second": _rate(totals.characters, seconds),
        },
        "passes": len(passes),
        "last_pass": _pass_values(passes[-1], result),
        "warnings": state.warnings(),
        "failures": state.troubles(),
        "files": [asdict(one) for one in output.files()],
        "provenance": state.provenance(),
        "settings": dict(settings.values),
    }


def _sources(passes: Sequence[Pass]) -> list[str]:
    return list(dict.fromkeys(source for one in passes for source in one.sources))


def _pass_values(last: Pass, result: PassResult | None) -> dict[str, Any]:
    values: dict[str, Any] = {"started_at": _moment(last.started_at), "complete": last.complete}
    if result:
        counts = result.counts
        values |= {
            "done": counts.done,
            "failed": counts.failed,
            "done_before": counts.done_before,
            "failed_before": counts.failed_before,
            "duplicates": counts.duplicates,
            "seconds": round(counts.seconds, 3),
        }
    return values


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")


def _rate(number: int, seconds: float) -> float:
    return round(number / seconds, RATE_DIGITS) if seconds else 0.0
