"""Teaches a tiny Marian checkpoint its pairs by heart."""

import warnings
from pathlib import Path

_STEPS = 400
_ENOUGH = 0.01


def train(folder: Path, pairs: list[tuple[str, str]]) -> None:
    """Train the checkpoint in place until its loss over the pairs says that it knows them."""
    import torch
    from transformers import MarianMTModel, MarianTokenizer

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # sacremoses is not needed here
        tokenizer = MarianTokenizer.from_pretrained(folder)
        model = MarianMTModel.from_pretrained(folder).train()
    batch = tokenizer(
        [source for source, _ in pairs],
        text_target=[target for _, target in pairs],
        padding=True,
        return_tensors="pt",
    )
    batch["labels"][batch["labels"] == tokenizer.pad_token_id] = -100
    optimizer = torch.optim.AdamW(model.parameters(), lr=5e-3)
    for _ in range(_STEPS):
        loss = model(**batch).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        if loss.item() < _ENOUGH:
            break
    model.eval().save_pretrained(folder)
