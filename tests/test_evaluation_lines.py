"""Files with a segment a line: how they are read, translated and taken up again."""

import pytest

from models.errors import BadConfig, DiemtinError
from models.lexicon import Lexicon
from models.translator import Translator
from service.evaluation_lines import (
    KeptLines,
    lines_record,
    read_hypotheses,
    read_lines,
    read_pair,
    translate_lines,
)
from service.evaluation_systems import PlainTranslator, System
from tests.fake_engine import FAIL, FakeEngine, echo

LINES = ["Chợ họp sớm.", "", "Mưa lớn ở bản Mường.", "Trời nắng."]
ENGLISH = ("EN: Cho hop som.", "", "EN: Mua lon o ban Muong.", "EN: Troi nang.")


def write(path, lines):
    path.write_text("".join(f"{line}\n" for line in lines), "utf-8")
    return path


@pytest.fixture
def source(tmp_path):
    return write(tmp_path / "source.vi", LINES)


@pytest.fixture
def engine():
    return FakeEngine(echo, seconds=0.01)


@pytest.fixture
def translator(engine):
    return PlainTranslator(engine)


@pytest.fixture
def open_kept(tmp_path, source, translator):
    return lambda: KeptLines(tmp_path / "kept.en", lines_record(translator, System.BARE, source))


def translate(translator, kept, lines=LINES):
    steps = []
    made, seconds = translate_lines(translator, lines, kept, steps.append)
    return made, seconds, steps


@pytest.mark.parametrize(
    ("data", "lines"),
    [
        (b"a\nb\n", ("a", "b")),
        (b"a\nb", ("a", "b")),
        (b"a\r\n\r\nb\r\n", ("a", "", "b")),
        (b"", ()),
        ("a\u2028b\x0bc\n".encode(), ("a\u2028b\x0bc",)),
        (b"\xef\xbb\xbfa\n", ("a",)),
    ],
)
def test_only_line_feeds_end_a_line(tmp_path, data, lines):
    path = tmp_path / "text"
    path.write_bytes(data)
    assert read_lines(path) == lines


def test_a_pair_is_cut_to_the_lines_wanted_and_named_by_its_digest(tmp_path, source):
    reference = write(tmp_path / "reference.en", ["a", "b", "c", "d"])
    pair = read_pair(source, reference, 2)
    assert (pair.sources, pair.references) == (tuple(LINES[:2]), ("a", "b"))
    assert pair.sha256 == read_pair(source, reference, None).sha256
    write(reference, ["a", "b", "c", "x"])
    assert pair.sha256 != read_pair(source, reference, 2).sha256


@pytest.mark.parametrize("lines", [["a"], ["a"] * 5, []])
def test_unequal_numbers_of_lines_are_told_with_both(tmp_path, source, lines):
    other = write(tmp_path / "other.en", lines)
    with pytest.raises(BadConfig, match=rf"4 lines and other.en has\s+{len(lines)};"):
        read_pair(source, other, None)
    with pytest.raises(BadConfig, match=rf"other.en has {len(lines)} lines .* 4"):
        read_hypotheses(other, 4, 4)


def test_hypotheses_may_end_with_the_lines_that_are_wanted(tmp_path):
    path = write(tmp_path / "one.en", ["a", "b", "c"])
    assert read_hypotheses(path, 2, 4) == ("a", "b")
    assert read_hypotheses(path, 3, 4) == ("a", "b", "c")
    with pytest.raises(BadConfig, match="has 3 lines and the source has 9, of which 4"):
        read_hypotheses(path, 4, 9)


@pytest.mark.parametrize("system", list(System))
def test_every_line_has_its_english_and_empty_ones_stay(engine, system):
    systems = {
        System.BARE: PlainTranslator(engine),
        System.PIPELINE: Translator(engine, Lexicon(()), second_attempts=False),
    }
    made, seconds, steps = translate(systems[system], None)
    assert made == ENGLISH
    assert steps == [0, 1, 2, 3, 4]
    assert 0.03 <= seconds < 5
    assert len(engine.calls) == 3


def test_what_a_model_writes_on_two_lines_is_one_hypothesis():
    translator = PlainTranslator(FakeEngine(lambda one, options: "One.\n\nTwo."))
    assert translate(translator, None, ["Một. Hai."])[0] == ("One. Two.",)


def test_kept_lines_are_not_made_again(engine, translator, open_kept, tmp_path):
    first, spent, _ = translate(translator, open_kept(), LINES[:3])
    assert len(engine.calls) == 2
    made, seconds, steps = translate(translator, open_kept())
    assert made == ENGLISH and made[:3] == first
    assert len(engine.calls) == 3
    assert steps == [3, 4]
    assert spent < seconds, "the seconds of the kept lines count"
    assert read_lines(tmp_path / "kept.en") == ENGLISH
    assert translate(translator, open_kept(), LINES[:2])[:2] == (ENGLISH[:2], None)
    assert len(engine.calls) == 3


def test_a_run_that_stops_in_a_line_goes_on_with_that_line(engine, translator, open_kept, tmp_path):
    with pytest.raises(DiemtinError):
        translate(translator, open_kept(), [*LINES[:3], FAIL])
    path = tmp_path / "kept.en"
    assert read_lines(path) == ENGLISH[:3]
    path.write_bytes(path.read_bytes()[:-3])
    calls = len(engine.calls)
    assert translate(translator, open_kept())[0] == ENGLISH
    assert len(engine.calls) == calls + 2
    assert read_lines(path) == ENGLISH


def test_a_kept_file_of_something_else_is_refused(translator, source, open_kept, tmp_path):
    translate(translator, open_kept(), LINES[:1])
    record = lines_record(translator, System.PIPELINE, source)
    other_model = lines_record(PlainTranslator(FakeEngine(echo, "other")), System.BARE, source)
    write(source, [*LINES, "Thêm."])
    other_source = lines_record(translator, System.BARE, source)
    for strange in (record, other_model, other_source):
        with pytest.raises(BadConfig, match="not made from this source by this model"):
            KeptLines(tmp_path / "kept.en", strange)
    (tmp_path / "kept.en.json").unlink()
    with pytest.raises(BadConfig, match="name another file"):
        open_kept()
