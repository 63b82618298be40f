import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from models.causal_engine import CausalEngine, _repetition_rules
from models.engine import DecodeOptions, EngineInput
from models.errors import BadConfig, InputTooLong
from models.plain_letters import is_plain
from models.runaway import token_budget
from tests.tiny_checkpoints import make_checkpoint
from tests.torch_lab import FLOAT32, SOURCES, VARIED, engine_of, open_engine, watched

BOTH = pytest.mark.parametrize("form", ["causal", "gemma3"])
ORDER = "Translate into English."


def asked(source, **extra):
    return EngineInput(source, instruction=ORDER, **extra)


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        (
            "causal",
            "<|im_start|>system\nTranslate into English.<|im_end|>\n"
            "<|im_start|>user\nBão<|im_end|>\n<|im_start|>assistant\nStorm",
        ),
        (
            "gemma3",
            "<bos><start_of_turn>user\nTranslate into English.\n\nBão<end_of_turn>\n"
            "<start_of_turn>model\nStorm",
        ),
    ],
)
def test_the_prompt_is_that_of_the_chat_template(form, expected):
    engine = engine_of(form)
    assert isinstance(engine, CausalEngine)
    assert engine.prompt(asked("Bão", prefix="Storm")) == expected
    assert ORDER not in engine.prompt(EngineInput("Bão"))


def test_a_template_without_a_systems_turn_gets_the_instruction_with_the_source(tmp_path):
    folder = make_checkpoint("gemma3", tmp_path / "gemma2")
    template = (
        "{% if messages[0]['role'] == 'system' %}{{ raise_exception('no system') }}{% endif %}"
        "{% for message in messages %}[{{ message['content'] }}]{% endfor %}"
    )
    (folder / "chat_template.jinja").write_text(template, encoding="utf-8")
    assert open_engine("gemma3", folder).prompt(asked("Bão")) == f"[{ORDER}\n\nBão]"


def test_a_model_that_thinks_is_told_not_to(tmp_path):
    folder = make_checkpoint("causal", tmp_path / "qwen3")
    template = "{{ messages[-1]['content'] }}{% if not enable_thinking %}<think></think>{% endif %}"
    (folder / "chat_template.jinja").write_text(template, encoding="utf-8")
    assert open_engine("causal", folder).prompt(EngineInput("Bão")) == "Bão<think></think>"


def test_a_checkpoint_without_a_chat_template_is_refused(tmp_path):
    folder = make_checkpoint("causal", tmp_path / "base")
    (folder / "chat_template.jinja").unlink()
    with pytest.raises(BadConfig, match="instruction-tuned"):
        open_engine("causal", folder)


@BOTH
@pytest.mark.parametrize(
    "options",
    [VARIED, replace(VARIED, beam_size=3), replace(VARIED, temperature=0.8, seed=5)],
    ids=["greedy", "beams", "sampled"],
)
def test_a_batch_gives_what_each_source_gives_alone(form, options):
    engine = engine_of(form)
    inputs = [asked(source, prefix="The" * (place % 2)) for place, source in enumerate(SOURCES[:6])]
    together = engine.generate(inputs, options)
    assert together == [engine.generate([one], options)[0] for one in inputs]
    assert all(hypothesis.text for hypothesis in together)


def test_the_shorter_prompts_of_a_batch_are_padded_on_the_left():
    engine = engine_of("causal")
    with watched(engine) as steps:
        engine.generate([asked("Bão"), asked("Bão số 7 đang tiến gần bờ biển.")], VARIED)
    mask = steps.masks[0]
    assert sorted(row[-1] for row in mask) == [1, 1]
    assert sorted(row[0] for row in mask) == [0, 1]


@BOTH
def test_control_tokens_in_the_texts_are_plain_text(form):
    engine = engine_of(form)
    tokenizer = engine._tokenizer
    special = set(tokenizer.all_special_ids) - {tokenizer.unk_token_id}
    marks = "<|im_end|><|im_start|>system <|endoftext|> <end_of_turn><start_of_turn> <bos> <eos>"
    counts = [
        sum(i in special for i in engine._encode(one, VARIED).source)
        for one in (
            EngineInput("a", instruction="b", prefix="c"),
            EngineInput(f"a {marks}", instruction=f"b {marks}", prefix=f"c {marks}"),
        )
    ]
    assert counts[0] == counts[1] > 0


@BOTH
def test_greedy_unless_told_otherwise_whatever_the_checkpoint_says(form):
    engine = engine_of(form)
    assert engine._habits.do_sample  # what its publisher would do
    first = engine.generate([asked(SOURCES[0])], DecodeOptions(max_tokens=8))
    assert first == engine.generate([asked(SOURCES[0])], DecodeOptions(max_tokens=8))
    chosen = engine._generation_config(8, DecodeOptions())
    assert (chosen.do_sample, chosen.num_beams, chosen.repetition_penalty) == (False, 1, None)


@BOTH
@pytest.mark.parametrize("place", [0, 1])
def test_every_end_token_of_the_checkpoint_ends_a_target(form, place, tmp_path):
    """The token that it would write first is made one of the two ends in a copy."""
    asking, one = [asked(SOURCES[0])], DecodeOptions(max_tokens=1)
    (first,) = engine_of(form)._run([engine_of(form)._encode(asking[0], one)], one)
    folder = make_checkpoint(form, tmp_path / form)
    config = json.loads((folder / "generation_config.json").read_text(encoding="utf-8"))
    config["eos_token_id"][place] = first[0]
    (folder / "generation_config.json").write_text(json.dumps(config), encoding="utf-8")
    hypothesis = open_engine(form, folder).generate(asking, DecodeOptions(max_tokens=9))[0]
    assert (hypothesis.text, hypothesis.target_tokens, hypothesis.truncated) == ("", 0, False)


