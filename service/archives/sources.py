"""Locations -> the items there, one after the other, and what cannot be read of them."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Any, BinaryIO

from service.archives.compressed import decompress
from service.archives.decoding import decode_page, decode_text
from service.archives.faults import Bomb, Fault, report_fault
from service.archives.formats import (
    COMPRESSED,
    CONTAINERS,
    FileFormat,
    innermost_format,
    known_format,
    recognize,
)
from service.archives.items import ArchiveItem, Found, Trouble, Unreadable
from service.archives.limits import ArchiveLimits
from service.archives.lines import read_lines
from service.archives.locations import Located, Place, list_files, resolve_locations
from service.archives.mapping import FieldMapping, encodable
from service.archives.members import Member
from service.archives.metering import read_item, spool
from service.archives.parquet import read_parquet, require_pyarrow
from service.archives.tables import read_csv, read_json_lines
from service.archives.tars import read_tar
from service.archives.warc import read_warc, require_warcio
from service.archives.zips import read_zip
from service.pipeline import TextFormat

_NEEDED: dict[FileFormat, Callable[[], Any]] = {
    FileFormat.PARQUET: require_pyarrow,
    FileFormat.WARC: require_warcio,
}
_BLANK = "\0 \t\r\n\v\f\u00a0\ufeff"
_HEAD = 64 * 1024


def read_sources(
    locations: Sequence[str], mapping: FieldMapping, limits: ArchiveLimits
) -> Iterator[Found]:
    """All that the locations hold, streamed, in an order that is always the same.

    Args:
        locations: files, folders and globs, as paths or as URLs of what fsspec can open.
        mapping: the fields of rows to read.
        limits: what is refused.

    Raises:
        BadLocation: a location is not there; found out before anything is read.
        MissingDependency: a location needs a package that is not installed.
    """
    places = resolve_locations(locations)
    for place in places:
        required = _NEEDED.get(innermost_format(place.path))  # type: ignore[arg-type]
        if place.named and place.info["type"] == "file" and required is not None:
            required()
    return _Reader(mapping, limits).read_places(places)


class _Reader:
    """Reads files and what is in them, with one mapping and the same limits for all."""

    def __init__(self, mapping: FieldMapping, limits: ArchiveLimits) -> None:
        self._mapping = mapping
        self._limits = limits

    def read_places(self, places: Sequence[Place]) -> Iterator[Found]:
        for place in places:
            empty = True
            for located in list_files(place):
                empty = False
                yield from self._read_located(located)
            if empty:
                yield Unreadable(place.origin, Trouble.EMPTY, "The folder has no files to read.")

    def _read_located(self, located: Located | Unreadable) -> Iterator[Found]:
        if isinstance(located, Unreadable):
            yield located
            return
        try:
            if known_format(located.name) is None:
                recognize(located.name, b"")
            stream = located.open()
        except Exception as error:  # drivers raise errors of their own libraries
            yield report_fault(located.origin, error)
            return
        with stream:
            yield from self._read(Member(located.origin, located.name, stream, located.size))

    def _read(self, member: Member) -> Iterator[Found]:
        """All of a file; whatever goes wrong in it is reported and stops only this file."""
        try:
            yield from self._read_content(member)
        except Bomb as bomb:
            if bomb.origin != member.origin:
                raise  # a container around it is what unpacks to too much
            yield report_fault(member.origin, bomb)
            if member.meter is not None:
                member.meter.forgive(bomb)
        except Exception as error:
            yield report_fault(member.origin, error)

    def _read_content(self, member: Member) -> Iterator[Found]:
        if known_format(member.name) is None:
            recognize(member.name, b"")  # before a byte of it is unpacked
        head = _peek(member.stream)
        if not head:
            raise Fault(Trouble.EMPTY, "It is empty.")
        found = recognize(member.name, head)
        if found in COMPRESSED:
            yield from self._read_content(decompress(member, found, self._limits))
        elif found in CONTAINERS:
            yield from self._read_container(member, found)
        elif found in (FileFormat.TEXT, FileFormat.HTML):
            yield self._read_single(member, found)
        else:
            yield from self._read_many(member, found, head)

    def _read_single(self, member: Member, found: FileFormat) -> Found:
        data = read_item(member.stream, member.size, self._limits)
        is_page = found is FileFormat.HTML
        text = decode_page(data) if is_page else decode_text(data)
        if not text.strip(_BLANK):
            raise Fault(Trouble.EMPTY, "It has no text.")
        text_format = TextFormat.HTML if is_page else TextFormat.TEXT
        return ArchiveItem(member.origin, encodable(text), text_format)

    def _read_many(self, member: Member, found: FileFormat, head: bytes) -> Iterator[Found]:
        if found is FileFormat.WARC:
            yield from read_warc(member, self._limits)
            return
        empty = True
        for item in self._read_rows(member, found, head):
            empty = False
            yield item
        if empty:
            raise Fault(Trouble.EMPTY, "It has no rows.")

    def _read_rows(self, member: Member, found: FileFormat, head: bytes) -> Iterator[Found]:
        if found is FileFormat.PARQUET:
            with _back_and_forth(member, self._limits) as seekable:
                yield from read_parquet(seekable, member.origin, self._mapping, self._limits)
            return
        lines = read_lines(member.stream, head, self._limits)
        if found is FileFormat.JSON_LINES:
            yield from read_json_lines(lines, member.origin, self._mapping)
        else:
            tabs = found is FileFormat.TSV
            yield from read_csv(lines, member.origin, self._mapping, self._limits, tabs=tabs)

    def _read_container(self, container: Member, found: FileFormat) -> Iterator[Found]:
        if container.depth >= self._limits.most_depth:
            raise Fault(
                Trouble.EXPANSION,
                f"It lies in {container.depth} containers, as bombs do. Unpack the outer ones "
                "first, or allow more with --max-depth.",
            )
        empty = True
        with _members(container, found, self._limits) as members:
            for member in members:
                empty = False
                if isinstance(member, Unreadable):
                    yield member
                else:
                    yield from self._read(member)
        if empty:
            raise Fault(Trouble.EMPTY, "It has no files to read.")


@contextmanager
def _members(
    container: Member, found: FileFormat, limits: ArchiveLimits
) -> Iterator[Iterator[Member | Unreadable]]:
    if found is FileFormat.TAR:
        with closing(read_tar(container, limits)) as members:
            yield members
        return
    with (
        _back_and_forth(container, limits) as stream,
        closing(read_zip(container, stream, limits)) as members,
    ):
        yield members


@contextmanager
def _back_and_forth(member: Member, limits: ArchiveLimits) -> Iterator[BinaryIO]:
    """The stream itself, where it is a file's own, or a temporary copy."""
    if member.depth == 0 and member.meter is None:
        yield member.stream
        return
    with spool(member.stream, limits) as copy:
        yield copy


def _peek(stream: BinaryIO) -> bytes:
    """The first bytes, which are still to be read."""
    if isinstance(stream, io.BufferedReader):
        return stream.peek(_HEAD)[:_HEAD]
    head = stream.read(_HEAD)
    stream.seek(0)
    return head
