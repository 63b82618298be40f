import pytest

from models.feminine_titles import feminize_titles
from models.lexicon import load_lexicon
from models.names import find_names


def titles_of(source: str) -> list[str]:
    matches = load_lexicon().find(source)
    done = feminize_titles(source, matches, find_names(source, matches))
    return [one.entry.en.split(" of ")[0] for one in done if "hair" in one.entry.en]


@pytest.mark.parametrize(
    ("source", "titles"),
    [
        ("Chủ tịch UBND tỉnh Nguyễn Thị Hạnh dự.", ["Chairwoman"]),
        ("Chủ tịch UBND tỉnh, bà Trần Lan Anh, dự.", ["Chairwoman"]),
        ("Bà Lê Hoa, Chủ tịch UBND xã Ia Mơ, dự.", ["Chairwoman"]),
        (
            "Đồng chí Lò Thị Vân, Ủy viên Ban Thường vụ Tỉnh ủy, Phó Chủ tịch HĐND tỉnh, dự.",
            ["Vice Chairwoman"],
        ),
        (
            "Chủ tịch UBND tỉnh Nguyễn Thị Hạnh và Chủ tịch HĐND tỉnh Lê Văn Nam dự.",
            ["Chairwoman", "Chairman"],
        ),
        ("Ông Lê Văn Tám, Phó Chủ tịch UBND xã, dự.", ["Vice Chairman"]),
        ("Bà Nguyễn Thị Hoa đề nghị Chủ tịch UBND tỉnh xem xét.", ["Chairman"]),
        ("Bà Nguyễn Thị Hoa thắng kiện. Chủ tịch UBND tỉnh xin lỗi.", ["Chairman"]),
        ("Chủ tịch UBND tỉnh dự.", ["Chairman"]),
    ],
)
def test_a_woman_is_a_chairwoman(source, titles):
    assert titles_of(source) == titles
