"""Outputs for evaluations: the references of the benchmark, as if a system had made them."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from models.engine import Provenance
from models.fidelity import Issue
from service.benchmark import BenchmarkItem, Split, load_benchmark
from service.evaluation_outputs import ElementOutput, ItemOutput, RunRecord, SystemOutput
from service.normalizing import normalize
from service.parsing import parse_article

MADE_BY = Provenance("hand-made", "1", "none", "1")


@cache
def dev_items() -> tuple[BenchmarkItem, ...]:
    """The items to develop with."""
    return load_benchmark(Split.DEV)


def perfect_item(item: BenchmarkItem) -> ItemOutput:
    """The item's own reference and summary."""
    translated = [one for one in parse_article(normalize(item.source)).visible if one.translatable]
    elements = tuple(
        ElementOutput(one.text, target, True)
        for one, target in zip(translated, item.reference, strict=True)
    )
    return ItemOutput(item.id, elements, item.summary, 2.0, 1.0)


def system_output(*items: ItemOutput, system: str = "hand") -> SystemOutput:
    """What a system made of dev items."""
    ids = tuple(item.id for item in items)
    return SystemOutput(RunRecord(system, Split.DEV, ids, MADE_BY, None, "1"), items)


def perfect_output() -> SystemOutput:
    """The references of every dev item."""
    return system_output(*map(perfect_item, dev_items()))


def corrupt(item: ItemOutput, right: str, wrong: str, *issues: Issue) -> ItemOutput:
    """The item with one text replaced wherever it stands, and warnings where it stood."""
    assert any(right in one.target for one in item.elements)
    elements = tuple(
        replace(one, target=one.target.replace(right, wrong), issues=issues)
        if right in one.target
        else one
        for one in item.elements
    )
    return replace(item, elements=elements)
