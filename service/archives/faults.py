"""What stops the reading of a file, a row or a container; it never leaves this package."""

from __future__ import annotations

import gzip
import logging
import lzma
import sys
import tarfile
import traceback
import zipfile
import zlib

from models.errors import DiemtinError
from service.archives.items import Trouble, Unreadable

if sys.version_info >= (3, 14):
    from compression.zstd import ZstdError
else:
    from backports.zstd import ZstdError

_log = logging.getLogger(__name__)
_CUT_OFF = "It was cut off before its end. Fetch or pack it again."
_DAMAGED = "It is damaged. Fetch or pack it again."
_NOT_UNPACKED = (
    zlib.error,
    lzma.LZMAError,
    tarfile.TarError,
    zipfile.BadZipFile,
    gzip.BadGzipFile,
    ZstdError,
)


class Fault(Exception):
    """Something cannot be read, for a reason that the report names."""

    def __init__(self, trouble: Trouble, reason: str) -> None:
        """Keep both apart for the report."""
        self.trouble = trouble
        self.reason = reason
        super().__init__(reason)


class Bomb(Fault):
    """A container unpacks to far too much; none of what is still in it is read."""

    def __init__(self, origin: str, reason: str, unpacked: int = 0) -> None:
        """Name the container that is given up, and how much it has unpacked to."""
        self.origin = origin
        self.unpacked = unpacked
        super().__init__(Trouble.EXPANSION, reason)


def report_fault(origin: str, error: Exception) -> Unreadable:
    """What the report says of an error that reading raised, whichever library it came from."""
    trouble, reason = _explain(error)
    return Unreadable(origin, trouble, reason)


def _explain(error: Exception) -> tuple[Trouble, str]:
    if isinstance(error, Fault):
        return error.trouble, error.reason
    if isinstance(error, EOFError) or "unexpected end of data" in str(error):
        return Trouble.TRUNCATED, _CUT_OFF
    if isinstance(error, _NOT_UNPACKED):
        return Trouble.CORRUPT, _DAMAGED
    if isinstance(error, DiemtinError):
        return Trouble.UNREADABLE, str(error)
    if isinstance(error, OSError):
        said = error.strerror or type(error).__name__
        return Trouble.UNREADABLE, f"It cannot be read ({said}). Check it and run again."
    # Where it was raised, and not what it says, which may quote the text.
    trace = "".join(traceback.format_tb(error.__traceback__))
    _log.error("archive member unreadable: %s\n%s", type(error).__name__, trace)
    return Trouble.UNREADABLE, f"{_DAMAGED[:-1]} ({type(error).__name__})."
