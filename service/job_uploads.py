"""An archive as it comes over HTTP: read as it arrives, never held whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from apiflask import HTTPError
from flask import Request
from gunicorn.http.errors import ParseException
from pydantic import ValidationError
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge
from werkzeug.sansio.multipart import (
    Data,
    Epilogue,
    Event,
    Field,
    File,
    MultipartDecoder,
    NeedData,
)

from service.archives.formats import known_format
from service.job_pace import Pace
from service.jobs.faults import UploadCutOff, UploadTooLarge, WrongUploadType
from service.jobs.records import JobRequest
from service.jobs.uploads import ByteStream
from service.problems import BadUpload, MalformedUpload

FILE = "file"
FILENAME = "filename"
MULTIPART = "multipart/form-data"
SUFFIXES: Mapping[str, str] = {
    "application/octet-stream": "",
    "application/zip": ".zip",
    "application/x-zip-compressed": ".zip",
    "application/gzip": ".gz",
    "application/x-gzip": ".gz",
    "application/zstd": ".zst",
    "application/x-tar": ".tar",
    "application/jsonl": ".jsonl",
    "application/x-ndjson": ".jsonl",
    "application/vnd.apache.parquet": ".parquet",
    "application/warc": ".warc",
    "text/csv": ".csv",
    "text/tab-separated-values": ".tsv",
    "text/plain": ".txt",
    "text/html": ".html",
}

_MIB = 1 << 20
_CHUNK = 64 * 1024
_BUFFER = 4 * _CHUNK  # what the decoder may hold: a chunk and the headers of a part
_MOST_FIELD_BYTES = 64 * 1024
_MOST_PARTS = 40
_BESIDE_FILE = _MIB  # of a body: other parts, headers, boundaries
_NAMELESS = "archive"
_MOST_TOLD = 80


@dataclass(frozen=True)
class Upload:
    """An archive that is coming.

    Args:
        stream: its bytes.
        name: what its sender calls it, with an end that tells its format where that is known.
        length: in bytes; None where only reading tells.
        request: what is asked for; to be called once the stream was read to its end.
    """

    stream: ByteStream
    name: str
    length: int | None
    request: Callable[[], JobRequest]


def open_upload(request: Request, most_mib: int, pace: Pace) -> Upload:
    """Look at the head of a request, and of its form; the archive itself is not read yet.

    Raises:
        WrongUploadType: the body is neither a form nor an archive.
        UploadTooLarge: the headers say that it is larger than may be.
        MalformedUpload: the form cannot be read.
        BadUpload: it has no file.
        HTTPError: a field has a wrong value.
    """
    is_form = request.mimetype == MULTIPART
    if not is_form and request.mimetype not in SUFFIXES:
        raise WrongUploadType(
            f"Send a form ({MULTIPART}) with the archive as its part `{FILE}`, or the archive "
            f"alone, with one of these as its Content-Type: {', '.join(SUFFIXES)}."
        )
    most = most_mib * _MIB + (_BESIDE_FILE if is_form else 0)
    length = request.content_length
    if length is not None and length > most:
        raise _too_large(most_mib)
    request.max_content_length = most + 1  # or it would end at the last byte that may be
    body = _Body(request, most_mib, pace)
    fields = _unique(request.args.items(multi=True))
    if is_form:
        return _open_form(_Form(body, _boundary(request), fields))
    name = fields.pop(FILENAME, "")
    wanted = _read_fields(fields)
    return Upload(body, _with_suffix(name, request.mimetype), length, lambda: wanted)


def _open_form(form: _Form) -> Upload:
    file = form.find_file()
    form.read_request()  # better now than after a gigabyte
    media_type = file.headers.get("Content-Type", "").partition(";")[0].strip().casefold()
    return Upload(form, _with_suffix(file.filename, media_type), None, form.finish)


def _with_suffix(name: str, media_type: str) -> str:
    if known_format(name):
        return name
    return (name or _NAMELESS) + SUFFIXES.get(media_type, "")


def _boundary(request: Request) -> bytes:
    boundary = request.mimetype_params.get("boundary", "")
    if not boundary or not boundary.isascii():
        raise MalformedUpload(f"The Content-Type {MULTIPART} needs a boundary of ASCII letters.")
    return boundary.encode()


def _unique(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in pairs:
        _add(found, name, value)
    return found


def _add(fields: dict[str, str], name: str, value: str) -> None:
    if name in fields:
        raise BadUpload(f"{_told(name)}: It is given twice; give it once.")
    fields[name] = value


def _told(name: str) -> str:
    return name[:_MOST_TOLD]


def _read_fields(fields: Mapping[str, str]) -> JobRequest:
    try:
        return JobRequest.model_validate(fields)
    except ValidationError as error:
        raise HTTPError(422) from error  # as APIFlask does with a body in JSON


def _too_large(most_mib: int) -> UploadTooLarge:
    return UploadTooLarge(
        f"The archive may have {most_mib:,} MiB. Send it in parts, or have the service take more "
        "with DIEMTIN_MAX_ARCHIVE_MIB."
    )


class _Body:
    """The body of a request, which tells an end before its time from its end."""

    def __init__(self, request: Request, most_mib: int, pace: Pace) -> None:
        self._stream = request.stream
        self._announced = request.content_length
        self._most_mib = most_mib
        self._pace = pace
        self._seen = 0

    def read(self, size: int, /) -> bytes:
        try:
            with self._pace.waiting():
                data: bytes = self._stream.read(min(size, _CHUNK))  # which comes whole, or ends
        except RequestEntityTooLarge as error:
            raise _too_large(self._most_mib) from error
        except (ClientDisconnected, ParseException) as error:
            raise _cut_off(self._pace) from error
        self._seen += len(data)
        self._pace.count(len(data))
        is_short = self._announced is not None and self._seen < self._announced
        if (data and self._pace.is_over) or (not data and is_short):
            raise _cut_off(self._pace)
        return data


def _cut_off(pace: Pace) -> UploadCutOff:
    if pace.is_stopped:
        return UploadCutOff("The service is stopping; nothing was kept. Send it again soon.")
    if pace.is_too_slow:
        return UploadCutOff("The upload came too slowly; nothing was kept. Send it again, faster.")
    return UploadCutOff("The upload ended before its time; nothing was kept. Send it again.")


class _Form:
    """A form with one file, read in the order in which it comes: fields, the file, fields."""

    def __init__(self, body: _Body, boundary: bytes, fields: dict[str, str]) -> None:
        self._body = body
        self._decoder = MultipartDecoder(boundary, _BUFFER, max_parts=_MOST_PARTS)
        self._fields = fields
        self._room = _MOST_FIELD_BYTES
        self._rest = b""
        self._in_file = False

    def find_file(self) -> File:
        """Read on to the file."""
        file = self._read_to_file()
        if file is None:
            raise BadUpload(f"{FILE}: Field required. Send the archive as a part of this name.")
        if file.name != FILE:
            raise BadUpload(f"{_told(file.name)}: The archive belongs into the part `{FILE}`.")
        if not file.filename:
            raise BadUpload(f"{FILE}: It has no filename, which tells the archive's format.")
        self._in_file = True
        return file

    def read(self, size: int, /) -> bytes:
        """At most so many of the next bytes of the file."""
        while self._in_file and not self._rest:
            self._rest, self._in_file = self._next_data()
        data, self._rest = self._rest[:size], self._rest[size:]
        return data

    def finish(self) -> JobRequest:
        """Read what comes after the file, and tell what the fields ask for."""
        if self._read_to_file():
            raise BadUpload(f"{FILE}: One archive makes a job. Send each file by itself, or a ZIP.")
        return self.read_request()

    def read_request(self) -> JobRequest:
        """What the fields read so far ask for."""
        return _read_fields(self._fields)

    def _read_to_file(self) -> File | None:
        while True:
            event = self._next_event()
            if isinstance(event, File):
                return event
            if isinstance(event, Epilogue):
                return None
            if isinstance(event, Field):
                self._read_field(event.name)

    def _read_field(self, name: str) -> None:
        if name == FILE:
            raise BadUpload(f"{FILE}: It has no filename, which tells the archive's format.")
        value, more = b"", True
        while more:
            data, more = self._next_data()
            value += data
            if len(value) > self._room:
                raise BadUpload(f"{_told(name)}: The fields have more bytes than any may.")
        self._room -= len(value)
        try:
            _add(self._fields, name, value.decode())
        except UnicodeDecodeError as error:
            raise MalformedUpload(f"{_told(name)}: It is not in UTF-8.") from error

    def _next_data(self) -> tuple[bytes, bool]:
        event = self._next_event()
        if not isinstance(event, Data):
            raise _malformed()
        return event.data, event.more_data

    def _next_event(self) -> Event:
        try:
            while isinstance(event := self._decoder.next_event(), NeedData):
                self._decoder.receive_data(self._body.read(_CHUNK) or None)
        except (ValueError, RequestEntityTooLarge) as error:
            raise _malformed() from error
        if isinstance(event, File | Field) and not isinstance(event.name, str):
            raise _malformed()  # its header names no part
        return event


def _malformed() -> MalformedUpload:
    return MalformedUpload(
        f"The body is not {MULTIPART} as its Content-Type says. Send it as curl does with "
        "`-F file=@archive.zip`."
    )
