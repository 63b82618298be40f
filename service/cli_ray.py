"""The options of `diemtin archive` that let a Ray cluster do the work."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import click

from service.archives.ray_cluster import RayOptions

_RAY = "ray"
_NAMES = {
    "ray_address": "address",
    "ray_workers": "workers",
    "ray_cpus": "cpus",
    "ray_gpus": "gpus",
}

_OPTIONS = (
    click.option(
        "--engine",
        "where",
        type=click.Choice(["local", _RAY]),
        default="local",
        show_default=True,
        help="Digest in this process, or on a Ray cluster.",
    ),
    click.option(
        "--ray-address",
        metavar="ADDRESS",
        help="Its host:port, or auto; RAY_ADDRESS unless given, else a cluster of this machine.",
    ),
    click.option("--ray-workers", type=click.IntRange(1), help="Engines; as many as have room."),
    click.option(
        "--ray-cpus",
        type=click.FloatRange(0),
        help=f"Processors of each engine; {RayOptions.cpus:g} unless given.",
    ),
    click.option(
        "--ray-gpus",
        type=click.FloatRange(0),
        help=f"GPUs of each engine, also parts of one; {RayOptions.gpus:g} unless given.",
    ),
)


def ray_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--engine` and what a Ray cluster needs to know."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def read_ray_options(given: Mapping[str, Any]) -> RayOptions | None:
    """What is wanted of a cluster; None where none is.

    Raises:
        UsageError: the options contradict each other, or ask for what Ray does not give.
    """
    wanted = {field: given[name] for name, field in _NAMES.items() if given[name] is not None}
    if given["where"] != _RAY:
        if wanted:
            raise click.UsageError("--ray-... options go with --engine ray.")
        return None
    options = RayOptions(**wanted)
    shares = {"--ray-cpus": options.cpus, "--ray-gpus": options.gpus}
    for name, share in shares.items():
        if share > 1 and share % 1:
            raise click.UsageError(f"{name} is a whole number, or a part of one.")
    if not any(shares.values()):
        raise click.UsageError("A worker needs --ray-cpus or --ray-gpus.")
    return options
