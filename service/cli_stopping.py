"""Ctrl-C and SIGTERM of a command that runs long: the first ends it in order."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event
from types import FrameType

EXIT_STOPPED = 130


@contextmanager
def stopping(message: bytes = b"") -> Iterator[Event]:
    """Let the first Ctrl-C or SIGTERM end the work in order, and the second at once.

    `message` goes to the terminal, if there is one, at the first.
    """
    stop = Event()

    def handle(number: int, frame: FrameType | None) -> None:
        if stop.is_set():
            os._exit(EXIT_STOPPED)  # as safe as being killed
        stop.set()
        if message and sys.stderr.isatty():
            os.write(2, message)  # the console may be in the middle of a line

    numbers = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, handle) for number in numbers}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
