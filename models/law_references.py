"""References to articles of law: their English, and putting right what a target swapped."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

# What a model may call each part; Vietnam's English-language press says the first.
_PARTS = {
    "điểm": ("Point", "item", "subitem", "subparagraph", "letter"),
    "khoản": ("Clause", "paragraph", "section", "subsection", "item"),
    "điều": ("Article",),
}
_VALUE = r"(?:\d+[a-zđ]?|[a-zđ])(?!\w|[.,]\d)"
_JOINT = r"(?:\s*,\s*|\s+(?:và|hoặc|đến)\s+)"
# One word and its values: "khoản 20 triệu" is a sum of money.
_PART_VI = re.compile(
    rf"(?<!\w)(?:các\s+)?(điểm|khoản|điều)\s+({_VALUE}(?:{_JOINT}{_VALUE})*)", re.IGNORECASE
)
# What may stand between the parts of one reference: before its article, and after it.
_TO_ARTICLE = re.compile(r"\s*(?:,\s*)?(?:(?:và|hoặc|của|thuộc)\s+)?", re.IGNORECASE)
_FROM_ARTICLE = re.compile(r"\s*(?:,\s*)?")
# "bệnh viện điều 2 xe" sends two cars: alone, a small "điều" has to be followed by no thing.
_THING = re.compile(
    r"\s+(?!(?:của|và|hoặc|đến|bộ|luật|nghị|quy|thông|hiến|pháp|có|là|thì|được|phải)\b)([^\W\d_])"
)
_WORDS_EN = "|".join(sorted({word.lower() for words in _PARTS.values() for word in words}))
_VALUE_EN = r"(?:\d+[a-z]?|[a-z])(?!\w|[.,]\d)"
_PART_EN = rf"(?:{_WORDS_EN})s?\s+{_VALUE_EN}(?:(?:\s*,\s*|\s+(?:and|or|to)\s+){_VALUE_EN})*"
_CHAIN_EN = re.compile(
    rf"(?<!\w){_PART_EN}(?:\s*(?:,\s*)?(?:(?:of|in|under)\s+)?(?:the\s+)?{_PART_EN})*",
    re.IGNORECASE,
)
_ONE_EN = re.compile(
    rf"({_WORDS_EN})s?\s+({_VALUE_EN}(?:(?:\s*,\s*|\s+(?:and|or|to)\s+){_VALUE_EN})*)",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"\s*,\s*|\s+(?:và|hoặc|đến|and|or|to)\s+")
_JOINTS = {"hoặc": "or", "đến": "to"}

_Values = tuple[str, ...]


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
    for chain in _chains(source, list(_PART_VI.finditer(source))):
        start, end = chain[0].start(), chain[-1].end()
        parts = [(one[1].lower(), one[2]) for one in chain]
        english = ", ".join(_render(kind, values) for kind, values in parts)
        values = tuple((kind, one) for kind, text in parts for one in _singles(text))
        found.append(LawReference(source[start:end], start, end, english, values))
    return tuple(found)


def _chains(source: str, parts: Sequence[re.Match[str]]) -> Iterator[Sequence[re.Match[str]]]:
    """Each article with the clauses and points that stand before or after it."""
    first = 0
    for at, part in enumerate(parts):
        if at < first:
            continue
        if at and not _links(_TO_ARTICLE, source, parts, at):
            first = at
        if not _is_article(part):
            continue
        end = at + 1
        while end < len(parts) and _goes_on(source, parts, end):
            end += 1
        if end - first > 1 or not _is_dispatch(source, part):
            yield parts[first:end]
        first = end


def _is_dispatch(source: str, part: re.Match[str]) -> bool:
    """Whether what counts as an article is a verb and the number of what it sends."""
    thing = _THING.match(source, part.end())
    return part[1].islower() and thing is not None and thing[1].islower()


def _is_article(part: re.Match[str]) -> bool:
    return part[1].lower() == "điều"


def _goes_on(source: str, parts: Sequence[re.Match[str]], at: int) -> bool:
    """Whether a clause belongs to the article before it, and not to one right after it."""
    if _is_article(parts[at]) or not _links(_FROM_ARTICLE, source, parts, at):
        return False
    is_last = at + 1 == len(parts) or not _is_article(parts[at + 1])
    return is_last or not _links(_FROM_ARTICLE, source, parts, at + 1)


def _links(between: re.Pattern[str], source: str, parts: Sequence[re.Match[str]], at: int) -> bool:
    """Whether nothing but such words stands between a part and the one before it."""
    return between.fullmatch(source, parts[at - 1].end(), parts[at].start()) is not None


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
    Section 251" for "khoản 4, Điều 251" becomes "Clause 4, Article 251". Where one with these
    values stands rightly, another means something else ("Point 2 of the plan").
    """
    references: dict[_Values, dict[str, LawReference]] = {}
    for one in find_law_references(source):
        references.setdefault(_values(one.parts), {}).setdefault(one.english, one)
    if not references:
        return target
    written = [(chain, list(_parts_en(chain[0]))) for chain in _CHAIN_EN.finditer(target)]
    right = {
        _values(parts)
        for _, parts in written
        if any(_agree(parts, one.parts) for one in references.get(_values(parts), {}).values())
    }
    pieces, end = list[str](), 0
    for chain, parts in written:
        wanted = references.get(_values(parts), {})
        if len(wanted) == 1 and _values(parts) not in right:
            pieces += [target[end : chain.start()], *wanted]
            end = chain.end()
    return "".join([*pieces, target[end:]])


def _values(parts: Iterable[tuple[str, str]]) -> _Values:
    return tuple(sorted(value for _, value in parts))


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
