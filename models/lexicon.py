"""Vietnamese-English terms: found in a source, checked in a target."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache, cached_property, lru_cache
from importlib.resources import files
from typing import Any

import ahocorasick  # type: ignore[import-not-found, unused-ignore] # ships no type stubs

from models.abbreviations import add_abbreviations
from models.entries import USER_DOMAIN, Entry, GlossaryTerm, Token, exact_key, tokenize
from models.errors import BadConfig
from models.glossary import load_entries, load_toml

__all__ = [
    "PLACE_NAMES",
    "Entry",
    "Lexicon",
    "TermMatch",
    "load_entries",
    "load_lexicon",
    "term_used",
]

PLACE_NAMES = "place-names"
_ENGLISH_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*|(?<=\d)[.,/:](?=\d)")
# One private character a token: matching token strings keeps every match on syllable borders.
_FIRST_CODE = 0xE000
_UNKNOWN = "\ue000"


@dataclass(frozen=True)
class TermMatch:
    """An entry found in a source; `text` is source[start:end]."""

    entry: Entry
    text: str
    start: int
    end: int


def _fits_case(entry: Entry, form: str, text: str) -> bool:
    """Whether capitals allow the entry: Hòa Bình is a place, hòa bình is peace."""
    if entry.case:
        return exact_key(text) == exact_key(form)
    syllables = text.split()
    if entry.domain == PLACE_NAMES:
        capitals = [part[0].isupper() for part in form.split()]
        return len(capitals) != len(syllables) or not any(
            capital and part[0].islower() for capital, part in zip(capitals, syllables, strict=True)
        )
    titled = len(syllables) == 2 and all(part.istitle() for part in syllables)
    return not (titled and all(one.islower() for one in entry.vi))


def _users(term: GlossaryTerm) -> Entry:
    if isinstance(term, Entry):
        return replace(term, user=True)
    source, target = (" ".join(text.split()) for text in term)
    if not tokenize(source) or not target:
        raise BadConfig("a glossary pair needs a source and a target; remove the empty one")
    return Entry((source,), target, domain=USER_DOMAIN, user=True)


class Lexicon:
    """Finds entries in text; a later entry wins over an earlier one with the same form."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        """Index the entries; the automaton is built on first use."""
        self.entries = tuple(entries)

    def with_entries(self, user: Iterable[GlossaryTerm]) -> Lexicon:
        """A lexicon in which the user's entries, or (source, target) pairs, win."""
        added = [_users(one) for one in user]
        return Lexicon((*self.entries, *added)) if added else self

    @cached_property
    def _codes(self) -> dict[str, str]:
        keys = {t.key for e in self.entries for form in e.vi for t in tokenize(form)}
        return {key: chr(_FIRST_CODE + 1 + n) for n, key in enumerate(sorted(keys))}

    @cached_property
    def _automaton(self) -> Any:  # noqa: ANN401 - pyahocorasick ships no types
        forms: dict[str, list[tuple[str, Entry]]] = {}
        for entry in self.entries:
            for form in entry.vi:
                forms.setdefault(self._encode(tokenize(form)), []).append((form, entry))
        automaton = ahocorasick.Automaton()
        for code, candidates in forms.items():
            automaton.add_word(code, (len(code), tuple(reversed(candidates))))
        automaton.make_automaton()
        return automaton

    def _encode(self, tokens: Iterable[Token]) -> str:
        return "".join(self._codes.get(token.key, _UNKNOWN) for token in tokens)

    def _candidates(self, text: str) -> Iterator[TermMatch]:
        tokens = tokenize(text)
        if not self.entries or not tokens:
            return
        for last, (length, candidates) in self._automaton.iter(self._encode(tokens)):
            start, end = tokens[last - length + 1].start, tokens[last].end
            found = text[start:end]
            for form, entry in candidates:
                if _fits_case(entry, form, found):
                    yield TermMatch(entry, found, start, end)
                    break

    def find(self, text: str) -> tuple[TermMatch, ...]:
        """The terms in a source, left to right, none overlapping.

        The user's come first, the longest of them before the others, so that none of them
        loses its place to a built-in term around it; of the built-in ones, the first and
        longest.
        """
        free = bytearray(b"\1" * len(text))
        matches: list[TermMatch] = []
        for match in sorted(self._candidates(text), key=_precedence):
            if 0 not in free[match.start : match.end]:
                free[match.start : match.end] = bytes(match.end - match.start)
                matches.append(match)
        return tuple(sorted(matches, key=lambda match: match.start))

    @cached_property
    def places(self) -> tuple[Entry, ...]:
        """The place names, with the exonyms that English uses for them."""
        return tuple(entry for entry in self.entries if entry.domain == PLACE_NAMES)


def _precedence(match: TermMatch) -> tuple[int, int, int]:
    if match.entry.user:
        return 0, match.start - match.end, match.start
    return 1, match.start, -match.end


@cache
def load_lexicon() -> Lexicon:
    """The built-in lexicon, every file of `models/terms`, read once a process."""
    folder = files("models").joinpath("terms")
    parts = sorted(folder.iterdir(), key=lambda one: one.name, reverse=True)
    # The core comes last: its entries win over others with the same form.
    entries = (
        placed.entry
        for one in parts
        for placed in load_toml(one.read_text(encoding="utf-8"), one.name)
    )
    return Lexicon(add_abbreviations(entries, kept_out=[PLACE_NAMES]))


def _stem(word: str) -> str:
    stem = word.removesuffix("'s").removesuffix("'")
    if len(stem) > 4 and stem.endswith("ies"):
        return stem[:-3] + "y"
    for suffix in ("ing", "ed", "es", "s"):
        root = stem.removesuffix(suffix)
        if root == stem or len(root) < 3 or stem.endswith(("ss", "us", "is")):
            continue
        if suffix != "es" or root.endswith(("s", "x", "z", "ch", "sh")):
            stem = root
            break
    if len(stem) > 4 and stem[-1] == stem[-2] and stem[-1] not in "aeious":
        stem = stem[:-1]
    return stem.removesuffix("e") if len(stem) > 3 else stem


def _fold(text: str) -> str:
    marked = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return "".join(letter for letter in marked if not unicodedata.combining(letter))


def _stems(english: str) -> str:
    plain = _fold(english.replace("’", "'").replace("U.S.", "US"))
    words = _ENGLISH_WORD.findall(plain.casefold())
    return " " + " ".join(_stem(word) for word in words if word not in {"the", "a", "an"}) + " "


@lru_cache(maxsize=8192)
def english_stems(english: str) -> tuple[str, ...]:
    """The stems of an English text, without articles, case and diacritics."""
    return tuple(_stems(english).split())


@lru_cache(maxsize=8192)
def _form_stems(form: str) -> str:
    return _stems(form)


def term_used(entry: Entry, target: str) -> str | None:
    """The accepted English form that stands in the target, singular or plural, or None.

    Diacritics make no difference: a target may be written without those of its names.
    """
    stems = _stems(target)
    forms = [entry.en, *sorted(entry.accept, key=lambda form: -len(form))]
    return next((form for form in forms if _stands_in(form, stems, target)), None)


def _stands_in(form: str, stems: str, target: str) -> bool:
    wanted = _form_stems(form)
    return wanted in stems if wanted.strip() else form in target
