"""Measured quality: what a system's English is worth beside its reference."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from models.errors import BadConfig
from models.lexicon import load_lexicon
from service.benchmark import BenchmarkItem, FactKind
from service.evaluation_facts import (
    FIGURES,
    FactResult,
    InventedFact,
    SummaryFacts,
    check_facts,
    check_line,
    check_summary,
    find_invented,
)
from service.evaluation_outputs import ElementOutput, ItemOutput, SystemOutput
from service.evaluation_scores import RougeScores, TextScores, score_summaries, score_texts
from service.normalizing import normalize


@dataclass(frozen=True)
class Count:
    """So many of all."""

    found: int
    total: int

    @property
    def percent(self) -> float | None:
        """The share; None of nothing."""
        return 100 * self.found / self.total if self.total else None


@dataclass(frozen=True)
class Finding:
    """One fact that went wrong, with where: an item, or a line of a pair."""

    where: str
    what: str
    kind: str
    text: str
    warned: bool | None


@dataclass(frozen=True)
class SummaryScores:
    """What the summaries are worth."""

    rouge: RougeScores
    facts: Count
    invented_names: int


@dataclass(frozen=True)
class SystemScores:
    """Everything that was measured of one system.

    `unwarned` are counted where the system warns at all: invented facts, and numbers and
    dates lost or wrong, that no warning tells of.
    """

    system: str
    provenance: str
    segments: int
    texts: TextScores
    facts: Mapping[FactKind, Count]
    invented: int
    unwarned_invented: int | None
    unwarned_figures: int | None
    summaries: SummaryScores | None
    translate_s: float | None
    summarize_s: float | None
    findings: tuple[Finding, ...] = field(repr=False)

    @property
    def all_facts(self) -> Count:
        """Facts of every kind."""
        counts = self.facts.values()
        return Count(sum(one.found for one in counts), sum(one.total for one in counts))


def score_benchmark(
    output: SystemOutput, items: Sequence[BenchmarkItem], provenance: str
) -> SystemScores:
    """Score a system's output by the items that it was made of.

    Raises:
        BadConfig: an item is not in the benchmark, or has another number of elements now.
    """
    known = {item.id: item for item in items}
    for made in output.items:
        _check_alignment(made, known.get(made.id))
    pairs = [(known[made.id], made) for made in output.items]
    facts = [
        (item.id, one) for item, made in pairs for one in check_facts(item.facts, made.elements)
    ]
    invented = [(item.id, one) for item, made in pairs for one in _invented(item, made)]
    summaries = [(item.id, _check_summary(item, made)) for item, made in pairs]
    return SystemScores(
        system=output.record.system,
        provenance=provenance,
        segments=sum(len(made.translated) for made in output.items),
        texts=score_texts(
            [one.target for made in output.items for one in made.translated],
            [one for item, _ in pairs for one in item.reference],
        ),
        facts=_count_facts(one for _, one in facts),
        invented=len(invented),
        unwarned_invented=sum(not one.warned for _, one in invented),
        unwarned_figures=sum(_is_unwarned_figure(one) for _, one in facts),
        summaries=SummaryScores(
            rouge=score_summaries(
                [made.summary for made in output.items], [item.summary for item, _ in pairs]
            ),
            facts=Count(
                sum(one.total - len(one.unsupported) for _, one in summaries),
                sum(one.total for _, one in summaries),
            ),
            invented_names=sum(len(one.invented_names) for _, one in summaries),
        ),
        translate_s=sum(made.translate_s for made in output.items),
        summarize_s=sum(made.summarize_s for made in output.items),
        findings=(
            *_missing_findings(facts, warnings=True),
            *_invented_findings(invented, warnings=True),
            *_summary_findings(summaries),
        ),
    )


def _check_alignment(made: ItemOutput, item: BenchmarkItem | None) -> None:
    if item is None:
        raise BadConfig(f"The benchmark has no item {made.id}; make the output anew with --keep.")
    if len(made.translated) != len(item.reference):
        raise BadConfig(
            f"{made.id} has {len(made.translated)} translated elements and "
            f"{len(item.reference)} references; make the output anew with --keep."
        )


def _invented(item: BenchmarkItem, made: ItemOutput) -> list[InventedFact]:
    references = iter(item.reference)
    return [
        one
        for element in made.elements
        for one in find_invented(element, next(references) if element.translated else "")
    ]


def _check_summary(item: BenchmarkItem, made: ItemOutput) -> SummaryFacts:
    source = normalize(item.source)
    accepted = [form for fact in item.facts for form in fact.targets]
    for match in load_lexicon().find(source):
        accepted += (match.entry.en, *match.entry.accept)
    return check_summary(made.summary, source, (*item.reference, item.summary), accepted)


def _count_facts(results: Iterable[FactResult]) -> dict[FactKind, Count]:
    listed = list(results)
    return {
        kind: Count(
            sum(one.found for one in listed if one.fact.kind is kind),
            sum(one.fact.kind is kind for one in listed),
        )
        for kind in FactKind
    }


def _is_unwarned_figure(result: FactResult) -> bool:
    return result.fact.kind in FIGURES and not result.found and not result.warned


def score_pair(
    system: str,
    hypotheses: Sequence[str],
    sources: Sequence[str],
    references: Sequence[str],
    provenance: str,
    seconds: float | None = None,
) -> SystemScores:
    """Score hypotheses of lines; what must be in them is what diemtin reads in the sources."""
    lexicon = load_lexicon()
    facts = [
        (str(number), one)
        for number, (source, target) in enumerate(zip(sources, hypotheses, strict=True), 1)
        for one in check_line(source, target, lexicon)
    ]
    invented = [
        (str(number), one)
        for number, (source, target, reference) in enumerate(
            zip(sources, hypotheses, references, strict=True), 1
        )
        for one in find_invented(ElementOutput(source, target, True), reference)
    ]
    return SystemScores(
        system=system,
        provenance=provenance,
        segments=len(sources),
        texts=score_texts(hypotheses, references),
        facts=_count_facts(one for _, one in facts),
        invented=len(invented),
        unwarned_invented=None,
        unwarned_figures=None,
        summaries=None,
        translate_s=seconds,
        summarize_s=None,
        findings=(
            *_missing_findings(facts, warnings=False),
            *_invented_findings(invented, warnings=False),
        ),
    )


def _missing_findings(facts: Iterable[tuple[str, FactResult]], *, warnings: bool) -> list[Finding]:
    return [
        Finding(where, "missing", one.fact.kind, one.fact.source, one.warned if warnings else None)
        for where, one in facts
        if not one.found
    ]


def _invented_findings(
    invented: Iterable[tuple[str, InventedFact]], *, warnings: bool
) -> list[Finding]:
    return [
        Finding(where, "invented", one.kind, one.text, one.warned if warnings else None)
        for where, one in invented
    ]


def _summary_findings(summaries: Iterable[tuple[str, SummaryFacts]]) -> list[Finding]:
    return [
        Finding(
            where, "in the summary", "name" if text in one.invented_names else "value", text, None
        )
        for where, one in summaries
        for text in one.unsupported
    ]
