"""The members of a ZIP file; of one that was cut off, those before the cut."""

from __future__ import annotations

import io
import stat
import zipfile
from collections.abc import Generator
from itertools import pairwise
from typing import BinaryIO, cast

from service.archives.faults import Fault, report_fault
from service.archives.items import Trouble, Unreadable
from service.archives.limits import ArchiveLimits
from service.archives.members import Member
from service.archives.metering import Meter, UnpackedBytes, buffered, too_many
from service.archives.naming import SeenNames, check_member_name, is_hidden, printable
from service.archives.zip_salvage import salvage_zip

_ENCRYPTED = 0x1
_MS_DOS = 0
_LOCAL_HEADER = 30
_DIRECTORY_BYTES = 5


def read_zip(
    outer: Member, stream: BinaryIO, limits: ArchiveLimits
) -> Generator[Member | Unreadable, None, None]:
    """The files of a ZIP file, in its directory's order.

    Args:
        outer: the file.
        stream: its bytes, to be read back and forth.
        limits: what is refused.

    Raises:
        Fault: it is cut off, or has too many members; those before were yielded.
    """
    meter = Meter(outer.origin, limits, outer.meter)
    try:
        _check_directory(stream, limits)
        archive = zipfile.ZipFile(stream)
    except zipfile.BadZipFile:
        stream.seek(0)
        yield from salvage_zip(outer, stream, meter, limits)
        return
    with archive:
        overlapping = _find_overlapping(archive)
        names = SeenNames()
        for place, info in enumerate(archive.infolist(), start=1):
            if place > limits.most_members:
                raise too_many(limits)
            name = info.filename.replace("\\", "/")
            if info.is_dir() or is_hidden(name):
                continue
            origin = names.distinguish(f"{outer.origin}!/{printable(name)}", place)
            try:
                _check(info, name, info.header_offset in overlapping)
                with archive.open(info) as opened:
                    meter.packed += info.compress_size + _LOCAL_HEADER
                    unpacked = buffered(UnpackedBytes(cast(io.BufferedIOBase, opened), meter))
                    yield Member(origin, name, unpacked, info.file_size, outer.depth + 1, meter)
            except (Fault, zipfile.BadZipFile, NotImplementedError, EOFError) as error:
                yield report_fault(origin, _explain(error))


def _check_directory(stream: BinaryIO, limits: ArchiveLimits) -> None:
    # Not public, but nothing public tells how long the directory is before it is in memory.
    end = zipfile._EndRecData(stream)  # type: ignore[attr-defined]
    if end and end[_DIRECTORY_BYTES] > limits.most_directory_bytes:
        raise Fault(
            Trouble.TOO_MANY,
            "It has too many members for a ZIP file, whose directory must fit into the memory. "
            "Unpack it and name the folder, or pack it as tar.",
        )


def _explain(error: Exception) -> Exception:
    if isinstance(error, NotImplementedError):
        return Fault(
            Trouble.UNREADABLE,
            "It is packed in a way that is not read here. Pack it again with deflate.",
        )
    return error


def _check(info: zipfile.ZipInfo, name: str, overlaps: bool) -> None:
    check_member_name(name)
    if info.flag_bits & _ENCRYPTED:
        raise Fault(Trouble.ENCRYPTED, "It is encrypted. Unpack it with its password first.")
    if overlaps:
        raise Fault(Trouble.EXPANSION, "It shares its bytes with another member, as in bombs.")
    if info.create_system != _MS_DOS:
        mode = info.external_attr >> 16
        if stat.S_ISLNK(mode):
            raise Fault(Trouble.LINK, "It is a link, which is not followed.")


def _find_overlapping(archive: zipfile.ZipFile) -> frozenset[int]:
    """Where members begin whose bytes run into the next one's."""
    spans = sorted(
        (info.header_offset, info.header_offset + _LOCAL_HEADER + info.compress_size)
        for info in archive.infolist()
    )
    found = set()
    for (start, end), (following, _) in pairwise(spans):
        if end > following:
            found |= {start, following}
    return frozenset(found)