@BOTH
def test_limits_hold_and_are_told(form):
    engine = engine_of(form)
    options = DecodeOptions(max_tokens=9, min_tokens=9)
    hypotheses = engine.generate([asked(source) for source in SOURCES[:4]], options)
    assert {h.target_tokens for h in hypotheses} == {9}
    assert all(h.truncated for h in hypotheses)


@BOTH
def test_forced_tokens_are_exact_for_every_row(form):
    inputs = [asked(s, forced_tokens=n) for s, n in zip(SOURCES, [3, 17, 9], strict=False)]
    hypotheses = engine_of(form).generate(inputs, DecodeOptions(max_tokens=5))
    assert [h.target_tokens for h in hypotheses] == [3, 17, 9]
    assert not any(h.truncated for h in hypotheses)


@BOTH
@pytest.mark.parametrize("beam_size", [1, 3])
def test_ascii_only_keeps_letters_with_diacritics_out(form, beam_size):
    engine = engine_of(form)
    inputs = [asked(source) for source in SOURCES[:6]]
    free = replace(VARIED, max_tokens=40, min_tokens=40, beam_size=beam_size)
    assert not all(is_plain(h.text) for h in engine.generate(inputs, free))
    for hypothesis in engine.generate(inputs, replace(free, ascii_only=True)):
        assert hypothesis.text
        assert is_plain(hypothesis.text.replace("\ufffd", ""))


@pytest.mark.parametrize(
    "options", [DecodeOptions(repeat_penalty=2.0), DecodeOptions(no_repeat_ngram=1)]
)
def test_repetition_rules_look_at_the_target_and_not_at_the_prompt(options):
    import torch

    (rule,) = _repetition_rules(3, options)
    prompt, scores = torch.tensor([[5, 6, 7]]), torch.full((1, 10), 4.0)
    assert torch.equal(rule(prompt, scores.clone()), scores)
    lowered = rule(torch.tensor([[5, 6, 7, 8]]), scores.clone()) < scores
    assert lowered.nonzero().tolist() == [[0, 8]]


@BOTH
def test_repetition_rules_change_what_is_written(form):
    loose = DecodeOptions(max_tokens=12, min_tokens=12)
    plain, varied, penalised = (
        [h.text for h in engine_of(form).generate([asked(s) for s in SOURCES[:6]], options)]
        for options in (
            loose,
            replace(loose, no_repeat_ngram=1),
            replace(loose, repeat_penalty=50.0),
        )
    )
    assert plain != varied
    assert plain != penalised


@BOTH
def test_sampling_follows_its_seed(form):
    engine = engine_of(form)
    hot = DecodeOptions(max_tokens=12, temperature=1.2, seed=1)
    inputs = [asked(source) for source in SOURCES[:3]]
    first = engine.generate(inputs, hot)
    assert first == engine.generate(inputs, hot)
    texts = [h.text for h in engine.generate(inputs, replace(hot, seed=2))]
    assert texts != [h.text for h in first]


def test_a_prompt_that_fills_the_context_is_refused_by_the_beginning_of_its_source(tmp_path):
    folder = make_checkpoint("causal", tmp_path / "causal")
    engine = open_engine("causal", folder, replace(FLOAT32, context=60))
    with pytest.raises(InputTooLong, match=r"begins “Mưa lớn.*60 at most.*DIEMTIN_CONTEXT"):
        engine.generate([asked("Mưa lớn kéo dài. " * 20)], VARIED)
    hypothesis = engine.generate(
        [EngineInput("Bão", forced_tokens=0)], DecodeOptions(min_tokens=60)
    )[0]
    assert hypothesis.truncated
    assert hypothesis.source_tokens + hypothesis.target_tokens == 60


def test_without_a_limit_a_loop_ends_at_what_a_translation_can_need():
    source = "Bão số 7"
    endless = DecodeOptions(min_tokens=500)
    [hypothesis] = engine_of("causal").generate([asked(source)], endless)
    assert hypothesis.target_tokens == token_budget(source)
    assert hypothesis.truncated
    [longer] = engine_of("causal").generate([asked(source)], replace(endless, max_tokens=80))
    assert longer.target_tokens == 80


@BOTH
def test_ascii_only_leaves_every_end(form):
    engine = engine_of(form)
    assert not engine._foreign[engine._end_ids].any()


def test_the_context_is_never_beyond_the_positions_of_the_model(tmp_path):
    folder = make_checkpoint("causal", tmp_path / "causal")
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    config["max_position_embeddings"] = 50
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    with pytest.raises(InputTooLong, match="50 at most"):
        open_engine("causal", folder).generate([asked("Mưa lớn kéo dài. " * 20)], VARIED)


@BOTH
def test_many_threads_get_the_same_results(form):
    engine = engine_of(form)
    expected = [engine.generate([asked(source)], VARIED)[0] for source in SOURCES[:5]]

    def ask(place):
        engine.count_tokens([SOURCES[place % 5]])
        return engine.generate([asked(SOURCES[place % 5])], VARIED)[0] == expected[place % 5]

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(ask, range(30)))


@BOTH
def test_traits_and_token_counts(form):
    engine = engine_of(form)
    assert engine.traits.instructed
    assert engine.traits.window is None
    assert engine.traits.batch_tokens > 0
    short, long = engine.count_tokens(["Bão", "Bão số 7 đang tiến gần bờ biển."])
    assert 0 < short < long


def test_loading_and_generating_print_nothing(tmp_path, capfd):
    engine = open_engine("causal", make_checkpoint("causal", tmp_path / "causal"))
    engine.generate([asked(SOURCES[0])], VARIED)
    captured = capfd.readouterr()
    assert (captured.out, captured.err) == ("", "")
