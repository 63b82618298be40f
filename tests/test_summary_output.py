"""Sequence-to-sequence output as sentences: its artefacts, its loops, its inventions."""

import unicodedata

import pytest

from models.engine import Hypothesis, Provenance
from models.summary_output import (
    borne_out,
    close_sentence,
    read_english,
    read_vietnamese,
    usable_sentences,
)

LOOP = "The stall, the stall, the stall, the stall, the stall, the."


@pytest.mark.parametrize(
    ("output", "sentences"),
    [
        ("One stall opened.<n>Two closed.", ["One stall opened.", "Two closed."]),
        ("One stall opened . Two closed .", ["One stall opened.", "Two closed."]),
        ("one stall opened . two closed .", ["one stall opened.", "two closed."]),
        ("one stall opened. two closed.", ["one stall opened.", "two closed."]),
        ("the co. opened. mr. tam spoke.", ["the co. opened.", "mr. tam spoke."]),
        ("Prices rose , he said ; all paid .", ["Prices rose, he said; all paid."]),
        ("  It cost 2.5 billion.  Done. ", ["It cost 2.5 billion.", "Done."]),
        ("It rose .5 percent. Mr. Tam left.", ["It rose .5 percent.", "Mr. Tam left."]),
        ("", []),
    ],
)
def test_english_output_is_read_as_sentences(output, sentences):
    assert read_english(output) == sentences


@pytest.mark.parametrize(
    ("output", "sentences"),
    [
        (
            "Chợ mở ở TP. Pleiku . Dân đến đông.",
            ["Chợ mở ở TP. Pleiku.", "Dân đến đông."],
        ),
        (unicodedata.normalize("NFD", "Chợ mở cửa."), ["Chợ mở cửa."]),
        ("Chợ mở cửa<n>Dân đến đông", ["Chợ mở cửa", "Dân đến đông"]),
    ],
)
def test_vietnamese_output_is_read_as_sentences(output, sentences):
    assert read_vietnamese(output) == sentences


@pytest.mark.parametrize(
    ("text", "closed"),
    [
        ("Market opens", "Market opens."),
        ("Market opens!", "Market opens!"),
        ("“Market opens.”", "“Market opens.”"),
        ("a\n b", "a b."),
        (" ", ""),
    ],
)
def test_a_headline_is_closed(text, closed):
    assert close_sentence(text) == closed


@pytest.mark.parametrize(
    ("text", "truncated", "sentences"),
    [
        ("It opened. It sells ri", True, ["It opened."]),
        ("It opened. It sells ri", False, ["It opened.", "It sells ri"]),
        ("It opened on", True, []),
        ("It opened. Rice sold. It OPENED!", False, ["It opened.", "Rice sold."]),
        ("... 12.", False, []),
        (LOOP, False, []),
    ],
)
def test_only_whole_new_sentences_are_usable(text, truncated, sentences):
    hypothesis = Hypothesis(text, 1, 1, truncated, Provenance("m", "r", "e", "1"))
    assert usable_sentences(hypothesis, read_english) == sentences


@pytest.mark.parametrize(
    ("sentences", "kept"),
    [
        (["A", "B"], [0, 1]),
        (["A", "bad", "B"], [0, 2]),
        (["A", "bad", "It was large.", "They left.", "B", "It was red."], [0, 4, 5]),
        (["A", "bad", "Bà cho biết vậy.", "Bà Ánh nói."], [0, 3]),
        (["It opened.", "bad"], [0]),
        (["bad", "B"], []),
        (["A", "half", "half"], []),
        ([], []),
    ],
)
def test_what_is_not_borne_out_goes_and_a_lost_lead_takes_all(sentences, kept):
    def unsupported(text):
        return ("bad",) * ("bad" in text) + ("halves",) * (text.count("half") > 1)

    found, forbidden = borne_out(sentences, unsupported)
    assert found == kept
    assert bool(forbidden) == (len(kept) < len(sentences))
