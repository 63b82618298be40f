"""Fetching a checkpoint from the model hub, through its own client, cache and settings."""

from __future__ import annotations

import errno
import os
import re
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from threading import Lock
from typing import Any

from models.catalogue import HubCheckpoint
from models.checkpoint_files import CONFIG, CheckpointFiles
from models.errors import UnsafeWeights, WeightsUnavailable

Progress = Callable[[int, int], None]

_PART = r"[A-Za-z0-9](?:[A-Za-z0-9_]|[.-](?![.-]))*(?<![.-])"
HUB_ID = re.compile(rf"(?=.{{3,96}}\Z){_PART}/{_PART}")
REVISION = re.compile(r"(?!.*(?:\.\.|//|@\{))[A-Za-z0-9][A-Za-z0-9._/+-]{0,254}(?<![/.])")
COMMIT = re.compile(r"[0-9a-f]{40}")
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def locate(checkpoint: HubCheckpoint) -> Path | None:
    """Where the checkpoint's snapshot lies in the hub's cache; None where it was not fetched."""
    repository = cache_folder(checkpoint)
    commit = checkpoint.revision
    if not COMMIT.fullmatch(commit):
        try:
            commit = (repository / "refs" / commit).read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError):
            return None
    if not COMMIT.fullmatch(commit):
        return None
    folder = repository / "snapshots" / commit
    return folder if (folder / CONFIG).exists() else None


def cache_folder(checkpoint: HubCheckpoint) -> Path:
    """The repository's folder in the hub's cache."""
    # Only the constants: the client itself takes a fifth of a second to import.
    from huggingface_hub import constants

    name = f"models--{checkpoint.repo.replace('/', '--')}"
    return Path(constants.HF_HUB_CACHE).expanduser() / name


def refuse_pickle(name: str) -> UnsafeWeights:
    """What to raise where the weights are a pickle and that was not allowed."""
    return UnsafeWeights(
        f"The weights of {name} come as a pickle (*.bin), not as safetensors. Loading a pickle "
        "may run any code that its author, or whoever changed the file, put into it. If you "
        "trust them, allow it with --allow-pickle or DIEMTIN_ALLOW_PICKLE=1; else name a "
        "revision or a model with safetensors."
    )


def pull_checkpoint(
    checkpoint: HubCheckpoint, progress: Progress, *, allow_pickle: bool = False
) -> Path:
    """Fetch what loading needs of a repository; return the folder of the snapshot.

    Raises:
        WeightsUnavailable: the hub does not hand it out, or the disk does not take it.
        UnsafeWeights: its weights come as a pickle, and that was not allowed.
    """
    import huggingface_hub

    with _told(checkpoint):
        info = huggingface_hub.HfApi().model_info(
            checkpoint.repo, revision=checkpoint.revision, files_metadata=True
        )
        listed = {one.rfilename: one for one in info.siblings or ()}
        wanted = [listed[name] for name in _choose(checkpoint, listed, allow_pickle)]
        missing = _missing_bytes(cache_folder(checkpoint), wanted)
        _check_space(checkpoint, missing)
        folder = huggingface_hub.snapshot_download(
            checkpoint.repo,
            revision=info.sha,
            allow_patterns=[one.rfilename for one in wanted],
            tqdm_class=_bar_class(_Counter(progress, missing)),
        )
        _point_at(checkpoint, str(info.sha))
    return Path(folder)


def _choose(checkpoint: HubCheckpoint, names: Iterable[str], allow_pickle: bool) -> tuple[str, ...]:
    files = CheckpointFiles.among(names)
    if not files.usable:
        raise WeightsUnavailable(
            f"{_name(checkpoint)} is no checkpoint for diemtin: a repository must hold "
            "config.json and model.safetensors (or its shards with their index) at its top. "
            "Look at the model's page for a revision or a model that does."
        )
    if files.pickled and not allow_pickle:
        raise refuse_pickle(_name(checkpoint))
    return files.names


def _missing_bytes(repository: Path, wanted: Iterable[Any]) -> int:
    """The size of what no earlier fetch of this or another revision brought."""
    blobs = {(one.lfs.sha256 if one.lfs else one.blob_id): one.size or 0 for one in wanted}
    return sum(size for blob, size in blobs.items() if not (repository / "blobs" / blob).exists())


def _point_at(checkpoint: HubCheckpoint, commit: str) -> None:
    """Say in the cache which commit a branch is at; only now, when its snapshot is whole."""
    if COMMIT.fullmatch(checkpoint.revision):
        return
    reference = cache_folder(checkpoint) / "refs" / checkpoint.revision
    reference.parent.mkdir(parents=True, exist_ok=True)
    scratch = reference.with_name(f"{reference.name}.{os.getpid()}.new")
    scratch.write_text(commit, encoding="ascii")
    scratch.replace(reference)


def _check_space(checkpoint: HubCheckpoint, needed: int) -> None:
    folder = cache_folder(checkpoint)
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise WeightsUnavailable(
            f"Fetching {_name(checkpoint)} needs {needed / 1e9:.2f} GB in {folder}, where "
            f"{free / 1e9:.2f} GB are free; make room, or set HF_HOME to another directory."
        )


