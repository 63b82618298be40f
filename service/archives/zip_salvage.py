"""What is left of a ZIP file without its directory, which stands at its end."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from service.archives.faults import Fault, report_fault
from service.archives.items import Trouble, Unreadable
from service.archives.limits import ArchiveLimits
from service.archives.members import Member
from service.archives.metering import Meter, spool_pieces, too_many
from service.archives.naming import SeenNames, check_member_name, is_hidden, printable

_HEADER = struct.Struct("<4s5H3I2H")
_DESCRIPTOR = struct.Struct("<3I")
_MARK, _DESCRIPTOR_MARK = b"PK\x03\x04", b"PK\x07\x08"
_ENCRYPTED, _SIZES_FOLLOW, _UTF8 = 0x1, 0x8, 0x800
_STORED, _DEFLATED = 0, 8
_PIECE = 64 * 1024


@dataclass(frozen=True)
class _Local:
    """The header before a member's bytes."""

    name: str
    flags: int
    method: int
    checksum: int
    packed: int


def salvage_zip(
    outer: Member, stream: BinaryIO, meter: Meter, limits: ArchiveLimits
) -> Iterator[Member | Unreadable]:
    """The whole members before the place where the file was cut off.

    Raises:
        Fault: always, in the end.
    """
    names = SeenNames()
    place = 0
    while (local := _read_local(stream)) is not None:
        place += 1
        if place > limits.most_members:
            raise too_many(limits)
        unpacked = _unpack(stream, local, meter, limits)
        if unpacked is None:
            place -= 1
            break
        if local.name.endswith("/") or is_hidden(local.name):
            continue
        origin = names.distinguish(f"{outer.origin}!/{printable(local.name)}", place)
        with unpacked:
            try:
                check_member_name(local.name)
                yield Member(origin, local.name, unpacked, None, outer.depth + 1, meter)
            except Fault as fault:
                yield report_fault(origin, fault)
    raise Fault(
        Trouble.TRUNCATED,
        f"It was cut off, or its directory is damaged: only the first {place} members could be "
        "read. Fetch or pack it again.",
    )


def _read_local(stream: BinaryIO) -> _Local | None:
    head = stream.read(_HEADER.size)
    if len(head) < _HEADER.size or not head.startswith(_MARK):
        return None
    _, _, flags, method, _, _, checksum, packed, _, name_size, extra_size = _HEADER.unpack(head)
    name = stream.read(name_size)
    stream.read(extra_size)
    decoded = name.decode("utf-8" if flags & _UTF8 else "cp437", "surrogateescape")
    return _Local(decoded.replace("\\", "/"), flags, method, checksum, packed)


def _unpack(
    stream: BinaryIO, local: _Local, meter: Meter, limits: ArchiveLimits
) -> BinaryIO | None:
    """A member's bytes, with the stream at the next one; None if it is not whole."""
    sized = not local.flags & _SIZES_FOLLOW
    if local.flags & _ENCRYPTED or not (local.method == _DEFLATED or (local.method == 0 and sized)):
        return None
    pieces = _Pieces(stream, local, meter)
    try:
        unpacked = spool_pieces(iter(pieces), limits)
    except zlib.error:
        return None
    expected = local.checksum if sized else _read_descriptor(stream)
    if pieces.whole and pieces.checksum == expected:
        return unpacked
    unpacked.close()
    return None


def _read_descriptor(stream: BinaryIO) -> int | None:
    """The checksum that stands after a member whose header has none."""
    head = stream.read(4)
    data = stream.read(_DESCRIPTOR.size) if head == _DESCRIPTOR_MARK else head + stream.read(8)
    return int(_DESCRIPTOR.unpack(data)[0]) if len(data) == _DESCRIPTOR.size else None


class _Pieces:
    """A member's unpacked bytes, piece by piece; `whole` once it has ended as it should."""

    def __init__(self, stream: BinaryIO, local: _Local, meter: Meter) -> None:
        self.checksum = 0
        self.whole = False
        self._stream = stream
        self._local = local
        self._meter = meter

    def __iter__(self) -> Iterator[bytes]:
        unpacked = self._stored() if self._local.method == _STORED else self._inflated()
        for piece in unpacked:
            self.checksum = zlib.crc32(piece, self.checksum)
            self._meter.unpack(len(piece))
            yield piece

    def _stored(self) -> Iterator[bytes]:
        left = self._local.packed
        while left and (piece := self._stream.read(min(left, _PIECE))):
            left -= len(piece)
            self._meter.packed += len(piece)
            yield piece
        self.whole = not left

    def _inflated(self) -> Iterator[bytes]:
        inflater = zlib.decompressobj(-zlib.MAX_WBITS)
        while not inflater.eof:
            packed = inflater.unconsumed_tail or self._stream.read(_PIECE)
            if not packed:
                return
            before = len(packed)
            piece = inflater.decompress(packed, _PIECE)
            self._meter.packed += before - len(inflater.unconsumed_tail) - len(inflater.unused_data)
            yield piece
        self._stream.seek(-len(inflater.unused_data), 1)
        self.whole = True
