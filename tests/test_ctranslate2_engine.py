import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cache

import ctranslate2
import pytest

from models.catalogue import Catalogue
from models.checkpoints import open_checkpoint
from models.conversion import convert_checkpoint
from models.ctranslate2_engine import load
from models.ctranslate2_search import MOST_PLAIN_BYTES, Search
from models.engine import DecodeOptions, EngineInput, EngineSettings
from models.errors import BadConfig, EngineFailed, InputTooLong
from models.plain_letters import is_plain
from models.recipes import FAMILIES, Recipe
from models.seq2seq_coder import Coder, read_habits
from models.store import WeightsStore
from models.torch_loading import open_tokenizer
from models.transformers_engine import TransformersEngine
from tests.tiny_checkpoints import (
    FORMS,
    MEMORISED,
    WINDOW,
    make_checkpoint,
    make_memorised,
    tiny_card,
    without_weights,
    writing_unknowns,
)

FLOAT32 = EngineSettings(device="cpu", compute_type="float32", threads=2)
INT8 = replace(FLOAT32, compute_type="auto")
SEQ2SEQ = tuple(form for form in FORMS if form not in ("causal", "gemma3"))
SOURCES = [source for source, _ in MEMORISED]
TARGETS = [target for _, target in MEMORISED]
SHORT = DecodeOptions(max_tokens=12)


def open_engine(family, folder, settings=FLOAT32, recipe=None):
    store = WeightsStore(folder.parent / "store", Catalogue({}, {}))
    return load(tiny_card(family, folder, recipe), store, settings)


@pytest.fixture(scope="module")
def folder_of(tmp_path_factory):
    @cache
    def find(family):
        return make_checkpoint(family, tmp_path_factory.mktemp(family))

    return find


@pytest.fixture(scope="module")
def engine_of(folder_of):
    return cache(lambda family: open_engine(family, folder_of(family)))


@pytest.fixture(scope="module")
def memorised(tmp_path_factory):
    return make_memorised(tmp_path_factory.mktemp("memorised"))


@pytest.fixture(scope="module")
def knowing(memorised):
    """An engine, in int8, with the model that has learnt the pairs by heart."""
    return open_engine("marian", memorised, INT8)


def generate(engine, sources, options=SHORT, **extra):
    return engine.generate([EngineInput(source, **extra) for source in sources], options)


def texts(engine, sources, options=SHORT, **extra):
    return [one.text for one in generate(engine, sources, options, **extra)]


def outcome(hypothesis):
    return replace(hypothesis, provenance=None)


def without_habit(folder, key):
    path = folder / "generation_config.json"
    habits = json.loads(path.read_text())
    habits.pop(key, None)
    path.write_text(json.dumps(habits))


@pytest.mark.parametrize("beam_size", [1, 5])
@pytest.mark.parametrize("family", SEQ2SEQ)
def test_in_float32_both_engines_say_the_same(family, beam_size, tmp_path):
    folder = make_checkpoint(family, tmp_path / family)
    if family == "bart" and beam_size > 1:
        # Where n-grams are forbidden, CTranslate2 divides their probability among the rest,
        # and transformers does not: the beams' scores differ.
        without_habit(folder, "no_repeat_ngram_size")
    checkpoint = open_checkpoint(tiny_card(family, folder), FLOAT32)
    options = replace(SHORT, beam_size=beam_size)
    reference = generate(TransformersEngine(checkpoint, FLOAT32), SOURCES[:5], options)
    engine = open_engine(family, folder)
    assert list(map(outcome, generate(engine, SOURCES[:5], options))) == list(
        map(outcome, reference)
    )
    assert len({one.text for one in reference}) > 1


@pytest.mark.parametrize(
    "options",
    [
        replace(SHORT, ascii_only=True),
        replace(SHORT, repeat_penalty=1.5),
        replace(SHORT, no_repeat_ngram=2),
        replace(SHORT, min_tokens=8),
        replace(SHORT, beam_size=4, length_penalty=0.2),
        DecodeOptions(),
    ],
    ids=["ascii", "penalty", "ngram", "min", "length", "derived"],
)
@pytest.mark.parametrize("family", ["nllb", "pegasus"])
def test_both_engines_take_the_options_alike(engine_of, folder_of, family, options):
    checkpoint = open_checkpoint(tiny_card(family, folder_of(family)), FLOAT32)
    reference = generate(TransformersEngine(checkpoint, FLOAT32), SOURCES[:4], options)
    made = generate(engine_of(family), SOURCES[:4], options)
    assert list(map(outcome, made)) == list(map(outcome, reference))


