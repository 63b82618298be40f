"""One node of a Ray cluster beside two, on this machine, with an engine whose cost is sleep."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

from models.registry import register
from service.archives.archiving import Finished, Watcher, archive_with
from service.archives.options import ArchiveOptions
from service.archives.ray_cluster import RayOptions, import_ray
from service.archives.ray_worker import ray_worker
from service.archives.runner import Counts
from service.bench_archive_items import write_items
from service.runtime import Runtime
from service.settings import load_settings

ITEMS = 120
WORDS = 20  # a headline and one paragraph
_WARM_UP = 4  # a quarter of the items: until then a worker may still be loading
_STARTS = 4
_NODE = {"num_cpus": 1, "object_store_memory": 80 << 20, "include_dashboard": False}
_CATALOGUE = f"""
[models.sleep]
tasks = ["translate", "summarize"]
family = "sleep"
engine = "sleep"
licence = "Apache-2.0"
commercial_use = true
context = 4096

[models.sleep.artifact]
filename = "sleep.bin"
size = 1
sha256 = "{"0" * 64}"

[[models.sleep.artifact.mirrors]]
kind = "hub"
repo = "example/sleep"
file = "sleep.bin"
revision = "main"

[defaults]
translate = "sleep"
summarize = "sleep"
"""


@dataclass(frozen=True)
class NodeFigures:
    """What so many nodes, one worker each with the whole digester, made of the same items.

    Args:
        nodes: of the cluster.
        done: items with a record.
        rate: items a second, from the first quarter of them to the last.
        seconds: of the whole pass, joining the cluster and loading included.
    """

    nodes: int
    done: int
    rate: float
    seconds: float


def measure_nodes(items: int = ITEMS) -> list[NodeFigures]:
    """One node, and then the same cluster with a second; in a fresh process.

    Raises:
        MissingDependency: Ray is not installed.
    """
    import_ray()
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(_measure, items).result()


def _measure(items: int) -> list[NodeFigures]:
    import_ray()
    # The name is short because those of sockets have to be.
    with TemporaryDirectory(prefix="dt", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        write_items(folder / "items.jsonl", items, WORDS)
        (folder / "catalogue.toml").write_text(_CATALOGUE, "utf-8")
        cluster = _start_cluster(folder)
        try:
            figures = [_measure_nodes(folder, cluster.address, 1)]
            cluster.add_node(**_NODE)
            return [*figures, _measure_nodes(folder, cluster.address, 2)]
        finally:
            cluster.shutdown()


def _start_cluster(folder: Path) -> Any:  # noqa: ANN401 - Ray comes as an extra
    """A node gives itself half a minute to start, which a busy machine may take from it."""
    from ray.cluster_utils import Cluster

    for left in reversed(range(_STARTS)):
        cluster = Cluster()
        try:
            cluster.add_node(**_NODE, temp_dir=str(folder))
        except Exception:
            cluster.shutdown()
            if not left:
                raise
        else:
            break
    return cluster


def _measure_nodes(folder: Path, address: str, nodes: int) -> NodeFigures:
    register("sleep", "service.bench_archive_workers:load_sleeping")
    catalogue, models = folder / "catalogue.toml", folder / "models"
    settings = load_settings(
        catalogue=catalogue, models_dir=models, memory="off", second_attempts=False
    )
    runtime = Runtime(settings)
    clock = _Clock()
    began = perf_counter()
    try:
        done = _run(runtime, folder, address, nodes, clock)
    finally:
        runtime.close()
    return NodeFigures(nodes, done.result.counts.done, clock.rate(), perf_counter() - began)


def _run(runtime: Runtime, folder: Path, address: str, nodes: int, clock: _Clock) -> Finished:
    options = ArchiveOptions(summarize=None)
    worker = ray_worker(runtime, options, RayOptions(address, workers=nodes))
    target = folder / f"out-{nodes}"
    source = [str(folder / "items.jsonl")]
    return archive_with(worker, runtime, source, target, options, Watcher(on_counts=clock.look))


class _Clock:
    """Notes when each item was done."""

    def __init__(self) -> None:
        self._moments: dict[int, float] = {}

    def look(self, counts: Counts) -> None:
        self._moments.setdefault(counts.done, perf_counter())

    def rate(self) -> float:
        last = max(self._moments)
        first = last // _WARM_UP
        return (last - first) / (self._moments[last] - self._moments[first])
