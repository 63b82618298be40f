"""Cut and damaged files: what is whole is read, what is not is told."""

import tarfile
from pathlib import Path
from random import Random

import pytest

from service.archives.items import ArchiveItem, Trouble, Unreadable
from service.archives.limits import ArchiveLimits
from service.archives.mapping import FieldMapping
from service.archives.sources import read_sources
from tests.archive_lab import (
    NOISE,
    PACKERS,
    TEXT,
    brief,
    gz,
    page,
    patch_zip,
    read_bytes,
    tar_bytes,
    texts,
    troubles,
    warc_record,
    windows_1258,
    zip_bytes,
)

DEEP = b'{"text": ' + b"[" * 50_000


CUT: dict[str, tuple[bytes, int]] = {
    "a.zip": (zip_bytes({"a.txt": b"a", "b.txt": NOISE}), 30_000),
    "directory.zip": (zip_bytes({"a.txt": b"a"}), 60),
    "a.tar": (tar_bytes({"a.txt": b"a", "b.txt": NOISE}), 30_000),
    "between.tar": (tar_bytes({"a.txt": b"a" * 512}), tarfile.RECORDSIZE - 1024),
    "a.tar.gz": (gz(tar_bytes({"a.txt": b"a", "b.txt": NOISE})), 30_000),
    "a.jsonl.gz": (gz(b'{"text": "a"}\n{"text": "%s"}' % NOISE.hex().encode()), 30_000),
    "a.csv.gz": (gz(b'text\na\n"%s' % NOISE.hex().encode()[:60_000]), 10_000),
    "a.warc.gz": (gz(warc_record("http://x/1", b"a") + warc_record("http://x/2", NOISE)), 30_000),
    "a.warc": (warc_record("http://x/1", b"a") + warc_record("http://x/2", NOISE), 30_000),
    "head.warc": (warc_record("http://x/1", b"a") + warc_record("http://x/2", b"b"), 60),
}


@pytest.mark.parametrize("name", CUT)
def test_what_came_before_a_cut_is_read(tmp_path: Path, name: str):
    data, lost = CUT[name]
    found = read_bytes(tmp_path, name, data[:-lost])
    assert {text.strip("a") for text in texts(found)} == {""}
    assert len(texts(found)) == 1
    assert brief(found, tmp_path)[-1] == (name, "truncated")
    assert {one.trouble for one in found if isinstance(one, Unreadable)} == {Trouble.TRUNCATED}


def test_no_half_item_of_a_cut_file(tmp_path: Path):
    whole = TEXT * 3
    data = gz(whole.encode())
    for lost in range(1, len(data) - 20, 7):
        assert troubles(read_bytes(tmp_path, "a.txt.gz", data[:-lost])) == [Trouble.TRUNCATED]


def test_damage_in_the_middle_costs_one_member(tmp_path: Path):
    data = zip_bytes({"a.txt": b"a", "b.txt": NOISE.hex().encode()[:50_000], "c.txt": b"c"})
    data = data[:5000] + b"\xff" * 50 + data[5050:]
    assert brief(read_bytes(tmp_path, "a.zip", data), tmp_path) == [
        ("a.zip!/a.txt", "a"),
        ("a.zip!/b.txt", "corrupt"),
        ("a.zip!/c.txt", "c"),
    ]


def test_an_encrypted_member(tmp_path: Path):
    data = patch_zip(zip_bytes({"a.txt": b"a"}), flags=1)
    assert troubles(read_bytes(tmp_path, "a.zip", data)) == [Trouble.ENCRYPTED]


@pytest.mark.parametrize(
    ("name", "data", "trouble"),
    [
        *[(name, b"", Trouble.EMPTY) for name in ("a.txt", "a.zip", "a.jsonl.gz", "a.parquet")],
        ("blank.txt", "\ufeff \n".encode(), Trouble.EMPTY),
        ("none.zip", zip_bytes({}), Trouble.EMPTY),
        ("none.jsonl", b"\n\n", Trouble.EMPTY),
        ("none.csv", b"id,text\n", Trouble.EMPTY),
        ("a.gz", gz(b"a"), Trouble.UNKNOWN_FORMAT),
        ("noise.tar", NOISE, Trouble.CORRUPT),
        ("noise.gz", NOISE, Trouble.CORRUPT),
        ("noise.jsonl.gz", NOISE, Trouble.CORRUPT),
        ("noise.zip", NOISE, Trouble.CORRUPT),
        ("noise.parquet", NOISE, Trouble.CORRUPT),
        ("marks.parquet", b"PAR1" + NOISE + b"PAR1", Trouble.CORRUPT),
        ("noise.warc", b"WARC/1.0\r\n" + NOISE, Trouble.TRUNCATED),
        ("noise.jsonl.zst", b"\x28\xb5\x2f\xfd" + NOISE, Trouble.CORRUPT),
        ("noise.txt", NOISE, Trouble.ENCODING),
        ("zip.txt", zip_bytes({"a.txt": b"a"}), Trouble.UNKNOWN_FORMAT),
        ("pdf.html", b"%PDF-1.7", Trouble.UNKNOWN_FORMAT),
    ],
)
def test_files_that_are_not_what_they_should_be(
    tmp_path: Path, name: str, data: bytes, trouble: Trouble
):
    found = read_bytes(tmp_path, name, data)
    assert brief(found, tmp_path) == [(name, str(trouble))]


def test_random_damage_never_stops_the_reading(tmp_path: Path):
    random = Random(7)
    members = {
        "a.txt": windows_1258(TEXT),
        "b.jsonl": b'{"text": "a"}\n' * 20,
        "c.csv": b'id,text\n1,"a"\n' * 5,
        "d.warc": warc_record("http://x/1", page(TEXT)) * 2,
    }
    packed = {name: pack(members) for name, pack in PACKERS.items()} | {
        "a.warc": warc_record("http://x/1", page(TEXT)) * 3,
        "a.jsonl.gz": gz(b'{"text": "a"}\n' * 20),
    }
    for turn in range(150):
        name = random.choice(sorted(packed))
        data = bytearray(packed[name])
        for _ in range(random.randint(1, 8)):
            data[random.randrange(len(data))] = random.randrange(256)
        del data[random.choice([len(data), random.randrange(len(data))]) :]
        found = read_bytes(tmp_path, f"{turn}{name}", bytes(data))
        assert found, (turn, name)
        assert all(one.origin.isprintable() for one in found)


def test_nothing_is_raised_later_than_at_the_call(tmp_path: Path):
    (tmp_path / "a.jsonl").write_bytes(DEEP + b'\n{"text": "a"}\n')
    reading = read_sources([str(tmp_path)], FieldMapping(), ArchiveLimits())
    assert [type(one) for one in reading] == [Unreadable, ArchiveItem]
