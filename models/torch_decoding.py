"""What happens to the scores of each step: limits of each row, forbidden tokens, sampling.

The classes fit `LogitsProcessor` and `StoppingCriteria` of transformers. Every rule holds for
a row by itself, so that a text decodes to the same tokens alone and in a batch.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any

_NEVER = float("-inf")
Step = Callable[[Any, Any], Any]


class EndNotBefore:
    """Forbids the end token while a row has fewer tokens than it must."""

    def __init__(self, fewest: Any, start: int, end_ids: Sequence[int]) -> None:  # noqa: ANN401 - a tensor
        """Take one number a row; tokens before `start` do not count."""
        self._fewest, self._start, self._end_ids = fewest, start, list(end_ids)

    def __call__(self, ids: Any, scores: Any) -> Any:  # noqa: ANN401 - tensors
        """Return the scores of one step, changed."""
        early = self._fewest > ids.shape[1] - self._start
        early = early.repeat_interleave(scores.shape[0] // early.shape[0])
        scores = scores.clone()
        scores[:, self._end_ids] = scores[:, self._end_ids].masked_fill(early[:, None], _NEVER)
        return scores


class StopAt:
    """Ends a row that has all the tokens it may."""

    def __init__(self, most: Any, start: int) -> None:  # noqa: ANN401 - a tensor
        """Take one number a row; tokens before `start` do not count."""
        self._most, self._start = most, start

    def __call__(self, ids: Any, scores: Any, **_: Any) -> Any:  # noqa: ANN401 - tensors
        """Say of each row, or of each beam of a row, whether it is done."""
        done = self._most <= ids.shape[1] - self._start
        return done.repeat_interleave(ids.shape[0] // done.shape[0])


class Forbid:
    """Takes tokens out of the vocabulary."""

    def __init__(self, mask: Any) -> None:  # noqa: ANN401 - a tensor
        """Take a mask over the vocabulary, true where a token is forbidden."""
        self._mask = mask

    def __call__(self, ids: Any, scores: Any) -> Any:  # noqa: ANN401 - tensors
        """Return the scores of one step, changed."""
        return scores.masked_fill(self._mask, _NEVER)


class SeededSampling:
    """Makes the greedy choice a sampled one, by the Gumbel-max trick.

    All rows share the noise of a step: a text samples to the same tokens in any batch, and
    torch's own generator, which other threads use, stays as it is.
    """

    def __init__(self, temperature: float, seed: int) -> None:
        """Start the noise from the seed."""
        import torch

        self._temperature = temperature
        self._generator = torch.Generator().manual_seed(seed)

    def __call__(self, ids: Any, scores: Any) -> Any:  # noqa: ANN401 - tensors
        """Return the scores of one step, changed."""
        import torch

        draws = torch.empty(scores.shape[1]).exponential_(generator=self._generator)
        return scores.float() / self._temperature - draws.clamp_min(1e-30).log().to(scores.device)


class OnlyWritten:
    """Lets a rule see what the model wrote, and not its prompt."""

    def __init__(self, rule: Step, start: int) -> None:
        """Take a rule and the length of the prompt."""
        self._rule, self._start = rule, start

    def __call__(self, ids: Any, scores: Any) -> Any:  # noqa: ANN401 - tensors
        """Return the scores of one step, changed."""
        written = ids[:, self._start :]
        return self._rule(written, scores) if written.shape[1] else scores


def forbidden_mask(size: int, ids: Collection[int], device: str) -> Any:  # noqa: ANN401 - a tensor
    """Return a mask over a vocabulary of that size, true at the ids."""
    import torch

    mask = torch.zeros(size, dtype=torch.bool)
    mask[[place for place in ids if place < size]] = True
    return mask.to(device)


def cut_at_end(row: list[int], most: int, end_ids: Collection[int]) -> tuple[list[int], bool]:
    """Return a row's tokens before its end token, and whether it met its limit without one."""
    for place, token in enumerate(row[:most]):
        if token in end_ids:
            return row[:place], False
    return row[:most], True