@pytest.mark.parametrize("ascii_only", [False, True])
@pytest.mark.parametrize("beam_size", [1, 5])
def test_int8_says_what_the_model_learnt_batched_and_alone(knowing, beam_size, ascii_only):
    options = DecodeOptions(beam_size=beam_size, ascii_only=ascii_only)
    batched = generate(knowing, SOURCES, options)
    assert [one.text for one in batched] == TARGETS
    assert not any(one.truncated for one in batched)
    assert [generate(knowing, [source], options)[0] for source in SOURCES] == batched


@pytest.mark.parametrize("family", SEQ2SEQ)
def test_a_batch_gives_what_each_source_gives_alone(engine_of, family):
    engine = engine_of(family)
    options = DecodeOptions(max_tokens=12, beam_size=2, no_repeat_ngram=2)
    together = generate(engine, SOURCES[:7], options)
    assert together == [generate(engine, [source], options)[0] for source in SOURCES[:7]]


def test_many_threads_get_their_own_answers(knowing):
    def ask(at):
        mine = [(at + step) % len(SOURCES) for step in range(at % 5 + 1)]
        return texts(knowing, [SOURCES[one] for one in mine], DecodeOptions()) == [
            TARGETS[one] for one in mine
        ]

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(ask, range(40)))


def test_nothing_gives_nothing(knowing):
    assert knowing.generate([], SHORT) == []
    assert knowing.count_tokens([]) == []


def test_traits_and_provenance(knowing):
    traits = knowing.traits
    assert (traits.instructed, traits.window, traits.parallel_calls) == (False, WINDOW, 2)
    assert (traits.batch_tokens, traits.beam_size, traits.language) == (256, 5, "en")
    said = knowing.provenance(SHORT)
    assert (said.model, said.engine, said.options) == ("tiny-marian", "ctranslate2", SHORT)
    assert said.engine_version == f"{ctranslate2.__version__} int8"
    assert said.revision.startswith("sha256:")
    assert generate(knowing, SOURCES[:1])[0].provenance == said


def test_settings_reach_the_traits(folder_of):
    settings = replace(FLOAT32, batch_tokens=77, beam_size=3, threads=1)
    traits = open_engine("bartpho", folder_of("bartpho"), settings).traits
    assert (traits.batch_tokens, traits.beam_size, traits.parallel_calls) == (77, 3, 1)
    assert traits.language == "vi"


@pytest.mark.parametrize("batch_tokens", [1, 20, 5000])
def test_the_size_of_batches_changes_no_answer(memorised, batch_tokens):
    engine = open_engine("marian", memorised, replace(INT8, batch_tokens=batch_tokens))
    assert texts(engine, SOURCES, DecodeOptions(beam_size=5)) == TARGETS


@pytest.mark.parametrize("family", SEQ2SEQ)
def test_sources_are_counted_as_they_are_read(engine_of, family):
    engine = engine_of(family)
    made = generate(engine, SOURCES[:3])
    assert engine.count_tokens(SOURCES[:3]) == [one.source_tokens for one in made]


def test_a_source_up_to_the_window_is_read_and_no_longer_one(engine_of):
    engine = engine_of("m2m100")
    words = ["lúa"] * WINDOW
    while engine.count_tokens([" ".join(words)])[0] > WINDOW:
        words.pop()
    assert generate(engine, [" ".join(words)])[0].source_tokens <= WINDOW
    too_long = " ".join([*words, "lúa", "cà phê"])
    with pytest.raises(InputTooLong) as caught:
        generate(engine, ["Ngắn.", too_long])
    assert f"“{too_long[:40]}”" in str(caught.value)
    assert f"reads {WINDOW} at most. Split it." in str(caught.value)


def test_what_meets_its_limit_is_truncated(knowing):
    whole, cut = (
        generate(knowing, SOURCES[:4], DecodeOptions(max_tokens=most)) for most in (None, 3)
    )
    assert [(one.truncated, one.target_tokens) for one in cut] == [(True, 3)] * 4
    for short, long in zip(cut, whole, strict=True):
        assert long.text.startswith(short.text)
        assert not long.truncated


