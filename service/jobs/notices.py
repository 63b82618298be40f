"""What is wrong is logged when it begins and when it is over, not each time it is met."""

from __future__ import annotations

from threading import Lock

import structlog

from models.errors import DiemtinError
from service.problems import describe_trace

_log = structlog.get_logger()


class Notices:
    """What was logged as wrong, and still is, by its subject."""

    def __init__(self) -> None:
        """Nothing is wrong yet."""
        self._lock = Lock()
        self._told: dict[str, tuple[str, dict[str, object]]] = {}

    def begin(self, subject: str, event: str, **details: object) -> None:
        """Log what is wrong, unless the same was already."""
        with self._lock:
            if self._told.get(subject) == (event, details):
                return
            self._told[subject] = event, details
        _log.error(event, **details)

    def end(self, subject: str, event: str) -> None:
        """Log that it is over, if it was wrong."""
        with self._lock:
            was_wrong = self._told.pop(subject, None)
        if was_wrong:
            _log.info(event)


def describe(error: Exception) -> dict[str, object]:
    """What the log may tell of an error: the words of the project's own, of others where from."""
    if isinstance(error, DiemtinError):
        return {"error": type(error).__name__, "detail": str(error)}
    return {"error": type(error).__name__, "trace": describe_trace(error)}
