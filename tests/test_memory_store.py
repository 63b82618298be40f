"""The memory's database: kept, limited, and shared by threads, processes and restarts."""

import os
import signal
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from models.memory import StoredHypothesis
from models.memory_store import MemoryStore
from tests.memory_lab import (
    RETRY_S,
    TABLE,
    Clock,
    entries,
    entry,
    fill,
    key,
    reopen,
    start_child,
    warnings,
)
from tests.postgres_lab import NOT_INSTALLED, PostgresServer, find_programs, running_postgres


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


@pytest.fixture(scope="module")
def postgres() -> Iterator[PostgresServer]:
    programs = find_programs()
    if programs is None:
        pytest.skip(NOT_INSTALLED)
    with running_postgres(programs) as server:
        yield server


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, file: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{file}"
    server: PostgresServer = request.getfixturevalue("postgres")
    return server.new_database()


def test_what_is_put_is_found_by_another_store(url: str) -> None:
    texts = ["", "Đà Nẵng 😀 'x' \"y\" %s :z\n", "a" * 50_000, "\u0301 \ufeff"]
    put = {key(at): StoredHypothesis(text, 3, 5, True, "{}") for at, text in enumerate(texts)}
    store = MemoryStore(url, 8)
    store.put_many(put)
    assert store.get_many(list(put)) == put  # not written yet, known all the same
    store.close()
    assert reopen(url, *range(9)) == put


def test_more_keys_than_one_query_takes(url: str) -> None:
    store = MemoryStore(url, 8)
    fill(store, *range(1203))
    assert store.get_many(map(key, range(5000))) == entries(*range(1203))
    assert store.get_many([]) == {}
    store.close()


def test_putting_again_replaces(url: str) -> None:
    for text in ("old", "old", "new"):
        store = MemoryStore(url, 8)
        store.put_many({key(1): entry(1, text)})
        store.close()
    assert reopen(url, 1)[key(1)].text == "new 1"


@pytest.mark.parametrize("text", ["nul \0", "surrogate \ud800", "x" * 900_000])
def test_what_no_database_takes_leaves_the_rest(url: str, text: str, caplog) -> None:
    store = MemoryStore(url, 8)
    store.put_many({key(1): entry(1), key(2): entry(2, text), key(3): entry(3)})
    store.close()
    assert reopen(url, 1, 2, 3) == entries(1, 3)
    assert warnings(caplog) == []


def test_the_limit_spares_what_was_used_lately(url: str, file: Path, clock: Clock) -> None:
    store = MemoryStore(url, 2, clock)
    favourites = range(10)
    fill(store, *favourites)
    for start in range(10, 20_010, 400):
        clock.now += 100
        assert store.get_many(map(key, favourites)) == entries(*favourites)
        store.put_many({key(n): entry(n, "x" * 300) for n in range(start, start + 400)})
        assert store.flush()
        if file.exists():
            assert file.stat().st_size < 2.3 * (1 << 20)
    kept = store.get_many(map(key, range(20_010)))
    store.close()
    numbers = {int.from_bytes(one[:4], "big") for one in kept} - set(favourites)
    assert 2000 < len(numbers) < 4000
    assert min(numbers) > 20_010 - 4400  # the latest, but for ties at the edge
    if file.exists():
        assert 1 << 20 < file.stat().st_size < 2.3 * (1 << 20)
        assert not file.with_name(file.name + "-wal").exists()


def test_what_long_texts_leave_goes_back_to_the_disk(file: Path) -> None:
    store = MemoryStore(f"sqlite:///{file}", 4)
    for start in range(0, 600, 200):
        store.put_many({key(n): entry(n, "x" * 40_000) for n in range(start, start + 200)})
        assert store.flush()
    kept = store.get_many(map(key, range(600)))
    store.close()
    assert len(kept) > 60
    assert file.stat().st_size < 4.2 * (1 << 20)


def used_at(file: Path) -> list[int]:
    connection = sqlite3.connect(file)
    found = connection.execute(f"SELECT used_at FROM {TABLE} ORDER BY source_tokens").fetchall()
    connection.close()
    return [row[0] for row in found]


def test_reading_writes_at_most_once_a_minute(store: MemoryStore, file: Path, clock: Clock) -> None:
    fill(store, 1, 2)
    first = used_at(file)
    clock.now += 59
    store.get_many([key(1)])
    assert store.flush()
    assert used_at(file) == first
    clock.now += 2
    for _ in range(100):
        store.get_many([key(1)])
    assert store.flush()
    assert used_at(file) == [int(clock.now * 1000), first[1]]


