"""What a crash leaves behind an output is undone; names of files are safe whatever they were."""

import json
import sys
import unicodedata

import pyarrow.parquet as pq
import pytest

from models.errors import MissingDependency
from service.archives.atomic_files import replaced_file, temporary_of
from service.archives.items import ArchiveItem
from service.archives.options import OutputForm
from service.archives.outputs import JsonlOutput, Output, OutputChanged, TreeOutput
from service.archives.parquet_output import ParquetOutput, require_pyarrow
from service.archives.state import State, Status, record_outcomes
from service.archives.tree_names import free_path
from tests.archive_runs import (
    InstantWorker,
    count_records,
    expected_records,
    make_items,
    read_records,
    run_pass,
)

ROWS = 4


@pytest.fixture
def state(tmp_path):
    made = State(tmp_path / "state.sqlite")
    yield made
    made.close()


def open_output(form, folder, state) -> Output:
    if form is OutputForm.PARQUET:
        output = ParquetOutput(folder, state, ROWS)
    else:
        output = (JsonlOutput if form is OutputForm.JSONL else TreeOutput)(folder, state)
    output.recover()
    return output


def outcomes(first, end):
    return list(InstantWorker().digest(list(make_items(end))[first:]))


def commit(output, state, done):
    with state.transaction() as connection:
        record_outcomes(connection, 1, 0.0, done)
        output.note(connection, done)


@pytest.mark.parametrize("form", list(OutputForm))
def test_records_that_were_written_but_not_noted_are_undone(tmp_path, state, form):
    output = open_output(form, tmp_path, state)
    output.write(outcomes(0, 3))
    commit(output, state, outcomes(0, 3))
    output.settle(last=False)
    output.write(outcomes(3, 6))  # and here the process is killed
    output.close()
    if form is OutputForm.JSONL:
        with (tmp_path / "records.jsonl").open("a") as stream:
            stream.write('{"half a li')
    output = open_output(form, tmp_path, state)
    output.settle(last=True)
    assert count_records(tmp_path, form) == expected_records(make_items(3))
    assert state.look_up(outcomes(2, 3)[0].key).status is Status.DONE
    assert state.look_up(outcomes(3, 4)[0].key).status is Status.NEW
    output.close()


def test_a_part_that_the_state_does_not_know_is_written_again(tmp_path, state):
    output = open_output(OutputForm.PARQUET, tmp_path, state)
    commit(output, state, outcomes(0, ROWS + 1))
    folder = tmp_path / "records"
    for name in ("part-00001.parquet", ".0123.tmp"):
        (folder / name).write_bytes(b"as a killed process left it")
    output = open_output(OutputForm.PARQUET, tmp_path, state)
    assert list(folder.iterdir()) == []
    output.settle(last=False)
    assert [one.name for one in folder.iterdir()] == ["part-00001.parquet"]
    output.settle(last=True)
    assert [one.records for one in output.files()] == [ROWS, 1]
    assert count_records(tmp_path, "parquet") == expected_records(make_items(ROWS + 1))


def test_parquet_has_columns_to_ask_and_the_whole_digest(tmp_path):
    run_pass(tmp_path, make_items(3), form=OutputForm.PARQUET)
    table = pq.ParquetFile(tmp_path / "records" / "part-00001.parquet").read()
    row = table.to_pylist()[1]
    assert row["target"] == f"EN {row['source']}" and row["summary"] is None
    assert row["warnings"][0]["kind"] == "number" and row["total_s"] == 0.5
    assert json.loads(row["digest"])["elements"][0]["target"] == row["target"]


def test_parquet_without_pyarrow_says_which_extra_has_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingDependency, match=r"diemtin\[archive\]"):
        require_pyarrow()


@pytest.mark.parametrize(
    ("origin", "path"),
    [
        ("news/2025/a.txt", "news/2025/a.txt.json"),
        ("/data/news/a.txt", "data/news/a.txt.json"),
        ("news.zip!/2025/a.jsonl#12", "news.zip/2025/a.jsonl/12.json"),
        ("s3://kho/tin/Bản tin số 1.html", "kho/tin/Bản tin số 1.html.json"),
        ("../../etc/passwd", "__/__/etc/passwd.json"),
        ("a/../b", "a/__/b.json"),
        ("a/./b//c", "a/b/c.json"),
        ("C:\\news\\a.txt", "C_/news/a.txt.json"),
        ("a.json!/b", "a.json_/b.json"),
        ("x/.hidden", "x/_hidden.json"),
        ("CON/nul.txt", "_CON/_nul.txt.json"),
        ("a?b*c|d<e>f", "a_b_c_d_e_f.json"),
        ("a\u202egpj.exe", "a_gpj.exe.json"),
        ("w.warc.gz!/https://bao.vn/tin?id=5", "w.warc.gz/https_/bao.vn/tin_id=5.json"),
        ("", "item.json"),
        ("///", "item.json"),
        ("a. ", "a.json"),
    ],
)
def test_a_file_lies_as_its_origin_says_and_inside(origin, path):
    assert free_path(origin, "0", ()) == path


