"""Terms got into the English of models that take no instruction.

The figures are of a tiny model that was taught a wrong rendering two times in three; they show
that the mechanisms work, and nothing of how well a real model translates.
"""

from dataclasses import replace
from functools import cache

import pytest

from models.catalogue import Catalogue
from models.ctranslate2_engine import load as load_ctranslate2
from models.engine import DecodeOptions, EngineInput, EngineSettings, EngineWrapper, Hypothesis
from models.errors import BadConfig
from models.fidelity import IssueKind
from models.lexicon import Entry, Lexicon, load_lexicon
from models.pieces import Reader
from models.source_help import help_source
from models.store import WeightsStore
from models.transformers_engine import load as load_transformers
from models.translation import judge
from models.translator import TranslateOptions, Translator
from tests.fake_engine import FakeEngine
from tests.test_translator import DEDICATED
from tests.tiny_checkpoints import tiny_card
from tests.tiny_renderings import RENDERINGS, cached_renderings, held_out

ENGINES = {"ctranslate2": load_ctranslate2, "transformers": load_transformers}
ITEMS = held_out()
SOURCES = [source for source, _ in ITEMS]
BUILT_IN = Lexicon(Entry((source,), right) for source, right, _ in RENDERINGS)
PLAIN = TranslateOptions()
USERS = TranslateOptions(glossary=tuple((source, right) for source, right, _ in RENDERINGS))


class Counting(EngineWrapper):
    """Counts inputs; without beams, it keeps the best hypothesis alone."""

    def __init__(self, engine, beams=True):
        super().__init__(engine)
        self.inputs = 0
        self._beams = beams

    def generate(self, inputs, options):
        self.inputs += len(inputs)
        made = self.engine.generate(inputs, options)
        return made if self._beams else [replace(one, alternatives=()) for one in made]


@cache
def engine_of(name):
    folder = cached_renderings()
    settings = EngineSettings(compute_type="float32", device="cpu", threads=1)
    store = WeightsStore(folder.parent / "store", Catalogue({}, {}))
    return ENGINES[name](tiny_card("marian", folder), store, settings)


def count_right(done):
    return sum(wanted in one.target for one, (_, wanted) in zip(done, ITEMS, strict=True))


def translate(name, lexicon, options=PLAIN, beams=True, **more):
    counting = Counting(engine_of(name), beams)
    done = Translator(counting, lexicon, **more).translate(SOURCES, options)
    return done, counting.inputs


@pytest.mark.parametrize("name", ENGINES)
def test_a_choice_among_the_beams_lifts_the_terms_without_another_input(name):
    bare, asked = translate(name, BUILT_IN, beams=False)
    chosen, asked_of_beams = translate(name, BUILT_IN)
    assert asked == asked_of_beams == len(ITEMS)
    assert count_right(bare) <= len(ITEMS) // 2
    assert count_right(chosen) >= count_right(bare) + len(ITEMS) // 4
    for one, (_, wanted) in zip(chosen, ITEMS, strict=True):
        assert [hit.used is not None for hit in one.terms] == [wanted in one.target]
        assert one.issues == ()  # of built-in terms, missing English is told and no fault


@pytest.mark.parametrize("name", ENGINES)
@pytest.mark.parametrize("beams", [True, False])
def test_english_in_the_source_brings_the_users_terms(name, beams):
    first, _ = translate(name, Lexicon(()), USERS, beams, second_attempts=False)
    done, asked = translate(name, Lexicon(()), USERS, beams)
    assert count_right(first) < count_right(done)
    assert count_right(done) >= 0.9 * len(ITEMS)
    assert asked > len(ITEMS)
    warned = [one for one in done if one.issues]
    assert {issue.kind for one in warned for issue in one.issues} <= {IssueKind.TERM}
    assert all(one.terms[0].used is None for one in warned)


@pytest.mark.parametrize("name", ENGINES)
def test_the_other_beams_of_both_engines_are_whole_different_texts(name):
    engine, inputs = engine_of(name), [EngineInput(source) for source in SOURCES[:8]]
    options = DecodeOptions(beam_size=5, ascii_only=True)
    alone = engine.generate(inputs, options)
    together = engine.generate(inputs, replace(options, hypotheses=5))
    assert [one.text for one in together] == [one.text for one in alone]
    assert {one.alternatives for one in alone} == {()}
    assert all(len(one.alternatives) >= 2 for one in together)
    for one in together:
        texts = [one.text, *one.alternatives]
        assert len(set(texts)) == len(texts) and all(texts)
    cut = engine.generate(inputs, replace(options, hypotheses=5, max_tokens=3))
    assert all(one.truncated and not one.alternatives for one in cut)
    sampled = replace(options, hypotheses=5, temperature=0.5)
    assert {one.alternatives for one in engine.generate(inputs, sampled)} == {()}


@pytest.mark.parametrize("name", ENGINES)
def test_fewer_hypotheses_are_the_first_of_more(name):
    options = DecodeOptions(beam_size=5, ascii_only=True)
    inputs = [EngineInput(source) for source in SOURCES[:8]]
    five, two = (
        engine_of(name).generate(inputs, replace(options, hypotheses=wanted)) for wanted in (5, 2)
    )
    assert [one.alternatives for one in two] == [one.alternatives[:1] for one in five]


