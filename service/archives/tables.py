"""JSON lines, CSV and TSV -> items; a wrong row is named and costs no other."""

from __future__ import annotations

import csv
import json
from collections import deque
from collections.abc import Iterator
from typing import Any, NamedTuple

from service.archives.faults import Fault, report_fault
from service.archives.items import Found, Trouble, Unreadable
from service.archives.limits import ArchiveLimits
from service.archives.lines import Line
from service.archives.mapping import Columns, FieldMapping, find_columns, map_row
from service.archives.metering import too_large

_HEAD_ROWS = 50
_HEAD_CHARACTERS = 4_000_000
_MOST_RETREATS = 200
_DELIMITERS = ",;\t|"


class _Row(NamedTuple):
    place: int
    fields: dict[str, Any]
    size: int


def _at(origin: str, place: int) -> str:
    return f"{origin}#{place}"


def _map(row: _Row, columns: Columns, origin: str) -> Found:
    try:
        return map_row(row.fields, columns, _at(origin, row.place))
    except Fault as fault:
        return report_fault(_at(origin, row.place), fault)


def read_json_lines(lines: Iterator[Line], origin: str, mapping: FieldMapping) -> Iterator[Found]:
    """The items of a file with a JSON object in each line.

    Raises:
        Fault: its first rows have no field for the text, or hold no object at all.
    """
    rows = _parse_json_lines(lines, origin)
    head, cut = _take_head(rows)
    objects = [row for row in head if isinstance(row, _Row)]
    if not objects and len(head) >= _HEAD_ROWS:
        raise Fault(
            Trouble.CORRUPT,
            f"None of its first {_HEAD_ROWS} lines is a JSON object. Write one object a line.",
        )
    if not objects:
        yield from (row for row in head if isinstance(row, Unreadable))
        if cut is not None:
            raise cut
        return
    columns = find_columns(mapping, (name for row in objects for name in row.fields))
    while head:  # so that each is let go once it is done
        row = head.pop(0)
        yield _map(row, columns, origin) if isinstance(row, _Row) else row
    if cut is not None:
        raise cut
    for row in rows:
        yield _map(row, columns, origin) if isinstance(row, _Row) else row


def _take_head(
    rows: Iterator[_Row | Unreadable],
) -> tuple[list[_Row | Unreadable], Exception | None]:
    """The first rows, and the error that ended them if the file is cut off so early."""
    head: list[_Row | Unreadable] = []
    characters = 0
    try:
        for row in rows:
            head.append(row)
            characters += row.size if isinstance(row, _Row) else 0
            if len(head) >= _HEAD_ROWS or characters >= _HEAD_CHARACTERS:
                break
    except Exception as error:  # of the stream; it is raised once the rows are out
        return head, error
    return head, None


def _parse_json_lines(lines: Iterator[Line], origin: str) -> Iterator[_Row | Unreadable]:
    for line in lines:
        if line.fault is None and not line.text.strip("\0 \t\r\n"):
            continue
        try:
            yield _Row(line.number, _parse_object(line), len(line.text))
        except Fault as fault:
            yield report_fault(_at(origin, line.number), fault)


def _parse_object(line: Line) -> dict[str, Any]:
    if line.fault is not None:
        raise line.fault
    try:
        found = json.loads(line.text)
    except RecursionError as error:
        raise Fault(Trouble.BAD_ROW, f"Line {line.number} is nested too deeply.") from error
    except ValueError as error:
        column = error.colno if isinstance(error, json.JSONDecodeError) else 1
        raise Fault(
            Trouble.BAD_ROW, f"Line {line.number} is no JSON (from character {column} on)."
        ) from error
    if not isinstance(found, dict):
        raise Fault(Trouble.BAD_ROW, f"Line {line.number} is JSON, but no object.")
    return found


