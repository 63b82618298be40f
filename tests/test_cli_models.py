import json
import re
import sys

import pytest
from click.testing import CliRunner

from service.cli_models import models_group
from tests.hub_lab import COMMIT, MARIAN, WEIGHTS, Repository, lab_env, serve_lab
from tests.weights_lab import (
    HUB,
    NAME,
    ROOT,
    Hub,
    catalogue_text,
    child_env,
    make_bytes,
    run_cli,
    serve_hub,
    sha256,
)

DATA = make_bytes(16_000_000)
SAFE = {**MARIAN, "model.safetensors": WEIGHTS}
OURS = f"""
[models.ours]
tasks = ["translate"]
family = "marian"
engine = "auto"
licence = "CC-BY-NC-4.0"
commercial_use = false
context = 512
scores = [{{ metric = "BLEU", value = 42.8, dataset = "news", source = "https://example.org" }}]
[models.ours.checkpoint]
repo = "lab/tiny"
revision = "{COMMIT}"
"""


@pytest.fixture
def setup(tmp_path):
    (tmp_path / "catalogue.toml").write_text(catalogue_text(DATA, HUB))
    (tmp_path / "copy.bin").write_bytes(DATA)
    return tmp_path


@pytest.fixture
def invoke(setup):
    env = {
        "DIEMTIN_MODELS_DIR": str(setup / "store"),
        "DIEMTIN_CATALOGUE": str(setup / "catalogue.toml"),
    }
    return lambda *arguments: CliRunner().invoke(models_group, arguments, env=env)


def target_of(setup):
    return setup / "store" / f"{sha256(DATA)[:12]}-tiny.bin"


def test_list_before_and_after_a_pull(invoke, setup):
    assert invoke("list").output == "tiny\ttranslate\t0.02 GB\tApache-2.0\tnot fetched\n"
    assert invoke("pull", NAME, "--from", str(setup / "copy.bin")).exit_code == 0
    assert invoke("list").output == "tiny\ttranslate\t0.02 GB\tApache-2.0\tpresent\n"


def test_json_of_list_and_info_agree(invoke, setup):
    (listed,) = json.loads(invoke("list", "--json").stdout)
    info = json.loads(invoke("info", NAME, "--json").stdout)
    assert listed == info
    assert info["name"] == NAME
    assert info["default_for"] == ["translate"]
    assert info["size"] == len(DATA)
    assert info["sha256"] == sha256(DATA)
    assert info["present"] is False
    assert info["path"] == str(target_of(setup))


def test_info_is_one_fact_a_line(invoke):
    lines = invoke("info", NAME).stdout.splitlines()
    facts = dict(re.split(r":\s+", line, maxsplit=1) for line in lines if ": " in line)
    assert facts["licence"] == "Apache-2.0"
    assert facts["tasks"] == "translate"
    assert facts["context"] == "64"


def test_pull_prints_the_path_and_tenths(invoke, setup):
    done = invoke("pull", NAME, "--from", str(setup / "copy.bin"))
    assert done.stdout == f"{target_of(setup)}\n"
    tenths = [int(tenth) for tenth in re.findall(r"tiny: (\d+)%", done.stderr)]
    assert tenths[0] == 0 and tenths[-1] == 100
    assert tenths == sorted(set(tenths)) and len(tenths) <= 11


def test_second_pull_says_so(invoke, setup):
    invoke("pull", NAME, "--from", str(setup / "copy.bin"))
    done = invoke("pull", NAME)
    assert done.exit_code == 0
    assert done.stdout == f"{target_of(setup)}\n"
    assert done.stderr == "tiny is already there, nothing was fetched.\n"


def test_verify_and_path_of_missing_intact_and_damaged(invoke, setup):
    for arguments in (("verify",), ("verify", NAME)):
        done = invoke(*arguments)
        assert (done.exit_code, done.stdout) == (
            1,
            "tiny\tmissing\trun: diemtin models pull tiny\n",
        )
    missing = invoke("path", NAME)
    assert (missing.exit_code, missing.stdout) == (1, "")
    assert "diemtin models pull tiny" in missing.stderr

    invoke("pull", NAME, "--from", str(setup / "copy.bin"))
    done = invoke("verify")
    assert (done.exit_code, done.stdout) == (0, f"tiny\tok\t{target_of(setup)}\n")
    assert invoke("path", NAME).stdout == f"{target_of(setup)}\n"

    target_of(setup).write_bytes(DATA[:-1] + bytes([DATA[-1] ^ 1]))
    done = invoke("verify", NAME)
    assert done.exit_code == 1
    assert done.stdout.startswith("tiny\tcorrupt\tsha256 is ")
    assert "diemtin models pull tiny" in done.stdout


