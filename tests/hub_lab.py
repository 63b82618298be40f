"""A model hub in a thread, and pulls from it in processes of their own."""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.parse import unquote, urlsplit

from tests.weights_lab import ROOT, child_env, make_bytes, serve, sha256

SMALL = 2000  # bigger files are kept as the hub keeps large ones, by their sha256
TOKEN = "hf_lab"
COMMIT = "0123456789abcdef0123456789abcdef01234567"
WEIGHTS = make_bytes(700_000)
MARIAN = {
    "config.json": b'{"model_type": "marian"}',
    "generation_config.json": b"{}",
    "source.spm": b"source pieces",
    "target.spm": b"target pieces",
    "vocab.json": b'{"a": 0}',
}
CLUTTER = {
    "README.md": b"# words",
    "modeling.py": b"raise SystemExit('run')",
    "tf_model.h5": b"tensorflow",
    "flax_model.msgpack": b"flax",
    "rust_model.ot": b"rust",
    "model.gguf": b"gguf",
    "training_args.bin": b"pickle",
    "onnx/model.onnx": b"onnx",
    "onnx/model.safetensors": b"not this one",
}


def git_hash(data: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()


@dataclass
class Repository:
    """One repository: the files of each commit, and what branches point at."""

    files: dict[str, bytes]
    commit: str = COMMIT
    refs: tuple[str, ...] = ("main",)
    gated: bool = False
    sent: dict[str, bytes] = field(default_factory=dict)  # in place of the true bytes
    claimed: dict[str, int] = field(default_factory=dict)  # sizes in place of the true ones

    def size(self, name: str) -> int:
        return self.claimed.get(name, len(self.files[name]))

    def rows(self, name_key: str, hash_key: str, sha256_key: str) -> list[dict[str, object]]:
        """The files as one of the hub's listings has them."""
        rows = []
        for name, data in self.files.items():
            row = {"type": "file", name_key: name, "size": self.size(name)}
            row[hash_key] = git_hash(data)
            if len(data) > SMALL:
                row["lfs"] = {"size": self.size(name), sha256_key: sha256(data), "pointerSize": 1}
            rows.append(row)
        return rows


@dataclass
class HubLab:
    """The repositories of a hub, and what it was asked for."""

    repositories: dict[str, Repository]
    url: str = ""
    asked: list[str] = field(default_factory=list)


@contextmanager
def serve_lab(**repositories: Repository) -> Iterator[HubLab]:
    """Serve repositories named like `lab__tiny`, which is lab/tiny."""
    lab = HubLab({name.replace("__", "/"): one for name, one in repositories.items()})

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *args: object) -> None:
            pass

        def do_HEAD(self) -> None:
            self.answer(with_body=False)

        def do_GET(self) -> None:
            self.answer(with_body=True)

        def answer(self, with_body: bool) -> None:
            parts = [unquote(part) for part in urlsplit(self.path).path.split("/")[1:]]
            if parts[:2] == ["api", "models"]:
                repo, kind, revision, name = "/".join(parts[2:4]), parts[4], parts[5], ""
            else:
                repo, kind, revision = "/".join(parts[:2]), parts[2], parts[3]
                name = "/".join(parts[4:])
                lab.asked.append(f"{self.command} {urlsplit(self.path).path}")
            found = lab.repositories.get(repo)
            if found is None:
                self.refuse(404, "RepoNotFound")
            elif found.gated and self.headers.get("Authorization") != f"Bearer {TOKEN}":
                self.refuse(403, "GatedRepo")
            elif revision not in (found.commit, *found.refs):
                self.refuse(404, "RevisionNotFound")
            elif kind == "resolve":
                self.send_file(found, name, with_body)
            else:
                siblings = found.rows("rfilename", "blobId", "sha256")
                info = {"id": repo, "sha": found.commit, "siblings": siblings}
                tree = found.rows("path", "oid", "oid")
                self.send_json(info if kind == "revision" else tree)

        def refuse(self, status: int, code: str) -> None:
            self.send_response(status)
            self.send_header("X-Error-Code", code)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def send_json(self, answer: object) -> None:
            body = json.dumps(answer).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def send_file(self, found: Repository, name: str, with_body: bool) -> None:
            if name not in found.files:
                self.refuse(404, "EntryNotFound")
                return
            data = found.files[name]
            body = found.sent.get(name, data)
            self.send_response(200)
            self.send_header("X-Repo-Commit", found.commit)
            self.send_header("ETag", f'"{git_hash(data)}"')
            if len(data) > SMALL:
                self.send_header("X-Linked-Etag", f'"{sha256(data)}"')
                self.send_header("X-Linked-Size", str(found.size(name)))
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if with_body:
                self.wfile.write(body)

    with serve(Handler) as lab.url:
        yield lab


@dataclass(frozen=True)
class Pull:
    """What one pull came to."""

    path: str
    error: str
    message: str
    progress: list[list[int]]


_DRIVER = """
import json, sys
from pathlib import Path
from models.catalogue import Catalogue
from models.errors import DiemtinError
from models.store import WeightsStore

store = WeightsStore(Path("unused"), Catalogue.load())
for reference, allowed in json.loads(sys.argv[1]):
    seen, path, error = [], "", None
    try:
        path = store.pull(reference, lambda *at: seen.append(at), allow_pickle=allowed)
    except DiemtinError as caught:
        error = caught
    kind = type(error).__name__ if error else ""
    print(json.dumps([str(path), kind, str(error or ""), seen]))
"""


def lab_env(folder: Path, url: str = "", **more: str) -> dict[str, str]:
    """An environment whose hub is the lab, with a cache of its own and no retries to wait for."""
    kept = child_env(folder, url)
    del kept["DIEMTIN_CATALOGUE"]
    return kept | {"HF_HUB_ETAG_TIMEOUT": "5", "HF_HUB_DOWNLOAD_TIMEOUT": "5", **more}


def pull_all(env: dict[str, str], *references: str, allow_pickle: bool = False) -> list[Pull]:
    """Pull references one after the other in one new process."""
    asked = json.dumps([[reference, allow_pickle] for reference in references])
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", _DRIVER, asked],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return [Pull(*json.loads(line)) for line in done.stdout.splitlines()]


def lay_snapshot(
    cache: Path, repo: str, files: dict[str, bytes], commit: str = COMMIT, *, shared: bool = False
) -> Path:
    """Put files into a hub cache as its client does: blobs by hash, links in the snapshot.

    With `shared`, the big blobs are links into the store that all repositories share.
    """
    repository = cache / f"models--{repo.replace('/', '--')}"
    snapshot = repository / "snapshots" / commit
    for folder in (snapshot, repository / "blobs", repository / "refs"):
        folder.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        blob = repository / "blobs" / (sha256(data) if len(data) > SMALL else git_hash(data))
        if shared and len(data) > SMALL:
            stored = cache / "blobs" / "ab" / ("ab" * 32)
            stored.parent.mkdir(parents=True)
            stored.write_bytes(data)
            blob.symlink_to(os.path.relpath(stored, blob.parent))
        else:
            blob.write_bytes(data)
        (snapshot / name).symlink_to(os.path.relpath(blob, snapshot))
    (repository / "refs" / "main").write_text(commit)
    return snapshot
