"""`diemtin eval` as a process, with an engine that echoes."""

import json
import os
import re
import subprocess
import sys

import pytest

from service.evaluation_outputs import keep_output
from tests.evaluation_lab import dev_items, perfect_output, system_output
from tests.fake_home import fake_environment
from tests.processes import ROOT

PATIENCE_S = 120
SOURCES = ["Sáng 12-5, hợp tác xã bán 46 tấn cà phê.", "Ông Trần Văn Nam trồng 1.500 ha cao su."]
REFERENCES = [
    "On the morning of May 12, the cooperative sold 46 tonnes of coffee.",
    "Tran Van Nam grows 1,500 hectares of rubber.",
]
TITLES = ["Translation", "Fact recall", "Mistakes", "Summaries"]
ECHOED = "EN: Sang 12-5, hop tac xa ban 46 tan ca phe.\n"
PAIR = ("--source", "source.vi", "--reference", "reference.en")


@pytest.fixture
def run(tmp_path):
    files = {"source.vi": SOURCES, "reference.en": REFERENCES, "short.en": REFERENCES[:1]}
    files["spoilt.en"] = [line.replace("46", "64") for line in REFERENCES]
    for name, lines in files.items():
        (tmp_path / name).write_text("".join(f"{line}\n" for line in lines), "utf-8")
    env = os.environ | fake_environment(tmp_path) | {"PYTHONPATH": str(ROOT)}
    return lambda *arguments, **extra: subprocess.run(
        [sys.executable, "-W", "error", "-m", "tests.fake_service", "eval", *arguments],
        cwd=tmp_path,
        env=env | extra,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
    )


@pytest.fixture
def perfect(tmp_path):
    """A folder with kept output: the references themselves."""
    items = perfect_output().items
    for count in range(1, len(items) + 1):
        keep_output(tmp_path / "perfect", system_output(*items[:count]))


def rows(text):
    """The tables: for each title, the cells of each system."""
    tables = {}
    for block in text.split("\n\n"):
        head, *lines = block.splitlines()
        names = re.split(r" {2,}", head.strip())
        if names[0] in TITLES:
            cells = [re.split(r" {2,}", line.strip()) for line in lines]
            tables[names[0]] = {one[0]: dict(zip(names[1:], one[1:], strict=True)) for one in cells}
    return tables


def test_kept_references_are_scored_perfect_without_a_model(run, perfect):
    done = run("--from", "perfect", DIEMTIN_TRANSLATOR="none-such")
    assert (done.returncode, done.stderr) == (0, "")
    tables = rows(done.stdout)
    segments = str(sum(len(item.reference) for item in dev_items()))
    assert tables["Translation"]["hand"] == {
        "segments": segments,
        "BLEU": "100.0",
        "chrF": "100.0",
        "chrF++": "100.0",
        "terms %": "100.0",
        "seconds": "40.0",
    }
    shares = tables["Fact recall"]["hand"]
    assert list(shares) == ["all", "number", "date", "name", "term"]
    assert all(re.fullmatch(r"100\.0 \((\d+)/\1\)", share) for share in shares.values())
    assert set(tables["Mistakes"]["hand"].values()) == {"0"}
    assert list(tables["Summaries"]["hand"].values()) == [*["100.0"] * 4, "0", "20.0"]
    assert re.search(r"^benchmark dev, items 20, of 20, sha256 [0-9a-f]{64}$", done.stdout, re.M)
    assert "BLEU: nrefs:1|case:mixed|eff:no|tok:13a" in done.stdout


