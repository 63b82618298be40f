"""Negation: a "không" that the target lost, a "not" that it made up."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from models.english import split_english_sentences
from models.segmenter import split_sentences

# "Quyết định có hiệu lực không?": at the end of a question it asks, and denies nothing.
_QUESTION = re.compile(
    r"(?:không|chưa)(?=\s*[\"”’]?\s*\?)|\b(?:có|đã)\b[^.,;]{0,80}\b(?:không|chưa)(?=\s*\?)"
)
_NOT_YET = re.compile(r"\bchưa\b", re.IGNORECASE)
_KEPT_FROM = re.compile(
    r"\b(?:keep|kept|block|bar|barr|discourag|deterr?)(?:s|ed|ing)?\b[^.,;]{0,80}\bfrom\s\w+ing\b"
)
# "No. 5" counts.
_NUMBER_SIGN = re.compile(r"\bNos?\.?\s?(?=\d)")


@dataclass(frozen=True)
class NegationDifference:
    """Negative words of the source that the target renders nowhere, and its own ones."""

    missing: tuple[str, ...]
    invented: tuple[str, ...]


@dataclass(frozen=True)
class _Table:
    vi_strong: re.Pattern[str]
    vi_any: re.Pattern[str]
    vi_harmless: re.Pattern[str]
    en_strong: re.Pattern[str]
    en_any: re.Pattern[str]
    en_harmless: re.Pattern[str]
    en_not_yet: re.Pattern[str]
    explained: tuple[tuple[re.Pattern[str], re.Pattern[str]], ...]


def compare_negation(source: str, target: str) -> NegationDifference:
    """Compare sentence by sentence where both sides have as many, else as a whole."""
    missing: dict[str, None] = {}
    invented: dict[str, None] = {}
    for left, right in _aligned(source, target):
        missing.update(dict.fromkeys(_missing(left, right)))
        invented.update(dict.fromkeys(_invented(left, right)))
    return NegationDifference(tuple(missing), tuple(invented))


def _aligned(source: str, target: str) -> Iterator[tuple[str, str]]:
    left, right = split_sentences(source), split_english_sentences(target)
    if len(left) == len(right):
        yield from zip(left, right, strict=True)
    else:
        yield source, target


def _missing(source: str, target: str) -> Iterator[str]:
    """The negative words of a source that has more of them than the target renders.

    Of three and more, English may well say two at once.
    """
    table = _load_table()
    plain = _blank(table.vi_harmless, _QUESTION.sub(" ", source))
    strong = [
        match.group()
        for match in table.vi_strong.finditer(plain)
        if not _is_name(plain, match.start())
    ]
    rendered = sum(1 for _ in _renderings(table, source, target))
    if strong and rendered < min(len(strong), 2):
        yield strong[0]


def _is_name(source: str, start: int) -> bool:
    """Whether a capital amid a sentence makes the word a name: Giàng A Chớ."""
    before = source[max(0, start - 4) : start].rstrip(" ")[-1:]
    return source[start].isupper() and before.isalnum() and not source.isupper()


def _renderings(table: _Table, source: str, target: str) -> Iterator[str]:
    for match in table.en_any.finditer(target):
        explained = (vi for en, vi in table.explained if en.fullmatch(match.group()))
        if not any(vi.search(source) for vi in explained):
            yield match.group()
    if _NOT_YET.search(source):
        yield from (match.group() for match in table.en_not_yet.finditer(target))
    yield from (match.group() for match in _KEPT_FROM.finditer(target))


def _invented(source: str, target: str) -> Iterator[str]:
    table = _load_table()
    strong = table.en_strong.search(_blank(table.en_harmless, _NUMBER_SIGN.sub(" ", target)))
    if strong and not table.vi_any.search(source):
        yield strong.group()


def _blank(pattern: re.Pattern[str], text: str) -> str:
    return pattern.sub(lambda match: "\0" * len(match.group()), text)


@cache
def _load_table() -> _Table:
    text = files("models").joinpath("negation.toml").read_text(encoding="utf-8")
    data = tomllib.loads(text)
    vi, en = data["vi"], data["en"]
    return _Table(
        vi_strong=_one_of(vi["strong"]),
        vi_any=_one_of([*vi["strong"], *vi["weak"]]),
        vi_harmless=_one_of(vi["harmless"]),
        en_strong=_one_of(en["strong"]),
        en_any=_any_negative(en),
        en_harmless=_one_of(en["harmless"]),
        en_not_yet=_one_of(en["not_yet"]),
        explained=tuple((_one_of([en]), _one_of(vi)) for en, vi in data["explained"].items()),
    )


def _any_negative(en: Mapping[str, Any]) -> re.Pattern[str]:
    return re.compile(
        f"{_one_of([*en['strong'], *en['weak']]).pattern}"
        rf"|\b(?!{_one_of(en['not_un']).pattern}){en['un']}\w{{3,}}"
        rf"|\b(?!{_one_of(en['not_less']).pattern})\w{{3,}}{en['less']}(?:ly)?\b",
        re.IGNORECASE,
    )


def _one_of(words: Sequence[str]) -> re.Pattern[str]:
    """A pattern of whole words; a star is any ending, "-free" and "n't" stand at the end of one."""
    parts = [
        ("" if word.startswith(("-", "n't")) else r"(?<!\w)")
        + re.escape(word).replace("'", "['’]").replace(r"\*", r"\w*")
        for word in sorted(words, key=len, reverse=True)
    ]
    return re.compile(rf"(?:{'|'.join(parts)})(?!\w)", re.IGNORECASE)
