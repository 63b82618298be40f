"""Archives made to fill the memory or the disk: each is given up in time, and told."""

import os
import tarfile
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from models.errors import BadConfig
from service.archives.items import Trouble
from service.archives.limits import ArchiveLimits
from tests.archive_lab import (
    LINES,
    MIB,
    NOISE,
    PACKERS,
    SMALL,
    brief,
    gz,
    overlapping_zip,
    page,
    patch_zip,
    read,
    read_bytes,
    tar_bytes,
    tar_info,
    tar_infos,
    texts,
    troubles,
    warc_record,
    zip_bytes,
)

BOMBS: dict[str, Callable[[], bytes]] = {
    "members.zip": lambda: zip_bytes({f"{n}.txt": b"x" * 60_000 for n in range(40)}),
    "nested.zip": lambda: zip_bytes(
        {f"{n}.zip": zip_bytes({f"{m}.txt": b"x" * 60_000 for m in range(9)}) for n in range(40)}
    ),
    "lines.jsonl.gz": lambda: gz(LINES),
    "tar.tar.gz": lambda: gz(tar_bytes({"a.csv": b"text\n" + LINES})),
    "twice.jsonl.gz.gz": lambda: gz(gz(LINES)),
    "table.zip": lambda: zip_bytes({"a.csv": b"text\n" + LINES}),
}


@pytest.mark.parametrize("name", BOMBS)
def test_bombs_are_given_up(tmp_path: Path, name: str):
    found = read_bytes(tmp_path, name, BOMBS[name]())
    assert brief(found, tmp_path)[-1] == (name, "expansion")
    assert sum(len(text) for text in texts(found)) < 1.2 * MIB
    unlimited = replace(SMALL, most_expansion=100_000)
    assert Trouble.EXPANSION not in troubles(read(tmp_path / name, limits=unlimited))


def test_a_bomb_within_an_archive_costs_no_other_member(tmp_path: Path):
    noise = {f"{n}.txt": NOISE.hex().encode()[:50_000] for n in range(20)}
    data = zip_bytes({"bomb.zip": BOMBS["members.zip"](), **noise})
    limits = replace(SMALL, most_expansion=30)
    found = brief(read_bytes(tmp_path, "a.zip", data, limits), tmp_path)
    assert ("a.zip!/bomb.zip", "expansion") in found
    assert found[-1][0] == "a.zip!/19.txt"


def test_members_that_share_their_bytes(tmp_path: Path):
    found = read_bytes(tmp_path, "a.zip", overlapping_zip(30, 60_000))
    assert troubles(found) == [Trouble.EXPANSION] * 30
    assert len(found) == 30


def test_containers_too_deep(tmp_path: Path):
    data = zip_bytes({"a.txt": b"a"})
    for name in ("d.zip", "c.zip", "b.zip"):
        data = zip_bytes({name: data, "beside.txt": b"a"})
    found = brief(read_bytes(tmp_path, "a.zip", data), tmp_path)
    assert found[0] == ("a.zip!/b.zip!/c.zip!/d.zip", "expansion")
    assert [text for _, text in found[1:]] == ["a"] * 3
    deeper = read(tmp_path / "a.zip", limits=replace(SMALL, most_depth=4))
    assert texts(deeper) == ["a"] * 4


def test_compressed_again_and_again(tmp_path: Path):
    data = b"a"
    for _ in range(6):
        data = gz(data)
    found = read_bytes(tmp_path, "a.txt" + ".gz" * 6, data)
    assert troubles(found) == [Trouble.EXPANSION]


def test_a_member_that_says_it_is_2_gb(tmp_path: Path):
    found = read_bytes(tmp_path, "a.zip", patch_zip(zip_bytes({"a.txt": b"a"}), size=2**31))
    assert troubles(found) == [Trouble.TOO_LARGE]


def test_a_member_of_2_gb_is_neither_kept_nor_fatal(tmp_path: Path):
    with (tmp_path / "a.tar").open("wb") as target:
        target.write(tar_info("big.txt", size=2**31).tobuf())
        target.seek(2**31, os.SEEK_CUR)  # a hole: it takes no room on the disk
        target.write(tar_bytes({"b.txt": b"b"}))
    tracemalloc.start()
    try:
        found = read(tmp_path / "a.tar")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert brief(found, tmp_path) == [("a.tar!/big.txt", "too-large"), ("a.tar!/b.txt", "b")]
    assert peak < 8 * MIB


def test_a_large_file_is_not_read(tmp_path: Path):
    with (tmp_path / "a.txt").open("wb") as target:
        target.truncate(2**31)
    began = time.process_time()
    assert troubles(read(tmp_path / "a.txt")) == [Trouble.TOO_LARGE]
    assert time.process_time() - began < 2


def test_a_member_longer_than_it_says_is_read_no_further(tmp_path: Path):
    data = patch_zip(zip_bytes({"a.txt": NOISE.hex().encode()}), size=10)
    assert len(troubles(read_bytes(tmp_path, "a.zip", data))) == 1
    assert troubles(read_bytes(tmp_path, "a.txt.gz", gz(NOISE.hex().encode()))) == [
        Trouble.TOO_LARGE
    ]


@pytest.mark.parametrize("name", ["x.tar", "x.tar.gz"])
def test_a_header_that_would_fill_the_memory(tmp_path: Path, name: str):
    noise = Random(1).randbytes(MIB).hex().encode()
    data = tar_infos([(tar_info("a.txt", size=1), b"a")])[:1024]
    data += tar_info("h", size=len(noise), kind=tarfile.GNUTYPE_LONGNAME).tobuf() + noise
    data += tar_bytes({"b.txt": b"b"})
    found = read_bytes(tmp_path, name, gz(data) if name.endswith("gz") else data)
    assert brief(found, tmp_path) == [(f"{name}!/a.txt", "a"), (name, "corrupt")]


def test_a_warc_header_that_would_fill_the_memory(tmp_path: Path):
    record = warc_record("http://x/1", page("a"))
    data = record + b"WARC/1.0\r\n" + b"A: b\r\n" * 400_000
    found = brief(read_bytes(tmp_path, "a.warc", data), tmp_path)
    assert [origin for origin, _ in found] == ["a.warc!/http://x/1", "a.warc"]
    assert found[-1][1] == "corrupt"


def test_too_many_members(tmp_path: Path):
    limits = replace(SMALL, most_members=3)
    for name, pack in PACKERS.items():
        found = read_bytes(tmp_path, name, pack({f"{n}.txt": b"a" for n in range(9)}), limits)
        assert brief(found, tmp_path)[3:] == [(name, "too-many")]


def test_a_directory_that_would_fill_the_memory(tmp_path: Path):
    data = zip_bytes({f"{n}.txt": b"a" for n in range(9)})
    limits = replace(SMALL, most_directory_bytes=100)
    assert troubles(read_bytes(tmp_path, "a.zip", data, limits)) == [Trouble.TOO_MANY]


def test_three_thousand_tiny_files(tmp_path: Path):
    for number in range(3000):
        (tmp_path / f"{number:04}.txt").write_bytes(b"%d" % number)
    assert texts(read(tmp_path)) == [str(number) for number in range(3000)]


def test_limits_must_let_something_through():
    with pytest.raises(BadConfig, match="most_depth"):
        ArchiveLimits(most_depth=0)
