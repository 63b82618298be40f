"""The part of an artifact that has been fetched so far, whichever mirror it came from."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from types import TracebackType
from typing import Self

_BLOCK = 1 << 20


class PartialFile:
    """A file that grows at its end and knows the sha256 of what it holds."""

    def __init__(self, path: Path, limit: int) -> None:
        """Open or create the file and hash what an earlier fetch left in it."""
        self.path = path
        self.size = 0
        self._sha256 = hashlib.sha256()
        path.touch(exist_ok=True)
        self._stream = path.open("r+b")
        if path.stat().st_size > limit:
            self.clear()
        while block := self._stream.read(_BLOCK):
            self._count(block)

    def __enter__(self) -> Self:
        """Use the file in a with statement, which closes it."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the file; it stays for the next fetch unless it was moved."""
        self._stream.close()

    @property
    def sha256(self) -> str:
        """The hash of all bytes so far."""
        return self._sha256.hexdigest()

    def write(self, chunk: bytes) -> None:
        """Append bytes."""
        self._stream.write(chunk)
        self._count(chunk)

    def clear(self) -> None:
        """Drop every byte."""
        self._stream.seek(0)
        self._stream.truncate()
        self.size = 0
        self._sha256 = hashlib.sha256()

    def move_to(self, target: Path) -> None:
        """Flush to the disk, then put the file where it belongs in one step."""
        self._stream.flush()
        os.fsync(self._stream.fileno())
        self._stream.close()
        self.path.replace(target)

    def _count(self, block: bytes) -> None:
        self.size += len(block)
        self._sha256.update(block)
