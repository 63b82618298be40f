"""What a run has done, in SQLite beside its output."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files
from pathlib import Path

from models.errors import DiemtinError
from service.archives.items import Trouble
from service.archives.records import Done, Failure, Key, Outcome

_VERSION = 1
_PATIENCE_S = 10.0
_SELECT_DONE = "SELECT pass FROM done WHERE origin = ? AND content_hash = ?"
_SELECT_FAILED = "SELECT pass FROM failures WHERE origin = ? AND content_hash = ?"


class StateUnusable(DiemtinError):
    """The state of a run cannot be read or written."""


class Status(StrEnum):
    """How far an item is."""

    NEW = "new"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True)
class Known:
    """What the state says of an item, and in which pass that was found out."""

    status: Status
    number: int = 0


@dataclass(frozen=True)
class Pass:
    """One time that the command was given; the last is under way or over."""

    number: int
    sources: tuple[str, ...]
    started_at: float
    seconds: float
    complete: bool


@dataclass(frozen=True)
class Totals:
    """Sums over all passes of a run."""

    done: int
    failed: int
    characters: int
    tokens: int
    item_seconds: float
    warnings: int


@dataclass(frozen=True)
class DoneRow:
    """What a report shows of an item that is done."""

    origin: str
    headline: str
    characters: int
    seconds: float
    warnings: int


@dataclass(frozen=True)
class FailureRow:
    """An item, or something unreadable, that has no record."""

    origin: str
    trouble: str
    reason: str
    id: str | None


class State:
    """The tables of one run; one process at a time, in it one thread that writes."""

    def __init__(self, path: Path) -> None:
        """Open the file, or make it.

        Raises:
            StateUnusable: it is damaged, or of another version of diemtin.
        """
        self._path = path
        self._writer = self._connect()
        self._make_tables()
        self._reader = self._connect()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All of the block or nothing of it; for the one thread that writes."""
        self._writer.execute("BEGIN IMMEDIATE")
        try:
            yield self._writer
        except BaseException:
            if self._writer.in_transaction:  # a full disk has rolled back by itself
                self._writer.rollback()
            raise
        self._writer.commit()

    def close(self) -> None:
        """Write the log into the file, and close it."""
        self._reader.close()
        self._writer.close()

    def begin_pass(self, sources: Sequence[str]) -> int:
        """Note that the command was given; return the number of the pass."""
        with self.transaction() as connection:
            cursor = connection.execute(
                "INSERT INTO passes (sources, started_at) VALUES (?, ?)",
                (json.dumps(list(sources)), time.time()),
            )
            return int(cursor.lastrowid or 0)

    def end_pass(self, number: int, seconds: float, *, complete: bool) -> None:
        """Note how long the pass took, and whether its sources were read to their end."""
        with self.transaction() as connection:
            connection.execute(
                "UPDATE passes SET seconds = ?, complete = ? WHERE number = ?",
                (seconds, complete, number),
            )

    def passes(self) -> list[Pass]:
        """Every pass, the first first."""
        rows = self._reader.execute("SELECT * FROM passes ORDER BY number")
        return [
            Pass(number, tuple(json.loads(sources)), started_at, seconds, bool(complete))
            for number, sources, started_at, seconds, complete in rows
        ]

    def look_up(self, key: Key) -> Known:
        """What became of an item.

        Raises:
            StateUnusable: it is damaged.
        """
        for status, query in ((Status.DONE, _SELECT_DONE), (Status.FAILED, _SELECT_FAILED)):
            try:
                row = self._reader.execute(query, key).fetchone()
            except sqlite3.Error as error:
                raise self._unusable(error) from error
            if row:
                return Known(status, row[0])
        return Known(Status.NEW)

    def failure(self, key: Key) -> Outcome | None:
        """The failure of an item, if it has one."""
        query = "SELECT id, trouble, reason FROM failures WHERE origin = ? AND content_hash = ?"
        row = self._reader.execute(query, key).fetchone()
        return row and Outcome(*key, row[0], Failure(Trouble(row[1]), row[2]))

    def totals(self) -> Totals:
        """The sums of what is done and what failed."""
        (failed,) = self._reader.execute("SELECT count(*) FROM failures").fetchone()
        query = (
            "SELECT count(*), total(characters), total(tokens), total(seconds), total(warnings) "
            "FROM done"
        )
        done, characters, tokens, seconds, warnings = self._reader.execute(query).fetchone()
        return Totals(done, failed, int(characters), int(tokens), seconds, int(warnings))

    def warnings(self) -> dict[str, int]:
        """How many warnings there are of each kind, the most frequent first."""
        return dict(self._reader.execute("SELECT kind, count FROM warnings ORDER BY count DESC"))

    def troubles(self) -> dict[str, int]:
        """How many failures there are of each kind, the most frequent first."""
        query = "SELECT trouble, count(*) FROM failures GROUP BY 1 ORDER BY 2 DESC"
        return dict(self._reader.execute(query))

    def provenance(self) -> list[object]:
        """Each provenance that a record has, once."""
        return [json.loads(one) for (one,) in self._reader.execute("SELECT value FROM provenance")]

    def failures(self, limit: int = -1) -> Iterator[FailureRow]:
        """What has no record, by origin."""
        query = "SELECT origin, trouble, reason, id FROM failures ORDER BY origin LIMIT ?"
        return (FailureRow(*row) for row in self._reader.execute(query, (limit,)))

    def worst(self, limit: int) -> Iterator[DoneRow]:
        """What is done, with the most warnings first."""
        query = (
            "SELECT origin, headline, characters, seconds, warnings FROM done "
            "ORDER BY warnings DESC, origin LIMIT ?"
        )
        return (DoneRow(*row) for row in self._reader.execute(query, (limit,)))

    def drop_unmet_failures(self, number: int) -> None:
        """Forget the failures that a whole pass over the same sources did not meet again."""
        with self.transaction() as connection:
            connection.execute("DELETE FROM failures WHERE pass < ?", (number,))

    def _connect(self) -> sqlite3.Connection:
        try:
            connection = sqlite3.connect(
                self._path, timeout=_PATIENCE_S, isolation_level=None, check_same_thread=False
            )
            connection.execute("PRAGMA journal_mode = WAL").close()
            # A commit that a power cut takes back takes the output's noted end back with it.
            connection.execute("PRAGMA synchronous = NORMAL").close()
        except sqlite3.Error as error:
            raise self._unusable(error) from error
        return connection

    def _make_tables(self) -> None:
        try:
            (version,) = self._writer.execute("PRAGMA user_version").fetchone()
            if version == 0:
                script = files("service.archives").joinpath("state.sql").read_text("utf-8")
                self._writer.executescript(
                    f"BEGIN IMMEDIATE;{script};PRAGMA user_version = {_VERSION};COMMIT;"
                )
        except sqlite3.Error as error:
            raise self._unusable(error) from error
        if version not in (0, _VERSION):
            raise StateUnusable(
                f"{self._path} was made by another version of diemtin; give another --out."
            )

    def _unusable(self, error: sqlite3.Error) -> StateUnusable:
        return StateUnusable(
            f"The state of the run, {self._path}, cannot be used: {error}. Its records are "
            "untouched; give another --out, or put the file back from a copy."
        )


