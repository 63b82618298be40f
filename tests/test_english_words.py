"""Which words of a sentence's beginning are English."""

import pytest

from models.english_words import countries_of, is_english_word


@pytest.mark.parametrize(
    "word",
    [
        "Officials",
        "Worryingly",
        "Excluding",
        "Flood-hit",
        "Stopped",
        "Families",
        "Reopened",
        "Rice",
    ],
)
def test_everyday_words_with_their_endings_and_beginnings(word):
    assert is_english_word(word)


@pytest.mark.parametrize(
    "word", ["Vinamilk", "Kongchro", "Pleiku", "Chinese", "Petrolimex", "Nguyen", "Đắk", "", "46"]
)
def test_names_are_none(word):
    assert not is_english_word(word)


def test_the_country_behind_a_word():
    assert countries_of("Chinese") == ("China",)
    assert countries_of("cambodians") == ("Cambodia",)
    assert countries_of("Farmers") == ()
