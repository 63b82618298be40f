"""The Ray cluster that digests: joining it, leaving it, and how many workers it has room for."""

from __future__ import annotations

import logging
import os
import signal
import socket
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from models.errors import BadConfig, DiemtinError, MissingDependency

_ADDRESS = "RAY_ADDRESS"
_HERE = "local"
_AUTO = "auto"
_SECONDS_TO_ANSWER = 5.0
_ENVIRONMENT = {
    "RAY_USAGE_STATS_ENABLED": "0",  # it would phone home
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",  # the coming default; the old one warns
    "RAY_DEDUP_LOGS_SKIP_REGEX": ".*",  # or its notes on workers that die go to standard output
    "RAY_ENABLE_UV_RUN_RUNTIME_ENV": "0",  # the nodes have their own Python
}


class ClusterUnreachable(DiemtinError):
    """No Ray cluster answers, or none of its nodes has room for a worker."""


@dataclass(frozen=True)
class RayOptions:
    """Which cluster, and what a worker takes of it.

    Args:
        address: host:port of the cluster, or "auto" for the one this machine is a node of; None
            takes RAY_ADDRESS, and where that is not set, starts a cluster of this machine alone.
        workers: how many engines; None takes as many as there is room for.
        cpus: processors of each.
        gpus: GPUs of each.
    """

    address: str | None = None
    workers: int | None = None
    cpus: float = 1.0
    gpus: float = 0.0


def import_ray() -> Any:  # noqa: ANN401 - Ray comes as an extra
    """Ray, told before it is loaded that it keeps to itself.

    Raises:
        MissingDependency: it is not installed.
    """
    os.environ.update(_ENVIRONMENT)
    try:
        import ray
    except ImportError as error:
        raise MissingDependency(
            f"--engine ray needs {error.name}: pip install 'diemtin[ray]'"
        ) from error
    return ray


@contextmanager
def joined(options: RayOptions) -> Iterator[Any]:
    """Be the driver of a cluster until the block ends; gives Ray.

    Raises:
        MissingDependency: Ray is not installed.
        BadConfig: the address is none.
        ClusterUnreachable: no cluster answers at the address.
    """
    address = options.address or os.environ.get(_ADDRESS) or _HERE
    if address not in (_HERE, _AUTO):
        _require_answer(address)
    ray = import_ray()
    with _kept_handlers():
        _join(ray, address)
    try:
        yield ray
    finally:
        ray.shutdown()


def count_places(nodes: Sequence[Mapping[str, Any]], options: RayOptions) -> int:
    """How many workers have room on the nodes that Ray lists."""
    return sum(_places(node["Resources"], options) for node in nodes if node["Alive"])


def _places(resources: Mapping[str, float], options: RayOptions) -> int:
    wanted = {"CPU": options.cpus, "GPU": options.gpus}
    rooms = [resources.get(name, 0.0) // each for name, each in wanted.items() if each]
    return int(min(rooms, default=0))


def _join(ray: Any, address: str) -> None:  # noqa: ANN401 - Ray comes as an extra
    own = {"include_dashboard": False} if address == _HERE else {}
    try:
        ray.init(
            address=address,
            namespace="diemtin",
            log_to_driver=False,
            logging_level=logging.CRITICAL,
            **own,
        )
    except (OSError, RuntimeError, ValueError) as error:
        raise _unreachable(address, error) from error


def _require_answer(address: str) -> None:
    """Ask before Ray does, which tries for a quarter of an hour."""
    host, _, port = address.rpartition(":")
    if "://" in address or not host or not port.isdecimal():
        raise BadConfig(
            f"{address} is no address of a Ray cluster. Give its host:port, or auto, and start the "
            "command on one of its nodes."
        )
    try:
        socket.create_connection((host.strip("[]"), int(port)), _SECONDS_TO_ANSWER).close()
    except OSError as error:
        raise _unreachable(address, error) from error


def _unreachable(address: str, error: Exception) -> ClusterUnreachable:
    return ClusterUnreachable(
        f"No Ray cluster answers at {address} ({str(error).splitlines()[0]}). Start its first node "
        "with 'ray start --head', and the command on one of its nodes, with the same versions of "
        "Ray and Python on all."
    )


@contextmanager
def _kept_handlers() -> Iterator[None]:
    """Keep the command's own handlers of signals: Ray puts its own in their place."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.getsignal(number) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
