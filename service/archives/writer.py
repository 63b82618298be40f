"""One thread writes: whatever came while it wrote makes the next batch."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import Condition, Thread
from time import monotonic

from models.errors import DiemtinError
from service.archives.outputs import Output
from service.archives.records import Done, Key, Outcome
from service.archives.state import State, record_outcomes

MOST_WAITING = 2000
MOST_WAITING_CHARACTERS = 32 << 20

_DAMAGED = ("SQLITE_CORRUPT", "SQLITE_NOTADB")
_DAMAGED_ADVICE = (
    "The state of the run is damaged, its records are untouched: put the folder .diemtin of the "
    "output back from a copy, or give another --out."
)
_ADVICE = (
    "Nothing that was done is lost: put that right (is there room?), then give the same command "
    "again."
)


class WritingFailed(DiemtinError):
    """The disk took no more."""


@contextmanager
def told_disk_errors() -> Iterator[None]:
    """Let what the disk or the state refuses be WritingFailed."""
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        reason = getattr(error, "strerror", None) or error
        is_damaged = getattr(error, "sqlite_errorname", None) in _DAMAGED
        raise WritingFailed(
            f"The output cannot be written: {reason}. {_DAMAGED_ADVICE if is_damaged else _ADVICE}"
        ) from error


class Writer:
    """Lets outcomes become records and states; a finished one never waits for the next."""

    def __init__(
        self,
        state: State,
        output: Output,
        number: int,
        on_written: Callable[[Sequence[Key]], None],
    ) -> None:
        """Write for the pass of that number; the keys are told once they are safe."""
        self._state, self._output, self._number = state, output, number
        self._on_written = on_written
        self._began = monotonic()
        self._change = Condition()  # guards all that follows
        self._waiting: list[Outcome] = []
        self._characters = 0
        self._closing = False
        self._error: BaseException | None = None
        self._thread = Thread(target=self._run, name="archive-writer", daemon=True)
        self._thread.start()

    @property
    def seconds(self) -> float:
        """How long the pass has taken."""
        return monotonic() - self._began

    def put(self, outcome: Outcome) -> None:
        """Hand over an outcome; waits while too many do.

        Raises:
            WritingFailed: the disk took no more.
        """
        with self._change:
            self._change.wait_for(lambda: self._has_room() or self._error is not None)
            self._raise_error()
            self._waiting.append(outcome)
            self._characters += _weight(outcome)
            self._change.notify_all()

    def close(self) -> None:
        """Write what was handed over.

        Raises:
            WritingFailed: the disk took no more.
        """
        with self._change:
            self._closing = True
            self._change.notify_all()
        self._thread.join()
        self._raise_error()

    def _has_room(self) -> bool:
        return len(self._waiting) < MOST_WAITING and self._characters < MOST_WAITING_CHARACTERS

    def _raise_error(self) -> None:
        with told_disk_errors():
            if self._error:
                raise self._error

    def _run(self) -> None:
        try:
            while batch := self._take():
                self._write(batch)
            self._output.settle(last=True)
        except BaseException as error:  # raised again where the outcomes come from
            with self._change:
                self._error = error
                self._change.notify_all()

    def _take(self) -> list[Outcome]:
        with self._change:
            self._change.wait_for(lambda: self._waiting or self._closing)
            batch, self._waiting, self._characters = self._waiting, [], 0
            self._change.notify_all()
        return batch

    def _write(self, batch: Sequence[Outcome]) -> None:
        records = [one for one in batch if isinstance(one.result, Done)]
        if records:
            self._output.write(records)
        with self._state.transaction() as connection:
            record_outcomes(connection, self._number, self.seconds, batch)
            if records:
                self._output.note(connection, records)
        if records:
            self._output.settle(last=False)
        self._on_written([one.key for one in batch])


def _weight(outcome: Outcome) -> int:
    return len(outcome.result.line) if isinstance(outcome.result, Done) else 0
