"""Exactly once: passes that are stopped, killed, repeated and fed again."""

import json
import random
import resource
import sqlite3
import threading
from dataclasses import replace

import pytest

from models.errors import DiemtinError
from service.archives.archiving import Watcher
from service.archives.destination import DestinationBusy, DestinationUnusable
from service.archives.items import ArchiveItem, Trouble, Unreadable
from service.archives.options import OutputForm, RunSettings
from service.archives.outputs import OutputChanged
from service.archives.runner import MOST_FAILURES_IN_A_ROW, EngineBroken
from service.archives.state import State, StateUnusable
from service.archives.writer import WritingFailed
from tests.archive_runs import (
    FAILING,
    InstantWorker,
    count_records,
    expected_records,
    make_items,
    read_records,
    run_pass,
    start_fork,
    start_process,
)

FORMS = list(OutputForm)
KILLS = 25
SPAN_S = 0.4
COUNT = {OutputForm.JSONL: 6_000, OutputForm.PARQUET: 6_000, OutputForm.TREE: 1_500}
OTHER = RunSettings({"translator": "b"})
PATIENCE_S = 120


def failures(folder):
    return [json.loads(line) for line in (folder / "failures.jsonl").read_text().splitlines()]


def manifest(folder):
    return json.loads((folder / "manifest.json").read_text())


def failing_items(count, bad):
    for at, item in enumerate(make_items(count)):
        yield replace(item, text=f"{FAILING} {item.text}") if at in bad else item


@pytest.mark.parametrize("form", FORMS)
def test_a_run_that_is_killed_again_and_again_ends_with_every_item_once(tmp_path, form):
    moments = random.Random(5)
    pause_s = KILLS * SPAN_S / COUNT[form]  # so that no process comes to the end
    for _ in range(KILLS):
        process = start_fork(tmp_path / "out", form, COUNT[form], pause_s)
        process.join(moments.uniform(0, SPAN_S))
        assert process.is_alive()
        process.kill()
        process.join()
        process.close()
    done = run_pass(tmp_path / "out", make_items(COUNT[form]), form=form)
    assert done.result.counts.done_before > 0  # what was killed had got somewhere
    assert done.result.counts.done > 0  # and not to the end
    run_pass(tmp_path / "undisturbed", make_items(COUNT[form]), form=form)
    undisturbed = count_records(tmp_path / "undisturbed", form)
    assert set(undisturbed.values()) == {1} and undisturbed.total() == COUNT[form]
    assert count_records(tmp_path / "out", form) == undisturbed
    assert undisturbed == expected_records(make_items(COUNT[form]))
    again = run_pass(
        tmp_path / "out", make_items(COUNT[form]), worker := InstantWorker(), form=form
    )
    assert (again.result.counts.done_before, worker.given) == (COUNT[form], [])


@pytest.mark.parametrize("form", FORMS)
def test_a_finished_run_has_every_item_and_does_none_again(tmp_path, form):
    first, second = InstantWorker(), InstantWorker()
    done = run_pass(tmp_path, make_items(250), first, form=form)
    assert (done.result.complete, done.result.counts.done, len(first.given)) == (True, 250, 250)
    before = {
        one: one.read_bytes()
        for one in tmp_path.rglob("*")
        if "records" in str(one) and one.is_file()
    }
    again = run_pass(tmp_path, make_items(250), second, form=form)
    assert (again.result.counts.done, again.result.counts.done_before) == (0, 250)
    assert second.given == []
    assert all(one.read_bytes() == content for one, content in before.items()) and before
    assert count_records(tmp_path, form) == expected_records(make_items(250))
    assert sum(one["records"] for one in manifest(tmp_path)["files"]) == 250


@pytest.mark.parametrize("form", FORMS)
def test_a_stop_writes_what_is_done_and_the_next_pass_goes_on(tmp_path, form):
    stop = threading.Event()

    def stop_at(counts):
        if counts.done == 137:
            stop.set()

    done = run_pass(tmp_path, make_items(300), watcher=Watcher(stop, stop_at), form=form)
    assert (done.result.stopped, done.result.complete) == (True, False)
    assert done.result.counts.done == 137 == sum(count_records(tmp_path, form).values())
    assert (manifest(tmp_path)["complete"], manifest(tmp_path)["totals"]["done"]) == (False, 137)
    run_pass(tmp_path, make_items(300), form=form)
    assert count_records(tmp_path, form) == expected_records(make_items(300))
    assert (manifest(tmp_path)["complete"], manifest(tmp_path)["passes"]) == (True, 2)


def test_an_item_that_comes_twice_is_done_once(tmp_path):
    items = [*make_items(20), *make_items(20)]
    done = run_pass(tmp_path, items, worker := InstantWorker())
    assert (done.result.counts.done, done.result.counts.duplicates) == (20, 20)
    assert len(worker.given) == 20


