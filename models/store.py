"""The weights store: artifacts under one directory, fetched once and checked at every load."""

from __future__ import annotations

import hashlib
import logging
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from filelock import FileLock, Timeout
from platformdirs import user_cache_path

from models.catalogue import Catalogue, ModelCard
from models.errors import CorruptWeights, WeightsUnavailable
from models.mirrors import LocalFileMirror, Mirror, MirrorFailed, open_mirror
from models.partial import PartialFile

Progress = Callable[[int, int], None]

# How often a mirror that broke off is asked to go on, as long as each try brings bytes.
_RESUMES = 5
_log = logging.getLogger(__name__)


class WeightsState(StrEnum):
    """What lies where the weights should be."""

    OK = "ok"
    MISSING = "missing"
    CORRUPT = "corrupt"


@dataclass(frozen=True)
class Verification:
    """The outcome of a full rehash; `size` and `sha256` are those of the file on disk."""

    model: str
    path: Path
    state: WeightsState
    size: int | None = None
    sha256: str | None = None


def default_root() -> Path:
    """The store's directory where none is configured: the user's cache."""
    return user_cache_path("diemtin") / "models"


class WeightsStore:
    """The weights of a catalogue's models under one directory."""

    def __init__(self, root: Path, catalogue: Catalogue) -> None:
        """Nothing is read or created until a model is asked for."""
        self.root = root
        self.catalogue = catalogue

    def path(self, name: str) -> Path:
        """Return where the weights lie, without reading them.

        Raises:
            UnknownModel: the catalogue has no such model.
            WeightsUnavailable: they have not been fetched.
        """
        target = self.target(name)
        if not target.is_file():
            raise WeightsUnavailable(
                f"The weights of {name} are not in {self.root}; "
                f"fetch them with: diemtin models pull {name}"
            )
        return target

    def target(self, name: str) -> Path:
        """Return where the weights lie or will lie."""
        artifact = self.catalogue.get(name).artifact
        return self.root / f"{artifact.sha256[:12]}-{artifact.filename}"

    def is_present(self, name: str) -> bool:
        """Say whether a file of the right size is there; `verify` reads it."""
        target = self.target(name)
        return target.is_file() and target.stat().st_size == self.catalogue.get(name).artifact.size

    def verify(self, name: str) -> Verification:
        """Hash the whole file, which takes seconds for gigabytes."""
        artifact, target = self.catalogue.get(name).artifact, self.target(name)
        try:
            with target.open("rb") as stream:
                actual = hashlib.file_digest(stream, "sha256").hexdigest()
                size = stream.tell()
        except (FileNotFoundError, NotADirectoryError):
            return Verification(name, target, WeightsState.MISSING)
        except OSError as error:
            raise WeightsUnavailable(
                f"Cannot read the weights of {name} at {target}: {error.strerror}; "
                f"check who may read that file and directory."
            ) from error
        state = WeightsState.OK if actual == artifact.sha256 else WeightsState.CORRUPT
        return Verification(name, target, state, size, actual)

    def open_verified(self, name: str) -> Path:
        """Return where the weights lie after hashing them: what an engine calls to load.

        Raises:
            WeightsUnavailable: they have not been fetched.
            CorruptWeights: the file is not the artifact of the catalogue.
        """
        path = self.path(name)
        checked = self.verify(name)
        if checked.state is not WeightsState.OK:
            raise CorruptWeights(
                f"The weights of {name} at {path} are damaged: their sha256 is "
                f"{checked.sha256}; fetch them again with: diemtin models pull {name}"
            )
        return path

    def pull(self, name: str, progress: Progress | None = None, source: Path | None = None) -> Path:
        """Fetch the weights unless they are there and intact; return where they lie.

        Args:
            name: of the model.
            progress: called with the bytes done and in total, never falling; never called
                where nothing is fetched.
            source: a file of the user's to take instead of the mirrors.

        Raises:
            UnknownModel: the catalogue has no such model.
            WeightsUnavailable: no mirror has them, or the disk does not take them.
        """
        card = self.catalogue.get(name)
        if self.verify(name).state is WeightsState.OK:
            return self.target(name)
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            with self._locked(card):
                if self.verify(name).state is not WeightsState.OK:
                    self._fetch(card, progress or _no_progress, source)
        except OSError as error:
            raise WeightsUnavailable(
                f"Cannot write the weights of {name} to {self.root}: {error.strerror or error}; "
                "what was fetched is kept, give it a directory with space that you may write to."
            ) from error
        return self.target(name)

    @contextmanager
    def _locked(self, card: ModelCard) -> Iterator[None]:
        lock = FileLock(self.root / f"{card.artifact.sha256}.lock")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            _log.warning("waiting for another process that is fetching %s", card.name)
            lock.acquire()
        try:
            yield
        finally:
            lock.release()

    def _fetch(self, card: ModelCard, progress: Progress, source: Path | None) -> None:
        artifact = card.artifact
        with (
            self._scratch(card) as scratch,
            PartialFile(self.root / f"{artifact.sha256}.partial", artifact.size) as partial,
        ):
            by_hand = LocalFileMirror(source or self.root / artifact.filename, artifact.size)
            mirrors: list[Mirror] = [by_hand]
            if source is None:
                entries = [open_mirror(entry, artifact, scratch) for entry in artifact.mirrors]
                mirrors = [*entries, by_hand]
            self._check_space(card, partial.size, max(m.scratch_bytes for m in mirrors))
            _Fetch(card, partial, progress).run(mirrors)
            partial.move_to(self.target(card.name))

    @contextmanager
    def _scratch(self, card: ModelCard) -> Iterator[Path]:
        # A fixed name: what a killed process left behind goes away with the next fetch.
        folder = self.root / f"{card.artifact.sha256}.scratch"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(exist_ok=True)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _check_space(self, card: ModelCard, present: int, scratch: int) -> None:
        needed = card.artifact.size - present + scratch
        free = shutil.disk_usage(self.root).free
        if free < needed:
            raise WeightsUnavailable(
                f"Fetching {card.name} needs {needed / 1e9:.2f} GB in {self.root}, where "
                f"{free / 1e9:.2f} GB are free; make room or choose another directory."
            )


