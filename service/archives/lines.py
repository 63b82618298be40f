"""A stream's lines, decoded one by one: one that cannot be read costs no other."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from service.archives.decoding import find_encoding, marked_encoding, seems_vietnamese, undecodable
from service.archives.faults import Fault
from service.archives.items import Trouble
from service.archives.limits import ArchiveLimits
from service.archives.metering import too_large

_SKIPPED = 256 * 1024


class Line(NamedTuple):
    """One line with its end; `fault` says why there is no text."""

    number: int
    text: str
    fault: Fault | None = None


def read_lines(stream: BinaryIO, head: bytes, limits: ArchiveLimits) -> Iterator[Line]:
    """The lines of a stream that begins with that head, which is still to be read.

    Raises:
        Fault: it is marked as UTF-16 or UTF-32, and is not.
    """
    encoding = marked_encoding(head)
    if encoding not in (None, "utf-8-sig"):
        yield from _read_wide(stream, str(encoding), limits)
        return
    decoder = _Decoder(head)
    for number, data in enumerate(_split(stream, limits.most_item_bytes), start=1):
        yield decoder.decode(number, data) if data is not None else _too_long(number, limits)


def _too_long(number: int, limits: ArchiveLimits) -> Line:
    return Line(number, "", too_large(limits))


def _split(stream: BinaryIO, most: int) -> Iterator[bytes | None]:
    """Lines of bytes; None for one that is too long, of which no more than a piece is held."""
    while line := stream.readline(most + 1):
        if len(line) <= most:
            yield line
            continue
        while line and not line.endswith(b"\n"):
            line = stream.readline(_SKIPPED)
        yield None


def _read_wide(stream: BinaryIO, encoding: str, limits: ArchiveLimits) -> Iterator[Line]:
    reader = io.TextIOWrapper(stream, encoding, newline="\n")
    try:
        number = 0
        while text := reader.readline(limits.most_item_bytes + 1):
            number += 1
            if len(text) <= limits.most_item_bytes:
                yield Line(number, text)
                continue
            while text and not text.endswith("\n"):
                text = reader.readline(_SKIPPED)
            yield _too_long(number, limits)
    except UnicodeDecodeError as error:
        raise Fault(
            Trouble.ENCODING,
            f"It is marked as {encoding.upper()}, but is not. Convert it to UTF-8.",
        ) from error
    finally:
        reader.detach()


class _Decoder:
    """Decodes lines, in UTF-8 or in the encoding that the file's other lines are in."""

    def __init__(self, head: bytes) -> None:
        whole = head.rpartition(b"\n")[0] or head
        self._encoding = None if _is_utf8(whole) else find_encoding(whole)

    def decode(self, number: int, data: bytes) -> Line:
        try:
            return Line(number, data.decode("utf-8-sig" if number == 1 else "utf-8"))
        except UnicodeDecodeError as error:
            text = self._decode_legacy(data)
            return Line(number, text or "", undecodable(error.start) if text is None else None)

    def _decode_legacy(self, data: bytes) -> str | None:
        if self._encoding is not None:
            try:
                text = data.decode(self._encoding)
            except UnicodeDecodeError:
                return None
            # Too few letters to tell by themselves; it must only not speak against it.
            if self._encoding == "cp1252" or seems_vietnamese(text, own_share=0):
                return text
        found = find_encoding(data, thorough=False)
        if found is None:
            return None
        self._encoding = self._encoding or found
        return data.decode(found)


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
