"""A Ray cluster of two nodes on this machine, and an engine that kills its worker when told to.

`python -m tests.ray_lab FOLDER` keeps a cluster with its files in the folder: it says the address,
and then "done" to each line of "add" or "remove" on its input, until the input ends.
`python -m tests.ray_lab diemtin LOADER ...` is the command, with what `LOADER` here loads.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from models.catalogue import ModelCard
from models.engine import DecodeOptions, EngineInput, EngineSettings
from models.errors import WeightsUnavailable
from models.store import WeightsStore
from tests.fake_engine import FakeEngine, echo
from tests.processes import ROOT

DEADLY = "CHẾT"
BUG = "LỖI"
SECONDS_A_SEGMENT = 0.05
STARTS = 4
ROOM = {"num_cpus": 1, "object_store_memory": 80 << 20, "include_dashboard": False}
LOADS = "DIEMTIN_TEST_LOADS"  # a folder: each worker that loads leaves a file with its node


def load(card: ModelCard, store: WeightsStore, settings: EngineSettings) -> FakeEngine:
    """An engine that takes its time, one segment after the other."""
    import ray

    store.open_verified(card.name)
    node = ray.get_runtime_context().get_node_id()
    told = {"node": node, "threads": settings.threads, "device": settings.device}
    (Path(os.environ[LOADS]) / str(os.getpid())).write_text(json.dumps(told))
    return FakeEngine(_answer, card.name, SECONDS_A_SEGMENT)


def load_here(card: ModelCard, store: WeightsStore, settings: EngineSettings) -> FakeEngine:
    """The same engine without a word to anyone."""
    return FakeEngine(_answer, card.name, SECONDS_A_SEGMENT)


def load_nothing(card: ModelCard, store: WeightsStore, settings: EngineSettings) -> FakeEngine:
    """What a node does that lacks the weights."""
    raise WeightsUnavailable("The weights of fake are not here; run: diemtin models pull fake")


def die_loading(card: ModelCard, store: WeightsStore, settings: EngineSettings) -> FakeEngine:
    """What a node does that has too little memory for the weights."""
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("dead")


def _answer(one: EngineInput, options: DecodeOptions) -> str:
    if DEADLY in one.source:
        os.kill(os.getpid(), signal.SIGKILL)
    if BUG in one.source:
        raise ValueError(f"cannot handle {one.source!r}")
    return echo(one, options)


class Nodes:
    """Two nodes with room for one worker each; the second can go and come."""

    def __init__(self, process: subprocess.Popen[str], folder: Path) -> None:
        self._process = process
        self.folder = folder
        self.loads = folder / "loads"
        self.address = self._hear()

    def add(self) -> None:
        self._tell("add")

    def remove(self) -> None:
        self._tell("remove")

    def workers(self) -> dict[int, dict[str, object]]:
        """What each worker that is alive told of itself, by process."""
        told = {int(one.name): one for one in self.loads.iterdir()}
        return {pid: json.loads(one.read_text()) for pid, one in told.items() if _is_alive(pid)}

    def forget_workers(self) -> None:
        for one in self.loads.iterdir():
            one.unlink()

    def _tell(self, what: str) -> None:
        assert self._process.stdin
        self._process.stdin.write(f"{what}\n")
        self._process.stdin.flush()
        assert self._hear() == "done"

    def _hear(self) -> str:
        assert self._process.stdout
        for line in self._process.stdout:
            if line.startswith("lab: "):
                return line.removeprefix("lab: ").strip()
        raise AssertionError(f"the cluster stopped; see {self.folder}")


@contextmanager
def two_nodes(folder: Path) -> Iterator[Nodes]:
    (folder / "loads").mkdir()
    env = os.environ | {LOADS: str(folder / "loads"), "RAY_USAGE_STATS_ENABLED": "0"}
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.ray_lab", str(folder)],
        cwd=ROOT,
        env=env | {"PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield Nodes(process, folder)
    finally:
        process.communicate(timeout=60)


def _is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def _keep_cluster(folder: str) -> None:
    cluster, second = _start_cluster(folder)
    print(f"lab: {cluster.address}", flush=True)
    for line in sys.stdin:
        if line.strip() == "remove":
            cluster.remove_node(second, allow_graceful=False)
        else:
            second = cluster.add_node(**ROOM)
        print("lab: done", flush=True)
    cluster.shutdown()


def _start_cluster(folder: str):
    """A node gives itself 30 s to start, which a busy machine may take from it."""
    from ray.cluster_utils import Cluster

    for _ in range(STARTS):
        cluster = Cluster()
        try:
            cluster.add_node(**ROOM, temp_dir=folder)
            return cluster, cluster.add_node(**ROOM)
        except Exception as error:
            print(f"starting again: {error}", file=sys.stderr)
            cluster.shutdown()
    raise AssertionError("no cluster")


def _run_command(loader: str, *arguments: str) -> None:
    from models.registry import register
    from service.cli import main

    register("fake", f"tests.ray_lab:{loader}")
    main(arguments, prog_name="diemtin")


def wait_until(is_so, seconds: float = 120.0) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.02)


if __name__ == "__main__":
    if sys.argv[1] == "diemtin":
        _run_command(*sys.argv[2:])
    else:
        _keep_cluster(sys.argv[1])