def read_csv(
    lines: Iterator[Line],
    origin: str,
    mapping: FieldMapping,
    limits: ArchiveLimits,
    *,
    tabs: bool = False,
) -> Iterator[Found]:
    """The items of a CSV or TSV file, whose first line names the columns.

    Raises:
        Fault: the first line cannot be read, or names no column for the text.
    """
    feed = _Feed(lines, limits)
    delimiter = "\t" if tabs else _find_delimiter(feed.peek())
    # The limit is the process's own; the feed keeps a stricter one for this file.
    csv.field_size_limit(max(csv.field_size_limit(), 2 * limits.most_item_bytes))
    reader = csv.reader(feed, delimiter=delimiter, strict=True)
    names = _read_names(feed, reader)
    if names is None:
        return
    columns = find_columns(mapping, names)
    for place, found in enumerate(_parse_rows(feed, reader, names, delimiter), start=1):
        if isinstance(found, Fault):
            yield report_fault(_at(origin, place), found)
        else:
            yield _map(_Row(place, dict(zip(names, found, strict=True)), 0), columns, origin)


def _find_delimiter(first: str) -> str:
    return max(_DELIMITERS, key=first.count)


def _read_names(feed: _Feed, reader: Iterator[list[str]]) -> list[str] | None:
    for _ in iter(feed.begin, False):
        try:
            names = next(reader, None)
        except csv.Error as error:
            raise Fault(
                Trouble.CORRUPT, f"Its first line, with the columns' names, is no CSV ({error})."
            ) from error
        if names:
            return names
    return None


def _parse_rows(
    feed: _Feed, reader: Iterator[list[str]], names: list[str], delimiter: str
) -> Iterator[list[str] | Fault]:
    while feed.begin():
        try:
            row = next(reader, None)
            if row == []:
                continue
            if row is not None and len(row) == len(names):
                yield row
                continue
            said = f"it has {len(row or ())} fields, the first line names {len(names)}"
        except csv.Error as error:
            said = str(error)
        except Fault as fault:
            yield fault if len(feed.taken) == 1 else _wrong_row(feed, fault.reason)
            feed.retreat()
            continue
        plain = feed.taken[0].text.rstrip("\r\n").split("\t") if delimiter == "\t" else []
        # Many a TSV file quotes nothing: a quotation mark is then a character like any other.
        yield plain if len(plain) == len(names) else _wrong_row(feed, said)
        feed.retreat()


def _wrong_row(feed: _Feed, said: str) -> Fault:
    first, last = feed.taken[0].number, feed.taken[-1].number
    lost = f"Lines {first} to {last} are" if last > first and not feed.may_retreat else None
    return Fault(Trouble.BAD_ROW, f"{lost or f'Line {first} is'} no row of this table: {said}.")


class _Feed(Iterator[str]):
    """Lines for a CSV reader, which can be given back.

    A quotation mark too many makes a reader take the lines that follow for one field. They are
    then given back, so that only the first is lost; only so often, as each time costs a reading.
    """

    def __init__(self, lines: Iterator[Line], limits: ArchiveLimits) -> None:
        self.taken: list[Line] = []
        self._lines = lines
        self._given_back: deque[Line] = deque()
        self._limits = limits
        self._characters = 0
        self._retreats = 0

    @property
    def may_retreat(self) -> bool:
        return self._retreats < _MOST_RETREATS

    def peek(self) -> str:
        """The next line, which is still to come."""
        return self._given_back[0].text if self._fill() else ""

    def begin(self) -> bool:
        """Begin a row; false at the end."""
        self.taken = []
        self._characters = 0
        return self._fill()

    def _fill(self) -> bool:
        if not self._given_back:
            self._given_back.extend(line for line in [next(self._lines, None)] if line is not None)
        return bool(self._given_back)

    def retreat(self) -> None:
        """Give all lines of the row back but the first."""
        if len(self.taken) > 1 and self.may_retreat:
            self._retreats += 1
            self._given_back.extendleft(reversed(self.taken[1:]))
            self.taken = self.taken[:1]

    def __next__(self) -> str:
        if not self._fill():
            raise StopIteration
        line = self._given_back.popleft()
        self.taken.append(line)
        if line.fault is not None:
            raise line.fault
        self._characters += len(line.text)
        if self._characters > self._limits.most_item_bytes:
            raise too_large(self._limits)
        return line.text
