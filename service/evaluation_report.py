"""An evaluation as tables for a reader and as plain JSON types."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from service.benchmark import FactKind
from service.evaluation import Count, SummaryScores, SystemScores

BENCHMARK_NOTES = {
    "facts": "of the benchmark's list, found in the English of their elements",
    "terms": "term accuracy: facts of the kind term",
    "invented": "figures, dates and names that neither source nor reference of the element has",
    "unwarned": "wrong figures: numbers and dates of the list that are lost or wrong",
    "summaries": "precision: figures and names that source or reference has, of all in the summary",
}
PAIR_NOTES = {
    "facts": "figures, dates and names that diemtin reads in the source, found in the English",
    "terms": "term accuracy: terms of the lexicon in the source whose accepted English is there",
    "invented": "figures, dates and names that neither source nor reference of the line has",
}

_WIDTH_PIPED = 200

Cell = Callable[[SystemScores], str]


@dataclass(frozen=True)
class Evaluation:
    """Systems measured on the same segments, and on which.

    Args:
        origin: what was measured on, as plain JSON types, its SHA-256 among them.
        notes: what the names of the scores mean here.
        systems: one row each.
    """

    origin: Mapping[str, Any]
    notes: Mapping[str, str]
    systems: tuple[SystemScores, ...]

    @property
    def signatures(self) -> dict[str, str]:
        """What exactly the scores are; the same for every system."""
        first = self.systems[0]
        rouge = {"ROUGE": first.summaries.rouge.signature} if first.summaries else {}
        return {**first.texts.signatures, **rouge}

    @property
    def time_ratio(self) -> float | None:
        """Seconds of translation, pipeline / bare, where one run measured both."""
        seconds = {one.system: one.translate_s for one in self.systems}
        pipeline, bare = seconds.get("pipeline"), seconds.get("bare")
        return pipeline / bare if pipeline and bare else None


def as_json(evaluation: Evaluation) -> dict[str, Any]:
    """The whole evaluation, every finding with it."""
    return {
        "origin": dict(evaluation.origin),
        "systems": [_system_as_json(one) for one in evaluation.systems],
        "pipeline_to_bare": _rounded(evaluation.time_ratio),
        "signatures": evaluation.signatures,
        "notes": dict(evaluation.notes),
    }


def _system_as_json(one: SystemScores) -> dict[str, Any]:
    recall = {kind.value: _count_as_json(count) for kind, count in one.facts.items()}
    return {
        "system": one.system,
        "provenance": one.provenance,
        "segments": one.segments,
        "bleu": _rounded(one.texts.bleu),
        "chrf": _rounded(one.texts.chrf),
        "chrf++": _rounded(one.texts.chrf_plus_plus),
        "term_accuracy": _rounded(one.facts[FactKind.TERM].percent),
        "fact_recall": {"all": _count_as_json(one.all_facts), **recall},
        "invented": {"all": one.invented, "without_warning": one.unwarned_invented},
        "wrong_figures_without_warning": one.unwarned_figures,
        "summaries": _summaries_as_json(one),
        "seconds": {
            "translate": _rounded(one.translate_s),
            "summarize": _rounded(one.summarize_s),
        },
        "findings": [asdict(finding) for finding in one.findings],
    }


def _summaries_as_json(one: SystemScores) -> dict[str, Any] | None:
    if one.summaries is None:
        return None
    return {
        "rouge1": _rounded(one.summaries.rouge.rouge1),
        "rouge2": _rounded(one.summaries.rouge.rouge2),
        "rougeL": _rounded(one.summaries.rouge.rouge_l),
        "fact_precision": _count_as_json(one.summaries.facts),
        "invented_names": one.summaries.invented_names,
    }


def _count_as_json(count: Count) -> dict[str, Any]:
    return {"found": count.found, "total": count.total, "percent": _rounded(count.percent)}


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)


def print_report(evaluation: Evaluation, console: Console) -> None:
    """Print the tables, then what the scores are and what made the English."""
    for title, columns in _tables(evaluation.systems):
        console.print(_table(title, columns, evaluation.systems, framed=console.is_terminal))
        console.print()
    if ratio := evaluation.time_ratio:
        _tell(console, f"pipeline / bare, seconds of translation: {ratio:.2f}")
    for name, note in (*evaluation.notes.items(), *evaluation.signatures.items()):
        _tell(console, f"{name}: {note}")
    for one in evaluation.systems:
        _tell(console, f"{one.system}: {one.provenance}")
    _tell(console, ", ".join(f"{name} {value}" for name, value in evaluation.origin.items()))


def report_console() -> Console:
    """Standard output: as wide as the terminal, and never folded where it is none."""
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=_WIDTH_PIPED)


def _tell(console: Console, line: str) -> None:
    console.print(line, markup=False, soft_wrap=True)


def _tables(systems: Sequence[SystemScores]) -> list[tuple[str, dict[str, Cell]]]:
    texts: dict[str, Cell] = {
        "segments": lambda one: str(one.segments),
        "BLEU": lambda one: _figure(one.texts.bleu),
        "chrF": lambda one: _figure(one.texts.chrf),
        "chrF++": lambda one: _figure(one.texts.chrf_plus_plus),
        "terms %": lambda one: _figure(one.facts[FactKind.TERM].percent),
        "seconds": lambda one: _figure(one.translate_s),
    }
    facts: dict[str, Cell] = {"all": lambda one: _share(one.all_facts)}
    facts |= {kind.value: _share_of(kind) for kind in FactKind}
    mistakes: dict[str, Cell] = {"invented": lambda one: str(one.invented)}
    summaries: dict[str, Cell] = {}
    if all(one.summaries for one in systems):
        mistakes |= {
            "invented, unwarned": lambda one: str(one.unwarned_invented),
            "wrong figures, unwarned": lambda one: str(one.unwarned_figures),
        }
        summaries = _summary_columns()
    found = {
        "Translation": texts,
        "Fact recall": facts,
        "Mistakes": mistakes,
        "Summaries": summaries,
    }
    return [(title, columns) for title, columns in found.items() if columns]


def _summary_columns() -> dict[str, Cell]:
    return {
        "ROUGE-1": _of_summaries(lambda one: _figure(one.rouge.rouge1)),
        "ROUGE-2": _of_summaries(lambda one: _figure(one.rouge.rouge2)),
        "ROUGE-L": _of_summaries(lambda one: _figure(one.rouge.rouge_l)),
        "precision %": _of_summaries(lambda one: _figure(one.facts.percent)),
        "invented names": _of_summaries(lambda one: str(one.invented_names)),
        "seconds": lambda one: _figure(one.summarize_s),
    }


def _of_summaries(cell: Callable[[SummaryScores], str]) -> Cell:
    return lambda one: cell(one.summaries) if one.summaries else "-"


def _share_of(kind: FactKind) -> Cell:
    return lambda one: _share(one.facts[kind])


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f}"


def _share(count: Count) -> str:
    return f"{_figure(count.percent)} ({count.found}/{count.total})"


def _table(
    title: str, columns: Mapping[str, Cell], systems: Sequence[SystemScores], *, framed: bool
) -> Table:
    table = Table(box=box.SIMPLE if framed else None, pad_edge=False)
    table.add_column(title)
    for name in columns:
        table.add_column(name, justify="right")
    for one in systems:
        table.add_row(one.system, *(cell(one) for cell in columns.values()))
    return table