class _Counter:
    """Turns the client's bars into one number of bytes, never falling."""

    def __init__(self, progress: Progress, total: int) -> None:
        self._progress = progress
        self._total = total
        self._shown = -1
        self._lock = Lock()  # the client fetches several files at once

    def show(self, done: float) -> None:
        bounded = min(int(done), self._total)
        with self._lock:
            if self._total and bounded > self._shown:
                self._shown = bounded
                self._progress(bounded, self._total)


def _bar_class(counter: _Counter) -> Any:  # noqa: ANN401 - a class made of an untyped one
    from tqdm import tqdm  # type: ignore[import-untyped, unused-ignore]

    class SilentBar(tqdm):  # type: ignore[misc, type-arg, unused-ignore]
        """Counts bytes and draws nothing."""

        monitor_interval = 0

        def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - handed on
            kwargs |= {"file": StringIO(), "disable": False}
            super().__init__(*args, **kwargs)

        def display(self, *args: Any, **kwargs: Any) -> bool:  # noqa: ANN401 - the base's own
            return True

        def update(self, n: float | None = 1) -> bool | None:
            drawn: bool | None = super().update(n)
            # One bar counts files; of those that count bytes the furthest is right.
            if self.unit == "B":
                counter.show(self.n)
            return drawn

    return SilentBar


@contextmanager
def _told(checkpoint: HubCheckpoint) -> Iterator[None]:
    """Let what the client raises come out as diemtin's own errors."""
    import httpx2
    from huggingface_hub.errors import EntryNotFoundError, HfHubHTTPError, XetDownloadError

    try:
        yield
    except HfHubHTTPError as error:
        raise _unavailable(checkpoint, error) from error
    except EntryNotFoundError as error:
        raise _unavailable(checkpoint, error.__cause__ or error) from error
    except (httpx2.HTTPError, httpx2.InvalidURL, OSError, RuntimeError, XetDownloadError) as error:
        raise _unavailable(checkpoint, error) from error


@dataclass(frozen=True)
class _Answer:
    """What the client's error means to the user."""

    fault: str
    remedy: str


def _unavailable(checkpoint: HubCheckpoint, error: BaseException) -> WeightsUnavailable:
    answer = _explain_refusal(checkpoint, error) or _explain_failure(checkpoint, error)
    return WeightsUnavailable(f"Cannot fetch {_name(checkpoint)}: {answer.fault}; {answer.remedy}")


def _explain_refusal(checkpoint: HubCheckpoint, error: BaseException) -> _Answer | None:
    """What the hub answered, where it answered."""
    from huggingface_hub.errors import (
        GatedRepoError,
        HfHubHTTPError,
        RepositoryNotFoundError,
        RevisionNotFoundError,
    )

    repo = checkpoint.repo
    if isinstance(error, GatedRepoError):
        return _Answer(
            "its publisher hands it out only to those who accepted the terms",
            f"accept them on the page of {repo}, then put an access token of your account "
            "into HF_TOKEN.",
        )
    if isinstance(error, RevisionNotFoundError):
        return _Answer(
            f"{repo} has no revision {checkpoint.revision!r}",
            "take a commit, branch or tag of its page, or leave it out for the newest.",
        )
    if isinstance(error, RepositoryNotFoundError):
        return _Answer(
            f"the hub has no public model {repo}",
            "check owner and name; for a private one put an access token into HF_TOKEN.",
        )
    if isinstance(error, HfHubHTTPError):
        code = error.response.status_code if error.response is not None else "an error"
        return _Answer(f"the hub answered {code}", "try again later.")
    return None


def _explain_failure(checkpoint: HubCheckpoint, error: BaseException) -> _Answer:
    """What went wrong on this side of the network."""
    from huggingface_hub import constants
    from huggingface_hub.errors import OfflineModeIsEnabled

    folder = cache_folder(checkpoint).parent
    if isinstance(error, OfflineModeIsEnabled) or constants.HF_HUB_OFFLINE:
        return _Answer(
            "HF_HUB_OFFLINE is set",
            f"unset it, or bring the snapshot to {folder} from a machine with a network.",
        )
    if isinstance(error, OSError) and error.errno in _NO_ROOM:
        return _Answer(
            f"no space is left in {folder}",
            "make room, or set HF_HOME to another directory; what was fetched is kept.",
        )
    if isinstance(error, PermissionError):
        return _Answer(
            f"{folder} may not be written ({error.strerror})",
            "set HF_HOME to a directory that you may write to.",
        )
    kind = type(error).__name__
    return _Answer(
        f"the connection to {constants.ENDPOINT} failed ({kind})",
        "check the network, HTTPS_PROXY and HF_ENDPOINT; what was fetched is kept.",
    )


def _name(checkpoint: HubCheckpoint) -> str:
    return f"{checkpoint.repo} at {checkpoint.revision}"