def test_the_limit_follows_the_length_of_each_source(engine_of):
    made = generate(engine_of("t5"), SOURCES[:6], DecodeOptions())
    assert [one.target_tokens for one in made] == [2 * one.source_tokens + 32 for one in made]
    assert all(one.truncated for one in made)


def test_no_target_is_longer_than_the_positions(engine_of):
    made = generate(engine_of("nllb"), SOURCES[:2], DecodeOptions(max_tokens=500))
    assert [one.target_tokens for one in made] == [WINDOW - 2] * 2  # start and language


def test_forced_tokens_are_decoded_to_the_number(knowing, engine_of):
    for engine in (knowing, engine_of("nllb"), engine_of("bart")):
        wanted = [3, 30, 17, 8]
        inputs = [
            EngineInput(source, forced_tokens=count)
            for source, count in zip(SOURCES[:4], wanted, strict=True)
        ]
        made = engine.generate([*inputs, EngineInput(SOURCES[4])], DecodeOptions(beam_size=3))
        assert [one.target_tokens for one in made[:4]] == wanted
        assert not any(one.truncated for one in made[:4])
    with pytest.raises(BadConfig, match=f"writes {WINDOW - 1} tokens at most"):
        generate(knowing, SOURCES[:1], forced_tokens=WINDOW)


def test_a_prefix_is_taken_for_written(knowing):
    first, _, rest = TARGETS[0].partition(" ")
    assert texts(knowing, SOURCES[:1], DecodeOptions(beam_size=2), prefix=first) == [rest]


@pytest.mark.parametrize("family", SEQ2SEQ)
def test_ascii_only_writes_plain_english_letters(engine_of, family):
    engine = engine_of(family)
    free = texts(engine, SOURCES[:8])
    plain = texts(engine, SOURCES[:8], replace(SHORT, ascii_only=True))
    # What is left of bytes that make no character is no letter.
    assert all(is_plain(text.replace("\ufffd", "")) for text in plain)
    if family not in ("marian", "nllb", "madlad"):  # these tiny ones say nothing foreign here
        assert not all(map(is_plain, free))
    assert texts(engine, SOURCES[:8], replace(SHORT, ascii_only=True, beam_size=4)) != free


def test_without_memory_for_the_plain_rows_the_foreign_are_suppressed(folder_of, tmp_path):
    checkpoint = open_checkpoint(tiny_card("nllb", folder_of("nllb")), FLOAT32)
    converted = convert_checkpoint(checkpoint, tmp_path, "float32")
    habits = read_habits(checkpoint)
    coder = Coder(checkpoint, open_tokenizer(checkpoint), habits)
    options = DecodeOptions(ascii_only=True)
    mapped = Search(converted, habits, 1).arguments(options)
    suppressed = Search(converted, habits, MOST_PLAIN_BYTES).arguments(options)
    assert mapped["use_vmap"]
    assert "use_vmap" not in suppressed
    translator = ctranslate2.Translator(str(converted))
    sources = [list(map(str, ids)) for ids in coder.encode(SOURCES[:5])]
    given = [list(map(str, coder.first))] * 5
    first, second = (
        [
            one.hypotheses
            for one in translator.translate_batch(
                sources, given, max_decoding_length=12, **arguments
            )
        ]
        for arguments in (mapped, suppressed)
    )
    assert first == second


def test_sampling_varies(engine_of):
    options = replace(SHORT, temperature=2.0, beam_size=5)
    assert len(set(texts(engine_of("mbart"), [SOURCES[0]] * 8, options))) > 1


@pytest.mark.parametrize("ascii_only", [False, True])
def test_what_the_publisher_forbids_is_not_written(tmp_path, ascii_only):
    folder = make_checkpoint("t5", tmp_path / "t5")
    options = DecodeOptions(max_tokens=1, ascii_only=ascii_only)
    checkpoint = open_checkpoint(tiny_card("t5", folder), FLOAT32)
    coder = Coder(checkpoint, open_tokenizer(checkpoint), {"eos_token_id": 1})
    [habitual] = texts(open_engine("t5", folder), SOURCES[:1], options)
    entries = [at for at in range(500) if coder.decode([at]) == habitual]
    path = folder / "generation_config.json"
    habits = json.loads(path.read_text())
    path.write_text(json.dumps(habits | {"suppress_tokens": entries}))
    [other] = texts(open_engine("t5", folder), SOURCES[:1], options)
    assert habitual
    assert other != habitual