def test_a_worker_that_tells_an_outcome_twice_does_no_harm(tmp_path):
    run_pass(tmp_path, make_items(20), InstantWorker(twice=True))
    assert count_records(tmp_path, "jsonl") == expected_records(make_items(20))


def test_an_item_that_a_worker_loses_comes_again(tmp_path):
    class Forgetful(InstantWorker):
        def digest(self, items):
            return (one for one in super().digest(items) if not one.origin.endswith("#7"))

    done = run_pass(tmp_path, make_items(20), Forgetful())
    assert (done.result.complete, done.result.counts.done, done.result.lost) == (False, 19, 1)
    done = run_pass(tmp_path, make_items(20), worker := InstantWorker())
    assert (done.result.complete, len(worker.given), done.result.lost) == (True, 1, 0)


def test_a_failure_is_told_kept_and_tried_again_only_when_that_is_asked_for(tmp_path):
    broken = Unreadable("news.gz", Trouble.TRUNCATED, "It ends too early.")
    found = [*failing_items(10, bad={3, 6}), broken]
    counts = run_pass(tmp_path, found).result.counts
    assert (counts.done, counts.failed) == (8, 3)
    told = {one["origin"][-2:]: one["trouble"] for one in failures(tmp_path)}
    assert told == {"#4": "failed", "#7": "failed", "gz": "truncated"}
    counts = run_pass(tmp_path, found, worker := InstantWorker(failing="")).result.counts
    assert (counts.failed, counts.failed_before, worker.given) == (0, 3, [])
    counts = run_pass(tmp_path, found, worker, retry_failed=True).result.counts
    assert (counts.done, counts.failed, len(worker.given)) == (2, 1, 2)
    assert [one["origin"] for one in failures(tmp_path)] == ["news.gz"]
    assert manifest(tmp_path)["failures"] == {"truncated": 1}
    assert sum(count_records(tmp_path, "jsonl").values()) == 10


def test_a_failure_that_the_same_sources_no_longer_have_leaves_the_file(tmp_path):
    broken = Unreadable("news.gz", Trouble.TRUNCATED, "It ends too early.")
    run_pass(tmp_path, [*make_items(5), broken])
    run_pass(tmp_path, make_items(5), sources=("other.zip",), retry_failed=True)
    assert len(failures(tmp_path)) == 1  # the sources that had it were not looked at
    run_pass(tmp_path, make_items(5), sources=("news.zip", "other.zip"), retry_failed=True)
    assert failures(tmp_path) == []


def test_a_source_that_was_mended_leaves_no_failure_behind(tmp_path):
    broken = Unreadable("news.gz", Trouble.TRUNCATED, "It ends too early.")
    run_pass(tmp_path, [*failing_items(5, bad={1}), broken])
    run_pass(tmp_path, failing_items(5, bad={1}), most_items=3)
    assert len(failures(tmp_path)) == 2  # the rest of the sources was not looked at
    again = [*failing_items(5, bad={1}), *failing_items(5, bad={1})]
    counts = run_pass(tmp_path, again, worker := InstantWorker()).result.counts
    assert (counts.failed_before, counts.duplicates, worker.given) == (1, 1, [])
    (kept,) = failures(tmp_path)
    assert (kept["origin"][-2:], kept["trouble"], kept["id"]) == ("#2", "failed", "1")
    assert kept["reason"] == "It was told to fail."


def test_an_item_whose_text_was_edited_is_another_and_settles_the_failure_of_the_first(tmp_path):
    run_pass(tmp_path, failing_items(4, bad={1}))
    counts = run_pass(tmp_path, make_items(4)).result.counts
    assert (counts.done, counts.done_before) == (1, 3)
    assert failures(tmp_path) == []


def test_of_an_item_that_was_edited_and_fails_again_one_failure_is_kept(tmp_path):
    run_pass(
        tmp_path, [ArchiveItem("a.txt", f"{FAILING} một"), Unreadable("b.txt", Trouble.EMPTY, "")]
    )
    edited = [ArchiveItem(name, f"{FAILING} hai") for name in ("a.txt", "b.txt")]
    run_pass(tmp_path, edited)
    assert [one["origin"] for one in failures(tmp_path)] == ["a.txt", "b.txt"]
    assert manifest(tmp_path)["totals"]["failed"] == 2


