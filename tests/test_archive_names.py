"""Names in archives made to lead elsewhere, and links: none is followed, all are told."""

import os
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from service.archives.items import Trouble
from service.archives.naming import SeenNames
from tests.archive_lab import (
    PACKERS,
    brief,
    read,
    read_bytes,
    tar_bytes,
    tar_info,
    tar_infos,
    texts,
    troubles,
    zip_bytes,
    zip_link,
)

BAD_NAMES = ["/etc/a.txt", "../b.txt", "c/../../d.txt", "..\\e.txt", "\\f.txt", "C:/g.txt"]


@pytest.mark.parametrize("packed", PACKERS)
def test_names_that_lead_out_are_refused(tmp_path: Path, packed: str):
    names = dict.fromkeys([*BAD_NAMES, "h.txt"], b"h")
    found = read_bytes(tmp_path, packed, PACKERS[packed](names))
    assert troubles(found) == [Trouble.BAD_NAME] * len(BAD_NAMES)
    assert texts(found) == ["h"]


def test_links_and_devices_in_archives_are_refused(tmp_path: Path):
    kinds = (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE)
    infos = [(tar_info(f"{number}.txt", kind=kind), b"") for number, kind in enumerate(kinds)]
    found = read_bytes(tmp_path, "a.tar", tar_infos([*infos, (tar_info("z.txt", size=1), b"z")]))
    assert troubles(found) == [Trouble.LINK] * 2 + [Trouble.UNREADABLE] * 2
    assert texts(found) == ["z"]
    assert troubles(read_bytes(tmp_path, "a.zip", zip_link("a.txt", "/etc/hosts"))) == [
        Trouble.LINK
    ]


def test_links_pipes_and_loops_in_a_folder_are_not_followed(tmp_path: Path):
    (tmp_path / "f").mkdir()
    (tmp_path / "a.txt").write_bytes(b"a")
    (tmp_path / "f" / "a.txt").symlink_to(tmp_path / "a.txt")
    (tmp_path / "f" / "loop").symlink_to(tmp_path / "f")
    (tmp_path / "f" / "gone.txt").symlink_to("nowhere")
    os.mkfifo(tmp_path / "f" / "pipe.txt")
    expected = [
        ("f/a.txt", "link"),
        ("f/gone.txt", "link"),
        ("f/loop", "link"),
        ("f/pipe.txt", "unreadable"),
    ]
    assert brief(read(tmp_path / "f"), tmp_path) == expected
    assert brief(read(f"{tmp_path}/f/*"), tmp_path) == expected
    assert texts(read(tmp_path / "f" / "a.txt")) == ["a"]  # this one the user named


ODD = {
    "dòng\nmới.txt": "dòng\\u000amới.txt",
    "esc\x1b[2J.txt": "esc\\u001b[2J.txt",
    "rtl\u202e.txt": "rtl\\u202e.txt",
    "a\\nb.txt": "a\\\\nb.txt",
    "x!/y.txt": "x!\\/y.txt",
}


def test_odd_names_give_one_printable_line(tmp_path: Path):
    found = read_bytes(tmp_path, "a.tar", tar_bytes(dict.fromkeys(ODD, b"a")))
    assert brief(found, tmp_path) == [(f"a.tar!/{shown}", "a") for shown in ODD.values()]


def test_names_that_are_not_utf8(tmp_path: Path):
    (tmp_path / "f").mkdir()
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/f/h\xe0.txt")).write_bytes(b"a")
    assert brief(read(tmp_path / "f"), tmp_path) == [("f/h\\xe0.txt", "a")]
    data = tar_bytes({"hà.txt": b"a"}).replace("hà".encode(), b"h\xe0\xff")
    header = bytearray(data[:512])
    header[148:156] = b" " * 8
    data = data.replace(data[148:156], b"%06o\0 " % sum(header), 1)
    assert brief(read_bytes(tmp_path, "a.tar", data), tmp_path) == [("a.tar!/h\\xe0\\xff.txt", "a")]


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("pack", [zip_bytes, tar_bytes])
def test_duplicate_names_get_origins_of_their_own(tmp_path: Path, pack: Callable[..., bytes]):
    found = read_bytes(
        tmp_path, f"a.{pack.__name__[:3]}", pack([("a.txt", b"%d" % n) for n in range(3)])
    )
    assert texts(found) == ["0", "1", "2"]
    assert len({one.origin for one in found}) == 3


def test_no_name_can_pass_for_the_origin_of_a_duplicate():
    names = ["a~3", "a", "a", "b", "b", "b~5", "b~5~6", "b~5~6", "a~3"]
    seen = SeenNames()
    origins = [seen.distinguish(name, place) for place, name in enumerate(names, start=1)]
    assert len(set(origins)) == len(names) and origins[1:3] == ["a", "a~3"]
