"""How many items an archive has is counted while it is digested."""

from threading import Event

import pytest

from service.archives.census import Census
from service.archives.items import ArchiveItem, Trouble, Unreadable

FOUND = [ArchiveItem("a#1", "một"), Unreadable("b", Trouble.EMPTY, "It is empty.")]


def test_items_and_what_cannot_be_read_are_counted():
    census = Census(lambda: iter(FOUND * 3), Event())
    census.wait(10)
    assert census.total == 6


@pytest.mark.parametrize("after", [0, 1])
def test_a_stop_ends_it_without_a_number(after):
    stop = Event()

    def read():
        for number, one in enumerate(FOUND * 3):
            if number == after:
                stop.set()
            yield one

    census = Census(read, stop)
    census.wait(10)
    assert census.total is None


def test_what_cannot_be_read_to_its_end_has_no_number():
    def read():
        yield FOUND[0]
        raise OSError("the disk is gone")

    census = Census(read, Event())
    census.wait(10)
    assert census.total is None
