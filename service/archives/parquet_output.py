"""Records as Parquet: parts of many rows, each written when so many records wait in the state."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from models.errors import MissingDependency
from service.archives.atomic_files import TEMPORARY, replaced_file, sync_folder
from service.archives.outputs import (
    FOLDER_NAME,
    Output,
    OutputFile,
    hash_file,
    line_of,
)
from service.archives.records import Outcome
from service.archives.state import State

if TYPE_CHECKING:
    import pyarrow as pa

BYTES_A_PART = 64 << 20
ROWS_A_GROUP = 500

_PATTERN = "part-*.parquet"
_PLAIN = ("origin", "id", "title", "date", "language", "content_hash", "status", "source")
_TIMINGS = ("parse_s", "translate_s", "summarize_s", "total_s")


def require_pyarrow() -> None:
    """Say so at once where it is not installed.

    Raises:
        MissingDependency: it is not.
    """
    try:
        import pyarrow  # noqa: F401 - only whether it is there
    except ImportError as error:
        raise MissingDependency(
            "Parquet needs pyarrow; install it with: pip install 'diemtin[archive]', or "
            "choose another --output-format."
        ) from error


@dataclass(frozen=True)
class _Written:
    """How much of what waits is in a part, and the number of the last record in it."""

    records: int = 0
    last: int = 0
    characters: int = 0


class ParquetOutput(Output):
    """Parts of a fixed number of rows; records that fill none yet wait in the state.

    A part gets its name before the state knows it, so one that the state does not know is of
    records that still wait.
    """

    def __init__(self, folder: Path, state: State, rows: int) -> None:
        """So many rows make a part."""
        super().__init__(folder, state)
        self._rows = rows
        self._waiting = self._bytes = 0

    def recover(self) -> None:
        """Remove the parts that the state does not know, and see that the others are there."""
        folder = self._folder / FOLDER_NAME
        folder.mkdir(exist_ok=True)
        with self._state.transaction() as connection:
            known = {name for (name,) in connection.execute("SELECT name FROM parts")}
            query = "SELECT count(*), total(length(line)) FROM spool"
            self._waiting, self._bytes = map(int, connection.execute(query).fetchone())
        there = {one.name for one in folder.glob(_PATTERN)}
        if lost := sorted(known - there):
            raise self._missing(folder / lost[0], "is not there")
        for name in there - known:
            (folder / name).unlink()
        for path in folder.glob(f".*{TEMPORARY}"):
            path.unlink()

    def write(self, outcomes: Sequence[Outcome]) -> None:
        """Nothing: the state itself holds the records until there are enough."""

    def note(self, connection: sqlite3.Connection, outcomes: Sequence[Outcome]) -> None:
        """Let the records wait in the state."""
        lines = [(line_of(one),) for one in outcomes]
        connection.executemany("INSERT INTO spool (line) VALUES (?)", lines)
        self._waiting += len(lines)
        self._bytes += sum(len(line) for (line,) in lines)

    def settle(self, *, last: bool) -> None:
        """Write the parts that are full; the last one as it is."""
        while self._waiting >= self._rows or self._bytes >= BYTES_A_PART:
            self._write_part()
        if last and self._waiting:
            self._write_part()

    def files(self) -> list[OutputFile]:
        """The parts."""
        with self._state.transaction() as connection:
            rows = connection.execute("SELECT name, records FROM parts ORDER BY name").fetchall()
        folder = self._folder / FOLDER_NAME
        return [hash_file(folder / name, self._folder, records) for name, records in rows]

    def _write_part(self) -> None:
        with self._state.transaction() as connection:
            (parts,) = connection.execute("SELECT count(*) FROM parts").fetchone()
        name = f"part-{parts + 1:05d}.parquet"
        with replaced_file(self._folder / FOLDER_NAME / name) as stream:
            written = self._write_groups(stream)
        sync_folder(self._folder / FOLDER_NAME)
        with self._state.transaction() as connection:
            connection.execute("INSERT INTO parts VALUES (?, ?)", (name, written.records))
            connection.execute("DELETE FROM spool WHERE number <= ?", (written.last,))
        self._waiting -= written.records
        self._bytes -= min(self._bytes, written.characters)

    def _write_groups(self, stream: BinaryIO) -> _Written:
        """Write a part by groups of rows: as a whole, its rows would take hundreds of MiB."""
        import pyarrow.parquet as pq

        done = _Written()
        with pq.ParquetWriter(stream, _schema(), compression="zstd") as writer:
            while lines := self._take_lines(done):
                writer.write_table(_as_table([json.loads(line) for _, line in lines]))
                characters = done.characters + sum(len(line) for _, line in lines)
                done = _Written(done.records + len(lines), lines[-1][0], characters)
        return done

    def _take_lines(self, done: _Written) -> list[tuple[int, str]]:
        query = "SELECT number, line FROM spool WHERE number > ? ORDER BY number LIMIT ?"
        most = min(ROWS_A_GROUP, self._rows - done.records)
        with self._state.transaction() as connection:
            return connection.execute(query, (done.last, most)).fetchall()


def _schema() -> pa.Schema:
    import pyarrow as pa

    text = pa.string()
    warning = pa.struct(
        [
            ("kind", text),
            ("message", text),
            ("element", pa.int32()),
            ("source_value", text),
            ("target_value", text),
        ]
    )
    columns = [(name, text) for name in (*_PLAIN, "target", "summary", "provenance", "digest")]
    columns += [("warnings", pa.list_(warning)), *((name, pa.float64()) for name in _TIMINGS)]
    return pa.schema(columns)


def _as_table(records: Sequence[dict[str, Any]]) -> pa.Table:
    import pyarrow as pa

    return pa.Table.from_pylist([_as_row(one) for one in records], schema=_schema())


def _as_row(record: dict[str, Any]) -> dict[str, Any]:
    digest = record["digest"]
    targets = [one["target"] for one in digest["elements"] if one["target"]]
    return {
        **{name: record[name] for name in _PLAIN},
        "target": "\n\n".join(targets),
        "summary": digest["summary"] and digest["summary"]["text"],
        "warnings": digest["warnings"],
        "provenance": json.dumps(digest["provenance"], ensure_ascii=False),
        "digest": json.dumps(digest, ensure_ascii=False),
        **{name: digest["timings"][name] for name in _TIMINGS},
    }
