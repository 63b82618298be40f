"""Bytes in every encoding that Vietnamese news comes in, and in some that it does not."""

import time
from pathlib import Path

import pytest

from service.archives.decoding import decode_page, decode_text
from service.archives.faults import Fault
from service.archives.items import ArchiveItem, Trouble
from service.normalizing import LegacyEncoding, normalize
from tests.archive_lab import TEXT, brief, read, texts, troubles, windows_1258

VNI = "UÛy ban nhaân daân tænh toå chöùc hoäi nghò vieäc laøm, ñöôøng xaù ôû huyeän Chö Proâng."
TCVN3 = "UBND tØnh tæ chøc héi nghÞ triÓn khai nhiÖm vô ph¸t triÓn kinh tÕ - x· héi n¨m 2025."
RUSSIAN = "Сегодня в городе открылся новый рынок, в котором сорок шесть прилавков."
FRENCH = "Le comité a décidé d'ouvrir un marché à l'entrée de la forêt, où l'été est très sec."
META = '<meta http-equiv="Content-Type" content="text/html; charset={}">'


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode(),
        TEXT.encode("utf-8-sig"),
        TEXT.encode("utf-16"),
        b"\xfe\xff" + TEXT.encode("utf-16-be"),
        TEXT.encode("utf-16-le"),
        TEXT.encode("utf-16-be"),
        TEXT.encode("utf-32"),
        windows_1258(TEXT),
    ],
)
def test_vietnamese_is_read(data: bytes):
    assert normalize(decode_text(data)) == TEXT


@pytest.mark.parametrize(
    "data",
    [RUSSIAN.encode("cp1251"), FRENCH.encode("cp1252"), TEXT.encode() + b"\xff\xfe", b"\xff"],
)
def test_what_is_not_vietnamese_is_no_guess(data: bytes):
    with pytest.raises(Fault, match="Convert it to UTF-8") as caught:
        decode_text(data)
    assert caught.value.trouble is Trouble.ENCODING


@pytest.mark.parametrize(("text", "name"), [(VNI, "VNI"), (TCVN3, "TCVN3")])
def test_old_fonts_are_left_for_the_pipeline_to_name(text: str, name: str):
    decoded = decode_text(text.encode("cp1252"))
    with pytest.raises(LegacyEncoding, match=name):
        normalize(decoded)


@pytest.mark.parametrize(
    ("head", "encoding", "text"),
    [
        (META.format("windows-1258"), "cp1258", None),
        (META.format("windows-1252"), "cp1258", None),  # wrong, and yet the text is Vietnamese
        ('<meta charset="koi8-r">', "koi8-r", RUSSIAN),
        ("<meta charset=windows-1251>", "cp1251", RUSSIAN),
        (META.format("iso-8859-1"), "cp1252", FRENCH),
    ],
)
def test_a_page_is_read_as_it_says(head: str, encoding: str, text: str | None):
    body = windows_1258(TEXT) if text is None else text.encode(encoding)
    decoded = decode_page(f"<html><head>{head}</head>".encode() + body)
    assert (text or TEXT) in normalize(decoded)


def test_utf8_comes_before_what_a_page_says():
    assert TEXT in decode_page(META.format("windows-1252").encode() + TEXT.encode())


@pytest.mark.parametrize("name", ["hex", "bz2", "punycode", "idna", "unicode_escape", "rot13", "x"])
def test_encodings_that_are_none_are_not_believed(name: str):
    data = f'<meta charset="{name}">'.encode() + b"a\xff" * 20_000
    began = time.process_time()
    with pytest.raises(Fault):
        decode_page(data)
    assert time.process_time() - began < 5


@pytest.mark.parametrize("name", ["a.txt", "a.html", "a.jsonl", "a.csv"])
def test_windows_1258_in_every_kind_of_file(tmp_path: Path, name: str):
    rows = {
        "a.jsonl": '{{"text": "{0}"}}\n{{"text": "Hà Nam"}}\n',
        "a.csv": 'text\n"{0}"\nHà Nam\n',
    }
    (tmp_path / name).write_bytes(windows_1258(rows.get(name, "{0}").format(TEXT)))
    expected = [TEXT, "Hà Nam"] if name in rows else [TEXT]
    assert [normalize(text) for text in texts(read(tmp_path / name))] == expected


def test_a_line_in_another_encoding_costs_no_other(tmp_path: Path):
    lines = [b'{"text": "a"}', b'{"text": "\xff\x81"}', b'{"text": "' + windows_1258(TEXT) + b'"}']
    (tmp_path / "a.jsonl").write_bytes(b"\n".join(lines))
    found = read(tmp_path / "a.jsonl")
    assert [normalize(text) for text in texts(found)] == ["a", TEXT]
    assert brief(found, tmp_path)[1] == ("a.jsonl#2", "encoding")


def test_what_is_marked_as_utf16_and_is_not(tmp_path: Path):
    for name in ("a.txt", "a.jsonl"):
        (tmp_path / name).write_bytes(b"\xff\xfe\x00\xd8\x00\xd8a")
        assert troubles(read(tmp_path / name)) == [Trouble.ENCODING]


def test_halves_of_characters_do_not_reach_the_output(tmp_path: Path):
    (tmp_path / "a.jsonl").write_bytes(b'{"text": "a\\ud800b", "title": "\\udfff\\u0000c"}')
    (item,) = read(tmp_path / "a.jsonl")
    assert isinstance(item, ArchiveItem)
    assert (item.text, item.title) == ("a\ufffdb", "\ufffdc")
