"""Pairs of files, one segment a line: read, translated line by line, and resumed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from time import perf_counter

from pydantic import TypeAdapter, ValidationError

from models.engine import Provenance
from models.errors import BadConfig
from models.translator import Translator
from service.cli_text import read_text
from service.evaluation_outputs import write_whole
from service.evaluation_systems import System
from service.normalizing import EmptyText, normalize

LINES_AT_ONCE = 16


@dataclass(frozen=True)
class LinePair:
    """Source lines with a reference each, and the SHA-256 of both files."""

    sources: tuple[str, ...]
    references: tuple[str, ...]
    sha256: str


@dataclass(frozen=True)
class LinesRecord:
    """What made the lines of a kept file, and in how many seconds."""

    system: System
    source_sha256: str
    translator: Provenance
    package_version: str
    seconds: float = 0.0


_RECORD = TypeAdapter(LinesRecord)


def read_lines(path: Path) -> tuple[str, ...]:
    """The lines of a text file; only line feeds end a line, as other tools count them."""
    lines = read_text(path).split("\n")
    if lines[-1] == "":
        lines.pop()
    return tuple(line.rstrip("\r") for line in lines)


def read_pair(source: Path, reference: Path, most_lines: int | None) -> LinePair:
    """Read both files, or the first lines of both.

    Raises:
        BadConfig: they do not have the same number of lines, or none.
    """
    sources, references = read_lines(source), read_lines(reference)
    if len(sources) != len(references) or not sources:
        raise BadConfig(
            f"{source.name} has {len(sources)} lines and {reference.name} has "
            f"{len(references)}; give files with a line for each line."
        )
    digest = hashlib.sha256(source.read_bytes() + b"\0" + reference.read_bytes())
    return LinePair(sources[:most_lines], references[:most_lines], digest.hexdigest())


def read_hypotheses(path: Path, wanted: int, total: int) -> tuple[str, ...]:
    """The hypotheses of the lines that are wanted.

    Raises:
        BadConfig: the file has fewer, or more than the whole source.
    """
    lines = read_lines(path)
    if not wanted <= len(lines) <= total:
        raise BadConfig(
            f"{path.name} has {len(lines)} lines and the source has {total}"
            + (f", of which {wanted} are wanted" if wanted < total else "")
            + "; give a hypothesis for each line."
        )
    return lines[:wanted]


def file_digest(path: Path) -> str:
    """SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


class KeptLines:
    """A file of hypotheses that grows line by line, with its record beside it."""

    def __init__(self, path: Path, record: LinesRecord) -> None:
        """Take up what the file holds.

        Raises:
            BadConfig: it was made from another source or by another model.
        """
        self._path = path
        self._record_path = path.with_name(path.name + ".json")
        self._record = record
        self.lines: tuple[str, ...] = ()
        if path.exists():
            self._record = self._same_record(record)
            self.lines = self._whole_lines()

    @property
    def seconds(self) -> float:
        """Seconds that all lines of the file took."""
        return self._record.seconds

    def _same_record(self, wanted: LinesRecord) -> LinesRecord:
        other = f"{self._path} was not made from this source by this model; name another file."
        try:
            found = _RECORD.validate_json(self._record_path.read_bytes())
        except (OSError, ValidationError) as error:
            raise BadConfig(other) from error
        if replace(found, seconds=0.0) != wanted:
            raise BadConfig(other)
        return found

    def _whole_lines(self) -> tuple[str, ...]:
        """The lines that were written to their end; an interrupted one goes."""
        data = self._path.read_bytes()
        whole = data[: data.rfind(b"\n") + 1]
        if whole != data:
            write_whole(self._path, whole)
        return read_lines(self._path)

    def append(self, lines: Sequence[str], seconds: float) -> None:
        """Write more lines, and the time that they took."""
        self._record = replace(self._record, seconds=self._record.seconds + seconds)
        write_whole(self._record_path, _RECORD.dump_json(self._record, indent=2))
        with self._path.open("a", encoding="utf-8", newline="\n") as file:
            file.writelines(f"{line}\n" for line in lines)
        self.lines += tuple(lines)


def lines_record(translator: Translator, system: System, source: Path) -> LinesRecord:
    """What is to be known of lines that this translator makes of the file."""
    return LinesRecord(system, file_digest(source), translator.provenance(), version("diemtin"))


def translate_lines(
    translator: Translator,
    sources: Sequence[str],
    kept: KeptLines | None,
    on_done: Callable[[int], object],
) -> tuple[tuple[str, ...], float | None]:
    """Return a hypothesis a line, and the seconds of all; kept ones are not made again.

    The seconds are None where the kept file has more lines than are wanted.
    """
    if kept and len(kept.lines) > len(sources):
        return kept.lines[: len(sources)], None
    done = list(kept.lines if kept else ())
    seconds = kept.seconds if kept else 0.0
    size = LINES_AT_ONCE if translator.takes_batches else 1
    on_done(len(done))
    while len(done) < len(sources):
        began = perf_counter()
        made = _translate(translator, sources[len(done) : len(done) + size])
        spent = perf_counter() - began
        seconds += spent
        if kept:
            kept.append(made, spent)
        done += made
        on_done(len(done))
    return tuple(done), seconds


def _translate(translator: Translator, lines: Sequence[str]) -> list[str]:
    sources = [_normalized(line) for line in lines]
    filled = [source for source in sources if source]
    targets = iter(translator.translate(filled) if filled else ())
    return [" ".join(next(targets).target.split()) if source else "" for source in sources]


def _normalized(line: str) -> str:
    try:
        return normalize(line)
    except EmptyText:
        return ""  # an empty line stays one: its reference may be empty as well
