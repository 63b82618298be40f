import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from models.engine import DecodeOptions, EngineInput
from models.recipes import Recipe
from tests.tiny_checkpoints import MEMORISED, WINDOW, cached_memorised, make_checkpoint
from tests.torch_lab import (
    FLOAT32,
    SEQ2SEQ,
    SOURCES,
    TARGETS,
    VARIED,
    engine_of,
    ids_of,
    knowing,
    open_engine,
    texts,
    tokens,
    watched,
)


@pytest.mark.parametrize("family", SEQ2SEQ)
@pytest.mark.parametrize(
    "options",
    [VARIED, replace(VARIED, beam_size=3), replace(VARIED, temperature=0.8, seed=5)],
    ids=["greedy", "beams", "sampled"],
)
def test_a_batch_gives_what_each_source_gives_alone(family, options):
    engine = engine_of(family)
    inputs = [EngineInput(source) for source in SOURCES[:7]]
    together = engine.generate(inputs, options)
    assert together == [engine.generate([one], options)[0] for one in inputs]
    assert all(hypothesis.text for hypothesis in together)
    assert len({hypothesis.text for hypothesis in together}) > 1


@pytest.mark.parametrize("family", SEQ2SEQ)
def test_traits_tell_the_window_and_the_language(family):
    traits = engine_of(family).traits
    assert not traits.instructed
    assert traits.window == WINDOW
    assert traits.beam_size == FLOAT32.beam_size
    assert traits.batch_tokens > 0
    assert traits.language == ("vi" if family == "bartpho" else "en")


@pytest.mark.parametrize(
    ("family", "first", "last"),
    [
        ("marian", "▁B", "</s>"),
        ("mbart", "vi_VN", "</s>"),
        ("mbart-vinai", "▁B", "vi_VN"),
        ("m2m100", "__vi__", "</s>"),
        ("nllb", "vie_Latn", "</s>"),
        ("t5", "▁B", "</s>"),
        ("madlad", "<2en>", "</s>"),
        ("bart", "<s>", "</s>"),
        ("bartpho", "<s>", "</s>"),
        ("pegasus", "▁B", "</s>"),
    ],
)
def test_the_source_carries_the_marks_of_its_family(family, first, last):
    engine = engine_of(family)
    with watched(engine) as steps:
        texts(engine, ["B"])
    read = [token for token in tokens(engine, steps.batches[0][0]) if token != "▁"]
    assert (read[0], read[-1]) == (first, last)


@pytest.mark.parametrize(
    ("family", "begin"),
    [
        ("marian", ["<pad>"]),
        ("mbart", ["</s>", "en_XX"]),
        ("mbart-vinai", ["en_XX"]),
        ("m2m100", ["</s>", "__en__"]),
        ("nllb", ["</s>", "eng_Latn"]),
        ("t5", ["<pad>"]),
        ("bart", ["</s>", "<s>"]),
        ("bartpho", ["</s>"]),
        ("pegasus", ["<pad>"]),
    ],
)
@pytest.mark.parametrize("beam_size", [1, 3])
def test_the_target_begins_as_its_family_wants(family, begin, beam_size):
    engine = engine_of(family)
    options = replace(VARIED, beam_size=beam_size)
    with watched(engine) as steps:
        hypotheses = engine.generate([EngineInput(source) for source in SOURCES[:3]], options)
    rows = [tokens(engine, row) for row in steps.begun(len(begin) + 1)]
    assert len(rows) == 3 * beam_size
    assert all(row[:-1] == begin and row[-1] not in begin for row in rows)
    for hypothesis in hypotheses:  # the marks count for nothing and are not shown
        assert hypothesis.target_tokens <= 12
        assert not any(mark in hypothesis.text for mark in begin)


def test_the_older_mbart_starts_from_the_language_whatever_its_configuration_says(tmp_path):
    folder = make_checkpoint("mbart-vinai", tmp_path / "mbart")
    for name in ("config.json", "generation_config.json"):
        config = json.loads((folder / name).read_text(encoding="utf-8"))
        config["decoder_start_token_id"] = 2
        (folder / name).write_text(json.dumps(config), encoding="utf-8")
    assert texts(open_engine("mbart-vinai", folder), SOURCES[:3]) == texts(
        engine_of("mbart-vinai"), SOURCES[:3]
    )


@pytest.mark.parametrize("family", ["marian", "mbart", "mbart-vinai", "m2m100", "nllb", "t5"])
def test_the_target_goes_on_from_a_prefix(family):
    engine = engine_of(family)
    inputs = [EngineInput(SOURCES[0], prefix="The"), EngineInput(SOURCES[1], prefix="The road")]
    with watched(engine) as steps:
        together = engine.generate(inputs, VARIED)
    for one, first in zip(inputs, (s for s in steps.targets if len(s[0]) > 1), strict=True):
        assert engine._tokenizer.decode(first[0], skip_special_tokens=True).strip() == one.prefix
    assert together == [engine.generate([one], VARIED)[0] for one in inputs]
    assert not any(h.text.startswith("The") for h in together)


def test_a_prefix_of_what_it_knows_is_continued_with_the_rest():
    source, target = MEMORISED[0]
    hypothesis = knowing().generate([EngineInput(source, prefix="This morning,")], DecodeOptions())[
        0
    ]
    assert f"This morning, {hypothesis.text}" == target


