"""Who works on jobs: each process has a name, and a lock that tells whether it lives."""

from __future__ import annotations

import os
import secrets
import socket
import time
from contextlib import suppress
from pathlib import Path

from filelock import FileLock, Timeout

_PATIENCE_S = 5.0
STALE_S = 60.0  # after which a process of another machine that was not heard of is dead

_LONG_AGO_S = 86400.0


class Presence:
    """This process among those that work on the jobs of one state folder."""

    def __init__(self, state_dir: Path, host: str = "") -> None:
        """Nobody knows of it yet; the host is this machine unless given."""
        self._folder = state_dir / "owners"
        self._host = host or socket.gethostname()
        self._lock: FileLock | None = None
        self.name = f"{self._host}/{secrets.token_hex(8)}"

    def hold(self) -> None:
        """Be there until `leave`, or until the process ends, however it does."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._lock = FileLock(self._path(self.name), mode=0o600, thread_local=False)
        self._lock.acquire(timeout=_PATIENCE_S)

    def leave(self) -> None:
        """Be gone."""
        if self._lock:
            self._lock.release()
            self._path(self.name).unlink(missing_ok=True)
            self._lock = None

    def is_dead(self, owner: str, silent_s: float) -> bool:
        """Whether an owner that was not heard of for so long does not live any more."""
        if owner == self.name:
            return False
        if owner.partition("/")[0] != self._host:  # a network folder may not share its locks
            return silent_s > STALE_S
        return self._is_free(self._path(owner))

    def sweep(self) -> None:
        """Remove what dead processes left: this machine's at once, the others' after a day."""
        own = self._path(self.name)
        if self._lock:
            with suppress(OSError):
                os.utime(own)  # another machine may not see that it is held
        for path in self._folder.glob("*.lock"):
            is_here = path.stem.startswith(_prefix(self._host))
            if path != own and (is_here or _is_old(path)):
                self._is_free(path)

    def _is_free(self, path: Path) -> bool:
        if not path.exists():
            return True
        probe = FileLock(path)
        try:
            probe.acquire(blocking=False)
        except (Timeout, OSError):
            return False
        with suppress(OSError):
            path.unlink()
        probe.release()
        return True

    def _path(self, owner: str) -> Path:
        host, _, token = owner.partition("/")
        return self._folder / f"{_prefix(host)}{token}.lock"


def _prefix(host: str) -> str:
    return "".join(one if one.isalnum() or one in "._" else "_" for one in host) + "-"


def _is_old(path: Path) -> bool:
    with suppress(OSError):
        return time.time() - path.stat().st_mtime > _LONG_AGO_S
    return False
