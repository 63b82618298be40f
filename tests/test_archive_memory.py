"""Reading streams: memory does not grow with the archive."""

import json
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from service.archives.items import ArchiveItem
from service.archives.mapping import FieldMapping
from service.archives.sources import read_sources
from tests.archive_lab import (
    LIMITS,
    TEXT,
    page,
    tar_bytes,
    warc_record,
)


def make_rows(path: Path, count: int) -> None:
    with path.open("w") as target:
        for number in range(count):
            target.write(json.dumps({"id": number, "text": f"{TEXT} {number}"}) + "\n")


def make_csv(path: Path, count: int) -> None:
    with path.open("w") as target:
        target.write("id,text\n")
        target.writelines(f'{number},"{TEXT} {number}"\n' for number in range(count))


def make_tar(path: Path, count: int) -> None:
    path.write_bytes(tar_bytes((f"{number}.txt", b"%d" % number) for number in range(count)))


def make_warc(path: Path, count: int) -> None:
    path.write_bytes(b"".join(warc_record(f"http://x/{n}", page(TEXT)) for n in range(count)))


def make_parquet(path: Path, count: int) -> None:
    texts = [f"{TEXT} {number}" for number in range(count)]
    pq.write_table(pa.table({"text": texts}), path, row_group_size=200)


def peak_while_reading(path: Path) -> tuple[int, int]:
    tracemalloc.start()
    try:
        count = sum(1 for _ in read_sources([str(path)], FieldMapping(), LIMITS))
        return count, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("name", "make", "few"),
    [
        ("a.jsonl", make_rows, 600),
        ("a.csv", make_csv, 600),
        ("a.tar", make_tar, 300),
        ("a.warc", make_warc, 200),
        ("a.parquet", make_parquet, 600),
    ],
)
def test_memory_does_not_grow_with_the_archive(
    tmp_path: Path, name: str, make: Callable[[Path, int], None], few: int
):
    peaks = []
    for count in (few, 10 * few):
        make(tmp_path / name, count)
        read_count, peak = peak_while_reading(tmp_path / name)
        assert read_count == count
        peaks.append(peak)
    assert peaks[1] - peaks[0] < 300_000


def test_items_come_before_the_archive_is_read_to_its_end(tmp_path: Path):
    make_rows(tmp_path / "a.jsonl", 20)
    reading = read_sources([str(tmp_path / "a.jsonl"), str(tmp_path)], FieldMapping(), LIMITS)
    assert isinstance(next(reading), ArchiveItem)
    reading.close()  # type: ignore[attr-defined]
