"""What a file is: by its name's end, then by its first bytes."""

from __future__ import annotations

from enum import StrEnum

from service.archives.faults import Fault
from service.archives.items import Trouble


class FileFormat(StrEnum):
    """How a file is written."""

    TEXT = "text"
    HTML = "HTML"
    JSON_LINES = "JSON lines"
    CSV = "CSV"
    TSV = "TSV"
    PARQUET = "Parquet"
    WARC = "WARC"
    ZIP = "ZIP"
    TAR = "tar"
    GZIP = "gzip"
    ZSTANDARD = "Zstandard"


COMPRESSED = (FileFormat.GZIP, FileFormat.ZSTANDARD)
CONTAINERS = (FileFormat.ZIP, FileFormat.TAR)
_SUFFIXES = {
    ".txt": FileFormat.TEXT,
    ".html": FileFormat.HTML,
    ".htm": FileFormat.HTML,
    ".xhtml": FileFormat.HTML,
    ".jsonl": FileFormat.JSON_LINES,
    ".ndjson": FileFormat.JSON_LINES,
    ".csv": FileFormat.CSV,
    ".tsv": FileFormat.TSV,
    ".parquet": FileFormat.PARQUET,
    ".warc": FileFormat.WARC,
    ".zip": FileFormat.ZIP,
    ".tar": FileFormat.TAR,
    ".tgz": FileFormat.GZIP,
    ".gz": FileFormat.GZIP,
    ".tzst": FileFormat.ZSTANDARD,
    ".zst": FileFormat.ZSTANDARD,
}
_PACKED_TARS = (".tgz", ".tzst")
_TAR_MARK = slice(257, 262)
_MAGIC = (
    (FileFormat.ZIP, (b"PK\x03\x04", b"PK\x05\x06")),
    (FileFormat.GZIP, (b"\x1f\x8b",)),
    (FileFormat.ZSTANDARD, (b"\x28\xb5\x2f\xfd", *(bytes([n]) + b"*M\x18" for n in range(80, 96)))),
    (FileFormat.PARQUET, (b"PAR1",)),
    (FileFormat.WARC, (b"WARC/",)),
)
_BINARY = (*COMPRESSED, *CONTAINERS, FileFormat.PARQUET, FileFormat.WARC)
_FOREIGN = (b"%PDF-", b"\xd0\xcf\x11\xe0", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\x7fELF")
_KNOWN = "txt, html, jsonl, csv, tsv, parquet, warc, zip, tar, and .gz or .zst of these"


def _find_suffix(name: str) -> str:
    base = name.rpartition("/")[2].casefold()
    return "." + base.rpartition(".")[2] if "." in base else ""


def known_format(name: str) -> FileFormat | None:
    """What the name's end says."""
    return _SUFFIXES.get(_find_suffix(name))


def unpacked_name(name: str) -> str:
    """The name of what a compressed file holds."""
    suffix = _find_suffix(name)
    return name[: -len(suffix)] + (".tar" if suffix in _PACKED_TARS else "")


def innermost_format(name: str) -> FileFormat | None:
    """What is left of a file once it is decompressed, by its name."""
    found = known_format(name)
    while found in COMPRESSED:
        name = unpacked_name(name)
        found = known_format(name)
    return found


def _sniff(head: bytes) -> FileFormat | None:
    for found, marks in _MAGIC:
        if head.startswith(marks):
            return found
    return FileFormat.TAR if head[_TAR_MARK] == b"ustar" else None


def recognize(name: str, head: bytes) -> FileFormat:
    """The format that the name's end and the first bytes agree on.

    Raises:
        Fault: the name is of no known format, or the bytes are not what it says.
    """
    named = known_format(name)
    if named is None:
        raise Fault(
            Trouble.UNKNOWN_FORMAT, f"It is of no format that is read here; known are {_KNOWN}."
        )
    found = _sniff(head)
    old_tar = named is FileFormat.TAR and found is None  # before 1988 there was no mark in it
    if named in _BINARY and found is not named and not old_tar:
        raise Fault(
            Trouble.CORRUPT,
            f"Its name says {named}, its content does not. Fetch it again or rename it.",
        )
    if named not in _BINARY and (found is not None or head.startswith(_FOREIGN)):
        what = f"a {found} file" if found else "a binary file"
        raise Fault(Trouble.UNKNOWN_FORMAT, f"Its name says {named}, but it is {what}. Rename it.")
    return named
