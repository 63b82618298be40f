"""What a model says around its summary."""

import pytest

from models.answers import strip_announcement, strip_talk

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


@pytest.mark.parametrize(
    ("answer", "left"),
    [
        (f"Here is the English translation: {SAID}", SAID),
        (f"Sure! Here's the translation of the given Vietnamese text:\n\n{SAID}", SAID),
        (f'Here is the English translation of the text, complete and exact: "{SAID}"', SAID),
        ("Here is the English translation of the given Vietnamese text", ""),
        ("Here is the market of Ia Mo: it sells rice.", None),
        ("This is the first text of its kind: a law.", None),
        (SAID, None),
    ],
)
def test_what_announces_a_translation_goes(answer, left):
    source = "Xã Ia Mơ mở chợ."
    assert strip_announcement(source, answer) == (answer if left is None else left)


def test_an_item_of_a_translation_may_say_so():
    answer = "This is the English translation of Kieu: 3,254 lines."
    assert (
        strip_announcement("Đây là bản dịch tiếng Anh của Truyện Kiều: 3.254 câu.", answer)
        == answer
    )
