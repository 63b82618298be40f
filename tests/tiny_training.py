"""Teaches a tiny Marian checkpoint its pairs."""

import random
import warnings
from pathlib import Path

_STEPS = 400
_ENOUGH = 0.01


def train(
    folder: Path, pairs: list[tuple[str, str]], steps: int = _STEPS, batch: int | None = None
) -> None:
    """Train the checkpoint in place until its loss over the pairs says that it knows them.

    Each step sees `batch` of the pairs, or all of them.
    """
    import torch
    from transformers import MarianMTModel, MarianTokenizer

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # sacremoses is not needed here
        tokenizer = MarianTokenizer.from_pretrained(folder)
        model = MarianMTModel.from_pretrained(folder).train()
    draw, threads = random.Random(11), torch.get_num_threads()
    torch.set_num_threads(1)  # such small steps only lose by more
    whole = _encode(tokenizer, pairs) if batch is None else None
    optimizer = torch.optim.AdamW(model.parameters(), lr=5e-3)
    for _ in range(steps):
        seen = _encode(tokenizer, draw.sample(pairs, batch)) if batch is not None else whole
        loss = model(**seen).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        if loss.item() < _ENOUGH:
            break
    torch.set_num_threads(threads)
    model.eval().save_pretrained(folder)


def _encode(tokenizer, pairs: list[tuple[str, str]]):
    batch = tokenizer(
        [source for source, _ in pairs],
        text_target=[target for _, target in pairs],
        padding=True,
        return_tensors="pt",
    )
    batch["labels"][batch["labels"] == tokenizer.pad_token_id] = -100
    return batch
