"""The pages of a WARC file -> items: what a crawler was answered with 200 and as HTML."""

from __future__ import annotations

import gzip
import io
import re
import zlib
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from models.errors import MissingDependency
from service.archives.decoding import decode_page
from service.archives.faults import Bomb, Fault, report_fault
from service.archives.items import ArchiveItem, Found, Trouble
from service.archives.limits import ArchiveLimits
from service.archives.mapping import encodable
from service.archives.members import Member
from service.archives.metering import GuardedBytes, Meter, read_item, too_many
from service.archives.naming import SeenNames, printable
from service.pipeline import TextFormat

if TYPE_CHECKING:
    from warcio.archiveiterator import WARCIterator
    from warcio.recordloader import ArcWarcRecord
    from warcio.statusandheaders import StatusAndHeaders

_PAGE_TYPES = ("text/html", "application/xhtml+xml")
_MOST_HEADER = 1024 * 1024
_PIECE = 256 * 1024
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]{2,40})", re.IGNORECASE)
_CHUNK = re.compile(rb"[0-9A-Fa-f]{1,16}[ \t]*(?:;[^\r\n]{0,200})?\r\n")
_GZIP_MARK = b"\x1f\x8b"
_NO_LENGTH = "Its record does not tell its length. Fetch the archive again."
_OVERRUN = "The page is longer than its record says. Fetch it again."
_CUT_OFF = "A record is cut off. Fetch the archive again."


def require_warcio() -> type[WARCIterator]:
    """The class of warcio that reads WARC files.

    Raises:
        MissingDependency: it is not installed.
    """
    try:
        from warcio.archiveiterator import WARCIterator
    except ImportError as error:
        raise MissingDependency("WARC needs: pip install 'diemtin[archive]'") from error
    return cast("type[WARCIterator]", WARCIterator)


def read_warc(outer: Member, limits: ArchiveLimits) -> Iterator[Found]:
    """The pages of a WARC file, in its order; requests, images and the like are no items.

    Raises:
        Fault: a record cannot be told from the next; those before were yielded.
        MissingDependency: warcio is not installed.
    """
    source = GuardedBytes(outer.stream)
    meter = Meter(outer.origin, limits, outer.meter)
    names = SeenNames()
    records = require_warcio()(source, no_record_parse=True)
    records.INC_RECORD = ""  # or it prints a line of the page
    place = 0
    while (record := _next_record(records, source)) is not None:
        place += 1
        if place > limits.most_members:
            raise too_many(limits)
        page: Found | None = None
        if record.rec_type == "response":
            url = record.rec_headers.get_header("WARC-Target-URI") or ""
            named = f"{outer.origin}!/{printable(url)}"
            page = _read_page(records, record, url, named, meter, limits)
            if page is not None:
                page = replace(page, origin=names.distinguish(named, place))
        fault = _end_record(records, record, source)
        if isinstance(page, ArchiveItem) and isinstance(fault, Fault):
            page = report_fault(page.origin, fault)
        if page is not None:
            yield page
        if fault is not None and not isinstance(fault, _Overrun):
            raise fault


class _Overrun(Fault):
    """A record is longer than it says: only that one is damaged."""


def _end_record(
    records: WARCIterator, record: ArcWarcRecord, source: GuardedBytes
) -> Exception | None:
    """Read to the next record; what is wrong with the end of this one, if anything."""
    wrong = records.err_count
    try:
        while record.raw_stream.read(_PIECE):
            pass
        limit = getattr(record.raw_stream, "limit", None)
        if limit is None or limit > 0:
            return Fault(Trouble.TRUNCATED, _CUT_OFF)
        source.allow(_MOST_HEADER)
        records.read_to_end()
    except Exception as error:  # of the stream: what was read before is still good
        return error
    finally:
        source.allow(None)
    return _Overrun(Trouble.CORRUPT, _OVERRUN) if records.err_count != wrong else None


def _next_record(records: WARCIterator, source: GuardedBytes) -> ArcWarcRecord | None:
    from warcio.exceptions import ArchiveLoadFailed

    source.allow(_MOST_HEADER)
    try:
        return next(records, None)
    except ArchiveLoadFailed as error:
        raise Fault(
            Trouble.CORRUPT,
            "It is damaged: no record begins where the one before ends. The pages before were "
            "read. Fetch it again.",
        ) from error
    finally:
        source.allow(None)


