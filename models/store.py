"""The weights store: artifacts under one directory, checkpoints in the hub's own cache.

Both are fetched once and checked at every load.
"""

from __future__ import annotations

import hashlib
import logging
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from filelock import FileLock, Timeout
from platformdirs import user_cache_path

from models.catalogue import Artifact, Catalogue, FolderCheckpoint, HubCheckpoint, ModelCard
from models.checkpoint_files import discard, hash_files, list_files, missing_shards, sum_of
from models.checkpoints import checkpoint_folder, is_there, usable_files
from models.errors import BadConfig, CorruptWeights, WeightsUnavailable
from models.fetching import Fetch, Progress, check_space
from models.hub import COMMIT, cache_folder, pull_checkpoint, refuse_pickle
from models.mirrors import LocalFileMirror, Mirror, open_mirror
from models.partial import PartialFile
from models.references import resolve_model

_log = logging.getLogger(__name__)


class WeightsState(StrEnum):
    """What lies where the weights should be."""

    OK = "ok"
    MISSING = "missing"
    CORRUPT = "corrupt"


@dataclass(frozen=True)
class Verification:
    """The outcome of a full rehash; `size` and `sha256` are those of what is on disk.

    Of a checkpoint, `sha256` is over the hashes of its files, and `damaged` names those that
    are wrong or missing.
    """

    model: str
    path: Path
    state: WeightsState
    size: int | None = None
    sha256: str | None = None
    damaged: tuple[str, ...] = ()


def default_root() -> Path:
    """The store's directory where none is configured: the user's cache."""
    return user_cache_path("diemtin") / "models"


