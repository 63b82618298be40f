"""Facts in English: what counts as there, what as missing, what as invented."""

import pytest

from models.fidelity import Issue, IssueKind, check_segment
from models.lexicon import load_lexicon
from models.names import find_names
from service.benchmark import Fact, FactKind
from service.evaluation_facts import (
    InventedFact,
    check_facts,
    check_line,
    check_summary,
    find_invented,
    is_fact_in,
)
from service.evaluation_outputs import ElementOutput

MONEY = Fact(FactKind.NUMBER, "2,5 tỷ đồng", ("VND2.5 billion",))
AREA = Fact(FactKind.NUMBER, "1.500 ha", ("1,500 hectares",))
SHORT_AREA = Fact(FactKind.NUMBER, "5 tấn", ("5 tonnes",))
RANGE = Fact(FactKind.NUMBER, "15-17%", ("15-17%",))
SEVEN = Fact(FactKind.NUMBER, "7 lô hàng", ("seven shipments",))
SOME = Fact(FactKind.NUMBER, "hàng chục hộ", ("dozens of households",))
DATE = Fact(FactKind.DATE, "ngày 10-3", ("March 10",))
DAY = Fact(FactKind.DATE, "ngày 31/12/2020", ("December 31, 2020",))
NAME = Fact(FactKind.NAME, "Nguyễn Văn Hải", ("Nguyen Van Hai",))
PLACE = Fact(FactKind.NAME, "Cư M'gar", ("Cu M'gar",))
TERM = Fact(FactKind.TERM, "hợp tác xã", ("cooperative",))
DAYS = Fact(FactKind.DATE, "thứ hai, thứ tư", ("Monday and Wednesday",))
CODES = Fact(FactKind.TERM, "mã số vùng trồng", ("planting area code", "growing area code"))

HEALTH = Fact(
    FactKind.TERM, "Sở Y tế tỉnh Khánh Hòa", ("Khanh Hoa Department of Health", "Khanh Hoa's DOH")
)
STORM = Fact(FactKind.TERM, "bão số 12", ("storm No. 12",))
COMMUNE = Fact(FactKind.NAME, "xã Ia Krái", ("Ia Krai commune",))


@pytest.mark.parametrize(
    ("fact", "target"),
    [
        (HEALTH, "the Department of Health in Khanh Hoa Province"),
        (HEALTH, "Khanh Hoa province's Department of Health"),
        (STORM, "after Storm Number 12"),
        (COMMUNE, "in the commune... of Ia Krai commune"),
        (MONEY, "It cost VND2.5 billion."),
        (MONEY, "It cost VND 2.5 billion."),
        (MONEY, "It cost 2.5 billion VND."),
        (MONEY, "It cost 2.5 billion dong."),
        (MONEY, "It cost VND2,500 million."),
        (AREA, "They grow 1,500 hectares."),
        (AREA, "They grow 1,500 ha of coffee."),
        (AREA, "They grow 1500 hectares."),
        (SHORT_AREA, "It yields five tonnes."),
        (RANGE, "It rose 15–17 percent."),
        (SEVEN, "China returned seven shipments."),
        (SEVEN, "China returned 7 consignments."),
        (SOME, "Dozens of households moved."),
        (DATE, "On March 10, they met."),
        (DATE, "On 10 March they met."),
        (DATE, "They met on the 10th of March."),
        (DAY, "before 31 December 2020"),
        (NAME, "Mr. Nguyen Van Hai's family"),
        (NAME, "Nguyễn Văn Hải said"),
        (NAME, "NGUYEN VAN HAI"),
        (PLACE, "in Cu M’gar commune"),
        (TERM, "Two cooperatives joined."),
        (TERM, "The Cooperative's head"),
        (TERM, "a co-operative of farmers"),
        (CODES, "278 planting-area codes"),
        (CODES, "The growing area code"),
    ],
)
def test_a_fact_is_found_however_an_editor_would_write_it(fact, target):
    assert is_fact_in(fact, target)


