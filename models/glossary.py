"""Glossaries: entries read from TOML and CSV, every fault named by its line.

A user's file holds 20,000 entries and 8 MiB at most, a term 200 characters. CSV is taken as
spreadsheets save it: comma, semicolon or tab between the cells, with or without a byte order
mark, UTF-8 or UTF-16. Its first row names the columns, in any order: source and target (or vi
and en), and, where wanted, accept (more English that counts as right, parted by "|") and case
(true: found only as it is written). Other columns are ignored.
"""

from __future__ import annotations

import csv
import io
import re
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from models.entries import USER_DOMAIN, Entry, exact_key, tokenize
from models.errors import BadConfig

MOST_FILE_BYTES = 8 << 20
MOST_ENTRIES = 20_000
MOST_TERM_CHARACTERS = 200

_FIELDS = {"vi", "en", "accept", "case", "note"}
_COLUMNS = {"source": "vi", "vi": "vi", "target": "en", "en": "en", "accept": "accept"}
_DELIMITERS = ",;\t"
_ALTERNATIVES = "|"
_NO, _YES = ("", "0", "no", "false"), ("1", "yes", "true")
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True)
class PlacedEntry:
    """An entry and where it stands, such as "line 3"."""

    entry: Entry
    place: str


def load_entries(path: Path) -> tuple[Entry, ...]:
    """Read a user's entries, TOML like the built-in files or CSV; see the module.

    Raises:
        BadConfig: the file cannot be read or is too large, a row is malformed, or two rows
            contradict each other; the message names the lines.
    """
    try:
        data = path.read_bytes()
        encoding = "utf-16" if data[:2] in _UTF16_MARKS else "utf-8-sig"
        text = data.decode(encoding)
    except (OSError, UnicodeError) as error:
        raise BadConfig(
            f"{path}: cannot read it as UTF-8 text: {error}; save it as UTF-8."
        ) from error
    if len(data) > MOST_FILE_BYTES:
        raise BadConfig(f"{path}: a glossary has at most {MOST_FILE_BYTES >> 20} MiB; split it.")
    loader = _load_csv if path.suffix.lower() == ".csv" else load_toml
    placed = loader(text, str(path))
    if len(placed) > MOST_ENTRIES:
        raise BadConfig(f"{path}: a glossary has at most {MOST_ENTRIES:,} entries; split it.")
    conflict = find_conflict(placed)
    if conflict:
        raise BadConfig(f"{path}, {conflict}")
    return tuple(one.entry for one in placed)


def find_conflict(placed: Iterable[PlacedEntry]) -> str | None:
    """Say where two entries give one source different targets, or None where none do."""
    known: dict[tuple[bool, str], PlacedEntry] = {}
    for one in placed:
        for form in one.entry.vi:
            first = known.setdefault(_source_key(one.entry, form), one)
            if _target_key(first.entry) != _target_key(one.entry):
                return (
                    f"{one.place}: the same source as in {first.place}, but another target; "
                    "remove one of the two"
                )
    return None


def _source_key(entry: Entry, form: str) -> tuple[bool, str]:
    if entry.case:
        return True, exact_key(form)
    return False, " ".join(token.key for token in tokenize(form))


def _target_key(entry: Entry) -> str:
    return entry.en.casefold()


