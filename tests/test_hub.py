"""Fetching from a hub that speaks the real protocol, in processes with a cache of their own."""

import os
import resource
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from models.hub import HUB_ID, REVISION
from tests.hub_lab import (
    CLUTTER,
    COMMIT,
    MARIAN,
    TOKEN,
    WEIGHTS,
    Repository,
    lab_env,
    pull_all,
    serve_lab,
)
from tests.weights_lab import ROOT, make_bytes

SAFE = {**MARIAN, "model.safetensors": WEIGHTS}
BOTH = {**SAFE, **CLUTTER, "pytorch_model.bin": b"pickle"}
PICKLED = {**MARIAN, **CLUTTER, "pytorch_model.bin": WEIGHTS}
SHARDS = {
    **MARIAN,
    "model.safetensors.index.json": b'{"weight_map": {"a": "model-00001-of-00002.safetensors", '
    b'"b": "model-00002-of-00002.safetensors"}}',
    "model-00001-of-00002.safetensors": make_bytes(5000, 1),
    "model-00002-of-00002.safetensors": make_bytes(5000, 2),
}


def names_in(path):
    return {one.name for one in Path(path).iterdir()}


@pytest.mark.parametrize(
    ("files", "allow_pickle", "wanted"),
    [
        (BOTH, False, {*MARIAN, "model.safetensors"}),
        (BOTH, True, {*MARIAN, "model.safetensors"}),
        (PICKLED, True, {*MARIAN, "pytorch_model.bin"}),
        ({**SHARDS, "pytorch_model.bin": b"pickle"}, False, set(SHARDS)),
    ],
)
def test_only_what_loading_needs_is_fetched(tmp_path, files, allow_pickle, wanted):
    with serve_lab(lab__tiny=Repository(files)) as lab:
        (done,) = pull_all(lab_env(tmp_path, lab.url), "lab/tiny", allow_pickle=allow_pickle)
    assert (done.error, done.message) == ("", "")
    assert names_in(done.path) == wanted
    assert {line.rpartition("/")[2] for line in lab.asked} == wanted
    assert (Path(done.path) / "source.spm").read_bytes() == MARIAN["source.spm"]


def test_progress_rises_to_the_bytes_that_were_fetched(tmp_path):
    with serve_lab(lab__tiny=Repository(BOTH)) as lab:
        first, again = pull_all(lab_env(tmp_path, lab.url), "lab/tiny", "lab/tiny")
    total = sum(map(len, SAFE.values()))
    assert {of for _, of in first.progress} == {total}
    assert first.progress[-1] == [total, total]
    assert all(a < b for (a, _), (b, _) in pairwise(first.progress))
    assert (again.path, again.progress) == (first.path, [])


def test_a_pinned_commit_that_is_there_asks_nobody(tmp_path):
    env = lab_env(tmp_path)
    with serve_lab(lab__tiny=Repository(SAFE)) as lab:
        (first,) = pull_all({**env, "HF_ENDPOINT": lab.url}, f"lab/tiny@{COMMIT}")
    (again,) = pull_all({**env, "HF_HUB_OFFLINE": "1"}, f"lab/tiny@{COMMIT}")
    assert again.path == first.path and first.path.endswith(COMMIT)


def test_a_branch_moves_on_and_stays_usable_without_the_hub(tmp_path):
    env, newer = lab_env(tmp_path), "f" * 40
    repository = Repository(SAFE, refs=("main", "refs/pr/2"))
    with serve_lab(lab__tiny=repository) as lab:
        env["HF_ENDPOINT"] = lab.url
        (first,) = pull_all(env, "lab/tiny@refs/pr/2")
        repository.commit = newer
        (second,) = pull_all(env, "lab/tiny@refs/pr/2")
    (third,) = pull_all(env, "lab/tiny@refs/pr/2")
    assert first.path.endswith(COMMIT)
    assert second.path.endswith(newer)
    assert (third.path, third.error) == (second.path, "")


def test_a_branch_that_cannot_be_fetched_leaves_the_older_snapshot_in_use(tmp_path):
    repository = Repository(SAFE)
    with serve_lab(lab__tiny=repository) as lab:
        env = lab_env(tmp_path, lab.url)
        (first,) = pull_all(env, "lab/tiny")
        repository.commit = "f" * 40
        repository.files = SAFE | {"model.safetensors": make_bytes(5000)}
        repository.claimed["model.safetensors"] = 10**18
        (second,) = pull_all(env, "lab/tiny")
    (third,) = pull_all({**env, "HF_HUB_OFFLINE": "1"}, "lab/tiny")
    assert first.error == second.error == third.error == ""
    assert first.path == second.path == third.path


def test_only_new_bytes_of_a_branch_are_counted(tmp_path):
    repository = Repository(SAFE)
    with serve_lab(lab__tiny=repository) as lab:
        env = lab_env(tmp_path, lab.url)
        pull_all(env, "lab/tiny")
        repository.commit = "f" * 40
        repository.files = SAFE | {"vocab.json": b'{"a": 0, "b": 1}'}
        (done,) = pull_all(env, "lab/tiny")
    assert done.progress[-1] == [16, 16]
    assert names_in(done.path) == set(SAFE)


@pytest.mark.parametrize("lost", ["model.safetensors", "config.json", "source.spm"])
def test_a_blob_that_was_deleted_is_fetched_again(tmp_path, lost):
    with serve_lab(lab__tiny=Repository(SAFE)) as lab:
        env = lab_env(tmp_path, lab.url)
        (first,) = pull_all(env, "lab/tiny")
        (Path(first.path) / lost).resolve().unlink()
        (second,) = pull_all(env, "lab/tiny")
    assert (second.error, second.path) == ("", first.path)
    assert (Path(first.path) / lost).read_bytes() == SAFE[lost]