@pytest.mark.parametrize(
    ("fact", "target"),
    [
        (HEALTH, "the Department of Health"),
        (HEALTH, "the Department of Justice in Khanh Hoa"),
        (HEALTH, "In Khanh Hoa\nthe Department of Health"),
        (STORM, "after storm No. 13"),
        (COMMUNE, "Ia Krai ward and Dak Po commune"),
        (MONEY, "It cost VND25 billion."),
        (MONEY, "It cost VND2.5 million."),
        (MONEY, "It cost USD2.5 billion."),
        (MONEY, "It cost billions."),
        (AREA, "They grow 1.500 hectares."),
        (AREA, "They grow 11,500 hectares."),
        (AREA, "They grow 1,5000 hectares."),
        (AREA, "They grow 500 hectares."),
        (SHORT_AREA, "It yields 1.5 tonnes."),
        (SHORT_AREA, "It yields 15 tonnes."),
        (RANGE, "It rose 15 percent."),
        (RANGE, "It rose 1517%."),
        (SEVEN, "China returned shipments."),
        (SEVEN, "China returned eight shipments."),
        (SOME, "Many moved."),
        (DATE, "On October 3, they met."),
        (DATE, "On March 11, they met."),
        (DATE, "In March 2010 they met."),
        (DAY, "before December 31"),
        (DAY, "before December 31, 2021"),
        (NAME, "Mr. Hai Nguyen Van"),
        (NAME, "Mr. Nguyen Van Ha"),
        (NAME, "Mr. Nguyen Hai"),
        (NAME, "He met Mr. Nguyen\nVan Hai."),
        (NAME, "Van Hai is semi-skilled, says Nguyen"),
        (PLACE, "in Cu M'nga commune"),
        (TERM, "They cooperate."),
        (CODES, "planting codes for the area"),
    ],
)
def test_what_differs_is_not_found(fact, target):
    assert not is_fact_in(fact, target)


def element(source, target, *issues):
    return ElementOutput(source, target, True, issues)


def test_a_fact_is_looked_for_where_its_words_stand():
    here, there = element("Có 5 tấn gạo.", "There is rice."), element("Có 15 tấn.", "5 tonnes.")
    [missing] = check_facts([SHORT_AREA], [here, there])
    assert (missing.found, missing.warned) == (False, False)
    elsewhere = element("Có gạo.", "Rice."), element("Có 15 tấn.", "There are 5 tonnes.")
    [found] = check_facts([SHORT_AREA], elsewhere)
    assert found.found, "no source has the words, so the whole item counts"


@pytest.mark.parametrize(
    ("fact", "issue", "warned"),
    [
        (AREA, Issue(IssueKind.NUMBER, "", source_value="1.500 ha"), True),
        (AREA, Issue(IssueKind.NUMBER, "", source_value="hơn 1.500 ha cà phê"), True),
        (AREA, Issue(IssueKind.NUMBER, "", source_value="1.500"), True),
        (AREA, Issue(IssueKind.NUMBER, "", source_value="500"), False),
        (AREA, Issue(IssueKind.NUMBER, "", source_value="46"), False),
        (AREA, Issue(IssueKind.NUMBER, "", target_value="1.500 ha"), False),
        (AREA, Issue(IssueKind.NAME, "", source_value="1.500 ha"), False),
        (AREA, Issue(IssueKind.TRUNCATED, ""), True),
        (NAME, Issue(IssueKind.NAME, "", source_value="Nguyễn Văn Hải"), True),
        (NAME, Issue(IssueKind.NUMBER, "", source_value="Nguyễn Văn Hải"), False),
        (TERM, Issue(IssueKind.NUMBER, "", source_value="hợp tác xã"), False),
        (DAYS, Issue(IssueKind.DATE, "", source_value="tối thứ hai"), True),
        (DAYS, Issue(IssueKind.DATE, "", source_value="tối thứ ba"), False),
    ],
)
def test_only_a_warning_about_the_fact_itself_counts(fact, issue, warned):
    [result] = check_facts([fact], [element(f"Ông kể {fact.source}.", "He told.", issue)])
    assert (result.found, result.warned) == (False, warned)


