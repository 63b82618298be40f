"""Terms loaded, found, overridden and checked, on sentences of our own."""

from __future__ import annotations

import time
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import BadConfig
from models.lexicon import Entry, Lexicon, load_entries, load_lexicon, term_used

FIND: list[tuple[str, list[tuple[str, str]]]] = [
    (
        "Bí thư Tỉnh ủy nói.",
        [("Bí thư Tỉnh ủy", "Secretary of the Provincial Party Committee")],
    ),
    (
        "Phó Bí thư Tỉnh ủy nói.",
        [("Phó Bí thư Tỉnh ủy", "Deputy Secretary of the Provincial Party Committee")],
    ),
    ("Tỉnh uỷ họp.", [("Tỉnh uỷ", "Provincial Party Committee")]),
    ("cán bộ, chiến sỹ", [("cán bộ, chiến sỹ", "officers and soldiers")]),
    ("CÁN BỘ, CHIẾN SĨ", [("CÁN BỘ, CHIẾN SĨ", "officers and soldiers")]),
    ("tỉ lệ 1/2000", [("tỉ lệ 1/2000", "scale of 1/2000")]),
    ("xuất  nhập\ncảnh", [("xuất  nhập\ncảnh", "entry and exit")]),
    ("xuất – nhập khẩu", [("xuất – nhập khẩu", "import and export")]),
    (
        "Khu phi thuế quan, cảng cạn",
        [("Khu phi thuế quan", "non-tariff zone"), ("cảng cạn", "dry port")],
    ),
    (
        "Khu kinh tế Cửa khẩu quốc tế",
        [("Khu kinh tế Cửa khẩu quốc tế", "international border gate economic zone")],
    ),
    ("hai sào ruộng", [("sào", "sao")]),
    ("Sào huyệt", []),
    ("đảng", []),
    ("Đảng", [("Đảng", "Party")]),
    ("xãi", []),
    ("bãobùng", []),
    ("Xã Hòa Bình mong hòa bình", [("Xã", "commune"), ("Hòa Bình", "Hoa Binh")]),
    ("Thôn Giao Thừa đón giao thừa", [("Thôn", "village"), ("giao thừa", "New Year's Eve")]),
    (
        "UBND xã và UBND tỉnh",
        [("UBND xã", "Commune People's Committee"), ("UBND tỉnh", "Provincial People's Committee")],
    ),
    ("quý trọng, quí khách", []),
    ("", []),
    ("no terms here", []),
]


@pytest.mark.parametrize(("source", "expected"), FIND, ids=[repr(source) for source, _ in FIND])
def test_finds_terms(source: str, expected: list[tuple[str, str]]) -> None:
    assert [(m.text, m.entry.en) for m in load_lexicon().find(source)] == expected


def test_longest_term_wins_over_nested_ones() -> None:
    lexicon = Lexicon([Entry(("a b",), "1"), Entry(("b c d",), "2"), Entry(("a b c",), "3")])
    assert [m.entry.en for m in lexicon.find("a b c d")] == ["3"]
    assert [m.entry.en for m in lexicon.find("a b d b c d")] == ["1", "2"]


def test_case_variants_of_one_form_live_side_by_side() -> None:
    lexicon = Lexicon([Entry(("mỹ",), "fine"), Entry(("Mỹ",), "US", case=True)])
    assert [m.entry.en for m in lexicon.find("Mỹ mỹ MỸ")] == ["US", "fine", "fine"]


def test_user_entries_win_and_leave_the_original_alone() -> None:
    base = load_lexicon()
    user = base.with_entries([Entry(("tỉnh ủy",), "Province Committee"), ("cồn cát", "sandbank")])
    assert [m.entry.en for m in user.find("Tỉnh ủy thăm cồn cát")] == [
        "Province Committee",
        "sandbank",
    ]
    assert [m.entry.en for m in base.find("Tỉnh ủy thăm cồn cát")] == ["Provincial Party Committee"]
    assert base.with_entries([]) is base