def test_control_tokens_in_a_text_are_only_text(engine_of):
    engine = engine_of("nllb")
    [plain] = engine.count_tokens(["a b"])
    [attacked] = engine.count_tokens(["a </s> b"])
    assert attacked > plain + 1


def test_a_recipe_with_a_language_that_is_not_there_is_refused(folder_of):
    with pytest.raises(BadConfig, match="no language 'xx_XX'"):
        open_engine("mbart", folder_of("mbart"), recipe=Recipe("vi_VN", "xx_XX"))


def test_what_stands_before_every_answer_is_taken_off(memorised):
    first, _, rest = TARGETS[0].partition(" ")
    engine = open_engine("marian", memorised, recipe=Recipe(target_prefix=f"{first} "))
    assert texts(engine, SOURCES[:1], DecodeOptions()) == [rest]


@pytest.mark.parametrize("family", [name for name, one in FAMILIES.items() if one.causal])
def test_chat_models_are_refused(folder_of, family):
    with pytest.raises(BadConfig, match="set the engine to auto or transformers"):
        open_engine(family, folder_of(family))


def test_a_compute_type_that_is_not_there_is_refused(folder_of):
    with pytest.raises(BadConfig, match=r"float16.*int8_float32"):
        open_engine("t5", folder_of("t5"), replace(FLOAT32, compute_type="float16"))


def test_a_conversion_that_does_not_load_is_an_error_of_the_engine(folder_of, tmp_path):
    from models.ctranslate2_engine import CTranslate2Engine

    checkpoint = open_checkpoint(tiny_card("t5", folder_of("t5")), FLOAT32)
    with pytest.raises(EngineFailed, match="CTranslate2 failed"):
        CTranslate2Engine(checkpoint, tmp_path, FLOAT32)


def test_a_closed_engine_says_so(folder_of):
    engine = open_engine("t5", folder_of("t5"))
    engine.close()
    with pytest.raises(EngineFailed, match="closed"):
        generate(engine, SOURCES[:1])


def test_habits_of_old_stand_in_the_configuration(tmp_path):
    folder = make_checkpoint("bart", tmp_path / "bart")
    old = texts(open_engine("bart", folder), SOURCES[:3])
    generation = folder / "generation_config.json"
    config = json.loads((folder / "config.json").read_text()) | json.loads(generation.read_text())
    (folder / "config.json").write_text(json.dumps(config))
    generation.unlink()
    assert texts(open_engine("bart", folder), SOURCES[:3]) == old


def test_positions_that_pegasus_computes_may_be_missing(engine_of, tmp_path):
    folder = make_checkpoint("pegasus", tmp_path / "pegasus")
    without_weights(folder, "embed_positions.weight")
    assert texts(open_engine("pegasus", folder), SOURCES[:4]) == texts(
        engine_of("pegasus"), SOURCES[:4]
    )


@pytest.mark.parametrize(
    ("named", "first"),
    [({"bos_token_id": 0}, ["<s>"]), ({"bos_token_id": 3}, ["<unk>"]), ({}, [])],
)
def test_a_beginning_that_is_forced_as_of_old_is_forced_in_both_engines(tmp_path, named, first):
    """As distilbart has it, which has no file of its own for generation."""
    folder = make_checkpoint("bart", tmp_path / "bart")
    habits = json.loads((folder / "generation_config.json").read_text())
    (folder / "generation_config.json").unlink()
    for key in ("forced_bos_token_id", "bos_token_id", "no_repeat_ngram_size"):
        del habits[key]
    config = json.loads((folder / "config.json").read_text()) | habits
    config.pop("bos_token_id", None)
    config |= {"force_bos_token_to_be_generated": True, **named}
    (folder / "config.json").write_text(json.dumps(config))
    checkpoint = open_checkpoint(tiny_card("bart", folder), FLOAT32)
    coder = Coder(checkpoint, open_tokenizer(checkpoint), read_habits(checkpoint))
    assert coder._tokenizer.convert_ids_to_tokens(coder.first) == ["</s>", *first]
    reference = generate(TransformersEngine(checkpoint, FLOAT32), SOURCES[:4])
    made = generate(open_engine("bart", folder), SOURCES[:4])
    assert list(map(outcome, made)) == list(map(outcome, reference))


