"""Which terms the report finds used, and for which missing ones there is a warning."""

import pytest

from models.fidelity import IssueKind, severity
from models.lexicon import Entry, Lexicon, load_lexicon
from models.names import find_names
from models.pieces import Reader
from models.term_report import TermHit, check_terms, count_used, report_terms

OWN = Lexicon(
    [
        Entry(("xã",), "commune", ("communal",)),
        Entry(("Bí thư Tỉnh ủy",), "Secretary of the Provincial Party Committee"),
        Entry(("Phòng Văn hóa huyện", "Phòng VH huyện"), "District Culture Office"),
        Entry(("lò gạch",), "brick kiln"),
    ]
).with_entries(
    [Entry(("suất quà",), "gift package", ("gift hamper",)), ("Đắk Pơ", "Đắk Pơ"), ("tạ", "%")]
)


def hits(source: str, target: str) -> list[tuple[str, str | None, bool]]:
    matches = OWN.find(source)
    found = report_terms(matches, target, find_names(source, matches))
    return [(one.source, one.used, one.user) for one in found]


REPORTS = [
    ("Xã xây lò gạch.", "The commune built kilns.", [("Xã", "commune", 0), ("lò gạch", None, 0)]),
    ("Xã và xã bên.", "The communal hall.", [("Xã", "communal", 0)]),
    ("Trao suất quà.", "Gift packages were given.", [("suất quà", "gift package", 1)]),
    ("Trao suất quà.", "They gave hampers.", [("suất quà", None, 1)]),
    ("Tại Đắk Pơ.", "In Dak Po.", [("Đắk Pơ", "Đắk Pơ", 1)]),
    ("Lời 2 tạ.", "A gain of 2%.", [("tạ", "%", 1)]),
    ("Lời 2 tạ.", "A gain of two.", [("tạ", None, 1)]),
    (
        "Bí thư Tỉnh ủy Gia Lai nói.",
        "The Secretary of the Gia Lai Provincial Party Committee spoke.",
        [("Bí thư Tỉnh ủy", "Secretary of the Provincial Party Committee", 0)],
    ),
    (
        "Bí thư Tỉnh ủy Gia Lai nói.",
        "The Secretary of the Lam Dong Provincial Party Committee spoke.",
        [("Bí thư Tỉnh ủy", None, 0)],
    ),
    ("Phòng VH huyện.", "", [("Phòng VH huyện", None, 0)]),
    ("Mưa to.", "Heavy rain.", []),
]


@pytest.mark.parametrize(("source", "target", "wanted"), REPORTS)
def test_tells_each_term_once_with_the_english_that_stands_there(source, target, wanted):
    assert hits(source, target) == [(text, used, bool(user)) for text, used, user in wanted]


def test_a_missing_term_of_the_users_own_is_a_warning_and_no_other():
    source = "Xã trao suất quà cạnh lò gạch."
    found = report_terms(OWN.find(source), "Gifts were given.")
    assert found[1] == TermHit("suất quà", "gift package", None, True)
    assert count_used(found) == 0
    [issue] = check_terms(found)
    assert (issue.kind, issue.source_value, issue.target_value, issue.wanted) == (
        IssueKind.TERM,
        "suất quà",
        None,
        "gift package",
    )
    assert "gift package" in issue.message and severity([issue]) == 2
    assert check_terms(report_terms(OWN.find(source), "a gift hamper")) == ()


def test_built_in_terms_never_warn():
    piece = Reader(load_lexicon()).read("Bí thư Tỉnh ủy và UBND tỉnh họp về khu kinh tế.")
    found = report_terms(piece.matches, "Nothing.", piece.names)
    assert len(found) >= 3 and {one.used for one in found} == {None}
    assert check_terms(found) == ()
