"""How far a run is, on standard error: a bar, plain lines, JSON, or nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from threading import Event, Lock, Thread
from time import monotonic
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from service.archives.runner import RATE_DIGITS, Counts

SECONDS_BETWEEN_LINES = 10.0
SECONDS_BETWEEN_EVENTS = 1.0
_SECONDS_BETWEEN_DRAWINGS = 0.1
_LOOK_S = 0.25
_MINUTE, _HOUR = 60, 3600


class Display(Protocol):
    """Shows how far a run is."""

    def show(self, counts: Counts) -> None:
        """Take note; called for every item, drawn now and then."""

    def say(self, message: str) -> None:
        """Tell something that is not a number."""

    def close(self) -> None:
        """Leave the terminal as it was."""


class Silence:
    """Shows no progress; what is not progress is said all the same."""

    def __init__(self, console: Console) -> None:
        """Speak to the console."""
        self._console = console

    def show(self, counts: Counts) -> None:
        """Nothing."""

    def say(self, message: str) -> None:
        """Print a line."""
        _print(self._console, message)

    def close(self) -> None:
        """Nothing."""


class Bar:
    """A line on a terminal that changes; a bar where the number of items is known."""

    def __init__(self, console: Console) -> None:
        """Draw on the console."""
        self._console = console
        columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(20))
        self._progress = Progress(*columns, TimeElapsedColumn(), console=console, transient=True)
        self._task = self._progress.add_task("starting", total=None)
        self._pace = _Pace(_SECONDS_BETWEEN_DRAWINGS, self._draw)
        self._progress.start()

    def show(self, counts: Counts) -> None:
        """Redraw it ten times a second at most."""
        self._pace.note(counts)

    def say(self, message: str) -> None:
        """Print a line above it."""
        _print(self._console, message)

    def close(self) -> None:
        """Wipe it away."""
        self._pace.end()
        self._progress.stop()

    def _draw(self, counts: Counts) -> None:
        self._progress.update(
            self._task, description=describe(counts), completed=counts.met, total=counts.total
        )


class Lines:
    """A plain line every few seconds."""

    def __init__(self, console: Console, seconds: float = SECONDS_BETWEEN_LINES) -> None:
        """Print to the console."""
        self._console = console
        self._pace = _Pace(seconds, lambda counts: _print(console, describe(counts)), first=False)

    def show(self, counts: Counts) -> None:
        """Print it where the last was long ago."""
        self._pace.note(counts)

    def say(self, message: str) -> None:
        """Print a line."""
        _print(self._console, message)

    def close(self) -> None:
        """Print no more."""
        self._pace.end()


class Events:
    """A JSON object on a line of its own, once a second and at the end."""

    def __init__(self, console: Console, seconds: float = SECONDS_BETWEEN_EVENTS) -> None:
        """Print to the console."""
        self._console = console
        self._pace = _Pace(seconds, self._emit)

    def show(self, counts: Counts) -> None:
        """Print it where the last was a second ago."""
        self._pace.note(counts)

    def say(self, message: str) -> None:
        """Print what is said as an object."""
        _print(self._console, json.dumps({"event": "message", "message": message}))

    def close(self) -> None:
        """Print the last numbers."""
        last = self._pace.end()
        if last:
            self._emit(last)

    def _emit(self, counts: Counts) -> None:
        rates = {
            "items_per_second": round(counts.items_per_second, RATE_DIGITS),
            "tokens_per_second": round(counts.tokens_per_second, 1),
            "seconds_left": counts.seconds_left and round(counts.seconds_left, 1),
        }
        _print(self._console, json.dumps({"event": "progress", **asdict(counts), **rates}))


class _Pace:
    """Tells the newest counts every so many seconds at most, and soon after if not at once."""

    def __init__(
        self, seconds: float, tell: Callable[[Counts], None], *, first: bool = True
    ) -> None:
        """`first`: whether the first counts are told at once."""
        self._seconds, self._tell = seconds, tell
        self._told = 0.0 if first else monotonic()
        self._newest: Counts | None = None
        self._is_told = True
        self._lock, self._over = Lock(), Event()
        self._thread = Thread(target=self._tell_later, name="progress", daemon=True)
        self._thread.start()

    def note(self, counts: Counts) -> None:
        with self._lock:
            self._newest, self._is_told = counts, False
            self._tell_if_due()

    def end(self) -> Counts | None:
        """Tell no more; return the newest."""
        self._over.set()
        self._thread.join()
        return self._newest

    def _tell_later(self) -> None:
        while not self._over.wait(_LOOK_S):
            with self._lock:
                self._tell_if_due()

    def _tell_if_due(self) -> None:
        if self._newest and not self._is_told and monotonic() - self._told >= self._seconds:
            self._told, self._is_told = monotonic(), True
            self._tell(self._newest)


def choose_display(*, quiet: bool, as_json: bool) -> Display:
    """The display that the flags and the terminal ask for."""
    console = Console(stderr=True)
    if quiet:
        return Silence(console)
    if as_json:
        return Events(console)
    return Bar(console) if console.is_terminal else Lines(console)


def describe(counts: Counts) -> str:
    """The numbers on one line."""
    of_all = f" of {counts.total}" if counts.total is not None else ""
    told = [
        f"{counts.met}{of_all} items",
        describe_rate(counts.items_per_second),
        f"{counts.tokens_per_second:.0f} tokens/s",
        f"{counts.failed + counts.failed_before} failed",
    ]
    if counts.done_before:
        told.append(f"{counts.done_before} done before")
    if counts.seconds_left is not None:
        told.append(f"{_duration(counts.seconds_left)} left")
    return ", ".join(told)


def describe_rate(items_per_second: float) -> str:
    """The rate in the unit that tells something: a large model does a few items an hour."""
    if 0 < items_per_second < 1:
        return f"{items_per_second * _HOUR:.1f} items/h"
    return f"{items_per_second:.1f} items/s"


def _duration(seconds: float) -> str:
    if seconds < _MINUTE:
        return f"{seconds:.0f} s"
    if seconds < _HOUR:
        return f"{seconds / _MINUTE:.0f} min"
    return f"{seconds / _HOUR:.1f} h"


def _print(console: Console, line: str) -> None:
    console.print(line, markup=False, highlight=False, soft_wrap=True)
