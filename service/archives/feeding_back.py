"""A failures file as a source: what it names is read again, and nothing else of its sources."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from models.errors import BadConfig
from service.archives.destination import FAILURES

_MEMBER = "!/"
_ROW = re.compile(r"#\d+$")


@dataclass(frozen=True)
class FedBack:
    """Where what failed is to be read, and which origins are wanted of it."""

    sources: tuple[str, ...]
    only: frozenset[str]


def feed_back(sources: Sequence[str]) -> FedBack | None:
    """What failures files name; None where the sources are no such files.

    Raises:
        BadConfig: some are and some are not, or one cannot be read as what a run wrote.
    """
    files = [Path(one) for one in sources if Path(one).name == FAILURES and Path(one).is_file()]
    if not files:
        return None
    if len(files) < len(sources):
        raise BadConfig(f"Give {FAILURES} alone, or the sources themselves: not both in one run.")
    origins = tuple(dict.fromkeys(origin for file in files for origin in _read_origins(file)))
    places = tuple(dict.fromkeys(place for one in origins if (place := _file_of(one))))
    if origins and not places:
        raise BadConfig(
            f"Nothing that {files[0]} names is there, {origins[0]} for one. Give the command in "
            "the folder in which the run was begun."
        )
    return FedBack(places, frozenset(origins))


def _read_origins(path: Path) -> list[str]:
    try:
        rows = [json.loads(line) for line in path.read_text("utf-8").splitlines() if line]
        return [str(row["origin"]) for row in rows]
    except (OSError, UnicodeDecodeError, ValueError, KeyError, TypeError) as error:
        raise BadConfig(
            f"{path} is not as a run wrote it ({type(error).__name__}). Give the sources "
            "themselves with --retry-failed: the run knows what failed of them."
        ) from error


def _file_of(origin: str) -> str | None:
    """The file that an origin lies in, "news.zip" of "news.zip!/a.jsonl#3"; None: it is gone."""
    container = origin.partition(_MEMBER)[0]
    if "://" in origin:
        return _ROW.sub("", container)
    places = (origin, _ROW.sub("", origin), container, _ROW.sub("", container))
    return next((one for one in places if Path(one).exists()), None)