def test_the_prefixes_of_a_recipe_are_put_and_taken_off(tmp_path):
    recipe = Recipe(source_prefix="vi: ", target_prefix="en: ")
    engine = open_engine("t5", make_checkpoint("t5", tmp_path / "t5"), recipe=recipe)
    with watched(engine) as steps:
        texts(engine, ["Bão số 7"])
        texts(engine, ["Bão số 7"], prefix="The")
    read = engine._tokenizer.decode(steps.batches[0][0], skip_special_tokens=True)
    assert read == "vi: Bão số 7"
    begun = next(step[0] for step in steps.targets if len(step[0]) > 1)
    assert engine._tokenizer.decode(begun, skip_special_tokens=True).strip() == "en: The"
    assert engine._text(ids_of(engine, "en: The road")) == "The road"


def test_pegasus_writes_line_breaks_of_its_own():
    engine = engine_of("pegasus")
    ids = engine._tokenizer("One<n>two", add_special_tokens=False).input_ids
    assert engine._text(ids).split() == ["One", "two"]
    assert "\n" in engine._text(ids)


@pytest.mark.parametrize("family", SEQ2SEQ)
def test_control_tokens_in_a_source_are_plain_text(family):
    engine = engine_of(family)
    tokenizer = engine._tokenizer
    special = {*tokenizer.all_special_ids, tokenizer.convert_tokens_to_ids("<2en>")}
    special.discard(tokenizer.unk_token_id)  # the tiny vocabularies lack a letter or two
    marks = "</s> <s> <pad> <unk> <mask> en_XX eng_Latn <extra_id_0> <mask_1> <2en>"
    plain = engine._coder.encode(["Xin"])[0]
    ids = engine._coder.encode([f"Xin {marks}"])[0]
    assert [i for i in ids if i in special] == [i for i in plain if i in special]


@pytest.mark.parametrize("beam_size", [1, 5])
@pytest.mark.parametrize("compute_type", ["float32", "bfloat16"])
def test_every_memorised_pair_comes_out_batched_and_alone(compute_type, beam_size):
    engine, options = knowing(compute_type), DecodeOptions(beam_size=beam_size)
    assert texts(engine, SOURCES, options) == TARGETS
    assert [texts(engine, [source], options)[0] for source in SOURCES] == TARGETS
    assert engine.provenance(options).engine_version.endswith(compute_type)


def test_small_batches_give_the_same_in_order():
    engine = open_engine("marian", cached_memorised(), replace(FLOAT32, batch_tokens=70))
    with watched(engine) as steps:
        assert texts(engine, SOURCES, DecodeOptions()) == TARGETS
    assert len(steps.batches) > 5
    assert all(len(batch) * len(batch[0]) <= 70 for batch in steps.batches)
    assert engine.traits.batch_tokens == 70


def test_many_threads_get_the_same_results():
    def ask(place):
        source, target = MEMORISED[place % len(MEMORISED)]
        count = knowing().count_tokens([source])[0]
        hypothesis = knowing().generate([EngineInput(source)], DecodeOptions(beam_size=2))[0]
        return hypothesis.text == target and hypothesis.source_tokens == count

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(ask, range(60)))


def test_a_hypothesis_tells_its_tokens_and_its_origin():
    options = DecodeOptions()
    hypothesis = knowing().generate([EngineInput(SOURCES[0])], options)[0]
    assert hypothesis.source_tokens == knowing().count_tokens([SOURCES[0]])[0]
    assert hypothesis.target_tokens == len(ids_of(knowing(), hypothesis.text))
    assert not hypothesis.truncated
    origin = hypothesis.provenance
    assert (origin.model, origin.engine, origin.options) == ("tiny-marian", "transformers", options)
    assert len(origin.revision) == len("sha256:") + 64


def test_no_inputs_give_no_hypotheses():
    assert knowing().generate([], DecodeOptions()) == []


def test_it_decodes_what_transformers_alone_decodes(tmp_path):
    """The publisher's own lines, with beams, against the engine."""
    from transformers import AutoTokenizer, MBartForConditionalGeneration

    folder = make_checkpoint("mbart", tmp_path / "mbart")
    tokenizer = AutoTokenizer.from_pretrained(folder, src_lang="vi_VN")
    model = MBartForConditionalGeneration.from_pretrained(folder)
    given = tokenizer(SOURCES[:5], padding=True, return_tensors="pt")
    english = tokenizer.convert_tokens_to_ids("en_XX")
    made = model.generate(
        **given,
        forced_bos_token_id=english,
        num_beams=4,
        max_new_tokens=15,
        forced_eos_token_id=None,
    )
    expected = [text.strip() for text in tokenizer.batch_decode(made, skip_special_tokens=True)]
    options = DecodeOptions(beam_size=4, max_tokens=14)
    assert texts(open_engine("mbart", folder), SOURCES[:5], options) == expected


def test_an_id_that_only_the_padded_model_has_writes_nothing():
    engine = engine_of("marian")
    known = engine._coder.encode_input(EngineInput("", prefix="The district"), DecodeOptions())
    assert engine._text([*known.prefix, 99_999]) == "The district"
