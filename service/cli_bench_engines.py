"""`diemtin bench engines`: the engines and the service beside the libraries alone."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from models.lexicon import Lexicon, load_lexicon
from service.bench_engines import PEERS, BenchJob, Measured, measure_peer, silence_libraries
from service.bench_http import LoneRequest, ServedRate, measure_lone, measure_served
from service.bench_shapes import SHAPES, Shape, build_checkpoint, make_segments
from service.cli_errors import told_errors

PLAIN, TORCH, RAW, CTRANSLATE2 = PEERS
# The same service three times: as it is, without batches, and one segment at a time, which
# is what a lock around the model would give.
SERVED = {
    "batching": {},
    "no batching": {"DIEMTIN_BATCHING": "off"},
    "one segment at a time": {"DIEMTIN_BATCHING": "off", "DIEMTIN_THREADS": "1"},
}
_WIDTH = 58
_EXAMPLES = """
\b
Examples:
  diemtin bench engines
  diemtin bench engines --shape tiny --segments 16 --json
"""


@dataclass(frozen=True)
class ShapeResult:
    """Everything that was measured on one shape."""

    shape: str
    peers: dict[str, Measured]
    one_thread: Measured
    served: dict[str, ServedRate]
    lone: LoneRequest

    def ratios(self) -> dict[str, float]:
        """What the figures are for."""
        rate = {name: one.rate for name, one in self.peers.items()}
        served = {name: one.rate for name, one in self.served.items()}
        alone = self.one_thread.peak_mib
        return {
            f"{CTRANSLATE2} / {PLAIN}": rate[CTRANSLATE2] / rate[PLAIN],
            f"{CTRANSLATE2} / {RAW}": rate[CTRANSLATE2] / rate[RAW],
            f"{TORCH} / {PLAIN}": rate[TORCH] / rate[PLAIN],
            "16 clients, batching / no batching": served["batching"] / served["no batching"],
            "16 clients, batching / one at a time": (
                served["batching"] / served["one segment at a time"]
            ),
            "peak memory, every core / one thread": self.peers[CTRANSLATE2].peak_mib / alone,
        }


@click.command("engines", epilog=_EXAMPLES)
@click.option(
    "--shape",
    "shapes",
    type=click.Choice(list(SHAPES)),
    multiple=True,
    default=("opus-mt", "vinai-translate"),
    show_default=True,
)
@click.option("--segments", type=click.IntRange(16), default=200, show_default=True)
@click.option(
    "--keep",
    type=click.Path(file_okay=False, path_type=Path),
    help="Keep the checkpoints and conversions here for another run.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def compare_engines(shapes: Sequence[str], segments: int, keep: Path | None, as_json: bool) -> None:
    """Time the engines on random weights in the shape of published models.

    Every peer decodes the same segments to the lengths of their references, beam 5, in a
    process of its own. Both shapes and 200 segments take about an hour on two cores.
    """
    lexicon = load_lexicon()
    if find_spec("transformers") is None or find_spec("ctranslate2") is None:
        raise click.UsageError("This needs the engines: pip install 'diemtin[transformers]'")
    silence_libraries()
    with told_errors(), TemporaryDirectory() as scratch:
        for name in shapes:
            found = measure_shape(SHAPES[name], lexicon, segments, keep or Path(scratch))
            click.echo(json.dumps(_as_json(found)) if as_json else "\n".join(_lines(found)))


def measure_shape(shape: Shape, lexicon: Lexicon, count: int, folder: Path) -> ShapeResult:
    """Measure every peer and the service on one shape."""
    checkpoint = build_checkpoint(shape, lexicon, folder / shape.name)
    segments = tuple(make_segments(lexicon, count))
    job = BenchJob(checkpoint, folder / "store", segments)
    one_thread = BenchJob(checkpoint, folder / "store", segments[:16], threads=1)
    measure_peer(CTRANSLATE2, one_thread)  # converts, which no peer should pay for
    return ShapeResult(
        shape=shape.name,
        peers={peer: measure_peer(peer, job) for peer in PEERS},
        one_thread=measure_peer(CTRANSLATE2, one_thread),
        served={
            how: measure_served(job, how, settings | {"DIEMTIN_ENGINE": "ctranslate2"})
            for how, settings in SERVED.items()
        },
        lone=measure_lone(job, "ctranslate2"),
    )


def _lines(found: ShapeResult) -> Iterator[str]:
    yield f"{found.shape} ({next(iter(found.peers.values())).segments} segments)"
    peers = found.peers | {f"{CTRANSLATE2}, one thread": found.one_thread}
    for name, peer in peers.items():
        yield f"  {name:{_WIDTH}}{peer.rate:8.2f} segments/s{peer.peak_mib:8.0f} MiB"
    for how, served in found.served.items():
        yield f"  {'16 clients over HTTP, ' + how:{_WIDTH}}{served.rate:8.2f} segments/s"
    yield f"  {'a lone request':{_WIDTH}}{found.lone.request_ms:8.1f} ms"
    yield f"  {'the same segments, engine alone':{_WIDTH}}{found.lone.engine_ms:8.1f} ms"
    yield f"  {'what the service adds':{_WIDTH}}{found.lone.added_ms:8.1f} ms"
    for name, value in found.ratios().items():
        yield f"  {name:{_WIDTH}}{value:8.2f}"


def _as_json(found: ShapeResult) -> dict[str, object]:
    peers = {
        name: {"segments_per_s": peer.rate, "peak_mib": peer.peak_mib}
        for name, peer in found.peers.items()
    }
    return {
        "shape": found.shape,
        "peers": peers,
        "one_thread": {
            "segments_per_s": found.one_thread.rate,
            "peak_mib": found.one_thread.peak_mib,
        },
        "served_per_s": {how: one.rate for how, one in found.served.items()},
        "lone_ms": vars(found.lone),
        "ratios": found.ratios(),
    }
