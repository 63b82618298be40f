"""The press's abbreviations: every term is found in full and abbreviated."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

from models.entries import Entry, tokenize

# "CS" alone may be anything; in "CS giao thông" it is the police.
SHORTEST_ALONE = 4
MOST_FORMS = 40


@dataclass(frozen=True)
class _Abbreviation:
    whole: re.Pattern[str]
    short: re.Pattern[str]
    spellings: tuple[str, ...]
    words: str


def add_abbreviations(entries: Iterable[Entry], kept_out: Iterable[str] = ()) -> list[Entry]:
    """Return the entries, each with the forms that abbreviations make of its forms.

    A form that any entry has of its own is left to that entry.

    Args:
        entries: in the order in which later ones win.
        kept_out: domains whose entries stay as they are.
    """
    entries = list(entries)
    domains = frozenset(kept_out)
    taken = {_key(form) for entry in entries for form in entry.vi}
    return [
        entry if entry.domain in domains else replace(entry, vi=_more_forms(entry.vi, taken))
        for entry in entries
    ]


def _more_forms(forms: Sequence[str], taken: set[str]) -> tuple[str, ...]:
    found = list(forms)
    for form in found:
        for other in _respell(form):
            tokens = tokenize(other)
            telling = len(tokens) > 1 or len(other) >= SHORTEST_ALONE
            if telling and _key(other) not in taken and len(found) < MOST_FORMS:
                taken.add(_key(other))
                found.append(other)  # and what can be abbreviated further comes round again
    return tuple(found)


def _respell(form: str) -> Iterator[str]:
    """The form with one abbreviation put in or written out."""
    for one in _abbreviations():
        if one.whole.search(form):
            yield from (one.whole.sub(short, form) for short in one.spellings)
        elif one.short.search(form):
            yield one.short.sub(one.words, form)


@cache
def _abbreviations() -> tuple[_Abbreviation, ...]:
    text = files("models").joinpath("abbreviations.toml").read_text(encoding="utf-8")
    return tuple(
        _Abbreviation(
            whole=re.compile(rf"(?<!\w){re.escape(row['whole'])}(?!\w)", re.IGNORECASE),
            short=re.compile(rf"(?<![\w&])(?:{'|'.join(map(re.escape, row['short']))})(?![\w&])"),
            spellings=tuple(row["short"]),
            words=row["whole"],
        )
        for row in tomllib.loads(text)["abbreviation"]
    )


def _key(form: str) -> str:
    return " ".join(token.key for token in tokenize(form))
