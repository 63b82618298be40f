"""Where records go, so that what the state calls done is there once, whole, and nothing else.

    new -> in work -> has an outcome -> written -> done
                          |                          (or failed, without being written)
                          `- killed up to here, the item is new again

Only the last arrow changes the state. A batch of records takes three steps: `write` makes it
durable where the state does not yet look, `note` lets the state know in the transaction in which
its items become done, and `settle` tidies up. `recover` undoes a `write` without a `note`.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from io import FileIO
from pathlib import Path

from models.errors import DiemtinError
from service.archives.atomic_files import replaced_file, sync_folder, temporary_of
from service.archives.records import Done, Outcome
from service.archives.state import State, read_meta, write_meta
from service.archives.tree_names import free_path

JSONL_NAME = "records.jsonl"
FOLDER_NAME = "records"
FILES_AT_ONCE = 16
_END = "records_end"
_HASH_CHUNK = 1 << 20


class OutputChanged(DiemtinError):
    """The output is not as the run left it."""


@dataclass(frozen=True)
class OutputFile:
    """A file of the output, or a folder with many; of a folder there is no hash."""

    path: str
    records: int
    bytes: int
    sha256: str | None


class Output(ABC):
    """One form of output, in one folder, of one run."""

    def __init__(self, folder: Path, state: State) -> None:
        """Neither is touched before `recover`."""
        self._folder = folder
        self._state = state

    @abstractmethod
    def recover(self) -> None:
        """Bring the files to what the state knows; before anything else.

        Raises:
            OutputChanged: less is there than the state knows.
        """

    @abstractmethod
    def write(self, outcomes: Sequence[Outcome]) -> None:
        """Make records durable."""

    @abstractmethod
    def note(self, connection: sqlite3.Connection, outcomes: Sequence[Outcome]) -> None:
        """Let the state know of the same records."""

    def settle(self, *, last: bool) -> None:  # noqa: B027 - most have nothing to tidy up
        """Tidy up after `note`; `last` when no more records come for now."""

    @abstractmethod
    def files(self) -> list[OutputFile]:
        """What the output consists of."""

    def close(self) -> None:  # noqa: B027 - most hold no handle
        """Let go of the files."""

    def _missing(self, path: Path, what: str) -> OutputChanged:
        return OutputChanged(
            f"{path} {what}: it was changed from outside. Put it back from a copy, or give "
            "another --out and digest everything again."
        )


class JsonlOutput(Output):
    """One line a record in one file; the state knows where the last done line ends."""

    _stream: FileIO | None = None
    _end = 0  # of what the state knows
    _written = 0  # bytes behind that

    def recover(self) -> None:
        """Cut off what is behind the noted end: lines, or half a line, of items not done."""
        path = self._folder / JSONL_NAME
        with self._state.transaction() as connection:
            self._end = int(read_meta(connection, _END, "0"))
        size = path.stat().st_size if path.exists() else 0
        if size < self._end:
            raise self._missing(path, "is shorter than what was written to it")
        path.touch()
        sync_folder(self._folder)  # or a power cut may take the file and leave the noted end
        self._stream = path.open("r+b", buffering=0)  # what the disk refuses must not come again
        if size > self._end:
            self._cut()

    def write(self, outcomes: Sequence[Outcome]) -> None:
        """Append the lines behind the noted end."""
        stream = self._opened()
        lines = memoryview(b"".join(f"{line_of(one)}\n".encode() for one in outcomes))
        try:
            stream.seek(self._end)
            written = 0
            while written < len(lines):
                written += stream.write(lines[written:]) or 0
            os.fsync(stream.fileno())
        except OSError:
            self._cut()
            raise
        self._written = len(lines)

    def note(self, connection: sqlite3.Connection, outcomes: Sequence[Outcome]) -> None:
        """Move the noted end behind what was written."""
        write_meta(connection, _END, str(self._end + self._written))

    def settle(self, *, last: bool) -> None:
        """Go on behind what is noted by now."""
        self._end, self._written = self._end + self._written, 0

    def files(self) -> list[OutputFile]:
        """The one file."""
        path = self._folder / JSONL_NAME
        return [hash_file(path, self._folder, self._state.totals().done)]

    def close(self) -> None:
        """Let go of the file."""
        if self._stream:
            self._stream.close()

    def _cut(self) -> None:
        stream = self._opened()
        stream.truncate(self._end)
        os.fsync(stream.fileno())

    def _opened(self) -> FileIO:
        if self._stream is None:
            raise RuntimeError("an output is recovered before it is written to")
        return self._stream


class TreeOutput(Output):
    """One JSON file a record, in folders as the source has them.

    The state knows beforehand which files may come to be there, and afterwards which are.
    """

    def recover(self) -> None:
        """Remove the files of items that are not done."""
        (self._folder / FOLDER_NAME).mkdir(exist_ok=True)
        self._planned: dict[str, Outcome] = {}
        with self._state.transaction() as connection:
            for (name,) in connection.execute("SELECT path FROM intents").fetchall():
                path = self._path(name)
                path.unlink(missing_ok=True)
                temporary_of(path).unlink(missing_ok=True)
            connection.execute("DELETE FROM intents")

    def write(self, outcomes: Sequence[Outcome]) -> None:
        """Say which files may come, then write each under another name and rename it."""
        with self._state.transaction() as connection:
            taken = _TakenPaths(connection)
            self._planned = {}
            for one in outcomes:
                path = free_path(one.origin, one.content_hash, taken)
                taken.take(path)
                self._planned[path] = one
            names = [(name,) for name in self._planned]
            connection.executemany("INSERT OR IGNORE INTO intents VALUES (?)", names)
        with ThreadPoolExecutor(FILES_AT_ONCE) as pool:  # or each would wait for the disk alone
            paths = set(pool.map(self._write_file, self._planned, self._planned.values()))
        root = self._folder / FOLDER_NAME
        for folder in {root, *(folder for one in paths for folder in self._folders_of(one))}:
            sync_folder(folder)

    def note(self, connection: sqlite3.Connection, outcomes: Sequence[Outcome]) -> None:
        """The files are there for good."""
        folded = [(_fold(name),) for name in self._planned]
        connection.executemany("INSERT INTO paths VALUES (?)", folded)
        connection.execute("DELETE FROM intents")

    def files(self) -> list[OutputFile]:
        """The folder."""
        sizes = [one.stat().st_size for one in (self._folder / FOLDER_NAME).rglob("*.json")]
        return [OutputFile(f"{FOLDER_NAME}/", len(sizes), sum(sizes), None)]

    def _write_file(self, name: str, outcome: Outcome) -> Path:
        path = self._path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        with replaced_file(path) as stream:
            stream.write(f"{line_of(outcome)}\n".encode())
        return path

    def _path(self, name: str) -> Path:
        path = self._folder / FOLDER_NAME / name
        for folder in self._folders_of(path):
            if folder.is_symlink():
                raise self._missing(folder, "is a link, which may lead anywhere")
        return path

    def _folders_of(self, path: Path) -> Sequence[Path]:
        """The folders within the tree that a file lies in."""
        depth = len(path.relative_to(self._folder / FOLDER_NAME).parts) - 1
        return path.parents[:depth]


class _TakenPaths:
    """The names that free_path must not give."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._planned: set[str] = set()

    def take(self, name: str) -> None:
        self._planned.add(_fold(name))

    def __contains__(self, name: object) -> bool:
        folded = _fold(str(name))
        query = "SELECT 1 FROM paths WHERE folded = ?"
        return folded in self._planned or bool(
            self._connection.execute(query, (folded,)).fetchone()
        )


def _fold(name: str) -> str:
    """The same for names that some file systems take for one: by case, by how accents are kept."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def line_of(outcome: Outcome) -> str:
    """The record of an outcome that has one."""
    if not isinstance(outcome.result, Done):
        raise RuntimeError("only what is done is written")
    return outcome.result.line


def hash_file(path: Path, folder: Path, records: int) -> OutputFile:
    """What the manifest says of a file of the output."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(_HASH_CHUNK):
            digest.update(chunk)
    name = path.relative_to(folder).as_posix()
    return OutputFile(name, records, path.stat().st_size, digest.hexdigest())
