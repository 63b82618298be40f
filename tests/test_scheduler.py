"""A scheduler is an engine to its callers: settings, threads, errors, and the end."""

from __future__ import annotations

import math
import subprocess
import sys
import threading
import traceback

import pytest

from models.engine import Engine, EngineInput
from models.errors import BadConfig, EngineFailed, InputTooLong
from models.scheduler import LEAST_TOKENS, Scheduler, SchedulerSettings
from tests import scheduler_lab
from tests.processes import ROOT
from tests.scheduler_lab import (
    BEAM,
    GREEDY,
    PATIENCE_S,
    Controlled,
    Uncopyable,
    answers,
    bench,
    result,
)

# --- settings and the interface ---


def engine_workers() -> list[str]:
    return [one.name for one in threading.enumerate() if one.name == "engine-worker"]


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("max_wait_ms", -1, "max_wait_ms is -1; give 0 to 60000"),
        ("max_wait_ms", math.inf, "max_wait_ms is inf"),
        ("max_wait_ms", math.nan, "max_wait_ms is nan"),
        ("queue_segments", 0, "queue_segments is 0; give 1 or more"),
        ("batch_tokens", -5, "batch_tokens is -5; give 0"),
    ],
)
def test_settings_out_of_range_are_refused(name, value, message):
    with pytest.raises(BadConfig, match=message):
        SchedulerSettings(**{name: value})


def test_it_is_the_engine_to_its_callers():
    engine = Controlled()
    scheduler: Engine = Scheduler(engine, SchedulerSettings())
    assert scheduler.traits == engine.traits
    assert scheduler.count_tokens(["một hai", "ba"]) == [2, 1]
    assert scheduler.provenance(BEAM) == engine.provenance(BEAM)
    assert scheduler.generate([], GREEDY) == []
    assert engine.batches == []


def test_threads_start_at_the_first_call_and_end_at_close():
    engine = Controlled(parallel=3)
    before = len(engine_workers())
    scheduler = Scheduler(engine, SchedulerSettings())
    assert len(engine_workers()) == before
    scheduler.generate([EngineInput("a")], GREEDY)
    assert len(engine_workers()) == before + 3
    scheduler.close()
    assert (len(engine_workers()), engine.closed) == (before, 1)


def test_a_scheduler_made_before_a_fork_works_in_the_child():
    script = (
        "import os, sys\n"
        "from models.engine import EngineInput\n"
        "from models.scheduler import Scheduler, SchedulerSettings\n"
        "from tests.scheduler_lab import GREEDY, Controlled\n"
        "scheduler = Scheduler(Controlled(), SchedulerSettings())\n"
        "if (child := os.fork()) == 0:\n"
        "    os._exit(len(scheduler.generate([EngineInput('a')] * 7, GREEDY)))\n"
        "sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))\n"
    )
    ended = subprocess.run([sys.executable, "-c", script], cwd=ROOT, timeout=PATIENCE_S * 3)
    assert ended.returncode == 7


# --- errors ---


@pytest.mark.parametrize(
    ("word", "kind", "message"),
    [("dài", InputTooLong, "Too long; split"), ("hỏng", EngineFailed, "It broke; restart")],
)
def test_a_bad_segment_fails_its_own_caller_alone(word, kind, message):
    with bench() as at:
        at.occupy()
        good, bad, good_too = at.queue("a"), at.queue(word, "b"), at.queue("c", "d")
        at.engine.open()
        with pytest.raises(kind, match=message):
            result(bad)
        assert (result(good), result(good_too)) == (answers("a"), answers("c", "d"))
        # The rest of the failed call is not tried.
        assert at.engine.sources == [["a", word, "b", "c", "d"], ["a"], [word], ["c"], ["d"]]
        assert at.scheduler.statistics.segments == 6


def test_what_waits_of_a_failed_call_is_dropped():
    with bench(budget=LEAST_TOKENS) as at:
        at.occupy()
        bad, good = at.queue("hỏng", "b", "c"), at.queue("d")
        at.engine.open()
        with pytest.raises(EngineFailed):
            result(bad)
        assert result(good) == answers("d")
        assert at.engine.sources == [["hỏng"], ["d"]]


@pytest.mark.parametrize(
    ("word", "kind"), [("lạ", ValueError), ("thoát", SystemExit), ("khó", Uncopyable)]
)
def test_an_unexpected_error_reaches_all_of_its_batch_and_no_worker_ends(word, kind):
    with bench() as at:
        at.occupy()
        asked = [at.queue("a"), at.queue(word), at.queue("b", options=BEAM)]
        at.engine.open()
        errors = [one.exception(PATIENCE_S) for one in asked[:2]]
        assert [type(error) for error in errors] == [kind, kind]
        assert (errors[0] is errors[1]) == (kind is Uncopyable)
        assert result(asked[2]) == answers("b", options=BEAM)
        assert at.engine.sources == [["a", word], ["b"]]
        assert result(at.ask("c")) == answers("c")


def test_the_trace_of_an_error_leads_to_the_engine():
    with bench() as at:
        error = at.ask("lạ").exception(PATIENCE_S)
    assert traceback.extract_tb(error.__traceback__)[-1].name == "generate"
    assert traceback.extract_tb(error.__traceback__)[-1].filename == scheduler_lab.__file__


def test_an_engine_that_loses_a_result_has_failed():
    with bench() as at:
        with pytest.raises(EngineFailed, match="0 results for 1 segments; choose another"):
            result(at.ask("a", "mất"))
        assert result(at.ask("b")) == answers("b")


# --- the end ---


def test_close_fails_all_callers_at_once_and_closes_the_engine_last():
    with bench() as at:
        busy = at.occupy()
        waiting = at.queue("a")
        closing = threading.Thread(target=at.scheduler.close)
        closing.start()
        for one in (busy, waiting):
            with pytest.raises(EngineFailed, match=r"closed.*restart the service"):
                result(one)
        with pytest.raises(EngineFailed, match="closed"):
            result(at.ask("b"))
        assert at.engine.closed == 0  # a batch is in it
        at.engine.open()
        closing.join(PATIENCE_S)
        at.scheduler.close()
        assert (at.engine.closed, at.engine.batches) == (1, [])
        with pytest.raises(EngineFailed, match="closed"):
            result(at.ask("c"))
