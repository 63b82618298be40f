"""Lossless sentence segmentation of Vietnamese news text."""

from __future__ import annotations

import re

from models.errors import InputTooLong

# Words whose full stop does not end a sentence. Case matters: "No." is a number, "no." is "full".
# fmt: off
ABBREVIATIONS = frozenset({
    "TP", "Tp", "tp", "TX", "Tx", "tx", "TT", "Tt", "Q", "H", "X", "P", "F", "Đ", "KP", "KDC",
    "QL", "TL", "CTCP", "CTY", "Cty", "GS", "PGS", "TS", "Ts", "ThS", "Ths", "Th", "BS", "Bs",
    "BSCKI", "BSCKII", "DS", "KS", "LS", "KTS", "CN", "NGƯT", "NGND", "NSƯT", "NSND", "NXB", "ĐT",
    "DĐ", "ĐC", "Tel", "No", "St", "Mr", "Mrs", "Ms", "Dr", "Prof", "Co", "Ltd", "Inc", "vs",
    "tr",
})
# fmt: on
CLOSERS = "\"”’'»)]"
OPENERS = "\"“‘'«(["
NEVER_FIRST = ",;:)]”’»%/"

CANDIDATE = re.compile(rf"(?P<stop>[.?!…][.?!…{re.escape(CLOSERS)}]*)(?P<gap>\s*)|(?P<line>\s+)")
NEWLINE = re.compile(r"\r\n|[\n\r\u2028\u2029]")
ADDRESS = re.compile(
    r"https?:|www\.|@|\.(?:jpe?g|png|gif|webp|mp[34]|pdf|docx?|xlsx?|pptx?|html?|zip|vn|com|org|net)\b",
    re.IGNORECASE,
)
LIST_MARK = re.compile(
    r"\s*(?:(?:Điều|Chương|Mục|Khoản|Phần|Bài)\s)?(?:\d{1,3}(?:\.\d{1,2})*|[IVX]{1,5}|[a-zđA-ZĐ])"
)
LETTER_ITEM = re.compile(r"[a-zđ][.)]\s")
FIGURE = re.compile(r"\d(?!\d{0,2}[.)]\s)")
CAPITALISED = re.compile(r"[^\W\d_]{2,}")
# A token longer than this is no abbreviation, and looking no further keeps the pass linear.
LOOK_BACK = 48


def _word_before(text: str, start: int, end: int) -> str:
    words = text[max(start, end - LOOK_BACK) : end].split()
    return words[-1].lstrip(OPENERS) if words else ""


def _ends_a_name(text: str, start: int, end: int) -> bool:
    """Whether the single letter before `end` closes a name, as in "Trần Thị B."."""
    words = text[max(start, end - LOOK_BACK) : end].split()[-3:-1]
    return len(words) == 2 and all(CAPITALISED.fullmatch(w) and w[0].isupper() for w in words)


def _is_abbreviation(text: str, start: int, end: int) -> bool:
    word = _word_before(text, start, end)
    if not word or word == "v.v":
        return False
    parts = word.split(".")
    if len(word) == 1 and word.isupper():
        in_brackets = text[end + 1 : end + 3].lstrip().startswith("(")
        return in_brackets or not _ends_a_name(text, start, end)
    if all(len(part) == 1 and part.isupper() for part in parts):
        return len(parts) == 2
    return all(part in ABBREVIATIONS for part in parts)


def _first_letter(text: str, at: int) -> str:
    """The character that tells how the text goes on: openers and dashes are looked through."""
    return text[at : at + LOOK_BACK].lstrip(OPENERS + "-–— ")[:1]


