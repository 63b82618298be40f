"""One file to read, of a location or of a container."""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO

from service.archives.metering import Meter


@dataclass(frozen=True)
class Member:
    """A file that is open for reading, until the next one of its container is asked for.

    Args:
        origin: as in `ArchiveItem`.
        name: what its format is told by.
        stream: its content.
        size: what its container says of its length.
        depth: the containers around it.
        meter: of the container that it is unpacked from, if any.
    """

    origin: str
    name: str
    stream: BinaryIO
    size: int | None = None
    depth: int = 0
    meter: Meter | None = None
