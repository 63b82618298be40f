"""The folder that a run writes to: one process at a time, and one run in front.

The files of the run in front lie in the folder itself. A run with other settings takes their
place: they go to `runs/<id>/`, where they stay, and from where they come back when their
settings do.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from models.errors import DiemtinError
from service.archives.atomic_files import replaced_file
from service.archives.options import RunSettings
from service.archives.outputs import FOLDER_NAME, JSONL_NAME

HIDDEN = ".diemtin"
RUN = f"{HIDDEN}/run"
STATE = f"{RUN}/state.sqlite"
OLD_RUNS = "runs"
FAILURES = "failures.jsonl"
MANIFEST = "manifest.json"
REPORT = "report.html"

_SETTINGS = f"{RUN}/settings.json"
_SWITCH = f"{HIDDEN}/switch.json"
_OWNER = f"{HIDDEN}/owner.json"
_VISIBLE = (JSONL_NAME, FOLDER_NAME, FAILURES, MANIFEST, REPORT)
OWN_NAMES = (*_VISIBLE, OLD_RUNS, HIDDEN)


class DestinationUnusable(DiemtinError):
    """Nothing can be written where the output should go."""


class DestinationBusy(DiemtinError):
    """Another process writes there."""


@dataclass(frozen=True)
class NewRun:
    """Another run took the front; what changed, and where the earlier one lies now."""

    changes: tuple[str, ...]
    earlier: Path
    is_resumed: bool


class Destination:
    """The folder of the output."""

    def __init__(self, folder: Path) -> None:
        """Nothing is touched yet."""
        self.folder = folder

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep every other process out until the block ends, or this process does.

        Raises:
            DestinationBusy: another is in.
            DestinationUnusable: it is no folder that can be written to.
        """
        lock = FileLock(self.folder / HIDDEN / "lock")
        try:
            (self.folder / HIDDEN).mkdir(parents=True, exist_ok=True)
            lock.acquire(blocking=False)
            self._write(_OWNER, {"pid": os.getpid()})
        except Timeout:
            raise DestinationBusy(self._busy()) from None
        except OSError as error:
            raise DestinationUnusable(
                f"Cannot write to {self.folder}: {error.strerror or error}. "
                "Give an --out that can be written to."
            ) from error
        try:
            yield
        finally:
            lock.release()

    def bring_to_front(self, settings: RunSettings) -> NewRun | None:
        """Let the run of these settings be the one in front; begin it if there is none.

        Raises:
            DestinationUnusable: files are there that no run of diemtin left.
        """
        self._finish_switch()
        self._refuse_strange_files()
        front = self._read(_SETTINGS)
        if front is None:  # the first run, or killed between two runs
            self._switch("in", None, settings)
            return None
        if front["run"] == settings.run_id:
            return None
        is_resumed = (self._old_run(settings.run_id) / RUN).is_dir()
        self._switch("out", front["run"], settings)
        changes = settings.changes_from(front["settings"])
        return NewRun(tuple(changes), self._old_run(front["run"]), is_resumed)

    def _switch(self, phase: str, front: str | None, settings: RunSettings) -> None:
        self._write(_SWITCH, {"phase": phase, "front": front, "wanted": settings.run_id})
        self._finish_switch()
        if self._read(_SETTINGS) is None:
            self._begin(settings)

    def _begin(self, settings: RunSettings) -> None:
        (self.folder / RUN).mkdir(exist_ok=True)
        self._write(_SETTINGS, {"run": settings.run_id, "settings": dict(settings.values)})

    def _finish_switch(self) -> None:
        """Carry out what was begun; killed anywhere, it goes on here the next time."""
        switch = self._read(_SWITCH)
        if switch is None:
            return
        wanted = self._old_run(switch["wanted"])
        if switch["phase"] == "out":
            _move(self.folder, self._old_run(switch["front"]))
            self._write(_SWITCH, switch | {"phase": "in"})
        if (wanted / RUN).is_dir():
            _move(wanted, self.folder)
        for left in (wanted / HIDDEN, wanted):
            with suppress(OSError):  # someone keeps files of his own there
                left.rmdir()
        (self.folder / _SWITCH).unlink()

    def _refuse_strange_files(self) -> None:
        needed = (self.folder / _SETTINGS, self.folder / STATE)
        if all(one.exists() and one.stat().st_size for one in needed):
            return
        strange = [name for name in _VISIBLE if (self.folder / name).exists()]
        if strange:  # a new state would take every record for one of an item that is not done
            raise DestinationUnusable(
                f"{self.folder} holds {', '.join(strange)}, but not the state of a run that made "
                "it. Give another --out, or move it away."
            )

    def _old_run(self, run: str) -> Path:
        return self.folder / OLD_RUNS / run

    def _read(self, name: str) -> dict[str, Any] | None:
        try:
            found = json.loads((self.folder / name).read_bytes())
        except FileNotFoundError:
            return None
        except ValueError as error:
            raise DestinationUnusable(
                f"{self.folder / name} is damaged; give another --out."
            ) from error
        return dict(found)

    def _write(self, name: str, value: Mapping[str, Any]) -> None:
        with replaced_file(self.folder / name) as stream:
            stream.write(json.dumps(value, ensure_ascii=False, indent=2).encode())

    def _busy(self) -> str:
        owner = (self._read(_OWNER) or {}).get("pid", "unknown")
        return (
            f"Another run (process {owner}) writes to {self.folder}. Wait until it ends, stop it, "
            "or give another --out."
        )


def _move(source: Path, target: Path) -> None:
    (target / HIDDEN).mkdir(parents=True, exist_ok=True)
    for name in (*_VISIBLE, RUN):
        if (source / name).exists():
            (source / name).rename(target / name)