@pytest.fixture
def with_checkpoint(setup):
    """The catalogue with a checkpoint that may not be used commercially."""
    path = setup / "catalogue.toml"
    path.write_text(path.read_text() + OURS)
    return setup


def checkpoint_env(folder, url):
    return lab_env(folder, url, DIEMTIN_CATALOGUE=str(folder / "catalogue.toml"))


def test_a_checkpoint_goes_through_every_command(with_checkpoint):
    with serve_lab(lab__tiny=Repository(SAFE)) as lab:
        env = checkpoint_env(with_checkpoint, lab.url)
        before = run_cli(env, "list")
        missing = run_cli(env, "verify", "ours")
        pulled = run_cli(env, "pull", "ours")
        again = run_cli(env, "pull", "ours")
    snapshot = with_checkpoint / "hf" / "hub" / "models--lab--tiny" / "snapshots" / COMMIT
    ours = "ours\ttranslate\tsize unknown\tCC-BY-NC-4.0 (non-commercial)\t"
    warning = "Warning: ours is under CC-BY-NC-4.0: commercial use is not allowed.\n"
    assert before.out.splitlines()[1] == f"{ours}not fetched"
    assert (missing.code, missing.out) == (1, "ours\tmissing\trun: diemtin models pull ours\n")
    assert (pulled.code, pulled.out) == (0, f"{snapshot}\n"), pulled.err
    assert pulled.err.startswith(warning)
    size = sum(map(len, SAFE.values()))
    assert f"ours: 100% ({size} of {size} bytes" in pulled.err
    assert again.out == pulled.out
    assert again.err == f"{warning}ours is already there, nothing was fetched.\n"
    assert run_cli(env, "list").out.splitlines()[1] == f"{ours}present"
    assert run_cli(env, "path", "ours").out == f"{snapshot}\n"
    assert run_cli(env, "verify", "ours").out == f"ours\tok\t{snapshot}\n"

    blob = (snapshot / "model.safetensors").resolve()
    blob.write_bytes(WEIGHTS[:-1])
    checked = run_cli(env, "verify")
    assert (checked.code, checked.out.splitlines()) == (
        1,
        [
            "tiny\tmissing\trun: diemtin models pull tiny",
            "ours\tcorrupt\twrong are model.safetensors; run: diemtin models pull ours",
        ],
    )


def test_verify_without_a_name_expects_the_defaults_only(with_checkpoint):
    env = checkpoint_env(with_checkpoint, "")
    assert run_cli(env, "pull", NAME, "--from", str(with_checkpoint / "copy.bin")).code == 0
    checked = run_cli(env, "verify")
    assert (checked.code, checked.out.split("\t")[:2]) == (0, ["tiny", "ok"])


def test_info_of_a_checkpoint_and_of_a_hub_id(with_checkpoint):
    env = checkpoint_env(with_checkpoint, "")
    ours = json.loads(run_cli(env, "info", "ours", "--json").out)
    assert ours["checkpoint"] == f"lab/tiny@{COMMIT}"
    assert ours["scores"] == [
        {"metric": "BLEU", "value": 42.8, "dataset": "news", "source": "https://example.org"}
    ]
    assert (ours["size"], ours["present"]) == (None, False)
    assert ours["path"].endswith("models--lab--tiny")
    lines = run_cli(env, "info", "ours").out.splitlines()
    assert "warning:        ours is under CC-BY-NC-4.0: commercial use is not allowed." in lines
    other = json.loads(run_cli(env, "info", "lab/other", "--json").out)
    assert (other["name"], other["checkpoint"]) == ("lab/other", "lab/other@main")
    assert other["licence"] == "unknown: see the model's page"


def test_a_folder_is_shown_checked_and_not_fetched(with_checkpoint):
    folder = with_checkpoint / "own"
    folder.mkdir()
    for name, data in SAFE.items():
        (folder / name).write_bytes(data)
    env = checkpoint_env(with_checkpoint, "")
    assert run_cli(env, "verify", str(folder)).out == f"{folder}\tok\t{folder}\n"
    pulled = run_cli(env, "pull", str(folder))
    assert (pulled.code, pulled.out) == (0, f"{folder}\n")
    refused = run_cli(env, "pull", str(folder), "--from", str(folder / "config.json"))
    assert (refused.code, refused.out) == (1, "")
    assert "--from takes one" in refused.err


