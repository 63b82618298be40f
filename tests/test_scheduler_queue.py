"""Many callers at one engine: who gets what, whose turn it is, and how many may wait."""

from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from itertools import chain, count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.engine import EngineInput
from models.errors import QueueFull
from models.scheduler import LEAST_TOKENS, Scheduler, SchedulerSettings
from tests.scheduler_lab import (
    BEAM,
    GREEDY,
    Controlled,
    answers,
    bench,
    result,
    texts,
    until,
    words,
)

# --- any mix ---

CALL = st.tuples(st.lists(st.integers(1, 40), max_size=12), st.sampled_from([GREEDY, BEAM]))


@settings(max_examples=60, deadline=None)
@given(
    calls=st.lists(CALL, min_size=1, max_size=8),
    budget=st.sampled_from([0, 8, 40, 100]),
    parallel=st.integers(1, 3),
    queue_segments=st.sampled_from([100, 1000]),
    batching=st.booleans(),
)
def test_any_mix_gives_each_caller_its_own_in_order(
    calls, budget, parallel, queue_segments, batching
):
    engine = Controlled(budget, parallel)
    numbers = SchedulerSettings(0.5, queue_segments, batching=batching)
    scheduler = engine.scheduler = Scheduler(engine, numbers)
    asked = [
        ([words(f"n{call}.{place}", size) for place, size in enumerate(sizes)], options)
        for call, (sizes, options) in enumerate(calls)
    ]
    begin = threading.Barrier(len(asked))

    def ask(sources, options):
        begin.wait()
        return texts(scheduler.generate([EngineInput(source) for source in sources], options))

    with ThreadPoolExecutor(len(asked)) as pool:
        got = list(pool.map(ask, *zip(*asked, strict=True)))
    scheduler.close()
    assert got == [answers(*sources, options=options) for sources, options in asked]
    owners = {source: options for sources, options in asked for source in sources}
    for sources, options in engine.batches:
        assert {owners[source] for source in sources} == {options}
        longest = max(LEAST_TOKENS, *engine.count_tokens([*sources, ""]))
        assert len(sources) == 1 or (batching and longest * len(sources) <= budget)
    generated = Counter(source for sources in engine.sources for source in sources)
    assert generated == Counter(owners.keys())
    assert max(engine.depths, default=0) <= queue_segments
    seen = scheduler.statistics
    assert (seen.depth, seen.segments) == (0, len(owners))
    assert (seen.batches, seen.refused) == (len(engine.batches), 0)


# --- turns ---


@pytest.mark.parametrize("lone", [("x", BEAM), (words("x", 30), GREEDY), ("x", GREEDY)])
def test_a_lone_segment_does_not_wait_for_a_long_call_to_end(lone):
    source, options = lone
    with bench(budget=4 * LEAST_TOKENS) as at:
        at.occupy()
        long = at.queue(*(f"s{number}" for number in range(1000)))
        at.engine.let_out()
        at.engine.entered()
        asked = at.queue(source, options=options)
        at.engine.let_out(3)  # the batch in the engine, the next and the next but one
        assert result(asked) == answers(source, options=options)
        assert any(source in batch for batch in at.engine.sources[1:3])
        at.engine.open()
        assert result(long) == answers(*(f"s{number}" for number in range(1000)))


def test_calls_take_turns():
    with bench(budget=LEAST_TOKENS) as at:
        at.occupy()
        asked = [at.queue("a", "b", "c"), at.queue("d", "e"), at.queue("f")]
        at.engine.open()
        for one in asked:
            result(one)
        assert "".join(chain.from_iterable(at.engine.sources)) == "adfbec"


def test_a_long_call_gets_its_turns_in_a_flood_of_short_ones():
    flood = (f"n{number}" for number in count())
    with bench(budget=LEAST_TOKENS) as at:
        at.occupy()
        long = at.queue("a", "b", "c", "d")
        shorts = [at.queue(next(flood)), at.queue(next(flood))]
        for _ in range(10):  # two short calls wait at any time
            at.engine.let_out()
            at.engine.entered()
            if at.engine.sources[-1][0].startswith("n"):
                shorts.append(at.queue(next(flood)))
        at.engine.open()
        assert result(long) == answers("a", "b", "c", "d")
        for one in shorts:
            result(one)
        assert at.engine.sources[:10:3] == [["a"], ["b"], ["c"], ["d"]]


# --- the bound of the queue ---


def test_a_full_queue_refuses_a_call_whole():
    with bench(queue_segments=4) as at:
        at.occupy()
        asked = [at.queue("a", "b", "c")]
        with pytest.raises(QueueFull, match=r"3 segments wait.*4 at most.*2 more.*try again in a"):
            result(at.ask("d", "e"))
        assert at.scheduler.statistics.depth == 3
        asked.append(at.queue("f"))
        with pytest.raises(QueueFull):
            result(at.ask("g"))
        assert at.scheduler.statistics.refused == 2
        at.engine.open()
        assert [result(one) for one in asked] == [answers("a", "b", "c"), answers("f")]
        assert result(at.ask("g")) == answers("g")


@pytest.mark.parametrize("queue_segments", [1, 3, 8])
def test_a_call_larger_than_the_queue_goes_in_by_and_by(queue_segments):
    sources = [words(f"s{number}", 1 + number % 9) for number in range(50)]
    with bench(queue_segments=queue_segments) as at:
        at.engine.scheduler = at.scheduler
        assert result(at.ask(*sources)) == answers(*sources)
        assert max(at.engine.depths) <= queue_segments
        assert sorted(chain.from_iterable(at.engine.sources)) == sorted(sources)


def test_a_call_larger_than_the_queue_waits_for_others_once_begun():
    large = [f"s{number}" for number in range(9)]
    others, checks, begun = [], [], threading.Event()

    def fill_the_queue():  # between the first part, which is one segment, and the second
        if begun.is_set() and not others:
            at.engine.entered()
            others.append(at.queue("e"))
        checks.extend(others)
        return False

    with bench(queue_segments=4, batching=False) as at:
        at.engine.hold()
        asked = at.ask(*large, is_gone=fill_the_queue)
        at.engine.entered()
        first = at.queue("a", "b", "c", "d")
        with pytest.raises(QueueFull):
            result(at.ask(*large))
        begun.set()
        at.engine.let_out()
        until(lambda: len(checks) > 3)
        assert at.scheduler.statistics.depth == 4
        at.engine.open()
        assert (result(first), result(others[0])) == (answers("a", "b", "c", "d"), answers("e"))
        assert result(asked) == answers(*large)
