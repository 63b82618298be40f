"""What a scheduler puts into a batch, and for how long it waits for company."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from models.scheduler import LEAST_TOKENS
from models.waiting import Company
from tests.scheduler_lab import BEAM, FOR_EVER_MS, GREEDY, answers, bench, result, words

# --- what goes together ---


def test_the_first_goes_with_those_nearest_to_it_in_length():
    with bench(budget=60) as at:
        at.occupy()
        sizes = {"a": 20, "b": 9, "c": 19, "d": 40, "e": 10, "f": 21}
        asked = [at.queue(words(name, size)) for name, size in sizes.items()]
        at.engine.open()
        assert [result(one) for one in asked] == [
            answers(words(name, size)) for name, size in sizes.items()
        ]
    first, *others = [[source[0] for source in batch] for batch in at.engine.sources]
    assert sorted(first) == ["a", "c", "e"]  # with f, 21, the budget would hold only two
    assert others == [["b", "f"], ["d"]]


@pytest.mark.parametrize(("budget", "batching"), [(0, True), (64, False)])
def test_without_batching_segments_go_one_by_one_in_turns(budget, batching):
    with bench(budget, batching=batching, batch_tokens=32, max_wait_ms=FOR_EVER_MS) as at:
        at.occupy()
        asked = [at.queue("c c c", "a"), at.queue("b b")]
        at.engine.open()
        assert [result(one) for one in asked] == [answers("c c c", "a"), answers("b b")]
        assert at.engine.sources == [["c c c"], ["b b"], ["a"]]


def test_the_budget_of_the_settings_goes_before_that_of_the_engine():
    with bench(budget=1000, batch_tokens=2 * LEAST_TOKENS) as at:
        result(at.ask("a", "b", "c", "d"))
        assert [len(batch) for batch in at.engine.sources] == [2, 2]


def test_an_instruction_counts_for_an_engine_that_reads_it():
    for instructed, batches in [(False, 1), (True, 2)]:
        with bench(budget=40, instructed=instructed) as at:
            result(at.ask("a", "b", instruction=words("dịch", 30) + " "))
            assert len(at.engine.batches) == batches


def test_sampled_segments_stay_alone():
    warm = replace(GREEDY, temperature=0.7)
    with bench() as at:
        assert result(at.ask("a", "b", "c", options=warm)) == answers("a", "b", "c", options=warm)
        assert at.engine.sources == [["a"], ["b"], ["c"]]


def test_segments_of_forced_length_stay_among_themselves():
    with bench() as at:
        busy = at.occupy()
        asked = [at.queue("a"), at.queue("b", forced_tokens=9), at.queue("c")]
        asked += [at.queue("d", forced_tokens=7)]
        at.engine.open()
        for one in [busy, *asked]:
            result(one)
        assert [sorted(batch) for batch in at.engine.sources] == [["a", "c"], ["b", "d"]]


def test_what_fits_better_does_not_overtake():
    with bench(budget=4 * LEAST_TOKENS) as at:
        at.occupy()
        odd = [at.queue(words("x", 30)), at.queue("y", options=BEAM)]
        flood = [at.queue(f"s{number}") for number in range(12)]
        at.engine.let_out()
        for batch in range(2):  # as many more short ones come as go
            at.engine.entered()
            flood.append(at.queue(f"t{batch}", f"u{batch}"))
            at.engine.let_out()
        assert [result(one) for one in odd] == [
            answers(words("x", 30)),
            answers("y", options=BEAM),
        ]
        assert at.engine.sources[:2] == [[words("x", 30)], ["y"]]
        at.engine.open()
        for one in flood:
            result(one)


@pytest.mark.parametrize("calls_before", [0, 30])
def test_free_workers_share_what_waits(calls_before):
    with bench(budget=1000, parallel=2) as at:
        for _ in range(calls_before):
            result(at.ask("a"))
            at.engine.entered()
        at.engine.batches.clear()
        at.engine.hold()
        asked = at.ask(*(f"s{number}" for number in range(16)))
        at.engine.entered(2)  # at the same time, as none has left
        assert [len(batch) for batch in at.engine.sources] == [8, 8]
        at.engine.open()
        assert result(asked) == answers(*(f"s{number}" for number in range(16)))


def test_a_busy_worker_gets_no_share():
    with bench(budget=1000, parallel=2, max_wait_ms=0) as at:
        at.occupy()
        asked = at.ask(*(f"s{number}" for number in range(16)))
        at.engine.entered()
        assert [len(batch) for batch in at.engine.sources] == [16]
        at.engine.open()
        result(asked)


# --- waiting for company ---


def test_lone_calls_are_not_held_back():
    with bench(max_wait_ms=FOR_EVER_MS) as at:
        for number in range(20):
            assert result(at.ask(f"s{number}")) == answers(f"s{number}")


def test_in_company_a_segment_waits_until_a_batch_is_full():
    budget = 4 * LEAST_TOKENS
    with bench(budget, parallel=2, max_wait_ms=FOR_EVER_MS) as at:
        at.occupy()
        asked = [at.queue(name) for name in "abc"]
        assert at.engine.batches == []
        asked.append(at.ask("d"))
        at.engine.entered()
        assert at.engine.sources == [["a", "b", "c", "d"]]
        at.engine.open()
        assert [result(one) for one in asked] == [answers(name) for name in "abcd"]


def test_in_company_a_segment_waits_no_longer_than_the_limit():
    with bench(parallel=2, max_wait_ms=30) as at:
        at.occupy()
        began = time.monotonic()
        asked = at.ask("a")
        at.engine.entered()
        assert time.monotonic() - began >= 0.03
        at.engine.open()
        assert result(asked) == answers("a")


def test_callers_who_come_back_together_are_not_held_back():
    rounds, callers, wait_s = 20, 3, 0.3
    with bench(max_wait_ms=1000 * wait_s) as at:
        began = time.monotonic()
        for _ in range(rounds):
            for one in [at.ask(f"s{caller}") for caller in range(callers)]:
                result(one)
        assert time.monotonic() - began < rounds * wait_s / 2
        assert max(len(batch) for batch in at.engine.sources) == callers


@pytest.mark.parametrize(
    ("notes", "callers", "since", "complete"),
    [
        ([(1, 5.0)], 1, 5.0, True),  # one alone
        ([(1, 5.0), (2, 6.0)], 2, 5.0, False),  # more keep coming
        ([(1, 5.0), (2, 6.0)], 2, 6.01, True),  # as many as before
        ([(1, 5.0), (2, 6.0)], 1, 6.01, False),  # one is expected back
        ([(2, 6.0), (2, 6.08), (1, 6.15)], 1, 6.15, False),  # still, as both were there since
        ([(2, 6.0), (1, 6.2)], 1, 6.2, True),  # no longer
        ([(3, 6.0), (2, 6.2)], 2, 6.3, True),
    ],
)
def test_company_is_expected_back_for_a_while(notes, callers, since, complete):
    company = Company()
    for number, now in notes:
        company.note(number, now)
    assert company.is_complete(callers, since) is complete


def test_neither_idle_workers_nor_waiting_callers_use_time():
    with bench(parallel=4) as at:
        result(at.ask("a", "b"))
        at.engine.entered()
        for wait in range(2):
            before = time.process_time()
            time.sleep(0.3)
            assert time.process_time() - before < 0.02
            if not wait:
                at.occupy()
                at.ask("c")
                at.ask("d", is_gone=lambda: False)
                at.engine.entered()
