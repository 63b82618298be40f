"""Names of a summary that its item does not have, as wholes and not only word by word."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from models.english_words import countries_of, is_english_word
from models.grounding_item import Item, key_of
from models.lexicon import load_lexicon
from models.name_letters import fold_diacritics, is_syllable
from models.quantities import find_quantities_en
from models.quantity_units import measure_en

_WORD = re.compile(r"[^\W\d_]+(?:['’ʼ][^\W\d_]+)*")
_POSSESSIVE = re.compile(r"['’]s?$")
_JOINS = re.compile(r"[ \t\u00a0]+|-")
_APOSTROPHES = str.maketrans("’ʼ", "''")
# Whichever of these an item has, its summary may have another.
_ALIKE = (
    frozenset({"deputy", "vice"}),
    frozenset({"chair", "chairman", "chairwoman", "chairperson"}),
    frozenset({"head", "chief"}),
    frozenset({"center", "centre"}),
    frozenset({"defense", "defence"}),
    frozenset({"road", "route", "highway"}),
)
# These stand before a name as the writer's manners have it.
_TITLES = frozenset(
    {"mr", "ms", "mrs", "dr", "prof", "sr", "col", "lt", "maj", "gen", "capt", "sgt"}
)
LONGEST_PIECE = 6


@dataclass(frozen=True)
class _Word:
    text: str
    key: str
    start: int
    end: int


def strange_names(summary: str, item: Item) -> list[str]:
    """Capitalised words of the summary that the item has nowhere, or not together.

    A word that opens a sentence is capitalised for that reason alone: it is a name only
    when it is no English word.
    """
    text = _without_figures(unicodedata.normalize("NFC", summary))
    return [
        strange
        for run in _capitalised_runs(text)
        for strange in _strange_parts(text, run, item, _opens_sentence(text, run[0].start))
    ]


def _without_figures(text: str) -> str:
    """The text with its figures, their months and currencies among them, made unreadable."""
    for one in measure_en(text, find_quantities_en(text)):
        start, end = one.shown.start, one.shown.end
        if any(map(str.isdigit, text[start:end])):
            text = text[:start] + "0" * (end - start) + text[end:]
    return text


def _capitalised_runs(text: str) -> Iterator[list[_Word]]:
    run: list[_Word] = []
    for match in _WORD.finditer(text):
        word = _Word(match[0], key_of(match[0]), match.start(), match.end())
        if not word.text[0].isupper():
            continue
        if run and not _JOINS.fullmatch(text, run[-1].end, word.start):
            yield run
            run = []
        run.append(word)
    if run:
        yield run


def _opens_sentence(text: str, start: int) -> bool:
    before = text[:start].rstrip(' "“‘(-–•*')
    return not before or before[-1] in ".!?:…\n"


def _strange_parts(text: str, run: list[_Word], item: Item, opens: bool) -> Iterator[str]:
    """What is unknown in a run of capitalised words, or else the names that are put together."""
    doubtful = run[1:] if opens and is_english_word(run[0].text) else run
    implied = _implied(doubtful, item)
    unknown = {word for word in doubtful if word not in implied and not _is_known(word, item)}
    if unknown:
        yield from _phrases(text, run, _with_neighbours(run, unknown, item))
        return
    for stretch in _stretches(run, item):
        loose = opens and stretch[0] is run[0] and _is_no_name(run[0], item)
        if not _stands(stretch, item) and not (loose and _stands(stretch[1:], item)):
            yield text[stretch[0].start : stretch[-1].end]


def _is_no_name(word: _Word, item: Item) -> bool:
    return is_english_word(word.text) and word.key not in item.name_words


def _implied(run: list[_Word], item: Item) -> set[_Word]:
    """The words of a province that a place of the item lies in, though it goes without saying."""
    stretches = _stretches(run, item, shortest=1)
    return {
        word
        for stretch in stretches
        if " ".join(one.key for one in stretch) in item.provinces
        for word in stretch
    }


def _is_known(word: _Word, item: Item) -> bool:
    if word.key in _TITLES:
        return True
    if word.key in item.coined:
        return False
    if not word.text.translate(_APOSTROPHES).isascii() and not _has_letters(word.text, item):
        return False
    forms = {word.key, f"{word.key}s", word.key.removesuffix("s"), *_same_word(word.key)}
    if not forms.isdisjoint(item.words):
        return True
    return any(_names_country(one, item) for one in countries_of(word.key))


def _same_word(key: str) -> frozenset[str]:
    return next((words for words in _ALIKE if key in words), frozenset())


def _has_letters(word: str, item: Item) -> bool:
    """Whether the item has a word with these diacritics: Ánh is not "anh"."""
    wanted = letters_key(_POSSESSIVE.sub("", word))
    return any(letters_key(one) == wanted for one in _WORD.findall(f"{item.source}\n{item.target}"))


def letters_key(word: str) -> str:
    """Letters and marks of a word, wherever the tone mark stands: Hòa and Hoà are one."""
    word = unicodedata.normalize("NFC", word).casefold()
    marks = sorted(mark for mark in unicodedata.normalize("NFD", word) if not mark.isalnum())
    return fold_diacritics(word) + "đ" * word.count("đ") + "".join(marks)


def _names_country(country: str, item: Item) -> bool:
    if re.search(rf"\b{re.escape(country)}\b", item.target):
        return True
    return any(country in entry.en for entry in item.terms)


def _with_neighbours(run: list[_Word], unknown: set[_Word], item: Item) -> set[_Word]:
    """The unknown words and the rest of the names that they belong to."""
    stretches = (one for one in _stretches(run, item) if not unknown.isdisjoint(one))
    return unknown.union(*stretches)


def _phrases(text: str, run: list[_Word], chosen: set[_Word]) -> Iterator[str]:
    """The chosen words, those that are neighbours in the run as one."""
    for is_chosen, group in groupby(run, key=chosen.__contains__):
        if is_chosen:
            words = list(group)
            yield text[words[0].start : words[-1].end]


def _stretches(run: list[_Word], item: Item, shortest: int = 2) -> Iterator[list[_Word]]:
    """The parts of a run that may be Vietnamese names."""
    stretch: list[_Word] = []
    for word in (*run, None):
        if word is not None and (is_syllable(word.key) or word.key in item.name_words):
            stretch.append(word)
            continue
        if len(stretch) >= shortest:
            yield stretch
        stretch = []


def _stands(stretch: Sequence[_Word], item: Item) -> bool:
    """Whether the item has these words side by side, or they are whole names of it."""
    keys = [word.key for word in stretch]
    if len(keys) < 2:
        return all(key in item.capitalised for key in keys)
    if f" {' '.join(keys)} " in item.running or " ".join(keys) in item.provinces:
        return True
    whole = {name.folded.casefold() for name in item.names if " " in name.folded}
    whole |= {entry.en.casefold() for entry in load_lexicon().places}
    return _is_made_of(keys, whole, item)


def _is_made_of(keys: Sequence[str], whole: set[str], item: Item) -> bool:
    """Whether names of the item follow each other: "Gia Lai Tran Van Nam"."""
    reached = {0}
    for start in range(len(keys)):
        if start not in reached:
            continue
        for end in range(start + 1, min(start + LONGEST_PIECE, len(keys)) + 1):
            if end not in reached and _is_piece(" ".join(keys[start:end]), whole, item):
                reached.add(end)
    return len(keys) in reached


def _is_piece(piece: str, whole: set[str], item: Item) -> bool:
    if piece in whole and f" {piece} " in item.running:
        return True
    is_plain = " " not in piece and is_english_word(piece)
    return is_plain and piece in item.words and piece not in item.name_words
