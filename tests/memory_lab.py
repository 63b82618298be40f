"""Entries, clocks and processes for tests of the translation memory's database."""

import logging
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from models.memory import StoredHypothesis
from models.memory_store import MemoryStore

ROOT = Path(__file__).parent.parent
RETRY_S = 30.0
TABLE = "diemtin_memory_v2"


class Clock:
    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


def key(number: int) -> bytes:
    return number.to_bytes(4, "big") * 8


def entry(number: int, text: str = "Heavy rain hit the province") -> StoredHypothesis:
    others = f'["Rain {number}"]' if number % 3 == 0 else "[]"
    return StoredHypothesis(f"{text} {number}", number, 7, number % 2 == 1, '{"model":"x"}', others)


def entries(*numbers: int) -> dict[bytes, StoredHypothesis]:
    return {key(number): entry(number) for number in numbers}


def fill(store: MemoryStore, *numbers: int) -> None:
    store.put_many(entries(*numbers))
    assert store.flush()


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [one.getMessage() for one in caplog.records if one.levelno >= logging.WARNING]


def reopen(url: str, *keys: int) -> dict[bytes, StoredHypothesis]:
    store = MemoryStore(url, 8)
    try:
        return store.get_many([key(number) for number in keys])
    finally:
        store.close()


def start_child(code: str, *arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-c", textwrap.dedent(code), *map(str, arguments)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
