"""Groups inputs of like length, so that a batch spends few of its tokens on padding."""

from __future__ import annotations

from collections.abc import Sequence


def plan_batches(lengths: Sequence[int], budget: int) -> list[list[int]]:
    """Return batches of indices, longest first, each index once.

    The padded size of a batch, its longest length times its count, stays within the budget;
    an input that exceeds the budget by itself is a batch of one, and one without tokens takes
    the room of one token.
    """
    batches: list[list[int]] = []
    room = 0  # how many more inputs the last batch takes
    for index in sorted(range(len(lengths)), key=lambda i: -lengths[i]):
        if room <= 0:
            batches.append([])
            room = max(1, budget // max(1, lengths[index]))
        batches[-1].append(index)
        room -= 1
    return batches
