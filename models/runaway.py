"""Loops and runaway output, told from the text alone."""

from __future__ import annotations

import re
from collections.abc import Sequence

# English over Vietnamese, in characters: good translations stay well within the bounds.
SHORTEST_RATIO = 0.42
LONGEST_RATIO = 2.0
RATIO_SLACK = 30

LONGEST_PERIOD = 24
LEAST_REPEATS = 3
LEAST_REPEATED_WORDS = 8

_WORD = re.compile(r"\w+")


def repeated_run(text: str) -> str | None:
    """Return the words that the text repeats back to back, or None.

    A run counts when the same words stand at least three times in a row and cover at
    least eight words: "very, very, very" passes, a decoding loop does not.
    """
    words = [match.group().casefold() for match in _WORD.finditer(text)]
    for period in range(1, min(LONGEST_PERIOD, len(words) // LEAST_REPEATS) + 1):
        end = _run_end(words, period)
        if end is not None:
            return " ".join(words[end - period : end])
    return None


def _run_end(words: Sequence[str], period: int) -> int | None:
    needed = max(period * (LEAST_REPEATS - 1), LEAST_REPEATED_WORDS - period)
    same = 0
    for index in range(period, len(words)):
        same = same + 1 if words[index] == words[index - period] else 0
        if same >= needed:
            return index + 1
    return None


def is_looping(source: str, target: str) -> bool:
    """Whether the target repeats itself where the source does not."""
    return repeated_run(target) is not None and repeated_run(source) is None


def length_problem(source: str, target: str) -> str | None:
    """Return "too short" or "too long" for a target of implausible length, or None."""
    source_length, target_length = len(source.strip()), len(target.strip())
    if target_length > LONGEST_RATIO * source_length + RATIO_SLACK:
        return "too long"
    if target_length < SHORTEST_RATIO * source_length - RATIO_SLACK / 3:
        return "too short"
    return None


def token_budget(source: str) -> int:
    """Most target tokens that a faithful translation of the source can need.

    An English token holds about four characters; the budget allows twice the length
    that `length_problem` allows at one token for every two characters.
    """
    return 48 + len(source)
