"""The bare model: what exactly it is asked, and how its long inputs are met."""

import pytest

from models.attribution import Paragraph
from models.engine import DecodeOptions, EngineTraits, Provenance
from models.errors import BadConfig, InputTooLong
from models.translator import Translator
from service.evaluation_systems import (
    PlainSummarizer,
    PlainTranslator,
    System,
    describe_provenance,
    open_digesters,
)
from tests.evaluation_lab import dev_items
from tests.fake_engine import FakeEngine
from tests.fake_home import fake_settings

SOURCE = "Sáng 12-5, UBND tỉnh Gia Lai họp. Hội nghị bàn về 46 dự án."
MOST_CHARACTERS = 40


def answer(one, options):
    return f"<{one.source}>"


def narrow(one, options):
    if len(one.source) > MOST_CHARACTERS:
        raise InputTooLong.of(one.source, 99, "fake", 9, "Split it.")
    return f"<{one.source}>"


def test_the_bare_model_gets_whole_paragraphs_and_the_plain_instruction():
    engine = FakeEngine(answer)
    [made] = PlainTranslator(engine).translate([SOURCE])
    assert (made.target, made.issues, made.attempts) == (f"<{SOURCE}>", (), 1)
    [(asked, options)] = engine.calls
    assert (asked.source, asked.instruction) == (SOURCE, Translator.plain_instruction())
    assert options.temperature == 0 and options.ascii_only


def test_an_engine_that_takes_batches_gets_one():
    engine = FakeEngine(answer, traits=EngineTraits(instructed=False, batch_tokens=100))
    made = PlainTranslator(engine).translate([SOURCE, "Hết."])
    assert [one.target for one in made] == [f"<{SOURCE}>", "<Hết.>"]
    assert engine.batches == [2]


@pytest.mark.parametrize("batch_tokens", [0, 100])
def test_what_exceeds_the_window_is_halved_and_the_rest_stays_whole(batch_tokens):
    engine = FakeEngine(narrow, traits=EngineTraits(batch_tokens=batch_tokens))
    first, second = PlainTranslator(engine).translate([SOURCE, "Hết."])
    assert (first.source, second.target) == (SOURCE, "<Hết.>")
    assert first.attempts == first.target.count("<") > 1
    assert first.target.replace("> <", " ").replace("  ", " ") == f"<{SOURCE}>"


def test_the_bare_summary_is_one_request_for_the_english():
    engine = FakeEngine(lambda one, options: "The province met. It spoke of 47 projects.")
    made = PlainSummarizer(engine).summarize(
        [Paragraph(1, SOURCE, "It met."), Paragraph(2, SOURCE, "It spoke.")]
    )
    assert made.text == "The province met. It spoke of 47 projects."
    [(asked, _)] = engine.calls
    assert asked.source == "It met.\n\nIt spoke."
    assert asked.instruction == "Summarize this news item in English in at most 60 words."


def test_a_long_item_is_summarised_by_its_beginning():
    engine = FakeEngine(narrow)
    made = PlainSummarizer(engine).summarize([Paragraph(1, SOURCE, "They met again. " * 5)])
    assert made.text.count("They met") == 2 or made.text.count("They met") == 3
    assert made.text.startswith("<They met again.")


def test_a_summarizer_of_vietnamese_cannot_be_asked_for_english():
    engine = FakeEngine(answer, traits=EngineTraits(instructed=False, language="vi"))
    with pytest.raises(BadConfig, match="--summarizer"):
        PlainSummarizer(engine)


def test_both_systems_are_made_of_the_settings_models(tmp_path, register_engine):
    with open_digesters(fake_settings(tmp_path), list(System)) as digesters:
        made = {system: one.digest(dev_items()[0].source) for system, one in digesters.items()}
    assert {one.translator.model for one in made.values()} == {"fake"}
    assert made[System.BARE].elements[0].element == made[System.PIPELINE].elements[0].element
    assert all(not one.issues for one in made[System.BARE].elements)
    assert any(one.issues for one in made[System.PIPELINE].elements)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (DecodeOptions(max_tokens=9), "greedy"),
        (DecodeOptions(beam_size=5, ascii_only=True), "ascii_only=True, beam_size=5"),
    ],
)
def test_the_provenance_line_names_what_the_english_depends_on(options, told):
    made = Provenance("m", "sha256:0123456789abcdef", "gguf", "7", options)
    assert (
        describe_provenance(made, "0.1.0")
        == f"m (sha256:0123456789ab), gguf 7, {told}, diemtin 0.1.0"
    )
