"""Like terms that a target mixed up: the Council's chairman where the Committee's belongs."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from models.lexicon import Entry, TermMatch, english_stems

# Of the stems of both: "… of the Provincial People.s Council" and "… Committee" share 4 of 6.
LEAST_SHARED = 0.6
FEWEST_STEMS = 3
# "… and his deputy": English tells a rank apart from the title that the two share.
_RANKS = frozenset({"deputy", "vice", "permanent", "standing", "acting", "former", "second"})

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


@dataclass(frozen=True)
class _Mention:
    """A form of an entry in a target, at start to end."""

    entry: Entry
    start: int
    end: int


def repair_terms(matches: Sequence[TermMatch], target: str) -> str:
    """Return the target with its mixed-up terms as the source has them, in their order.

    Only terms that are alike can be mixed up, and only where source and target name as many
    of them is it plain which should stand where.
    """
    for group in _alike(matches):
        wanted = [match.entry for match in matches if match.entry in group]
        found = list(_mentions(group, target))
        if len(found) != len(wanted) or Counter(wanted) == Counter(one.entry for one in found):
            continue
        if _tells_rank_apart(wanted, found, target):
            continue
        for mention, entry in reversed(list(zip(found, wanted, strict=True))):
            if mention.entry != entry:
                target = target[: mention.start] + entry.en + target[mention.end :]
    return target


def _tells_rank_apart(wanted: Sequence[Entry], found: Sequence[_Mention], target: str) -> bool:
    lacking = Counter(wanted) - Counter(one.entry for one in found)
    ranks = _RANKS & {word for entry in lacking for word in entry.en.casefold().split()}
    if not ranks:
        return False
    ends = [0, *(one.end for one in found)]
    starts = [*(one.start for one in found), len(target)]
    apart = (target[end:start].casefold() for end, start in zip(ends, starts, strict=True))
    return any(rank in one for one in apart for rank in ranks | {"deput", "vice"})


def _alike(matches: Sequence[TermMatch]) -> list[tuple[Entry, ...]]:
    """The terms of a source in groups that are alike in English, of two or more each."""
    groups: list[list[Entry]] = []
    for entry in dict.fromkeys(match.entry for match in matches):
        near = [group for group in groups if any(_are_alike(entry, one) for one in group)]
        groups = [group for group in groups if group not in near]
        groups.append([one for group in near for one in group] + [entry])
    return [tuple(group) for group in groups if len(group) > 1]


def _are_alike(one: Entry, other: Entry) -> bool:
    mine, theirs = set(english_stems(one.en)), set(english_stems(other.en))
    if min(len(mine), len(theirs)) < FEWEST_STEMS:
        return False
    return len(mine & theirs) >= LEAST_SHARED * len(mine | theirs)


def _mentions(group: Sequence[Entry], target: str) -> Iterator[_Mention]:
    """Forms of the entries in a target, the longest at each place, none overlapping."""
    words = [(stem, word) for word in _WORD.finditer(target) for stem in english_stems(word[0])]
    forms = [(english_stems(form), entry) for entry in group for form in (entry.en, *entry.accept)]
    forms.sort(key=lambda form: -len(form[0]))
    at = 0
    while at < len(words):
        here = next((form for form in forms if _stands_at(form[0], words, at)), None)
        if here is None:
            at += 1
            continue
        last = at + len(here[0]) - 1
        yield _Mention(here[1], words[at][1].start(), words[last][1].end())
        at = last + 1


def _stands_at(stems: Sequence[str], words: Sequence[tuple[str, re.Match[str]]], at: int) -> bool:
    return bool(stems) and [stem for stem, _ in words[at : at + len(stems)]] == list(stems)
