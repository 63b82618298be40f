"""`diemtin archive` as a process: exit status, signals, progress, and going on."""

import json
import os
import random
import shlex
import signal
import subprocess
import sys
import time
from contextlib import nullcontext

import click
import pytest
from rich.console import Console

from service.archives.archiving import Finished
from service.archives.progress import Events, Lines, describe
from service.archives.runner import Counts, PassResult
from service.cli_archive import archive, finish
from tests.archive_lab import gz, warc_record, zip_bytes
from tests.archive_runs import read_records
from tests.fake_home import fake_environment
from tests.items import BROKEN, ENGLISH, ITEM, PAGE
from tests.processes import ROOT

PATIENCE_S = 240
COUNT = 24
KILLS = 3
MORE = 100  # more than are done between so many kills, however fast the machine is


@pytest.fixture
def start(tmp_path):
    env = os.environ | fake_environment(tmp_path) | {"PYTHONPATH": str(ROOT)}

    def start_process(*arguments, program=("-m", "tests.fake_service")):
        return subprocess.Popen(
            [sys.executable, "-W", "error", *program, "archive", *arguments],
            cwd=tmp_path,
            env=env,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    return start_process


@pytest.fixture
def run(start):
    def run_process(*arguments, **more):
        process = start(*arguments, **more)
        out, err = process.communicate(timeout=PATIENCE_S)
        assert out == ""  # results go to files
        return process.returncode, err

    return run_process


@pytest.fixture
def news(tmp_path):
    folder = tmp_path / "news"
    folder.mkdir()
    (folder / "item.txt").write_text(ITEM, "utf-8")
    (folder / "page.html").write_text(PAGE, "utf-8")
    return folder


def write_rows(folder, count):
    lines = (
        {"id": at, "title": f"Tin số {at}", "text": f"Xã thứ {at} họp bàn việc làm đường."}
        for at in range(count)
    )
    text = "".join(f"{json.dumps(one, ensure_ascii=False)}\n" for one in lines)
    (folder / "rows.jsonl").write_text(text, "utf-8")


@pytest.fixture
def rows(tmp_path):
    write_rows(tmp_path, COUNT)


def wait_for_records(process, folder, least):
    """Until so many records are in a JSONL output."""
    deadline = time.monotonic() + PATIENCE_S
    path = folder / "records.jsonl"
    while not path.exists() or path.read_bytes().count(b"\n") < least:
        assert process.poll() is None and time.monotonic() < deadline, process.communicate()
        time.sleep(0.01)


def wait_for_an_item(process):
    """Until a pass tells, in JSON, of an item that it has done."""
    told = map(json.loads, iter(process.stderr.readline, ""))
    assert any(event.get("done") for event in told), process.communicate()


def manifest(folder):
    return json.loads((folder / "manifest.json").read_text("utf-8"))


def test_an_archive_is_digested_and_told_in_files(run, news, tmp_path):
    code, err = run("news", "--out", "out")
    assert code == 0
    last = err.splitlines()[-1]  # a slow machine tells more before
    assert last.startswith("2 done; ") and last.endswith("Report: out/report.html")
    records = {one["origin"]: one for one in read_records(tmp_path / "out", "jsonl")}
    item, page = records["news/item.txt"], records["news/page.html"]
    assert item["source"] == ITEM and item["digest"]["summary"]["text"].startswith("EN: ")
    assert item["digest"]["provenance"]["translator"]["model"] == "fake"
    assert "46 gian hàng" in page["source"] and "Trang chủ" not in page["source"]
    told = manifest(tmp_path / "out")
    assert (told["complete"], told["totals"]["done"], told["totals"]["failed"]) == (True, 2, 0)
    assert told["totals"]["tokens"] > 100 and told["warnings"]["untranslated"] > 0
    assert told["files"][0]["records"] == 2 and len(told["files"][0]["sha256"]) == 64
    assert (tmp_path / "out" / "failures.jsonl").read_text() == ""


def examples():
    help_text = archive.get_help(click.Context(archive, info_name="diemtin archive"))
    lines = help_text.rpartition("Examples:\n")[2].strip().splitlines()
    return [line.strip().removeprefix("diemtin archive ") for line in lines]


def failures(folder):
    lines = (folder / "failures.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line)["origin"] for line in lines]


def test_the_failures_of_a_run_are_fed_back_to_it(run, news, rows, tmp_path):
    lines = [json.dumps({"noi_dung": one}) for one in (ITEM, ENGLISH)]
    (news / "more.zip").write_bytes(zip_bytes({"a/b.jsonl": "\n".join(lines).encode()}))
    (news / "empty.txt").write_bytes(b"")
    (news / "gone.txt").write_bytes(b"")
    assert run("news", "rows.jsonl", "--out", "out")[0] == 3
    out = tmp_path / "out"
    assert failures(out) == ["news/empty.txt", "news/gone.txt", "news/more.zip!/a/b.jsonl#2"]
    (news / "empty.txt").write_text(ITEM, "utf-8")
    (news / "gone.txt").unlink()
    again = ("out/failures.jsonl", "--out", "out", "--retry-failed")
    code, err = run(*again, "--json-progress")
    assert code == 3
    last = json.loads(err.splitlines()[-1])
    assert (last["done"], last["failed"], last["done_before"]) == (1, 1, 0), "and read no more"
    assert failures(out) == ["news/gone.txt", "news/more.zip!/a/b.jsonl#2"]
    assert manifest(out)["complete"] and manifest(out)["sources"] == ["news", "rows.jsonl"]
    run("news", "rows.jsonl", "--out", "out", "--quiet")
    assert failures(out) == ["news/more.zip!/a/b.jsonl#2"], "what is gone goes with a whole pass"


def test_failures_that_cannot_be_fed_back(run, news, tmp_path):
    assert run("news", "--out", "out")[0] == 0
    code, err = run("out/failures.jsonl", "--out", "out", "--retry-failed")
    assert code == 0 and "nothing to try again" in err
    told = tmp_path / "out" / "failures.jsonl"
    for text, code, words in (
        ("{}", 1, "not as a run wrote it"),
        ('{"origin": "else.txt"}', 1, "else.txt for one"),
    ):
        told.write_text(text)
        done = run("out/failures.jsonl", "--out", "out", "--retry-failed")
        assert done[0] == code and words in done[1]
    code, err = run("out/failures.jsonl", "news", "--out", "out", "--retry-failed")
    assert code == 1 and "not both" in err


@pytest.mark.parametrize("line", [one for one in examples() if "ray" not in one])
def test_examples_work(run, news, tmp_path, line):
    if line.startswith("digests/"):
        (news / "english.txt").write_text(ENGLISH, "utf-8")
        assert run("news", "--out", "digests")[0] == 3
        (news / "english.txt").write_text(ITEM, "utf-8")
    (tmp_path / "news.zip").write_bytes(zip_bytes({"a.txt": ITEM.encode()}))
    row = json.dumps({"noi_dung": ITEM}).encode()
    (tmp_path / "more.jsonl.gz").write_bytes(gz(row + b"\n"))
    (tmp_path / "crawl").mkdir()
    record = warc_record("https://example.org/a", PAGE.encode())
    (tmp_path / "crawl" / "one.warc.gz").write_bytes(gz(record))
    code, err = run(*shlex.split(line))
    assert code == 0, err
    assert manifest(tmp_path / "digests")["totals"]["done"] > 0


def test_the_example_with_ray_is_a_right_call():
    [line] = [one for one in examples() if "ray" in one]
    assert archive.make_context("archive", shlex.split(line)).params["where"] == "ray"


def test_the_exit_status_tells_whether_all_some_or_none_was_done(run, news, tmp_path):
    assert run("news", "--out", "a", "--no-summary")[0] == 0
    (news / "english.txt").write_text(ENGLISH, "utf-8")
    (news / "broken.txt").write_text(BROKEN, "utf-8")
    code, err = run("news", "--out", "a", "--no-summary")
    assert code == 3 and "0 done, 2 done before, 2 failed (see a/failures.jsonl)" in err
    told = [json.loads(line) for line in (tmp_path / "a/failures.jsonl").read_text().splitlines()]
    assert [(one["origin"], one["trouble"]) for one in told] == [
        ("news/broken.txt", "failed"),
        ("news/english.txt", "rejected"),
    ]
    code, err = run("news", "--out", "a", "--no-summary")
    assert code == 3 and "add --retry-failed" in err
    assert run("news/english.txt", "--out", "b")[0] == 4
    (tmp_path / "empty").mkdir()
    assert run("empty", "--out", "c")[0] == 4


def test_a_finished_archive_loads_no_model(run, news, tmp_path):
    assert run("news", "--out", "out", "--no-summary")[0] == 0
    unloadable = "import runpy, models.registry as r; r.register = lambda *_: None; "
    unloadable += "r.ENGINES['fake'] = 'tests.engines:load_with_bug'; "
    unloadable += "runpy.run_module('tests.fake_service', run_name='__main__')"
    code, err = run("news", "--out", "out", "--no-summary", program=("-c", unloadable))
    assert code == 0 and "0 done, 2 done before" in err
    (news / "more.txt").write_text(ITEM, "utf-8")
    code, err = run("news", "--out", "out", "--no-summary", program=("-c", unloadable))
    assert code == 1 and "1 done" not in err  # so nothing could have been loaded before


@pytest.mark.parametrize("form", ["jsonl", "parquet", "tree"])
def test_a_slow_run_that_is_killed_again_and_again_ends_with_every_item_once(
    start, run, tmp_path, form
):
    write_rows(tmp_path, MORE)
    moments = random.Random(3)
    command = ("rows.jsonl", "--out", "out", "--no-summary", "--output-format", form)
    for _ in range(KILLS):
        process = start(*command, "--json-progress")
        wait_for_an_item(process)
        time.sleep(moments.uniform(0, 1))
        process.kill()
        process.communicate()
    code, err = run(*command)
    assert code == 0 and "done before" in err
    ids = [one["id"] for one in read_records(tmp_path / "out", form)]
    assert sorted(ids, key=int) == [str(at) for at in range(MORE)]
    assert manifest(tmp_path / "out")["passes"] == KILLS + 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_in_order_and_the_same_command_goes_on(start, run, rows, tmp_path, number):
    command = ("rows.jsonl", "--out", "out", "--no-summary")
    process = start(*command)
    wait_for_records(process, tmp_path / "out", 3)
    process.send_signal(number)
    err = process.communicate(timeout=PATIENCE_S)[1]
    assert process.returncode == 130
    assert "Stopped; give the same command again to go on." in err and "Traceback" not in err
    told = manifest(tmp_path / "out")
    assert told["complete"] is False and 3 <= told["totals"]["done"] < COUNT
    assert told["totals"]["failed"] == 0
    code, err = run(*command)
    assert code == 0 and f"{told['totals']['done']} done before" in err
    assert len(read_records(tmp_path / "out", "jsonl")) == COUNT


def test_a_second_run_is_refused_with_the_process_that_is_there(start, run, rows, tmp_path):
    process = start("rows.jsonl", "--out", "out", "--no-summary")
    try:
        wait_for_records(process, tmp_path / "out", 1)
        code, err = run("rows.jsonl", "--out", "out", "--no-summary")
        assert code == 1 and f"(process {process.pid})" in err and "another --out" in err
    finally:
        process.kill()
        process.communicate()


def test_a_changed_setting_is_another_run_and_says_what_changed(run, news, tmp_path):
    run("news", "--out", "out", "--no-summary")
    first = (tmp_path / "out" / "records.jsonl").read_bytes()
    code, err = run("news", "--out", "out", "--no-summary", "--keep-diacritics")
    assert code == 0
    assert "(keep diacritics: false -> true). A new run begins; the other one now lies in" in err
    assert "2 done;" in err
    (earlier,) = (tmp_path / "out" / "runs").iterdir()
    assert (earlier / "records.jsonl").read_bytes() == first
    code, err = run("news", "--out", "out", "--no-summary", "--quiet")
    assert code == 0 and len(err.splitlines()) == 1
    assert "An earlier run with these settings goes on" in err
    assert manifest(tmp_path / "out")["last_pass"]["done_before"] == 2
    assert (tmp_path / "out" / "records.jsonl").read_bytes() == first


def test_an_edited_glossary_is_another_run(run, news, tmp_path):
    glossary = tmp_path / "terms.csv"
    glossary.write_text("source,target\nchợ,market\n", "utf-8")
    run("news", "--out", "out", "--no-summary", "--glossary", "terms.csv")
    glossary.write_text("source,target\nchợ,fair\n", "utf-8")
    err = run("news", "--out", "out", "--no-summary", "--glossary", "terms.csv")[1]
    assert "(glossary: " in err and "2 done;" in err


def test_progress_as_json_is_one_object_a_line(run, rows):
    code, err = run("rows.jsonl", "--out", "out", "--no-summary", "--json-progress", "--limit", "9")
    events = [json.loads(line) for line in err.splitlines()]
    assert code == 0 and {one["event"] for one in events} == {"progress"}
    last = events[-1]
    assert (last["done"], last["failed"], last["total"]) == (9, 0, 9)
    assert last["seconds_left"] == 0 and last["items_per_second"] > 0 < last["tokens_per_second"]


def test_the_time_left_is_told_in_the_first_pass_already(run, tmp_path):
    write_rows(tmp_path, MORE)
    code, err = run("rows.jsonl", "--out", "out", "--no-summary", "--json-progress")
    events = [json.loads(line) for line in err.splitlines()]
    under_way = [one for one in events if 0 < one["done"] < MORE]
    assert code == 0 and any(one["total"] == MORE and one["seconds_left"] > 0 for one in under_way)


def test_quiet_says_nothing(run, rows):
    assert run("rows.jsonl", "--out", "out", "--no-summary", "--limit", "2", "--quiet") == (0, "")


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("--out", "out"), 2, "Missing argument 'SOURCE...'"),
        (("news",), 2, "Missing option '--out'"),
        (("news", "--out", "out", "--quiet", "--json-progress"), 2, "exclude each other"),
        (
            ("news", "--out", "news/out"),
            1,
            "news holds the output news/out or is a part of it: the run",
        ),
        (
            ("new*", "--out", "news/out"),
            1,
            "new* holds the output news/out or is a part of it: the run",
        ),
        (("nothing.zip", "--out", "out"), 1, "nothing.zip"),
        (("news", "--out", "news/item.txt/out"), 1, "the run would read what it writes"),
        (("news/page.html", "--out", "news/item.txt/out"), 1, "Cannot write to"),
        (("news", "--out", "out", "--output-format", "xml"), 2, "'jsonl', 'parquet', 'tree'"),
    ],
)
def test_bad_usage_is_told_and_nothing_is_written(run, news, tmp_path, arguments, code, message):
    before = sorted(tmp_path.rglob("*"))
    found, err = run(*arguments)
    assert found == code and message in err and "Traceback" not in err
    assert sorted(tmp_path.rglob("*")) == before


