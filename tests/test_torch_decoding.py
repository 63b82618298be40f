from dataclasses import replace

import pytest

from models.engine import DecodeOptions, EngineInput
from models.errors import BadConfig, InputTooLong
from models.plain_letters import is_plain
from tests.tiny_checkpoints import WINDOW
from tests.torch_lab import (
    SEQ2SEQ,
    SOURCES,
    TARGETS,
    VARIED,
    engine_of,
    ids_of,
    knowing,
    texts,
    watched,
)


def test_a_source_longer_than_the_window_is_refused_by_its_beginning():
    source = "Mưa lớn kéo dài nhiều ngày ở các huyện miền núi. " * 20
    with pytest.raises(InputTooLong, match=f"“{source[:40]}”.*64 at most.*Split"):
        knowing().generate([EngineInput(SOURCES[0]), EngineInput(source)], DecodeOptions())


def test_the_window_is_what_count_tokens_counts():
    words = "mưa " * 100
    fitting = max(n for n in range(100) if knowing().count_tokens([words[: 4 * n]])[0] <= WINDOW)
    knowing().generate([EngineInput(words[: 4 * fitting])], DecodeOptions(max_tokens=1))
    with pytest.raises(InputTooLong):
        knowing().generate([EngineInput(words[: 4 * (fitting + 1)])], DecodeOptions(max_tokens=1))


@pytest.mark.parametrize("beam_size", [1, 3])
def test_a_target_that_meets_its_limit_says_so_and_its_neighbours_do_not(beam_size):
    options = DecodeOptions(max_tokens=18, beam_size=beam_size)
    hypotheses = knowing().generate([EngineInput(source) for source in SOURCES], options)
    for hypothesis, target in zip(hypotheses, TARGETS, strict=True):
        assert target.startswith(hypothesis.text)
        assert hypothesis.truncated is (hypothesis.target_tokens == 18)
        assert hypothesis.truncated or hypothesis.text == target
    assert {h.truncated for h in hypotheses} == {True, False}


@pytest.mark.parametrize("family", ["marian", "mbart", "bart"])
def test_a_target_stays_within_the_positions_of_the_model(family):
    options = DecodeOptions(max_tokens=500, min_tokens=500)
    hypothesis = engine_of(family).generate([EngineInput(SOURCES[0])], options)[0]
    assert hypothesis.truncated
    assert hypothesis.target_tokens < WINDOW


@pytest.mark.parametrize("family", SEQ2SEQ)
@pytest.mark.parametrize("beam_size", [1, 3])
def test_forced_tokens_are_exact_for_every_row(family, beam_size):
    engine = engine_of(family)
    counts = [3, 17, 9]
    inputs = [EngineInput(s, forced_tokens=n) for s, n in zip(SOURCES, counts, strict=False)]
    with watched(engine) as steps:
        hypotheses = engine.generate(inputs, DecodeOptions(beam_size=beam_size, max_tokens=5))
    assert [h.target_tokens for h in hypotheses] == counts
    assert not any(h.truncated for h in hypotheses)
    assert len(steps.batches) == 1


@pytest.mark.parametrize("beam_size", [1, 3])
def test_forced_tokens_hold_each_row_back_from_its_own_end(beam_size):
    counts = [40, 3, 25]
    inputs = [EngineInput(s, forced_tokens=n) for s, n in zip(SOURCES, counts, strict=False)]
    hypotheses = knowing().generate(inputs, DecodeOptions(beam_size=beam_size))
    assert [h.target_tokens for h in hypotheses] == counts


def test_forced_tokens_beyond_the_positions_are_refused():
    with pytest.raises(BadConfig, match="63 tokens at most"):
        knowing().generate([EngineInput("a", forced_tokens=64)], DecodeOptions())


def test_fewest_tokens_hold_for_every_row():
    options = DecodeOptions(min_tokens=25, max_tokens=30)
    hypotheses = knowing().generate([EngineInput(source) for source in SOURCES], options)
    assert all(25 <= h.target_tokens <= 30 for h in hypotheses)


@pytest.mark.parametrize("family", SEQ2SEQ)
@pytest.mark.parametrize("beam_size", [1, 3])
def test_ascii_only_keeps_letters_with_diacritics_out(family, beam_size):
    engine = engine_of(family)
    free = replace(VARIED, max_tokens=30, min_tokens=30, beam_size=beam_size)
    sources = SOURCES[:6]
    assert not all(is_plain(text) for text in texts(engine, sources, free))
    kept = texts(engine, sources, replace(free, ascii_only=True))
    assert all(kept)
    assert all(is_plain(text.replace("\ufffd", "")) for text in kept)


def test_ascii_only_changes_nothing_where_nothing_is_foreign():
    options = DecodeOptions(ascii_only=True, beam_size=2)
    assert texts(knowing(), SOURCES, options) == TARGETS


def test_sampling_follows_its_seed_and_disturbs_no_other_generator():
    import torch

    engine = engine_of("mbart")
    hot = DecodeOptions(max_tokens=12, temperature=1.5, seed=1)
    before = torch.random.get_rng_state()
    first = texts(engine, SOURCES[:4], hot)
    assert torch.equal(before, torch.random.get_rng_state())
    assert first == texts(engine, SOURCES[:4], hot)
    assert first != texts(engine, SOURCES[:4], replace(hot, seed=2))
    assert first != texts(engine, SOURCES[:4], replace(hot, temperature=0.0))


def test_a_low_temperature_samples_what_is_most_likely():
    cold = DecodeOptions(temperature=0.05, seed=9)
    assert texts(knowing(), SOURCES, cold) == TARGETS


def test_repetition_is_penalised_and_forbidden():
    engine = engine_of("nllb")
    loose = DecodeOptions(max_tokens=12)
    ids = [ids_of(engine, text) for text in texts(engine, SOURCES, loose)]
    assert any(len(set(row)) < len(row) // 2 for row in ids)
    for options in (replace(loose, repeat_penalty=50.0), replace(loose, no_repeat_ngram=1)):
        for hypothesis in engine.generate([EngineInput(s) for s in SOURCES], options):
            row = ids_of(engine, hypothesis.text)
            assert len(set(row)) >= len(row) - 3  # a text may tokenize otherwise than it was made


def test_a_checkpoints_habits_hold_until_the_options_say_otherwise():
    engine = engine_of("bart")
    own = engine._generation_config(20, DecodeOptions(beam_size=2))
    chosen = DecodeOptions(beam_size=2, length_penalty=0.5, no_repeat_ngram=2)
    ours = engine._generation_config(20, chosen)
    assert (own.length_penalty, own.no_repeat_ngram_size, own.early_stopping) == (2.0, 3, True)
    assert (ours.length_penalty, ours.no_repeat_ngram_size) == (0.5, 2)
    assert own.num_beams == ours.num_beams == 2


def test_a_summary_has_its_checkpoints_fewest_tokens_but_no_more_than_half_its_source():
    engine = engine_of("bart")  # at least 6, its two marks among them
    assert engine._encode(EngineInput(SOURCES[0]), DecodeOptions()).fewest == 4
    assert engine._encode(EngineInput("a"), DecodeOptions()).fewest == 1
    assert engine._encode(EngineInput("a"), DecodeOptions(min_tokens=9)).fewest == 9


def test_a_target_may_be_longer_than_the_checkpoint_would_make_it():
    engine = engine_of("bart")  # whose own limit is 40
    hypothesis = engine.generate([EngineInput("a", forced_tokens=50)], DecodeOptions())[0]
    assert hypothesis.target_tokens == 50
