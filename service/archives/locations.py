"""What the user named -> the files there: a file, a folder, a glob, here or by URL."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, cast

import fsspec
from fsspec import AbstractFileSystem
from fsspec.registry import known_implementations
from fsspec.utils import get_protocol

from models.errors import DiemtinError, MissingDependency
from service.archives.faults import report_fault
from service.archives.items import Trouble, Unreadable
from service.archives.naming import is_hidden, printable

_MAGIC = re.compile(r"[*?\[]")
_SECRET = re.compile(r"(?<=://)[^/@]*@")


class BadLocation(DiemtinError):
    """A source that the user named is not there, or cannot be reached."""


@dataclass(frozen=True)
class Located:
    """One file of a location."""

    origin: str
    name: str
    path: str
    size: int | None
    fs: AbstractFileSystem

    def open(self) -> BinaryIO:
        """The file, to be read once."""
        return cast(BinaryIO, self.fs.open(self.path, "rb"))


@dataclass(frozen=True)
class Place:
    """Where a location leads: one file or folder."""

    origin: str
    path: str
    info: dict[str, Any]
    fs: AbstractFileSystem
    named: bool  # by the user, not by a pattern: a link is followed then


def resolve_locations(locations: Sequence[str]) -> list[Place]:
    """What is at the locations, in their order; globs give what they match.

    Raises:
        BadLocation: nothing is there.
        MissingDependency: the driver of a URL is not installed.
    """
    if not locations:
        raise BadLocation("No source was named. Name a file, a folder, a glob or a URL.")
    return [place for location in locations for place in _resolve(location)]


def _resolve(location: str) -> list[Place]:
    fs, path = _connect(location)
    shown = _tidy(without_secrets(location))
    try:
        if fs.exists(path):
            return [Place(shown, path, fs.info(path), fs, True)]
        matches = sorted(fs.glob(path)) if _MAGIC.search(path) else []
        infos = [(match, _describe(fs, match)) for match in matches]
    except Exception as error:  # drivers raise errors of their own libraries
        raise BadLocation(
            f"{shown} cannot be reached ({type(error).__name__}). Check the address and your "
            "access."
        ) from error
    if "**" in path:  # it matches the files of the folders too
        infos = [(match, info) for match, info in infos if info["type"] != "directory"]
    if not infos:
        what = "matches nothing" if _MAGIC.search(path) else "does not exist"
        raise BadLocation(f"{shown} {what}. Check the name.")
    stem, _, _ = shown.partition("://")
    prefix = f"{stem}://" if "://" in shown else ""
    rooted = _MAGIC.split(shown.removeprefix(prefix), maxsplit=1)[0]
    start = _MAGIC.split(path, maxsplit=1)[0]
    return [
        Place(prefix + rooted + printable(match.removeprefix(start)), match, info, fs, False)
        for match, info in infos
        if not is_hidden(match.removeprefix(start).lstrip("/"))
    ]


def without_secrets(location: str) -> str:
    """The location as it may be shown and kept: without the user and password of a URL."""
    return _SECRET.sub("", location)


def _tidy(shown: str) -> str:
    """One spelling of a location, or its items would be others when it is given again."""
    return (shown.rstrip("/") or shown) if "://" in shown else str(PurePosixPath(shown))


def _connect(location: str) -> tuple[AbstractFileSystem, str]:
    protocol = get_protocol(location)
    try:
        fs, path = fsspec.url_to_fs(location)
    except ImportError as error:
        advice = known_implementations.get(protocol, {}).get("err", f"install {error.name}")
        raise MissingDependency(
            f"{protocol}:// needs a driver. {advice}, with pip in the environment of diemtin."
        ) from error
    except ValueError as error:
        raise BadLocation(
            f"{protocol}:// is no kind of address that is known. Use a path, or a URL such as "
            "s3://bucket/folder."
        ) from error
    return fs, str(path)


def list_files(place: Place) -> Iterator[Located | Unreadable]:
    """The files at a place, folders within folders included, in the order of their names."""
    linked = place.info.get("islink") and not place.named
    if place.info["type"] != "directory" or linked:
        yield _locate(place.fs, place.path, place.origin, place.info, follow=place.named)
        return
    pending = [iter(_list_folder(place.fs, place.path, place.origin))]
    while pending:
        child = next(pending[-1], None)
        if child is None:
            pending.pop()
            continue
        path, origin, info = child
        if isinstance(info, Unreadable):
            yield info
        elif info["type"] == "directory" and not info.get("islink"):
            pending.append(iter(_list_folder(place.fs, path, origin)))
        else:
            yield _locate(place.fs, path, origin, info, follow=False)


def _list_folder(fs: AbstractFileSystem, path: str, origin: str) -> Iterator[tuple[str, str, Any]]:
    local = "file" in fs.protocol  # a stat for each is cheap there, and a list of all is not
    try:
        listed = fs.ls(path, detail=not local)
    except Exception as error:  # drivers raise errors of their own libraries
        yield path, origin, report_fault(origin, error)
        return
    infos = {} if local else {one["name"]: one for one in listed}
    for child in sorted(listed if local else infos):
        name = child.rstrip("/").rpartition("/")[2]
        if is_hidden(name) or child.rstrip("/") == path.rstrip("/"):
            continue
        named = f"{origin}/{printable(name)}"
        yield child, named, _describe(fs, child) if local else infos[child]


def _describe(fs: AbstractFileSystem, path: str) -> dict[str, Any]:
    try:
        return dict(fs.info(path))
    except OSError:  # gone, or a link to nothing
        return {"type": "missing", "islink": "file" in fs.protocol and Path(path).is_symlink()}


def _locate(
    fs: AbstractFileSystem, path: str, origin: str, info: dict[str, Any], *, follow: bool
) -> Located | Unreadable:
    if info.get("islink") and not follow:
        return Unreadable(
            origin, Trouble.LINK, "It is a link, which is not followed. Name its target instead."
        )
    if info["type"] == "missing":
        return Unreadable(origin, Trouble.UNREADABLE, "It vanished. Run again if it is back.")
    if info["type"] != "file":
        return Unreadable(origin, Trouble.UNREADABLE, "It is neither a file nor a folder.")
    return Located(origin, path, path, info.get("size"), fs)
