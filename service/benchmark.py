"""The benchmark: provincial news items written for diemtin, and what must survive of each."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files
from typing import Any

from models.errors import BadConfig


class Split(StrEnum):
    """Items to improve diemtin with, and items that only measure it."""

    DEV = "dev"
    TEST = "test"


class FactKind(StrEnum):
    """What a fact is."""

    NUMBER = "number"
    DATE = "date"
    NAME = "name"
    TERM = "term"


@dataclass(frozen=True)
class Fact:
    """Words of the source, and every English for them that an editor would accept."""

    kind: FactKind
    source: str
    targets: tuple[str, ...]


@dataclass(frozen=True)
class BenchmarkItem:
    """One item as a user would paste it, with its reference.

    Args:
        id: its split and file name, such as "dev/01-coffee".
        title: what it is about, in English.
        province: where it happens.
        topic: what kind of news it is.
        source: the pasted text, with its noise.
        reference: the English of every element that is translated, in order.
        summary: a reference summary of at most 60 words.
        facts: what a translation must keep.
    """

    id: str
    title: str
    province: str
    topic: str
    source: str
    reference: tuple[str, ...]
    summary: str
    facts: tuple[Fact, ...]


def load_benchmark(split: Split) -> tuple[BenchmarkItem, ...]:
    """Return the items of a split, in the order of their file names.

    Raises:
        BadConfig: a file is malformed; the message names it.
    """
    folder = files("service").joinpath("benchmark_items", split.value)
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".toml"))
    return tuple(
        _read_item(
            f"{split.value}/{name.removesuffix('.toml')}",
            folder.joinpath(name).read_text(encoding="utf-8"),
        )
        for name in names
    )


def _read_item(name: str, text: str) -> BenchmarkItem:
    try:
        data = tomllib.loads(text)
        return BenchmarkItem(
            id=name,
            title=data["title"],
            province=data["province"],
            topic=data["topic"],
            source=data["source"],
            reference=tuple(data["reference"]),
            summary=data["summary"],
            facts=tuple(_read_fact(row) for row in data["facts"]),
        )
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise BadConfig(f"The benchmark item {name} is malformed: {error!r}.") from error


def _read_fact(row: Mapping[str, Any]) -> Fact:
    return Fact(FactKind(row["kind"]), row["vi"], tuple(row["en"]))
