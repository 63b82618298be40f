"""Which fields of a row hold the text, the title, and what else is known of an item."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from service.archives.decoding import decode_text
from service.archives.faults import Fault
from service.archives.items import ArchiveItem, Trouble

_USUAL = {
    "text": ("text", "content", "body", "article", "noi_dung", "noidung", "full_text", "maintext"),
    "title": ("title", "headline", "tieu_de", "tieude"),
    "id": ("id", "url", "guid", "link", "doc_id"),
    "date": ("date", "published", "published_at", "date_publish", "pubdate", "ngay", "ngay_dang"),
    "language": ("language", "lang", "ngon_ngu"),
}
_MOST_NAMED = 20
_MOST_NAME = 40
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True)
class FieldMapping:
    """Names of the fields of rows; None stands for the usual names."""

    text: str | None = None
    title: str | None = None
    id: str | None = None
    date: str | None = None
    language: str | None = None


@dataclass(frozen=True)
class Columns:
    """The fields that one file has of those that are looked for."""

    text: str
    title: str | None
    id: str | None
    date: str | None
    language: str | None


def find_columns(mapping: FieldMapping, present: Iterable[str]) -> Columns:
    """The columns to read of a file that has those named.

    Raises:
        Fault: there is no text column, or the mapping names one that is not there.
    """
    names = list(dict.fromkeys(present))
    found = {
        one.name: _find(one.name, getattr(mapping, one.name), names) for one in fields(Columns)
    }
    if found["text"] is None:
        raise Fault(
            Trouble.NO_FIELD,
            f"It has no column with a usual name for the text. {_name_columns(names)} Say which "
            "holds the text with --text-field.",
        )
    return Columns(**found)  # type: ignore[arg-type]  # the text is not None here


def _find(role: str, wanted: str | None, names: list[str]) -> str | None:
    by_folded = {name.strip().casefold(): name for name in reversed(names)}
    if wanted is None:
        return next((by_folded[usual] for usual in _USUAL[role] if usual in by_folded), None)
    if wanted in names:
        return wanted
    if wanted.strip().casefold() in by_folded:
        return by_folded[wanted.strip().casefold()]
    raise Fault(
        Trouble.NO_FIELD,
        f'It has no column "{wanted}". {_name_columns(names)} Correct --{role}-field.',
    )


def _name_columns(names: list[str]) -> str:
    if not names:
        return "It has no columns."
    shown = ", ".join(ascii_safe(name)[:_MOST_NAME] for name in names[:_MOST_NAMED])
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return f"It has: {shown}{more}."


def ascii_safe(name: str) -> str:
    """The name as it can be printed."""
    return "".join(character if character.isprintable() else "?" for character in name)


def map_row(row: Mapping[str, Any], columns: Columns, origin: str) -> ArchiveItem:
    """The item that a row holds.

    Raises:
        Fault: its text is missing, empty, or no text.
    """
    if columns.text not in row:
        raise Fault(
            Trouble.BAD_ROW, f'It has no "{ascii_safe(columns.text)}". {_name_columns(list(row))}'
        )
    text = row[columns.text]
    if isinstance(text, bytes):
        text = decode_text(text)
    if text is None or (isinstance(text, str) and not text.strip("\0 \t\r\n\v\f\u00a0\ufeff")):
        raise Fault(Trouble.EMPTY, f'Its field "{ascii_safe(columns.text)}" is empty.')
    if not isinstance(text, str):
        raise Fault(
            Trouble.BAD_ROW,
            f'Its field "{ascii_safe(columns.text)}" holds no text but a {type(text).__name__}.',
        )
    return ArchiveItem(
        origin,
        encodable(text),
        title=_read_field(row, columns.title),
        id=_read_field(row, columns.id),
        date=_read_field(row, columns.date),
        language=_read_field(row, columns.language),
    )


def encodable(text: str) -> str:
    """The text without the halves of characters that JSON can hold and UTF-8 cannot."""
    return text if text.isascii() else _LONE_SURROGATE.sub("\ufffd", text)


def _read_field(row: Mapping[str, Any], column: str | None) -> str | None:
    value = None if column is None else row.get(column)
    if isinstance(value, dt.date | dt.time):
        value = value.isoformat()
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    if value is None or isinstance(value, dict | list):
        return None
    return encodable(str(value)).replace("\0", "").strip() or None
