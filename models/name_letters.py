"""Vietnamese letters without their marks, and the shape of a Vietnamese syllable."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

# Latin letters of Vietnamese and of the minority languages of Vietnam, without their marks.
_MARKS = "\u0300\u0301\u0302\u0303\u0306\u0309\u031b\u0323\u030c"
_FOLDED = {
    ord(letter): unicodedata.normalize("NFD", letter)[0]
    for letter in (
        "àáảãạăằắẳẵặâầấẩẫậèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵĕĭŏŭčñ"
        "ÀÁẢÃẠĂẰẮẲẴẶÂẦẤẨẪẬÈÉẺẼẸÊỀẾỂỄỆÌÍỈĨỊÒÓỎÕỌÔỒỐỔỖỘƠỜỚỞỠỢÙÚỦŨỤƯỪỨỬỮỰỲÝỶỸỴĔĬŎŬČÑ"
    )
} | {ord("đ"): "d", ord("Đ"): "D", ord("ƀ"): "b", ord("Ƀ"): "B"}
_FOLDED |= {ord(mark): "" for mark in _MARKS}
_VOWELS = (
    "a|ac|ach|ai|am|an|ang|anh|ao|ap|at|au|ay|e|ec|em|en|eng|eo|ep|et|eu|ech|enh|i|ia|ich|iec"
    "|iem|ien|ieng|iep|iet|ieu|im|in|inh|ip|it|iu|o|oa|oac|oach|oai|oam|oan|oang|oanh|oao|oap"
    "|oat|oay|oc|oe|oem|oen|oeo|oet|oi|om|on|ong|ooc|oong|op|ot|u|ua|uan|uang|uat|uay|uc|ue"
    "|uech|uenh|ui|um|un|ung|uo|uoc|uoi|uom|uon|uong|uop|uot|uou|up|ut|uu|uy|uya|uych|uyen"
    "|uyet|uynh|uyt|uyu|y|yem|yen|yet|yeu|uyn"
)
_SYLLABLE = re.compile(
    rf"(?:gh(?=[ei])|ngh(?=[ei])|k(?=[eiy])|c(?=[aou])|qu|gi|ch|kh|nh|ph|th|tr|ng|[bdghlmnprstvx])?"
    rf"(?:{_VOWELS})|gi|gin|gien?g|qu(?:oc|oi|on|ong|o|y|yen|yet|ynh|yt)"
)

# "nghiêng", with a mark on its own for each letter that bears one; no other word is kept.
LONGEST_SYLLABLE = 16


def fold_diacritics(text: str) -> str:
    """Write Vietnamese letters as ASCII; everything else stays as it is."""
    return text.translate(_FOLDED)


def is_syllable(key: str) -> bool:
    """Whether a lower-case word has the shape of a Vietnamese syllable."""
    return len(key) <= LONGEST_SYLLABLE and _has_shape(key)


@lru_cache(maxsize=8192)
def _has_shape(key: str) -> bool:
    return _SYLLABLE.fullmatch(fold_diacritics(key)) is not None
