"""What a model says around its summary."""

import pytest

from models.answers import strip_talk

SAID = "Ia Mo Commune opened a market."


@pytest.mark.parametrize(
    "answer",
    [
        f"Here is a one-sentence summary: {SAID}",
        f"Here's the summary in one sentence:\n\n{SAID}",
        f"Sure! {SAID}",
        f"Sure, here is a summary of the lead:\n{SAID}",
        f"Certainly! Here are two separate sentences: {SAID}",
        f"Of course. {SAID}",
        f"**Summary:** {SAID}",
        f"Summary of the news item: {SAID}",
        f"In one sentence: {SAID}",
        f"- {SAID}",
        f"Summary:\n\n  - {SAID}\n",
        f'"{SAID}"',
        f"{SAID}\n\nLet me know if you need more.",
        f"{SAID} (Note: 5 words)",
        SAID,
    ],
)
def test_the_talk_goes_and_the_summary_stays(answer):
    assert strip_talk(answer) == SAID


@pytest.mark.parametrize(
    "sentence",
    [
        "Here the river bends.",
        "This is the first market in the commune.",
        "Officials said: the market sells rice.",
        "Surely the market helps.",
        "“We sold everything,” she said, “in an hour.”",
        "Answers came late.",
    ],
)
def test_a_sentence_that_only_begins_alike_stays(sentence):
    assert strip_talk(sentence) == sentence


@pytest.mark.parametrize("answer", ["Sure!", "Here is the summary:", "Summary:", ""])
def test_talk_alone_leaves_nothing(answer):
    assert strip_talk(answer) == ""
