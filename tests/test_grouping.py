"""Long texts in groups that fit a window: nothing lost, nothing twice, nothing too long."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.english import split_english_sentences
from models.errors import InputTooLong
from models.grouping import group_texts


def count_words(texts):
    return [len(text.split()) + 1 for text in texts]


def count_characters(texts):
    return [len(text) for text in texts]


def group(texts, room, measure=count_words):
    return group_texts(texts, room, measure, split_english_sentences)


WORD = st.text("abAB19", min_size=1, max_size=6)
SENTENCE = st.lists(WORD, min_size=1, max_size=12).map(lambda words: " ".join(words) + ".")
PARAGRAPH = st.lists(SENTENCE, max_size=5).map(" ".join)


@given(st.lists(PARAGRAPH, max_size=8), st.integers(3, 30))
def test_every_word_is_in_one_group_in_its_order_and_no_group_is_too_long(texts, room):
    groups = group(texts, room)
    assert " ".join(groups).split() == " ".join(texts).split()
    assert max(count_words(groups), default=0) <= room


@given(st.lists(PARAGRAPH, max_size=5), st.integers(1, 12))
def test_no_character_is_lost_where_a_word_alone_is_too_long(texts, room):
    groups = group(texts, room, count_characters)
    assert "".join("".join(groups).split()) == "".join("".join(texts).split())
    assert max(map(len, groups), default=0) <= room


@pytest.mark.parametrize(
    ("texts", "room", "groups"),
    [
        ([], 9, []),
        (["", " \n"], 9, []),
        (["a b", "c d"], 9, ["a b c d"]),
        (["a b c", "d e f", "g"], 5, ["a b c", "d e f g"]),
        (["a b c", "d e f", "g"], 8, ["a b c d e f g"]),
        (["a b c d", "e f", "g h", "i j"], 9, ["a b c d e f", "g h i j"]),
        (["A b. C d. E f."], 6, ["A b. C d.", "E f."]),
        (["aa bb, cc dd ee ff, gg hh"], 7, ["aa bb,", "cc dd ee ff, gg hh"]),
        (["a b c. d e", "f. g"], 5, ["a b c.", "d e f. g"]),
        (["Sold 1 500 000 kg"], 5, ["Sold", "1 500 000 kg"]),
    ],
)
def test_paragraphs_stay_whole_where_they_can(texts, room, groups):
    assert group(texts, room) == groups


def test_the_groups_are_of_about_one_size():
    groups = group([f"Rice {n} was sold." for n in range(11)], 40)
    assert count_words(groups) == [25, 21]


def test_texts_that_grow_when_they_are_joined_are_parted_again():
    def measure(texts):
        return [1 if " " not in text else 9 * len(text.split()) for text in texts]

    assert group_texts(list("abcd"), 20, measure, str.split) == ["a b", "c d"]


def test_a_window_for_not_even_one_character_is_an_error():
    with pytest.raises(InputTooLong, match="choose a summarizer"):
        group(["a"], 1)
