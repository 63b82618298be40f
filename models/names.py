"""Proper names: missing from a target, invented in it, given their diacritics back."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType

from models.lexicon import Entry, Lexicon, load_lexicon
from models.name_finder import Name, NameKind, find_names, fold_diacritics, is_syllable
from models.name_words import ENGLISH_LOOKALIKES, SENTENCE_WORDS_EN, TITLES_EN

__all__ = [
    "Name",
    "NameKind",
    "find_names",
    "fold_diacritics",
    "invented_names",
    "missing_names",
    "restore_diacritics",
]

# In English these may stand without their own Vietnamese in the source ("our country").
ALWAYS_KNOWN = frozenset("viet nam ho chi minh ha noi".split())  # noqa: SIM905 - a word list

ALWAYS_KNOWN_NAMES = frozenset({"vietnam", "hanoi", "saigon", "hue"})

_SEPARATOR = re.compile(r"[\s\-–'’ʼ.]+")
_TRANSLITERATED = re.compile(r"-[^\W\d_]")
_TARGET_WORD = re.compile(r"[^\W\d_]+(?:['’ʼ-][^\W\d_]+)*")
_SENTENCE_START = re.compile(r"(?:^|[.!?…;\n])[\s\"“”‘’'(\[\-–—•*]*$")


# Trades and goods that capitals join to the name of a firm; English translates them.
COMMON_LEADS = frozenset("than ngành điện thép xăng dầu gỗ giấy dệt may lúa gạo".split())  # noqa: SIM905
COMPOUND_ENDS = frozenset({"mở rộng", "nối dài"})
# "Vịnh Hạ Long" and "Ha Long Bay": a capital only opens the sentence.
PLACE_LEADS = frozenset("vịnh đèo núi sông hồ đảo cầu biển thác cửa hang suối".split())  # noqa: SIM905
_NO_NAME = re.compile(
    r"(?:(?:khóa|khoá|kỳ|lần)\s)?[IVX]+|thứ\s(?:hai|ba|tư|năm|sáu|bảy)|chủ\snhật|[CF]",
    re.IGNORECASE,
)
SYLLABIC_TITLES_EN = frozenset({"coach"})
_TITLE_STOPS = ("Mr.", "Ms.", "Mrs.", "Dr.", "Prof.")


def _loose(text: str) -> str:
    """A key that forgets case, diacritics, spaces, hyphens and apostrophes."""
    return _SEPARATOR.sub("", fold_diacritics(unicodedata.normalize("NFC", text)).casefold())


@lru_cache(maxsize=8)
def _exonyms(lexicon: Lexicon) -> Mapping[str, Entry]:
    forms = {_vietnamese_key(vi): entry for entry in lexicon.places for vi in entry.vi}
    return MappingProxyType(forms)


def _vietnamese_key(text: str) -> str:
    return _SEPARATOR.sub(" ", unicodedata.normalize("NFC", text)).casefold()


def _pattern(form: str) -> str:
    parts = (part for part in _SEPARATOR.split(fold_diacritics(form).casefold()) if part)
    return r"[\s\-–'’ʼ.]*".join(re.escape(part) for part in parts)


def _stands_in(form: str, folded_target: str) -> bool:
    # A foreign word may take an English ending: Pakistan, Pakistani.
    foreign = form.isascii() and len(form) > 4 and form.isalpha() and not is_syllable(form.lower())
    ending = "[a-z]{0,3}" if foreign else ""
    pattern = rf"(?<!\w){_pattern(form)}{ending}(?!\w)"
    return re.search(pattern, folded_target) is not None


def _is_no_name(source: str, name: Name, lexicon: Lexicon) -> bool:
    """Numerals, hashtags, and the rest of a term whose first word another term took."""
    if _NO_NAME.fullmatch(name.text) or source[: name.start].endswith("#"):
        return True
    if all(word.casefold() in COMMON_LEADS for word in name.text.split()):
        return True
    before = re.search(r"\w+\s+$", source[max(0, name.start - 12) : name.start])
    if before is None or name.kind is NameKind.PERSON:
        return False
    whole = before.group() + name.text
    return any(len(match.text) == len(whole) for match in lexicon.find(whole))


def _shorter(source: str, name: Name) -> list[str]:
    """The name without common words joined to it: Than Cọc Nam, Phước Đông Mở rộng."""
    words = name.folded.split()
    plain = name.text.casefold().split()
    forms = []
    if (
        len(words) > (1 if plain[0] in PLACE_LEADS else 2)
        and plain[0] in COMMON_LEADS | PLACE_LEADS
    ):
        forms.append(" ".join(words[1:]))
    following = re.match(r"\s\w+", source[name.end : name.end + 12])
    if len(words) > 1 and following and (plain[-1] + following.group()) in COMPOUND_ENDS:
        forms.append(" ".join(words[:-1]))
    return forms


def missing_names(
    source: str, target: str, names: Sequence[Name], lexicon: Lexicon | None = None
) -> tuple[Name, ...]:
    """The source's names that the target has in no accepted form, each once."""
    exonyms = _exonyms(lexicon or load_lexicon())
    folded_target = fold_diacritics(unicodedata.normalize("NFC", target)).casefold()
    missing: dict[str, Name] = {}
    for name in names:
        if _is_no_name(source, name, lexicon or load_lexicon()):
            continue
        entry = exonyms.get(_vietnamese_key(name.text))
        # Mát-xcơ-va is spelled by ear; only an exonym could tell what English calls it.
        by_ear = _TRANSLITERATED.search(name.text) and name.text != name.folded
        if entry is None and by_ear:
            continue
        forms = (
            name.folded,
            *_shorter(source, name),
            *((entry.en, *entry.accept) if entry else ()),
        )
        if not any(_stands_in(form, folded_target) for form in forms):
            missing.setdefault(_loose(name.text), name)
    return tuple(missing.values())


