"""Starting the real service as a process and waiting until it answers."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

ROOT = Path(__file__).parent.parent
PATIENCE_S = 120


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running_service(
    command: Sequence[str], env: dict[str, str], ready: str = "/readyz"
) -> Iterator[str]:
    """Run `command serve` on a free port until the block ends; give its address."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, *command, "serve", "--port", str(port)],
        cwd=ROOT,
        env=os.environ | env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        _wait(process, url + ready)
        yield url
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)


def _wait(process: subprocess.Popen[bytes], url: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise AssertionError(f"the service stopped: {process.communicate()}")
        try:
            with urlopen(url):
                return
        except HTTPError as error:
            error.close()
        except URLError:
            pass
        time.sleep(0.05)
    raise AssertionError(f"{url} did not answer within {PATIENCE_S} s")
