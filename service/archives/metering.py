"""Reading with a limit: bytes are counted as they are read and as they are unpacked."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from functools import partial
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, cast

from service.archives.faults import Bomb, Fault
from service.archives.items import Trouble
from service.archives.limits import ArchiveLimits

_PIECE = 64 * 1024
_IN_MEMORY = 1024 * 1024
_TAIL = 512
_MOST_BOMBS = 10


class Meter:
    """What one container takes and what it unpacks to, containers within it included."""

    def __init__(self, origin: str, limits: ArchiveLimits, outer: Meter | None) -> None:
        """Begin a container; what it unpacks to counts for those around it too."""
        self.packed = 0
        self.unpacked = 0
        self._given_up = 0
        self._origin = origin
        self._limits = limits
        self._outer = outer

    def unpack(self, count: int) -> None:
        """Count unpacked bytes.

        Raises:
            Bomb: they are out of proportion for this container, or for one around it.
        """
        self.unpacked += count
        limits = self._limits
        if (
            self.unpacked > limits.free_expansion_bytes
            and self.unpacked > limits.most_expansion * self.packed
        ):
            raise self._bomb()
        if self._outer is not None:
            self._outer.unpack(count)

    def forgive(self, bomb: Bomb) -> None:
        """Go on after a container in this one was given up; what it unpacked to counts no more.

        Raises:
            Bomb: it is one too many.
        """
        self._given_up += 1
        if self._given_up > _MOST_BOMBS:
            raise self._bomb()
        self.unpacked -= bomb.unpacked
        if self._outer is not None:
            self._outer.forgive(bomb)

    def _bomb(self) -> Bomb:
        return Bomb(
            self._origin,
            f"It unpacks to more than {self._limits.most_expansion} times its size, as bombs do; "
            "the rest of it was not read. If it is sound, allow more with --max-expansion.",
            self.unpacked,
        )


class PackedBytes(io.RawIOBase):
    """A container's bytes, counted as they are read."""

    def __init__(self, stream: BinaryIO, meter: Meter) -> None:
        """Count what is read of the stream; closing this leaves the stream open."""
        self._stream = stream
        self._meter = meter

    def readable(self) -> bool:
        """Always: it is a stream to read."""
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        """Read some bytes."""
        piece = self._stream.read(len(buffer))
        self._meter.packed += len(piece)
        buffer[: len(piece)] = piece
        return len(piece)


class UnpackedBytes(io.RawIOBase):
    """What a container unpacks to, counted as it comes out."""

    def __init__(self, stream: io.BufferedIOBase, meter: Meter) -> None:
        """Count what comes out of the stream; closing this leaves the stream open."""
        self._read1 = stream.read1
        self._meter = meter

    def readable(self) -> bool:
        """Always: it is a stream to read."""
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        """Read some bytes."""
        piece = self._read1(len(buffer))  # `read` would lose what came before an error
        self._meter.unpack(len(piece))
        buffer[: len(piece)] = piece
        return len(piece)


class GuardedBytes(io.RawIOBase):
    """Bytes of a container whose library would keep a header in memory, however long it is."""

    def __init__(self, stream: BinaryIO) -> None:
        """Guard a stream; closing this leaves it open."""
        self.tail = b""
        self.position = 0
        # `read` would lose what came before an error, in asking for more.
        self._read: Callable[[int], bytes] = getattr(stream, "read1", stream.read)
        self._left: int | None = None

    def allow(self, most: int | None) -> None:
        """Let so many bytes be read from now on; None for any number."""
        self._left = most

    def readable(self) -> bool:
        """Always: it is a stream to read."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Read some bytes.

        Raises:
            Fault: more than was allowed.
        """
        piece = self._read(size)
        self.position += len(piece)
        if self._left is not None:
            self._left -= len(piece)
            if self._left < 0:
                raise Fault(
                    Trouble.CORRUPT, "It has a header that no sound file has. Pack it again."
                )
        self.tail = (self.tail + piece[-_TAIL:])[-_TAIL:]
        return piece


def buffered(raw: io.RawIOBase) -> BinaryIO:
    """A stream that can be peeked into and read by lines."""
    return io.BufferedReader(raw, _PIECE)


def read_item(stream: BinaryIO, size: int | None, limits: ArchiveLimits) -> bytes:
    """All of an item's bytes.

    Raises:
        Fault: they are too many; no more than the limit was read.
    """
    if size is not None and size > limits.most_item_bytes:
        raise too_large(limits)
    pieces: list[bytes] = []
    left = limits.most_item_bytes
    while piece := stream.read(min(_PIECE, left + 1)):
        left -= len(piece)
        if left < 0:
            raise too_large(limits)
        pieces.append(piece)
    return b"".join(pieces)


def too_large(limits: ArchiveLimits) -> Fault:
    """The fault of an item over the limit."""
    mebibytes = limits.most_item_bytes / (1024 * 1024)
    return Fault(
        Trouble.TOO_LARGE,
        f"It is larger than {mebibytes:g} MiB, which no news item is. "
        "If it is one, allow more with --max-item-mib.",
    )


def spool(stream: BinaryIO, limits: ArchiveLimits) -> BinaryIO:
    """A temporary copy that can be read back and forth; it vanishes when closed.

    Raises:
        Fault: it is too large.
    """
    return spool_pieces(iter(partial(stream.read, _PIECE), b""), limits)


def spool_pieces(pieces: Iterator[bytes], limits: ArchiveLimits) -> BinaryIO:
    """The pieces in a temporary file, as `spool`."""
    copy = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - the caller closes it
    try:
        left = limits.most_container_bytes
        for piece in pieces:
            left -= len(piece)
            if left < 0:
                raise Fault(
                    Trouble.TOO_LARGE,
                    "It is too large for a container within another. Unpack the outer one first.",
                )
            copy.write(piece)
    except BaseException:
        copy.close()
        raise
    copy.seek(0)
    return cast(BinaryIO, copy)


def too_many(limits: ArchiveLimits) -> Fault:
    """The fault of a container with too many members."""
    return Fault(
        Trouble.TOO_MANY,
        f"It has more than {limits.most_members} members; the rest was not read. "
        "If that is right, allow more with --max-members.",
    )
