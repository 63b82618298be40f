"""Words left out of a target, and words of its own."""

from dataclasses import replace

import pytest

from models.lexicon import load_lexicon
from models.names import find_names
from models.omission import Content, Gap, count_content_words, find_omissions, is_padded

CLAUSES = (
    "Sáng 14-11, UBND xã Ia Mơ khai trương phiên chợ nông sản với 46 gian hàng, "
    "trong đó 12 gian hàng bán cà phê và hồ tiêu của đồng bào Jrai."
)
WHOLE = (
    "On the morning of November 14, the People's Committee of Ia Mo commune opened a farm produce "
    "market with 46 stalls, 12 of which sell coffee and pepper of the Jrai people."
)


def read(source: str, *missing: str, negation_lost: bool = False) -> Content:
    matches = load_lexicon().find(source)
    gaps = [Gap(source.index(one), source.index(one) + len(one)) for one in missing]
    return Content(source, find_names(source, matches), matches, gaps, negation_lost)


def lost(source: str, target: str, *missing: str) -> list[tuple[str, str | None]]:
    return [(one.text, one.english) for one in find_omissions(read(source, *missing), target)]


@pytest.mark.parametrize(
    ("source", "target"),
    [
        (CLAUSES, WHOLE),
        ("Chợ đông. Chợ mở từ 5 giờ.", "The market is crowded. It opens at five."),
        ("Chợ đông. Chợ mở từ 5 giờ.", "The market, which opens at five, is crowded."),
        ("Ảnh: Hà Duy", "Photo: Ha Duy"),
        ("", ""),
        ("...", "..."),
    ],
)
def test_a_whole_target_lacks_nothing_and_adds_nothing(source, target):
    assert lost(source, target) == []
    assert not is_padded(read(source), target)


def test_half_of_a_sentence_is_too_short_whatever_is_missing():
    source = "Bà con xã Ia Mơ dựng lại nhà cửa, dọn bùn đất rồi nấu cơm cho nhau ăn."
    assert lost(source, "The people of Ia Mo commune rebuilt.") == [("", None)]
    whole = (
        "The people of Ia Mo commune rebuilt their houses, cleared away the mud and cooked for all."
    )
    assert lost(source, whole) == []


def test_a_term_that_a_short_target_has_no_word_of_is_shown_with_its_english():
    source = "Công an xã thu giữ 212 kg pháo nổ cùng một xe bán tải của Lò Văn Thông."
    assert lost(source, "Commune police seized 212 kg of firecrackers of Lo Van Thong.") == [
        ("xe bán tải", "pickup truck")
    ]
    assert lost(source, "Police seized 212 kg of firecrackers and a pickup of Lo Van Thong.") == []


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("The commune has 1,500 hectares in all, 320 of them durian.", [("cà phê", "coffee")]),
        ("The commune now has 1,500 hectares of coffee and 320 of durian in all.", []),
        ("Coffee covers 1,500 hectares of the commune, durian 320 hectares.", []),
    ],
)  # fmt: skip
def test_a_measure_whose_thing_is_lost_is_told_at_any_length(target, expected):
    assert lost("Toàn xã hiện có 1.500 ha cà phê và 320 ha sầu riêng.", target) == expected


def test_what_a_missing_figure_stands_in_is_shown_where_the_target_is_short():
    target = "UBND Ia Mo commune opened a farm produce market with 46 stalls on November 14."
    clause = "trong đó 12 gian hàng bán cà phê"
    assert (clause, None) in lost(CLAUSES, target, "12")
    assert lost(CLAUSES, WHOLE.replace("12 of which", "many of which"), "12") == []


def test_an_item_of_a_list_of_figures_is_missed_at_any_length():
    source = "Sở giảm 2 phòng, 4 đơn vị sự nghiệp và 37 biên chế."
    target = (
        "The department has two fewer divisions and 37 fewer people on its payroll than before."
    )
    assert lost(source, target, "4") == [("4 đơn vị sự nghiệp", None)]
    assert lost("Sở giảm 4 đơn vị sự nghiệp.", "The department has fewer public units.", "4") == []


def test_sentences_may_share_their_words_otherwise_than_the_source():
    source = "Ông nói: “Trước kia bà con chỉ trồng ngô. Nay xã có chợ”. Chợ mở từ 5 giờ sáng."
    target = (
        "“The local people used to grow nothing but corn. These days we have our own market,” he "
        "said. That market opens at 5 in the morning."
    )
    assert lost(source, target) == []


def test_a_target_with_a_sentence_of_its_own_is_padded():
    more = " The market will be enlarged next year with money from several domestic investors."
    assert is_padded(read("Chợ Ia Mơ có 46 gian hàng."), "Ia Mo market has 46 stalls." + more)


def test_a_long_target_with_a_figure_of_its_own_is_padded():
    source, target = (
        "Chợ Ia Mơ có 46 gian hàng.",
        "Ia Mo market has 46 stalls run by 38 households.",
    )
    content = read(source)
    assert not is_padded(content, target)
    assert is_padded(replace(content, has_strange=True), target)
    assert not is_padded(replace(content, has_strange=True), "Ia Mo market has 47 stalls.")


def test_grammar_is_no_content():
    assert count_content_words("The price of the coffee is 5.2 million, as it has been.") == 4
    assert count_content_words("") == 0
