"""What the state knows is what was committed, and what goes between processes can."""

import pickle
import sqlite3

import pytest

from service.archives.archiving import run_settings
from service.archives.items import Trouble
from service.archives.options import ArchiveOptions, OutputForm, RunSettings
from service.archives.records import Failure, Outcome, Recipe
from service.archives.state import Known, State, StateUnusable, Status, record_outcomes
from service.runtime import Runtime
from tests.archive_runs import InstantWorker, make_items
from tests.fake_home import fake_settings

BROKEN = Outcome("b.gz", "truncated", None, Failure(Trouble.TRUNCATED, "It ends too early."))


@pytest.fixture
def state(tmp_path):
    made = State(tmp_path / "state.sqlite")
    yield made
    made.close()


def outcomes(count):
    return list(InstantWorker().digest(make_items(count)))


def record(state, number, done):
    with state.transaction() as connection:
        record_outcomes(connection, number, 1.5, done)


def test_an_item_is_known_once_the_transaction_ended_well(state):
    done = outcomes(2)
    with pytest.raises(RuntimeError), state.transaction() as connection:
        record_outcomes(connection, 1, 0.0, done)
        assert state.look_up(done[0].key) == Known(Status.NEW)
        raise RuntimeError("in the middle")
    assert state.look_up(done[0].key) == Known(Status.NEW)
    record(state, 4, [*done, BROKEN])
    assert state.look_up(done[0].key) == Known(Status.DONE, 4)
    assert state.look_up(BROKEN.key) == Known(Status.FAILED, 4)
    assert state.look_up(("b.gz", "corrupt")) == Known(Status.NEW)


def test_totals_are_sums_over_all_passes(state):
    record(state, state.begin_pass(["a"]), outcomes(3))
    record(state, state.begin_pass(["a", "b"]), [BROKEN])
    totals = state.totals()
    assert (totals.done, totals.failed, totals.tokens, totals.warnings) == (3, 1, 9, 3)
    assert (state.warnings(), state.troubles()) == ({"number": 3}, {"truncated": 1})
    assert [(one.sources, one.seconds) for one in state.passes()] == [
        (("a",), 1.5),
        (("a", "b"), 1.5),
    ]


def test_an_item_is_never_done_twice(state):
    record(state, 1, outcomes(1))
    with pytest.raises(sqlite3.IntegrityError):
        record(state, 2, outcomes(1))
    assert state.totals().done == 1


def test_a_state_of_another_version_is_refused(tmp_path):
    path = tmp_path / "state.sqlite"
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(StateUnusable, match=r"another version.*another --out"):
        State(path)


def test_a_state_that_lost_a_table_is_named(state, tmp_path):
    with state.transaction() as connection:
        connection.execute("DROP TABLE failures")
    with pytest.raises(StateUnusable, match=r"state\.sqlite.*failures.*another --out"):
        state.look_up(BROKEN.key)


def test_what_goes_to_a_worker_and_comes_back_can_be_pickled():
    for one in (*make_items(1), *outcomes(1), BROKEN, Recipe.of(ArchiveOptions())):
        assert pickle.loads(pickle.dumps(one)) == one


@pytest.mark.parametrize(
    ("change", "is_same"),
    [
        ({}, True),
        ({"retry_failed": True, "most_items": 5, "rows_a_part": 7}, True),
        ({"form": OutputForm.TREE}, False),
        ({"keep_diacritics": True}, False),
        ({"summarize": None}, False),
        ({"html": True}, False),
    ],
)
def test_a_run_is_what_its_results_depend_on(tmp_path, change, is_same):
    runtime = Runtime(fake_settings(tmp_path))
    first = run_settings(runtime, ArchiveOptions())
    other = run_settings(runtime, ArchiveOptions(**change))
    assert (first.run_id == other.run_id) is is_same
    assert bool(other.changes_from(first.values)) is not is_same


@pytest.mark.parametrize("setting", [{"threads": 3}, {"beam_size": 2}, {"second_attempts": False}])
def test_of_the_settings_those_count_that_change_english(tmp_path, setting):
    (tmp_path / "other").mkdir()
    first = run_settings(Runtime(fake_settings(tmp_path)), ArchiveOptions())
    settings = fake_settings(tmp_path / "other", **setting)
    other = run_settings(Runtime(settings), ArchiveOptions())
    assert (first.run_id == other.run_id) is ("threads" in setting)


def test_changes_are_told_by_name():
    old = {"translator": {"name": "a"}, "glossary": None, "html": False}
    new = RunSettings({"translator": {"name": "b"}, "glossary": "0f", "html": False})
    assert new.changes_from(old) == [
        "glossary: none -> 0f",
        'translator: {"name": "a"} -> {"name": "b"}',
    ]
