"""Builders of archives, sound ones and hostile ones."""

from __future__ import annotations

import gzip
import io
import struct
import tarfile
import unicodedata
import zipfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from random import Random

from service.archives.items import ArchiveItem, Found, Trouble, Unreadable
from service.archives.limits import ArchiveLimits
from service.archives.mapping import FieldMapping
from service.archives.sources import read_sources

LIMITS = ArchiveLimits()
MIB = 1024 * 1024
SMALL = replace(LIMITS, most_item_bytes=64 * 1024, free_expansion_bytes=MIB)
TEXT = "Sáng 12-5, Ủy ban nhân dân xã khai trương phiên chợ với 46 gian hàng của hộ dân."
_TONES = "\u0300\u0301\u0303\u0309\u0323"


def read(
    *locations: Path | str,
    mapping: FieldMapping = FieldMapping(),  # noqa: B008 - it is frozen
    limits: ArchiveLimits = LIMITS,
) -> list[Found]:
    return list(read_sources([str(location) for location in locations], mapping, limits))


def brief(found: Iterable[Found], root: Path) -> list[tuple[str, str]]:
    """Where each stands below the root, with its text or its trouble."""
    return [
        (
            one.origin.removeprefix(f"{root}/"),
            one.text if isinstance(one, ArchiveItem) else str(one.trouble),
        )
        for one in found
    ]


def troubles(found: Iterable[Found]) -> list[Trouble]:
    return [one.trouble for one in found if isinstance(one, Unreadable)]


def texts(found: Iterable[Found]) -> list[str]:
    return [one.text for one in found if isinstance(one, ArchiveItem)]


def zip_bytes(members: Mapping[str, bytes] | Iterable[tuple[str, bytes]]) -> bytes:
    pairs = members.items() if isinstance(members, Mapping) else members
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in pairs:
            # Not by its name alone, of which the library keeps only what is sound.
            info = zipfile.ZipInfo("x")
            info.filename = name
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, data)
    return target.getvalue()


def tar_bytes(members: Mapping[str, bytes] | Iterable[tuple[str, bytes]]) -> bytes:
    pairs = members.items() if isinstance(members, Mapping) else members
    return tar_infos((tar_info(name, size=len(data)), data) for name, data in pairs)


def tar_info(name: str, *, size: int = 0, kind: bytes = tarfile.REGTYPE) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.size, info.type = size, kind
    info.linkname = "a.txt" if kind in (tarfile.SYMTYPE, tarfile.LNKTYPE) else ""
    return info


def tar_infos(members: Iterable[tuple[tarfile.TarInfo, bytes]]) -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as archive:
        for info, data in members:
            archive.addfile(info, io.BytesIO(data))
    return target.getvalue()


def overlapping_zip(members: int, size: int) -> bytes:
    """A bomb whose directory names the same bytes again and again."""
    plain = zip_bytes({"00.txt": b"x" * size})
    start = plain.index(b"PK\x01\x02")
    entry = plain[start : plain.index(b"PK\x05\x06")]
    entries = b"".join(entry.replace(b"00.txt", b"%02d.txt" % index) for index in range(members))
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, members, members, len(entries), start, 0)
    return plain[:start] + entries + end


def patch_zip(data: bytes, *, flags: int | None = None, size: int | None = None) -> bytes:
    """A ZIP file of one member with other flags, or with another length than it has."""
    patched = bytearray(data)
    directory = data.index(b"PK\x01\x02")
    if flags is not None:
        struct.pack_into("<H", patched, 6, flags)
        struct.pack_into("<H", patched, directory + 8, flags)
    if size is not None:
        struct.pack_into("<I", patched, 22, size)
        struct.pack_into("<I", patched, directory + 24, size)
    return bytes(patched)


def zip_link(name: str, target: str) -> bytes:
    out = io.BytesIO()
    info = zipfile.ZipInfo(name)
    info.create_system = 3
    info.external_attr = 0o120777 << 16
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(info, target)
    return out.getvalue()


def windows_1258(text: str) -> bytes:
    """As Windows writes it: tones apart, other marks with their letters."""
    out = b""
    for letter in text:
        try:
            out += letter.encode("cp1258")
        except UnicodeEncodeError:
            parts = unicodedata.normalize("NFD", letter)
            base = "".join(part for part in parts if part not in _TONES)
            tone = "".join(part for part in parts if part in _TONES)
            out += (unicodedata.normalize("NFC", base) + tone).encode("cp1258")
    return out


def warc_record(
    url: str,
    body: bytes,
    *,
    kind: str = "response",
    status: str = "200 OK",
    content_type: str = "text/html; charset=utf-8",
    headers: Mapping[str, str] | None = None,
    length: object = None,
    extra: str = "",
) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {content_type}"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    http = "\r\n".join([*lines, "", ""]).encode() + body
    head = (
        f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: {url}\r\n"
        f"WARC-Date: 2025-03-01T04:05:06Z\r\n{extra}"
        "Content-Type: application/http; msgtype=response\r\n"
        f"Content-Length: {len(http) if length is None else length}\r\n\r\n"
    )
    return head.encode() + http + b"\r\n\r\n"


def page(text: str, head: str = "") -> bytes:
    return f"<html><head>{head}</head><body><p>{text}</p></body></html>".encode()


def gz(data: bytes) -> bytes:
    return gzip.compress(data, mtime=0)


def read_bytes(root: Path, name: str, data: bytes, limits: ArchiveLimits = SMALL) -> list[Found]:
    (root / name).write_bytes(data)
    return read(root / name, limits=limits)


NOISE = Random(5).randbytes(60_000)
LINES = (b" " * 511 + b"\n") * 6000  # nothing, at length
PACKERS: dict[str, Callable[[dict[str, bytes]], bytes]] = {
    "a.zip": zip_bytes,
    "a.tar": tar_bytes,
    "a.tar.gz": lambda members: gz(tar_bytes(members)),
}
