"""A source that holds the output, or is of it, is refused the first time and every other."""

from pathlib import Path

import pytest

from models.errors import BadConfig
from service.archives.own_output import refuse_own_output


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "news" / "deep").mkdir(parents=True)
    (tmp_path / "news" / "a.txt").touch()
    (tmp_path / "link").symlink_to("news")
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("is_there", [False, True])
@pytest.mark.parametrize(
    ("source", "out"),
    [
        ("news", "news"),
        ("news/", "news/deep/out"),
        (".", "out"),
        ("link", "news/out"),
        ("news", "link/out"),
        ("file://{root}/news", "news/out"),
        ("news/*", "news/out"),
        ("link/*", "news/out"),
        ("n*/**", "news/deep/out"),
        ("{root}/*/deep", "news/deep/out"),
        ("*.jsonl", "."),
        ("**/*.json", "out"),
        ("**/*.parquet", "news/out"),
        ("out/*", "out"),
        ("out/records/*/*.json", "out"),
        ("out/records.jsonl", "out"),
        ("out/runs/0123/records.jsonl", "out"),
    ],
)
def test_a_source_with_the_output_in_it_is_refused(
    tmp_path: Path, source: str, out: str, is_there: bool
):
    if is_there:
        Path(out).mkdir(exist_ok=True, parents=True)
    with pytest.raises(BadConfig, match=r"would read what it writes\. Give an --out elsewhere"):
        refuse_own_output([source.format(root=tmp_path)], Path(out))


@pytest.mark.parametrize(
    ("source", "out"),
    [
        ("news", "out"),
        ("news", "newspaper/out"),
        ("news/*.txt", "news/out"),
        ("news/a.txt", "news"),
        ("*.txt", "."),
        ("n*/deep", "news/out"),
        ("memory://news", "news/out"),
        ("nowhere*", "out"),
    ],
)
def test_a_source_beside_the_output_is_not(source: str, out: str):
    refuse_own_output([source], Path(out))