def _starts_unspaced_sentence(text: str, start: int, stop: int, after: int) -> bool:
    """Whether a capitalised word glued to the full stop begins a sentence ("tốt.Đồng thời")."""
    before = text[stop - 1] if stop > start else ""
    if not (before.islower() or before.isdigit() or before in "%)”"):
        return False
    following = text[after : after + 2]
    if not following[:1].isupper() or not (following[1:].islower() or following in ("Ở ", "Ý ")):
        return False
    token_start = max(start, stop - LOOK_BACK)
    token = text[token_start:stop].split()[-1:] + text[stop : after + LOOK_BACK].split()[:1]
    return not ADDRESS.search("".join(token))


def _is_kept_together(text: str, start: int, match: re.Match[str]) -> bool:
    """Whether the stop belongs to an abbreviation or a list mark, so that text goes on."""
    stop = match.start("stop")
    if match["stop"] != ".":
        return False
    is_list_mark = stop - start < LOOK_BACK and LIST_MARK.fullmatch(text, start, stop)
    return bool(is_list_mark) or _is_abbreviation(text, start, stop)


def _line_goes_on(text: str, match: re.Match[str]) -> bool:
    """Whether a line break without a full stop is only a wrapped line."""
    at = match.end()
    if text[at : at + 1].islower():
        return not LETTER_ITEM.match(text, at)
    before = text[match.start() - 1]
    return before == "," or (before.islower() and bool(FIGURE.match(text, at)))


def _is_line_end(text: str, match: re.Match[str]) -> bool:
    newlines = len(NEWLINE.findall(match["line"]))
    return newlines > 1 or (newlines == 1 and not _line_goes_on(text, match))


def _is_boundary(text: str, start: int, match: re.Match[str]) -> bool:
    if match["line"] is not None:
        return match.start() > start and _is_line_end(text, match)
    gap, after = match["gap"], match.end()
    if len(NEWLINE.findall(gap)) > 1:
        return True
    if _is_kept_together(text, start, match):
        return False
    if NEWLINE.search(gap):
        return True
    if not gap:
        return _starts_unspaced_sentence(text, start, match.start(), after)
    return text[after] not in NEVER_FIRST and not _first_letter(text, after).islower()


def split_sentences(text: str) -> list[str]:
    """Cut a text into sentences; joined again they are the text, white space included."""
    sentences = []
    start = 0
    for match in CANDIDATE.finditer(text):
        if match.end() < len(text) and _is_boundary(text, start, match):
            sentences.append(text[start : match.end()])
            start = match.end()
    if start < len(text):
        sentences.append(text[start:])
    return sentences


# Most to least wanted places of a cut; the last never parts the groups of "1 500 000".
LONG_CUTS = (re.compile(r";\s"), re.compile(r",\s"), re.compile(r"\s(?!(?<=\d\s)\d{3}(?!\d))"))


def _last_cut(sentence: str, start: int, limit: int) -> int:
    """Where the piece that begins at `start` ends, or `start` when there is no place for a cut."""
    for cut in LONG_CUTS:
        # A piece of a few words loses its context, so an early semicolon is no good place.
        earliest = start if cut is LONG_CUTS[-1] else start + limit // 4
        ends = [match.end() for match in cut.finditer(sentence, earliest, start + limit + 4)]
        fitting = [end for end in ends if end <= start + limit]
        if fitting:
            return fitting[-1]
    return start


def split_long(sentence: str, limit: int) -> list[str]:
    """Cut a text into pieces of at most `limit` characters, without loss.

    Raises:
        InputTooLong: a word or number is longer than the limit.
        ValueError: the limit is below one.
    """
    if limit < 1:
        raise ValueError(f"limit must be at least 1, not {limit}")
    pieces = []
    start = 0
    while len(sentence) - start > limit:
        end = _last_cut(sentence, start, limit)
        if end == start:
            raise InputTooLong(
                f"No space within {limit} characters of the segment that begins with "
                f"{sentence[start : start + 40]!r}; break it up or shorten it."
            )
        pieces.append(sentence[start:end])
        start = end
    if start < len(sentence):
        pieces.append(sentence[start:])
    return pieces
