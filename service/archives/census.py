"""How many items there are, counted beside the work, so that a time left can be told."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from threading import Event, Thread

from service.archives.items import Found


class Census:
    """Reads what the sources hold a second time, in a thread, and keeps only the number.

    To read an item takes a thousandth of what it takes to digest it.
    """

    def __init__(self, read: Callable[[], Iterable[Found]], stop: Event) -> None:
        """Begin to count; `stop` ends it, and so does the end of the process."""
        self._read = read
        self._stop = stop
        self._total: int | None = None
        self._thread = Thread(target=self._count, name="archive-census", daemon=True)
        self._thread.start()

    @property
    def total(self) -> int | None:
        """What there is, items and what cannot be read; None as long as it is not known."""
        return self._total

    def wait(self, seconds: float) -> None:
        """Until the number is known, or so long."""
        self._thread.join(seconds)

    def _count(self) -> None:
        total = 0
        try:
            for _ in self._read():
                if self._stop.is_set():
                    return
                total += 1
        except Exception:  # the run itself meets the same, and tells
            return
        self._total = total
