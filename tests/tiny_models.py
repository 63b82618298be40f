"""Tiny sequence-to-sequence models of every family, each with its own tokenizer class."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.tiny_vocabularies import byte_level, fairseq, pieces_of

WINDOW = 64  # source positions of every tiny model
_SIZE = 32
_MASKS = ["<mask_1>", "<mask_2>", *[f"<unk_{i}>" for i in range(2, 103)]]
_FAIRSEQ_IDS = {"bos_token_id": 0, "pad_token_id": 1, "eos_token_id": 2}


def build(model: Callable[[Any], Any], config: Any, seed: int, **generation: Any) -> Any:
    """A model of random weights; the seeds are some whose greedy texts vary."""
    import torch

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        built = model(config).eval()
    for key, value in generation.items():
        setattr(built.generation_config, key, value)
    return built


def _shape(**extra: Any) -> dict[str, Any]:
    return {
        "d_model": _SIZE,
        "encoder_layers": 2,
        "decoder_layers": 2,
        "encoder_attention_heads": 4,
        "decoder_attention_heads": 4,
        "encoder_ffn_dim": 64,
        "decoder_ffn_dim": 64,
        "max_position_embeddings": WINDOW,
        "init_std": 0.3,  # so that no two tokens are nearly as likely
        "dropout": 0.0,
        "attention_dropout": 0.0,
        "activation_dropout": 0.0,
        **extra,
    }


def marian(folder: Path) -> tuple[Any, Any]:
    from transformers import MarianConfig, MarianMTModel, MarianTokenizer

    names = ["</s>", "<unk>"]
    for text in ("source", "target"):
        data, pieces = pieces_of(text)
        (folder / f"{text}.spm").write_bytes(data)
        names += [piece for piece, _ in pieces]
    vocabulary = {name: place for place, name in enumerate(dict.fromkeys([*names, "<pad>"]))}
    (folder / "vocab.json").write_text(json.dumps(vocabulary, ensure_ascii=False), "utf-8")
    files = [str(folder / name) for name in ("source.spm", "target.spm", "vocab.json")]
    tokenizer = MarianTokenizer(*files, model_max_length=512)
    pad = vocabulary["<pad>"]
    ids = {"pad_token_id": pad, "eos_token_id": 0, "decoder_start_token_id": pad}
    config = MarianConfig(
        vocab_size=len(vocabulary),
        **_shape(**ids, scale_embedding=True, activation_function="swish", init_std=0.1),
        static_position_embeddings=True,
        share_encoder_decoder_embeddings=True,
        forced_eos_token_id=0,
    )
    model = build(
        MarianMTModel, config, 16, num_beams=4, max_length=WINDOW, bad_words_ids=[[pad]], **ids
    )
    return tokenizer, model


def mbart50(folder: Path) -> tuple[Any, Any]:
    from transformers import MBart50Tokenizer, MBartConfig, MBartForConditionalGeneration
    from transformers.models.mbart50.tokenization_mbart50 import FAIRSEQ_LANGUAGE_CODES

    data, pieces = pieces_of()
    (folder / "sentencepiece.bpe.model").write_bytes(data)
    vocabulary = fairseq(pieces, *FAIRSEQ_LANGUAGE_CODES, "<mask>")
    tokenizer = MBart50Tokenizer(vocab=vocabulary, src_lang="en_XX", tgt_lang="en_XX")
    config = MBartConfig(vocab_size=len(tokenizer), **_shape(), scale_embedding=True)
    english = tokenizer.convert_tokens_to_ids("en_XX")
    ids = {"decoder_start_token_id": 2, "forced_bos_token_id": english, "forced_eos_token_id": 2}
    model = build(
        MBartForConditionalGeneration,
        config,
        13,
        num_beams=5,
        max_length=200,
        **_FAIRSEQ_IDS,
        **ids,
    )
    return tokenizer, model


def mbart_vinai(folder: Path) -> tuple[Any, Any]:
    from transformers import MBartConfig, MBartForConditionalGeneration, MBartTokenizer
    from transformers.models.mbart.tokenization_mbart import FAIRSEQ_LANGUAGE_CODES

    data, pieces = pieces_of(rule="nmt_nfkc")
    (folder / "sentencepiece.bpe.model").write_bytes(data)
    vocabulary = fairseq(pieces, *FAIRSEQ_LANGUAGE_CODES, "<mask>")
    tokenizer = MBartTokenizer(vocab=vocabulary, src_lang="vi_VN", tgt_lang="en_XX")
    english = tokenizer.convert_tokens_to_ids("en_XX")
    config = MBartConfig(
        vocab_size=len(tokenizer), **_shape(decoder_start_token_id=english), scale_embedding=True
    )
    ids = {"decoder_start_token_id": english, "forced_eos_token_id": 2}
    model = build(
        MBartForConditionalGeneration,
        config,
        26,
        num_beams=5,
        max_length=200,
        **_FAIRSEQ_IDS,
        **ids,
    )
    return tokenizer, model


def m2m100(folder: Path) -> tuple[Any, Any]:
    from transformers import M2M100Config, M2M100ForConditionalGeneration, M2M100Tokenizer

    data, pieces = pieces_of()
    spm = folder / "sentencepiece.bpe.model"
    spm.write_bytes(data)
    vocabulary = {piece: place for place, (piece, _) in enumerate(fairseq(pieces))}
    words = folder / "vocab.json"
    words.write_text(json.dumps(vocabulary, ensure_ascii=False), "utf-8")
    tokenizer = M2M100Tokenizer(str(words), str(spm), src_lang="en", tgt_lang="vi")
    codes = list(tokenizer.lang_code_to_token.values())
    tokenizer.add_special_tokens({"additional_special_tokens": codes})
    size = len(vocabulary) + len(tokenizer.lang_code_to_id) + tokenizer.num_madeup_words
    config = M2M100Config(vocab_size=size, **_shape(), scale_embedding=True)
    ids = {"decoder_start_token_id": 2}
    model = build(
        M2M100ForConditionalGeneration,
        config,
        15,
        num_beams=5,
        max_length=200,
        **_FAIRSEQ_IDS,
        **ids,
    )
    return tokenizer, model


def nllb(folder: Path) -> tuple[Any, Any]:
    from transformers import M2M100Config, M2M100ForConditionalGeneration, NllbTokenizer
    from transformers.tokenization_utils_base import generate_merges

    data, pieces = pieces_of(bpe=True)
    (folder / "sentencepiece.bpe.model").write_bytes(data)
    vocabulary = {piece: place for place, (piece, _) in enumerate(fairseq(pieces))}
    tokenizer = NllbTokenizer(vocab=vocabulary, merges=generate_merges(vocabulary))
    config = M2M100Config(vocab_size=len(tokenizer), **_shape(), scale_embedding=True)
    ids = {"decoder_start_token_id": 2}
    model = build(M2M100ForConditionalGeneration, config, 21, max_length=200, **_FAIRSEQ_IDS, **ids)
    return tokenizer, model


def _t5_shape() -> dict[str, Any]:
    return {
        "d_model": _SIZE,
        "d_kv": 8,
        "d_ff": 64,
        "num_layers": 2,
        "num_decoder_layers": 2,
        "num_heads": 4,
        "n_positions": WINDOW,
        "dropout_rate": 0.0,
        "feed_forward_proj": "gated-gelu",
        "decoder_start_token_id": 0,
        "initializer_factor": 1.0,
    }


def t5(folder: Path, mt5: bool = False) -> tuple[Any, Any]:
    from transformers import (
        MT5Config,
        MT5ForConditionalGeneration,
        T5Config,
        T5ForConditionalGeneration,
        T5Tokenizer,
    )

    data, pieces = pieces_of(pad_id=0, eos_id=1, unk_id=2, bos_id=-1)
    (folder / "spiece.model").write_bytes(data)
    sentinels = [(f"<extra_id_{i}>", 0.0) for i in range(99, -1, -1)]
    tokenizer = T5Tokenizer(vocab=[*pieces, *sentinels])
    ids = {"pad_token_id": 0, "eos_token_id": 1}
    config = (MT5Config if mt5 else T5Config)(vocab_size=len(tokenizer), **_t5_shape(), **ids)
    model_class = MT5ForConditionalGeneration if mt5 else T5ForConditionalGeneration
    return tokenizer, build(model_class, config, 26)


def mt5(folder: Path) -> tuple[Any, Any]:
    return t5(folder, mt5=True)


def madlad(folder: Path) -> tuple[Any, Any]:
    from transformers import T5Config, T5ForConditionalGeneration, T5Tokenizer

    data, pieces = pieces_of(symbol="<2en>", unk_id=0, bos_id=1, eos_id=2)
    (folder / "spiece.model").write_bytes(data)
    # T5Tokenizer holds that the unknown piece is the third: MADLAD's is the first.
    tokenizer = T5Tokenizer(
        vocab=pieces, pad_token="<s>", extra_ids=0, additional_special_tokens=[]
    )
    ids = {"pad_token_id": 1, "eos_token_id": 2}
    config = T5Config(vocab_size=len(pieces), tie_word_embeddings=False, **(_t5_shape() | ids))
    return tokenizer, build(T5ForConditionalGeneration, config, 15)


def bart(_folder: Path) -> tuple[Any, Any]:
    from transformers import BartConfig, BartForConditionalGeneration, BartTokenizer

    vocabulary, merges = byte_level("<s>", "<pad>", "</s>", "<unk>", "<mask>")
    tokenizer = BartTokenizer(vocab=vocabulary, merges=merges)
    config = BartConfig(vocab_size=len(tokenizer), **_shape())
    ids = {"decoder_start_token_id": 2, "forced_bos_token_id": 0, "forced_eos_token_id": 2}
    habits = {"num_beams": 4, "min_length": 6, "max_length": 40, "length_penalty": 2.0}
    model = build(
        BartForConditionalGeneration,
        config,
        20,
        **_FAIRSEQ_IDS,
        **ids,
        **habits,
        no_repeat_ngram_size=3,
        early_stopping=True,
    )
    return tokenizer, model


def bartpho(folder: Path) -> tuple[Any, Any]:
    from transformers import BartphoTokenizer, MBartConfig, MBartForConditionalGeneration

    data, pieces = pieces_of("source")
    spm, words = folder / "sentencepiece.bpe.model", folder / "dict.txt"
    spm.write_bytes(data)
    words.write_text("".join(f"{piece} 1\n" for piece, _ in pieces[3:]), "utf-8")
    tokenizer = BartphoTokenizer(str(spm), str(words))
    config = MBartConfig(vocab_size=tokenizer.vocab_size, **_shape(), scale_embedding=True)
    ids = {"decoder_start_token_id": 2, "forced_eos_token_id": 2}
    return tokenizer, build(MBartForConditionalGeneration, config, 14, **_FAIRSEQ_IDS, **ids)


def pegasus(folder: Path) -> tuple[Any, Any]:
    from transformers import PegasusConfig, PegasusForConditionalGeneration, PegasusTokenizer

    data, pieces = pieces_of(symbol="<n>", pad_id=0, eos_id=1, unk_id=2, bos_id=-1)
    (folder / "spiece.model").write_bytes(data)
    vocabulary = [*pieces[:2], *((mask, 0.0) for mask in _MASKS), *pieces[2:]]
    tokenizer = PegasusTokenizer(vocab=vocabulary)
    ids = {"pad_token_id": 0, "eos_token_id": 1, "decoder_start_token_id": 0}
    config = PegasusConfig(vocab_size=len(tokenizer), **_shape(**ids), scale_embedding=True)
    habits = {"num_beams": 8, "max_length": 40, "length_penalty": 0.6, "forced_eos_token_id": 1}
    return tokenizer, build(PegasusForConditionalGeneration, config, 24, **ids, **habits)
