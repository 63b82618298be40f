"""Rows that are wrong: each is named, and the others are read."""

from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from service.archives.items import ArchiveItem, Trouble, Unreadable
from tests.archive_lab import MIB, SMALL, brief, read, texts, troubles

CSV = """id,text
1,một
2,thừa,trường
3
4,"mở mà không đóng
5,năm
6,"sáu
dòng hai"
7,"có "ngoặc" giữa"

8,"tám ""ngoặc"" kép"
9,"chín"""


def test_no_field_of_a_parquet_row_is_larger_than_an_item(tmp_path: Path):
    rows = {"text": ["một", "hai"], "title": ["a" * (SMALL.most_item_bytes + 1), "Tin 2"]}
    pq.write_table(pa.table(rows), tmp_path / "a.parquet")
    found = read(tmp_path / "a.parquet", limits=SMALL)
    assert brief(found, tmp_path) == [("a.parquet#1", "too-large"), ("a.parquet#2", "hai")]


def test_wrong_csv_rows(tmp_path: Path):
    (tmp_path / "a.csv").write_text(CSV)
    found = read(tmp_path / "a.csv")
    assert brief(found, tmp_path) == [
        ("a.csv#1", "một"),
        ("a.csv#2", "bad-row"),
        ("a.csv#3", "bad-row"),
        ("a.csv#4", "bad-row"),
        ("a.csv#5", "năm"),
        ("a.csv#6", "sáu\ndòng hai"),
        ("a.csv#7", "bad-row"),
        ("a.csv#8", 'tám "ngoặc" kép'),
        ("a.csv#9", "bad-row"),
    ]
    reasons = [one.reason for one in found if isinstance(one, Unreadable)]
    for line, reason in zip((3, 4, 5, 9, 12), reasons, strict=True):
        assert f"Line {line} is no row of this table" in reason


def test_a_tab_separated_file_may_quote_nothing(tmp_path: Path):
    (tmp_path / "a.tsv").write_text('id\ttext\n1\t"Chợ" mở cửa\n2\t"hai\n3\t"ba"\n4\n')
    assert brief(read(tmp_path / "a.tsv"), tmp_path) == [
        ("a.tsv#1", '"Chợ" mở cửa'),
        ("a.tsv#2", '"hai'),
        ("a.tsv#3", "ba"),
        ("a.tsv#4", "bad-row"),
    ]


def test_a_field_that_never_ends_costs_one_row(tmp_path: Path):
    rows = "".join(f"{number},{'x' * 50}\n" for number in range(5000))
    (tmp_path / "a.csv").write_text(f'id,text\n0,"never\n{rows}')
    found = read(tmp_path / "a.csv", limits=SMALL)
    assert troubles(found) == [Trouble.BAD_ROW]
    assert len(texts(found)) == 5000


def test_a_table_of_open_quotes_takes_no_for_ever(tmp_path: Path):
    # Each line leaves a quote open, whether it begins within one or not.
    (tmp_path / "a.csv").write_text("id,text\n" + 'x","y\n' * 3000)
    found = read(tmp_path / "a.csv", limits=SMALL)
    assert set(troubles(found)) == {Trouble.BAD_ROW}
    assert len(found) < 300
    assert "Lines 202 to 3001 are no row" in found[-1].reason  # type: ignore[union-attr]


def test_a_huge_field(tmp_path: Path):
    field = "x" * 200_000  # over the library's own limit
    (tmp_path / "a.csv").write_text(f"id,text\n1,{field}\n2,b\n")
    assert texts(read(tmp_path / "a.csv")) == [field, "b"]
    found = read(tmp_path / "a.csv", limits=SMALL)
    assert brief(found, tmp_path) == [("a.csv#1", "too-large"), ("a.csv#2", "b")]


JSON_LINES = [
    (b'{"text": "a"}', "a"),
    (b'{"text": ', "bad-row"),
    (b'["text"]', "bad-row"),
    (b'{"text": ' + b"[" * 60_000, "bad-row"),
    (b'{"text": 5}', "bad-row"),
    (b'{"text": null}', "empty"),
    (b'{"text": " "}', "empty"),
    (b'{"other": "a"}', "bad-row"),
    (b'{"text": "a", "id": ' + b"9" * 5000 + b"}", "bad-row"),
    (b'{"text": "' + b"x" * 70_000 + b'"}', "too-large"),
    (b'{"text": "a\0b"}', "bad-row"),
    (b'{"text": "a\\u0000b"}', "a\0b"),  # which the pipeline takes out
    (b'{"text": "b", "id": NaN}', "b"),
    (b'{"text": "z"}', "z"),
]


def test_wrong_json_lines(tmp_path: Path):
    (tmp_path / "a.jsonl").write_bytes(b"\r\n".join(line for line, _ in JSON_LINES))
    found = read(tmp_path / "a.jsonl", limits=SMALL)
    assert brief(found, tmp_path) == [
        (f"a.jsonl#{number}", outcome) for number, (_, outcome) in enumerate(JSON_LINES, start=1)
    ]
    assert "Line 2 is no JSON" in found[1].reason  # type: ignore[union-attr]


def test_a_file_that_is_no_json_lines_is_one_failure(tmp_path: Path):
    (tmp_path / "a.jsonl").write_text('[\n{\n"text":\n"a"\n},\n' * 30)
    assert troubles(read(tmp_path / "a.jsonl")) == [Trouble.CORRUPT]


def test_nul_bytes_in_a_table(tmp_path: Path):
    (tmp_path / "a.csv").write_bytes(b"id,text\n1\0,a\0b\n2,c\n")
    found = read(tmp_path / "a.csv")
    assert found == [
        ArchiveItem(f"{tmp_path}/a.csv#1", "a\0b", id="1"),
        ArchiveItem(f"{tmp_path}/a.csv#2", "c", id="2"),
    ]


@pytest.mark.parametrize("header", ['"id,text\n', "\n\n", ",\n", "a,b\n"])
def test_a_first_line_that_names_no_columns(tmp_path: Path, header: str):
    (tmp_path / "a.csv").write_text(header + "1,2\n" * 3)
    (failure,) = read(tmp_path / "a.csv")
    assert troubles([failure])[0] in (Trouble.CORRUPT, Trouble.NO_FIELD)


def test_a_small_parquet_file_of_large_values_takes_little_memory(tmp_path: Path):
    same = pa.DictionaryArray.from_arrays([0] * 400, ["x" * MIB])
    pq.write_table(pa.table({"text": same}), tmp_path / "a.parquet", store_schema=False)
    usual = pa.default_memory_pool()
    counted = pa.proxy_memory_pool(usual)
    pa.set_memory_pool(counted)
    try:
        found = read(tmp_path / "a.parquet", limits=replace(SMALL, most_expansion=10**9))
    finally:
        pa.set_memory_pool(usual)
    assert troubles(found) == [Trouble.TOO_LARGE] * 400
    assert 0 < counted.max_memory() < 20 * MIB


def test_a_parquet_bomb(tmp_path: Path):
    table = pa.table({"text": pa.array([f"{n:06}" + " " * 5000 for n in range(600)])})
    pq.write_table(table, tmp_path / "a.parquet", use_dictionary=False, compression="zstd")
    assert troubles(read(tmp_path / "a.parquet", limits=SMALL)) == [Trouble.EXPANSION]
    allowed = replace(SMALL, most_expansion=100_000)
    assert len(texts(read(tmp_path / "a.parquet", limits=allowed))) == 600