def test_fields_limits_and_title_reach_the_reader(run, tmp_path):
    rows = [
        {"ma": "x", "tua": "Tin chợ", "bai": "Xã Ia Mơ họp chợ.", "tieng": "vi", "luc": "5-6"},
        {"ma": "y", "tua": "", "bai": "Xã Ia Mơ họp chợ.", "tieng": "en"},
        {"ma": "z", "tua": "", "bai": "Xã Ia Mơ họp chợ. " * 70_000, "tieng": "vi"},
    ]
    text = "".join(f"{json.dumps(one, ensure_ascii=False)}\n" for one in rows)
    (tmp_path / "rows.jsonl").write_text(text, "utf-8")
    fields = {"text": "bai", "title": "tua", "id": "ma", "date": "luc", "language": "tieng"}
    flags = [one for name, field in fields.items() for one in (f"--{name}-field", field)]
    code, _ = run("rows.jsonl", "--out", "out", "--no-summary", "--max-item-mib", "1", *flags)
    assert code == 3
    (record,) = read_records(tmp_path / "out", "jsonl")
    assert (record["id"], record["title"], record["date"], record["language"]) == (
        "x", "Tin chợ", "5-6", "vi",
    )  # fmt: skip
    targets = [one["target"] for one in record["digest"]["elements"]]
    assert targets == ["EN: Tin cho", "EN: Xa Ia Mo hop cho."]
    lines = (tmp_path / "out" / "failures.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(line)["trouble"] for line in lines] == ["rejected", "too-large"]


@pytest.mark.parametrize(
    ("counts", "more", "code"),
    [
        (Counts(done=2), {}, 0),
        (Counts(done=2, failed=1), {}, 3),
        (Counts(done_before=2, failed_before=1), {}, 3),
        (Counts(failed=1), {}, 4),
        (Counts(done=2), {"lost": 1}, 3),
        (Counts(done=2), {"stopped": True}, 130),
    ],
)
def test_the_exit_status_never_says_more_than_was_done(tmp_path, capsys, counts, more, code):
    result = PassResult(counts, **{"complete": not more, "stopped": False} | more)
    with pytest.raises(SystemExit) if code else nullcontext() as ended:
        finish(Finished(result, {}), tmp_path, quiet=False)
    assert not code or ended.value.code == code
    told = capsys.readouterr().err
    assert ("give the same command again" in told) is bool(more)


def test_numbers_on_one_line_tell_what_is_left_where_that_is_known():
    counts = Counts(done=30, failed=2, done_before=8, tokens=6400, seconds=16, total=240)
    assert describe(counts) == (
        "40 of 240 items, 2.0 items/s, 400 tokens/s, 2 failed, 8 done before, 2 min left"
    )
    slow = Counts(done=3, tokens=900, seconds=600)
    assert describe(slow) == "3 items, 18.0 items/h, 2 tokens/s, 0 failed"
    assert describe(Counts()) == "0 items, 0.0 items/s, 0 tokens/s, 0 failed"


def test_what_came_too_soon_is_told_soon_after(capsys):
    display = Events(Console(stderr=True), 0.3)
    display.show(Counts())
    display.show(Counts(done_before=16))
    told = ""
    deadline = time.monotonic() + PATIENCE_S
    while told.count("\n") < 2 and time.monotonic() < deadline:
        told += capsys.readouterr().err
        time.sleep(0.01)
    assert [json.loads(line)["done_before"] for line in told.splitlines()] == [0, 16]
    display.close()
    assert json.loads(capsys.readouterr().err)["done_before"] == 16


def test_a_rate_of_less_than_one_a_minute_is_a_number(capsys):
    display = Events(Console(stderr=True))
    display.show(Counts(done=1, seconds=300))
    display.close()
    told = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert {one["items_per_second"] for one in told} == {0.00333}


def test_plain_lines_come_now_and_then(capsys):
    often, seldom = Lines(Console(stderr=True), 0), Lines(Console(stderr=True), 60)
    often.show(Counts(done=1, seconds=1))
    seldom.show(Counts(done=2, seconds=1))
    assert capsys.readouterr().err == "1 items, 1.0 items/s, 0 tokens/s, 0 failed\n"
