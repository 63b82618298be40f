"""Tiny chat models, with the templates of their publishers' kind."""

import json
from pathlib import Path
from typing import Any

from tests.tiny_models import build
from tests.tiny_text import source_lines, target_lines
from tests.tiny_vocabularies import byte_level

_SIZE = 32
_CHATML = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}"
    "<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
_GEMMA = (
    "{{ bos_token }}{% if messages[0]['role'] == 'system' %}"
    "{% set first = messages[0]['content'] + '\n\n' %}{% set rest = messages[1:] %}"
    "{% else %}{% set first = '' %}{% set rest = messages %}{% endif %}"
    "{% for message in rest %}<start_of_turn>{{ message['role'] }}\n"
    "{% if loop.first %}{{ first }}{% endif %}{{ message['content'] }}<end_of_turn>\n{% endfor %}"
    "{% if add_generation_prompt %}<start_of_turn>model\n{% endif %}"
)


def qwen2(_folder: Path) -> tuple[Any, Any]:
    from transformers import Qwen2Config, Qwen2ForCausalLM, Qwen2Tokenizer

    vocabulary, merges = byte_level()
    tokenizer = Qwen2Tokenizer(vocab=vocabulary, merges=merges, eos_token="<|im_end|>")
    special = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    tokenizer.add_special_tokens({"additional_special_tokens": special})
    tokenizer.chat_template = _CHATML
    start, end = (tokenizer.convert_tokens_to_ids(token) for token in special[::2])
    config = Qwen2Config(
        vocab_size=len(tokenizer),
        hidden_size=_SIZE,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=512,
        initializer_range=0.3,
        bos_token_id=start,
        eos_token_id=end,
        pad_token_id=start,
    )
    ids = {"eos_token_id": [end, start], "pad_token_id": start}
    # What Qwen publishes: sampling, which nobody asked for here.
    habits = {"do_sample": True, "temperature": 0.7, "top_p": 0.8, "top_k": 20}
    return tokenizer, build(Qwen2ForCausalLM, config, 19, **ids, **habits, repetition_penalty=1.05)


def gemma3(_folder: Path) -> tuple[Any, Any]:
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers
    from transformers import Gemma3ForCausalLM, Gemma3TextConfig, GemmaTokenizer

    turns = ["<start_of_turn>", "<end_of_turn>"]
    special = ["<pad>", "<eos>", "<bos>", "<unk>", "<mask>", *turns]
    learner = Tokenizer(models.BPE(byte_fallback=True, unk_token="<unk>", fuse_unk=True))
    learner.normalizer = normalizers.Replace(" ", "▁")
    learner.pre_tokenizer = pre_tokenizers.Split("▁", "merged_with_next")
    single = [f"<0x{byte:02X}>" for byte in range(256)]
    trainer = trainers.BpeTrainer(
        vocab_size=900, special_tokens=special + single, show_progress=False
    )
    learner.train_from_iterator(source_lines() + target_lines() + ["\n"], trainer)
    made = json.loads(learner.to_str())["model"]
    tokenizer = GemmaTokenizer(
        vocab=made["vocab"], merges=[tuple(merge) for merge in made["merges"]]
    )
    tokenizer.add_special_tokens({"additional_special_tokens": turns})
    tokenizer.chat_template = _GEMMA
    config = Gemma3TextConfig(
        vocab_size=len(tokenizer),
        hidden_size=_SIZE,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        head_dim=8,
        max_position_embeddings=512,
        sliding_window=256,
        initializer_range=0.3,
    )
    ids = {"pad_token_id": 0, "eos_token_id": [1, special.index(turns[1])], "bos_token_id": 2}
    return tokenizer, build(
        Gemma3ForCausalLM, config, 24, **ids, do_sample=True, top_k=64, top_p=0.95
    )
