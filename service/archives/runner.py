"""A run over an archive: what is not done yet is digested, and nothing twice."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from threading import Event, Lock

from models.errors import DiemtinError
from service.archives.items import ArchiveItem, Found, Trouble, Unreadable
from service.archives.options import ArchiveOptions
from service.archives.outputs import Output
from service.archives.records import (
    Done,
    Failure,
    Key,
    Outcome,
    clean_item,
    refuse_language,
    unreadable_outcome,
)
from service.archives.state import Pass, State, Status
from service.archives.workers import Worker
from service.archives.writer import Writer, told_disk_errors

MOST_FAILURES_IN_A_ROW = 50
RATE_DIGITS = 5  # an item may take an hour


class EngineBroken(DiemtinError):
    """The engine fails at whatever it is given."""


@dataclass(frozen=True)
class Counts:
    """How far one pass is.

    Args:
        done: items digested in this pass.
        failed: what failed in this pass.
        done_before: items met that an earlier pass had done.
        failed_before: what an earlier pass had failed at, met and not tried again.
        duplicates: items met twice in this pass.
        tokens: of the items digested in this pass, Vietnamese and English.
        seconds: since the pass began.
        total: items there are, where that is known.
    """

    done: int = 0
    failed: int = 0
    done_before: int = 0
    failed_before: int = 0
    duplicates: int = 0
    tokens: int = 0
    seconds: float = 0.0
    total: int | None = None

    @property
    def met(self) -> int:
        """Everything met so far, duplicates left out."""
        return self.done + self.failed + self.done_before + self.failed_before

    @property
    def items_per_second(self) -> float:
        """Items finished in this pass."""
        return (self.done + self.failed) / self.seconds if self.seconds else 0.0

    @property
    def tokens_per_second(self) -> float:
        """Tokens of the items done in this pass."""
        return self.tokens / self.seconds if self.seconds else 0.0

    @property
    def seconds_left(self) -> float | None:
        """At this pace; None where the number of items is not known."""
        if self.total is None or not self.items_per_second:
            return None
        return max(0, self.total - self.met) / self.items_per_second


@dataclass(frozen=True)
class PassResult:
    """How a pass ended.

    Args:
        counts: how far it came.
        complete: whether the sources were read to their end, and every item has its outcome.
        stopped: whether it was told to stop.
        lost: items whose outcome never came, though nobody stopped the worker.
    """

    counts: Counts
    complete: bool
    stopped: bool
    lost: int = 0


OnCounts = Callable[[Counts], None]


class ArchiveRun:
    """One pass over the sources."""

    def __init__(
        self,
        state: State,
        output: Output,
        options: ArchiveOptions,
        stop: Event,
        on_counts: OnCounts = lambda counts: None,
        count_all: Callable[[], int | None] = lambda: None,
    ) -> None:
        """`stop` ends the pass early; `on_counts` is told after everything that is met.

        `count_all` tells how many items there are, once that is known.
        """
        self._state, self._output, self._options = state, output, options
        self._stop = stop
        self._on_counts = on_counts
        self._count_all = count_all
        self._counts = Counts()
        self._lock = Lock()
        self._in_work: set[Key] = set()  # handed out, no outcome yet
        self._unwritten: set[Key] = set()  # has its outcome; the state does not know it yet
        self._complete = False
        self._failed_in_a_row = 0

    def run(self, sources: Sequence[str], found: Iterable[Found], worker: Worker) -> PassResult:
        """Do what is not done yet.

        Raises:
            WritingFailed: the disk took no more.
            OutputChanged: the output is not as the run left it.
            EngineBroken: the engine failed many times in a row, and never did not.
        """
        with told_disk_errors():
            self._output.recover()
            total = self._known_total(sources)
            self._number = self._state.begin_pass(sources)
        self._writer = Writer(self._state, self._output, self._number, self._forget)
        try:
            self._count(total=total)
            for outcome in worker.digest(self._pending(found)):
                self._accept(outcome)
        finally:
            self._writer.close()  # what is done is written, whatever else went wrong
        with told_disk_errors():
            return self._end(sources)

    def _end(self, sources: Sequence[str]) -> PassResult:
        seconds = self._writer.seconds
        self._complete &= not self._in_work  # a worker may drop items, at a stop or by dying
        if self._options.only is not None:
            earlier = self._passes()[:-1]
            self._complete &= bool(earlier) and earlier[-1].complete
        self._state.end_pass(self._number, seconds, complete=self._complete)
        if self._complete and self._covers(sources):
            self._state.drop_unmet_failures(self._number)
        self._count()
        stopped = self._stop.is_set()
        lost = 0 if stopped else len(self._in_work)
        return PassResult(self._counts, self._complete, stopped, lost)

    def _pending(self, found: Iterable[Found]) -> Iterator[ArchiveItem]:
        """The items to be digested; everything else is dealt with on the way."""
        items = 0
        for one in found:
            if self._stop.is_set() or items == self._options.most_items:
                return
            if isinstance(one, Unreadable):
                self._take_unreadable(unreadable_outcome(one))
                continue
            items += 1
            item = clean_item(one, as_html=self._options.html)
            key = item.origin, item.content_hash
            if not self._is_wanted(key):
                continue
            if refused := refuse_language(item):
                self._write(refused)
                continue
            with self._lock:
                self._in_work.add(key)
            yield item
        self._complete = True

    def _take_unreadable(self, outcome: Outcome) -> None:
        if self._is_wanted(outcome.key):
            self._write(outcome)

    def _is_wanted(self, key: Key) -> bool:
        with self._lock:
            is_under_way = key in self._in_work or key in self._unwritten
        known = self._state.look_up(key)
        if is_under_way or known.number == self._number:
            self._count(duplicates=1)
        elif known.status is Status.DONE:
            self._count(done_before=1)
        elif known.status is Status.FAILED and (failure := self._kept_failure(key)):
            self._keep(failure)  # as met in this pass
            self._count(failed_before=1)
        else:
            return True
        return False

    def _kept_failure(self, key: Key) -> Outcome | None:
        return None if self._options.retry_failed else self._state.failure(key)

    def _accept(self, outcome: Outcome) -> None:
        with self._lock:
            if outcome.key not in self._in_work:  # came twice: from a worker that was retried
                return
            self._in_work.remove(outcome.key)
            self._unwritten.add(outcome.key)  # at once, or it might seem new in between
        self._write(outcome)
        self._check_engine(outcome)

    def _keep(self, outcome: Outcome) -> None:
        with self._lock:
            self._unwritten.add(outcome.key)
        self._writer.put(outcome)

    def _write(self, outcome: Outcome) -> None:
        self._keep(outcome)
        result = outcome.result
        if isinstance(result, Done):
            self._count(done=1, tokens=result.tokens)
        else:
            self._count(failed=1)

    def _check_engine(self, outcome: Outcome) -> None:
        failure = outcome.result if isinstance(outcome.result, Failure) else None
        if failure is None:
            self._failed_in_a_row = 0
        elif failure.trouble is Trouble.FAILED:
            self._failed_in_a_row += 1
        if failure and self._failed_in_a_row >= MOST_FAILURES_IN_A_ROW:
            raise EngineBroken(
                f"The engine failed {MOST_FAILURES_IN_A_ROW} times in a row, at last with: "
                f"{failure.reason} Put that right, then go on with --retry-failed."
            )

    def _forget(self, keys: Sequence[Key]) -> None:
        with self._lock:
            self._unwritten.difference_update(keys)

    def _count(self, total: int | None = None, **more: int) -> None:
        counts = self._counts
        raised = {name: getattr(counts, name) + by for name, by in more.items()}
        total = total if total is not None else self._count_all() or counts.total
        self._counts = replace(counts, **raised, seconds=self._writer.seconds, total=total)
        self._on_counts(self._counts)

    def _known_total(self, sources: Sequence[str]) -> int | None:
        """How many there are, where a pass has read the same sources to their end."""
        if self._options.most_items:
            return self._options.most_items
        if not any(one.complete and set(one.sources) == set(sources) for one in self._passes()):
            return None
        totals = self._state.totals()
        return totals.done + totals.failed

    def _covers(self, sources: Sequence[str]) -> bool:
        """Whether every source of every pass is read in this one."""
        return set(sources) >= {source for one in self._passes() for source in one.sources}

    def _passes(self) -> list[Pass]:
        return self._state.passes()
