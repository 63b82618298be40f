"""The real service as a process whose output and end a test can look at."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from tests.processes import ROOT, free_port

PATIENCE_S = 60
STARTER = """
from models.registry import register
from service.cli import main
register("fake", "{loader}")
main(prog_name="diemtin")
"""


@dataclass
class Served:
    """A service under way, and the files that its output goes to."""

    url: str
    process: subprocess.Popen[bytes]
    folder: Path

    @property
    def out(self) -> str:
        return (self.folder / "out").read_text("utf-8")

    @property
    def err(self) -> str:
        return (self.folder / "err").read_text("utf-8")

    def stop(self) -> tuple[int, float]:
        """Ask it to end; give its exit status and the seconds that it took."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE_S), time.monotonic() - began

    def wait(self, path: str, status: int = 200) -> None:
        """Wait until an address answers with a status."""
        deadline = time.monotonic() + PATIENCE_S
        while (got := self.get(path)[0]) != status:
            assert self.process.poll() is None, self.err
            assert time.monotonic() < deadline, (got, self.err)
            time.sleep(0.03)

    def get(self, path: str) -> tuple[int, Mapping[str, str], Any]:
        return ask(self.url + path)

    def post(self, path: str, body: object) -> tuple[int, Mapping[str, str], Any]:
        data = json.dumps(body).encode()
        return ask(self.url + path, data)


def ask(url: str, data: bytes | None = None) -> tuple[int, Mapping[str, str], Any]:
    """Status (0: nobody there), headers and JSON of an answer."""
    request = Request(url, data, {"Content-Type": "application/json"})
    try:
        with urlopen(request, timeout=PATIENCE_S) as answer:
            return answer.status, answer.headers, _parse(answer.read())
    except HTTPError as error:
        with error:
            return error.code, error.headers, _parse(error.read())
    except URLError:
        return 0, {}, None


def _parse(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return body.decode()


@contextmanager
def served(
    folder: Path,
    env: Mapping[str, str],
    *arguments: str,
    loader: str = "tests.fake_engine:load",
    ready: str = "/readyz",
) -> Iterator[Served]:
    """Run `diemtin serve` until the block ends."""
    port = free_port()
    starter = STARTER.format(loader=loader)
    with (folder / "out").open("wb") as out, (folder / "err").open("wb") as err:
        process = subprocess.Popen(
            [sys.executable, "-c", starter, *arguments, "serve", "--port", str(port)],
            cwd=ROOT,
            env=os.environ | env,
            stdout=out,
            stderr=err,
        )
    service = Served(f"http://127.0.0.1:{port}", process, folder)
    try:
        service.wait(ready)
        yield service
    finally:
        if process.poll() is None:
            service.stop()