@pytest.mark.parametrize(
    "origin", ["đ" * 400, "a/" * 3000 + "b", f"{'x' * 300}/{'y' * 300}", "/" * 9]
)
def test_no_name_is_too_long(origin):
    path = free_path(origin, "0", ())
    assert all(0 < len(part.encode()) <= 200 for part in path.split("/")) and len(path) < 1500
    assert path != free_path(f"{origin}z", "0", ())
    again = free_path(origin, "0", {path})
    assert again != path and len(again.rsplit("/", 1)[-1].encode()) <= 200


def test_names_that_differ_only_in_how_their_accents_are_written_are_two_files(tmp_path):
    names = [unicodedata.normalize(form, "Bản tin.txt") for form in ("NFC", "NFD")]
    run_pass(tmp_path, [ArchiveItem(name, "Xã họp.") for name in names], form=OutputForm.TREE)
    files = [one.name for one in (tmp_path / "records").iterdir()]
    assert len({unicodedata.normalize("NFC", name) for name in files}) == 2


@pytest.mark.parametrize("place", ["news", "news/2025"])
def test_a_link_planted_in_the_tree_leads_no_record_out_of_it(tmp_path, place):
    outside = tmp_path / "outside"
    outside.mkdir()
    run_pass(tmp_path / "out", make_items(1), form=OutputForm.TREE)
    link = tmp_path / "out" / "records" / place
    link.parent.mkdir(exist_ok=True)
    link.symlink_to(outside)
    items = [ArchiveItem("news/2025/a.txt", "Xã họp."), ArchiveItem("news.txt", "Xã họp.")]
    with pytest.raises(OutputChanged, match=r"is a link.*another --out"):
        run_pass(tmp_path / "out", items, form=OutputForm.TREE)
    assert list(outside.iterdir()) == []


def test_a_link_in_place_of_a_temporary_file_is_not_written_through(tmp_path):
    (tmp_path / "mine").write_text("mine")
    temporary_of(tmp_path / "manifest.json").symlink_to(tmp_path / "mine")
    run_pass(tmp_path, make_items(1))
    assert (tmp_path / "mine").read_text() == "mine"
    assert json.loads((tmp_path / "manifest.json").read_text())["complete"]


def test_a_file_that_could_not_be_written_leaves_nothing_behind(tmp_path):
    (tmp_path / "a").write_text("before")
    with pytest.raises(OSError, match="full"), replaced_file(tmp_path / "a") as stream:
        stream.write(b"half")
        raise OSError("full")
    assert [one.name for one in tmp_path.iterdir()] == ["a"]
    assert (tmp_path / "a").read_text() == "before"


def test_no_item_takes_the_file_of_another(tmp_path):
    names = ["a.txt", "A.TXT", "a.txt ", "a?txt", "a*txt", "a", "a.json!/b", "a.json/b", ".a", "_a"]
    items = [ArchiveItem(name, f"Xã {n} họp.") for n, name in enumerate(names)]
    items += [ArchiveItem("a.txt", "Một bản khác."), ArchiveItem("../a.txt", "Xã họp.")]
    items.insert(
        0, ArchiveItem(free_path("a.txt", items[-2].content_hash, {"a.txt.json"})[:-5], "Ác ý.")
    )
    run_pass(tmp_path, items, form=OutputForm.TREE)
    assert count_records(tmp_path, "tree") == expected_records(items)
    files = [one.relative_to(tmp_path).as_posix() for one in (tmp_path / "records").rglob("*.json")]
    assert len({one.casefold() for one in files}) == len(items)
    assert {one.name for one in tmp_path.iterdir()} == {
        ".diemtin", "records", "failures.jsonl", "manifest.json", "report.html",
    }  # fmt: skip
    assert len(read_records(tmp_path, "tree")) == len(items)
