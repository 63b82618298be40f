"""Outputs made by a digester, kept in files and read again."""

import pytest

from models.errors import BadConfig
from models.lexicon import load_lexicon
from models.summarizer import Summarizer
from models.translator import Translator
from service.benchmark import Split
from service.evaluation_outputs import benchmark_digest, keep_output, read_kept, run_benchmark
from service.evaluation_systems import PlainSummarizer, PlainTranslator, System
from service.pipeline import Digester
from tests.evaluation_lab import dev_items, perfect_item, system_output
from tests.fake_engine import FakeEngine, echo


@pytest.fixture
def digesters():
    engine = FakeEngine(echo)
    translator = Translator(engine, load_lexicon())
    return {
        System.BARE: Digester(PlainTranslator(engine), PlainSummarizer(engine)),
        System.PIPELINE: Digester(translator, Summarizer(engine, translator)),
    }


def test_the_systems_take_turns_and_each_makes_every_item(digesters):
    items = dev_items()[:3]
    steps = list(run_benchmark(digesters, items, Split.DEV))
    assert [one.record.system for one in steps] == [
        *("pipeline", "bare"),
        *("bare", "pipeline"),
        *("pipeline", "bare"),
    ]
    last = {one.record.system: one for one in steps}
    for output in last.values():
        assert output.record.items == tuple(one.id for one in items)
        for made, item in zip(output.items, items, strict=True):
            assert len(made.translated) == len(item.reference)
            assert all(one.target.startswith("EN: ") for one in made.translated)
            assert made.summary and made.translate_s > 0 and made.summarize_s > 0
    assert any(one.issues for item in last["pipeline"].items for one in item.elements)
    assert not any(one.issues for item in last["bare"].items for one in item.elements)


def test_what_was_kept_is_read_as_it_was(digesters, tmp_path):
    steps = list(run_benchmark(digesters, dev_items()[:2], Split.DEV))
    for output in steps:
        keep_output(tmp_path, output)
    assert set(read_kept(tmp_path)) == {steps[-1], steps[-2]}
    assert not list(tmp_path.rglob("*.partial"))


def test_a_run_that_was_cut_off_keeps_what_it_had(tmp_path):
    first, second = map(perfect_item, dev_items()[:2])
    keep_output(tmp_path, system_output(first))
    assert [one.id for one in read_kept(tmp_path)[0].items] == [first.id]
    keep_output(tmp_path, system_output(first, second))
    assert [one.id for one in read_kept(tmp_path)[0].items] == [first.id, second.id]


def test_kept_output_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(BadConfig, match="holds no kept output"):
        read_kept(tmp_path)
    item = perfect_item(dev_items()[0])
    keep_output(tmp_path, system_output(item))
    path = tmp_path / "hand" / f"{item.id}.json"
    path.write_text("{}", "utf-8")
    with pytest.raises(BadConfig, match=rf"{item.id}\.json cannot be read \(malformed\)"):
        read_kept(tmp_path)
    path.unlink()
    with pytest.raises(BadConfig, match=rf"{item.id}\.json cannot be read \(No such file"):
        read_kept(tmp_path)


def test_systems_that_were_given_different_items_are_not_compared(tmp_path):
    first, second = map(perfect_item, dev_items()[:2])
    keep_output(tmp_path, system_output(first, system="one"))
    keep_output(tmp_path, system_output(second, system="two"))
    with pytest.raises(BadConfig, match="outputs of different items"):
        read_kept(tmp_path)


def test_the_halves_have_digests_of_their_own():
    dev, test = benchmark_digest(Split.DEV), benchmark_digest(Split.TEST)
    assert dev != test and len(dev) == len(test) == 64
    assert benchmark_digest(Split.DEV) == dev