def test_bare_and_pipeline_run_together_and_score_alike_again(run, tmp_path):
    done = run("--split", "dev", "--items", "2", "--both", "--keep", "kept", "--json")
    assert done.returncode == 0
    found = json.loads(done.stdout)
    bare, pipeline = found["systems"]
    assert [bare["system"], pipeline["system"]] == ["bare", "pipeline"]
    assert found["origin"]["items"] == 2 and found["origin"]["of"] == 20
    seconds = [one["seconds"]["translate"] for one in (pipeline, bare)]
    assert found["pipeline_to_bare"] == pytest.approx(seconds[0] / seconds[1], rel=0.02)
    assert found["pipeline_to_bare"] > 1, "second attempts cost calls"
    facts = sum(len(item.facts) for item in dev_items()[:2])
    assert bare["fact_recall"]["all"]["total"] == facts
    assert 0 < bare["fact_recall"]["all"]["found"] < facts, "the echo keeps names, no terms"
    assert bare["term_accuracy"] == bare["fact_recall"]["term"]["percent"] < 20
    assert bare["invented"]["all"] == bare["invented"]["without_warning"] > 0
    assert pipeline["invented"]["without_warning"] == 0
    assert pipeline["wrong_figures_without_warning"] < bare["wrong_figures_without_warning"]
    again = json.loads(run("--from", "kept", "--json").stdout)
    assert again == found
    kept = json.loads((tmp_path / "kept" / "bare" / f"{dev_items()[0].id}.json").read_text("utf-8"))
    assert kept["elements"][0]["target"].startswith("EN: ")


def test_hypotheses_get_a_row_each(run):
    done = run(*PAIR, "--hypothesis", "reference.en", "--hypothesis", "spoilt.en")
    assert (done.returncode, done.stderr) == (0, "")
    tables = rows(done.stdout)
    assert list(tables) == TITLES[:3]
    assert [tables["Mistakes"][name] for name in ("reference.en", "spoilt.en")] == [
        {"invented": "0"},
        {"invented": "1"},
    ]
    right, spoilt = (tables["Translation"][name] for name in ("reference.en", "spoilt.en"))
    assert (right["BLEU"], right["terms %"], right["seconds"]) == ("100.0", "100.0", "-")
    assert float(spoilt["BLEU"]) < 100 and spoilt["terms %"] == "100.0"
    assert tables["Fact recall"]["spoilt.en"]["number"] == "50.0 (1/2)"
    assert "terms of the lexicon in the source" in done.stdout


def test_lines_are_translated_and_a_second_run_makes_only_new_ones(run, tmp_path):
    first = run(*PAIR, "--lines", "1", "--bare", "--keep", "kept.en", "--json")
    assert first.returncode == 0
    assert (tmp_path / "kept.en").read_text("utf-8") == ECHOED
    second = run(*PAIR, "--bare", "--keep", "kept.en", "--json")
    assert (tmp_path / "kept.en").read_text("utf-8").count("\n") == 2
    [one], [both] = (json.loads(done.stdout)["systems"] for done in (first, second))
    assert (one["segments"], both["segments"]) == (1, 2)
    assert 0.05 <= one["seconds"]["translate"] < both["seconds"]["translate"]
    other = run(*PAIR, "--keep", "kept.en")
    assert (other.returncode, other.stdout) == (1, "")
    assert "name another file" in other.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (
            ("--source", "source.vi", "--reference", "short.en"),
            1,
            "source.vi has 2 lines and short.en has 1",
        ),
        ((*PAIR, "--hypothesis", "short.en"), 1, "short.en has 1 lines and the source has 2"),
        ((*PAIR, "--both"), 2, "--source and --both exclude each other"),
        ((*PAIR, "--split", "dev"), 2, "--source and --split exclude each other"),
        ((*PAIR, "--hypothesis", "short.en", "--bare"), 2, "--hypothesis and --bare exclude"),
        (("--source", "source.vi"), 2, "--source needs --reference"),
        (("--hypothesis", "short.en"), 2, "--hypothesis needs --source"),
        (("--lines", "1"), 2, "--lines needs --source"),
        (("--both", "--bare"), 2, "--both and --bare exclude"),
        (("--from", ".", "--both"), 2, "--from and --both exclude"),
        (("--from", "."), 1, "holds no kept output"),
        (("--split", "train"), 2, "'dev', 'test'"),
    ],
)
def test_what_cannot_be_measured_is_told_without_a_traceback(run, arguments, code, said):
    done = run(*arguments)
    assert (done.returncode, done.stdout) == (code, "")
    assert said in " ".join(done.stderr.split()) and "Traceback" not in done.stderr
