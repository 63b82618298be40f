"""How long the service waits for a client that sends an archive or fetches a result."""

from __future__ import annotations

import errno
import socket
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from threading import Event, Thread

from flask import Request
from gunicorn.http.errors import ParseException

from models.cancellation import never

_LOOK_S = 0.5
_MOMENT_S = 2.0
_CHUNK = 64 * 1024
_MOST_DISCARDED = 16 << 20  # more than the system holds of what was sent


@dataclass(frozen=True)
class PaceLimits:
    """What is too slow.

    Args:
        size: so many bytes must move
        seconds: while the service waits for so long.
        last_s: how long a download may go on once the service is stopping.
    """

    size: int = 240 * 1024
    seconds: float = 60.0
    last_s: float = 20.0


class Pace:
    """How fast a transfer goes; only waiting for the client counts, not what the service does."""

    def __init__(
        self,
        limits: PaceLimits | None = None,
        is_stopping: Callable[[], bool] = never,
        last_s: float = 0.0,
    ) -> None:
        """Begin; once the service is stopping, the transfer may go on for `last_s`."""
        self._limits = limits or PaceLimits()
        self._is_stopping, self._last_s = is_stopping, last_s
        self._moved, self._waited = 0, 0.0
        self._waits_since: float | None = None
        self._stops_since: float | None = None

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Wait for the client."""
        self._waits_since = began = time.monotonic()
        try:
            yield
        finally:
            self._waits_since = None
            self._waited += time.monotonic() - began

    def count(self, size: int) -> None:
        """So many bytes moved."""
        self._moved += size
        if self._moved >= self._limits.size:
            self._moved, self._waited = 0, 0.0

    @property
    def is_too_slow(self) -> bool:
        """Whether the client lets the service wait for too long."""
        began = self._waits_since
        waits = time.monotonic() - began if began is not None else 0.0
        return self._waited + waits > self._limits.seconds

    @property
    def is_stopped(self) -> bool:
        """Whether the service is stopping, and has no more time for this."""
        if not self._is_stopping():
            return False
        if self._stops_since is None:
            self._stops_since = time.monotonic()
        return time.monotonic() - self._stops_since >= self._last_s

    @property
    def is_over(self) -> bool:
        """Whether it is not to go on."""
        return self.is_too_slow or self.is_stopped

    @property
    def is_stuck(self) -> bool:
        """Whether it is over, and the service still waits for the client."""
        return self._waits_since is not None and self.is_over


@contextmanager
def ended_reading(request: Request, is_over: Callable[[], bool]) -> Iterator[None]:
    """Within the block, let the body of a request end once it is over and stays so for a moment.

    gunicorn waits for each piece until it is whole, however slowly its bytes come.
    """
    connection = request.environ.get("gunicorn.socket")
    if not isinstance(connection, socket.socket):
        yield
        return
    left = Event()
    watch = Thread(target=_watch, args=(connection, is_over, left), daemon=True)
    watch.start()
    try:
        yield
    finally:
        left.set()
        watch.join()  # the connection's next request is not its business


def _watch(connection: socket.socket, is_over: Callable[[], bool], left: Event) -> None:
    while not left.wait(_LOOK_S):
        # who sees it between two pieces answers a client that can still be heard
        if is_over() and not left.wait(_LOOK_S) and is_over():
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RD)
            return


def discard_rest(request: Request) -> None:
    """Read on for a moment, so that a client which does not look up while it sends gets its answer.

    What the client has sent and nobody reads makes the system drop the connection, the answer
    with it. One that still sends after this moment sees that nobody takes it, and looks up.
    """
    deadline = time.monotonic() + _MOMENT_S
    watched = ended_reading(request, lambda: time.monotonic() > deadline)
    with watched, suppress(OSError, ParseException):
        for _ in range(_MOST_DISCARDED // _CHUNK):
            if not request.environ["wsgi.input"].read(_CHUNK) or time.monotonic() > deadline:
                return


def keep_pace(pieces: Iterable[bytes], pace: Pace) -> Iterator[bytes]:
    """The pieces of a download, unless its client takes them too slowly.

    Raises:
        BrokenPipeError: it is over; for gunicorn, as if the client had left.
    """
    for piece in pieces:
        if pace.is_over:
            raise BrokenPipeError(errno.EPIPE, "The download was too slow, or the service stops")
        with pace.waiting():
            yield piece
        pace.count(len(piece))
