"""Locks, damage, obstacles and missing parts: the memory is never why a request fails."""

import os
import shutil
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from models.memory_store import MemoryStore
from tests.memory_lab import (
    RETRY_S,
    Clock,
    entries,
    fill,
    key,
    reopen,
    start_child,
    warnings,
)
from tests.processes import free_port


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "state" / "memory.sqlite"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(file: Path, clock: Clock) -> Iterator[MemoryStore]:
    opened = MemoryStore(f"sqlite:///{file}", 8, clock, RETRY_S)
    yield opened
    opened.close()


LOCK = """
    import sqlite3, sys
    connection = sqlite3.connect(sys.argv[1], isolation_level=None)
    connection.execute(f"PRAGMA locking_mode = {sys.argv[2]}")
    connection.execute("BEGIN EXCLUSIVE")
    connection.execute("CREATE TABLE IF NOT EXISTS held (a)")
    print("locked", flush=True)
    sys.stdin.readline()
"""


def test_a_lock_on_writing_leaves_reading(
    store: MemoryStore, file: Path, clock: Clock, caplog
) -> None:
    fill(store, 1)
    with start_child(LOCK, file, "NORMAL") as child:
        assert child.stdout.readline() == "locked\n"
        for number in (2, 3):
            store.put_many(entries(number))
            assert store.flush()
        assert store.get_many(map(key, range(4))) == entries(1)
        child.communicate("\n")
    fill(store, 4)  # too early: the database is left alone for a while
    clock.now += RETRY_S
    fill(store, 5)
    assert store.get_many(map(key, range(6))) == entries(1, 5)
    assert len(warnings(caplog)) == 1
    assert "writing" in caplog.text
    assert "locked" in caplog.text
    assert "rain" not in caplog.text


def test_a_lock_on_everything_is_a_miss(
    store: MemoryStore, file: Path, clock: Clock, caplog
) -> None:
    file.parent.mkdir()
    with start_child(LOCK, file, "EXCLUSIVE") as child:
        assert child.stdout.readline() == "locked\n"
        started = time.monotonic()
        for _ in range(50):
            assert store.get_many([key(1)]) == {}
        assert time.monotonic() - started < 3  # one short wait, not fifty
        fill(store, 1)
        child.communicate("\n")
    clock.now += RETRY_S
    fill(store, 2)
    assert store.get_many([key(1), key(2)]) == entries(2)
    assert len(warnings(caplog)) == 1


def damage(file: Path, start: int, length: int) -> None:
    with file.open("r+b") as stream:
        stream.seek(start)
        stream.write(os.urandom(length))


@pytest.mark.parametrize(
    ("start", "length"), [(0, 100), (0, 8192), (100, 8000), (8192 * 2, 8192 * 20), (40_000, 3000)]
)
@pytest.mark.parametrize("is_open", [True, False])
def test_garbage_is_never_a_text(
    file: Path, start: int, length: int, is_open: bool, caplog
) -> None:
    numbers = range(2000)
    url = f"sqlite:///{file}"
    store = MemoryStore(url, 8)
    fill(store, *numbers)
    if not is_open:
        store.close()
        store = MemoryStore(url, 8)
    connection = sqlite3.connect(file)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    connection.close()
    damage(file, start, length)
    found = store.get_many(map(key, numbers))
    assert found.items() <= entries(*numbers).items()
    fill(store, *numbers)
    fill(store, *numbers)  # where the first put found the damage
    store.close()
    assert reopen(url, *numbers) == entries(*numbers)
    aside = list(file.parent.glob("*.corrupt-?"))
    assert len(aside) == len(warnings(caplog)) <= 1


def test_a_deleted_folder_is_made_again(store: MemoryStore, file: Path, caplog) -> None:
    fill(store, 1)
    shutil.rmtree(file.parent)
    assert store.get_many([key(1)]) == {}
    fill(store, 2)
    assert reopen(f"sqlite:///{file}", 1, 2) == entries(2)
    assert len(warnings(caplog)) == 1


def test_a_damaged_text_is_a_miss_and_mended(file: Path, caplog) -> None:
    url = f"sqlite:///{file}"
    store = MemoryStore(url, 8)
    fill(store, 1, 2)
    store.close()
    data = file.read_bytes()
    assert data.count(b"province 1") == 1
    for wrong in (b"prov1nce 1", b"pro\xff\xfe\xfdce 1"):
        file.write_bytes(data.replace(b"province 1", wrong))
        assert reopen(url, 1, 2) == entries(2)
    store = MemoryStore(url, 8)
    fill(store, 1)
    store.close()
    assert reopen(url, 1, 2) == entries(1, 2)
    assert warnings(caplog) == []


@pytest.mark.parametrize("obstacle", ["folder for file", "file for folder"])
def test_an_obstacle_in_the_way(
    store: MemoryStore, file: Path, obstacle: str, clock: Clock, caplog
) -> None:
    blocked = file if obstacle == "folder for file" else file.parent
    if blocked is file:
        file.mkdir(parents=True)
    else:
        blocked.write_bytes(b"")
    for number in range(5):
        assert store.get_many([key(number)]) == {}
        fill(store, number)
        clock.now += RETRY_S
    assert len(warnings(caplog)) == 1
    shutil.rmtree(blocked) if blocked.is_dir() else blocked.unlink()
    fill(store, 7)
    assert store.get_many([key(7)]) == entries(7)
    assert len(warnings(caplog)) == 1


def test_a_full_disk_leaves_reading(file: Path) -> None:
    code = """
        import logging, resource, sys
        from models.memory_store import MemoryStore
        from tests.memory_lab import entries, entry, key
        logging.basicConfig(format="%(levelname)s %(message)s")
        store = MemoryStore("sqlite:///" + sys.argv[1], 8)
        store.put_many(entries(1))
        store.flush()
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
        for start in range(10, 3010, 300):
            store.put_many({key(n): entry(n, "x" * 300) for n in range(start, start + 300)})
            store.flush()
        print(store.get_many([key(1), key(3009)]) == entries(1))
        store.close()
    """
    with start_child(code, file) as child:
        out, err = child.communicate(timeout=60)
    assert (out, child.returncode) == ("True\n", 0)
    assert err.count("WARNING") == 1
    assert "Traceback" not in err


def test_the_password_is_not_told(caplog) -> None:
    url = f"postgresql+psycopg://reader:geheim@127.0.0.1:{free_port()}/memory"
    store = MemoryStore(url, 8)
    assert store.get_many([key(1)]) == {}
    fill(store, 1)
    store.close()
    assert len(warnings(caplog)) == 1
    assert "reader:***@127.0.0.1" in caplog.text
    assert "geheim" not in caplog.text


def test_a_missing_driver_names_the_extra() -> None:
    code = """
        import sys
        sys.modules["psycopg"] = None  # as if it were not installed
        from models.errors import MissingDependency
        from models.memory_store import MemoryStore
        try:
            MemoryStore("postgresql+psycopg://u@h/d", 8)
        except MissingDependency as error:
            print(error)
    """
    with start_child(code) as child:
        out, err = child.communicate(timeout=60)
    assert (err, child.returncode) == ("", 0)
    assert "pip install 'diemtin[postgres]'" in out


def test_importing_the_memory_does_not_import_sqlalchemy() -> None:
    code = "import sys, models.memory; print('sqlalchemy' in sys.modules)"
    with start_child(code) as child:
        assert child.communicate(timeout=60) == ("False\n", "")
