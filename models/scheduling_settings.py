"""What a scheduler is told, and what it tells of itself."""

from __future__ import annotations

from dataclasses import dataclass

from models.errors import BadConfig


@dataclass(frozen=True)
class SchedulerSettings:
    """How segments are queued and batched.

    Args:
        max_wait_ms: longest that a segment waits for others to share a batch with.
        queue_segments: most segments that wait at a time.
        batch_tokens: most source tokens of one batch, padding included; 0 is the engine's own.
        batching: False gives the engine one segment at a time.

    Raises:
        BadConfig: a number is out of its range.
    """

    max_wait_ms: float = 5.0
    queue_segments: int = 4096
    batch_tokens: int = 0
    batching: bool = True

    def __post_init__(self) -> None:
        """Check the ranges."""
        if not 0 <= self.max_wait_ms <= 60_000:
            raise BadConfig(f"max_wait_ms is {self.max_wait_ms}; give 0 to 60000 milliseconds.")
        if self.queue_segments < 1:
            raise BadConfig(f"queue_segments is {self.queue_segments}; give 1 or more.")
        if self.batch_tokens < 0:
            raise BadConfig(f"batch_tokens is {self.batch_tokens}; give 0 (automatic) or more.")


@dataclass(frozen=True)
class SchedulerStatistics:
    """Segments waiting now; batches and their segments since the start; calls refused."""

    depth: int
    batches: int
    segments: int
    refused: int
