"""How the families of transformers checkpoints want to be asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Recipe:
    """Language codes and prefixes of one checkpoint; empty strings where it has none.

    Args:
        source_language: code that its tokenizer has for Vietnamese.
        target_language: code that its tokenizer has for English.
        source_prefix: text that stands before every source.
        target_prefix: text that the model writes before its answer, and that is taken off.
        language: of a summarizer's input and output, "en" or "vi".
    """

    source_language: str = ""
    target_language: str = ""
    source_prefix: str = ""
    target_prefix: str = ""
    language: str = "en"


@dataclass(frozen=True)
class Family:
    """Checkpoints of one architecture.

    Args:
        model_types: values of `model_type` in `config.json` that belong to it.
        causal: continues a prompt, where the others turn a source into a target.
        recipe: what holds unless the catalogue says otherwise.
    """

    model_types: tuple[str, ...]
    causal: bool = False
    recipe: Recipe = Recipe()


FAMILIES: Mapping[str, Family] = {
    "marian": Family(("marian",)),
    "mbart": Family(("mbart",), recipe=Recipe("vi_VN", "en_XX")),
    "m2m100": Family(("m2m_100",), recipe=Recipe("vi", "en")),
    "nllb": Family(("m2m_100",), recipe=Recipe("vie_Latn", "eng_Latn")),
    "t5": Family(("t5", "mt5", "umt5")),
    "madlad": Family(("t5",), recipe=Recipe(source_prefix="<2en> ")),
    "bart": Family(("bart",)),
    "bartpho": Family(("mbart",), recipe=Recipe(language="vi")),
    "pegasus": Family(("pegasus",)),
    "causal": Family(("qwen2", "qwen3", "gemma2", "gemma3_text", "gemma3", "llama"), causal=True),
}
