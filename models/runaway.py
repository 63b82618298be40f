"""Loops and runaway output, told from the text alone."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

# English over Vietnamese, in characters: good translations stay well within the bounds.
SHORTEST_RATIO = 0.42
LONGEST_RATIO = 2.0
RATIO_SLACK = 30

LONGEST_PERIOD = 24
LEAST_REPEATS = 3
LEAST_REPEATED_WORDS = 6
LEAST_REPEATED_ONES = 8
# So many words that come again later in the text, where nothing in the source does.
LEAST_WORDS_TWICE = 7
LEAST_WORDS_THRICE = 4

_WORD = re.compile(r"\w+")
# One word over and over without a comma; "very very very" is speech.
_STUTTER = re.compile(
    r"(?<!\w)(?!very\b|so\b|far\b|long\b|many\b)([^\W\d_]+)(?:\s+\1){2,}(?!\w)", re.I
)


def repeated_run(text: str) -> str | None:
    """Return the words that the text repeats back to back, or None.

    A run counts when the same words stand at least three times in a row and cover at
    least six words, of one word eight: "very, very, very" passes, a decoding loop does not.
    """
    words = _words(text)
    for period in range(1, min(LONGEST_PERIOD, len(words) // LEAST_REPEATS) + 1):
        end = _run_end(words, period)
        if end is not None:
            return " ".join(words[end - period : end])
    return None


def _run_end(words: Sequence[str], period: int) -> int | None:
    least = LEAST_REPEATED_WORDS if period > 1 else LEAST_REPEATED_ONES
    needed = max(period * (LEAST_REPEATS - 1), least - period)
    same = 0
    for index in range(period, len(words)):
        same = same + 1 if words[index] == words[index - period] else 0
        if same >= needed:
            return index + 1
    return None


def loop_of(source: str, target: str) -> str | None:
    """Return what the target repeats without its source doing so, or None."""
    if repeated_run(source) is not None:
        return None
    run = repeated_run(target)
    if run is None and _STUTTER.search(source) is None:
        stutter = _STUTTER.search(target)
        run = stutter[1] if stutter else None
    return run or _said_again(source, target)


def _said_again(source: str, target: str) -> str | None:
    """Words that come back later, more often than a few syllables of the source do."""
    syllables, words = _words(source), _words(target)
    for times, length, syllables_again in ((2, LEAST_WORDS_TWICE, 3), (3, LEAST_WORDS_THRICE, 2)):
        again, often = _most_often(words, length)
        if often >= times and often > _most_often(syllables, syllables_again)[1]:
            return " ".join(again)
    return None


def _words(text: str) -> list[str]:
    return [match.group().casefold() for match in _WORD.finditer(text)]


def _most_often(words: Sequence[str], length: int) -> tuple[tuple[str, ...], int]:
    """The run of that many words that stands most often in the text, and how often."""
    runs = Counter(zip(*(words[offset:] for offset in range(length)), strict=False))
    return runs.most_common(1)[0] if runs else ((), 0)


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
