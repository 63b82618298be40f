"""The benchmark's items hold together: source, reference, summary and facts."""

import pytest

from service.benchmark import FactKind, Split, load_benchmark
from service.normalizing import normalize
from service.parsing import parse_article

ITEMS = [item for split in Split for item in load_benchmark(split)]


def test_there_are_twenty_items_a_split_of_many_kinds():
    assert [len(load_benchmark(split)) for split in Split] == [20, 20]
    assert len({item.province for item in ITEMS}) >= 15
    assert len({item.topic for item in ITEMS}) >= 15
    lengths = sorted(len(item.source.split()) for item in ITEMS)
    assert lengths[0] < 200 and lengths[-1] > 700


def test_no_two_items_share_a_sentence():
    seen = {}
    for item in ITEMS:
        for line in item.reference:
            if len(line.split()) > 6:
                assert seen.setdefault(line, item.id) == item.id


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: item.id)
def test_every_translated_element_has_its_reference(item):
    article = parse_article(normalize(item.source))
    translated = [one.text for one in article.visible if one.translatable]
    assert len(translated) == len(item.reference), translated
    for source, target in zip(translated, item.reference, strict=True):
        assert 0.4 < len(target) / len(source) < 2.5, (source, target)


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: item.id)
def test_every_fact_stands_in_the_source_and_in_the_reference(item):
    source = normalize(item.source)
    reference = "\n".join(item.reference).casefold()
    assert len(item.facts) >= 8
    assert {FactKind.NUMBER, FactKind.NAME} <= {fact.kind for fact in item.facts}
    for fact in item.facts:
        assert normalize(fact.source) in source, fact
        assert any(target.casefold() in reference for target in fact.targets), fact


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: item.id)
def test_the_summary_is_english_and_within_the_limit(item):
    assert 15 <= len(item.summary.split()) <= 60
    assert item.summary.isascii() or set(item.summary) - set(map(chr, range(128))) <= set("–—’“”")
