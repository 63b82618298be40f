"""Checkpoints of the exact shape of published models, with random weights: for timing alone."""

from __future__ import annotations

import io
import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.errors import MissingDependency
from models.lexicon import Lexicon

# Syllables of Vietnamese newspaper sentences in steps of a twentieth of them, from the
# shortest to the longest (997 sentences of the FLORES-200 development set).
SYLLABLES = (
    7, 15, 17, 19, 21, 22, 23, 25, 26, 27, 28, 29, 31, 32, 34, 35, 37, 40, 42, 48, 75,
)  # fmt: skip
TARGET_TOKENS_A_SYLLABLE = 0.9  # of that set's English, at an assumed 1.25 tokens a word
PIECES = 4000
SEED = 2026


@dataclass(frozen=True)
class BenchSegment:
    """A source of real length and the tokens that its reference would have."""

    source: str
    target_tokens: int


@dataclass(frozen=True)
class Shape:
    """The shape of a published model; `build` writes a checkpoint of it into a folder."""

    name: str
    build: Callable[[Path, Sequence[str]], None]


def make_segments(lexicon: Lexicon, count: int) -> list[BenchSegment]:
    """Strings of the lexicon's terms, as long as newspaper sentences; always the same ones."""
    chance = random.Random(SEED)  # noqa: S311 - not for secrets
    terms = lexicon_lines(lexicon)
    lengths = [_quantile((at + 0.5) / count) for at in range(count)]
    chance.shuffle(lengths)
    segments = []
    for length in lengths:
        words: list[str] = []
        while len(words) < length:
            words += chance.choice(terms).split()
        source = " ".join(words[:length])
        segments.append(
            BenchSegment(f"{source}.", max(2, round(length * TARGET_TOKENS_A_SYLLABLE)))
        )
    return segments


def lexicon_lines(lexicon: Lexicon) -> list[str]:
    """The Vietnamese forms of every entry, which the tokenizers are trained on."""
    return [form for entry in lexicon.entries for form in entry.vi]


def _quantile(share: float) -> int:
    position = share * (len(SYLLABLES) - 1)
    below = int(position)
    low, high = SYLLABLES[below], SYLLABLES[min(below + 1, len(SYLLABLES) - 1)]
    return round(low + (high - low) * (position - below))


def _train_pieces(lines: Sequence[str]) -> bytes:
    sentencepiece = _library("sentencepiece")
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(lines),
        model_writer=model,
        vocab_size=PIECES,
        hard_vocab_limit=False,
        minloglevel=2,
    )
    return model.getvalue()


def _pieces_of(model: bytes) -> list[tuple[str, float]]:
    processor = _library("sentencepiece").SentencePieceProcessor(model_proto=model)
    kept = range(3, processor.get_piece_size())  # behind <unk>, <s> and </s>
    return [(processor.id_to_piece(at), processor.get_score(at)) for at in kept]


def _build_opus(folder: Path, lines: Sequence[str]) -> None:
    """6+6 layers of 512 with 8 heads and 53,685 words: opus-mt-vi-en."""
    _build_marian(folder, lines, words=53_685, layers=6, width=512, heads=8)


def _build_tiny(folder: Path, lines: Sequence[str]) -> None:
    """A layer each way: nobody's shape, to see that the measurement works."""
    _build_marian(folder, lines, words=6_000, layers=1, width=32, heads=2)


def _build_marian(
    folder: Path, lines: Sequence[str], *, words: int, layers: int, width: int, heads: int
) -> None:
    transformers = _library("transformers")
    model = _train_pieces(lines)
    for name in ("source.spm", "target.spm"):
        (folder / name).write_bytes(model)
    known = ["</s>", "<unk>", *(piece for piece, _ in _pieces_of(model))]
    known += [f"▁{at}" for at in range(len(known), words - 1)] + ["<pad>"]
    vocabulary = {piece: at for at, piece in enumerate(known)}
    (folder / "vocab.json").write_text(json.dumps(vocabulary), encoding="utf-8")
    (folder / "tokenizer_config.json").write_text(
        json.dumps({"tokenizer_class": "MarianTokenizer", "model_max_length": 512}),
        encoding="utf-8",
    )
    config = transformers.MarianConfig(
        vocab_size=words,
        d_model=width,
        encoder_layers=layers,
        decoder_layers=layers,
        encoder_attention_heads=heads,
        decoder_attention_heads=heads,
        encoder_ffn_dim=4 * width,
        decoder_ffn_dim=4 * width,
        max_position_embeddings=512,
        activation_function="swish",
        scale_embedding=True,
        eos_token_id=0,
        bos_token_id=0,
        forced_eos_token_id=0,
        pad_token_id=words - 1,
        decoder_start_token_id=words - 1,
    )
    _save(transformers.MarianMTModel, config, folder)


def _build_mbart(folder: Path, lines: Sequence[str]) -> None:
    """12+12 layers of 1024 with 16 heads and 40,030 words: vinai-translate-vi2en-v2."""
    transformers = _library("transformers")
    words = 40_030
    pieces: list[tuple[str, float]] = [("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0)]
    pieces += _pieces_of(_train_pieces(lines))
    languages = len(transformers.models.mbart.tokenization_mbart.FAIRSEQ_LANGUAGE_CODES)
    filling = words - languages - 1 - len(pieces)  # the languages and <mask> come behind
    lowest = min(score for _, score in pieces)
    pieces += [(f"▁{at}", lowest - 10) for at in range(filling)]
    tokenizer = transformers.MBartTokenizer(vocab=pieces, src_lang="vi_VN", tgt_lang="en_XX")
    tokenizer.save_pretrained(folder)
    config = transformers.MBartConfig(
        vocab_size=words,
        d_model=1024,
        encoder_layers=12,
        decoder_layers=12,
        encoder_attention_heads=16,
        decoder_attention_heads=16,
        encoder_ffn_dim=4096,
        decoder_ffn_dim=4096,
        max_position_embeddings=1024,
        activation_function="gelu",
        scale_embedding=True,
    )
    _save(transformers.MBartForConditionalGeneration, config, folder)


def _save(model_class: Any, config: Any, folder: Path) -> None:  # noqa: ANN401 - untyped library
    torch = _library("torch")
    torch.manual_seed(SEED)
    model_class(config).eval().save_pretrained(folder)


def _library(name: str) -> Any:  # noqa: ANN401 - untyped libraries
    try:
        return __import__(name)
    except ImportError as error:
        raise MissingDependency(
            f"This needs {name}: pip install 'diemtin[transformers]'"
        ) from error


SHAPES = {
    shape.name: shape
    for shape in (
        Shape("opus-mt", _build_opus),
        Shape("vinai-translate", _build_mbart),
        Shape("tiny", _build_tiny),
    )
}


def build_checkpoint(shape: Shape, lexicon: Lexicon, folder: Path) -> Path:
    """Write the shape's checkpoint into the folder unless it is there; return the folder."""
    done = folder / "config.json"
    if not done.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        shape.build(folder, lexicon_lines(lexicon))
    return folder
