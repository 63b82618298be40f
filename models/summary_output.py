"""What sequence-to-sequence summarizers write, as clean sentences."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence

from models.engine import Hypothesis
from models.english import split_english_sentences
from models.runaway import repeated_run
from models.segmenter import split_sentences
from models.summary import words_of

# PEGASUS writes <n> between sentences, T5 a full stop with a space before it.
_BREAK = re.compile(r"\s*<n>\s*")
_SPACED_STOP = re.compile(r"\s+([.!?])(?:\s+|$)")
_SPACED_SIGN = re.compile(r"\s+([,;:])(?=\s)")
_SPACES = re.compile(r"[^\S\n]+")
_CLOSED = re.compile(r"[.!?…:;][\"”’')\]]*$")
_LOWER_CASE_END = re.compile(r"(?<=[^\W\d_]{2}[.!?])\s+(?=[a-z])")
_ABBREVIATION = re.compile(r"\b(?:approx|co|corp|dr|etc|inc|ltd|mr|mrs|ms|no|prof|vs)\.$")

_REFERS_BACK = re.compile(
    r"(?:He|She|It|They|This|These|That|Those|His|Her|Its|Their|Họ|Nó|Đó|Đây|Điều)\b"
)
_TITLE = re.compile(r"(?:Ông|Bà|Anh|Chị|Cô)\s+(\w)")  # a pronoun, where no name follows


def close_sentence(text: str) -> str:
    """The text with a full stop where it ends without one, as headlines do."""
    text = " ".join(text.split())
    return text if not text or _CLOSED.search(text) else f"{text}."


def read_english(text: str) -> list[str]:
    """Sentences of English output, those in lower case included."""
    sentences = split_english_sentences(_tidied(text))
    return [part for sentence in sentences for part in _split_lower_case(sentence)]


def read_vietnamese(text: str) -> list[str]:
    """Sentences of Vietnamese output, in NFC."""
    lines = _tidied(unicodedata.normalize("NFC", text)).splitlines()
    return [part.strip() for line in lines for part in split_sentences(line) if part.strip()]


def _tidied(text: str) -> str:
    text = _BREAK.sub("\n", text)
    text = _SPACED_SIGN.sub(r"\1", _SPACED_STOP.sub(r"\1" + "\n", text))
    return _SPACES.sub(" ", text).strip()


def _split_lower_case(sentence: str) -> list[str]:
    """A model that writes no capitals leaves only the full stops to split at."""
    if not sentence[:1].islower():
        return [sentence]
    parts: list[str] = []
    for part in _LOWER_CASE_END.split(sentence):
        if parts and _ABBREVIATION.search(parts[-1]):
            parts[-1] += f" {part}"
        else:
            parts.append(part)
    return parts


def usable_sentences(hypothesis: Hypothesis, read: Callable[[str], list[str]]) -> list[str]:
    """Whole sentences of the output, each once; none of one that loops."""
    if repeated_run(hypothesis.text):
        return []
    sentences = read(hypothesis.text)
    if hypothesis.truncated:
        sentences = sentences[:-1]
    said: dict[tuple[str, ...], str] = {}
    for sentence in sentences:
        if any(map(str.isalpha, sentence)):
            said.setdefault(words_of(sentence), sentence)
    return list(said.values())


def _refers_back(sentence: str) -> bool:
    title = _TITLE.match(sentence)
    return bool(_REFERS_BACK.match(sentence)) or (title is not None and title[1].islower())


def borne_out(
    sentences: Sequence[str], unsupported: Callable[[str], tuple[str, ...]]
) -> tuple[list[int], tuple[str, ...]]:
    """Which sentences hold nothing unsupported, and the unsupported values of the others.

    A sentence that begins with a pronoun goes with the dropped one that it refers to.
    Without its lead a summary is none: no sentence is left then.
    """
    forbidden = unsupported(" ".join(sentences))
    if not forbidden:
        return list(range(len(sentences))), ()
    kept: list[int] = []
    dropping = False
    for index, sentence in enumerate(sentences):
        wrong = bool(unsupported(sentence))
        dropping = wrong or (dropping and _refers_back(sentence))
        if not dropping:
            kept.append(index)
    left = " ".join(sentences[index] for index in kept)
    return ([], forbidden) if kept[:1] != [0] or unsupported(left) else (kept, forbidden)
