"""Chairwoman for Chairman, where the source tells that a woman holds the title."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from models.lexicon import TermMatch
from models.names import Name, NameKind

_CHAIRMAN = re.compile(r"\b(C|c)hairman\b")
# The middle name of most Vietnamese women, and of no man.
_WOMANS_NAME = re.compile(r"\sThị\s")
_MRS_BEFORE = re.compile(r"(?<!\w)(?:bà|cô|chị)\s+$", re.IGNORECASE)
_TITLE_TO_NAME = re.compile(r"\s*(?:,\s*)?(?:(?:đồng chí|bà|cô|chị)\s+)?", re.IGNORECASE)
# What may stand between a name and the titles that follow it, once other titles are taken out.
_APPOSITION = re.compile(r"\s*(?:[,(–-]|là\b)(?:[\s,;()–-]|\b(?:và|kiêm|nguyên)\b)*", re.IGNORECASE)
_FURTHEST = 200


def feminize_titles(
    source: str, matches: Sequence[TermMatch], names: Sequence[Name]
) -> list[TermMatch]:
    """The same matches; of a woman's titles the preferred English is the feminine one."""
    people = [one for one in names if one.kind is NameKind.PERSON]
    return [
        _feminine(match)
        if _CHAIRMAN.search(match.entry.en) and _titles_a_woman(source, match, matches, people)
        else match
        for match in matches
    ]


def _feminine(match: TermMatch) -> TermMatch:
    english = _CHAIRMAN.sub(r"\1hairwoman", match.entry.en)
    return replace(match, entry=replace(match.entry, en=english))


def _titles_a_woman(
    source: str, title: TermMatch, matches: Sequence[TermMatch], people: Sequence[Name]
) -> bool:
    """Whether the person whom it titles, right after it or before it, is a woman."""
    gap = _TITLE_TO_NAME.match(source, title.end)
    after = next((one for one in people if gap and one.start == gap.end()), None)
    if after:
        return _is_woman(source, after)
    before = [one for one in people if title.start - _FURTHEST < one.end <= title.start]
    if not before:
        return False
    between = list(source[before[-1].end : title.start])
    for other in matches:
        if before[-1].end <= other.start and other.end <= title.start:
            at = other.start - before[-1].end
            between[at : at + len(other.text)] = " " * len(other.text)
    joined = _APPOSITION.fullmatch("".join(between)) is not None
    return joined and _is_woman(source, before[-1])


def _is_woman(source: str, name: Name) -> bool:
    before = source[max(0, name.start - 8) : name.start]
    return _WOMANS_NAME.search(name.text) is not None or _MRS_BEFORE.search(before) is not None
