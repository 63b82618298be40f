"""The `diemtin` command as a process, with an engine that echoes."""

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass

import click
import pytest
from click.testing import CliRunner

from service.cli import main
from tests.fake_home import fake_environment
from tests.items import BROKEN, ENGLISH, ITEM, PAGE, SHORT
from tests.processes import ROOT

PATIENCE_S = 240
TERMS = "source,target\nthu hút đầu tư,INVESTMENT PULL\n"


@dataclass(frozen=True)
class Outcome:
    code: int
    out: str
    err: str


@pytest.fixture
def env(tmp_path):
    return os.environ | fake_environment(tmp_path) | {"PYTHONPATH": str(ROOT)}


@pytest.fixture
def folder(tmp_path):
    files = {"item.txt": ITEM, "short.txt": SHORT, "terms.csv": TERMS, "page.html": PAGE}
    files |= {"empty.txt": " \n", "english.txt": ENGLISH, "broken.txt": BROKEN}
    files |= {"source.vi": f"{SHORT}\n" * 8, "reference.en": "The province met.\n" * 8}
    for name, text in files.items():
        (tmp_path / name).write_text(text, "utf-8")
    (tmp_path / "latin.txt").write_bytes("Chợ họp".encode("cp1258", "replace") + b"\xe9\xff")
    (tmp_path / "wide.txt").write_text(SHORT, "utf-16")
    (tmp_path / "bom.txt").write_text(SHORT, "utf-8-sig")
    return tmp_path


@pytest.fixture
def run(folder, env):
    def start(*arguments, stdin="", **extra):
        done = subprocess.run(
            [sys.executable, "-W", "error", "-m", "tests.fake_service", *arguments],
            input=stdin.encode(),
            cwd=folder,
            env=env | extra,
            capture_output=True,
            timeout=PATIENCE_S,
        )
        return Outcome(done.returncode, done.stdout.decode(), done.stderr.decode())

    return start


def without_timings(digest):
    return {key: value for key, value in digest.items() if key != "timings"}


def test_json_is_the_digest_of_the_http_interface(run, client):
    for command in ("digest", "translate", "summarize"):
        done = run(command, "--format", "json", "item.txt")
        assert (done.code, done.err) == (0, "")
        answer = client.post(f"/v1/{command}", json={"text": ITEM}).json
        assert without_timings(json.loads(done.out)) == without_timings(answer)


def test_text_has_summary_english_warnings_and_origin_in_order(run):
    done = run("digest", "item.txt")
    assert (done.code, done.err) == (0, "")
    blocks = done.out.rstrip().split("\n\n")
    assert blocks[0].startswith("SUMMARY\nEN: Xa vung bien")
    assert blocks[1] == "[1] EN: Xa vung bien mo phien cho nong san dau mua mua"
    assert blocks[2] == "Nguyen Hoa"
    assert "Photo: Nguyen Hoa" in blocks
    assert blocks[4].startswith("[2] EN: Sang 12-5")
    assert re.search(r"^EN: .*\. \[\d(, \d)*\]", blocks[0].splitlines()[1])
    assert blocks[-2].startswith("! untranslated [1]: ")
    assert re.fullmatch(r"fake \(sha256:0\), fake 1, diemtin 0\.1\.0; [\d.]+ s", blocks[-1])
    assert "gian-hang" not in blocks[1:-2]


def test_standard_input_is_read_without_files_and_for_a_dash(run):
    wanted = json.loads(run("digest", "--format", "json", "short.txt").out)
    for arguments in ((), ("-",)):
        done = run("digest", "--format", "json", *arguments, stdin=SHORT)
        assert (done.code, done.err) == (0, "")
        assert without_timings(json.loads(done.out)) == without_timings(wanted)


def test_several_files_come_out_in_order(run):
    done = run("translate", "--format", "markdown", "item.txt", "short.txt", "page.html")
    assert (done.code, done.err) == (0, "")
    parts = ("# item.txt\n\n# EN: Xa vung", "# short.txt\n\n# News item", "# page.html\n\n# EN: ")
    places = [done.out.index(part) for part in parts]
    assert places[0] == 0 and places == sorted(places)
    assert done.out.count("Made with: diemtin 0.1.0.") == 3
    assert "Trang chu" not in done.out
    assert "## Summary" not in done.out


def test_several_files_as_text_stand_under_their_names(run):
    done = run("summarize", "short.txt", "item.txt")
    assert (done.code, done.err) == (0, "")
    places = [done.out.index(f"==> {name} <==\n\nSUMMARY\n") for name in ("short.txt", "item.txt")]
    assert places[0] == 0 and done.out[places[1] - 2 : places[1]] == "\n\n"