def _check_term(value: object, field: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{field} must be a non-empty string")
    if len(value) > MOST_TERM_CHARACTERS:
        raise ValueError(f"{field} has at most {MOST_TERM_CHARACTERS} characters")
    # A line break would end the term's line in a prompt.
    return unicodedata.normalize("NFC", " ".join(value.split()))


def _check_terms(value: object, field: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(v, str) and v.strip() for v in value):
        raise ValueError("'vi' and 'accept' must be lists of non-empty strings")
    return tuple(_check_term(one, field) for one in value)


def _parse_entry(row: object, domain: str) -> Entry:
    if not isinstance(row, Mapping):
        raise ValueError("an entry must be a table such as { vi = [...], en = '...' }")
    if unknown := sorted(set(row) - _FIELDS):
        raise ValueError(f"unknown field {unknown[0]!r}; fields are {', '.join(sorted(_FIELDS))}")
    vi = _check_terms(row.get("vi"), "'vi'")
    if not vi or not all(any(map(str.isalnum, form)) for form in vi):
        raise ValueError("'vi' needs at least one form, and a form letters or digits")
    case, note = row.get("case", False), row.get("note", "")
    if not isinstance(case, bool) or not isinstance(note, str):
        raise ValueError("'case' must be true or false and 'note' a string")
    accept = _check_terms(row.get("accept", []), "'accept'")
    return Entry(vi, _check_term(row.get("en"), "'en'"), accept, domain, case, note)


def _row_lines(text: str) -> list[int]:
    return [n for n, line in enumerate(text.splitlines(), 1) if re.match(r"\s*(\{|\[\[)", line)]


def load_toml(text: str, name: str) -> list[PlacedEntry]:
    """Read the tables of a TOML text, each a domain; `name` is for messages.

    Raises:
        BadConfig: it is not TOML, or an entry is malformed; the message names the line.
    """
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadConfig(f"{name}: not valid TOML, correct it: {error}") from error
    placed: list[PlacedEntry] = []
    lines = _row_lines(text)
    count = sum(len(rows) for rows in tables.values() if isinstance(rows, list))
    for domain, rows in tables.items():
        if not isinstance(rows, list):
            raise BadConfig(f"{name}: '{domain}' must be a list of entries")
        for row in rows:
            # Several entries on one line make lines and entries differ; then only count.
            at = len(placed)
            place = f"line {lines[at]}" if len(lines) == count else f"entry {at + 1}"
            try:
                placed.append(PlacedEntry(_parse_entry(row, domain), place))
            except ValueError as error:
                raise BadConfig(f"{name}, {place}: {error}") from error
    return placed


def _load_csv(text: str, name: str) -> list[PlacedEntry]:
    delimiter = _find_delimiter(text)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter or ",", strict=True)
    placed: list[PlacedEntry] = []
    line = 1
    try:
        header = _read_header(next(rows, []))
        if delimiter is None:
            raise ValueError(
                "the first row must name the columns, 'source,target' (or 'vi,en'), parted by "
                "commas, semicolons or tabs"
            )
        for line, row in _numbered(rows):
            if any(cell.strip() for cell in row):
                placed.append(PlacedEntry(_parse_row(row, header), f"line {line}"))
    except csv.Error as error:
        raise BadConfig(f"{name}, line {max(rows.line_num, 1)}: {error}") from error
    except ValueError as error:
        raise BadConfig(f"{name}, line {line}: {error}") from error
    return placed


def _numbered(rows: Iterator[list[str]]) -> Iterator[tuple[int, list[str]]]:
    """Each row with the line on which it begins: a quoted cell may hold line breaks."""
    begin = rows.line_num + 1  # type: ignore[attr-defined] # of csv's reader
    for row in rows:
        yield begin, row
        begin = rows.line_num + 1  # type: ignore[attr-defined]


def _read_header(row: Sequence[str]) -> list[str]:
    """What each column holds; "" where it is ignored."""
    names = (cell.strip().casefold() for cell in row)
    return ["case" if name == "case" else _COLUMNS.get(name, "") for name in names]


def _find_delimiter(text: str) -> str | None:
    """What parts source and target in the first row: every other row must be read alike."""
    lines = text.splitlines()
    for delimiter in _DELIMITERS:
        header = _read_header(next(csv.reader(lines[:1], delimiter=delimiter), []))
        if header.count("vi") == 1 and header.count("en") == 1:
            return delimiter
    return None


def _parse_row(row: Sequence[str], header: Sequence[str]) -> Entry:
    extra = row[len(header) :]
    if len(row) < len(header) or any(cell.strip() for cell in extra):
        raise ValueError(
            f"{len(header)} columns wanted, {len(row)} found; quote a cell that holds what parts "
            "the columns"
        )
    cells = {name: cell.strip() for name, cell in zip(header, row, strict=False) if name}
    accept = [one for one in cells.get("accept", "").split(_ALTERNATIVES) if one.strip()]
    case = cells.get("case", "").casefold()
    if case not in (*_NO, *_YES):
        raise ValueError("'case' must be true or false, or empty")
    entry = {"vi": [cells["vi"]], "en": cells["en"], "accept": accept, "case": case in _YES}
    return _parse_entry(entry, USER_DOMAIN)
