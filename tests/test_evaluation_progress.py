"""What standard error shows of an evaluation, where it is no terminal."""

import re

import pytest

from service.evaluation_progress import show_progress


@pytest.mark.parametrize(("between", "told"), [(0.0, [1, 2, 3]), (60.0, [])])
def test_plain_lines_come_no_closer_than_they_should(capsys, between, told):
    with show_progress("Items [dev]", 3, between) as advance:
        for done in (1, 2, 3):
            advance(done)
    out, err = capsys.readouterr()
    assert out == ""
    lines = [re.fullmatch(r"Items \[dev\]: (\d) of 3, 0 s", line) for line in err.splitlines()]
    assert [int(line[1]) for line in lines] == told
