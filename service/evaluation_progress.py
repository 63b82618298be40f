"""How far an evaluation has come, on standard error."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

SECONDS_BETWEEN_LINES = 30.0


class Advance(Protocol):
    """Tells that so many are done."""

    def __call__(self, done: int) -> None:
        """Show it."""


@contextmanager
def show_progress(
    what: str, total: int, seconds_between: float = SECONDS_BETWEEN_LINES
) -> Iterator[Advance]:
    """A bar on a terminal; elsewhere a plain line now and then, none for what is short."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _PlainLines(what, total, seconds_between, console)
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(what, total=total)
        yield lambda done: progress.update(task, completed=done)


class _PlainLines:
    def __init__(self, what: str, total: int, seconds_between: float, console: Console) -> None:
        self._what, self._total, self._console = what, total, console
        self._seconds_between = seconds_between
        self._began = self._told = monotonic()

    def __call__(self, done: int) -> None:
        now = monotonic()
        if now - self._told < self._seconds_between:
            return
        self._told = now
        line = f"{self._what}: {done} of {self._total}, {now - self._began:.0f} s"
        self._console.print(line, markup=False, highlight=False, soft_wrap=True)