@pytest.mark.parametrize("command", ["digest", "translate", "summarize"])
def test_several_files_as_json_are_one_line_each(run, command):
    done = run(command, "--format", "json", "item.txt", "empty.txt", "short.txt")
    assert (done.code, len(done.err.splitlines())) == (3, 1)
    lines = [json.loads(line) for line in done.out.splitlines()]
    assert [next(iter(line.items())) for line in lines] == [
        ("file", "item.txt"),
        ("file", "short.txt"),
    ]
    for line in lines:
        alone = json.loads(run(command, "--format", "json", line.pop("file")).out)
        assert without_timings(line) == without_timings(alone)
    assert "\\u" not in done.out


def test_markdown_has_a_title_a_summary_and_a_list_of_warnings(run):
    done = run("digest", "--format", "markdown", "item.txt")
    lines = done.out.splitlines()
    assert lines[0] == "# EN: Xa vung bien mo phien cho nong san dau mua mua [1]"
    assert lines[2] == "## Summary" and lines[4].startswith("EN: ")
    assert "*Nguyen Hoa*" in lines and "*Photo: Nguyen Hoa*" in lines
    assert lines[lines.index("## Warnings") + 2].startswith("- **Untranslated** [1]: ")
    assert lines[-1].startswith("Translation: fake (sha256:0) on fake 1. ")


def test_a_summary_taken_from_the_translation_says_so_and_warns(folder, env):
    """A model whose figures the item does not have gets no say."""
    script = (
        "from models.registry import register; from service.cli import main\n"
        "import tests.fake_engine as fake\n"
        "echo = fake.echo\n"
        "invent = lambda one: 'They sold 987654 goods.'\n"
        "asked = lambda one: one.source.startswith(('This is ', 'Summarize '))\n"
        "fake.echo = lambda one, options: invent(one) if asked(one) else echo(one, options)\n"
        "register('fake', 'tests.fake_engine:load'); main(prog_name='diemtin')"
    )
    for form, mark in (("text", "SUMMARY"), ("markdown", "## Summary")):
        command = [sys.executable, "-c", script, "summarize", "--format", form, "item.txt"]
        done = subprocess.run(command, cwd=folder, env=env, capture_output=True, timeout=PATIENCE_S)
        out = done.stdout.decode()
        assert out.startswith(f"{mark} (taken from the translation)\n"), done.stderr
        assert out.splitlines()[-1].startswith(("! summary: ", "- **Summary**: "))
        assert "987654" in out.splitlines()[-1]


def test_style_and_word_limit_reach_the_summary(run):
    title, *bullets = run("summarize", "--style", "bullets", "item.txt").out.splitlines()
    assert title == "SUMMARY"
    assert bullets and all(re.fullmatch(r"- .+ \[\d(, \d)*\]", line) for line in bullets)
    done = run(
        "summarize", "--style", "sentence", "--max-words", "12", "--format", "json", "item.txt"
    )
    summary = json.loads(done.out)["summary"]
    assert summary["style"] == "sentence" and summary["words"] <= 12
    assert len(summary["sentences"]) == 1


def test_html_is_known_by_its_name_or_by_a_flag(run):
    named = run("translate", "--format", "json", "page.html")
    piped = run("translate", "--format", "json", "--html", stdin=PAGE)
    assert json.loads(named.out)["elements"] == json.loads(piped.out)["elements"]
    assert "<" not in "".join(one["source"] for one in json.loads(named.out)["elements"])


def test_a_byte_order_mark_and_utf_16_are_read(run):
    done = run("translate", "--format", "json", "bom.txt")
    wide = run("translate", "--format", "json", "wide.txt")
    assert json.loads(done.out)["elements"] == json.loads(wide.out)["elements"]
    assert json.loads(done.out)["elements"][0]["source"] == SHORT


def test_diacritics_are_kept_on_request(run):
    assert "Photo: Nguyễn Hoa" in run("translate", "--keep-diacritics", "item.txt").out


def test_the_glossary_reaches_the_prompt(folder, env):
    """The command's own glossary goes where the service's goes: into the instruction."""
    script = (
        "import sys; from models.registry import register; from service.cli import main\n"
        "import tests.fake_engine as fake\n"
        "fake.echo = lambda one, options: one.instruction\n"
        "register('fake', 'tests.fake_engine:load'); main(prog_name='diemtin')"
    )
    command = [sys.executable, "-c", script, "translate", "--glossary", "terms.csv", "short.txt"]
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, timeout=PATIENCE_S)
    assert "thu hút đầu tư = INVESTMENT PULL" in done.stdout.decode()


