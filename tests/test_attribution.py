"""Which paragraphs support a summary sentence."""

from models.attribution import Paragraph, supporting_paragraphs

ITEM = [
    Paragraph(2, "", "The province opened a market in Ia Mo commune on May 12."),
    Paragraph(5, "", "The market has 46 stalls that sell rice, cashew nuts and honey."),
    Paragraph(7, "", "Farmers from 38 households said the new road will be repaired."),
]


def test_a_sentence_names_the_paragraph_it_came_from():
    assert supporting_paragraphs("A market opened in Ia Mo on May 12.", ITEM) == (2,)
    assert supporting_paragraphs("The road will be repaired, said 38 households.", ITEM) == (7,)


def test_a_sentence_made_of_two_paragraphs_names_both():
    sentence = "A market with 46 stalls selling honey opened in Ia Mo commune on May 12."
    assert set(supporting_paragraphs(sentence, ITEM)) == {2, 5}


def test_a_sentence_that_shares_no_word_names_none():
    assert supporting_paragraphs("Quantum chess fascinates nobody.", ITEM) == ()


def test_no_paragraphs_support_nothing():
    assert supporting_paragraphs("A market opened.", []) == ()
