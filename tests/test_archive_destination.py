"""One run at a time in a folder, and each run's files apart from those of any other."""

import random
import shutil
import time

import pytest

from service.archives.archiving import Watcher
from service.archives.destination import RUN, Destination, DestinationBusy, DestinationUnusable
from service.archives.options import OutputForm, RunSettings
from tests.archive_runs import (
    SETTINGS,
    count_records,
    expected_records,
    make_items,
    run_pass,
    start_process,
)

KILLS = 16
OTHER = RunSettings({"translator": "b"})


def test_two_runs_on_one_output_refuse_each_other(tmp_path):
    first = start_process(tmp_path, "tree", 100_000)
    try:
        while not (tmp_path / "records").exists():
            assert first.poll() is None
        with pytest.raises(DestinationBusy, match=rf"process {first.pid}\).*another --out"):
            run_pass(tmp_path, make_items(5))
    finally:
        first.kill()
        first.communicate()
    run_pass(tmp_path, make_items(5), form=OutputForm.TREE)


def test_other_settings_are_another_run_and_the_first_comes_back_with_its_own(tmp_path):
    told = []
    watcher = Watcher(on_new_run=told.append)
    run_pass(tmp_path, make_items(30), watcher=watcher)
    first = (tmp_path / "records.jsonl").read_bytes()
    done = run_pass(tmp_path, make_items(20), settings=OTHER, watcher=watcher, form=OutputForm.TREE)
    assert done.result.counts.done == 20
    assert (told[0].changes, told[0].is_resumed) == (("translator: a -> b",), False)
    assert (told[0].earlier / "records.jsonl").read_bytes() == first
    assert not (tmp_path / "records.jsonl").exists()
    again = run_pass(tmp_path, make_items(40), watcher=watcher)
    assert (again.result.counts.done_before, again.result.counts.done) == (30, 10)
    assert (told[1].changes, told[1].is_resumed) == (("translator: b -> a",), True)
    assert count_records(tmp_path, "jsonl") == expected_records(make_items(40))
    assert count_records(told[1].earlier, "tree") == expected_records(make_items(20))
    assert len(told) == 2


def test_a_change_of_settings_that_is_killed_anywhere_mixes_no_two_runs(tmp_path):
    moments = random.Random(6)
    for number in range(KILLS):
        process = start_process(tmp_path, "tree", 3000, 0.002, "ab"[number % 2])
        time.sleep(moments.uniform(0, 0.03))  # about as long as the change takes
        process.kill()
        process.communicate()
    run_pass(tmp_path, make_items(300), settings=OTHER, form=OutputForm.TREE)
    assert count_records(tmp_path, "tree") == expected_records(make_items(300))
    told = []
    watcher = Watcher(on_new_run=told.append)
    run_pass(tmp_path, make_items(400), form=OutputForm.TREE, watcher=watcher)
    assert count_records(tmp_path, "tree") == expected_records(make_items(400))
    assert count_records(told[0].earlier, "tree") == expected_records(make_items(300))
    assert len(list((tmp_path / "runs").iterdir())) == 1


def test_a_change_that_was_killed_before_the_new_run_began_loses_nothing_of_the_first(tmp_path):
    run_pass(tmp_path, make_items(30))
    with Destination(tmp_path).locked():
        Destination(tmp_path).bring_to_front(OTHER)
    shutil.rmtree(tmp_path / RUN)  # as it is before the other run has written its settings
    done = run_pass(tmp_path, make_items(30))
    assert done.result.counts.done_before == 30
    assert count_records(tmp_path, "jsonl") == expected_records(make_items(30))


def test_what_is_kept_beside_an_earlier_run_stays_when_the_run_comes_back(tmp_path):
    told = []
    watcher = Watcher(on_new_run=told.append)
    run_pass(tmp_path, make_items(3))
    run_pass(tmp_path, make_items(3), settings=OTHER, watcher=watcher)
    (told[0].earlier / "notes.txt").write_text("mine")
    for settings in (SETTINGS, OTHER):
        run_pass(tmp_path, make_items(3), settings=settings, watcher=watcher)
    assert [one.is_resumed for one in told] == [False, True, True]
    assert (told[0].earlier / "notes.txt").read_text() == "mine"


@pytest.mark.parametrize("name", ["state.sqlite", "settings.json"])
@pytest.mark.parametrize("content", [None, b""])
@pytest.mark.parametrize("form", list(OutputForm))
def test_records_whose_state_is_lost_are_not_overwritten(tmp_path, form, content, name):
    run_pass(tmp_path, make_items(5), form=form)
    if content is None:
        (tmp_path / RUN / name).unlink()
    else:
        (tmp_path / RUN / name).write_bytes(content)
    for settings in (SETTINGS, OTHER):
        with pytest.raises(DestinationUnusable, match=r"not the state of a run.*another --out"):
            run_pass(tmp_path, make_items(5), form=form, settings=settings)
    assert count_records(tmp_path, form) == expected_records(make_items(5))


def test_files_that_no_run_left_are_not_overwritten(tmp_path):
    (tmp_path / "records.jsonl").write_text("mine")
    with pytest.raises(DestinationUnusable, match=r"records\.jsonl.*another --out"):
        run_pass(tmp_path, make_items(5))
    assert (tmp_path / "records.jsonl").read_text() == "mine"


def test_a_place_that_cannot_be_written_to_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(DestinationUnusable, match=r"file/out.*--out"):
        run_pass(tmp_path / "file" / "out", make_items(5))
