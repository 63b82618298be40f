"""An archive that is sent, streamed to disk and checked as it comes."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Protocol

from service.archives.atomic_files import sync_folder
from service.archives.faults import Fault
from service.archives.formats import FileFormat, innermost_format, known_format, recognize
from service.archives.options import OutputForm
from service.archives.parquet_output import require_pyarrow
from service.archives.warc import require_warcio
from service.jobs.faults import (
    DiskFull,
    EmptyUpload,
    StateUnusable,
    UploadCutOff,
    UploadTooLarge,
    WrongUploadType,
)
from service.jobs.records import JobRequest

_CHUNK = 1 << 20
_HEAD = 1 << 16  # what the first check of the format looks at
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class ByteStream(Protocol):
    """What comes in."""

    def read(self, size: int, /) -> bytes:
        """Some bytes, fewer than that perhaps; none at the end alone."""


def check_length(length: int | None, most_bytes: int, folder: Path) -> None:
    """Refuse what is too much before any of it is read.

    Raises:
        UploadTooLarge: the service takes no archive so large.
        DiskFull: there is no room for it.
    """
    if length is None:
        return
    if length > most_bytes:
        raise _too_large(most_bytes)
    if length > shutil.disk_usage(folder).free:
        raise _disk_full()


def check_name(file: str) -> None:
    """Refuse a file whose name says that it cannot be read.

    Raises:
        WrongUploadType: it is of no format that is read.
        MissingDependency: what reads it is not installed.
    """
    inner = innermost_format(file)
    if inner is None and known_format(file) is not None:
        raise WrongUploadType(
            "Its name does not say what the compressed file holds; name it as in news.jsonl.gz."
        )
    if inner is None:
        _check_bytes(file, b"")
    if inner is FileFormat.PARQUET:
        require_pyarrow()
    if inner is FileFormat.WARC:
        require_warcio()


def check_request(request: JobRequest) -> None:
    """Refuse what could not be written.

    Raises:
        MissingDependency: what writes it is not installed.
    """
    if request.output_format is OutputForm.PARQUET:
        require_pyarrow()


def write_upload(stream: ByteStream, path: Path, length: int | None, most_bytes: int) -> int:
    """Write all of the stream to a new file, and return its size.

    Raises:
        UploadTooLarge: it is more than the service takes; the rest was not read.
        UploadCutOff: it is less than was announced.
        EmptyUpload: nothing came.
        WrongUploadType: its first bytes are not what its name says.
        DiskFull: the disk took no more.
    """
    written = 0
    with _opened(path) as target:
        for chunk in _chunks(stream):
            if not written:
                _check_bytes(path.name, chunk)
            written += len(chunk)
            if written > most_bytes:
                raise _too_large(most_bytes)
            with told_file_errors():
                target.write(chunk)
    if length is not None and written < length:
        raise UploadCutOff(f"{written:,} of {length:,} bytes came. Send the archive again.")
    if not written:
        raise EmptyUpload("The archive is empty. Send one that holds something.")
    return written


@contextmanager
def told_file_errors() -> Iterator[None]:
    """Let what the disk refuses be the service's own errors.

    Raises:
        DiskFull: it is full.
        StateUnusable: it cannot be written to.
    """
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise _disk_full() from error
        raise StateUnusable(
            f"The state folder cannot be written to ({error.strerror}). Try again in a minute; "
            "whoever runs the service should look at it."
        ) from error


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    with told_file_errors():
        target = path.open("xb", buffering=0)
    with target:
        yield target
        with told_file_errors():
            os.fsync(target.fileno())
            sync_folder(path.parent)


def _chunks(stream: ByteStream) -> Iterator[bytes]:
    """What comes, the first piece long enough to tell a format by it."""
    head = b""
    while len(head) < _HEAD and (piece := stream.read(_HEAD)):
        head += piece
    if head:
        yield head
    while piece := stream.read(_CHUNK):
        yield piece


def _check_bytes(file: str, head: bytes) -> None:
    try:
        recognize(file, head)
    except Fault as fault:
        raise WrongUploadType(fault.reason) from fault


def _too_large(most_bytes: int) -> UploadTooLarge:
    return UploadTooLarge(
        f"An archive may have {most_bytes // (1 << 20):,} MiB. Send it in parts, or let whoever "
        "runs the service raise DIEMTIN_MAX_ARCHIVE_MIB."
    )


def _disk_full() -> DiskFull:
    return DiskFull(
        "The service's disk has no room for the archive; nothing was kept. Delete jobs that are "
        "done, or send it later."
    )