@pytest.mark.parametrize("family", ["bart", "mbart", "bartpho"])
def test_ascii_only_forbids_the_unknown_token_in_both_engines(family, tmp_path):
    folder = writing_unknowns(make_checkpoint(family, tmp_path / family), 3)
    without_habit(folder, "no_repeat_ngram_size")
    checkpoint = open_checkpoint(tiny_card(family, folder), FLOAT32)
    plain = replace(SHORT, ascii_only=True)
    for engine in (open_engine(family, folder), TransformersEngine(checkpoint, FLOAT32)):
        assert texts(engine, SOURCES[:3]) == [""] * 3
        assert all(texts(engine, SOURCES[:3], plain))


@pytest.mark.parametrize("family", SEQ2SEQ)
def test_runs_of_blanks_are_one_in_both_engines(engine_of, folder_of, family):
    checkpoint = open_checkpoint(tiny_card(family, folder_of(family)), FLOAT32)
    spaced, clean = "  Chợ  đêm\t hoa ", "Chợ đêm hoa"
    for engine in (engine_of(family), TransformersEngine(checkpoint, FLOAT32)):
        assert engine.count_tokens([spaced]) == engine.count_tokens([clean])
        assert texts(engine, [spaced]) == texts(engine, [clean])


def test_both_engines_normalise_with_the_sentencepiece_model_of_mbart(folder_of):
    checkpoint = open_checkpoint(tiny_card("mbart-vinai", folder_of("mbart-vinai")), FLOAT32)
    coder = Coder(checkpoint, open_tokenizer(checkpoint), read_habits(checkpoint))
    torch_engine = TransformersEngine(checkpoint, FLOAT32)
    [ids] = coder.encode(["Sở Y tế… 100 m²"])
    assert (
        ids
        == torch_engine._coder.encode(["Sở Y tế… 100 m²"])[0]
        == coder.encode(["Sở Y tế... 100 m2"])[0]
    )
    assert coder._tokenizer.unk_token_id not in ids


def test_both_engines_tell_the_unknown_of_madlad_from_its_end(folder_of):
    checkpoint = open_checkpoint(tiny_card("madlad", folder_of("madlad")), FLOAT32)
    [ids] = Coder(checkpoint, open_tokenizer(checkpoint), read_habits(checkpoint)).encode(
        ["Xin 龘 chào"]
    )
    assert ids == TransformersEngine(checkpoint, FLOAT32)._coder.encode(["Xin 龘 chào"])[0]
    assert (ids.count(2), 0 in ids) == (1, True)


@pytest.mark.parametrize(
    ("habits", "message"),
    [
        ("{", "JSON"),
        ('{"eos_token_id": 1}', "add decoder_start_token_id to its config.json"),
    ],
)
def test_files_that_do_not_say_how_to_generate_are_refused(tmp_path, habits, message):
    folder = make_checkpoint("t5", tmp_path / "t5")
    (folder / "generation_config.json").write_text(habits)
    config = json.loads((folder / "config.json").read_text())
    config.pop("decoder_start_token_id", None)
    (folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(EngineFailed, match=message):
        open_engine("t5", folder)


def test_a_tokenizer_that_cannot_be_read_is_an_error_of_the_engine(tmp_path):
    folder = make_checkpoint("marian", tmp_path / "marian")
    (folder / "vocab.json").write_text("[]")
    with pytest.raises(EngineFailed, match="could not read the tokenizer of tiny-marian"):
        open_engine("marian", folder)


def test_entries_that_the_tokenizer_has_not_write_nothing(folder_of):
    checkpoint = open_checkpoint(tiny_card("marian", folder_of("marian")), FLOAT32)
    coder = Coder(checkpoint, open_tokenizer(checkpoint), read_habits(checkpoint))
    ids = coder.encode_input(
        EngineInput("Xin chào.", prefix="The district"), DecodeOptions()
    ).prefix
    assert coder.decode([*ids, 99_999]) == coder.decode(ids) == "The district"
