"""The labelled set of right and corrupted translations that the fidelity checks are held to."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent / "data" / "fidelity"
SPLITS = ("dev", "held")
CORRUPTIONS = (
    "number",
    "date",
    "time",
    "name",
    "untranslated",
    "omission",
    "repetition",
    "negation",
    "addition",
)
KINDS = ("right", *CORRUPTIONS)


@dataclass(frozen=True)
class Case:
    """One translation of one segment, and what (if anything) was done to it."""

    id: str
    kind: str
    source: str
    target: str
    note: str
    missing: tuple[str, ...]
    invented: tuple[str, ...]

    @property
    def is_right(self) -> bool:
        """Whether the target says what the source says."""
        return self.kind == "right"


def load_cases(split: str) -> tuple[Case, ...]:
    """The cases of one split ("dev" or "held"), in the file's order."""
    table = tomllib.loads((FOLDER / f"{split}.toml").read_text(encoding="utf-8"))
    return tuple(
        Case(
            id=entry["id"],
            kind=entry["kind"],
            source=entry["source"],
            target=entry["target"],
            note=entry["note"],
            missing=tuple(entry["missing"]),
            invented=tuple(entry["invented"]),
        )
        for entry in table["case"]
    )
