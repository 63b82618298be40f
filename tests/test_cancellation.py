"""Whoever asked goes: which thread knows, and what the scheduler drops."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context

import pytest

from models.cancellation import cancellable, current_cancellation
from models.errors import Cancelled
from models.scheduler import LEAST_TOKENS
from tests.scheduler_lab import answers, bench, result


def yes():
    return True


def no():
    return False


def test_nobody_is_gone_by_default():
    assert current_cancellation()() is False


def test_the_innermost_block_counts_and_ends_with_the_block():
    with cancellable(yes):
        assert current_cancellation() is yes
        with cancellable(no):
            assert current_cancellation() is no
        assert current_cancellation() is yes
        with pytest.raises(KeyError), cancellable(no):
            raise KeyError
        assert current_cancellation() is yes
    assert current_cancellation()() is False


def test_a_thread_knows_where_it_is_given_the_context():
    with ThreadPoolExecutor(1) as pool, cancellable(yes):
        assert pool.submit(current_cancellation).result() is not yes
        assert pool.submit(copy_context().run, current_cancellation).result() is yes


def test_threads_do_not_hear_of_each_other():
    both = threading.Barrier(2)

    def inside(is_gone):
        with cancellable(is_gone):
            both.wait()
            found = current_cancellation()
            both.wait()
            return found

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(inside, [yes, no])) == [yes, no]


def test_a_block_may_end_in_another_context():
    block = cancellable(yes)
    copy_context().run(block.__enter__)
    block.__exit__(None, None, None)
    assert current_cancellation()() is False


# --- in the scheduler ---


def test_nothing_is_queued_for_one_who_has_gone():
    with bench() as at:
        with pytest.raises(Cancelled, match="ask again"):
            result(at.ask("a", is_gone=lambda: True))
        assert at.engine.batches == []


def test_one_who_goes_takes_only_his_own_segments_along():
    gone = threading.Event()
    with bench() as at:
        busy = at.occupy()
        stays = at.queue("a", "b")
        leaves = at.queue("c", "d d", is_gone=gone.is_set)
        stays_too = at.queue("e")
        gone.set()
        with pytest.raises(Cancelled):
            result(leaves)
        assert at.scheduler.statistics.depth == 3
        at.engine.open()
        assert [result(one) for one in (busy, stays, stays_too)] == [
            answers("bận"),
            answers("a", "b"),
            answers("e"),
        ]
        assert at.engine.sources == [["a", "b", "e"]]


def test_what_is_in_the_engine_is_finished_and_thrown_away():
    gone = threading.Event()
    with bench(budget=LEAST_TOKENS) as at:
        at.engine.hold()
        leaves = at.ask("a", "b", is_gone=gone.is_set)
        at.engine.entered()
        gone.set()
        with pytest.raises(Cancelled):
            result(leaves)
        at.engine.open()
        assert result(at.ask("c")) == answers("c")
        assert at.engine.sources == [["a"], ["c"]]


def test_a_check_that_fails_reaches_the_caller_and_leaves_nothing_behind():
    broken = threading.Event()

    def check():
        if broken.is_set():
            raise RuntimeError("no such connection")
        return False

    with bench() as at:
        at.occupy()
        asked = at.queue("a", is_gone=check)
        broken.set()
        with pytest.raises(RuntimeError, match="no such connection"):
            result(asked)
        assert at.scheduler.statistics.depth == 0


def test_one_who_goes_between_the_parts_of_a_large_call_is_heard():
    with bench(queue_segments=1) as at:
        asked = at.ask("a", "b", "c", is_gone=lambda: at.scheduler.statistics.batches == 2)
        with pytest.raises(Cancelled):
            result(asked)
        assert at.engine.sources == [["a"], ["b"]]
