"""References to articles of law: their English, and putting right what a target swapped."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

# What a model may call each part; Vietnam's English-language press says the first.
_PARTS = {
    "điểm": ("Point", "item", "subitem", "subparagraph", "letter"),
    "khoản": ("Clause", "paragraph", "section", "subsection", "item"),
    "điều": ("Article",),
}
_VALUE = r"(?:\d+[a-zđ]?|[a-zđ])(?!\w|[.,]\d)"
_JOINT = r"(?:\s*,\s*|\s+(?:và|hoặc|đến)\s+)"
_LOWER_VI = rf"(?:các\s+)?(?:điểm|khoản)\s+{_VALUE}(?:{_JOINT}{_VALUE})*"
# One article with the clauses and points before or after it: "khoản 20 triệu" is a sum of money.
_CHAIN_VI = re.compile(
    rf"(?<!\w)(?:{_LOWER_VI}\s*,?\s*(?:(?:và|hoặc|của|thuộc)\s+)?)*"
    rf"(?:các\s+)?điều\s+{_VALUE}(?:{_JOINT}{_VALUE})*(?:\s*,?\s*{_LOWER_VI}(?!\s*,?\s*điều))*",
    re.IGNORECASE,
)
_ONE_VI = re.compile(rf"(điểm|khoản|điều)\s+({_VALUE}(?:{_JOINT}{_VALUE})*)", re.IGNORECASE)
_WORDS_EN = "|".join(sorted({word.lower() for words in _PARTS.values() for word in words}))
_VALUE_EN = r"(?:\d+[a-z]?|[a-z])(?!\w|[.,]\d)"
_PART_EN = rf"(?:{_WORDS_EN})s?\s+{_VALUE_EN}(?:(?:\s*,\s*|\s+(?:and|or|to)\s+){_VALUE_EN})*"
_CHAIN_EN = re.compile(
    rf"(?<!\w){_PART_EN}(?:\s*,?\s*(?:(?:of|in|under)\s+)?(?:the\s+)?{_PART_EN})*", re.IGNORECASE
)
_ONE_EN = re.compile(
    rf"({_WORDS_EN})s?\s+({_VALUE_EN}(?:(?:\s*,\s*|\s+(?:and|or|to)\s+){_VALUE_EN})*)",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"\s*,\s*|\s+(?:và|hoặc|đến|and|or|to)\s+")
_JOINTS = {"hoặc": "or", "đến": "to"}


@dataclass(frozen=True)
class LawReference:
    """Words of a source such as "khoản 4, Điều 251", at `start` to `end`, and their English."""

    text: str
    start: int
    end: int
    english: str
    parts: tuple[tuple[str, str], ...]


def find_law_references(source: str) -> tuple[LawReference, ...]:
    """The references of a Vietnamese text that name an article."""
    found = []
    for chain in _CHAIN_VI.finditer(source):
        parts = [(one[1].lower(), one[2]) for one in _ONE_VI.finditer(chain[0])]
        english = ", ".join(_render(kind, values) for kind, values in parts)
        values = tuple((kind, one) for kind, text in parts for one in _singles(text))
        found.append(LawReference(chain[0], *chain.span(), english, values))
    return tuple(found)


def _render(kind: str, values: str) -> str:
    name, (*most, last) = _PARTS[kind][0], _singles(values)
    if not most:
        return f"{name} {last}"
    joint = next((english for word, english in _JOINTS.items() if word in values), "and")
    return f"{name}s {', '.join(most)} {joint} {last}"


def _singles(values: str) -> list[str]:
    # Official translations write "dd" for the letter that English lacks.
    return [one.lower().replace("đ", "dd") for one in _BETWEEN.split(values)]


def repair_law_references(source: str, target: str) -> str:
    """Return the target with the parts of its references called as the source calls them.

    Only a reference with exactly the values of one in the source is touched: "Article 4,
    Section 251" for "khoản 4, Điều 251" becomes "Clause 4, Article 251".
    """
    references = find_law_references(source)
    if not references:
        return target
    return _CHAIN_EN.sub(lambda found: _put_right(found[0], references), target)


def _put_right(written: str, references: Sequence[LawReference]) -> str:
    parts = list(_parts_en(written))
    for one in references:
        same_values = sorted(value for _, value in parts) == sorted(value for _, value in one.parts)
        if same_values and not _agree(parts, one.parts):
            return one.english
    return written


def _parts_en(written: str) -> Iterator[tuple[str, str]]:
    for one in _ONE_EN.finditer(written):
        yield from ((one[1].lower(), value) for value in _singles(one[2]))


def _agree(written: Sequence[tuple[str, str]], wanted: Sequence[tuple[str, str]]) -> bool:
    """Whether each value has a word that its kind goes by."""
    left = list(written)
    for kind, value in wanted:
        words = {word.lower() for word in _PARTS[kind]}
        fitting = next((one for one in left if one[0] in words and one[1] == value), None)
        if fitting is None:
            return False
        left.remove(fitting)
    return True
