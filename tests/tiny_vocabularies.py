"""Vocabularies of the tiny checkpoints, trained on our own lines."""

import json
from functools import cache
from io import BytesIO

from tests.tiny_text import source_lines, target_lines


@cache
def pieces_of(
    text: str = "both",
    size: int = 500,
    bpe: bool = False,
    symbol: str = "",
    rule: str = "identity",
    **ids: int,
) -> tuple[bytes, list[tuple[str, float]]]:
    """A sentencepiece model, and its pieces with their scores."""
    import sentencepiece

    lines = {
        "source": source_lines(),
        "target": target_lines(),
        "both": source_lines() + target_lines(),
    }[text]
    out = BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(lines),
        model_writer=out,
        vocab_size=size,
        model_type="bpe" if bpe else "unigram",
        character_coverage=1.0,
        hard_vocab_limit=False,
        normalization_rule_name=rule,
        user_defined_symbols=symbol,
        minloglevel=2,
        num_threads=1,
        **ids,
    )
    model = sentencepiece.SentencePieceProcessor(model_proto=out.getvalue())
    pieces = [(model.id_to_piece(i), model.get_score(i)) for i in range(model.get_piece_size())]
    return out.getvalue(), pieces


def fairseq(pieces: list[tuple[str, float]], *last: str) -> list[tuple[str, float]]:
    first = ["<s>", "<pad>", "</s>", "<unk>"]
    return [*((t, 0.0) for t in first), *pieces[3:], *((t, 0.0) for t in last)]


def byte_level(*special: str) -> tuple[dict[str, int], list[tuple[str, str]]]:
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers

    learner = Tokenizer(models.BPE())
    learner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(
        vocab_size=600,
        special_tokens=list(special),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    learner.train_from_iterator(source_lines() + target_lines(), trainer)
    made = json.loads(learner.to_str())["model"]
    return made["vocab"], [tuple(merge) for merge in made["merges"]]