SOURCE = "Sáng 12-5, ông Trần Văn Nam trao 46 suất quà."


@pytest.mark.parametrize(
    ("target", "reference", "invented"),
    [
        ("On May 12, Tran Van Nam gave 46 gifts.", "", []),
        ("On May 12, Tran Van Nam gave 64 gifts.", "", [("number", "64")]),
        ("On May 12, Tran Van Nam gave 64 gifts.", "He gave 64 gifts.", []),
        ("On May 13, Tran Van Nam gave 46 gifts.", "", [("date", "May 13")]),
        ("On May 12, Le Thi Hoa gave 46 gifts.", "", [("name", "Le Thi Hoa")]),
        ("On May 12, Le Thi Hoa gave 46 gifts.", "Lê Thị Hoa gave.", []),
    ],
)
def test_what_neither_source_nor_reference_has_is_invented(target, reference, invented):
    found = find_invented(element(SOURCE, target), reference)
    assert [(one.kind, one.text) for one in found] == invented


def test_an_invented_fact_with_its_warning_is_a_warned_one():
    target = "On May 12, Tran Van Nam gave 64 gifts."
    issues = check_segment(SOURCE, target, find_names(SOURCE))
    assert find_invented(element(SOURCE, target, *issues), "") == [
        InventedFact(FactKind.NUMBER, "64", warned=True)
    ]
    assert [one.warned for one in find_invented(element(SOURCE, target), "")] == [False]


def test_a_line_is_held_against_what_is_read_in_it():
    source = "Sáng 12-5, UBND tỉnh Gia Lai trao 46 suất quà cho bà Trần Thị Nụ."
    right = (
        "On the morning of May 12, the Gia Lai provincial People's Committee "
        "gave 46 gifts to Tran Thi Nu."
    )
    lexicon = load_lexicon()

    def missing(target):
        return {one.fact.source for one in check_line(source, target, lexicon) if not one.found}

    assert missing(right) == set()
    spoilt = right.replace("46", "64").replace("Thi Nu", "Thi Na").replace("People's", "Party")
    assert missing(spoilt) - missing(right) >= {"46", "Trần Thị Nụ"}
    assert missing(right.replace("May 12", "December 5")) - missing(right) == {"Sáng 12-5"}


@pytest.mark.parametrize(
    ("summary", "unsupported", "names"),
    [
        ("Tran Van Nam gave 46 gifts on May 12.", [], []),
        ("Tran Van Nam gave 64 gifts on May 12.", ["64"], []),
        ("The gifts were given by Le Thi Hoa on May 12.", ["Le Thi Hoa"], ["Le Thi Hoa"]),
        ("Tran Van Nam gave gifts in Hanoi and Bangkok.", ["Hanoi", "Bangkok"], None),
        ("Tran Van Nam gave gifts to Korean guests.", [], []),
    ],
)
def test_a_summary_is_held_against_source_and_reference(summary, unsupported, names):
    reference = ["On May 12, Tran Van Nam gave 46 gifts from Korea."]
    found = check_summary(summary, SOURCE, reference, [])
    assert list(found.unsupported) == unsupported
    assert list(found.invented_names) == (unsupported if names is None else names)
    assert found.total >= max(2, len(unsupported))


def test_every_figure_and_name_of_a_summary_counts_once():
    text = "Today the Red Cross gave 46 gifts and 46 bags on May 12. The Red Cross stayed."
    found = check_summary(text, SOURCE, ["Red Cross, bags"], [])
    assert found.total == len({"46", "May 12", "Red Cross"})
