"""The measurements beside the bare engine: that the figures add up, and what the command says."""

import os
import re
import subprocess
import sys

import pytest

from models.engine import DecodeOptions, EngineInput
from models.lexicon import load_lexicon
from service.bench import BLOCK_LINES, RecordingEngine, join_blocks, measure_overhead, measure_units
from service.normalizing import EmptyText
from tests.fake_engine import FakeEngine, echo
from tests.fake_home import fake_environment
from tests.items import ENGLISH, ITEM, SHORT
from tests.processes import ROOT

SECONDS = 0.01
PATIENCE_S = 60
LABELS = [
    "segments",
    "engine calls",
    "digest",
    "inside the engine",
    "everything around the engine",
    "the same engine calls, bare",
    "translation",
    "plain prompts on the same segments",
    "everything around the engine / inside the engine",
    "digest / the same engine calls, bare",
    "translation / plain prompts on the same segments",
]


@pytest.fixture
def slow_engine():
    return FakeEngine(echo, seconds=SECONDS)


@pytest.fixture
def bench(tmp_path):
    files = {"item.txt": ITEM, "empty.txt": " \n", "english.txt": ENGLISH}
    files |= {"names.txt": "Ảnh: Nguyễn Hoa\n", "lines.vi": f"{SHORT}\n" * 8}
    files |= {"lines.en": "They met.\n" * 8, "short.en": "They met.\n"}
    for name, text in files.items():
        (tmp_path / name).write_text(text, "utf-8")
    (tmp_path / "latin.txt").write_bytes(b"\xe9\xff")
    env = os.environ | fake_environment(tmp_path) | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "tests.fake_service", "bench"]
    return lambda *arguments: subprocess.run(
        [*command, *arguments],
        cwd=tmp_path,
        env=env,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
    )


def test_the_recorder_keeps_every_input_with_its_time(slow_engine):
    recorder = RecordingEngine(slow_engine)
    inputs, options = [EngineInput("Một."), EngineInput("Hai.")], DecodeOptions()
    told = [one.text for one in recorder.generate(inputs, options)]
    assert told == ["EN: Mot.", "EN: Hai."]
    assert [one for one, _ in slow_engine.calls] == [call.one for call in recorder.calls] == inputs
    assert all(call.seconds >= SECONDS for call in recorder.calls)
    assert recorder.provenance(options) == slow_engine.provenance(options)


def test_the_figures_of_one_digest_add_up(slow_engine):
    found = measure_overhead(slow_engine, load_lexicon(), ITEM)
    assert found.segments == 5
    assert found.calls >= found.segments + 1
    assert found.calls * SECONDS <= found.engine_s <= found.digest_s
    assert found.translate_s <= found.digest_s
    assert found.replay_s >= found.calls * SECONDS
    assert found.bare_s >= found.segments * SECONDS


def test_the_same_calls_are_made_again_and_then_plain_ones(slow_engine):
    text = f"{SHORT}\n\n{SHORT}"
    found = measure_overhead(slow_engine, load_lexicon(), text)
    warm_up, *calls = slow_engine.calls
    assert warm_up[1].max_tokens == 8
    first, again = calls[: found.calls], calls[found.calls : 2 * found.calls]
    plain = calls[2 * found.calls :]
    assert first == again
    assert len(plain) == found.segments
    [instruction] = {one.instruction for one, _ in plain}
    assert all(one.instruction.startswith(instruction) for one, _ in first[:1])
    assert len(first[0][0].instruction) > len(instruction), "the digest's own has a glossary"
    assert "People's Committee" in first[0][0].instruction
    assert "People's Committee" not in instruction


def test_an_item_with_nothing_to_translate_is_refused(slow_engine):
    with pytest.raises(EmptyText, match="nothing to translate"):
        measure_overhead(slow_engine, load_lexicon(), "Ảnh: Nguyễn Hoa")


def test_units_hold_the_same_blocks_in_fewer_calls(slow_engine):
    lines = [f"Câu thứ {n} nói về chợ." for n in range(6)]
    blocks = join_blocks(lines)
    assert [block.count("Câu") for block in blocks] == [BLOCK_LINES, 2]
    results = measure_units(slow_engine, lines)
    assert [one.unit for one in results] == ["sentences", "pairs", "paragraphs"]
    assert [one.count("EN: ") for one in results[0].hypotheses] == [4, 2]
    assert [one.count("EN: ") for one in results[1].hypotheses] == [2, 1]
    assert [one.count("EN: ") for one in results[2].hypotheses] == [1, 1]
    assert all(one.seconds >= SECONDS * 2 and one.target_tokens for one in results)


def test_the_command_tells_every_figure_and_they_agree(bench):
    done = bench("overhead", "item.txt")
    assert (done.returncode, done.stderr) == (0, "")
    rows = dict(re.fullmatch(r" *(.+?) {2,}([\d.]+)( s)?", x).groups()[:2] for x in lines(done))
    assert list(rows) == LABELS
    value = {label: float(shown) for label, shown in rows.items()}
    inside, around = value["inside the engine"], value["everything around the engine"]
    assert inside + around == pytest.approx(value["digest"], abs=0.02)
    assert value[LABELS[-3]] == pytest.approx(around / inside, abs=0.05)
    assert value[LABELS[-2]] == pytest.approx(value["digest"] / value[LABELS[5]], abs=0.05)
    assert value[LABELS[-1]] == pytest.approx(value["translation"] / value[LABELS[7]], abs=0.1)


def lines(done):
    return done.stdout.splitlines()


def test_the_units_command_scores_each_unit(bench):
    done = bench("units", "lines.vi", "lines.en")
    assert (done.returncode, done.stderr) == (0, "")
    assert [line.split()[0] for line in lines(done)] == ["sentences", "pairs", "paragraphs"]
    assert all(re.search(r"BLEU +[\d.]+  chrF +[\d.]+ ", line) for line in lines(done))


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("overhead", "empty.txt"), 1, "The text is empty"),
        (("overhead", "names.txt"), 1, "nothing to translate"),
        (("overhead", "english.txt"), 1, "seems to be English"),
        (("overhead", "latin.txt"), 1, "not UTF-8 text (byte 0)"),
        (("overhead", "none.txt"), 2, "none.txt"),
        (("units", "lines.vi", "short.en"), 2, "one line for one line"),
        (("units", "latin.txt", "short.en"), 1, "not UTF-8 text"),
    ],
)
def test_input_that_cannot_be_measured_is_told_without_a_traceback(bench, arguments, code, said):
    done = bench(*arguments)
    assert (done.returncode, done.stdout) == (code, "")
    assert said in done.stderr and "Traceback" not in done.stderr