def record_outcomes(
    connection: sqlite3.Connection, number: int, seconds: float, outcomes: Sequence[Outcome]
) -> None:
    """Let outcomes be known; `seconds` is how long the pass has taken so far."""
    done = [(one.key, one.result) for one in outcomes if isinstance(one.result, Done)]
    connection.executemany(
        "INSERT INTO done VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [(*key, number, *_done_values(result)) for key, result in done],
    )
    connection.executemany(
        "DELETE FROM failures WHERE origin = ? AND pass < ?",  # of what stood there before
        [(one.origin, number) for one in outcomes],
    )
    connection.executemany(
        "INSERT OR REPLACE INTO failures VALUES (?, ?, ?, ?, ?, ?)",
        [
            (*one.key, number, str(one.result.trouble), one.result.reason, one.id)
            for one in outcomes
            if isinstance(one.result, Failure)
        ],
    )
    connection.executemany(
        "INSERT INTO warnings VALUES (?, ?) "
        "ON CONFLICT (kind) DO UPDATE SET count = count + excluded.count",
        [pair for _, result in done for pair in result.warnings.items()],
    )
    connection.executemany(
        "INSERT OR IGNORE INTO provenance VALUES (?)", {(one.provenance,) for _, one in done}
    )
    connection.execute("UPDATE passes SET seconds = ? WHERE number = ?", (seconds, number))


def _done_values(result: Done) -> tuple[str, int, int, float, int]:
    warnings = sum(result.warnings.values())
    return result.headline, result.characters, result.tokens, result.seconds, warnings


def read_meta(connection: sqlite3.Connection, name: str, default: str) -> str:
    """A value that the output keeps."""
    row = connection.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
    return str(row[0]) if row else default


def write_meta(connection: sqlite3.Connection, name: str, value: str) -> None:
    """Keep a value."""
    connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, value))
