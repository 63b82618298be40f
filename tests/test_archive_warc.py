"""What of a crawler's archive is a page, and what of its pages is whole."""

import zlib
from pathlib import Path
from random import Random

import brotli
import pytest

from service.archives.items import ArchiveItem, Found, Trouble
from service.pipeline import TextFormat
from tests.archive_lab import (
    SMALL,
    TEXT,
    brief,
    gz,
    page,
    read,
    texts,
    troubles,
    warc_record,
    windows_1258,
)

URL = "https://bao.example/tin?id=1"
PAGE = page(TEXT)
LONG = page("".join(Random(3).choices("abcdefgh ", k=5000)))


def read_records(root: Path, *records: bytes, packed: bool = False) -> list[Found]:
    name = "a.warc.gz" if packed else "a.warc"
    data = b"".join(map(gz, records)) if packed else b"".join(records)
    (root / name).write_bytes(data)
    return read(root / name, limits=SMALL)


@pytest.mark.parametrize("packed", [False, True])
def test_pages_become_items_and_the_rest_does_not(tmp_path: Path, packed: bool):
    found = read_records(
        tmp_path,
        b"WARC/1.0\r\nWARC-Type: warcinfo\r\nContent-Length: 2\r\n\r\nab\r\n\r\n",
        warc_record(URL, b"", kind="request"),
        warc_record(URL, PAGE),
        warc_record(URL + "&p", b"\x89PNG", content_type="image/png"),
        warc_record(URL + "&m", PAGE, status="301 Moved"),
        warc_record(URL + "&x", PAGE, content_type="application/xhtml+xml"),
        warc_record(URL, PAGE),
        packed=packed,
    )
    name = f"{tmp_path}/a.warc" + (".gz" if packed else "")
    assert found[0] == ArchiveItem(
        f"{name}!/{URL}", PAGE.decode(), TextFormat.HTML, id=URL, date="2025-03-01T04:05:06Z"
    )
    assert [one.origin for one in found[1:]] == [f"{name}!/{URL}&x", f"{name}!/{URL}~7"]


CHUNKED = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (PAGE[:20], PAGE[20:]))
ENCODED = {
    "gzip": gz(PAGE),
    "x-gzip": gz(PAGE),
    "deflate": zlib.compress(PAGE),
    "deflate ": zlib.compress(PAGE)[2:-4],
    "br": brotli.compress(PAGE),
    "identity": PAGE,
    " gzip": PAGE,  # unpacked by the crawler, which left the header
    " br": PAGE,
}


@pytest.mark.parametrize("encoding", ENCODED)
def test_packed_pages(tmp_path: Path, encoding: str):
    record = warc_record(URL, ENCODED[encoding], headers={"Content-Encoding": encoding})
    assert texts(read_records(tmp_path, record)) == [PAGE.decode()]


@pytest.mark.parametrize("body", [CHUNKED + b"0\r\n\r\n", PAGE])
def test_pages_in_chunks(tmp_path: Path, body: bytes):
    record = warc_record(URL, body, headers={"Transfer-Encoding": "chunked"})
    assert texts(read_records(tmp_path, record)) == [PAGE.decode()]


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({"Content-Encoding": "gzip"}, gz(LONG)[:-900]),
        ({"Content-Encoding": "deflate"}, zlib.compress(LONG)[:-900]),
        ({"Content-Encoding": "br"}, brotli.compress(LONG)[:-900]),
        ({"Transfer-Encoding": "chunked"}, CHUNKED[:-30]),
    ],
)
def test_half_a_page_is_no_item(tmp_path: Path, headers: dict[str, str], body: bytes):
    found = read_records(
        tmp_path, warc_record(URL, body, headers=headers), warc_record("u:2", PAGE)
    )
    assert troubles(found) == [Trouble.TRUNCATED]
    assert len(found) == 2


@pytest.mark.parametrize(
    ("record", "trouble"),
    [
        (warc_record(URL, PAGE, extra="WARC-Truncated: length\r\n"), Trouble.TRUNCATED),
        (warc_record(URL, PAGE, length=120), Trouble.CORRUPT),
        (warc_record(URL, b" \r\n"), Trouble.EMPTY),
        (warc_record(URL, b"x" * 70_000), Trouble.TOO_LARGE),
        (warc_record(URL, b"\xff\x81"), Trouble.ENCODING),
        (
            warc_record(URL, gz(b"x" * 70_000), headers={"Content-Encoding": "gzip"}),
            Trouble.TOO_LARGE,
        ),
    ],
)
def test_a_broken_page_costs_no_other(tmp_path: Path, record: bytes, trouble: Trouble):
    found = read_records(tmp_path, warc_record("u:1", PAGE), record, warc_record("u:2", PAGE))
    assert brief(found, tmp_path) == [
        ("a.warc!/u:1", PAGE.decode()),
        (f"a.warc!/{URL}", str(trouble)),
        ("a.warc!/u:2", PAGE.decode()),
    ]


def test_a_record_without_a_length_ends_the_reading(tmp_path: Path):
    wrong = warc_record(URL, PAGE, length="x")
    found = read_records(tmp_path, warc_record("u:1", PAGE), wrong, warc_record("u:2", PAGE))
    assert texts(found) == [PAGE.decode()]
    assert brief(found, tmp_path)[-1] == ("a.warc", "corrupt")


def test_wherever_a_file_is_cut_it_is_told(tmp_path: Path):
    whole, second = warc_record("u:1", b"a"), warc_record("u:2", b"b")
    for left in range(1, len(second) - len(b"\r\n\r\n")):
        found = read_records(tmp_path, whole, second[:left])
        assert texts(found) == ["a"], left
        assert troubles(found), left


def test_what_the_site_said_of_its_encoding_counts(tmp_path: Path):
    text = "Новый рынок".encode("cp1251")
    record = warc_record(URL, text, content_type="text/html; charset=windows-1251")
    assert texts(read_records(tmp_path, record)) == ["Новый рынок"]
    record = warc_record(URL, windows_1258(TEXT), content_type="text/html")
    assert len(texts(read_records(tmp_path, record))) == 1


def test_nothing_of_a_page_is_printed(tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    read_records(tmp_path, warc_record(URL, PAGE, length=120), warc_record("u:2", PAGE))
    assert capfd.readouterr() == ("", "")
