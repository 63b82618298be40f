import pytest

from models.given_names import find_given_names
from models.lexicon import load_lexicon
from models.names import find_names
from models.pieces import Reader

KNOWN = frozenset({"Bửu", "Duyên", "Thu", "Hoa", "Đệ"})


def names_in(source, given_names=KNOWN):
    return [name.text for name in Reader(load_lexicon(), given_names).read(source).names]


def test_full_names_of_people_give_given_names():
    names = find_names("Trần Quốc Bửu, bà Lê Thị Mỹ Duyên và Rơ Châm Thuyn ở xã Ia Krái, Gia Lai")
    assert find_given_names(names) == {"Bửu", "Duyên", "Thuyn"}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("Công an kiểm tra xe do Bửu điều khiển, trên xe có Duyên.", ["Bửu", "Duyên"]),
        ("Bửu khai nhận hành vi. Bửu bị bắt.", ["Bửu", "Bửu"]),
        ("Khám nhà của Thuyn và Đệ, kẻ đứng ra đặt mua.", ["Đệ"]),
        ("Thu hoạch lúa xong, bà con vui.", []),
        ("phường Duyên Hải và sông Thu Bồn", ["Duyên Hải", "Thu Bồn"]),
        ("Chị em mua hoa.", []),
    ],
)
def test_a_given_name_known_from_the_item_is_a_name(source, expected):
    assert names_in(source) == expected


def test_a_segment_that_names_a_person_in_full_needs_no_other():
    piece = Reader(load_lexicon()).read("Trần Văn Hợi bị bắt tại nhà của Hợi.")
    assert [name.text for name in piece.names] == ["Trần Văn Hợi", "Hợi"]
    assert ("Hợi", "Hoi") in [(hint.source, hint.target) for hint in piece.hints]


def test_a_name_that_nobody_of_the_item_bears_is_left_alone():
    assert names_in("Công an kiểm tra xe do Bửu điều khiển.", frozenset()) == []
