"""Vietnamese-English terms: loading, finding them in a source, checking them in a target."""

from __future__ import annotations

import csv
import re
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import ahocorasick  # type: ignore[import-not-found, unused-ignore] # ships no type stubs

from models.errors import BadConfig

PLACE_NAMES = "place-names"
_TOKEN = re.compile(r"[^\W_][^\W_\u0300-\u036f]*(?:[\u0300-\u036f]+[^\W_]*)*|[^\w\s]|_")
_ENGLISH_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*|(?<=\d)[.,/:](?=\d)")
_FIELDS = {"vi", "en", "accept", "case", "note"}
# One private character a token: matching token strings keeps every match on syllable borders.
_FIRST_CODE = 0xE000
_UNKNOWN = "\ue000"
# Both spellings of a syllable are in use: hoà and hòa, uỷ and ủy, kỹ and kĩ.
_OLD_TONE = {
    old: new
    for olds, news in (("oà oá oả oã oạ", "òa óa ỏa õa ọa"), ("oè oé oẻ oẽ oẹ", "òe óe ỏe õe ọe"))
    for old, new in zip(olds.split(), news.split(), strict=True)
} | {"uỳ": "ùy", "uý": "úy", "uỷ": "ủy", "uỹ": "ũy", "uỵ": "ụy"}
_FINAL_Y = re.compile(r"^([hklmst])([yỳýỷỹỵ])$")
_Y_TO_I = str.maketrans("yỳýỷỹỵ", "iìíỉĩị")


@dataclass(frozen=True)
class Entry:
    """One concept: every Vietnamese form, the preferred English and what else counts as right."""

    vi: tuple[str, ...]
    en: str
    accept: tuple[str, ...] = ()
    domain: str = ""
    case: bool = False
    note: str = ""


@dataclass(frozen=True)
class TermMatch:
    """An entry found in a source; `text` is source[start:end]."""

    entry: Entry
    text: str
    start: int
    end: int


@dataclass(frozen=True)
class _Token:
    key: str
    start: int
    end: int


def _syllable_key(token: str) -> str:
    key = unicodedata.normalize("NFC", token).casefold()
    tail = key[-2:]
    if tail in _OLD_TONE and not (tail[0] == "u" and key[:-2] == "q"):
        key = key[:-2] + _OLD_TONE[tail]
    if vowel := _FINAL_Y.match(key):
        key = vowel[1] + vowel[2].translate(_Y_TO_I)
    return "-" if key in "–—‑" else key


def _tokenize(text: str) -> list[_Token]:
    return [_Token(_syllable_key(m[0]), *m.span()) for m in _TOKEN.finditer(text)]