class _Fetch:
    """One run over the mirrors until the partial file is the artifact."""

    def __init__(self, card: ModelCard, partial: PartialFile, progress: Progress) -> None:
        self._card = card
        self._artifact = card.artifact
        self._partial = partial
        self._progress = progress
        self._shown = -1

    def run(self, mirrors: Sequence[Mirror]) -> None:
        self._show(0)
        failures = []
        for mirror in mirrors:
            try:
                self._fill_from(mirror)
            except MirrorFailed as error:
                _log.warning("%s failed: %s", mirror.label, error)
                failures.append(f"  {mirror.label}: {error}")
            else:
                return
        name = self._card.name
        raise WeightsUnavailable(
            f"No mirror supplied the weights of {name}. Tried in order:\n"
            + "\n".join(failures)
            + f"\nIf you have {self._artifact.filename} "
            f"({self._artifact.size} bytes, sha256 {self._artifact.sha256}), "
            f"lay it there, or hand it over with: diemtin models pull {name} --from FILE"
        )

    def _fill_from(self, mirror: Mirror) -> None:
        partial = self._partial
        while True:
            resumed = partial.size > 0
            self._copy(mirror)
            actual = partial.sha256
            if actual == self._artifact.sha256:
                return
            partial.clear()
            if not resumed:
                raise MirrorFailed(f"sent bytes with the sha256 {actual}")
            _log.warning("the resumed bytes were wrong, starting again from zero")

    def _copy(self, mirror: Mirror) -> None:
        for attempt in range(1 + _RESUMES):
            before = self._partial.size
            try:
                self._copy_once(mirror)
            except MirrorFailed:
                if self._partial.size == before or attempt == _RESUMES:
                    raise
            else:
                return

    def _copy_once(self, mirror: Mirror) -> None:
        partial, total = self._partial, self._artifact.size
        if partial.size == total:
            return
        with closing(mirror.read_from(partial.size, self._show)) as chunks:
            for chunk in chunks:
                partial.write(chunk)
                self._show(0)
                if partial.size > total:  # the hash will not match; no need to read on
                    return
        if partial.size < total:
            raise MirrorFailed(f"ended after {partial.size} of {total} bytes")

    def _show(self, pending: int) -> None:
        done = min(self._partial.size + pending, self._artifact.size)
        if done > self._shown:
            self._shown = done
            self._progress(done, self._artifact.size)


def _no_progress(_done: int, _total: int) -> None:
    """What a caller without a display sees."""
