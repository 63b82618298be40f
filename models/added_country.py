"""The country that a model adds: "a commune in Vietnam" where the source names none."""

from __future__ import annotations

import re
import unicodedata

_ADDED = re.compile(r",? in Vietnam(?=[,.;:)]|\s|$)|,? Vietnam,(?= [a-z])|, Vietnam(?=[.;:)]|$)")
_OF_THE_COUNTRY = re.compile(
    r"việt|\bvn\b|vietnam|(?:cả|đất|trong|ngoài|toàn|nhà) nước|nước (?:ta|nhà|mình)"
    r"|quốc (?:gia|nội|tế)|toàn quốc|tổ quốc|nội địa"
)


def drop_added_country(source: str, target: str) -> str:
    """The target without the "in Vietnam" that the source neither says nor means.

    A name with the country in it, such as an organisation's, stays.
    """
    if "Vietnam" not in target or _OF_THE_COUNTRY.search(_folded(source)):
        return target
    return _ADDED.sub("", target)


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold()
