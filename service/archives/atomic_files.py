"""Files that are there as a whole or not at all."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

TEMPORARY = ".tmp"


def temporary_of(path: Path) -> Path:
    """Where a file is written before it gets its name: another place for each, never too long."""
    short = hashlib.sha256(path.name.encode()).hexdigest()[:24]
    return path.with_name(f".{short}{TEMPORARY}")


@contextmanager
def replaced_file(path: Path) -> Iterator[BinaryIO]:
    """What is written in the block becomes the file when the block ends well."""
    temporary = temporary_of(path)
    temporary.unlink(missing_ok=True)  # of a killed process; or a link, which must not be followed
    try:
        with temporary.open("xb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)  # on a full disk it would take what others need
        raise


def sync_folder(folder: Path) -> None:
    """Let the names in a folder outlast a power cut."""
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
