"""What is read of sound sources in every format."""

import datetime as dt
import io
import json
import sys
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from models.errors import MissingDependency
from service.archives.items import ArchiveItem, Trouble
from service.archives.mapping import FieldMapping
from service.pipeline import TextFormat
from tests.archive_lab import (
    TEXT,
    brief,
    gz,
    page,
    read,
    tar_bytes,
    troubles,
    warc_record,
    zip_bytes,
)

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

ROWS = [("một", "Tin 1"), ("hai", "Tin 2")]
JSONL = "".join(json.dumps({"text": text, "title": title}) + "\n" for text, title in ROWS).encode()
CSV = "title,text\n" + "".join(f"{title},{text}\n" for text, title in ROWS)
MEMBERS = {"b.txt": b"hai", "a/c.txt": b"ba", "a.html": page("trang")}


def parquet_bytes(**columns: list[object]) -> bytes:
    target = io.BytesIO()
    pq.write_table(pa.table(columns), target)
    return target.getvalue()


PARQUET = parquet_bytes(text=["một", "hai"], title=["Tin 1", "Tin 2"])
ROW_FILES = {
    "a.jsonl": JSONL,
    "a.ndjson": JSONL,
    "a.jsonl.gz": gz(JSONL),
    "a.jsonl.zst": zstd.compress(JSONL),
    "a.csv": CSV.encode(),
    "a.CSV": CSV.encode("utf-8-sig"),
    "semicolons.csv": CSV.replace(",", ";").encode(),
    "a.csv.gz": gz(CSV.encode()),
    "a.tsv": CSV.replace(",", "\t").encode(),
    "utf16.tsv": CSV.replace(",", "\t").encode("utf-16"),
    "a.parquet": PARQUET,
    "a.parquet.gz": gz(PARQUET),
}
CONTAINERS: dict[str, Callable[[], bytes]] = {
    "a.zip": lambda: zip_bytes(MEMBERS),
    "a.tar": lambda: tar_bytes(MEMBERS),
    "a.tar.gz": lambda: gz(tar_bytes(MEMBERS)),
    "a.tgz": lambda: gz(tar_bytes(MEMBERS)),
    "a.tar.zst": lambda: zstd.compress(tar_bytes(MEMBERS)),
    "a.zip.gz": lambda: gz(zip_bytes(MEMBERS)),
}


@pytest.mark.parametrize("name", ROW_FILES)
def test_rows_become_items(tmp_path: Path, name: str):
    (tmp_path / name).write_bytes(ROW_FILES[name])
    assert read(tmp_path / name) == [
        ArchiveItem(f"{tmp_path}/{name}#{place}", text, title=title)
        for place, (text, title) in enumerate(ROWS, start=1)
    ]


@pytest.mark.parametrize("name", CONTAINERS)
def test_members_become_items_in_their_order(tmp_path: Path, name: str):
    (tmp_path / name).write_bytes(CONTAINERS[name]())
    found = read(tmp_path / name)
    assert brief(found, tmp_path) == [
        (f"{name}!/b.txt", "hai"),
        (f"{name}!/a/c.txt", "ba"),
        (f"{name}!/a.html", page("trang").decode()),
    ]
    assert [one.format for one in found] == [TextFormat.TEXT, TextFormat.TEXT, TextFormat.HTML]


def test_containers_within_containers(tmp_path: Path):
    inner = {"rows.jsonl.gz": gz(JSONL), "p.parquet": PARQUET, "t.tar.gz": gz(tar_bytes(MEMBERS))}
    (tmp_path / "o.zip").write_bytes(zip_bytes({"i.zip": zip_bytes(inner), "z.txt": b"z"}))
    assert [origin for origin, _ in brief(read(tmp_path / "o.zip"), tmp_path)] == [
        "o.zip!/i.zip!/rows.jsonl.gz#1",
        "o.zip!/i.zip!/rows.jsonl.gz#2",
        "o.zip!/i.zip!/p.parquet#1",
        "o.zip!/i.zip!/p.parquet#2",
        "o.zip!/i.zip!/t.tar.gz!/b.txt",
        "o.zip!/i.zip!/t.tar.gz!/a/c.txt",
        "o.zip!/i.zip!/t.tar.gz!/a.html",
        "o.zip!/z.txt",
    ]


def test_fields_are_mapped(tmp_path: Path):
    row = {"noi_dung": TEXT, "Tieu_De": "T", "url": 5, "ngay": "2025-01-02", "lang": "vi"}
    (tmp_path / "a.jsonl").write_text(json.dumps(row))
    origin = f"{tmp_path}/a.jsonl#1"
    assert read(tmp_path / "a.jsonl") == [
        ArchiveItem(origin, TEXT, TextFormat.TEXT, "T", "5", "2025-01-02", "vi")
    ]
    mapping = FieldMapping(text="Tieu_De", title="lang", id="ngay")
    assert read(tmp_path / "a.jsonl", mapping=mapping) == [
        ArchiveItem(origin, "T", TextFormat.TEXT, "vi", "2025-01-02", "2025-01-02", "vi")
    ]


def test_parquet_values_become_text(tmp_path: Path):
    data = parquet_bytes(
        content=["một", b"hai".decode(), None],
        id=[1, 2, 3],
        date=[dt.datetime(2025, 1, 2, 3, 4), None, None],
        other=[[1], [2], [3]],
    )
    (tmp_path / "a.parquet").write_bytes(data)
    found = read(tmp_path / "a.parquet")
    assert found[:2] == [
        ArchiveItem(f"{tmp_path}/a.parquet#1", "một", id="1", date="2025-01-02T03:04:00"),
        ArchiveItem(f"{tmp_path}/a.parquet#2", "hai", id="2"),
    ]
    assert troubles(found) == [Trouble.EMPTY]


@pytest.mark.parametrize("name", ["a.jsonl", "a.csv", "a.parquet"])
@pytest.mark.parametrize(
    ("mapping", "advice"),
    [
        (FieldMapping(), "Say which holds the text with --text-field"),
        (FieldMapping(text="x", title="missing"), "Correct --title-field"),
        (FieldMapping(text="missing"), "Correct --text-field"),
    ],
)
def test_a_file_without_the_field_is_one_failure_that_names_its_columns(
    tmp_path: Path, name: str, mapping: FieldMapping, advice: str
):
    rows = {"a.jsonl": b'{"x": "1", "y": "2"}\n' * 60, "a.csv": b"x,y\n" + b"1,2\n" * 60}
    data = rows.get(name) or parquet_bytes(x=["1"] * 60, y=["2"] * 60)
    (tmp_path / name).write_bytes(data)
    (failure,) = read(tmp_path / name, mapping=mapping)
    assert troubles([failure]) == [Trouble.NO_FIELD]
    assert "It has: x, y." in failure.reason
    assert advice in failure.reason


@pytest.mark.parametrize(
    ("module", "name", "data"),
    [
        ("pyarrow.parquet", "a.parquet", PARQUET),
        ("warcio.archiveiterator", "a.warc.gz", gz(warc_record("u:1", page("a")))),
    ],
)
def test_what_is_missing_is_told_at_once_or_per_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: str, name: str, data: bytes
):
    (tmp_path / name).write_bytes(data)
    (tmp_path / "z.txt").write_bytes(b"z")
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingDependency, match=r"pip install 'diemtin\[archive\]'"):
        read(tmp_path / name)
    failure, item = read(tmp_path)
    assert "pip install 'diemtin[archive]'" in failure.reason
    assert item.text == "z"
