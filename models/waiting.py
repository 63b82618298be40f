"""What waits for an engine: calls, their segments, and how many callers there lately were."""

from __future__ import annotations

import math
from bisect import bisect_left, insort
from collections import OrderedDict, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock

from models.engine import DecodeOptions, EngineInput, Hypothesis

COMPANY_S = 0.1  # how long callers who left are expected back


class Call:
    """One caller's segments, and the lock at which the caller waits until they are done."""

    def __init__(self, size: int) -> None:
        """Hold the lock until the call is over."""
        self.results: list[Hypothesis | None] = [None] * size
        self.left = size
        self.over = False
        self.error: BaseException | None = None
        self.done = Lock()
        self.done.acquire()


@dataclass(slots=True, eq=False)
class Item:
    """One segment; those of a kind may share a batch."""

    call: Call
    place: int
    input: EngineInput
    tokens: int
    kind: tuple[DecodeOptions, bool]
    arrived: float
    number: int = 0


class Waiting:
    """The segments that wait: by arrival, by the turns of their calls, and by kind and length.

    The call at the front is served next and then goes to the back, where new ones come too: all
    others have one turn before it has another, so that none waits for ever.
    """

    def __init__(self) -> None:
        """Begin with nothing."""
        self.tokens = self._added = 0
        self._items: OrderedDict[Item, None] = OrderedDict()
        self._turns: OrderedDict[Call, OrderedDict[Item, None]] = OrderedDict()
        self._kinds: defaultdict[object, list[tuple[int, int, Item]]] = defaultdict(list)

    def __len__(self) -> int:
        """How many segments wait."""
        return len(self._items)

    @property
    def oldest(self) -> Item:
        """The one that came first."""
        return next(iter(self._items))

    def add(self, item: Item) -> None:
        """Let a segment wait behind those of its call, a new call behind all others."""
        item.number = self._added = self._added + 1
        insort(self._kinds[item.kind], (item.tokens, item.number, item))
        self._items[item] = None
        self._turns.setdefault(item.call, OrderedDict())[item] = None
        self.tokens += item.tokens

    def drop(self, call: Call) -> None:
        """Forget what waits of a call."""
        for item in list(self._turns.get(call, ())):
            start = bisect_left(self._kinds[item.kind], (item.tokens, item.number))
            self._remove(item.kind, start, start + 1)

    def take(self, budget: int, share: int) -> list[Item]:
        """Take the next in turn and those nearest to it in length, to hold a share of tokens."""
        call, items = next(iter(self._turns.items()))
        self._turns.move_to_end(call)
        first = next(iter(items))
        group = self._kinds[first.kind]
        start = bisect_left(group, (first.tokens, first.number))
        if first.kind[0].temperature > 0:  # the dice would fall otherwise in company
            share = 0
        return self._remove(first.kind, *_window(group, start, budget, share))

    def _remove(self, kind: object, start: int, end: int) -> list[Item]:
        group = self._kinds[kind]
        items = [item for _, _, item in group[start:end]]
        del group[start:end]
        if not group:
            del self._kinds[kind]
        for item in items:
            del self._items[item]
            del self._turns[item.call][item]
            if not self._turns[item.call]:
                del self._turns[item.call]
            self.tokens -= item.tokens
        return items


def _window(
    group: Sequence[tuple[int, int, Item]], start: int, budget: int, share: int
) -> tuple[int, int]:
    """Widen from one place to the neighbour nearer in length, within the padded budget."""
    length = tokens = group[start][0]
    end = start + 1
    while tokens < share:
        size = end - start + 1
        fits_up = end < len(group) and group[end][0] * size <= budget
        fits_down = start > 0 and group[end - 1][0] * size <= budget
        up = group[end][0] - length if fits_up else math.inf
        down = length - group[start - 1][0] if fits_down else math.inf
        if not fits_up and not fits_down:
            break
        if up < down:  # of two as near, the shorter, which adds no padding
            tokens += group[end][0]
            end += 1
        else:
            start -= 1
            tokens += group[start][0]
    return start, end


class Company:
    """How many callers there lately were at a time: whether more are expected back."""

    def __init__(self) -> None:
        """Begin with nobody."""
        self._most, self._reached, self._seen = 0, -math.inf, -math.inf

    def note(self, callers: int, now: float) -> None:
        """Remember how many callers there are."""
        if callers > self._most or now - self._seen > COMPANY_S:
            self._most, self._reached = callers, now
        if callers == self._most:
            self._seen = now

    def is_complete(self, callers: int, since: float) -> bool:
        """Tell whether nobody is to be waited for: one alone, or all who were there before."""
        return callers >= self._most and (callers == 1 or self._reached < since)