def test_terms_are_told_on_request_alone(run):
    plain = run("translate", "--glossary", "terms.csv", "short.txt").out
    assert "TERMS" not in plain and "! term [1]: “INVESTMENT PULL”" in plain
    told = run("translate", "--glossary", "terms.csv", "--terms", "short.txt").out
    table = told.partition("\n\nTERMS found ")[2].splitlines()
    assert "- [1] thu hút đầu tư = INVESTMENT PULL (your glossary)" in table
    assert "## Terms" in run("digest", "--terms", "--format", "markdown", "short.txt").out
    both = run("translate", "--terms", "short.txt", "short.txt").out
    assert both.count("TERMS found") == 2
    line = json.loads(run("translate", "--terms", "--format", "json", "short.txt").out)
    assert line["elements"][0]["terms"]


def test_places_are_told_on_request_alone(run, folder):
    (folder / "former.txt").write_text("Sáng 12-5, hộ dân tỉnh Bình Định đến xã Ia Mơ.", "utf-8")
    assert "PLACES" not in run("translate", "former.txt").out
    told = run("translate", "--places", "--terms", "former.txt").out.partition("\n\nPLACES ")[2]
    count, former, current, _, terms = told.splitlines()[:5]
    assert (count, current) == ("2", "- Ia Mo commune, Gia Lai province")
    assert former.startswith("- Binh Dinh province: merged into Gia Lai province")
    assert terms.startswith("TERMS found ")
    markdown = run("digest", "--places", "--format", "markdown", "former.txt").out
    assert "\n\n## Places\n\n- Binh Dinh province: merged" in markdown
    both = run("translate", "--places", "former.txt", "former.txt").out
    assert both.count("PLACES 2") == 2
    whole = json.loads(run("digest", "--places", "--format", "json", "former.txt").out)
    assert [one["english"] for one in whole["places"]] == ["Binh Dinh province", "Ia Mo commune"]


BAD_INPUTS = [
    ("empty.txt", "The text is empty"),
    ("english.txt", "seems to be English"),
    ("latin.txt", "not UTF-8 text (byte "),
    ("broken.txt", "told to fail"),
    ("none.txt", "No such file"),
    (".", "directory"),
]


def test_bad_inputs_are_named_on_stderr_and_harm_no_other(run):
    names = [name for name, _ in BAD_INPUTS]
    done = run("translate", "--format", "json", *names, "short.txt")
    assert done.code == 3
    assert json.loads(done.out)["elements"][0]["source"] == SHORT
    lines = done.err.splitlines()
    assert len(lines) == len(BAD_INPUTS)
    for line, (name, message) in zip(lines, BAD_INPUTS, strict=True):
        assert line.startswith(f"Error: {name}: ") and message.lower() in line.lower()


@pytest.mark.parametrize(
    ("files", "code"), [(["empty.txt"], 1), (["empty.txt", "latin.txt"], 4), (["-"], 1)]
)
def test_the_exit_status_tells_how_many_failed(run, files, code):
    done = run("digest", *files)
    assert (done.code, done.out) == (code, "")
    assert done.err.count("Error: ") == len(files)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["digest", "--max-words", "5", "item.txt"], "--max-words"),
        (["digest", "--style", "poem", "item.txt"], "'sentence', 'short', 'bullets'"),
        (["translate", "--style", "short", "item.txt"], "--style"),
        (["digest", "--format", "pdf", "item.txt"], "'json', 'markdown', 'text'"),
        (["digest", "--glossary", "none.csv", "item.txt"], "none.csv"),
        (["serve", "--port", "66000"], "--port"),
        (["serve", "--glossary", "none.csv"], "none.csv"),
        (["summarize", "--terms", "item.txt"], "--terms"),
        (["summarize", "--places", "item.txt"], "--places"),
        (["translat"], "No such command"),
    ],
)
def test_usage_errors_exit_2_and_name_the_option(arguments, message):
    done = CliRunner().invoke(main, arguments)
    assert (done.exit_code, done.stdout) == (2, "")
    assert message in done.stderr


def test_a_malformed_glossary_row_is_named_by_its_line(run, folder):
    (folder / "terms.csv").write_text("source,target\nchợ,market\nkhu phố\n", "utf-8")
    done = run("digest", "--glossary", "terms.csv", "item.txt")
    assert (done.code, done.out) == (1, "")
    assert "terms.csv, line 3: 2 columns wanted, 1 found" in done.err
    assert "Traceback" not in done.err
    done = run("serve", "--port", "0", "--glossary", "terms.csv")
    assert (done.code, done.out) == (1, "")
    assert "terms.csv, line 3: 2 columns wanted, 1 found" in done.err


