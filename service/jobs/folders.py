"""Where the files of a job lie: its upload, its output while it runs, and its packed result."""

from __future__ import annotations

import os
import re
import shutil
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, BinaryIO

from werkzeug.utils import secure_filename

from models.errors import Cancelled
from service.archives.atomic_files import replaced_file, sync_folder
from service.archives.destination import HIDDEN, OLD_RUNS
from service.archives.formats import COMPRESSED, known_format

_ID = re.compile(r"[A-Za-z0-9_-]{16,64}")
_MOST_STEM = 80
_MOST_ENDS = 4
_CHUNK = 1 << 20
_RESULT = "result.zip"
_COMING = ".coming"  # as long as an upload is nobody's job yet
_PACKED = {".parquet"}  # gains nothing by being packed again


class JobFolders:
    """The folders of all jobs, below the state folder; they are their owner's alone."""

    def __init__(self, state_dir: Path) -> None:
        """Nothing is created yet."""
        self.root = state_dir / "jobs"

    def upload(self, job_id: str, file: str) -> Path:
        """Where a job's archive lies."""
        return self._folder(job_id) / "upload" / file

    def output(self, job_id: str) -> Path:
        """Where its run writes to."""
        return self._folder(job_id) / "out"

    def result(self, job_id: str) -> Path:
        """Where its packed result lies once it is done."""
        return self._folder(job_id) / _RESULT

    def packed(self, job_id: str, owner: str) -> Path:
        """Where an owner packs the result: one that lost the job must not meet another."""
        return self._folder(job_id) / f".{owner.rpartition('/')[2]}.zip"

    def publish(self, job_id: str, packed: Path) -> None:
        """Let what an owner packed be the result."""
        packed.replace(self.result(job_id))
        sync_folder(packed.parent)

    def make(self, job_id: str) -> Path:
        """Create the folder of an upload that comes, and return it."""
        folder = self._folder(job_id)
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.mkdir(mode=0o700)
        (folder / _COMING).touch(mode=0o600)
        (folder / "upload").mkdir(mode=0o700)
        return folder

    def mark_taken(self, job_id: str) -> None:
        """Note that a job stands in the database: the end of that alone deletes the folder."""
        with suppress(OSError):
            (self._folder(job_id) / _COMING).unlink()

    def is_coming(self, job_id: str) -> bool:
        """Whether the folder is of an upload that never was known as a job."""
        return is_visible(self._folder(job_id) / _COMING)

    def delete(self, job_id: str) -> None:
        """Delete all that a job has; no matter if it is gone."""
        shutil.rmtree(self._folder(job_id), ignore_errors=True)

    def delete_all_but_result(self, job_id: str) -> None:
        """Delete what only the run needed."""
        for path in self._folder(job_id).glob("*"):
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            elif path.name != _RESULT:
                with suppress(OSError):
                    path.unlink()

    def ids(self) -> list[str]:
        """The jobs that have a folder."""
        with suppress(FileNotFoundError):
            return sorted(one.name for one in self.root.iterdir() if _ID.fullmatch(one.name))
        return []

    def idle_s(self, job_id: str) -> float:
        """How long ago anything in the folder of an upload changed."""
        folder = self._folder(job_id)
        with suppress(OSError):
            newest = max(one.stat().st_mtime for one in (folder, *folder.glob("upload/*")))
            return time.time() - newest
        return 0.0

    def _folder(self, job_id: str) -> Path:
        if not _ID.fullmatch(job_id):  # it comes out of an address
            raise ValueError("malformed id of a job")
        return self.root / job_id


def is_job_id(job_id: str) -> bool:
    """Whether this could be the id of a job; nothing else is ever made a path of."""
    return _ID.fullmatch(job_id) is not None


def is_visible(path: Path) -> bool:
    """Whether a file can be seen now; a share that is away for a moment shows none."""
    with suppress(OSError):
        return path.is_file()
    return False


def safe_name(name: str) -> str:
    """A name of plain letters for an uploaded file, with the ends that tell its format."""
    bare = re.split(r"[/\\]", name)[-1].strip()
    rest, ends = bare, ""
    while known_format(rest) is not None and ends.count(".") < _MOST_ENDS:
        stem, _, end = rest.rpartition(".")
        rest, ends = stem, f".{end.lower()}{ends}"
        if known_format(f"x.{end}") not in COMPRESSED:
            break
    return (secure_filename(rest)[:_MOST_STEM].strip("._") or "upload") + ends


def pack_output(output: Path, target: Path, is_stopped: Callable[[], bool]) -> int:
    """Pack the output of a run, without its state, into a ZIP file; return the file's size.

    Raises:
        Cancelled: told to stop; nothing is left.
    """
    with (
        replaced_file(target) as stream,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, strict_timestamps=False) as packed,
    ):
        for path in _files(output):
            _pack_file(packed, path, path.relative_to(output).as_posix(), is_stopped)
    return target.stat().st_size


def _files(output: Path) -> Iterator[Path]:
    for folder, names, files in os.walk(output):
        if Path(folder) == output:
            names[:] = [name for name in names if name not in (HIDDEN, OLD_RUNS)]
        names.sort()
        yield from (Path(folder) / name for name in sorted(files) if not name.startswith("."))


def _pack_file(
    packed: zipfile.ZipFile, path: Path, name: str, is_stopped: Callable[[], bool]
) -> None:
    info = zipfile.ZipInfo.from_file(path, name, strict_timestamps=False)
    info.compress_type = zipfile.ZIP_STORED if path.suffix in _PACKED else zipfile.ZIP_DEFLATED
    with path.open("rb") as source, packed.open(info, "w", force_zip64=True) as target:
        _copy(source, target, is_stopped)


def _copy(source: BinaryIO, target: IO[bytes], is_stopped: Callable[[], bool]) -> None:
    while chunk := source.read(_CHUNK):
        if is_stopped():
            raise Cancelled("The packing of a result was told to stop.")
        target.write(chunk)
