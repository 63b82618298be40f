"""Filling an artifact's partial file from its mirrors, one after the other."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

from models.catalogue import Artifact
from models.errors import WeightsUnavailable
from models.mirrors import Mirror, MirrorFailed
from models.partial import PartialFile

Progress = Callable[[int, int], None]

# How often a mirror that broke off is asked to go on, as long as each try brings bytes.
_RESUMES = 5
_log = logging.getLogger(__name__)


def check_space(name: str, folder: Path, needed: int) -> None:
    """See that so many bytes are free.

    Raises:
        WeightsUnavailable: the message has both figures.
    """
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise WeightsUnavailable(
            f"Fetching {name} needs {needed / 1e9:.2f} GB in {folder}, where "
            f"{free / 1e9:.2f} GB are free; make room or choose another directory."
        )


class Fetch:
    """One run over the mirrors until the partial file is the artifact."""

    def __init__(
        self, name: str, artifact: Artifact, partial: PartialFile, progress: Progress
    ) -> None:
        """Nothing is asked until `run`; the name of the model is for messages."""
        self._name = name
        self._artifact = artifact
        self._partial = partial
        self._progress = progress
        self._shown = -1

    def run(self, mirrors: Sequence[Mirror]) -> None:
        """Try the mirrors in order until the partial file has the artifact's hash.

        Raises:
            WeightsUnavailable: none of them had it.
        """
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
        name = self._name
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
