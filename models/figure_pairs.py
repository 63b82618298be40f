"""Figures of a source and its target that have the same value."""

from __future__ import annotations

from collections.abc import Sequence

from models.quantities import Quantity
from models.quantity_types import Atom


def group_by_value(figures: Sequence[Quantity]) -> dict[Atom, list[Quantity]]:
    """The figures by each value that they may have."""
    known: dict[Atom, list[Quantity]] = {}
    for one in figures:
        for atom in one.atoms:
            known.setdefault(atom, []).append(one)
    return known


def find_same(one: Quantity, known: dict[Atom, list[Quantity]]) -> list[Quantity]:
    """The figures with a value of that one, two at most: more than one is too many."""
    found = {other.start: other for atom in one.atoms for other in known.get(atom, ())[:2]}
    return list(found.values())
