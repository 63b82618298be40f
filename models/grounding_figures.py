"""Figures of a summary that its item does not have, or has of something else."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from models.grounding_item import Item, Told
from models.quantities import (
    Quantity,
    QuantityKind,
    compare_quantities,
    find_quantities_en,
)
from models.quantity_types import Reading
from models.quantity_units import ANY, PERCENT, UNKNOWN, Measured, measure_en

MOST_WORDS_AFTER = 6
WORDS_COUNTED = 3
SHORTEST_KIND = 4
SYLLABLES_COUNTED = 5

_COUNTING = {QuantityKind.NUMBER, QuantityKind.MONEY, QuantityKind.PERCENT}
_SYLLABLE = re.compile(r"[^\W\d_]+")
_PHRASE_END = re.compile(r"[\d.,;:()\"“”\n]")
_WORD = re.compile(r"[\s-]+(?P<word>[^\W\d_]+(?:['’-][^\W\d_]+)*)")
# What is counted ends before these, unless "of" goes on.
_STOPS = frozenset(
    """in on at by from to with after before during for since until till than as under over through
    against between among within without while when where which who whom that was were is are be
    been being has have had will would can could may might must should each per this these those it
    they he she its their his her not no then compared versus up down""".split()  # noqa: SIM905 - a word list
)
_EMPTY = frozenset("a an the of and or other more new such some all".split())  # noqa: SIM905 - a word list
# So general that they may stand for what the item calls by a narrower name.
_GENERAL = frozenset(
    """people person individual man woman case unit place site point area locality member resident
    citizen thing time item part group type kind level other total official local victim
    suspect defendant individual worker participant delegate article location spot""".split()  # noqa: SIM905 - a word list
)


def invented_figures(summary: str, item: Item) -> list[str]:
    """Figures that neither source nor translation has, and dates with a year of their own."""
    strange = [
        one
        for one in compare_quantities(item.source, summary).invented
        if not one.readings & item.target_readings
    ]
    whole = {reading for one in item.figures for reading in one.readings}
    years_added = [
        one for one in find_quantities_en(summary) if _is_dated(one) and not _is_within(one, whole)
    ]
    return list(dict.fromkeys(one.text for one in (*strange, *years_added)))


def _is_dated(quantity: Quantity) -> bool:
    """Whether a date carries its year: the item must have both together."""
    is_date = quantity.kind in (QuantityKind.DATE, QuantityKind.MONTH)
    return is_date and all(len(reading) > 1 for reading in quantity.readings)


def _is_within(quantity: Quantity, whole: set[Reading]) -> bool:
    return any(mine <= theirs for mine in quantity.readings for theirs in whole)


def moved_figures(summary: str, item: Item) -> list[str]:
    """Figures that stand beside another unit, or count another thing, than in the item."""
    measured = measure_en(summary, find_quantities_en(summary))
    return [
        " ".join((one.shown.text, *_words_after(summary, one)[:WORDS_COUNTED]))
        for one in measured
        if _counts(one.quantity) and _is_moved(summary, one, item)
    ]


def _counts(quantity: Quantity) -> bool:
    return quantity.kind in _COUNTING and not quantity.optional


def _is_moved(summary: str, one: Measured, item: Item) -> bool:
    told = [(line, two) for line in item.in_target for two in line.same(one.quantity)]
    if not told:
        return False
    units = {two.unit for _, two in told}
    units |= {two.unit for line in item.in_source for two in line.same(one.quantity)}
    after = _words_after(summary, one)
    if one.unit not in (UNKNOWN, ANY):
        return not units & {one.unit, ANY} and all(map(_is_definite, told))
    if units == {PERCENT}:
        return one.unit == UNKNOWN and bool(after)
    return one.unit == UNKNOWN and _counts_another(after, one.quantity, told, item)


def _is_definite(told: tuple[Told, Measured]) -> bool:
    """Whether the item's figure has a unit, or a thing that it counts, right behind it."""
    line, one = told
    return one.unit != UNKNOWN or bool(_words_after(line.text, one))


def _counts_another(
    after: Sequence[str], quantity: Quantity, told: Sequence[tuple[Told, Measured]], item: Item
) -> bool:
    """Whether the things counted stand behind other figures of the item, never behind this one."""
    things = _stems(after[:MOST_WORDS_AFTER])
    if not things - _GENERAL:
        return False
    here = {
        stem for line, one in told for stem in _stems(_words_after(line.text, one) or _words(line))
    }
    if things & here or any(_is_kind_of(one, other) for one in things for other in here):
        return False
    others = [
        two
        for line in item.in_target
        for two in line.measured
        if _counts(two.quantity)
        and not two.quantity.readings & quantity.readings
        and things & _stems(_words_after(line.text, two)[:WORDS_COUNTED]) - _GENERAL
    ]
    return any(_differ_in_source(quantity, two.quantity, item) for two in others)


def _is_kind_of(one: str, other: str) -> bool:
    """Whether a compound ends in the other word: a motorboat is a boat."""
    shorter, longer = sorted((one, other), key=len)
    return len(shorter) >= SHORTEST_KIND and longer.endswith(shorter)


def _differ_in_source(one: Quantity, other: Quantity, item: Item) -> bool:
    """Whether the Vietnamese behind two figures has no word in common: porkers are pigs."""
    behind = [_source_words_after(figure, item) for figure in (one, other)]
    return all(behind) and not behind[0] & behind[1]


def _source_words_after(figure: Quantity, item: Item) -> set[str]:
    return {
        word.casefold()
        for line in item.in_source
        for one in line.same(figure)
        for word in _SYLLABLE.findall(_PHRASE_END.split(line.text[one.shown.end :])[0])[
            :SYLLABLES_COUNTED
        ]
    }


def _words(line: Told) -> list[str]:
    return re.findall(r"[^\W\d_]+", line.text)


def _words_after(text: str, one: Measured) -> list[str]:
    """The words behind a figure and its unit, as far as they may say what it counts."""
    found: list[str] = []
    at = one.shown.end
    while len(found) < MOST_WORDS_AFTER:
        match = _WORD.match(text, at)
        if match is None or match["word"].casefold() in _STOPS or _opens_figure(text, match):
            break
        found.append(match["word"])
        at = match.end()
    return found if _stems(found) else []


def _opens_figure(text: str, match: re.Match[str]) -> bool:
    figures = find_quantities_en(text[match.start("word") : match.end()])
    return any(not one.optional for one in figures)


def _stems(words: Iterable[str]) -> set[str]:
    """The words without endings, those that say nothing left out."""
    keys = (part for word in words for part in word.casefold().split("-"))
    return {_stem(key) for key in keys if key not in _EMPTY and len(key) > 1}


def _stem(word: str) -> str:
    word = re.sub(r"['’]s?$", "", word)
    if word.endswith("ies") and len(word) > 4:
        return f"{word[:-3]}y"
    return word[:-1] if word.endswith("s") and not word.endswith("ss") and len(word) > 3 else word