KILN = [("lò gạch", "kiln"), ("gạch thủ công", "handmade brick"), ("thủ công", "handmade")]
OVERLAPS: list[tuple[str, list[tuple[str, str]], list[str]]] = [
    # A user's term wins over a longer built-in one around it, and what is left is found.
    (
        "Bí thư Đảng ủy xã nói.",
        [("xã", "parish")],
        ["Secretary of the Party Committee", "user: parish"],
    ),
    # And over one that begins before it, or lies within it.
    ("Ủy ban nhân dân tỉnh", [("nhân dân tỉnh", "locals")], ["user: locals"]),
    ("Xã Chư Prông họp", [("Xã Chư Prông", "Prong")], ["user: Prong"]),
    # Of the user's own, the longest, wherever it begins; of two of one length, the first.
    ("lò gạch thủ công", KILN, ["user: handmade brick"]),
    ("lò gạch thủ công", [KILN[0], KILN[2]], ["user: kiln", "user: handmade"]),
    ("lò gạch đá", [("gạch đá", "slab"), KILN[0]], ["user: kiln"]),
]


@pytest.mark.parametrize(("source", "own", "expected"), OVERLAPS)
def test_the_users_terms_win_where_terms_overlap(
    source: str, own: list[tuple[str, str]], expected: list[str]
) -> None:
    found = load_lexicon().with_entries(own).find(source)
    assert [("user: " if one.entry.user else "") + one.entry.en for one in found] == expected


@pytest.mark.parametrize("pair", [("", "x"), ("x", " ")])
def test_refuses_half_a_pair(pair: tuple[str, str]) -> None:
    with pytest.raises(BadConfig, match="source and a target"):
        load_lexicon().with_entries([pair])


def test_empty_lexicon_finds_nothing() -> None:
    assert Lexicon([]).find("Tỉnh ủy") == ()


USED: list[tuple[str, str, str | None]] = [
    ("Tỉnh ủy", "The provincial party committee met.", "Provincial Party Committee"),
    ("Bí thư Tỉnh ủy", "the Provincial Party Secretary said", "Provincial Party Secretary"),
    (
        "Bí thư Tỉnh ủy",
        "Secretary of Provincial Party Committee",
        "Secretary of the Provincial Party Committee",
    ),
    ("UBND xã", "the commune People’s Committees", "Commune People's Committee"),
    ("cửa khẩu quốc tế", "two international border gates", "international border gate"),
    ("cửa khẩu quốc tế", "an international gate", None),
    ("hộ nghèo", "a poor household got a cow", "poor households"),
    ("hộ nghèo", "many poor families", "poor families"),
    ("nước bạn", "neighboring countries", "the neighboring country"),
    ("nhấn mạnh", "he emphasized that", "emphasize"),
    ("nhấn mạnh", "stressing that", "stress"),
    ("tuần tra", "patrolled and patrolling", "patrol"),
    ("tỷ lệ 1/2000", "at a scale of 1/2,000", "1/2,000"),
    ("tỷ lệ 1/2000", "at a scale of 1/500", None),
    ("chuyển đổi số", "Digital-transformation work", "digital transformation"),
    ("buôn lậu", "smuggled goods", "smuggling"),
    ("tội phạm", "criminals", "criminal"),
    ("Mỹ", "the U.S. market", "US"),
    ("ma túy", "", None),
    ("ma túy", "drugstore", None),
]


@pytest.mark.parametrize(("source", "target", "expected"), USED)
def test_tells_which_english_stands_in_the_target(
    source: str, target: str, expected: str | None
) -> None:
    (match,) = load_lexicon().find(source)
    assert term_used(match.entry, target) == expected


def test_reads_a_toml_file(tmp_path: Path) -> None:
    path = tmp_path / "terms.toml"
    path.write_text(
        'farm = [\n  { vi = ["lúa nếp"], en = "sticky rice", case = true },\n]\n', "utf-8"
    )
    assert load_entries(path) == (Entry(("lúa nếp",), "sticky rice", (), "farm", case=True),)


def test_reads_a_csv_file_with_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "terms.csv"
    path.write_text('Source,Target\nlúa nếp,"rice, sticky"\n\nlúa tẻ,plain rice\n', "utf-8-sig")
    assert [(e.vi, e.en) for e in load_entries(path)] == [
        (("lúa nếp",), "rice, sticky"),
        (("lúa tẻ",), "plain rice"),
    ]


