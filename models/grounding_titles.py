"""Titles of a summary that its item gives to somebody else."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from models.grounding_item import Item
from models.name_finder import NameKind
from models.name_letters import fold_diacritics

LONGEST_TITLE = 120
LONGEST_ADDRESS = 200

_HEADS = (
    r"chair(?:man|woman|person)|director|secretary|head|commander|minister|president|principal"
    r"|prosecutor|governor|colonel|general|major|captain|lieutenant"
)
_DEPUTY = r"(?:(?:vice|deputy|assistant)[\s-]+)"
_TITLE = re.compile(rf"\b(?P<deputy>{_DEPUTY})?(?P<head>{_HEADS})\b", re.IGNORECASE)
_BREAK = re.compile(r"[,;:()\"“”\n]|[^\W\d_]{3,}\.\s|\s[-–—]\s")
_HONORIFIC = re.compile(r"\b(?:Mr|Ms|Mrs|Dr|Prof)\.?\s*$")
# Between a title and its bearer stand the names of the office, and no verb.
_OFFICE = re.compile(
    r"(?:\s+(?:[A-Z][\w'’-]*|of|for|the|and|in|at|on|province|provincial|city|commune|ward|district"
    r"|department|committee))*\s*",
)
_APPOSITION = re.compile(
    rf"\s*(?:\(\d+\))?\s*(?:,|\(|–|\bis\b|\bwas\b|\bas\b)\s*(?:the\s+|who is\s+|then\s+)?"
    rf"(?:(?!and\b)[\w'’]+\s+){{0,4}}?(?P<deputy>{_DEPUTY})?(?P<head>{_HEADS})\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class _Bearer:
    """A person with a title; `shown` is both as they stand in the text."""

    person: str
    head: str
    deputy: bool
    shown: str


def strange_titles(summary: str, item: Item) -> list[str]:
    """Persons with a title that another one bears in the item, who has a different one there."""
    persons = list(dict.fromkeys(_persons(item)))
    if not persons:
        return []
    told = {(one.person, one.head, one.deputy) for one in _bearers(item.target, persons)}
    named = {person for person, _, _ in told}
    held = {(head, deputy) for _, head, deputy in told}
    return [
        one.shown
        for one in _bearers(fold_diacritics(summary), persons, strict=True)
        if one.person in named
        and (one.person, one.head, one.deputy) not in told
        and ((one.head, one.deputy) in held or (one.person, one.head, not one.deputy) in told)
    ]


def _persons(item: Item) -> Iterator[str]:
    for name in item.names:
        if name.kind is NameKind.PERSON and " " in name.folded and name.text[0].isupper():
            yield name.folded if not name.folded.isupper() else name.folded.title()


def _bearers(text: str, persons: Sequence[str], *, strict: bool = False) -> Iterator[_Bearer]:
    """Who bears which title; only where it stands right beside the name, if strict."""
    text = fold_diacritics(text)
    found = re.compile(rf"\b(?:{'|'.join(map(re.escape, persons))})\b")
    places = list(found.finditer(text))
    ends = [match.start() for match in places[1:]] + [len(text)]
    starts = [0] + [match.end() for match in places[:-1]]
    for match, start, end in zip(places, starts, ends, strict=False):
        before = text[max(start, match.start() - LONGEST_TITLE) : match.start()]
        yield from _titles_before(before, match.group(), strict)
        yield from _titles_after(text[match.end() : end][:LONGEST_ADDRESS], match.group(), strict)


def _titles_before(before: str, person: str, strict: bool) -> Iterator[_Bearer]:
    chunk = _BREAK.split(_HONORIFIC.sub("", before))[-1]
    titles = list(_TITLE.finditer(chunk))
    for title in titles[-1:]:
        if not strict or _OFFICE.fullmatch(chunk, title.end()):
            yield _bearer(person, title, f"{chunk[title.start() :].strip()} {person}")


def _titles_after(after: str, person: str, strict: bool) -> Iterator[_Bearer]:
    first = _APPOSITION.match(after)
    if strict and first:
        yield _bearer(person, first, person + first.group())
    elif not strict and (first or re.match(r"\s*[,(–]", after)):
        sentence = re.split(r"(?<=[^\W\d_]{3})\.\s", after)[0]
        for title in _TITLE.finditer(sentence):
            yield _bearer(person, title, person)


def _bearer(person: str, title: re.Match[str], shown: str) -> _Bearer:
    head = re.sub(r"(?<=chair)(?:man|woman|person)", "", title["head"].lower())
    return _Bearer(person, head, title["deputy"] is not None, shown)
