"""The SQLite file that holds the translation memory: made, opened, and set aside when corrupt."""

from __future__ import annotations

import logging
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

import sqlalchemy as sa
from filelock import FileLock

PAGE = 8192  # rows lie in the tree of keys, where those above a quarter page overflow
WRITE_PATIENCE_S = 2.0  # only the writer's thread waits so long
_KEPT = 5  # corrupt files set aside
_NEW_FILE_PRAGMAS = (
    f"page_size = {PAGE}",
    "auto_vacuum = INCREMENTAL",  # writes even where it is so already
)
_PRAGMAS = ("journal_mode = WAL", "synchronous = NORMAL", "journal_size_limit = 4194304")

_log = logging.getLogger(__name__)


class DatabaseFile:
    """An SQLite file: its owner's alone, and noticed when it is another than it was."""

    def __init__(self, path: Path) -> None:
        """Nothing is opened or created yet."""
        self._path = path
        self._lock = FileLock(
            path.with_name(path.name + ".lock"), timeout=WRITE_PATIENCE_S, mode=0o600
        )
        self._identity: tuple[int, int] | None = None

    @contextmanager
    def prepared(self) -> Iterator[None]:
        """Create the file if need be; other processes wait until the block ends."""
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self._lock:
            # Closing a file drops the locks SQLite holds on it: only a new one is opened here.
            with suppress(FileExistsError):
                os.close(os.open(self._path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
            self._identity = self._identify()
            yield

    def is_gone(self) -> bool:
        """Say whether the file was deleted or replaced since it was opened."""
        return self._identify() != self._identity

    def set_aside(self) -> None:
        """Rename it out of the way, unless another process did."""
        with self._lock:
            if self.is_gone():
                return
            names = [f"{self._path.name}.corrupt-{number}" for number in range(1, _KEPT + 1)]
            free = (name for name in names if not self._path.with_name(name).exists())
            name = next(free, names[-1])
            # The file first: SQLite discards a log that has no file, never the reverse.
            for suffix in ("", "-wal", "-shm"):
                with suppress(FileNotFoundError):
                    Path(f"{self._path}{suffix}").replace(self._path.with_name(name + suffix))
        _log.warning(
            "the translation memory %s was corrupt: it is now %s, and a new one is begun",
            self._path,
            name,
        )

    def _identify(self) -> tuple[int, int] | None:
        try:
            found = self._path.stat()
        except (FileNotFoundError, NotADirectoryError):
            return None
        return found.st_dev, found.st_ino


def open_file_engine(url: sa.URL, patience: float) -> sa.Engine:
    """Make an engine whose statements fail rather than wait longer than that for a lock."""
    # A connection must never create the file: it would be anyone's to read.
    address = f"file:{quote(str(Path(url.database or '').absolute()))}?mode=rw"

    def connect() -> sqlite3.Connection:
        return sqlite3.connect(address, uri=True, timeout=patience, check_same_thread=False)

    engine = sa.create_engine(
        url.set(query={}),
        creator=connect,
        isolation_level="AUTOCOMMIT",  # transactions are begun by hand: IMMEDIATE
        hide_parameters=True,  # errors must not quote texts
        max_overflow=-1,
    )
    sa.event.listen(engine, "connect", _set_up_sqlite)
    return engine


def _set_up_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    # Damaged UTF-8 must reach the checksum instead of raising.
    connection.text_factory = lambda data: data.decode("utf-8", "replace")
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    for pragma in _PRAGMAS if pages else (*_NEW_FILE_PRAGMAS, *_PRAGMAS):
        connection.execute(f"PRAGMA {pragma}").close()