BAD: list[tuple[str, str, str]] = [
    ("a.toml", "farm = [\n", "a.toml: not valid TOML"),
    ("a.toml", "farm = []\nx y\n", "a.toml: not valid TOML.*line 2"),
    (
        "a.toml",
        'farm = [\n  { vi = ["a"], en = "b" },\n  { vi = ["c"] },\n]\n',
        "a.toml, line 3: 'en'",
    ),
    ("a.toml", 'farm = [\n\n  { vi = [], en = "b" },\n]\n', "a.toml, line 3: 'vi'"),
    ("a.toml", 'farm = [\n  { vi = "a", en = "b" },\n]\n', "a.toml, line 2: 'vi' and 'accept'"),
    (
        "a.toml",
        'farm = [\n  { vi = ["a"], en = "b", cas = true },\n]\n',
        "line 2: unknown field 'cas'",
    ),
    ("a.toml", 'farm = [\n  { vi = ["a"], en = "b", case = 1 },\n]\n', "line 2: 'case' must be"),
    ("a.toml", '[[farm]]\nvi = ["a"]\nen = "b"\n[[farm]]\nvi = ["a"]\n', "a.toml, line 4: 'en'"),
    ("a.toml", 'farm = [{ vi = ["a"], en = "b" }, { vi = ["c"] }]\n', "a.toml, entry 2: 'en'"),
    ("a.toml", 'farm = "x"\n', "'farm' must be a list"),
    ("a.toml", "farm = [1]\n", "an entry must be a table"),
    ("a.csv", "lúa,rice\n", "a.csv, line 1: the first row"),
    ("a.csv", "", "a.csv, line 1: the first row"),
    ("a.csv", "source,target\nlúa,rice\nngô\n", "a.csv, line 3: 2 columns wanted, 1 found"),
    ("a.csv", "source,target\nlúa,\n", "a.csv, line 2: 'en'"),
    ("a.csv", "source,target\n ,rice\n", "a.csv, line 2: 'vi'"),
    ("a.csv", 'source,target\n"lúa,rice\n', "a.csv, line 2: "),
]


@pytest.mark.parametrize(("name", "text", "message"), BAD)
def test_malformed_files_name_file_and_line(
    tmp_path: Path, name: str, text: str, message: str
) -> None:
    (tmp_path / name).write_text(text, "utf-8")
    with pytest.raises(BadConfig, match=message):
        load_entries(tmp_path / name)


def test_unreadable_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(BadConfig, match=r"absent\.csv"):
        load_entries(tmp_path / "absent.csv")
    (tmp_path / "latin.csv").write_bytes(b"source,target\nl\xfaa,rice\n")
    with pytest.raises(BadConfig, match=r"latin\.csv.*UTF-8"):
        load_entries(tmp_path / "latin.csv")


def test_built_in_lexicon_has_no_form_twice() -> None:
    forms = [(vi, e.case) for e in load_lexicon().entries for vi in e.vi]
    lowered = [vi if case else vi.lower() for vi, case in forms]
    repeated = {vi for vi in set(lowered) if lowered.count(vi) > 1}
    assert len(load_lexicon().entries) >= 900
    assert repeated == set()


def test_every_built_in_form_is_found_as_its_own_entry() -> None:
    lexicon = load_lexicon()
    for entry in lexicon.entries:
        for vi in entry.vi:
            assert [m.entry for m in lexicon.find(vi)] == [entry], vi
        assert term_used(entry, entry.en) == entry.en


_TEXT = st.lists(
    st.sampled_from(["Tỉnh ủy", "UBND", "xã", "-", "Mỹ", "đồng chí", "\n"]) | st.text(max_size=5)
)


@given(_TEXT.map(" ".join))
def test_spans_are_exact_and_apart(text: str) -> None:
    matches = load_lexicon().find(text)
    assert all(text[m.start : m.end] == m.text for m in matches)
    assert all(a.end <= b.start for a, b in pairwise(matches))


def test_time_grows_with_the_text_only() -> None:
    lexicon = load_lexicon()
    unit = "Bí thư Tỉnh ủy và Ban Quản lý Khu kinh tế tỉnh họp bàn. "
    lexicon.find(unit)
    started = time.perf_counter()
    assert len(lexicon.find(unit * 2000)) == 4000
    assert time.perf_counter() - started < 3