@pytest.mark.parametrize(
    ("language", "is_done"),
    [
        (None, True),
        ("vi", True),
        ("VI-vn", True),
        ("Tiếng Việt", True),
        ("en", False),
        ("vie", True),
    ],
)
def test_an_item_in_another_language_is_rejected_before_any_engine(tmp_path, language, is_done):
    item = ArchiveItem("a#1", "Xã họp.", language=language)
    run_pass(tmp_path, [item], worker := InstantWorker())
    assert bool(worker.given) is is_done
    assert [one["trouble"] for one in failures(tmp_path)] == [] if is_done else ["rejected"]


def test_what_utf_8_cannot_hold_stops_nothing(tmp_path):
    item = ArchiveItem("a\udce1.txt", "Xã \ud800 họp.\0", title="\ud83d\ude00 \udc00", id="1\0")
    run_pass(tmp_path, [item, Unreadable("b\udce1", Trouble.LINK, "c\udce1")])
    (record,) = read_records(tmp_path, "jsonl")
    assert (record["origin"], record["title"], record["id"]) == (
        "a\ufffd.txt",
        "😀 \ufffd",
        "1\ufffd",
    )
    assert failures(tmp_path)[0]["origin"] == "b\ufffd"


def test_only_the_first_items_are_done_where_so_many_are_wanted(tmp_path):
    done = run_pass(tmp_path, make_items(50), most_items=7)
    assert (done.result.counts.done, done.result.complete) == (7, False)
    assert run_pass(tmp_path, make_items(50)).result.counts.done == 43


def test_an_engine_that_only_fails_ends_the_run_before_the_whole_archive_failed(tmp_path):
    items = failing_items(1000, bad=set(range(10, 1000)))
    with pytest.raises(EngineBroken, match=r"told to fail.*--retry-failed"):
        run_pass(tmp_path, items)
    assert len(failures(tmp_path)) == MOST_FAILURES_IN_A_ROW
    run_pass(tmp_path, make_items(1000), retry_failed=True)
    assert count_records(tmp_path, "jsonl") == expected_records(make_items(1000))


@pytest.mark.parametrize(
    ("form", "name"),
    [(OutputForm.JSONL, "records.jsonl"), (OutputForm.PARQUET, "records/part-00001.parquet")],
)
def test_an_output_that_lost_records_is_noticed(tmp_path, form, name):
    run_pass(tmp_path, make_items(150), form=form)
    (tmp_path / name).unlink()
    with pytest.raises(OutputChanged, match="another --out"):
        run_pass(tmp_path, make_items(150), form=form)


def test_a_damaged_state_is_named(tmp_path):
    run_pass(tmp_path, make_items(5))
    (tmp_path / ".diemtin" / "run" / "state.sqlite").write_bytes(b"no database" * 1000)
    with pytest.raises(StateUnusable, match="another --out"):
        run_pass(tmp_path, make_items(5))


def test_a_state_with_a_damaged_table_is_named(tmp_path):
    run_pass(tmp_path, make_items(2000))
    path = tmp_path / ".diemtin" / "run" / "state.sqlite"
    pages = path.read_bytes()
    path.write_bytes(pages[:8192] + b"\xff" * (len(pages) - 8192))
    with pytest.raises(DiemtinError, match="another --out"):
        run_pass(tmp_path, make_items(2000))


def test_what_ends_a_run_before_it_began_is_told(tmp_path):
    connection = State(tmp_path / "state.sqlite")
    connection.close()
    (tmp_path / "out" / ".diemtin" / "run").mkdir(parents=True)
    with sqlite3.connect(tmp_path / "state.sqlite") as damaged:
        damaged.execute(
            "CREATE TRIGGER full BEFORE INSERT ON passes BEGIN SELECT RAISE(ABORT, 'full'); END"
        )
    damaged.close()
    (tmp_path / "state.sqlite").rename(tmp_path / "out" / ".diemtin" / "run" / "state.sqlite")
    with pytest.raises(WritingFailed, match=r"cannot be written: full"):
        run_pass(tmp_path / "out", make_items(5))


@pytest.mark.parametrize("form", FORMS)
def test_a_full_disk_ends_the_run_in_order_and_nothing_is_lost(tmp_path, form):
    def allow_little():
        resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))

    pause_s = 0.0005  # or a busy machine may gather all in one batch, of which nothing is kept
    process = start_process(tmp_path, form, 2000, pause_s, preexec_fn=allow_little)
    told = process.communicate(timeout=PATIENCE_S)[1].decode()
    assert process.returncode == 1
    assert "WritingFailed: The output cannot be written" in told.splitlines()[-1]
    done = run_pass(tmp_path, make_items(2000), form=form)
    assert done.result.counts.done_before > 0
    assert count_records(tmp_path, form) == expected_records(make_items(2000))


def test_errors_of_a_run_are_diemtins_own():
    for error in (DestinationBusy, DestinationUnusable, EngineBroken, OutputChanged, WritingFailed):
        assert issubclass(error, DiemtinError)
