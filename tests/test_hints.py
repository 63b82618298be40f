"""What the model is told of a segment."""

import pytest

from models.hints import MOST_HINTS, find_hints, with_name
from models.lexicon import load_lexicon
from models.names import find_names


def hints_of(source: str) -> dict[str, str]:
    matches = load_lexicon().find(source)
    found = find_hints(source, matches, find_names(source, matches))
    return {hint.source: hint.target for hint in found}


@pytest.mark.parametrize(
    ("term", "name", "english"),
    [
        ("international border gate", "Bo Y", "Bo Y International Border Gate"),
        ("commune", "Ia Mo", "Ia Mo Commune"),
        (
            "Secretary of the Provincial Party Committee",
            "Kon Tum",
            "Secretary of the Kon Tum Provincial Party Committee",
        ),
        ("head of the delegation", "Bo Y", None),
        ("coffee", "Bo Y", None),
        ("Committee of the ", "Bo Y", None),
    ],
)
def test_a_name_takes_its_english_place_in_a_term(term, name, english):
    assert with_name(term, name) == english


def test_a_term_and_the_place_after_it_make_one_hint():
    hints = hints_of("Đoàn đến Cửa khẩu quốc tế Bờ Y và xã Ia Mơ.")
    assert hints["Cửa khẩu quốc tế Bờ Y"] == "Bo Y International Border Gate"
    assert hints["xã Ia Mơ"] == "Ia Mo Commune"
    assert "Bờ Y" not in hints and "xã" not in hints


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("Ở Quận 1 và TP. Pleiku.", {"Quận 1": "District 1", "TP. Pleiku": "Pleiku City"}),
        ("Dân xã Đoàn Kết họp.", {"xã Đoàn Kết": "Doan Ket Commune"}),
        ("Dân xã Hội An họp.", {"xã Hội An": "Hoi An Commune"}),
        ("TIN XÃ IA DOM HÔM NAY", {"XÃ IA DOM": "Ia Dom Commune"}),
        ("Công an phường Pleiku.", {"phường Pleiku": "Pleiku Ward"}),
    ],
)
def test_units_that_terms_and_names_leave_out_come_from_the_gazetteer(source, expected):
    assert expected.items() <= hints_of(source).items()


def test_the_users_own_word_for_a_unit_or_its_name_stands():
    source = "Dân xã Đoàn Kết và Quận 1 họp."
    lexicon = load_lexicon().with_entries([("xã", "parish"), ("Quận 1", "First District")])
    matches = lexicon.find(source)
    hints = {h.source: h.target for h in find_hints(source, matches, find_names(source, matches))}
    assert hints["xã"] == "parish"
    assert hints["Quận 1"] == "First District"
    assert "xã Đoàn Kết" not in hints


def test_a_title_and_the_person_after_it_make_one_hint():
    hints = hints_of("Phó Chủ tịch UBND tỉnh Lê Thị Hạnh đến thăm ông Trần Văn Tư.")
    title = "Vice Chairwoman of the Provincial People's Committee"
    assert hints["Phó Chủ tịch UBND tỉnh Lê Thị Hạnh"] == f"{title} Le Thi Hanh"
    assert "Trần Văn Tư" in " ".join(hints)
    assert "Lê Thị Hạnh" not in hints


def test_figures_are_told_with_their_english():
    hints = hints_of("Chiều 7-9, tỉnh duyệt bản vẽ 1/500 và 2,5 tỷ đồng cho 1.500 ha.")
    assert hints["Chiều 7-9"] == "On the afternoon of September 7"
    assert hints["2,5 tỷ đồng"] == "VND 2.5 billion"
    assert hints["1.500 ha"] == "1,500 hectares"
    assert hints["1/500"] == "1/500 scale"


def test_each_hint_comes_once_and_not_without_end():
    names = " và ".join(f"xã Ia {chr(65 + n // 20)}{'aeiou'[n % 5]}" for n in range(100))
    source = "Bí thư Tỉnh ủy gặp Bí thư Tỉnh ủy. " + names
    matches = load_lexicon().find(source)
    found = find_hints(source, matches, find_names(source, matches))
    assert len(found) == len(set(found)) <= MOST_HINTS


@pytest.mark.parametrize(
    ("source", "text", "english"),
    [
        ("Đại biểu Quốc hội khóa XVI họp.", "Quốc hội khóa XVI", "16th National Assembly"),
        ("Bầu HĐND tỉnh khóa XI.", "HĐND tỉnh khóa XI", "11th Provincial People's Council"),
        ("HĐND xã khoá 3 họp.", "HĐND xã khoá 3", "3rd Commune People's Council"),
        ("Trung ương Đảng khóa XIII", "Trung ương Đảng khóa XIII", "13th Party Central Committee"),
    ],
)
def test_a_body_goes_by_its_term_of_office(source, text, english):
    hints = hints_of(source)
    assert [(key, value) for key, value in hints.items() if key.endswith(text)] != []
    assert all(english in value for key, value in hints.items() if key.endswith(text))


@pytest.mark.parametrize(
    "source",
    ["Quốc hội khóa trước", "HĐND tỉnh khóa IIII", "khóa 12 của trường", "HĐND khóa 12.500"],
)
def test_no_other_number_becomes_a_term_of_office(source):
    assert not any("th " in english for english in hints_of(source).values())
