"""One concept of a glossary, and the keys by which its Vietnamese forms are compared."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

USER_DOMAIN = "user"

_TOKEN = re.compile(r"[^\W_][^\W_\u0300-\u036f]*(?:[\u0300-\u036f]+[^\W_]*)*|[^\w\s]|_")
# Both spellings of a syllable are in use: hoà and hòa, uỷ and ủy, kỹ and kĩ.
_OLD_TONE = {
    old: new
    for olds, news in (("oà oá oả oã oạ", "òa óa ỏa õa ọa"), ("oè oé oẻ oẽ oẹ", "òe óe ỏe õe ọe"))
    for old, new in zip(olds.split(), news.split(), strict=True)
} | {"uỳ": "ùy", "uý": "úy", "uỷ": "ủy", "uỹ": "ũy", "uỵ": "ụy"}
_FINAL_Y = re.compile(r"^([hklmst])([yỳýỷỹỵ])$")
_Y_TO_I = str.maketrans("yỳýỷỹỵ", "iìíỉĩị")


@dataclass(frozen=True)
class Entry:
    """One concept: every Vietnamese form, the preferred English and what else counts as right.

    Args:
        case: its forms are found only where they are written exactly so.
        user: it is of the user's own glossary, and wins over what is built in.
    """

    vi: tuple[str, ...]
    en: str
    accept: tuple[str, ...] = ()
    domain: str = ""
    case: bool = False
    note: str = ""
    user: bool = False


# What a caller may give: an entry, or source and target alone.
GlossaryTerm = Entry | tuple[str, str]


@dataclass(frozen=True)
class Token:
    """A syllable or a sign of a text; `key` is the same for both spellings, whatever the case."""

    key: str
    start: int
    end: int


def tokenize(text: str) -> list[Token]:
    """Split a text into syllables and signs."""
    return [Token(_syllable_key(m[0]), *m.span()) for m in _TOKEN.finditer(text)]


def exact_key(text: str) -> str:
    """The text as it is written, white space apart."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def _syllable_key(token: str) -> str:
    key = unicodedata.normalize("NFC", token).casefold()
    tail = key[-2:]
    if tail in _OLD_TONE and not (tail[0] == "u" and key[:-2] == "q"):
        key = key[:-2] + _OLD_TONE[tail]
    if vowel := _FINAL_Y.match(key):
        key = vowel[1] + vowel[2].translate(_Y_TO_I)
    return "-" if key in "–—‑" else key
