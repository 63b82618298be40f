"""The measurement of the archive runner: what it counts is so, and what it compares can differ."""

import json
import re
import shutil

import pytest
from click.testing import CliRunner

from service.archives.options import OutputForm
from service.bench_archive import (
    EARLY,
    Job,
    Part,
    beside,
    compare_records,
    count_records,
    measure_kills,
    measure_pass,
    measure_plain,
    run_pass,
)
from service.bench_archive_items import make_item, write_items
from service.bench_archive_ray import measure_nodes
from service.cli import main
from service.language import require_vietnamese

WORDS = 40


@pytest.fixture
def job(tmp_path):
    write_items(tmp_path / "items.jsonl", 60, WORDS)
    return Job(tmp_path / "items.jsonl", tmp_path / "out")


@pytest.mark.parametrize("words", [20, 300, 301])
def test_items_have_so_many_words_and_are_vietnamese_and_each_another(words):
    items = [make_item(number, words) for number in range(50)]
    assert items == [make_item(number, words) for number in range(50)]
    assert {len(one["text"].split()) for one in items} == {words}
    assert len({one["text"] for one in items}) == len({one["id"] for one in items}) == 50
    for one in items:
        require_vietnamese(one["text"])


def test_many_more_items_stay_apart():
    assert len({make_item(number, WORDS)["text"] for number in range(5000)}) == 5000


@pytest.mark.parametrize("part", list(Part))
def test_calls_are_counted_and_none_are_made_over_a_finished_archive(job, part):
    job = Job(job.source, job.folder, part=part)
    write_items(job.source, 5, WORDS)
    first, again = run_pass(job), run_pass(job)
    assert (first.items, first.done, first.failed) == (5, 5, 0)
    assert first.engine_calls >= 5
    assert (again.items, again.done, again.failed, again.engine_calls) == (5, 0, 0, 0)
    write_items(job.source, 6, WORDS)
    assert 0 < run_pass(job).engine_calls < first.engine_calls


def test_the_whole_digester_takes_longer_and_makes_as_many_records(job):
    write_items(job.source, 5, WORDS)
    bare = run_pass(job)
    whole = run_pass(Job(job.source, job.folder.with_name("whole"), part=Part.WHOLE))
    assert whole.done == bare.done == 5
    assert whole.cpu_s > bare.cpu_s


def test_memory_is_looked_at_early_and_at_the_end_in_a_process_of_its_own(job):
    write_items(job.source, EARLY + 50, WORDS)
    ballast = bytearray(400 << 20)
    ballast[::4096] = b"x" * len(ballast[::4096])
    found = measure_pass(job)
    del ballast
    assert found.early_item == EARLY
    assert 20 < found.early_mib < 400 and 20 < found.last_mib < 400
    assert found.peak_mib >= found.last_mib
    assert found.growth_mib == found.last_mib - found.early_mib
    assert found.rate == pytest.approx((EARLY + 50) / found.seconds)


def test_a_bare_loop_writes_a_row_an_item(job, tmp_path):
    assert measure_plain(job.source, tmp_path / "plain.jsonl") > 0
    rows = [json.loads(line) for line in (tmp_path / "plain.jsonl").read_text().splitlines()]
    assert [one["id"] for one in rows] == [str(number) for number in range(60)]


@pytest.mark.parametrize("form", list(OutputForm))
def test_a_killed_run_is_compared_with_an_undisturbed_one(job, form):
    job = Job(job.source, job.folder, form)
    run_pass(job)
    assert set(count_records(job).values()) == {1}
    found = measure_kills(beside(job, "killed"), job, kills=2)
    assert (found.kills, found.records, found.identical) == (2, 60, True)
    assert (found.doubled, found.missing, found.strange) == (0, 0, 0)


@pytest.mark.parametrize(
    ("spoil", "wanted"),
    [
        (lambda lines: lines, (0, 0, 0)),
        (lambda lines: [*lines, lines[0]], (1, 0, 0)),
        (lambda lines: lines[1:], (0, 1, 0)),
        (lambda lines: [*lines[1:], lines[0].replace('"origin":"', '"origin":"x')], (0, 1, 1)),
    ],
)
def test_records_that_differ_are_told(job, spoil, wanted):
    run_pass(job)
    other = beside(job, "other")
    shutil.copytree(job.folder, other.folder)
    path = other.folder / "records.jsonl"
    lines = path.read_text("utf-8").splitlines(keepends=True)
    path.write_text("".join(spoil(lines)), "utf-8")
    found = compare_records(other, job)
    assert (found.doubled, found.missing, found.strange) == wanted
    assert found.identical is (wanted == (0, 0, 0))


def test_the_command_tells_as_text_and_as_json():
    arguments = ("bench", "archive", "--items", "30", "--words", "30", "--whole", "2")
    told = CliRunner().invoke(main, (*arguments, "--kills", "1"))
    assert (told.exit_code, told.stderr) == (0, "")
    rows = {
        found[1]: float(found[2])
        for line in told.stdout.splitlines()
        if (found := re.fullmatch(r"  (.+?) {2,}(-?[\d.]+)( \S+)?", line))
    }
    assert rows["again, over the finished archive of 30"] > 0
    assert rows["calls of the engine in it"] > 0  # of the whole digester
    assert rows["records at the end"] == 30
    assert "identical to the undisturbed run: 0 doubled, 0 missing, 0 strange" in told.stdout
    told = CliRunner().invoke(main, (*arguments, "--kills", "1", "--json"))
    found = json.loads(told.stdout)
    assert (found["runner"]["done"], found["runner"]["failed"]) == (30, 0)
    assert (found["again"]["engine_calls"], found["again"]["done"]) == (0, 0)
    assert found["kills"]["identical"] is True
    assert found["whole"]["done"] == 2 and found["whole"]["engine_calls"] > 2
    ratio = found["ratios"]["seconds of the run / of the bare loop"]
    assert ratio == pytest.approx(found["runner"]["seconds"] / found["bare_loop_s"])


def test_two_nodes_of_a_cluster_are_faster_than_one():
    pytest.importorskip("ray")
    one, two = measure_nodes(items=24)
    assert (one.nodes, one.done, two.nodes, two.done) == (1, 24, 2, 24)
    assert 0 < one.rate < two.rate
    assert one.seconds > 24 / one.rate  # what it takes to load is not in the rate
