"""The members of a tar file, read forwards once."""

from __future__ import annotations

import tarfile
from collections.abc import Generator
from typing import Any

from service.archives.faults import Fault, report_fault
from service.archives.items import Trouble, Unreadable
from service.archives.limits import ArchiveLimits
from service.archives.members import Member
from service.archives.metering import GuardedBytes, too_many
from service.archives.naming import SeenNames, check_member_name, is_hidden, printable

_BUFFER = 256 * tarfile.BLOCKSIZE
_MOST_HEADER = 1024 * 1024 + _BUFFER


def read_tar(outer: Member, limits: ArchiveLimits) -> Generator[Member | Unreadable, None, None]:
    """The files of a tar file, in its order.

    Raises:
        Fault: it is cut off, or has too many members; those before were yielded.
    """
    tape: Any = GuardedBytes(outer.stream)
    tape.allow(_MOST_HEADER)
    names = SeenNames()
    with tarfile.open(fileobj=tape, mode="r|", bufsize=_BUFFER) as tar:
        place = 0
        while (info := _read_header(tar, tape)) is not None:
            place += 1
            if place > limits.most_members:
                raise too_many(limits)
            name = info.name.removeprefix("./")
            if info.isdir() or is_hidden(name):
                continue
            origin = names.distinguish(f"{outer.origin}!/{printable(name)}", place)
            try:
                yield _open(tar, info, name, origin, outer)
            except Fault as fault:
                yield report_fault(origin, fault)
    if tape.tail.strip(b"\0"):
        raise Fault(
            Trouble.TRUNCATED,
            "It has no end mark: it was cut off, or another archive follows in it. "
            "Fetch or pack it again.",
        )


def _read_header(tar: tarfile.TarFile, tape: GuardedBytes) -> tarfile.TarInfo | None:
    """The next member's; what is left of the one before is skipped."""
    tar.members = []  # type: ignore[attr-defined]  # it would keep all of them
    tape.allow(max(0, tar.offset - tape.position) + _MOST_HEADER)
    try:
        return tar.next()
    finally:
        tape.allow(None)


def _open(
    tar: tarfile.TarFile, info: tarfile.TarInfo, name: str, origin: str, outer: Member
) -> Member:
    check_member_name(name)
    if info.issym() or info.islnk():
        raise Fault(Trouble.LINK, "It is a link, which is not followed.")
    if not info.isreg() or info.issparse():
        raise Fault(Trouble.UNREADABLE, "It is a device, a pipe or a sparse file, not a plain one.")
    stream: Any = tar.extractfile(info)
    return Member(origin, name, stream, info.size, outer.depth + 1, outer.meter)
