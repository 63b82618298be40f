"""No run reads what it writes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from fsspec.utils import glob_translate

from models.errors import BadConfig
from service.archives.destination import OWN_NAMES
from service.archives.outputs import FOLDER_NAME

_WILDCARD = re.compile(r"[*?\[]")
_RECORDS = ("0.json", "0/0.json", "part-00001.parquet")  # what may come to be there


def refuse_own_output(sources: Sequence[str], folder: Path) -> None:
    """Refuse a source in which the output lies, or will: each record would be an item again.

    Raises:
        BadConfig: there is one.
    """
    for source in sources:
        path = source.removeprefix("file://")
        if "://" not in path and _reads_output(path, folder.resolve()):
            raise BadConfig(
                f"The source {source} holds the output {folder} or is a part of it: the run "
                "would read what it writes. Give an --out elsewhere."
            )


def _reads_output(path: str, own: Path) -> bool:
    is_pattern = _WILDCARD.search(path) is not None and not Path(path).exists()
    root, rest = _split_pattern(Path(path)) if is_pattern else (Path(path).resolve(), "")
    if any(root.is_relative_to(own / name) for name in OWN_NAMES):
        return True
    if not rest:
        return own.is_relative_to(root)
    pattern = re.compile(glob_translate(f"{root.as_posix().rstrip('/')}/{rest}"))
    written = [own / name for name in OWN_NAMES]
    written += [own / FOLDER_NAME / name for name in _RECORDS]
    return any(pattern.match(one.as_posix()) for one in (own, *own.parents, *written))


def _split_pattern(path: Path) -> tuple[Path, str]:
    """The folder that a pattern begins in, and the rest, which names no folder for sure."""
    parts = path.parts
    at = next(index for index, part in enumerate(parts) if _WILDCARD.search(part))
    return Path(*parts[:at]).resolve(), "/".join(parts[at:])