@pytest.mark.parametrize(("hypotheses", "beam_size"), [(0, 5), (6, 5), (2, 1)])
def test_no_search_gives_more_hypotheses_than_it_has_beams(hypotheses, beam_size):
    with pytest.raises(BadConfig, match="widen the beam or ask for fewer"):
        DecodeOptions(hypotheses=hypotheses, beam_size=beam_size)


SOURCE = "Sáng 5-6, ông Lê Văn Tám trao 46 suất quà tại xã Ia Mơ."
RIGHT = "On the morning of June 5, Mr. Le Van Tam presented 46 gifts in Ia Mo Commune."
VILLAGE = RIGHT.replace("Commune", "village")
GAVE = RIGHT.replace("presented", "gave")
CHOICES = {
    "the lightest issues win": ([RIGHT.replace("46", "64"), RIGHT], RIGHT),
    "then the most terms": ([VILLAGE, RIGHT], RIGHT),
    "issues weigh more than terms": ([VILLAGE, RIGHT.replace("46", "6")], VILLAGE),
    "the first in a draw": ([RIGHT, GAVE], RIGHT),
    "the first of two that lack one term": ([VILLAGE, GAVE.replace("Commune", "place")], VILLAGE),
    "an alternative is repaired as well": (
        [RIGHT.replace("46", "9"), RIGHT.replace("Tam", "Tham")],
        RIGHT,
    ),
}


@pytest.mark.parametrize("case", CHOICES)
def test_which_beam_is_taken(case):
    beams, wanted = CHOICES[case]
    provenance = FakeEngine(lambda one, options: "").provenance(DecodeOptions())
    hypothesis = Hypothesis(beams[0], 1, 1, False, provenance, tuple(beams[1:]))
    made = judge(Reader(load_lexicon()).read(SOURCE), hypothesis)
    assert (made.target, made.attempts) == (wanted, 1)


def test_a_whole_beam_is_better_than_one_that_was_cut():
    provenance = FakeEngine(lambda one, options: "").provenance(DecodeOptions())
    piece = Reader(load_lexicon()).read(SOURCE)
    cut = Hypothesis(RIGHT, 1, 1, True, provenance)
    assert [one.kind for one in judge(piece, cut).issues] == [IssueKind.TRUNCATED]
    other = RIGHT.replace("presented", "gave")
    made = judge(piece, replace(cut, alternatives=(other,)))
    assert (made.target, made.issues) == (other, ())


GLOSSARY = (("suất quà", "gift hampers"),)
HELPED = SOURCE.replace("suất quà", "gift hampers")
HELPS = [
    ({}, RIGHT.replace("gifts", "gift hampers"), HELPED),
    ({"gifts": "hampers"}, RIGHT.replace("gifts", "gift hampers"), HELPED),
    ({"Le Van Tam": "Mr. Eight"}, RIGHT, SOURCE.replace("Lê Văn Tám", "Le Van Tam")),
    ({"46 ": ""}, RIGHT, None),
]


@pytest.mark.parametrize(("fault", "second", "asked"), HELPS)
def test_a_second_attempt_gets_the_lost_terms_and_names_in_english(fault, second, asked):
    first = RIGHT
    for right, wrong in fault.items():
        first = first.replace(right, wrong)
    glossary = GLOSSARY if "hampers" in second else ()
    engine = FakeEngine(
        lambda one, options: first if options.beam_size == 5 else second, traits=DEDICATED
    )
    [done] = Translator(engine, load_lexicon()).translate(
        [SOURCE], TranslateOptions(glossary=glossary)
    )
    assert (done.target, done.issues, done.attempts) == (second, (), 2)
    assert [one.source for one, _ in engine.calls] == [SOURCE, asked or SOURCE]


def test_a_helped_attempt_that_does_not_bring_the_term_is_not_kept():
    """It may mend a figure, but it was made from a source that reads oddly."""
    wrong, mended = RIGHT.replace("46", "64"), RIGHT
    engine = FakeEngine(
        lambda one, options: mended if one.source == HELPED else wrong, traits=DEDICATED
    )
    [done] = Translator(engine, load_lexicon()).translate(
        [SOURCE], TranslateOptions(glossary=GLOSSARY)
    )
    assert HELPED in [one.source for one, _ in engine.calls]
    assert (done.target, done.attempts) == (wrong, 3)
    assert {one.kind for one in done.issues} == {IssueKind.NUMBER, IssueKind.TERM}


def test_nothing_is_put_into_the_source_where_nothing_is_lost():
    lexicon = load_lexicon().with_entries(GLOSSARY)
    piece = Reader(lexicon).read("Anh Tom trao suất quà và suất quà.")
    made = Translator(FakeEngine(lambda one, options: "Tom gave."), lexicon)
    [done] = made.translate([piece.source])
    assert help_source(piece, ()) is None
    twice = "Anh Tom trao gift hampers và gift hampers."
    assert help_source(piece, [one for one in done.issues if one.kind is IssueKind.TERM]) == twice
