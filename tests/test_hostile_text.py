"""Time on long and hostile text: twice the length may not take many times as long.

A segment holds up to 50,000 characters, a model's answer as many as its tokens allow. What
is compared is the processor time of two lengths, so the speed of the machine does not count.
"""

import time

import pytest

from models.answers import strip_talk
from models.attribution import Paragraph
from models.extractive import extract_sentences
from models.fidelity import check_segment
from models.figure_repair import restore_bounds, restore_day_parts
from models.gazetteer import report_places
from models.glossary import load_entries
from models.grounding import unsupported_values
from models.hints import find_hints
from models.law_references import find_law_references, repair_law_references
from models.lexicon import load_lexicon
from models.name_finder import find_names
from models.repair import repair
from models.term_repair import repair_terms
from models.term_report import report_terms

# Linear work on four times the text takes four times as long, quadratic work sixteen.
TIMES = 4
MOST_TIMES = 9.0
# Below this the clock and the fixed part tell nothing; quadratic work is far above it.
ENOUGH_SECONDS = 0.15

VI = "Sáng 5/6, hơn 200 hộ ở tỉnh Gia Lai không bị ảnh hưởng, theo khoản 4, Điều 251 Bộ luật."
EN = "On June 5, 200 households in Gia Lai Province were not hit, under Clause 4, Article 251."

UNITS = {
    "letter": "a",
    "figure": "7",
    "figures": "7 ",
    "thousands": "1.234 ",
    "comma": ",",
    "points": "điểm a, ",
    "clauses": "khoản 1 ",
    "clauses and": "điểm a, khoản 1 và ",
    "articles": "khoản 1, Điều 2, ",
    "communes": "xã A, ",
    "provinces": "Gia Lai, ",
    "names": "Nguyễn Văn ",
    "places": "Gia Lai ",
    "initials": "A ",
    "bounds": "hơn 5 ",
    "mornings": "sáng 5-6, ",
    "quotes": '"',
    "lines": "\n",
    "marks": "a\u0301",
    "nul": "\0",
    "lone surrogate": "\ud800",
    "right to left": "\u200f",
    "spaces": "\u00a0",
    "announcements": "Sure! ",
    "people": "People's Committee ",
}


def _translate(text):
    matches = load_lexicon().find(text)
    names = find_names(text, matches)
    find_hints(text, matches, names)
    target = repair_terms(matches, text)
    report_terms(matches, target, names)
    repair(text, target, check_segment(text, target, names, matches=matches), names)


def _repair_figures(text):
    for source, target in ((text, text), (text, EN), (VI, text)):
        restore_bounds(source, target)
        restore_day_parts(source, target)
        repair_law_references(source, target)


def _summarize(text):
    paragraphs = [Paragraph(1, text, text), Paragraph(2, VI, EN)]
    extract_sentences(paragraphs, 60, 3)
    strip_talk(text)
    strip_talk(f"a{text}b")


def _ground_item(text):
    unsupported_values(EN, [Paragraph(1, text, text)])


def _ground_summary(text):
    unsupported_values(text, [Paragraph(1, VI, EN)])


def _report_places(text):
    report_places([text], "Gia Lai")


# Each with a length at which quadratic work tells and the whole file stays quick.
WORK = {
    _translate: 2_000,
    _repair_figures: 4_000,
    _summarize: 20_000,
    _ground_item: 2_000,
    _ground_summary: 2_000,
    _report_places: 12_000,
}


@pytest.fixture(scope="module", autouse=True)
def _loaded():
    """Read every table and warm the caches, which would count against the short text."""
    for work in WORK:
        work(VI)
        work(EN)


def _seconds(work, text):
    start = time.process_time()
    work(text)
    return time.process_time() - start


@pytest.mark.parametrize("unit", UNITS.values(), ids=UNITS)
@pytest.mark.parametrize(("work", "length"), WORK.items(), ids=[one.__name__ for one in WORK])
def test_time_grows_with_the_length(work, length, unit):
    long_text = (unit * length)[:length]
    long = _seconds(work, long_text)
    if long < ENOUGH_SECONDS:
        return
    short = _seconds(work, long_text[: length // TIMES])
    if long > MOST_TIMES * short + ENOUGH_SECONDS:  # once more: the machine may have been busy
        long = min(long, _seconds(work, long_text))
    assert long <= MOST_TIMES * short + ENOUGH_SECONDS


def test_clauses_without_an_article_are_read_at_once():
    # One space has to be read in one way only: two ways each make 2 ** 200 in all.
    assert find_law_references("khoản 1 " * 200) == ()
    assert len(find_law_references("khoản 1 " * 200 + "Điều 2")) == 1


def test_one_long_run_of_names_is_read_to_its_end():
    item = [Paragraph(1, VI, EN)]
    assert unsupported_values("Gia Lai " * 2_000, item) == ()


def test_a_glossary_of_the_largest_size_is_read(tmp_path):
    path = tmp_path / "terms.csv"
    rows = "".join(f"từ {number},{'word ' * 30}{number}\n" for number in range(20_000))
    path.write_text("source,target\n" + rows, encoding="utf-8")

    assert _seconds(load_entries, path) < 30
    assert len(load_entries(path)) == 20_000