def _parse_http(records: WARCIterator, record: ArcWarcRecord) -> StatusAndHeaders:
    from warcio.statusandheaders import StatusAndHeadersParserException

    try:
        return records.loader.http_parser.parse(record.raw_stream)
    except (StatusAndHeadersParserException, ValueError) as error:
        raise Fault(
            Trouble.CORRUPT,
            "What the site answered cannot be told from its header. Fetch it again.",
        ) from error


def _is_page(headers: StatusAndHeaders) -> bool:
    if headers.get_statuscode() != "200":
        return False
    content_type = (headers.get_header("Content-Type") or "").partition(";")[0]
    return content_type.strip().casefold() in _PAGE_TYPES


def _read_page(
    records: WARCIterator,
    record: ArcWarcRecord,
    url: str,
    origin: str,
    meter: Meter,
    limits: ArchiveLimits,
) -> Found | None:
    """The page that a response holds; nothing if it holds something else."""
    try:
        headers = _parse_http(records, record)
        if not _is_page(headers):
            return None
        told = _CHARSET.search(headers.get_header("Content-Type") or "")
        payload = _read_payload(record, headers, meter, limits)
        page = decode_page(payload, told[1] if told else None)
        if not page.strip("\0 \t\r\n\ufeff"):
            raise Fault(Trouble.EMPTY, "The page is empty.")
    except Bomb:
        raise
    except (Fault, EOFError, OSError, zlib.error) as error:
        return report_fault(origin, error)
    date = record.rec_headers.get_header("WARC-Date")
    return ArchiveItem(
        origin, encodable(page), TextFormat.HTML, id=encodable(url) or None, date=date
    )


def _read_payload(
    record: ArcWarcRecord, headers: StatusAndHeaders, meter: Meter, limits: ArchiveLimits
) -> bytes:
    limit = getattr(record.raw_stream, "limit", None)
    if limit is None:
        raise Fault(Trouble.CORRUPT, _NO_LENGTH)
    raw = read_item(record.raw_stream, limit, limits)
    if record.raw_stream.limit > 0 or record.rec_headers.get_header("WARC-Truncated"):
        raise Fault(Trouble.TRUNCATED, _CUT_OFF)
    meter.packed += len(raw)
    if "chunked" in (headers.get_header("Transfer-Encoding") or "").casefold():
        raw = _join_chunks(raw)
    payload = _decompress(raw, headers.get_header("Content-Encoding") or "", limits)
    meter.unpack(len(payload))
    return payload


def _join_chunks(raw: bytes) -> bytes:
    """The bytes of a chunked answer; as they are where the crawler has joined them already."""
    from warcio.bufferedreaders import ChunkedDataException, ChunkedDataReader

    if not _CHUNK.match(raw):
        return raw
    reader = ChunkedDataReader(io.BytesIO(raw), raise_exceptions=True)
    pieces: list[bytes] = []
    try:
        while piece := reader.read(_PIECE):
            pieces.append(piece)
    except ChunkedDataException as error:
        raise Fault(Trouble.TRUNCATED, _CUT_OFF) from error
    return b"".join(pieces)


def _decompress(raw: bytes, encoding: str, limits: ArchiveLimits) -> bytes:
    encoding = encoding.strip().casefold()
    if encoding in ("gzip", "x-gzip") and raw.startswith(_GZIP_MARK):
        stream: Any = gzip.GzipFile(fileobj=io.BytesIO(raw))
        return read_item(stream, None, limits)
    if encoding == "deflate":
        return _inflate(raw, limits)
    if encoding == "br":
        return _unpack_brotli(raw, limits)
    return raw


def _inflate(raw: bytes, limits: ArchiveLimits) -> bytes:
    wrapped = raw[:1] == b"\x78"  # servers send it with and without zlib's own header
    inflater = zlib.decompressobj(zlib.MAX_WBITS if wrapped else -zlib.MAX_WBITS)
    page = inflater.decompress(raw, limits.most_item_bytes + 1)
    payload: BinaryIO = io.BytesIO(page)
    whole = read_item(payload, None, limits)
    if not inflater.eof:
        raise EOFError
    return whole


def _unpack_brotli(raw: bytes, limits: ArchiveLimits) -> bytes:
    import brotli

    unpacker = brotli.Decompressor()
    try:
        page = unpacker.process(raw, output_buffer_limit=limits.most_item_bytes + 1)
    except brotli.error:
        return raw  # crawlers that unpack a page leave the header as it was
    whole = read_item(io.BytesIO(page), None, limits)
    if not unpacker.is_finished():
        raise EOFError
    return whole
