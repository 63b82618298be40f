"""Digests on a Ray cluster: one engine a worker, and few items under way.

The driver hands items to the workers and keeps each until its outcome is there, so a worker that
dies loses nothing. It does so with Ray's actors (`ray_crew`) and not with Ray Data. Ray Data 2.60
could stream, one block an item and from an actor that queues them, with engines loaded once; but it
binds an item to the worker that took it, and tries again for ever on that worker: where a node was
lost and no other had room, it still waited for that node's items when it was stopped.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

from models.cancellation import IsGone, never
from models.errors import BadConfig
from service.archives.items import ArchiveItem
from service.archives.options import ArchiveOptions
from service.archives.ray_cluster import RayOptions, joined
from service.archives.ray_crew import Crew
from service.archives.ray_engine import Setup
from service.archives.records import Outcome, Recipe
from service.runtime import Runtime


class RayWorker:
    """Digests on the nodes of a cluster, as `LocalWorker` does in this process."""

    def __init__(self, setup: Setup, options: RayOptions, is_stopped: IsGone = never) -> None:
        """Join no cluster before there is an item; `is_stopped` drops what is in work."""
        self._setup, self._options, self._is_stopped = setup, options, is_stopped

    def digest(self, items: Iterable[ArchiveItem]) -> Iterator[Outcome]:
        """Yield an outcome for each item; none for those that a stop interrupts.

        Raises:
            MissingDependency: Ray is not installed.
            ClusterUnreachable: no cluster answers, or it has no room for a worker.
            WorkersLost: no worker is left, and none can be had.
        """
        stream = iter(items)
        first = next(stream, None)
        if first is None:
            return
        with joined(self._options) as ray:
            crew = Crew(ray, self._setup, self._options, self._is_stopped)
            yield from crew.digest(chain((first,), stream))
            crew.dismiss()


def ray_worker(
    runtime: Runtime, options: ArchiveOptions, wanted: RayOptions, is_stopped: IsGone = never
) -> RayWorker:
    """A worker that does on a cluster what `local_worker` does in this process.

    Raises:
        BadConfig: the settings ask for a GPU, and the workers have none.
        WeightsUnavailable: a checkpoint was not fetched to this machine.
    """
    if runtime.settings.device == "cuda" and not wanted.gpus:
        raise BadConfig(
            "The device is cuda, and workers have no GPU; give them some: --ray-gpus 1."
        )
    threads, device = max(1, int(wanted.cpus)), "cuda" if wanted.gpus else "cpu"
    setup = Setup.of(runtime, Recipe.of(options), threads, device)
    return RayWorker(setup, wanted, is_stopped)
