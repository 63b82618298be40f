"""What a source yields: items to digest, and what of it could not be read."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from enum import StrEnum

from service.pipeline import TextFormat


class Trouble(StrEnum):
    """Why something in an archive cannot be digested."""

    BAD_NAME = "bad-name"  # absolute, or with "..": never used as a path
    LINK = "link"
    TOO_LARGE = "too-large"
    TOO_MANY = "too-many"
    EXPANSION = "expansion"  # it unpacks to far more than it takes: a bomb
    TRUNCATED = "truncated"
    CORRUPT = "corrupt"
    ENCRYPTED = "encrypted"
    ENCODING = "encoding"
    BAD_ROW = "bad-row"
    NO_FIELD = "no-field"  # a file of rows lacks the field that is to be read
    EMPTY = "empty"
    UNKNOWN_FORMAT = "unknown-format"
    UNREADABLE = "unreadable"  # the file system or the network said no
    REJECTED = "rejected"  # not a Vietnamese news item; the pipeline says why
    FAILED = "failed"  # the engine could not do it


@dataclass(frozen=True)
class ArchiveItem:
    """One news item of an archive.

    Args:
        origin: where it stands, unique in a run: the location, `!/` before a member of a
            container, `#` before a row: "news.zip!/2025/a.jsonl#12", rows counted from 1.
        text: what is to be digested, decoded, not normalised.
        format: how the text is written.
        title: its headline, where that stands in a field of its own.
        id: the archive's own name for it, from a mapped field.
        date: as the archive writes it.
        language: as the archive writes it.
    """

    origin: str
    text: str
    format: TextFormat = TextFormat.TEXT
    title: str | None = None
    id: str | None = None
    date: str | None = None
    language: str | None = None

    @property
    def content_hash(self) -> str:
        """SHA-256 in hex of all that its digest depends on, not of where it stands."""
        parts = [self.text, self.title, str(self.format), self.language]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


@dataclass(frozen=True)
class Unreadable:
    """Something of an archive that yields no item; `origin` as in `ArchiveItem`."""

    origin: str
    trouble: Trouble
    reason: str


Found = ArchiveItem | Unreadable
