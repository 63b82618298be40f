"""Quantities of Vietnamese and English text, and what a target lost or invented."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from models.quantities_en import EN_READERS
from models.quantities_vi import VI_READERS
from models.quantity_bounds import LONGEST_LEAD, contradicting_bounds
from models.quantity_types import Atom, Quantity, QuantityKind, month, number, scan
from models.quantity_units import (
    UNKNOWN,
    Evidence,
    Measured,
    convert,
    measure_en,
    measure_vi,
    units_differ,
)

__all__ = [
    "Quantity",
    "QuantityDifference",
    "QuantityKind",
    "compare_quantities",
    "find_quantities_en",
    "find_quantities_vi",
]


@dataclass(frozen=True)
class QuantityDifference:
    """Source figures that the target lacks, and target figures that the source lacks."""

    missing: tuple[Quantity, ...]
    invented: tuple[Quantity, ...]

    def __bool__(self) -> bool:
        """Whether there is any difference."""
        return bool(self.missing or self.invented)


def find_quantities_vi(text: str) -> list[Quantity]:
    """The quantities of a Vietnamese text (NFC), in order, without overlaps."""
    return scan(text, VI_READERS)


def find_quantities_en(text: str) -> list[Quantity]:
    """The quantities of an English text, in order, without overlaps."""
    return scan(text, EN_READERS)


def _implied(atom: Atom) -> list[Atom]:
    """What else a value proves: a day its month, a proportion its two numbers."""
    if atom.kind is QuantityKind.DATE and isinstance(atom.value, tuple):
        return [month(atom.value[1]), number(atom.value[0])]
    if atom.kind is QuantityKind.MONTH and not isinstance(atom.value, tuple | str):
        return [number(atom.value)]
    if atom.kind is QuantityKind.RATIO and isinstance(atom.value, tuple):
        return [number(part) for part in atom.value if part > 1]  # a lone 1 proves nothing
    return []


def _evidence(measured: Sequence[Measured]) -> Evidence:
    """Every value that the figures prove, with the units that it has there."""
    evidence: Evidence = {}
    for one, unit, _ in measured:
        for atom in one.atoms:
            evidence.setdefault(atom, set()).add(unit)
            for implied in _implied(atom):
                evidence.setdefault(implied, set()).add(UNKNOWN)
    return evidence


def _is_matched(one: Quantity, evidence: Evidence) -> bool:
    return any(reading <= evidence.keys() for reading in one.readings)


def _unmatched(measured: Sequence[Measured], evidence: Evidence) -> list[Quantity]:
    return [
        one.quantity
        for one in measured
        if not one.quantity.optional and not _is_matched(one.quantity, evidence)
    ]


def _misread(one: Measured, target: Evidence) -> set[Atom]:
    """Values of a matched source figure that the target has with other units only."""
    contradicted: set[Atom] = set()
    for reading in one.quantity.readings:
        if not reading <= target.keys():
            continue
        wrong = {
            atom
            for atom in reading
            if atom.kind is QuantityKind.NUMBER
            and all(units_differ(one.unit, unit) for unit in target[atom])
        }
        if not wrong:
            return set()
        contradicted |= wrong
    return contradicted


def _is_misreading(one: Measured, misread: set[Atom], source: Evidence) -> bool:
    """Whether a target figure stands for a misread one and has no other ground."""
    matching = [reading for reading in one.quantity.readings if reading <= source.keys()]
    return bool(matching) and all(
        any(
            atom in misread and all(units_differ(unit, one.unit) for unit in source[atom])
            for atom in reading
        )
        for reading in matching
    )


def _compare_units(
    source: Sequence[Measured], target: Sequence[Measured]
) -> tuple[list[Quantity], list[Quantity]]:
    """Figures of both sides that have the same value with contradicting units."""
    in_source, in_target = _evidence(source), _evidence(target)
    misread: set[Atom] = set()
    missing = []
    for one in source:
        wrong = set() if one.quantity.optional else _misread(one, in_target)
        if wrong:
            missing.append(one.shown)
            misread |= wrong
    invented = [
        one.shown
        for one in target
        if not one.quantity.optional and _is_misreading(one, misread, in_source)
    ]
    return missing, invented


def _with_lead(text: str, one: Quantity) -> Quantity:
    """The figure with the word or two before it that tell its bound."""
    before = text[max(0, one.start - LONGEST_LEAD) : one.start]
    lead = re.search(r"\S+(?:\s+(?:than|to|of|đầy|tới|đến|xỉ|quá|nhất|đa))?\s+$", before)
    start = one.start - len(before) + lead.start() if lead else one.start
    return replace(one, text=text[start : one.end], start=start)


def compare_quantities(source: str, target: str) -> QuantityDifference:
    """Compare a Vietnamese source with its English target; repeats do not count."""
    in_target = measure_en(target, find_quantities_en(target))
    proved = _evidence(in_target)
    as_written = measure_vi(source, find_quantities_vi(source))
    in_source = [convert(one, proved) for one in as_written]
    missing, invented = _compare_units(in_source, in_target)
    missing += _unmatched(in_source, _evidence(in_target))
    invented += _unmatched(in_target, _evidence(in_source))
    for one, other in contradicting_bounds(
        source, [one.quantity for one in in_source], target, [one.quantity for one in in_target]
    ):
        missing.append(_with_lead(source, one))
        invented.append(_with_lead(target, other))
    return QuantityDifference(
        missing=tuple(sorted(missing, key=lambda one: one.start)),
        invented=tuple(sorted(invented, key=lambda one: one.start)),
    )
