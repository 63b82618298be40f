"""Gzip and Zstandard: one compressed file -> the file in it."""

from __future__ import annotations

import gzip
import io
import sys
from typing import cast

from service.archives.faults import Fault
from service.archives.formats import COMPRESSED, FileFormat, known_format, unpacked_name
from service.archives.items import Trouble
from service.archives.limits import ArchiveLimits
from service.archives.members import Member
from service.archives.metering import Meter, PackedBytes, UnpackedBytes, buffered

if sys.version_info >= (3, 14):
    from compression.zstd import ZstdFile
else:
    from backports.zstd import ZstdFile


def decompress(outer: Member, packed_as: FileFormat, limits: ArchiveLimits) -> Member:
    """The file in a compressed one; it has the same origin, as there is only one."""
    meter = Meter(outer.origin, limits, outer.meter)
    packed = buffered(PackedBytes(outer.stream, meter))
    opened = gzip.GzipFile(fileobj=packed) if packed_as is FileFormat.GZIP else ZstdFile(packed)
    stream = buffered(UnpackedBytes(cast(io.BufferedIOBase, opened), meter))
    name = unpacked_name(outer.name)
    nested = known_format(name) in COMPRESSED
    if nested and outer.depth >= limits.most_depth:
        raise Fault(Trouble.EXPANSION, "It is compressed again and again. Unpack it first.")
    return Member(outer.origin, name, stream, None, outer.depth + nested, meter)
