"""`diemtin archive --engine ray`: two real nodes, of which workers and a whole node are killed."""

import json
import os
import pickle
import shutil
import signal
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest

from service.archives.items import ArchiveItem
from service.archives.options import ArchiveOptions, RunSettings
from service.archives.ray_cluster import RayOptions, count_places
from service.archives.ray_engine import Loaded, NotLoaded, RemoteEngine, Setup
from service.archives.records import Recipe
from tests.archive_runs import read_records
from tests.fake_home import fake_environment
from tests.items import ENGLISH
from tests.processes import ROOT
from tests.ray_lab import BUG, DEADLY, Nodes, two_nodes, wait_until

pytest.importorskip("ray")

PATIENCE_S = 240
COUNT = 60
SECRET = "gian hàng"


@pytest.fixture(scope="module")
def nodes():
    folder = Path(tempfile.mkdtemp(prefix="dt", dir="/tmp"))  # sockets have short names only
    try:
        with two_nodes(folder) as nodes:
            yield nodes
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def start(tmp_path):
    env = os.environ | fake_environment(tmp_path) | {"PYTHONPATH": str(ROOT)}
    env.pop("RAY_ADDRESS", None)

    def start_process(*arguments, loader="load", **more):
        return subprocess.Popen(
            [sys.executable, "-m", "tests.ray_lab", "diemtin", loader, "archive", *arguments],
            cwd=tmp_path,
            env=env,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **more,
        )

    return start_process


@pytest.fixture
def run(start):
    def run_process(*arguments, **more):
        process = start(*arguments, **more)
        out, err = process.communicate(timeout=PATIENCE_S)
        assert out == ""  # Ray's chatter is no result
        return process.returncode, err

    return run_process


def write_rows(folder, texts):
    rows = ({"id": at, "text": text} for at, text in enumerate(texts))
    lines = (json.dumps(row, ensure_ascii=False) for row in rows)
    (folder / "rows.jsonl").write_text("".join(f"{line}\n" for line in lines), "utf-8")


def make_texts(count=COUNT):
    return [f"Xã thứ {at} mở chợ với {at + 2} {SECRET}." for at in range(count)]


def on(nodes, *more):
    return ("rows.jsonl", "--no-summary", "--engine", "ray", "--ray-address", nodes.address, *more)


def wait_for_records(process, folder, least):
    def has_enough():
        assert process.poll() is None, process.communicate()
        path = folder / "records.jsonl"
        return path.exists() and path.read_bytes().count(b"\n") >= least

    wait_until(has_enough, PATIENCE_S)


def records_without_timings(folder):
    records = read_records(folder, "jsonl")
    for one in records:
        del one["digest"]["timings"]
    return sorted(records, key=lambda one: int(one["id"]))


def failures(folder):
    lines = (folder / "failures.jsonl").read_text("utf-8").splitlines()
    return sorted((json.loads(line) for line in lines), key=lambda one: one["origin"])


def logs_of_ray(nodes):
    files = [one for one in nodes.folder.rglob("logs/**/*") if one.is_file()]
    return "".join(one.read_text("utf-8", "replace") for one in files)


def holds_text_of_items(text):
    return SECRET in text or SECRET.encode("unicode_escape").decode() in text


def test_a_run_goes_from_this_process_to_two_nodes_and_back(run, nodes, tmp_path):
    texts = make_texts(24)
    texts[5], texts[7] = ENGLISH, f"Đoạn này có {BUG} trong {SECRET}."
    write_rows(tmp_path, texts)
    assert run("rows.jsonl", "--no-summary", "--out", "here", loader="load_here")[0] == 3
    begun = run("rows.jsonl", "--no-summary", "--out", "out", "--limit", "4", loader="load_here")
    assert begun[0] == 0
    nodes.forget_workers()
    code, err = run(*on(nodes, "--out", "out", "--quiet"))
    assert (code, err) == (3, "")
    told = [json.loads(one.read_text()) for one in nodes.loads.iterdir()]
    assert len(told) == len({one["node"] for one in told}) == 2  # each loaded its model once
    assert {(one["threads"], one["device"]) for one in told} == {(1, "cpu")}
    assert records_without_timings(tmp_path / "out") == records_without_timings(tmp_path / "here")
    assert failures(tmp_path / "out") == failures(tmp_path / "here")
    assert [one["trouble"] for one in failures(tmp_path / "out")] == ["rejected", "failed"]
    logs = logs_of_ray(nodes)
    assert "ValueError" in logs and not holds_text_of_items(logs)  # what was wrong, not with what
    again = run("rows.jsonl", "--no-summary", "--out", "out", loader="load_here")
    assert again[0] == 3 and "0 done, 22 done before, 2 failed" in again[1]


def test_a_killed_worker_and_a_lost_node_lose_nothing(start, nodes: Nodes, tmp_path):
    texts = make_texts()
    texts[9] = f"Xã này có {DEADLY} người trong {SECRET}."
    write_rows(tmp_path, texts)
    nodes.forget_workers()
    process = start(*on(nodes, "--out", "out"))
    wait_for_records(process, tmp_path / "out", 20)
    wait_until(nodes.workers, PATIENCE_S)
    victim = next(iter(nodes.workers()))
    os.kill(victim, signal.SIGKILL)
    wait_for_records(process, tmp_path / "out", 30)
    nodes.remove()
    try:
        out, err = process.communicate(timeout=PATIENCE_S)
    finally:
        nodes.add()
    assert (process.returncode, out) == (3, "")
    assert not holds_text_of_items(err + logs_of_ray(nodes))
    (failure,) = failures(tmp_path / "out")
    assert failure["id"] == "9" and "died, 3 times" in failure["reason"]
    done = [int(one["id"]) for one in records_without_timings(tmp_path / "out")]
    assert done == [at for at in range(COUNT) if at != 9]


