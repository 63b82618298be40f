"""Scores of whole outputs: perfect ones, and what exactly a corruption costs."""

from dataclasses import replace

import pytest

from models.errors import BadConfig
from models.fidelity import Issue, IssueKind
from service.benchmark import FactKind
from service.evaluation import Count, score_benchmark, score_pair
from tests.evaluation_lab import corrupt, dev_items, perfect_item, perfect_output, system_output

ITEM = dev_items()[1]  # coffee and durian of Dak Lak
WARNING = Issue(IssueKind.NUMBER, "", source_value="535.000 tấn", target_value="553,000 tonnes")


def score(*items):
    return score_benchmark(system_output(*items), dev_items(), "made by hand")


def missing(scores):
    return {one.text for one in scores.findings if one.what == "missing"}


def test_the_references_themselves_are_perfect():
    scores = score_benchmark(perfect_output(), dev_items(), "made by hand")
    texts = scores.texts
    assert [texts.bleu, texts.chrf, texts.chrf_plus_plus] == pytest.approx([100] * 3)
    assert scores.findings == ()
    assert scores.all_facts.found == scores.all_facts.total > 500
    assert all(count.percent == 100 for count in scores.facts.values())
    assert (scores.invented, scores.unwarned_invented, scores.unwarned_figures) == (0, 0, 0)
    rouge = scores.summaries.rouge
    assert [rouge.rouge1, rouge.rouge2, rouge.rouge_l] == pytest.approx([100] * 3)
    assert scores.summaries.facts.percent == 100 and scores.summaries.facts.total > 100
    assert scores.summaries.invented_names == 0
    assert (scores.translate_s, scores.summarize_s) == (2.0 * 20, 1.0 * 20)
    assert scores.segments == sum(len(item.reference) for item in dev_items())


@pytest.mark.parametrize(
    ("right", "wrong", "lost", "kind", "invented"),
    [
        ("535,000 tonnes", "553,000 tonnes", {"535.000 tấn"}, FactKind.NUMBER, 1),
        ("October 24", "October 25", {"ngày 24/10"}, FactKind.DATE, 1),
        ("Truong Ngoc Hanh", "Truong Hanh Ngoc", {"Trương Ngọc Hạnh"}, FactKind.NAME, 0),
        ("Y Bhiu Nie", "Mr. Nguyen Van Cuong", {"Y Bhiu Niê"}, FactKind.NAME, 1),
        ("auramine O", "a dye", {"chất vàng O"}, FactKind.TERM, 0),
    ],
)
def test_a_corruption_loses_exactly_what_was_corrupted(right, wrong, lost, kind, invented):
    perfect = score(perfect_item(ITEM))
    scores = score(corrupt(perfect_item(ITEM), right, wrong))
    assert missing(scores) == lost
    before, after = perfect.facts[kind], scores.facts[kind]
    assert after == Count(before.found - 1, before.total)
    assert [scores.facts[one] for one in FactKind if one is not kind] == [
        perfect.facts[one] for one in FactKind if one is not kind
    ]
    assert (scores.invented, scores.unwarned_invented) == (invented, invented)
    assert scores.unwarned_figures == (kind in (FactKind.NUMBER, FactKind.DATE))
    assert scores.texts.bleu < perfect.texts.bleu
    assert scores.summaries == perfect.summaries


def test_a_warning_on_its_segment_excuses_a_wrong_figure_but_does_not_find_it():
    made = corrupt(perfect_item(ITEM), "535,000 tonnes", "553,000 tonnes", WARNING)
    scores = score(made)
    assert missing(scores) == {"535.000 tấn"}
    assert (scores.unwarned_figures, scores.invented, scores.unwarned_invented) == (0, 1, 0)
    assert {one.warned for one in scores.findings} == {True}
    elsewhere = corrupt(perfect_item(ITEM), "Coffee", "Coffee", WARNING)
    spoilt = corrupt(elsewhere, "535,000 tonnes", "553,000 tonnes")
    assert score(spoilt).unwarned_figures == 1


def test_a_spoilt_summary_costs_the_summary_alone():
    perfect = score(perfect_item(ITEM))
    summary = ITEM.summary.replace("212,000", "221,000").replace("China", "Nguyen Thi Lua")
    scores = score(replace(perfect_item(ITEM), summary=summary))
    before, after = perfect.summaries, scores.summaries
    assert (before.facts.percent, before.invented_names) == (100, 0)
    assert after.facts.total - after.facts.found == 2
    assert after.invented_names == 1
    assert {one.text for one in scores.findings} == {"221,000 hectares", "Nguyen Thi Lua"}
    assert 50 < after.rouge.rouge_l < before.rouge.rouge_l
    assert (scores.texts, scores.facts) == (perfect.texts, perfect.facts)


def test_an_empty_output_is_worth_nothing_and_told_nowhere():
    empty = perfect_item(ITEM)
    elements = tuple(replace(one, target="") for one in empty.elements)
    scores = score(replace(empty, elements=elements, summary=""))
    assert scores.texts.bleu == 0
    assert scores.all_facts.found == 0
    figures = scores.facts[FactKind.NUMBER].total + scores.facts[FactKind.DATE].total
    assert scores.unwarned_figures == figures > 20
    assert scores.summaries.rouge.rouge1 == 0
    assert scores.summaries.facts.percent is None


def test_output_of_another_benchmark_is_refused():
    strange = replace(perfect_item(ITEM), id="dev/99-none")
    with pytest.raises(BadConfig, match="no item dev/99-none"):
        score(strange)
    short = replace(perfect_item(ITEM), elements=perfect_item(ITEM).elements[1:])
    with pytest.raises(BadConfig, match=r"has 16 translated elements and\s+17 references"):
        score(short)


SOURCES = [
    "Sáng 12-5, hợp tác xã bán 46 tấn cà phê.",
    "Ông Trần Văn Nam trồng 1.500 ha cao su.",
]
REFERENCES = [
    "On the morning of May 12, the cooperative sold 46 tonnes of coffee.",
    "Tran Van Nam grows 1,500 hectares of rubber.",
]


def test_lines_that_equal_the_reference_are_perfect():
    scores = score_pair("hand", REFERENCES, SOURCES, REFERENCES, "made by hand")
    assert scores.texts.bleu == pytest.approx(100)
    assert scores.findings == ()
    assert all(count.percent == 100 for count in scores.facts.values())
    assert (scores.unwarned_figures, scores.unwarned_invented, scores.summaries) == (None,) * 3


@pytest.mark.parametrize(
    ("right", "wrong", "found"),
    [
        ("46", "64", {("1", "missing", "number"), ("1", "invented", "number")}),
        ("1,500", "1.500", {("2", "missing", "number"), ("2", "invented", "number")}),
        ("May 12", "December 5", {("1", "missing", "date"), ("1", "invented", "date")}),
        ("Tran Van Nam", "He", {("2", "missing", "name")}),
        ("cooperative", "firm", {("1", "missing", "term")}),
        ("rubber", "rubber trees", set()),
    ],
)
def test_a_corrupted_line_is_found_with_its_number(right, wrong, found):
    spoilt = [line.replace(right, wrong) for line in REFERENCES]
    scores = score_pair("hand", spoilt, SOURCES, REFERENCES, "made by hand")
    assert {(one.where, one.what, one.kind) for one in scores.findings} == found
    assert all(one.warned is None for one in scores.findings)
