"""Parts of the day: what a target lost of "chiều 14-11", and what it made up."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from models.quantities import Quantity, QuantityKind, find_quantities_en, find_quantities_vi
from models.quantity_words import alternation

_SHORT = r"rạng sáng|sáng|trưa|chiều|tối|đêm|khuya"
_DAY = (
    r"cùng ngày|ngày|nay|qua|mai|hôm|mùng|mồng|rằm|thứ\s+(?:[2-7]|hai|ba|tư|năm|sáu|bảy)|chủ nhật"
    r"|\(?\d{1,2}\s?[-/.]\s?\d|\d{1,2}\s+tháng|\d{1,2}(?=\s?[,)]|\s+(?:và|đến|rạng))"
    r"|\d{1,2}\s?(?:giờ|h)"
)
_CLOCK = r"\d{1,2}\s?(?:giờ|h|g)(?:\s?\d{1,2})?(?:\s?phút|\s+rưỡi)?"
_BEFORE = (
    r"buổi|ban|vào|lúc|từ|đến|tới|giữa|suốt|thâu|xuyên|qua|cả|mỗi|hằng|hàng|hôm|trong|nửa|ngay"
)
# Where a word for a part of the day tells when something happens.
_TEMPORAL = re.compile(
    rf"(?<!\w)(?P<dated>{_SHORT})(?=\s+(?:{_DAY}))|{_CLOCK}\s+(?P<clock>{_SHORT})(?!\w)"
    rf"|(?<!\w)(?:{_BEFORE})\s+(?P<led>{_SHORT})(?!\w)"
    r"|(?<!\w)(?P<alone>rạng sáng|nửa đêm|đêm khuya|sáng sớm|chiều muộn|chiều tối)(?!\w)",
    re.IGNORECASE,
)
_LATE = re.compile(r"chiều\s+(?:tối|muộn)|xế\s+chiều|cuối\s+(?:giờ\s+)?chiều", re.IGNORECASE)
EARLIEST_EVENING = 17
_LUNAR = re.compile(r"\blunar\b|\bTet\b", re.IGNORECASE)


@dataclass(frozen=True)
class DayPart:
    """One part of the day: its words in both languages and what proves it in English."""

    name: str
    vi: re.Pattern[str]
    en: re.Pattern[str]
    accepts: frozenset[str]
    allows: frozenset[str]
    hours: frozenset[int]


@dataclass(frozen=True)
class _Table:
    parts: tuple[DayPart, ...]
    other: re.Pattern[str]
    events: re.Pattern[str]

    def named(self, vi: str) -> DayPart:
        """The part that a Vietnamese word means; longer words stand for themselves."""
        return next(part for part in reversed(self.parts) if part.vi.fullmatch(vi))


@dataclass(frozen=True)
class LostPart:
    """A part of the day that the target lacks: the source's words and the English for it."""

    text: str
    english: str


@dataclass(frozen=True)
class DayPartDifference:
    """Parts of the day that the target lacks, and words of the target for one of its own."""

    missing: tuple[LostPart, ...]
    invented: tuple[str, ...]


def lost_calendar(source: str, target: str) -> str | None:
    """The words of the source that make a date a lunar one, where the target has none for them."""
    found = re.search(r"(?<!\w)âm lịch(?!\w)", source, re.IGNORECASE)
    return found.group() if found and not _LUNAR.search(target) else None


def compare_day_parts(source: str, target: str) -> DayPartDifference:
    """Compare when on a day things happen, by words and by the clock."""
    table = _load_table()
    source_clocks = _clock_hours(find_quantities_vi(source), every=True)
    shown = _shown_parts(table, target)
    return DayPartDifference(
        missing=tuple(_missing(table, source, shown | _proved(table, target), source_clocks)),
        invented=tuple(_invented(table, source, target, source_clocks)),
    )


def names_day_part(english: str) -> bool:
    """Whether an English text has a word for a part of the day."""
    return any(part.en.search(english) for part in _load_table().parts)


@cache
def _load_table() -> _Table:
    text = files("models").joinpath("day_parts.toml").read_text(encoding="utf-8")
    data = tomllib.loads(text)
    other = data.pop("other")
    parts = tuple(
        DayPart(
            name,
            _whole_words(row["vi"]),
            _whole_words(row["en"]),
            frozenset(row["accepts"]),
            frozenset(row["accepts"]) | frozenset(row.get("allows", ())),
            frozenset(row["hours"]),
        )
        for name, row in data.items()
    )
    return _Table(parts, _whole_words(other["words"]), _whole_words(other["events"]))


def _whole_words(words: Sequence[str]) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){alternation(words)}(?!\w)", re.IGNORECASE)


def _clock_hours(quantities: Sequence[Quantity], *, every: bool = False) -> set[int]:
    """Hours of the clock times; with `every`, of their less likely readings too."""
    times = [one for one in quantities if one.kind is QuantityKind.TIME and not one.optional]
    if not every:
        return {int(str(one.value)[:2]) for one in times}
    atoms = [atom for one in times for reading in one.readings for atom in reading]
    return {atom.value[0] for atom in atoms if isinstance(atom.value, tuple)}


def _shown_parts(table: _Table, target: str) -> set[str]:
    return {part.name for part in table.parts if part.en.search(target)}


def _proved(table: _Table, target: str) -> set[str]:
    hours = _clock_hours(find_quantities_en(target))
    return {_by_clock(part) for part in table.parts if part.hours & hours}


def _by_clock(part: DayPart) -> str:
    """The evidence of a clock hour, which proves a part without naming it."""
    return f"{part.name} by the clock"


def _missing(
    table: _Table, source: str, evidence: set[str], source_clocks: set[int]
) -> Iterator[LostPart]:
    hidden = _hide(table.events, _hide(table.other, source))
    is_late = _is_late(hidden, source_clocks)
    seen: set[str] = set()
    for match in _TEMPORAL.finditer(hidden):
        group = match.lastgroup or "alone"
        part = table.named(" ".join(match[group].split()))
        accepted = set(part.accepts)
        if part.name == "afternoon" and is_late:
            accepted |= {"evening", "dusk"}
        if part.name in seen or accepted & evidence or _by_clock(part) in evidence:
            continue
        seen.add(part.name)
        yield LostPart(_dated_text(source, match.start(group), match.end()), part.name)


def _is_late(source: str, clocks: set[int]) -> bool:
    """Whether an afternoon of the source is so late that English may call it evening."""
    return bool(_LATE.search(source)) or max(clocks, default=0) >= EARLIEST_EVENING


def _dated_text(source: str, start: int, end: int) -> str:
    """The word with its date, as the hints have it, or the words that were matched."""
    dates = (one for one in find_quantities_vi(source) if one.start <= start < one.end)
    return next((one.text for one in dates), source[start:end])


def _invented(table: _Table, source: str, target: str, source_clocks: set[int]) -> Iterator[str]:
    hidden = _hide(table.other, source)
    present = [part for part in table.parts if part.vi.search(hidden)]
    allowed = {name for part in present for name in part.allows}
    allowed |= {part.name for part in table.parts if part.hours & source_clocks}
    if any(part.name == "afternoon" for part in present) and _is_late(hidden, source_clocks):
        allowed.add("evening")
    for part in table.parts:
        found = part.en.search(target)
        if found and part.name not in allowed:
            yield found.group()


def _hide(words: re.Pattern[str], text: str) -> str:
    return words.sub(lambda match: "\0" * len(match.group()), text)
