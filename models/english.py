"""English prose: its sentences and words, as the summarizer needs them."""

from __future__ import annotations

import re

LONGEST_ABBREVIATION = 6

_SENTENCE_END = re.compile(r"(?<=[.!?…][\"”’)]|.[.!?…])\s+(?=[\"“‘(]?[A-Z0-9])")
_ABBREVIATION = re.compile(r"\b(?:[A-Z]|Mr|Mrs|Ms|Dr|Prof|Gen|Col|Maj|Lt|Sr|Jr|St|No|vs)\.$")


def count_words(text: str) -> int:
    """Words as an editor counts them: runs between spaces."""
    return len(text.split())


def cut_to_words(sentence: str, limit: int) -> str:
    """Return the sentence, or its first `limit` words with an ellipsis."""
    words = sentence.split()
    if len(words) <= limit:
        return sentence
    return " ".join(words[:limit]).rstrip(",;:-– ") + "…"


def split_english_sentences(text: str) -> list[str]:
    """Split model output into sentences; initials and titles do not end one."""
    sentences: list[str] = []
    for line in text.splitlines():
        parts = [part.strip() for part in _SENTENCE_END.split(line) if part.strip()]
        for part in parts:
            if sentences and _ABBREVIATION.search(sentences[-1][-LONGEST_ABBREVIATION:]):
                sentences[-1] += f" {part}"
            else:
                sentences.append(part)
    return sentences
