"""A summary made of an item's own sentences: the lead, then what adds to it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from models.attribution import Paragraph, stem_word
from models.english import count_words, cut_to_words, split_english_sentences
from models.names import fold_diacritics

LONGEST_HEADLINE = 200
# Of the shorter sentence's words; one that shares more says much the same again.
MOST_SHARED = 0.3
SHORTEST_TELLING_WORD = 4

_EMPTY_WORDS = frozenset(
    """that this these those with from into onto have been were will would than then there their
    they them also which while when where what such some more most very said says according about
    after before during over under only just being does made make here""".split()  # noqa: SIM905 - a word list
)
_ENDED = re.compile(r"[.!…][\"”’')\]»\s]*$")
_WORD = re.compile(r"\w+(?:[.,]\d+)*")
# These point back: without the sentence before, a reader takes "he" for somebody else.
_LEANING = re.compile(
    r"[\"“‘(]?(?:he|she|it|they|him|her|his|its|their|this|that|these|those|such|both|the (?:former"
    r"|latter|two|same)|there|then|also|in addition|additionally|besides|moreover|furthermore"
    r"|however|but|and|so|therefore|thus|accordingly|as a result|consequently|similarly|likewise"
    r"|meanwhile|instead|otherwise|of (?:these|which|this|them)|among (?:them|these|which)"
    r"|even so|according to (?:him|her|them)|after that|at the same time"
    r"|for (?:this|that) reason)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Extract:
    """A sentence as it stands in the item, and the id of its paragraph."""

    text: str
    paragraph: int


Ranking = Callable[[Sequence[Extract]], Sequence[int]]


def in_order(sentences: Sequence[Extract]) -> Sequence[int]:
    """Rank the sentences as the item has them: news tells what matters first."""
    return range(len(sentences))


def extract_sentences(
    paragraphs: Sequence[Paragraph],
    most_words: int,
    most_sentences: int,
    rank: Ranking = in_order,
) -> list[Extract]:
    """The best sentences that fit the limits together, in the order of the text.

    The best one is always taken, cut with "…" where it alone exceeds the limit. A later one
    is passed over when it does not fit, when it repeats what is there, or when a reader
    could not tell who is meant or who speaks. `bench summaries` compares the rankings.
    """
    sentences = item_sentences(paragraphs)
    chosen: dict[int, Extract] = {}
    left = most_words
    for index in rank(sentences):
        one = sentences[index]
        words = count_words(one.text)
        if not chosen:
            one = Extract(cut_to_words(one.text, left), one.paragraph)
        elif words > left or not _stands(index, sentences, chosen):
            continue
        chosen[index] = one
        left -= words
        if len(chosen) == most_sentences:
            break
    return [chosen[index] for index in sorted(chosen)]


def item_sentences(paragraphs: Sequence[Paragraph]) -> list[Extract]:
    """The sentences that may stand in a summary; headlines only of an item with nothing else.

    A headline says what the lead says, in fewer words, and takes the place of a sentence.
    """
    prose = [one for one in paragraphs if _is_prose(one)] or paragraphs
    return [
        Extract(text, paragraph.id)
        for paragraph in prose
        for text in split_english_sentences(paragraph.target)
    ]


def _is_prose(paragraph: Paragraph) -> bool:
    """Whether the source ends as sentences do; a model may add a full stop to a headline."""
    text = paragraph.source if paragraph.source.strip() else paragraph.target
    if len(text) > LONGEST_HEADLINE or _ENDED.search(text):
        return True
    return len(split_english_sentences(paragraph.target)) > 1


def _stands(index: int, sentences: Sequence[Extract], chosen: dict[int, Extract]) -> bool:
    text = sentences[index].text
    if not _ENDED.search(text) or _is_half_quoted(text):
        return False
    if leans_back(text) and index - 1 not in chosen:
        return False
    words = _telling_words(text)
    return bool(words) and all(
        len(words & theirs) <= MOST_SHARED * min(len(words), len(theirs))
        for theirs in (_telling_words(one.text) for one in chosen.values())
    )


def leans_back(sentence: str) -> bool:
    """Whether a reader needs the sentence before to tell who or what is meant."""
    return _LEANING.match(sentence) is not None


def content_words(sentence: str) -> frozenset[str]:
    """What a sentence tells, in words without their endings; figures are as good as words."""
    return frozenset(
        stem_word(word) for word in _telling_words(sentence) if word not in _EMPTY_WORDS
    )


def _is_half_quoted(text: str) -> bool:
    """Whether speech begins or ends elsewhere, and with it the name of who speaks."""
    return text.count('"') % 2 == 1 or text.count("“") != text.count("”")


def _telling_words(text: str) -> frozenset[str]:
    """Its words without the short ones, which say little: "the", "and", "of"."""
    found = _WORD.findall(fold_diacritics(text).casefold())
    return frozenset(
        word for word in found if len(word) >= SHORTEST_TELLING_WORD or word[0].isdigit()
    )
