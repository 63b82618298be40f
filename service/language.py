"""Is this text Vietnamese? Asked before a minute of translation is spent on it."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from threading import Lock

from lingua import Language, LanguageDetector, LanguageDetectorBuilder

from models.errors import DiemtinError

# What lands on a Vietnamese news desk by mistake. Other languages that share a script with one of
# these are called by its name, or "an unknown language": they are rejected either way.
_LANGUAGES = (
    Language.VIETNAMESE,
    Language.ENGLISH,
    Language.FRENCH,
    Language.GERMAN,
    Language.SPANISH,
    Language.PORTUGUESE,
    Language.INDONESIAN,
    Language.POLISH,
    Language.RUSSIAN,
    Language.CHINESE,
    Language.JAPANESE,
    Language.KOREAN,
    Language.THAI,
)
_SCRIPTS = ("LAO", "KHMER", "MYANMAR", "ARABIC", "HEBREW", "DEVANAGARI", "GREEK")
_SAMPLE_LETTERS = 2_000
_lock = Lock()
_NOT_LETTERS = re.compile(r"[\W\d_]+")
# Only Vietnamese has these: ơ, ư and the vowels with a hook, a dot below or two marks.
_VIETNAMESE_LETTER = re.compile("[ơưƠƯẠ-ỹ]")
_MARKED_LETTER = re.compile("[àáâãèéêìíòóôõùúýăđĩũơưẠ-ỹ]", re.IGNORECASE)
_MARKED_SHARE = 0.05  # of letters; Vietnamese has 0.2 to 0.3, without diacritics 0

_SHORT_LETTERS = 40  # too few for statistics: one Vietnamese-only letter decides
_ADVICE = (
    "Such text is not supported: its words are ambiguous and names would be lost. Send the item "
    "with its diacritics, as it was published."
)
_NO_DIACRITICS = f"If it is Vietnamese typed without diacritics: {_ADVICE[0].lower()}{_ADVICE[1:]}"


class NotVietnamese(DiemtinError):
    """The text is in another language, or in Vietnamese without diacritics."""


@cache
def _build_detector() -> LanguageDetector:
    # Low accuracy takes far less memory, and is no worse on tests/test_language.py's table.
    return LanguageDetectorBuilder.from_languages(*_LANGUAGES).with_low_accuracy_mode().build()


def _detect(text: str) -> Language | None:
    with _lock:
        detector = _build_detector()
    return detector.detect_language_of(text)


def _take_sample(text: str) -> str:
    """The first words, without what would pass for a foreign language: file names and links."""
    words: list[str] = []
    letters = 0
    for word in text[: 10 * _SAMPLE_LETTERS].split():
        if "/" in word or word.count("-") > 2 or word.lower().endswith((".jpg", ".png", ".vn")):
            continue
        words.append(word[:_SAMPLE_LETTERS])
        letters += len(word)
        if letters >= _SAMPLE_LETTERS:
            break
    return " ".join(words)


def _name_script(letters: str) -> str | None:
    scripts = [unicodedata.name(letter, "").partition(" ")[0] for letter in letters[:50]]
    common = max(set(scripts), key=scripts.count)
    return common.title() if common in _SCRIPTS else None


def _describe(language: Language | None, letters: str) -> str:
    if script := _name_script(letters):
        return f"text in {script} script"
    return "in an unknown language" if language is None else language.name.title()


def require_vietnamese(text: str) -> None:
    """Return if the text is Vietnamese with its diacritics.

    Raises:
        NotVietnamese: it is not, or has no words at all; the message says what it seems to be.
    """
    sample = _take_sample(text)
    letters = _NOT_LETTERS.sub("", sample)
    if not letters:
        raise NotVietnamese("The text has no words. Send the text of a Vietnamese news item.")
    if len(letters) <= _SHORT_LETTERS and _VIETNAMESE_LETTER.search(letters):
        return
    language = _detect(sample)
    marked = len(_MARKED_LETTER.findall(letters)) / len(letters)
    if language != Language.VIETNAMESE:
        hint = "" if marked or not letters.isascii() else f" {_NO_DIACRITICS}"
        raise NotVietnamese(
            f"The text seems to be {_describe(language, letters)}; only Vietnamese can be "
            f"translated. Send a Vietnamese news item.{hint}"
        )
    if marked < _MARKED_SHARE:
        raise NotVietnamese(f"The text seems to be Vietnamese typed without diacritics. {_ADVICE}")