def test_a_killed_command_goes_on_and_a_stopped_one_too(start, run, nodes, tmp_path):
    write_rows(tmp_path, make_texts())
    process = start(*on(nodes, "--out", "out"))
    wait_for_records(process, tmp_path / "out", 10)
    process.kill()
    process.communicate()
    process = start(*on(nodes, "--out", "out"))
    wait_for_records(process, tmp_path / "out", 25)
    process.send_signal(signal.SIGINT)
    err = process.communicate(timeout=PATIENCE_S)[1]
    assert process.returncode == 130 and "Stopped; give the same command again" in err
    assert "Traceback" not in err
    code, err = run(*on(nodes, "--out", "out"))
    assert code == 0 and " done before; " in err
    done = [int(one["id"]) for one in records_without_timings(tmp_path / "out")]
    assert done == list(range(COUNT))


def test_without_an_address_a_cluster_of_this_machine_does_it(start, tmp_path):
    write_rows(tmp_path, make_texts(4))
    (tmp_path / "loads").mkdir()
    workers = ("--ray-workers", "1", "--ray-cpus", "0.5")
    arguments = ("rows.jsonl", "--no-summary", "--engine", "ray", *workers)
    process = start(*arguments, "--out", "out", loader="load_here", start_new_session=True)
    out, err = process.communicate(timeout=PATIENCE_S)
    assert (process.returncode, out) == (0, ""), err
    assert err.startswith("4 done; ")
    assert len(read_records(tmp_path / "out", "jsonl")) == 4


@pytest.mark.parametrize(
    ("loader", "message"),
    [
        ("load_nothing", "The weights of fake are not here; run: diemtin models pull fake"),
        ("die_loading", "3 workers in a row died as they loaded"),
    ],
)
def test_workers_that_cannot_load_are_told(run, nodes, tmp_path, loader, message):
    write_rows(tmp_path, make_texts(2))
    code, err = run(*on(nodes, "--out", "out"), loader=loader)
    assert code == 1 and message in err and "Traceback" not in err


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("--ray-gpus", "1"), 2, "--ray-... options go with --engine ray"),
        (("--engine", "ray", "--ray-gpus", "1.5"), 2, "--ray-gpus is a whole number, or a part"),
        (("--engine", "ray", "--ray-cpus", "0"), 2, "needs --ray-cpus or --ray-gpus"),
        (
            ("--engine", "ray", "--ray-address", "ray://a:1"),
            1,
            "no address of a Ray cluster. Give its host:port",
        ),
        (("--engine", "ray", "--ray-address", "127.0.0.1:1"), 1, "No Ray cluster answers at 127"),
    ],
)
def test_bad_usage_is_told(run, tmp_path, arguments, code, message):
    write_rows(tmp_path, make_texts(1))
    found, err = run("rows.jsonl", "--out", "out", *arguments)
    assert found == code and message in err and "Traceback" not in err


def test_more_than_the_nodes_have_is_told(run, nodes, tmp_path):
    write_rows(tmp_path, make_texts(1))
    code, err = run(*on(nodes, "--out", "out", "--ray-gpus", "1"))
    assert code == 1 and "No node of the cluster has 1 CPUs and 1 GPUs" in err


@pytest.mark.parametrize(
    ("cpus", "gpus", "places"), [(1, 0, 11), (2, 0, 5), (1, 1, 2), (0, 0.5, 5), (16, 0, 0)]
)
def test_workers_have_room_on_a_node_not_across_nodes(cpus, gpus, places):
    nodes = [
        {"Alive": True, "Resources": {"CPU": 8.0, "GPU": 2.0}},
        {"Alive": True, "Resources": {"CPU": 3.0, "GPU": 0.5}},
        {"Alive": True, "Resources": {}},
        {"Alive": False, "Resources": {"CPU": 8.0, "GPU": 2.0}},
    ]
    assert count_places(nodes, RayOptions(cpus=cpus, gpus=gpus)) == places


def test_a_node_works_with_what_it_is_sent(runtime, tmp_path):
    terms = tmp_path / "terms.csv"
    terms.write_text("source,target\nchợ,fair\n", "utf-8")
    recipe = Recipe.of(ArchiveOptions(summarize=None))
    with_terms = type(runtime)(runtime.settings.model_copy(update={"glossary": terms}))
    setup = pickle.loads(pickle.dumps(Setup.of(with_terms, recipe, 2, "cpu")))
    terms.unlink()  # the node never had it
    engine = RemoteEngine(setup)
    loaded = engine.load()
    assert isinstance(loaded, Loaded), loaded
    outcome = engine.digest(ArchiveItem("a#1", "Xã Ia Mơ họp chợ."))
    assert '"EN: Xa Ia Mo hop cho."' in outcome.result.line
    engine.close()
    other = replace(setup, run=RunSettings(setup.run.values | {"diemtin": "0.0.1"}))
    refused = RemoteEngine(other).load()
    assert isinstance(refused, NotLoaded)
    assert "(diemtin: 0.0.1 -> " in refused.reason and "same version" in refused.reason