@pytest.mark.parametrize("allowed", ["flag", "variable"])
def test_a_pickle_is_fetched_only_where_it_is_allowed(setup, allowed):
    pickled = {**MARIAN, "pytorch_model.bin": WEIGHTS}
    with serve_lab(lab__tiny=Repository(pickled)) as lab:
        env = checkpoint_env(setup, lab.url)
        refused = run_cli(env, "pull", "lab/tiny")
        if allowed == "flag":
            done = run_cli(env, "pull", "lab/tiny", "--allow-pickle")
        else:
            done = run_cli({**env, "DIEMTIN_ALLOW_PICKLE": "1"}, "pull", "lab/tiny")
    assert (refused.code, refused.out) == (1, "")
    assert "come as a pickle" in refused.err and "--allow-pickle" in refused.err
    assert (done.code, done.out.strip().rpartition("/")[2]) == (0, COMMIT), done.err


@pytest.mark.parametrize("command", ["info", "pull", "verify", "path"])
@pytest.mark.parametrize(
    ("reference", "told"),
    [
        ("a/b/c", "'a/b/c' is no hub id: it must be owner/name"),
        ("../none", "The folder '../none' is not there"),
    ],
)
def test_a_malformed_reference_is_a_usage_error(invoke, command, reference, told):
    done = invoke(command, reference)
    assert (done.exit_code, done.stdout) == (2, "")
    assert told in " ".join(done.stderr.split())


@pytest.mark.parametrize("command", ["info", "pull", "verify", "path"])
def test_unknown_name_is_a_usage_error_with_the_valid_ones(invoke, command):
    done = invoke(command, "huge")
    assert done.exit_code == 2
    assert "Unknown model 'huge'; the catalogue has: tiny." in done.stderr
    assert done.stdout == ""


def test_wrong_file_exits_1_without_a_trace(invoke, setup):
    (setup / "copy.bin").write_bytes(b"wrong")
    done = invoke("pull", NAME, "--from", str(setup / "copy.bin"))
    assert done.exit_code == 1
    assert "has 5 bytes, the artifact has 16000000" in done.stderr
    assert isinstance(done.exception, SystemExit)


def test_malformed_catalogue_exits_1_and_names_the_key(invoke, setup):
    text = (setup / "catalogue.toml").read_text().replace("context = 64", "context = 0")
    (setup / "catalogue.toml").write_text(text)
    done = invoke("list")
    assert done.exit_code == 1
    assert "models.tiny.context: must be at least 1" in done.stderr


@pytest.mark.parametrize("command", [[], ["list"], ["info"], ["pull"], ["verify"], ["path"]])
def test_examples_in_the_help_parse(command):
    """Every example is a command line that the shipped catalogue accepts."""
    text = CliRunner().invoke(models_group, [*command, "--help"]).output
    examples = re.findall(r"^ +diemtin models (.+)$", text, flags=re.MULTILINE)
    assert examples
    for example in examples:
        name, *arguments = example.split()
        called = models_group.commands[name]
        arguments = [__file__ if each == "weights.gguf" else each for each in arguments]
        context = called.make_context(name, arguments)
        if context.params.get("name"):
            shown = CliRunner().invoke(models_group, ["info", context.params["name"]])
            assert shown.exit_code == 0


def test_real_process_from_pull_to_verify(setup):
    with serve_hub(Hub(DATA)) as hub:
        env = child_env(setup, hub.url)
        assert run_cli(env, "verify").code == 1
        pulled = run_cli(env, "pull", NAME)
    assert (pulled.code, pulled.out) == (0, f"{target_of(setup)}\n"), pulled.err
    assert "tiny: 100% (16000000 of 16000000 bytes" in pulled.err
    assert run_cli(env, "verify").code == 0
    assert target_of(setup).read_bytes() == DATA


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are a POSIX thing")
def test_terminal_sees_a_bar_in_bytes(setup):
    import os
    import pty
    import subprocess

    env = child_env(setup) | {"TERM": "xterm-256color", "COLUMNS": "120"}
    leader, follower = pty.openpty()
    code = "from service.cli_models import models_group; models_group()"
    with subprocess.Popen(
        [sys.executable, "-c", code, "pull", NAME, "--from", str(setup / "copy.bin")],
        cwd=ROOT,
        env=env,
        stdout=subprocess.PIPE,
        stderr=follower,
    ) as process:
        os.close(follower)
        shown = read_terminal(leader)
        out = process.stdout.read().decode()
    assert out == f"{target_of(setup)}\n"
    assert "16.0/16.0 MB" in shown
    assert "━" in shown


def read_terminal(leader):
    import os

    parts = []
    while True:
        try:
            part = os.read(leader, 4096)
        except OSError:  # Linux answers EIO when the last writer is gone
            part = b""
        if not part:
            os.close(leader)
            return b"".join(parts).decode("utf-8", "replace")
        parts.append(part)