def _exact_key(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def _fits_case(entry: Entry, form: str, text: str) -> bool:
    """Whether capitals allow the entry: Hòa Bình is a place, hòa bình is peace."""
    if entry.case:
        return _exact_key(text) == _exact_key(form)
    syllables = text.split()
    if entry.domain == PLACE_NAMES:
        capitals = [part[0].isupper() for part in form.split()]
        return len(capitals) != len(syllables) or not any(
            capital and part[0].islower() for capital, part in zip(capitals, syllables, strict=True)
        )
    titled = len(syllables) == 2 and all(part.istitle() for part in syllables)
    return not (titled and all(one.islower() for one in entry.vi))


def _parse_pair(source: str, target: str) -> Entry:
    if not _tokenize(source) or not target.strip():
        raise BadConfig("a glossary pair needs a source and a target; remove the empty one")
    return Entry((source.strip(),), target.strip(), domain="user")


class Lexicon:
    """Finds entries in text; a later entry wins over an earlier one with the same form."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        """Index the entries; the automaton is built on first use."""
        self.entries = tuple(entries)

    def with_entries(self, user: Iterable[Entry | tuple[str, str]]) -> Lexicon:
        """A lexicon in which the user's entries, or (source, target) pairs, win."""
        added = [one if isinstance(one, Entry) else _parse_pair(*one) for one in user]
        return Lexicon((*self.entries, *added)) if added else self

    @cached_property
    def _codes(self) -> dict[str, str]:
        keys = {t.key for e in self.entries for form in e.vi for t in _tokenize(form)}
        return {key: chr(_FIRST_CODE + 1 + n) for n, key in enumerate(sorted(keys))}

    @cached_property
    def _automaton(self) -> Any:  # noqa: ANN401 - pyahocorasick ships no types
        forms: dict[str, list[tuple[str, Entry]]] = {}
        for entry in self.entries:
            for form in entry.vi:
                forms.setdefault(self._encode(_tokenize(form)), []).append((form, entry))
        automaton = ahocorasick.Automaton()
        for code, candidates in forms.items():
            automaton.add_word(code, (len(code), tuple(reversed(candidates))))
        automaton.make_automaton()
        return automaton

    def _encode(self, tokens: Iterable[_Token]) -> str:
        return "".join(self._codes.get(token.key, _UNKNOWN) for token in tokens)

    def _candidates(self, text: str) -> Iterator[TermMatch]:
        tokens = _tokenize(text)
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
        """The terms in a source, left to right, longest first, none overlapping."""
        matches: list[TermMatch] = []
        for match in sorted(self._candidates(text), key=lambda m: (m.start, -m.end)):
            if not matches or match.start >= matches[-1].end:
                matches.append(match)
        return tuple(matches)

    @cached_property
    def places(self) -> tuple[Entry, ...]:
        """The place names, with the exonyms that English uses for them."""
        return tuple(entry for entry in self.entries if entry.domain == PLACE_NAMES)


def _string_list(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(v, str) and v.strip() for v in value):
        raise ValueError("'vi' and 'accept' must be lists of non-empty strings")
    return tuple(unicodedata.normalize("NFC", v.strip()) for v in value)


def _parse_entry(row: object, domain: str) -> Entry:
    if not isinstance(row, Mapping):
        raise ValueError("an entry must be a table such as { vi = [...], en = '...' }")
    if unknown := sorted(set(row) - _FIELDS):
        raise ValueError(f"unknown field {unknown[0]!r}; fields are {', '.join(sorted(_FIELDS))}")
    vi, en = _string_list(row.get("vi")), row.get("en")
    if not vi or not all(_tokenize(form) for form in vi):
        raise ValueError("'vi' needs at least one form")
    if not isinstance(en, str) or not en.strip():
        raise ValueError("'en' must be a non-empty string")
    case, note = row.get("case", False), row.get("note", "")
    if not isinstance(case, bool) or not isinstance(note, str):
        raise ValueError("'case' must be true or false and 'note' a string")
    return Entry(vi, en.strip(), _string_list(row.get("accept", [])), domain, case, note)


def _row_lines(text: str) -> list[int]:
    return [n for n, line in enumerate(text.splitlines(), 1) if re.match(r"\s*(\{|\[\[)", line)]


def _load_toml(text: str, name: str) -> list[Entry]:
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadConfig(f"{name}: not valid TOML, correct it: {error}") from error
    entries: list[Entry] = []
    lines = _row_lines(text)
    count = sum(len(rows) for rows in tables.values() if isinstance(rows, list))
    for domain, rows in tables.items():
        if not isinstance(rows, list):
            raise BadConfig(f"{name}: '{domain}' must be a list of entries")
        for row in rows:
            # Several entries on one line make lines and entries differ; then only count.
            place = f"line {lines[len(entries)]}" if len(lines) == count else ""
            try:
                entries.append(_parse_entry(row, domain))
            except ValueError as error:
                place = place or f"entry {len(entries) + 1}"
                raise BadConfig(f"{name}, {place}: {error}") from error
    return entries


def _load_csv(text: str, name: str) -> list[Entry]:
    rows = csv.reader(text.splitlines(), strict=True)
    entries: list[Entry] = []
    try:
        header = [column.strip().lower() for column in next(rows, [])]
        if header[:2] != ["source", "target"]:
            raise ValueError("the first row must be 'source,target'")
        for row in rows:
            if not row:
                continue
            if len(row) != len(header):
                raise ValueError(f"{len(header)} columns wanted, {len(row)} found")
            entries.append(_parse_entry({"vi": [row[0]], "en": row[1]}, "user"))
    except (ValueError, csv.Error) as error:
        raise BadConfig(f"{name}, line {max(rows.line_num, 1)}: {error}") from error
    return entries


def load_entries(path: Path) -> tuple[Entry, ...]:
    """Read a user's entries, TOML like the built-in file or CSV with columns source,target.

    Raises:
        BadConfig: the file cannot be read or a row is malformed; the message names the line.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise BadConfig(f"{path}: cannot read it as UTF-8 text: {error}") from error
    loader = _load_csv if path.suffix.lower() == ".csv" else _load_toml
    return tuple(loader(text, str(path)))


@cache
def load_lexicon() -> Lexicon:
    """The built-in lexicon, every file of `models/terms`, read once a process."""
    folder = files("models").joinpath("terms")
    parts = sorted(folder.iterdir(), key=lambda one: one.name, reverse=True)
    # The core comes last: its entries win over others with the same form.
    return Lexicon(
        entry for one in parts for entry in _load_toml(one.read_text(encoding="utf-8"), one.name)
    )


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


def _stems(english: str) -> str:
    words = _ENGLISH_WORD.findall(english.replace("’", "'").replace("U.S.", "US").casefold())
    return " " + " ".join(_stem(word) for word in words if word not in {"the", "a", "an"}) + " "


@lru_cache(maxsize=8192)
def _form_stems(form: str) -> str:
    return _stems(form)


def term_used(entry: Entry, target: str) -> str | None:
    """The accepted English form that stands in the target, singular or plural, or None."""
    stems = _stems(target)
    forms = sorted((entry.en, *entry.accept), key=lambda form: -len(form))
    if _form_stems(entry.en) in stems:
        return entry.en
    return next((form for form in forms if _form_stems(form) in stems), None)
