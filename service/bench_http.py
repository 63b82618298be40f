"""Concurrent clients of the real service, with batching and without."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from statistics import median
from time import perf_counter

from models.engine import DecodeOptions, Engine
from models.errors import EngineFailed
from service.bench_engines import BEAM_SIZE, BenchJob, forced_inputs, load_engine
from service.bench_shapes import BenchSegment

CLIENTS = 16
LONE_REQUESTS = 25
START_PATIENCE_S = 180


@dataclass(frozen=True)
class ServedRate:
    """Segments a second of 16 clients that post one segment each, time and again."""

    how: str
    segments: int
    seconds: float

    @property
    def rate(self) -> float:
        """Segments a second."""
        return self.segments / self.seconds


@dataclass(frozen=True)
class LoneRequest:
    """Median milliseconds of a request with nothing beside it, and of the engine alone.

    `added_ms` is the median of the differences, segment by segment, the two taken in turn.
    """

    request_ms: float
    engine_ms: float
    added_ms: float


def measure_served(job: BenchJob, how: str, settings: Mapping[str, str]) -> ServedRate:
    """Start the service with the settings, and let 16 clients share the job's segments."""
    with _service(job, settings) as port:
        _post_all(port, job.segments[:CLIENTS])
        began = perf_counter()
        _post_all(port, job.segments)
        return ServedRate(how, len(job.segments), perf_counter() - began)


def measure_lone(job: BenchJob, engine_name: str) -> LoneRequest:
    """Post one segment at a time, and give the same one to the engine in this process."""
    engine = load_engine(job, engine_name)
    with _service(job, {"DIEMTIN_ENGINE": engine_name}) as port:
        connection = HTTPConnection("127.0.0.1", port, timeout=120)
        pairs = [
            (_timed_post(connection, one), _timed_engine(engine, one))
            for one in job.segments[: LONE_REQUESTS + 2]
        ]
        connection.close()
    engine.close()
    warm = pairs[2:]
    return LoneRequest(
        request_ms=median(request for request, _ in warm),
        engine_ms=median(alone for _, alone in warm),
        added_ms=median(request - alone for request, alone in warm),
    )


def _timed_post(connection: HTTPConnection, one: BenchSegment) -> float:
    began = perf_counter()
    _post(connection, one)
    return (perf_counter() - began) * 1000


def _timed_engine(engine: Engine, one: BenchSegment) -> float:
    began = perf_counter()
    engine.generate(forced_inputs([one]), DecodeOptions(beam_size=BEAM_SIZE, ascii_only=True))
    return (perf_counter() - began) * 1000


def _post_all(port: int, segments: Sequence[BenchSegment]) -> None:
    shares = [segments[at::CLIENTS] for at in range(CLIENTS)]
    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(lambda share: _post_share(port, share), shares))


def _post_share(port: int, segments: Sequence[BenchSegment]) -> None:
    connection = HTTPConnection("127.0.0.1", port, timeout=600)
    for one in segments:
        _post(connection, one)
    connection.close()


def _post(connection: HTTPConnection, one: BenchSegment) -> None:
    body = json.dumps({"text": one.source}).encode()
    connection.request("POST", "/v1/translate", body, {"Content-Type": "application/json"})
    response = connection.getresponse()
    answer = json.loads(response.read())
    if response.status != 200 or not any(each["target"] for each in answer["elements"]):
        raise EngineFailed(f"The service answered {response.status} without a translation.")


@contextmanager
def _service(job: BenchJob, settings: Mapping[str, str]) -> Iterator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    environment = os.environ | {
        "DIEMTIN_TRANSLATOR": str(job.checkpoint),
        "DIEMTIN_SUMMARIZER": str(job.checkpoint),
        "DIEMTIN_MODELS_DIR": str(job.store),
        "DIEMTIN_MEMORY": "off",
        "DIEMTIN_DEVICE": "cpu",
        "DIEMTIN_SECOND_ATTEMPTS": "off",
        "DIEMTIN_LOG_LEVEL": "error",
        **settings,
    }
    process = subprocess.Popen(  # noqa: S603 - this package's own module
        [sys.executable, "-m", "service.bench_server", str(port)],
        env=environment,
        stdout=subprocess.DEVNULL,
    )
    try:
        _wait_until_ready(process, port)
        yield port
    finally:
        process.terminate()
        process.wait()


def _wait_until_ready(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + START_PATIENCE_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            connection = HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/readyz")
            if connection.getresponse().status == 200:
                return
        except OSError:
            pass
        time.sleep(0.1)
    raise EngineFailed("The service for the measurement did not start; its log says why.")
