"""Segments of many articles and requests at a time, batched for one engine."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from copy import copy
from dataclasses import replace
from threading import Condition, Lock, Thread
from typing import cast

from models.cancellation import IsGone, current_cancellation, never
from models.engine import (
    DecodeOptions,
    Engine,
    EngineInput,
    EngineTraits,
    EngineWrapper,
    Hypothesis,
)
from models.errors import Cancelled, EngineFailed, InputTooLong, QueueFull
from models.scheduling_settings import SchedulerSettings, SchedulerStatistics
from models.waiting import Call, Company, Item, Waiting

__all__ = ["LEAST_TOKENS", "Scheduler", "SchedulerSettings", "SchedulerStatistics"]

POLL_S = 0.1  # how often a waiting caller asks whether whoever asked is gone
LEAST_TOKENS = 8  # what a segment counts at least: its target takes room however short it is
SLICES = 4  # a call larger than the queue takes this part of the queue at a time

_CLOSED = "The engine was closed while or before it worked on this; restart the service."
_GONE = "Whoever asked has gone; ask again if the result is still wanted."


class Scheduler(EngineWrapper):
    """An engine at which the segments of all callers queue, to share batches.

    Calls take turns, so that a short one need not wait for a long one to end: each batch holds
    the first segment of the call whose turn it is and, of all calls, those nearest to it in
    length, of the same options; free workers share what waits. Sampled segments stay alone, as
    their neighbours would change them. A call that exceeds the whole queue goes in by quarters
    of the queue, each after the one before is done: its first needs room like any call, the
    later ones wait for it, so that what was begun is finished. Threads start at the first
    `generate`.
    """

    def __init__(self, engine: Engine, settings: SchedulerSettings) -> None:
        """Own the engine: `close` closes it."""
        super().__init__(engine)
        self._settings = settings
        own = engine.traits.batch_tokens
        self._budget = settings.batch_tokens or own if settings.batching and own else 0
        # Who is told that nothing is batched asks for less at a time.
        self._traits = replace(engine.traits, batch_tokens=self._budget)
        self._change = Condition(Lock())  # guards all that follows
        self._waiting = Waiting()
        self._company = Company()
        self._calls: set[Call] = set()
        self._threads: list[Thread] = []
        self._free = self._timing = 0  # workers without a batch; those that wait for company
        self._batches = self._segments = self._refused = 0
        self._closed = False

    @property
    def traits(self) -> EngineTraits:
        """Those of the engine, with the batches that it gets here."""
        return self._traits

    @property
    def statistics(self) -> SchedulerStatistics:
        """The numbers of this moment."""
        with self._change:
            waiting = len(self._waiting)
            return SchedulerStatistics(waiting, self._batches, self._segments, self._refused)

    def generate(self, inputs: Sequence[EngineInput], options: DecodeOptions) -> list[Hypothesis]:
        """Return one hypothesis an input, in order, once its turn has come.

        Raises:
            QueueFull: too many segments wait; nothing of this call was queued.
            Cancelled: `current_cancellation` says that whoever asked has gone.
            InputTooLong: an input exceeds the context; the rest of the call is dropped.
            EngineFailed: the engine raised, or was closed.
        """
        is_gone = current_cancellation()
        results: list[Hypothesis] = []
        tokens: list[int] | None = None
        while True:
            if is_gone():
                raise Cancelled(_GONE)
            if self._closed:
                raise EngineFailed(_CLOSED)
            if len(results) == len(inputs):
                return results
            tokens = tokens or self._measure(inputs)
            call = self._enqueue(inputs, tokens, options, len(results))
            if call:
                results += self._wait(call, is_gone)
            else:
                time.sleep(POLL_S)  # the queue is full of others, and this call half done

    def close(self) -> None:
        """Fail every caller at once; close the engine when it has finished its batches."""
        with self._change:
            was_closed, self._closed = self._closed, True
            for call in list(self._calls):
                self._end(call, EngineFailed(_CLOSED))
            self._change.notify_all()
        for thread in self._threads:
            thread.join()
        if not was_closed:
            self.engine.close()

    def _measure(self, inputs: Sequence[EngineInput]) -> list[int]:
        if not self._budget:
            return [LEAST_TOKENS] * len(inputs)
        instructed = self._traits.instructed
        texts = [one.instruction + one.source if instructed else one.source for one in inputs]
        counts = self.engine.count_tokens(texts)
        return [max(LEAST_TOKENS, count) for _, count in zip(texts, counts, strict=True)]

    def _enqueue(
        self,
        inputs: Sequence[EngineInput],
        tokens: Sequence[int],
        options: DecodeOptions,
        begin: int,
    ) -> Call | None:
        with self._change:
            if self._closed:
                raise EngineFailed(_CLOSED)
            self._start_workers()
            size = self._admit(len(inputs), begin)
            if not size:
                return None
            now, call = time.monotonic(), Call(size)
            chosen = zip(inputs[begin : begin + size], tokens[begin:], strict=False)
            for place, (one, count) in enumerate(chosen):
                kind = (options, one.forced_tokens > 0)
                self._waiting.add(Item(call, place, one, count, kind, now))
            self._calls.add(call)
            self._company.note(len(self._calls), now)
            if not self._timing or self._delay(now) <= 0:
                self._change.notify()
        return call

    def _start_workers(self) -> None:
        while len(self._threads) < max(1, self._traits.parallel_calls):
            thread = Thread(target=self._work, name="engine-worker", daemon=True)
            thread.start()
            self._threads.append(thread)
            self._free += 1

    def _admit(self, total: int, begin: int) -> int:
        most = self._settings.queue_segments
        room = most - len(self._waiting)
        quarter = max(1, most // SLICES)
        if begin:
            return min(total - begin, quarter, room)
        size = total if total <= most else quarter
        if size > room:
            self._refused += 1
            raise QueueFull(
                f"{len(self._waiting)} segments wait for the engine, {most} at most, and "
                f"{size} more came; try again in a few seconds."
            )
        return size

    def _wait(self, call: Call, is_gone: IsGone) -> list[Hypothesis]:
        try:
            while not call.done.acquire(timeout=-1 if is_gone is never else POLL_S):
                if is_gone():
                    raise Cancelled(_GONE)
        finally:
            if not call.over:
                with self._change:
                    self._end(call)
        error, call.error = call.error, None
        try:
            if error is not None:
                raise error
        finally:
            del error  # or its traceback would keep it, and the engine's memory, alive
        return cast(list[Hypothesis], call.results)

    def _end(self, call: Call, error: BaseException | None = None) -> None:
        if call.over:
            return
        call.over, call.error = True, error
        self._company.note(len(self._calls), time.monotonic())
        self._calls.remove(call)
        if call.left:
            self._waiting.drop(call)
        call.done.release()

    def _work(self) -> None:
        while self._work_once():
            pass

    def _work_once(self) -> bool:
        with self._change:
            batch = self._next_batch()
        if not batch:
            return False
        self._run(batch)
        with self._change:
            self._free += 1
        return True

    def _next_batch(self) -> list[Item]:
        while not self._closed:
            delay = self._delay(time.monotonic()) if self._waiting else None
            if delay is None:
                self._change.wait()
            elif delay <= 0:
                return self._take()
            else:
                self._timing += 1
                self._change.wait(delay)
                self._timing -= 1
        return []

    def _delay(self, now: float) -> float:
        """Seconds that the oldest segment may still wait for company."""
        oldest = self._waiting.oldest
        if self._waiting.tokens >= self._budget:
            return 0
        if self._company.is_complete(len(self._calls), oldest.arrived):
            return 0
        return oldest.arrived + self._settings.max_wait_ms / 1000 - now

    def _take(self) -> list[Item]:
        share = math.ceil(self._waiting.tokens / self._free) if self._budget else 0
        batch = self._waiting.take(self._budget, share)
        self._free -= 1
        self._batches += 1
        self._segments += len(batch)
        if self._waiting:
            self._change.notify()
        return batch

    def _run(self, batch: Sequence[Item]) -> None:
        try:
            results = self.engine.generate([item.input for item in batch], batch[0].kind[0])
            if len(results) != len(batch):
                raise EngineFailed(
                    f"The engine gave {len(results)} results for {len(batch)} segments; "
                    "choose another engine for this model."
                )
        except BaseException as error:  # whatever it is, the callers are to know, not the worker
            if len(batch) > 1 and isinstance(error, InputTooLong | EngineFailed):
                self._retry(batch)
            else:
                self._fail(batch, error)
        else:
            self._finish(batch, results)

    def _retry(self, batch: Sequence[Item]) -> None:
        """One by one, so that a bad segment fails its own caller alone."""
        for item in batch:
            if not item.call.over:
                self._run([item])

    def _finish(self, batch: Sequence[Item], results: Sequence[Hypothesis]) -> None:
        with self._change:
            for item, result in zip(batch, results, strict=True):
                item.call.results[item.place] = result
                item.call.left -= 1
                if not item.call.left:
                    self._end(item.call)

    def _fail(self, batch: Sequence[Item], error: BaseException) -> None:
        with self._change:
            for call in {item.call for item in batch}:
                self._end(call, _own(error))


def _own(error: BaseException) -> BaseException:
    """Copy an error for one caller: raised in several threads, one would mix their traces."""
    try:
        own = copy(error)
    except Exception:  # some classes cannot be copied
        return error
    return own.with_traceback(error.__traceback__)
