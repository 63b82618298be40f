"""Quantities of Vietnamese and English text, and what a target lost or invented."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from models.quantities_en import EN_READERS
from models.quantities_vi import VI_READERS
from models.quantity_types import Atom, Quantity, QuantityKind, month, number, scan

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


def _evidence(quantities: Sequence[Quantity]) -> set[Atom]:
    atoms = {atom for one in quantities for reading in one.readings for atom in reading}
    return atoms | {implied for atom in atoms for implied in _implied(atom)}


def _unmatched(quantities: Sequence[Quantity], evidence: set[Atom]) -> tuple[Quantity, ...]:
    return tuple(
        one
        for one in quantities
        if not one.optional and not any(reading <= evidence for reading in one.readings)
    )


def compare_quantities(source: str, target: str) -> QuantityDifference:
    """Compare a Vietnamese source with its English target; repeats do not count."""
    in_source, in_target = find_quantities_vi(source), find_quantities_en(target)
    return QuantityDifference(
        missing=_unmatched(in_source, _evidence(in_target)),
        invented=_unmatched(in_target, _evidence(in_source)),
    )