@pytest.mark.parametrize(
    ("name", "value", "arguments"),
    [
        ("DIEMTIN_THREDS", "4", ["digest", "item.txt"]),
        ("DIEMTIN_THREADS", "four", ["serve", "--port", "0"]),
        ("DIEMTIN_CONTEXT", "10", ["models", "list"]),
    ],
)
def test_a_wrong_variable_stops_every_command_and_is_named(run, name, value, arguments):
    done = run(*arguments, **{name: value})
    assert (done.code, done.out) == (1, "")
    assert name in done.err and "Traceback" not in done.err


def test_an_unknown_model_names_the_known_ones(run):
    done = run("--translator", "huge", "digest", "item.txt")
    assert (done.code, done.out) == (1, "")
    assert "Unknown model 'huge'; the catalogue has: fake." in done.err


def test_absent_weights_name_the_remedy(run, folder):
    done = run("models", "path", "fake", DIEMTIN_MODELS_DIR=str(folder / "none"))
    assert (done.code, done.out) == (1, "")
    assert "diemtin models pull fake" in done.err


def test_the_models_folder_comes_from_the_nearest_flag_then_the_variable(run, folder):
    def folder_of(*arguments):
        (shown,) = json.loads(run(*arguments).out)
        return shown["path"].rpartition("/")[0]

    top = ("--models-dir", "top")
    own = ("models", "--models-dir", "own", "list", "--json")
    assert folder_of("models", "list", "--json") == str(folder / "models")
    assert folder_of(*top, "models", "list", "--json") == "top"
    assert folder_of(*own) == folder_of(*top, *own) == "own"


def test_verbose_tells_more_on_stderr_only(run):
    quiet, loud = run("translate", "short.txt"), run("-vv", "translate", "short.txt")
    assert loud.code == 0
    assert loud.out.splitlines()[:2] == quiet.out.splitlines()[:2]
    assert SHORT[:12] not in loud.err


def commands(group, path=()):
    yield path
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name)


def help_of(path):
    context = click.Context(main, info_name="diemtin")
    command = main
    for name in path:
        command = command.commands[name]
        context = click.Context(command, info_name=name, parent=context)
    return command.get_help(context)


def examples_in(text):
    _, _, after = re.split(r"^\s*(Examples?):\n", text, flags=re.MULTILINE)
    return [line.strip() for line in after.strip().splitlines()]


ALL_COMMANDS = list(commands(main))


@pytest.mark.parametrize("path", ALL_COMMANDS, ids=" ".join)
def test_help_ends_with_examples_of_that_command(path):
    examples = examples_in(help_of(path))
    assert examples
    for example in examples:
        assert " ".join(("diemtin", *path)) in example, "the help must end with its examples"


def runnable():
    found = {line for path in ALL_COMMANDS for line in examples_in(help_of(path))}
    # `serve` and `worker` run until they are stopped, `models` has the shipped catalogue's
    # names in it, and `bench engines` takes an hour but for its smallest shape;
    # test_archive_cli has those of `archive`.
    unfit = r"diemtin (archive|serve|worker|models (pull|.*qw)|bench engines(?! --shape tiny))"
    return sorted(line for line in found if not re.search(unfit, line))


@pytest.fixture
def shell(folder, env):
    """A shell in which `diemtin` is the command with the fake engine."""
    script = folder / "bin" / "diemtin"
    script.parent.mkdir()
    script.write_text(f'#!/bin/sh\nexec {sys.executable} -m tests.fake_service "$@"\n')
    script.chmod(0o755)
    path = {"PATH": f"{script.parent}:{os.environ['PATH']}"}
    return lambda line: subprocess.run(
        ["sh", "-c", line], cwd=folder, env=env | path, capture_output=True, timeout=PATIENCE_S
    )


def test_there_are_examples_to_run():
    assert len(runnable()) >= 10
    assert any("bench units" in line for line in runnable())
    assert any("bench engines" in line for line in runnable())


@pytest.mark.parametrize("line", runnable())
def test_examples_work(shell, folder, line):
    done = shell(line)
    assert (done.returncode, done.stderr) == (0, b""), line
    written = (folder / "item.md").read_bytes() if "> item.md" in line else done.stdout
    assert written.strip()


@pytest.mark.parametrize("path", [("serve",)])
def test_examples_of_serve_parse(path):
    for example in examples_in(help_of(path)):
        _, name, *arguments = example.split()
        assert main.commands[name].make_context(name, arguments).params
