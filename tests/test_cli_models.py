import json
import re
import sys

import pytest
from click.testing import CliRunner

from service.cli_models import models_group
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