def _syllable_runs(target: str) -> Iterator[tuple[bool, str, list[str]]]:
    """Capitalised Vietnamese-looking runs: after a title, opening a sentence, their words."""
    run: list[re.Match[str]] = []
    for word in _TARGET_WORD.finditer(target):
        is_letters = len(word[0]) > 1 and word[0].isupper() and not target.isupper()
        fits = word[0][0].isupper() and not is_letters and is_syllable(word[0].casefold())
        if run and (not fits or target[run[-1].end() : word.start()] != " "):
            yield _describe_run(target, run)
            run = []
        if fits:
            run.append(word)
    if run:
        yield _describe_run(target, run)


def _describe_run(target: str, run: list[re.Match[str]]) -> tuple[bool, str, list[str]]:
    before = target[: run[0].start()]
    words = [match[0] for match in run]
    if _SENTENCE_START.search(before[-12:]) and not before.rstrip().endswith(_TITLE_STOPS):
        while words and words[0].casefold() in SENTENCE_WORDS_EN:
            words = words[1:]
    title = re.search(r"(\w+)\.?\s$", before[-20:])
    if words and words[0].casefold() in SYLLABIC_TITLES_EN:
        return True, " ".join(words[1:]), words[1:]
    after_title = title is not None and title[1].casefold() in TITLES_EN
    return after_title, " ".join(words), words


@lru_cache(maxsize=8)
def _english_words(lexicon: Lexicon) -> frozenset[str]:
    """Lower-case words of the lexicon's English: "boat" and "coach" look Vietnamese but are not.

    What a term's English takes from its Vietnamese, as "pao dung" does, is Vietnamese.
    """
    return frozenset(
        word
        for entry in lexicon.entries
        for word in re.findall(r"\b[a-z]{4,}\b", " ".join((entry.en, *entry.accept)))
        if is_syllable(word) and word not in _syllables(" ".join(entry.vi))
    )


@lru_cache(maxsize=8)
def _foreign_places(lexicon: Lexicon) -> Mapping[str, frozenset[str]]:
    """Countries and cities by their English names, with the syllables of their Vietnamese ones."""
    places: dict[str, set[str]] = {}
    for entry in lexicon.places:
        known = _loose(entry.en) in ALWAYS_KNOWN_NAMES
        if entry.en.isalpha() and len(entry.en) > 3 and not known:
            syllables = (_syllables(form) for form in (*entry.vi, entry.en))
            places.setdefault(entry.en, set()).update(*syllables)
    return MappingProxyType({name: frozenset(all_) for name, all_ in places.items()})


def _syllables(text: str) -> set[str]:
    return {fold_diacritics(word).casefold() for word in re.findall(r"[^\W\d_]+", text)}


def _strange_places(source: str, target: str) -> Iterator[str]:
    """Foreign places of the target of which the source has no syllable: "Việt - Trung" has."""
    known = _syllables(unicodedata.normalize("NFC", source))
    for name, syllables in _foreign_places(load_lexicon()).items():
        if known.isdisjoint(syllables) and re.search(rf"(?<![\w'’-]){name}(?![\w-])", target):
            yield name


def invented_names(source: str, target: str) -> tuple[str, ...]:
    """Vietnamese-looking names of the target with a syllable that the source does not have."""
    folded_source = fold_diacritics(unicodedata.normalize("NFC", source)).casefold()
    known = set(re.findall(r"[^\W\d_]+", folded_source)) | ALWAYS_KNOWN
    english = ENGLISH_LOOKALIKES | _english_words(load_lexicon())
    invented: dict[str, None] = dict.fromkeys(_strange_places(source, target))
    for after_title, text, words in _syllable_runs(target):
        folded = [fold_diacritics(word).casefold() for word in words]
        new = [word for word in folded if word not in known]
        named = [word for word in new if word not in english]
        if named and (len(words) > 1 or after_title):
            invented[text] = None
    return tuple(invented)


def _restorable(names: Sequence[Name]) -> dict[str, str]:
    """Folded to original; names that fold alike but differ stay folded."""
    originals: dict[str, set[str]] = {}
    for name in names:
        text = name.text.title() if name.text.isupper() and " " in name.text else name.text
        folded = " ".join(fold_diacritics(text).split())
        if text[0].isupper() and folded != text:
            originals.setdefault(folded, set()).add(text)
    return {folded: texts.pop() for folded, texts in originals.items() if len(texts) == 1}


def restore_diacritics(target: str, names: Sequence[Name]) -> str:
    """Write the names of the source in the target with their Vietnamese spelling."""
    originals = _restorable(names)
    if not originals:
        return target
    longest_first = sorted(originals, key=len, reverse=True)
    pattern = "|".join(re.escape(folded).replace(r"\ ", r"\s") for folded in longest_first)

    def original(match: re.Match[str]) -> str:
        text = originals[" ".join(match[0].split())]
        # "An" and "Long" are English words as well; only a title makes them names.
        if " " not in text and match[0].casefold() in ENGLISH_LOOKALIKES:
            title = re.search(r"(\w+)\.?\s$", target[max(0, match.start() - 20) : match.start()])
            if title is None or title[1].casefold() not in TITLES_EN:
                return match[0]
        return text

    return re.sub(rf"(?<![\w'’])(?:{pattern})(?!\w)", original, target)
