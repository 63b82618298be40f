"""What the translation memory remembers, by key: read at once, written later by a thread.

Nothing here fails a request: what cannot be read is a miss, what cannot be written is dropped.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from itertools import islice
from threading import Condition, Lock, Thread
from typing import TypeVar

from sqlalchemy.exc import OperationalError, SQLAlchemyError

from models.memory import StoredHypothesis
from models.memory_database import Database, Row

_QUEUE = 10_000  # entries that wait to be written; more are dropped
_LINGER_S = 0.05  # so that one transaction takes what many requests put
_BATCH = 512  # entries of one transaction: the log grows with it
_TOUCH_S = 60.0  # how exact the time of use is, and how long a use waits to be recorded
_MENDS = 2  # reopening may show that the file is corrupt

_log = logging.getLogger(__name__)
T = TypeVar("T")


class MemoryStore:
    """Remembered hypotheses by key, safe with many threads, and processes, on one database."""

    def __init__(
        self,
        url: str,
        limit_mib: int,
        clock: Callable[[], float] = time.time,
        retry_seconds: float = 30.0,
    ) -> None:
        """Nothing is opened or created until the first use.

        Args:
            url: sqlite:///FILE or postgresql+psycopg://USER@HOST/DATABASE.
            limit_mib: of texts and overhead; beyond it the least recently used tenth goes.
            clock: seconds since the epoch.
            retry_seconds: how long a database that failed is left alone.

        Raises:
            MissingDependency: the package that speaks to the database is not installed.
        """
        self._database = Database(url, limit_mib << 20)
        self._clock = clock
        self._health = _Health(self._database.label, clock, retry_seconds)
        self._changed = Condition()
        self._waiting: dict[bytes, StoredHypothesis] = {}
        self._writing: dict[bytes, StoredHypothesis] = {}
        self._touched: set[bytes] = set()
        self._hurried = 0
        self._closed = False
        self._writer: Thread | None = None

    def get_many(self, keys: Iterable[bytes]) -> dict[bytes, StoredHypothesis]:
        """Return what is remembered; a key that is missing here must be generated."""
        wanted = list(dict.fromkeys(keys))
        with self._changed:
            fresh = [(key, self._waiting.get(key) or self._writing.get(key)) for key in wanted]
            closed = self._closed
        found = {key: one for key, one in fresh if one is not None}
        missing = [key for key in wanted if key not in found]
        if not missing or closed:
            return found
        rows = self._attempt("reading", lambda: self._database.read(missing), list[Row]())
        self._touch(row for row in rows if self._clock() - row.used_at / 1000 > _TOUCH_S)
        return found | {row.key: row.stored for row in rows if row.is_sound}

    def put_many(self, entries: Mapping[bytes, StoredHypothesis]) -> None:
        """Remember these; returns at once, a thread writes them later."""
        with self._changed:
            if self._closed:
                return
            room = _QUEUE - len(self._waiting)
            fitting = [(key, one) for key, one in entries.items() if one.is_writable]
            self._waiting.update(fitting[:room])
            self._wake()

    def flush(self, timeout: float = 10.0) -> bool:
        """Wait until everything put so far is written or dropped; false where time ran out."""
        with self._changed:
            self._hurried += 1
            if self._waiting or self._touched:
                self._wake()
            done = self._changed.wait_for(
                lambda: not (self._waiting or self._writing or self._touched), timeout
            )
            self._hurried -= 1
        return done

    def close(self, timeout: float = 10.0) -> None:
        """Write what waits, then let go of the database; from now on everything is a miss."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
            writer = self._writer
        if writer is not None:
            writer.join(timeout)
        self._database.reset()

    def _touch(self, rows: Iterable[Row]) -> None:
        keys = [row.key for row in rows]
        with self._changed:
            if keys and not self._closed and len(self._touched) < _QUEUE:
                self._touched.update(keys)
                self._start()

    def _wake(self) -> None:
        self._start()
        self._changed.notify_all()

    def _start(self) -> None:
        # A thread does not live on in a forked process, so being started is no proof.
        if self._writer is None or not self._writer.is_alive():
            self._writer = Thread(target=self._run, name="memory-writer", daemon=True)
            self._writer.start()

    def _run(self) -> None:
        while self._write_once():
            pass

    def _write_once(self) -> bool:
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._is_pressed(), _TOUCH_S)
            self._changed.wait_for(
                lambda: len(self._waiting) >= _BATCH or self._is_pressed(), _LINGER_S
            )
            self._writing = dict(islice(self._waiting.items(), _BATCH))
            for key in self._writing:
                del self._waiting[key]
            touched, self._touched = self._touched, set()
            going_on = bool(self._waiting) or not self._closed
        if self._writing or touched:
            self._attempt("writing", lambda: self._save(touched), None)
        with self._changed:
            self._writing = {}
            self._changed.notify_all()
        return going_on

    def _is_pressed(self) -> bool:
        return self._closed or (self._hurried > 0 and bool(self._waiting or self._touched))

    def _save(self, touched: Collection[bytes]) -> None:
        now = int(self._clock() * 1000)
        rows = [Row(key, one, now, one.checksum(key)) for key, one in self._writing.items()]
        self._database.write(rows, touched, now)

    def _attempt(self, action: str, work: Callable[[], T], otherwise: T) -> T:
        """Do the work unless it failed a moment ago; a corrupt file gives way to a new one."""
        if not self._health.may_try(action):
            return otherwise
        try:
            result = self._insist(work)
        except (SQLAlchemyError, OSError, ValueError, ArithmeticError) as error:
            self._database.reset()
            self._health.failed(action, error)
            return otherwise
        self._health.worked(action)
        return result

    def _insist(self, work: Callable[[], T]) -> T:
        for _ in range(_MENDS):
            try:
                return work()
            except SQLAlchemyError as error:
                if not self._database.mend(error):
                    raise
        return work()


class _Health:
    """What fails since when; one warning until everything works again."""

    def __init__(self, label: str, clock: Callable[[], float], retry_seconds: float) -> None:
        self._label = label
        self._clock = clock
        self._retry = retry_seconds
        self._failing: dict[str, float] = {}
        self._lock = Lock()

    def may_try(self, action: str) -> bool:
        with self._lock:
            since, now = self._failing.get(action), self._clock()
            if since is None:
                return True
            if 0 <= now - since < self._retry:  # below 0 the clock was set back
                return False
            self._failing[action] = now  # one caller tries, the others go on without
            return True

    def worked(self, action: str) -> None:
        with self._lock:
            if self._failing.pop(action, None) is not None and not self._failing:
                _log.info("the translation memory %s works again", self._label)

    def failed(self, action: str, error: Exception) -> None:
        with self._lock:
            first = not self._failing
            self._failing[action] = self._clock()
        if first:
            _log.warning(
                "%s the translation memory %s failed (%s); texts are generated anew until it "
                "works, which is tried every %g s; check the file, the disk or the server",
                action,
                self._label,
                _describe(error),
                self._retry,
            )


def _describe(error: Exception) -> str:
    cause = getattr(error, "orig", None) or error
    # Messages of other kinds, and lines after the first, may quote what was being written.
    if isinstance(error, OperationalError | OSError):
        return str(cause).strip().partition("\n")[0]
    return type(cause).__name__
