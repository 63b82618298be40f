"""Names from archives -> origins: one printable line each, unique in their container."""

from __future__ import annotations

import hashlib
import re

from service.archives.faults import Fault
from service.archives.items import Trouble

_FILTER_BITS = 1 << 23
_HASHES = 4
_DRIVE = re.compile(r"[A-Za-z]:")
_MOST_NAME = 4096
_PLACED = re.compile(r"~\d+$")


def printable(name: str) -> str:
    """The name on one line; no two names give the same one."""
    if name.isprintable() and "\\" not in name and "!/" not in name:
        return name
    return "".join(map(_escape, name)).replace("!/", "!\\/")


def _escape(character: str) -> str:
    if character == "\\":
        return "\\\\"
    if character.isprintable():
        return character
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:  # a byte of a name that is not UTF-8
        return f"\\x{code - 0xDC00:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def is_hidden(name: str) -> bool:
    """Whether it is what systems add by themselves: `.git`, `.DS_Store`, `__MACOSX`."""
    parts = name.replace("\\", "/").split("/")
    return any(
        (part[:1] == "." and part not in (".", "..")) or part == "__MACOSX" for part in parts
    )


def check_member_name(name: str) -> None:
    """Return if the name can stand in an origin.

    Raises:
        Fault: it is absolute, leads out of its container, is empty or absurdly long.
    """
    parts = name.replace("\\", "/").split("/")
    if not name or name[0] in "/\\" or _DRIVE.match(name) or ".." in parts:
        raise Fault(
            Trouble.BAD_NAME,
            "Its name is absolute or leads out of the archive, as attacks do. Pack it again "
            "under a plain name.",
        )
    if len(name) > _MOST_NAME:
        raise Fault(Trouble.BAD_NAME, "Its name is too long. Pack it again under a shorter one.")


class SeenNames:
    """Tells names that may have come before in a container, in the same memory for any number.

    A Bloom filter: a name that did come before is always known; very few others are taken for one,
    which costs them a longer origin only.
    """

    def __init__(self) -> None:
        """Begin a container."""
        self._bits = bytearray(_FILTER_BITS // 8)

    def distinguish(self, origin: str, place: int) -> str:
        """The origin, with its place in the container where it may have come before."""
        digest = hashlib.blake2b(origin.encode("utf-8", "surrogatepass"), digest_size=16).digest()
        seen = True
        placed = _PLACED.search(origin) is not None  # it could pass for one that is made here
        for start in range(0, 4 * _HASHES, 4):
            bit = int.from_bytes(digest[start : start + 4]) % _FILTER_BITS
            mask = 1 << (bit & 7)
            seen = seen and bool(self._bits[bit >> 3] & mask)
            self._bits[bit >> 3] |= mask
        return f"{origin}~{place}" if seen or placed else origin