def test_what_the_hub_refuses_is_told_with_a_remedy(tmp_path):
    told = {
        "lab/none": "the hub has no public model lab/none; check owner and name",
        "lab/tiny@v9": "lab/tiny has no revision 'v9'; take a commit, branch or tag",
        "lab/gated": "accept them on the page of lab/gated, then put an access token",
        "lab/empty": "lab/empty at main is no checkpoint for diemtin",
        "lab/odd": "lab/odd at main is no checkpoint for diemtin",
        "lab/huge": "needs 1000000000.00 GB in ",
    }
    huge = Repository(SAFE, claimed={"model.safetensors": 10**18})
    with serve_lab(
        lab__tiny=Repository(SAFE),
        lab__gated=Repository(SAFE, gated=True),
        lab__empty=Repository(dict(MARIAN)),
        lab__odd=Repository({**MARIAN, "adapter_model.safetensors": WEIGHTS}),
        lab__huge=huge,
    ) as lab:
        done = pull_all(lab_env(tmp_path, lab.url), *told)
    for pull, (reference, words) in zip(done, told.items(), strict=True):
        assert (pull.error, pull.path) == ("WeightsUnavailable", "")
        assert words in pull.message, reference
    assert "are free; make room, or set HF_HOME" in done[-1].message
    assert lab.asked == []


def test_a_token_opens_a_gated_repository(tmp_path):
    with serve_lab(lab__gated=Repository(SAFE, gated=True)) as lab:
        (done,) = pull_all(lab_env(tmp_path, lab.url, HF_TOKEN=TOKEN), "lab/gated")
    assert done.error == "" and names_in(done.path) == set(SAFE)


def test_a_pickle_is_refused_before_any_byte_of_it(tmp_path):
    with serve_lab(lab__tiny=Repository(PICKLED)) as lab:
        (done,) = pull_all(lab_env(tmp_path, lab.url), "lab/tiny")
    assert done.error == "UnsafeWeights"
    assert "may run any code" in done.message
    assert "--allow-pickle or DIEMTIN_ALLOW_PICKLE=1" in done.message
    assert lab.asked == []


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({}, "the connection to http://127.0.0.1:9 failed"),
        ({"HF_HUB_OFFLINE": "1"}, "HF_HUB_OFFLINE is set; unset it, or bring the snapshot"),
    ],
)
def test_without_a_hub_the_message_says_why(tmp_path, more, words):
    for pull in pull_all(lab_env(tmp_path, **more), "lab/tiny", f"lab/tiny@{COMMIT}"):
        assert pull.error == "WeightsUnavailable"
        assert words in pull.message


def test_what_the_hub_sends_wrong_is_found_and_fetched_again(tmp_path):
    wrong = bytes([WEIGHTS[0] ^ 1]) + WEIGHTS[1:]
    repository = Repository(SAFE, sent={"model.safetensors": wrong})
    with serve_lab(lab__tiny=repository) as lab:
        env = lab_env(tmp_path, lab.url)
        (bad,) = pull_all(env, "lab/tiny")
        repository.sent.clear()
        lab.asked.clear()
        (good,) = pull_all(env, "lab/tiny")
    assert bad.error == "CorruptWeights"
    assert "wrong are model.safetensors" in bad.message
    assert (good.error, (Path(good.path) / "model.safetensors").read_bytes()) == ("", WEIGHTS)
    assert {line.rpartition("/")[2] for line in lab.asked} == {"model.safetensors"}


@pytest.mark.skipif(sys.platform == "win32", reason="file size limits are a POSIX thing")
def test_a_disk_that_fills_up_is_told(tmp_path):
    with serve_lab(lab__tiny=Repository(SAFE)) as lab:
        code = (
            "import signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
            "from service.cli_models import models_group; models_group()"
        )
        done = subprocess.run(
            [sys.executable, "-c", code, "pull", "lab/tiny"],
            cwd=ROOT,
            env=lab_env(tmp_path, lab.url),
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000)),
            capture_output=True,
            text=True,
        )
    assert (done.returncode, done.stdout) == (1, "")
    assert "no space is left in" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_cache_that_may_not_be_written_is_told(tmp_path):
    (tmp_path / "hf").mkdir(mode=0o500)
    with serve_lab(lab__tiny=Repository(SAFE)) as lab:
        (done,) = pull_all(lab_env(tmp_path, lab.url), "lab/tiny")
    assert done.error == "WeightsUnavailable"
    assert "set HF_HOME to a directory that you may write to" in done.message


@pytest.mark.parametrize(
    ("text", "is_id", "is_revision"),
    [
        ("Helsinki-NLP/opus-mt-vi-en", True, True),
        ("facebook/m2m100_418M", True, True),
        ("main", False, True),
        ("refs/pr/12", False, True),
        (COMMIT, False, True),
        ("a/b/c", False, True),
        ("owner/", False, False),
        ("/name", False, False),
        ("../name", False, False),
        ("owner/..", False, False),
        ("own--er/name", False, True),
        ("owner/name.", False, False),
        ("owner/na me", False, False),
        ("o/" + "n" * 95, False, True),
        ("a..b", False, False),
        ("a//b", False, False),
        ("-x", False, False),
        ("", False, False),
    ],
)
def test_ids_and_revisions_are_what_the_hub_allows(text, is_id, is_revision):
    assert bool(HUB_ID.fullmatch(text)) is is_id
    assert bool(REVISION.fullmatch(text)) is is_revision
