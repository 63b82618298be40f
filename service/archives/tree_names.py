"""Safe names of files for the items of an archive, whatever the archive calls them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Container
from itertools import chain, count

SUFFIX = ".json"

_PARTS = re.compile(r"!/|[/\\#]")
_ODD = re.compile(r'[\x00-\x1f\x7f-\x9f<>:"|?*\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]')
_DEVICES = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)", re.IGNORECASE)
_SCHEME = re.compile(r"^[A-Za-z][\w+.-]*://")
_MOST_BYTES = 120  # of one name: half of what file systems take, so that no suffix is too much
_MOST_PARTS = 24
_MOST_PATH_BYTES = 1000
_HASH_LETTERS = 16


def free_path(origin: str, content_hash: str, taken: Container[str]) -> str:
    """Where the record of an item goes: as its origin stands, unless another item is there.

    The path is relative, has no `..`, and parts of moderate length that every common file
    system takes. No folder ends as the files do.
    """
    parts = _split(origin)
    whole = "/".join(parts)
    if len(parts) > _MOST_PARTS or len(whole.encode()) > _MOST_PATH_BYTES:
        parts = [_hash(whole)]
    *folders, name = parts
    path = "/".join([*map(_folder, folders), name])
    candidates = (
        f"{path}-{_hash(f'{origin} {content_hash} {number}')}{SUFFIX}" for number in count()
    )
    return next(one for one in chain((f"{path}{SUFFIX}",), candidates) if one not in taken)


def _split(origin: str) -> list[str]:
    bare = _SCHEME.sub("", origin)
    parts = [part for part in _PARTS.split(bare) if part not in ("", ".")]
    return [_safe(part) for part in parts] or ["item"]


def _safe(part: str) -> str:
    """One name that is neither hidden, nor `..`, nor too long, nor a device's."""
    safe = _ODD.sub("_", part).strip(" .") or "_"
    if part.startswith(".") or _DEVICES.match(safe):
        safe = f"_{safe}"
    if len(safe.encode()) <= _MOST_BYTES:
        return safe
    begin = safe.encode()[: _MOST_BYTES - _HASH_LETTERS - 1].decode("utf-8", "ignore")
    return f"{begin}-{_hash(part)}"


def _folder(name: str) -> str:
    return f"{name}_" if name.casefold().endswith(SUFFIX) else name


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:_HASH_LETTERS]
