"""Files, folders, globs and URLs: what they lead to, in which order, and what is wrong."""

import io
from pathlib import Path

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from models.errors import DiemtinError, MissingDependency
from service.archives.items import Trouble
from service.archives.locations import BadLocation
from service.archives.mapping import FieldMapping
from service.archives.sources import read_sources
from tests.archive_lab import (
    LIMITS,
    brief,
    page,
    read,
    texts,
    troubles,
    zip_bytes,
)

MEMBERS = {"b.txt": b"hai", "a/c.txt": b"ba", "a.html": page("trang")}


def parquet_bytes(**columns: list[object]) -> bytes:
    target = io.BytesIO()
    pq.write_table(pa.table(columns), target)
    return target.getvalue()


PARQUET = parquet_bytes(text=["một", "hai"], title=["Tin 1", "Tin 2"])


def build_folder(root: Path) -> None:
    for name, data in {
        "b.txt": b"b",
        "a.txt": b"a",
        "sub/z.txt": b"z",
        "sub/deep/y.txt": b"y",
        ".hidden/x.txt": b"x",
        ".x.txt": b"x",
        "other.docx": b"PK\x03\x04",
    }.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(data)


FOLDER = [
    ("a.txt", "a"),
    ("b.txt", "b"),
    ("other.docx", "unknown-format"),
    ("sub/deep/y.txt", "y"),
    ("sub/z.txt", "z"),
]


def test_a_folder_in_the_order_of_names_without_what_is_hidden(tmp_path: Path):
    build_folder(tmp_path)
    assert brief(read(tmp_path), tmp_path) == FOLDER
    assert brief(read(f"{tmp_path}/"), tmp_path) == FOLDER


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("*.txt", FOLDER[:2]),
        ("*", FOLDER),
        ("**/*.txt", [*FOLDER[:2], *FOLDER[3:]]),
        ("s?b/*", [*FOLDER[3:]]),
        ("[b].txt", FOLDER[1:2]),
    ],
)
def test_a_glob(tmp_path: Path, pattern: str, expected: list[tuple[str, str]]):
    build_folder(tmp_path)
    assert brief(read(f"{tmp_path}/{pattern}"), tmp_path) == expected


def test_a_name_that_looks_like_a_glob(tmp_path: Path):
    (tmp_path / "tin [1].txt").write_bytes(b"a")
    (tmp_path / "tin 1.txt").write_bytes(b"b")
    assert texts(read(tmp_path / "tin [1].txt")) == ["a"]


def test_relative_paths_stay_relative(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    build_folder(tmp_path)
    monkeypatch.chdir(tmp_path)
    found = read("sub", "a.txt", "s*")
    assert [one.origin for one in found] == [
        "sub/deep/y.txt",
        "sub/z.txt",
        "a.txt",
        "sub/deep/y.txt",
        "sub/z.txt",
    ]


@pytest.mark.parametrize("spelled", ["sub", "./sub", "sub/", "sub//", ".//sub/.", "./sub/*.txt"])
def test_one_place_spelled_in_many_ways_has_one_origin(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spelled: str
):
    build_folder(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert [one.origin for one in read(spelled)][-1] == "sub/z.txt"


def test_urls(tmp_path: Path):
    build_folder(tmp_path)
    memory = fsspec.filesystem("memory")
    memory.pipe({"/tin/b.txt": b"b", "/tin/a.zip": zip_bytes(MEMBERS), "/tin/s/p.parquet": PARQUET})
    try:
        found = [one.origin for one in read("memory://tin")]
        globbed = [one.origin for one in read("memory://tin/*.txt")]
    finally:
        memory.rm("/tin", recursive=True)
    assert found == [
        "memory://tin/a.zip!/b.txt",
        "memory://tin/a.zip!/a/c.txt",
        "memory://tin/a.zip!/a.html",
        "memory://tin/b.txt",
        "memory://tin/s/p.parquet#1",
        "memory://tin/s/p.parquet#2",
    ]
    assert globbed == ["memory://tin/b.txt"]
    assert [one.origin for one in read(f"file://{tmp_path}/sub")] == [
        f"file://{tmp_path}/sub/deep/y.txt",
        f"file://{tmp_path}/sub/z.txt",
    ]


@pytest.mark.parametrize(
    ("location", "kind", "message"),
    [
        ("nowhere.txt", BadLocation, "nowhere.txt does not exist"),
        ("no*where", BadLocation, "matches nothing"),
        ("nosuch://a/b", BadLocation, "nosuch:// is no kind of address"),
        ("dropbox://tin/a", MissingDependency, "dropboxdrivefs"),
    ],
)
def test_what_the_user_got_wrong_is_told_before_anything_is_read(
    location: str, kind: type[DiemtinError], message: str
):
    with pytest.raises(kind, match=message.replace("*", r"\*")):
        read_sources([location], FieldMapping(), LIMITS)


def test_passwords_in_urls_stay_out_of_messages():
    with pytest.raises(DiemtinError) as caught:
        read_sources(["memory://ai:bimat@tin/x.txt"], FieldMapping(), LIMITS)
    assert "bimat" not in str(caught.value)


class Flaky(fsspec.AbstractFileSystem):  # type: ignore[misc]  # it has no types
    """A store whose driver raises errors of its own."""

    protocol = "flaky"

    def ls(self, path: str, detail: bool = True, **more: object) -> list[dict[str, object]]:
        if path.endswith("bad"):
            raise LookupError("502")
        kinds = {"tin/a.txt": "file", "tin/bad": "directory", "tin/c.txt": "file"}
        return [{"name": name, "size": 1, "type": kind} for name, kind in kinds.items()]

    def _open(self, path: str, mode: str = "rb", **more: object) -> io.BytesIO:
        return io.BytesIO(b"a")


def test_a_folder_of_a_store_that_cannot_be_listed_costs_no_other():
    fsspec.register_implementation("flaky", Flaky, clobber=True)
    told = [(one.origin, getattr(one, "trouble", None)) for one in read("flaky://tin")]
    assert told == [
        ("flaky://tin/a.txt", None),
        ("flaky://tin/bad", Trouble.UNREADABLE),
        ("flaky://tin/c.txt", None),
    ]


def test_an_empty_folder_is_told(tmp_path: Path):
    assert troubles(read(tmp_path)) == [Trouble.EMPTY]


def test_files_of_a_folder_that_vanish_or_cannot_be_read_cost_no_other(tmp_path: Path):
    build_folder(tmp_path)
    reading = read_sources([str(tmp_path)], FieldMapping(), LIMITS)
    next(reading)
    (tmp_path / "b.txt").unlink()
    assert brief(reading, tmp_path) == [("b.txt", "unreadable"), *FOLDER[2:]]