def test_the_file_is_its_owners_alone_and_made_at_first_use(file: Path) -> None:
    mask = os.umask(0)
    try:
        store = MemoryStore(f"sqlite:///{file}", 8)
        assert not file.parent.exists()
        fill(store, 1)
        modes = {one.name: one.stat().st_mode & 0o777 for one in file.parent.iterdir()}
        store.close()
    finally:
        os.umask(mask)
    assert file.parent.stat().st_mode & 0o777 == 0o700
    assert len(modes) >= 3  # the log and its index beside the file
    assert set(modes.values()) == {0o600}


def test_a_closed_store_knows_nothing(store: MemoryStore) -> None:
    fill(store, 1)
    store.close()
    store.put_many(entries(2))
    assert store.get_many([key(1), key(2)]) == {}
    assert store.flush()
    store.close()


def test_tables_of_other_versions(file: Path) -> None:
    file.parent.mkdir()
    connection = sqlite3.connect(file)
    connection.executescript(
        "CREATE TABLE diemtin_memory_v0 (a); CREATE TABLE diemtin_memory_v3 (a)"
    )
    connection.close()
    assert reopen(f"sqlite:///{file}", 1) == {}
    connection = sqlite3.connect(file)
    tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    connection.close()
    assert {name for (name,) in tables} == {TABLE, "diemtin_memory_v3"}


WRITER = """
    import logging, sys
    from models.memory_store import MemoryStore
    from tests.memory_lab import entries, key
    logging.basicConfig()
    url, start, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    store = MemoryStore(url, 64)
    print("ready", flush=True)
    sys.stdin.readline()
    for n in range(start, start + count, 3):
        store.put_many(entries(n % 100, n, n + 1, n + 2))
        store.get_many([key(n), key(n // 2)])
        if n % 2 or count > 100_000:
            assert store.flush()
        print(n, flush=True)
    store.close()
"""


def test_three_processes_and_many_threads_share_a_database(url: str, caplog) -> None:
    children = [start_child(WRITER, url, 1000 * n, 600) for n in (1, 2, 3)]
    assert [child.stdout.readline() for child in children] == ["ready\n"] * 3
    outputs = []
    with ThreadPoolExecutor(8) as pool:
        finished = [pool.submit(child.communicate, "\n", 60) for child in children]
        store = MemoryStore(url, 64)
        for turn in range(40):
            jobs = [pool.submit(store.put_many, entries(turn, 4000 + turn)) for _ in range(3)]
            jobs += [pool.submit(store.get_many, map(key, range(1000, 1100))) for _ in range(3)]
            found = [job.result(30) for job in jobs][3:]
            assert all(one.items() <= entries(*range(1000, 1100)).items() for one in found)
        outputs = [one.result(60) for one in finished]
    store.close()
    assert [(err, child.returncode) for (_, err), child in zip(outputs, children, strict=True)] == [
        ("", 0)
    ] * 3
    numbers = [*range(100), *range(1000, 1600), *range(2000, 2600), *range(3000, 3600)]
    numbers += range(4000, 4040)
    assert reopen(url, *numbers) == entries(*numbers)
    assert warnings(caplog) == []


def test_a_killed_writer_leaves_what_it_wrote(url: str, caplog) -> None:
    with start_child(WRITER, url, 1000, 1_000_000) as child:
        child.stdin.write("\n")
        child.stdin.flush()
        assert child.stdout.readline() == "ready\n"
        for _ in range(60):
            last = int(child.stdout.readline())
        child.send_signal(signal.SIGKILL)
        child.wait()
    numbers = range(1000, last + 3)
    assert reopen(url, *numbers) == entries(*numbers)
    assert warnings(caplog) == []


def test_a_server_that_comes_back_is_used_again(
    postgres: PostgresServer, clock: Clock, caplog
) -> None:
    store = MemoryStore(postgres.new_database(), 8, clock, RETRY_S)
    fill(store, 1)
    postgres.stop()
    try:
        assert store.get_many([key(1)]) == {}
        fill(store, 2)
        clock.now += RETRY_S
        assert store.get_many([key(1)]) == {}
    finally:
        postgres.start()
    assert store.get_many([key(1)]) == {}  # not asked again so soon
    clock.now += RETRY_S
    assert store.get_many([key(1), key(2)]) == entries(1)
    fill(store, 3)
    postgres.stop()
    postgres.start()
    assert store.get_many([key(3)]) == entries(3)  # a restart between requests goes unnoticed
    assert len(warnings(caplog)) == 1
    assert "rain" not in caplog.text
    store.close()
