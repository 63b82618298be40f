"""The comparison of extractive summaries: its figures by hand, and what the command prints."""

import json
import os
import subprocess
import sys

import pytest
from click.testing import CliRunner

from models.attribution import Paragraph
from models.extractive import extract_sentences, in_order, item_sentences
from service.bench_summaries import (
    FALLBACK,
    LIBRARY,
    ROUGES,
    after_lead,
    compare_summaries,
    count_held,
    find_facts,
    library_ranking,
    summarised_paragraphs,
)
from service.benchmark import Split, load_benchmark
from service.cli_bench_summaries import show_summaries
from tests.processes import ROOT

REFERENCE = (
    "On October 13, Gia Lai Provincial Police held four people and a car on National Highway 19, "
    "said Rơ Mah Thuý. Visitors left."
)
PATIENCE_S = 60
ARTICLE = [Paragraph(number, "", f"Sentence {number} stands here.") for number in range(3)]


@pytest.fixture(scope="module")
def comparison():
    return compare_summaries(Split.DEV)


@pytest.mark.parametrize(
    ("text", "held"),
    [
        (REFERENCE, 6),
        ("", 0),
        ("On 13 October, 4 people were held.", 2),
        ("Highway 19 is National.", 2),
        ("Rơ Mah Thuý spoke.", 1),
        ("Rơ Mah Thương spoke.", 0),
        ("Police of Gia Lai held 14 on October 3.", 0),
    ],
)
def test_figures_count_by_value_and_names_by_all_their_words(text, held):
    facts = find_facts(REFERENCE)
    assert (len(facts.figures), len(facts.names), len(facts)) == (3, 3, 6)
    assert count_held(facts, text) == held


def test_the_paragraphs_are_those_that_a_digest_summarises():
    item = load_benchmark(Split.DEV)[0]
    paragraphs = summarised_paragraphs(item)
    told = [one.target for one in paragraphs]
    assert told[0] == item.reference[0]
    assert set(item.reference) - set(told) == {
        "The suspects and the exhibits at the police station."
    }
    assert item_sentences(paragraphs)[0].text.startswith("On the afternoon of October 13")


@pytest.mark.parametrize("method", LIBRARY)
def test_every_method_ranks_every_sentence_once(method):
    for item in load_benchmark(Split.DEV)[:5]:
        sentences = item_sentences(summarised_paragraphs(item))
        for headlines in ([], [item.reference[0]]):
            ranked = library_ranking(method, headlines)(sentences)
            assert sorted(ranked) == list(range(len(sentences)))
            assert list(library_ranking(method, headlines)(sentences)) == list(ranked)


def test_the_methods_disagree_with_each_other():
    headline, *rest = summarised_paragraphs(load_benchmark(Split.DEV)[0])
    sentences = item_sentences(rest)
    orders = {one: tuple(library_ranking(one, [headline.target])(sentences)) for one in LIBRARY}
    assert len(set(orders.values())) == len(LIBRARY)


def test_the_lead_goes_before_what_a_method_ranks_first():
    ranked = after_lead(lambda _: [2, 0, 1])
    assert list(ranked(item_sentences(ARTICLE))) == [0, 2, 1]
    assert extract_sentences([], 60, 3, after_lead(in_order)) == []


def test_the_comparison_covers_the_split_and_every_method(comparison):
    assert comparison.items == 20
    assert comparison.facts > 100
    assert len(comparison.sha256) == 64
    assert "sumy " in comparison.signature and "60 words and 3 sentences" in comparison.signature
    names = [one.method for one in comparison.scores]
    assert {"lead-1", "lead-3", FALLBACK, *LIBRARY} < set(names)
    assert len(names) == len(set(names)) == 4 + 2 * len(LIBRARY)
    for one in comparison.scores:
        assert tuple(one.rouge) == ROUGES
        assert all(0 < value < 100 for value in (*one.rouge.values(), one.fact_recall))
        assert one.words <= 60 or one.method == "lead-3"


def test_no_ranking_of_the_library_earns_its_place_over_the_fallback(comparison):
    scores = {one.method: one for one in comparison.scores}
    ours = scores[FALLBACK]
    for name in ("lead-3", "headline and lead, within the limit", *LIBRARY):
        assert all(ours.rouge[rouge] > scores[name].rouge[rouge] for rouge in ROUGES), name
    for name in LIBRARY:
        theirs = scores[f"lead + {name}"]
        assert all(theirs.rouge[rouge] < ours.rouge[rouge] + 1 for rouge in ROUGES), name
        assert theirs.fact_recall < ours.fact_recall + 1, name
    assert ours.fact_recall > scores["lead-1"].fact_recall


def test_the_command_prints_a_table_or_one_object(comparison):
    table = CliRunner().invoke(show_summaries, [], catch_exceptions=False).output
    for one in comparison.scores:
        [line] = [line for line in table.splitlines() if line.startswith(f"{one.method}  ")]
        values = [*one.rouge.values(), one.fact_recall, one.words]
        assert line.removeprefix(one.method).split() == [f"{value:.1f}" for value in values]
    assert comparison.sha256 in table and comparison.signature in table
    printed = CliRunner().invoke(show_summaries, ["--json"], catch_exceptions=False).output
    told = json.loads(printed)
    assert (told["split"], told["items"], told["sha256"]) == ("dev", 20, comparison.sha256)
    assert [one["method"] for one in told["scores"]] == [one.method for one in comparison.scores]


@pytest.mark.parametrize("module", ["sumy", "rouge_score"])
def test_a_missing_library_is_named_with_what_installs_it(module):
    hidden = f"import sys; sys.modules[{module!r}] = None; from service.cli import main; main()"
    ended = subprocess.run(
        [sys.executable, "-c", hidden, "bench", "summaries"],
        cwd=ROOT,
        env=os.environ,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
    )
    assert ended.returncode == 1
    assert module in ended.stderr and "pip install 'diemtin[eval]'" in ended.stderr
    assert "Traceback" not in ended.stderr and not ended.stdout
