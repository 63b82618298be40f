"""The table of the translation memory, in an SQLite file or in PostgreSQL."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Collection, Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from threading import Lock
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError

from models.errors import MissingDependency
from models.memory import StoredHypothesis
from models.memory_file import PAGE, WRITE_PATIENCE_S, DatabaseFile, open_file_engine

_READ_PATIENCE_S = 0.25  # a request waits for it
_CHUNK = 500  # keys of one query
_ROW_BYTES = 200  # in the file, for keys, counts, and the index of an entry
_LOCK = 0x6469656D  # of PostgreSQL: writers queue up here, so none meets another in a deadlock

# Another shape of the table is another version, and so another table: processes of both
# versions can share a database. A newer one drops what older ones left.
_VERSION = 2
_NAME = "diemtin_memory_v"
_TABLE = sa.Table(
    f"{_NAME}{_VERSION}",
    sa.MetaData(),
    sa.Column("key", sa.LargeBinary(32), primary_key=True),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("source_tokens", sa.Integer, nullable=False),
    sa.Column("target_tokens", sa.Integer, nullable=False),
    sa.Column("truncated", sa.Boolean, nullable=False),
    sa.Column("provenance", sa.Text, nullable=False),
    sa.Column("alternatives", sa.Text, nullable=False),
    sa.Column("bytes", sa.Integer, nullable=False),
    sa.Column("used_at", sa.BigInteger, nullable=False),
    sa.Column("checksum", sa.LargeBinary(8), nullable=False),
    sa.Index(f"{_NAME}{_VERSION}_used", "used_at", "bytes"),
    sqlite_with_rowid=False,  # hashed keys spread evenly, so deletions leave no sparse pages
)
_C = _TABLE.c
_KEYS = _C.key.in_(sa.bindparam("keys", expanding=True))
_FIELDS = tuple(_C[one.name] for one in fields(StoredHypothesis))
_SELECT = sa.select(*_FIELDS, _C.key, _C.used_at, _C.checksum).where(_KEYS)
_TOUCH = sa.update(_TABLE).where(_KEYS).values(used_at=sa.bindparam("now"))
_SUM = sa.select(sa.func.coalesce(sa.func.sum(_C.bytes), 0), sa.func.count())
_OLDEST = sa.select(_C.key).order_by(_C.used_at).limit(sa.bindparam("count"))
_EVICT = sa.delete(_TABLE).where(_C.key.in_(_OLDEST.scalar_subquery()))

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Row:
    """An entry as the table has it; `used_at` in milliseconds since the epoch."""

    key: bytes
    stored: StoredHypothesis
    used_at: int
    checksum: bytes

    @property
    def is_sound(self) -> bool:
        """Whether the entry is as it was written."""
        return self.checksum == self.stored.checksum(self.key)

    @property
    def weight(self) -> int:
        """Bytes that the entry takes in the file: half-filled pages and the index counted."""
        stored = (self.stored.text, self.stored.provenance, self.stored.alternatives)
        texts = sum(len(one.encode()) for one in stored)
        if texts < PAGE // 4:
            return _ROW_BYTES + texts * 5 // 4
        return _ROW_BYTES + PAGE // 6 + -(-texts // PAGE) * PAGE  # overflows into whole pages

    def as_values(self) -> dict[str, object]:
        """Return what goes into each column."""
        own = {"key": self.key, "used_at": self.used_at, "checksum": self.checksum}
        return asdict(self.stored) | own | {"bytes": self.weight}


class Database:
    """The table behind SQLAlchemy, opened at first use and again after a failure."""

    def __init__(self, url: str, limit: int) -> None:
        """Nothing is opened or created yet; the limit is in bytes."""
        self._url = sa.make_url(url)
        self._limit = limit
        self.label = self._url.render_as_string(hide_password=True)
        is_file = self._url.get_backend_name() == "sqlite"
        self._file = DatabaseFile(Path(self._url.database or "")) if is_file else None
        if is_file:
            self._reader = open_file_engine(self._url, _READ_PATIENCE_S)
            self._writer = open_file_engine(self._url, WRITE_PATIENCE_S)
        else:
            by_itself = {"isolation_level": "AUTOCOMMIT"}
            self._reader = _open_server_engine(self._url, _READ_PATIENCE_S, **by_itself)
            self._writer = _open_server_engine(self._url, WRITE_PATIENCE_S)
        insert = (sqlite.insert if is_file else postgresql.insert)(_TABLE)
        changed = {c.name: insert.excluded[c.name] for c in _TABLE.columns if c.name != "key"}
        self._upsert = insert.on_conflict_do_update(index_elements=["key"], set_=changed)
        self._begin = "BEGIN IMMEDIATE" if is_file else f"SELECT pg_advisory_xact_lock({_LOCK})"
        self._lock = Lock()
        self.reset()

    def reset(self) -> None:
        """Open anew at the next use."""
        self._is_ready = False
        self._total: int | None = None  # bytes of all entries when they were last summed up
        self._added = 0  # and what this process wrote since
        self._reader.dispose()
        self._writer.dispose()

    def read(self, keys: Sequence[bytes]) -> list[Row]:
        """Return the entries there are, by one query for every few hundred keys."""
        self._make_ready()
        with self._reader.connect() as connection:
            found = [connection.execute(_SELECT, {"keys": chunk}).all() for chunk in _split(keys)]
        return [
            Row(row.key, StoredHypothesis(*row[: len(_FIELDS)]), row.used_at, row.checksum)
            for rows in found
            for row in rows
        ]

    def write(self, rows: Sequence[Row], touched: Collection[bytes], now: int) -> None:
        """Put entries, record the use of others, and keep to the limit, all in one transaction."""
        self._make_ready()
        fitting = [row for row in rows if row.weight <= self._limit // 10]
        with self._writer.connect() as connection, connection.begin():
            connection.exec_driver_sql(self._begin)
            if fitting:
                connection.execute(self._upsert, [row.as_values() for row in fitting])
            for chunk in _split(list(touched)):
                connection.execute(_TOUCH, {"keys": chunk, "now": now})
            evicted = self._evict(connection, sum(row.weight for row in fitting))
        if evicted and self._file:
            self._give_back()

    def mend(self, error: SQLAlchemyError) -> bool:
        """Say whether to try again at once: a corrupt file is set aside, a lost table reopened."""
        code = getattr(getattr(error, "orig", None), "sqlite_errorcode", 0) & 0xFF
        is_corrupt = code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
        is_lost = code in (sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CANTOPEN)
        if not self._file or not (is_corrupt or is_lost):
            return False
        with self._lock:
            self.reset()
            if is_corrupt:
                self._file.set_aside()
        return True

    def _make_ready(self) -> None:
        with self._lock:
            if self._is_ready and self._file and self._file.is_gone():
                _log.warning("the translation memory %s is gone and begun anew", self.label)
                self.reset()
            if not self._is_ready:
                with self._file.prepared() if self._file else nullcontext():
                    self._create_table()
                self._is_ready = True

    def _create_table(self) -> None:
        with self._reader.connect() as connection:
            if sa.inspect(connection).has_table(_TABLE.name):  # no need to wait for a lock
                return
        with self._writer.connect() as connection, connection.begin():
            connection.exec_driver_sql(self._begin)
            for version in range(_VERSION):  # keys hold the package version: all out of reach
                connection.exec_driver_sql(f"DROP TABLE IF EXISTS {_NAME}{version}")
            _TABLE.metadata.create_all(connection)

    def _evict(self, connection: sa.Connection, added: int) -> bool:
        self._added += added
        near = self._total is None or self._total + self._added > self._limit
        if not near and self._added <= self._limit // 20:  # others write too: sum up in time
            return False
        evicted = False
        total, count = connection.execute(_SUM).one()
        while total > self._limit:
            connection.execute(_EVICT, {"count": max(1, count // 10)})
            evicted = True
            total, count = connection.execute(_SUM).one()
        self._total, self._added = int(total), 0
        return evicted

    def _give_back(self) -> None:
        """Return free pages to the file system."""
        with self._writer.connect() as connection:
            driver = cast(sqlite3.Connection, connection.connection.driver_connection)
            # Each step frees one page, and `execute` takes but one where no rows are promised.
            driver.executescript("PRAGMA incremental_vacuum; PRAGMA wal_checkpoint(TRUNCATE)")


def _open_server_engine(url: sa.URL, patience: float, **more: str) -> sa.Engine:
    """Make an engine whose statements fail rather than take longer than that."""
    try:
        engine = sa.create_engine(
            url,
            connect_args={"connect_timeout": 2, **url.query},
            hide_parameters=True,
            max_overflow=-1,
            pool_pre_ping=True,
            **more,
        )
    except ImportError as error:
        raise MissingDependency(
            "The translation memory needs psycopg to speak to PostgreSQL; install it with: "
            "pip install 'diemtin[postgres]', or let the memory be a file."
        ) from error
    sa.event.listen(engine, "connect", _set_up_postgres(patience))
    return engine


def _set_up_postgres(patience: float) -> Callable[[Any, object], None]:
    def set_up(connection: Any, _record: object) -> None:  # noqa: ANN401 - psycopg is optional
        connection.execute(f"SET statement_timeout = {int(patience * 1000)}")
        connection.commit()

    return set_up


def _split(keys: Sequence[bytes]) -> list[Sequence[bytes]]:
    return [keys[start : start + _CHUNK] for start in range(0, len(keys), _CHUNK)]
