"""Who digests the items of a run: the seam between a run and its engines."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from queue import SimpleQueue
from typing import Protocol

from models.cancellation import IsGone, cancellable, never
from models.errors import Cancelled
from service.archives.items import ArchiveItem
from service.archives.records import CountTokens, Outcome, Recipe, digest_item
from service.pipeline import Digester

ITEMS_AT_ONCE = 8


class Worker(Protocol):
    """Digests a stream of items."""

    def digest(self, items: Iterable[ArchiveItem]) -> Iterator[Outcome]:
        """Yield an outcome for each item, in any order, taking few items ahead.

        Items are taken only as outcomes are asked for, and nothing is loaded before the first
        is there. An item whose outcome does not come, or comes twice, does no harm.
        """


class LocalWorker:
    """Digests in this process; several items at a time where the engine takes batches."""

    def __init__(
        self,
        load: Callable[[], tuple[Digester, CountTokens]],
        recipe: Recipe,
        is_stopped: IsGone = never,
    ) -> None:
        """`load` is called once there is an item; `is_stopped` drops what is in work."""
        self._load = load
        self._recipe = recipe
        self._is_stopped = is_stopped

    def digest(self, items: Iterable[ArchiveItem]) -> Iterator[Outcome]:
        """Yield an outcome for each item; none for those that a stop interrupts."""
        stream = iter(items)
        first = next(stream, None)
        if first is None:
            return
        digester, count_tokens = self._load()

        def digest_one(item: ArchiveItem) -> Outcome | None:
            with cancellable(self._is_stopped):
                try:
                    done = digest_item(digester, item, self._recipe, count_tokens)
                except Cancelled:
                    return None
            return None if self._is_stopped() else done

        items = chain((first,), stream)
        outcomes = (
            _together(digest_one, items) if digester.takes_batches else map(digest_one, items)
        )
        yield from (one for one in outcomes if one)


def _together(
    digest_one: Callable[[ArchiveItem], Outcome | None], items: Iterable[ArchiveItem]
) -> Iterator[Outcome | None]:
    """The outcomes as they come, twice as many items in work as threads work on."""
    done: SimpleQueue[Outcome | BaseException | None] = SimpleQueue()

    def run(item: ArchiveItem) -> None:
        try:
            done.put(digest_one(item))
        except BaseException as error:  # raised again in the thread that asked
            done.put(error)

    pool = ThreadPoolExecutor(ITEMS_AT_ONCE)
    in_work = 0
    try:
        for item in items:
            pool.submit(run, item)
            in_work += 1
            if in_work >= 2 * ITEMS_AT_ONCE:
                yield _result(done.get())
                in_work -= 1
        for _ in range(in_work):
            yield _result(done.get())
    finally:
        pool.shutdown(cancel_futures=True)


def _result(found: Outcome | BaseException | None) -> Outcome | None:
    if isinstance(found, BaseException):
        raise found
    return found