class WeightsStore:
    """The weights of a catalogue's models, and of what else a reference may mean."""

    def __init__(self, root: Path, catalogue: Catalogue) -> None:
        """Nothing is read or created until a model is asked for; `root` is for artifacts."""
        self.root = root
        self.catalogue = catalogue

    def resolve(self, reference: str) -> ModelCard:
        """Return the card that a catalogue's name, a hub id or a folder means.

        Raises:
            UnknownModel: it means none.
        """
        return resolve_model(reference, self.catalogue)

    def path(self, name: str) -> Path:
        """Return where the weights lie, without reading them.

        Raises:
            UnknownModel: the reference means no model.
            WeightsUnavailable: they have not been fetched.
        """
        card = self.resolve(name)
        if card.artifact is None:
            return checkpoint_folder(card)
        target = self._file(card.artifact)
        if not target.is_file():
            raise WeightsUnavailable(
                f"The weights of {name} are not in {self.root}; "
                f"fetch them with: diemtin models pull {name}"
            )
        return target

    def target(self, name: str) -> Path:
        """Return where the weights lie or will lie."""
        card = self.resolve(name)
        if isinstance(card.checkpoint, FolderCheckpoint):
            return card.checkpoint.folder
        if isinstance(card.checkpoint, HubCheckpoint):
            return checkpoint_folder(card) if is_there(card) else cache_folder(card.checkpoint)
        return self._file(_artifact_of(card))

    def is_present(self, name: str) -> bool:
        """Say whether a file of the right size, or every file, is there; `verify` reads them."""
        card = self.resolve(name)
        if card.artifact is None:
            return is_there(card)
        target = self._file(card.artifact)
        return target.is_file() and target.stat().st_size == card.artifact.size

    def verify(self, name: str) -> Verification:
        """Hash everything that loading reads, which takes seconds for gigabytes.

        Raises:
            UnknownModel: the reference means no model.
            WeightsUnavailable: what is there cannot be read.
        """
        card = self.resolve(name)
        if card.artifact is None:
            return self._verify_checkpoint(card)
        target = self._file(card.artifact)
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
        state = WeightsState.OK if actual == card.artifact.sha256 else WeightsState.CORRUPT
        return Verification(name, target, state, size, actual)

    def open_verified(self, name: str) -> Path:
        """Return where the weights lie after hashing them: what an engine calls to load.

        Raises:
            WeightsUnavailable: they have not been fetched.
            CorruptWeights: they are not the catalogue's artifact or what the hub had.
        """
        path = self.path(name)
        checked = self.verify(name)
        if checked.state is not WeightsState.OK:
            fault = f"wrong are {', '.join(checked.damaged)}" if checked.damaged else ""
            raise CorruptWeights(
                f"The weights of {name} at {path} are damaged: "
                f"{fault or f'their sha256 is {checked.sha256}'}; "
                f"fetch them again with: diemtin models pull {name}"
            )
        return path

    def pull(
        self,
        name: str,
        progress: Progress | None = None,
        source: Path | None = None,
        *,
        allow_pickle: bool = False,
    ) -> Path:
        """Fetch the weights unless they are there and intact; return where they lie.

        Args:
            name: of the model, or what else a reference may be.
            progress: called with the bytes done and in total, never falling; never called
                where nothing is fetched.
            source: a file of the user's to take instead of the mirrors; for artifacts only.
            allow_pickle: take a checkpoint's weights as a pickle where there is no safetensors.

        Raises:
            UnknownModel: the reference means no model.
            WeightsUnavailable: no mirror has them, or the disk does not take them.
            UnsafeWeights: they come as a pickle, and that was not allowed.
            CorruptWeights: what the hub sent is not what it promised.
            BadConfig: a source was given for a checkpoint.
        """
        card = self.resolve(name)
        if card.artifact is None:
            return self._pull_checkpoint(card, progress or _no_progress, source, allow_pickle)
        artifact, target = card.artifact, self._file(card.artifact)
        if self.verify(name).state is WeightsState.OK:
            return target
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            with self._locked(name, artifact):
                if self.verify(name).state is not WeightsState.OK:
                    self._fetch(name, artifact, progress or _no_progress, source)
        except OSError as error:
            raise WeightsUnavailable(
                f"Cannot write the weights of {name} to {self.root}: {error.strerror or error}; "
                "what was fetched is kept, give it a directory with space that you may write to."
            ) from error
        return target

    def _verify_checkpoint(self, card: ModelCard) -> Verification:
        target = self.target(card.name)
        try:
            folder = checkpoint_folder(card)
        except WeightsUnavailable:
            return Verification(card.name, target, WeightsState.MISSING)
        files = list_files(folder)
        if not files.usable:
            return Verification(card.name, folder, WeightsState.MISSING)
        hashes = hash_files(folder, files)
        damaged = tuple(one.name for one in hashes if not one.intact) or missing_shards(
            folder, files
        )
        state = WeightsState.CORRUPT if damaged else WeightsState.OK
        size = sum(one.size for one in hashes)
        return Verification(card.name, folder, state, size, sum_of(hashes), damaged)

    def _pull_checkpoint(
        self, card: ModelCard, progress: Progress, source: Path | None, allow_pickle: bool
    ) -> Path:
        if source is not None:
            raise BadConfig(
                f"{card.name} is a checkpoint of several files, --from takes one; to use a "
                "folder of your own, give its path in place of the name."
            )
        if not isinstance(card.checkpoint, HubCheckpoint):
            return self._own_folder(card, allow_pickle)
        checked = self._verify_checkpoint(card)
        intact = checked.state is WeightsState.OK
        if intact and COMMIT.fullmatch(card.checkpoint.revision):
            return checked.path
        discard(checked.path, checked.damaged)
        try:
            pull_checkpoint(card.checkpoint, progress, allow_pickle=allow_pickle)
        except WeightsUnavailable as error:
            if not intact:
                raise
            _log.warning("keeping the snapshot of %s that is there: %s", card.name, error)
            return checked.path
        return self.open_verified(card.name)

    def _own_folder(self, card: ModelCard, allow_pickle: bool) -> Path:
        folder = checkpoint_folder(card)
        if usable_files(card, folder).pickled and not allow_pickle:
            raise refuse_pickle(card.name)
        return folder

    def _file(self, artifact: Artifact) -> Path:
        return self.root / f"{artifact.sha256[:12]}-{artifact.filename}"

    @contextmanager
    def _locked(self, name: str, artifact: Artifact) -> Iterator[None]:
        lock = FileLock(self.root / f"{artifact.sha256}.lock")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            _log.warning("waiting for another process that is fetching %s", name)
            lock.acquire()
        try:
            yield
        finally:
            lock.release()

    def _fetch(
        self, name: str, artifact: Artifact, progress: Progress, source: Path | None
    ) -> None:
        with (
            self._scratch(artifact) as scratch,
            PartialFile(self.root / f"{artifact.sha256}.partial", artifact.size) as partial,
        ):
            by_hand = LocalFileMirror(source or self.root / artifact.filename, artifact.size)
            mirrors: list[Mirror] = [by_hand]
            if source is None:
                entries = [open_mirror(entry, artifact, scratch) for entry in artifact.mirrors]
                mirrors = [*entries, by_hand]
            needed = artifact.size - partial.size + max(m.scratch_bytes for m in mirrors)
            check_space(name, self.root, needed)
            Fetch(name, artifact, partial, progress).run(mirrors)
            partial.move_to(self._file(artifact))

    @contextmanager
    def _scratch(self, artifact: Artifact) -> Iterator[Path]:
        # A fixed name: what a killed process left behind goes away with the next fetch.
        folder = self.root / f"{artifact.sha256}.scratch"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(exist_ok=True)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _artifact_of(card: ModelCard) -> Artifact:
    if card.artifact is None:
        raise BadConfig(f"{card.name} has neither an artifact nor a checkpoint.")
    return card.artifact


def _no_progress(_done: int, _total: int) -> None:
    """What a caller without a display sees."""
