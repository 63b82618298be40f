"""How many requests may digest at a time, so that threads are left for the health checks."""

from __future__ import annotations

from threading import BoundedSemaphore, Lock

from service.problems import Busy

THREADS = 64  # of the server; a digest holds one for minutes
SPARE_THREADS = 8
MOST_REQUESTS = THREADS - SPARE_THREADS


class Place:
    """One request's place; it is given back once, however often that is asked."""

    def __init__(self, places: BoundedSemaphore) -> None:
        """Hold a place that was acquired."""
        self._places = places
        self._lock = Lock()
        self._held = True

    def leave(self) -> None:
        """Give the place back, unless that was done."""
        with self._lock:
            if self._held:
                self._held = False
                self._places.release()


class Admission:
    """A fixed number of places; safe to share between threads."""

    def __init__(self, most: int = MOST_REQUESTS) -> None:
        """Admit this many requests at a time."""
        self._most = most
        self._places = BoundedSemaphore(most)

    def enter(self) -> Place:
        """Take a place without waiting.

        Raises:
            Busy: every place is taken.
        """
        if not self._places.acquire(blocking=False):
            raise Busy(
                f"The service is at work on {self._most} requests, its limit; "
                "try again in a few seconds."
            )
        return Place(self._places)
