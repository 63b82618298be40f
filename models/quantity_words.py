"""Number words, scale words, month names and Roman numerals of both languages."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal

SCALES_VI = {
    "chục": 10, "trăm": 100, "nghìn": 1000, "ngàn": 1000, "vạn": 10_000,
    "triệu": 10**6, "tỷ": 10**9, "tỉ": 10**9,
}  # fmt: skip
SCALES_EN = {
    "hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9, "trillion": 10**12,
    "mn": 10**6, "bn": 10**9, "tn": 10**12, "k": 1000,
}  # fmt: skip
DIGITS_VI = {
    "không": 0, "một": 1, "mốt": 1, "hai": 2, "ba": 3, "bốn": 4, "tư": 4, "năm": 5, "lăm": 5,
    "sáu": 6, "bảy": 7, "bẩy": 7, "tám": 8, "chín": 9,
}  # fmt: skip
# Words that justify an English number without being one themselves.
HINTS_VI = {
    "đôi": 2, "cặp": 2, "song": 2, "lưỡng": 2, "kép": 2, "tam": 3, "tứ": 4, "ngũ": 5, "tá": 12,
    "‰": 1000, "phần nghìn": 1000, "rằm": 15, "nhất": 1, "nhì": 2, "đầu": 1, "kế": 2,
}  # fmt: skip
UNITS_EN = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
TENS_EN = [
    "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety",
]  # fmt: skip
NUMBERS_EN = {word: value for value, word in enumerate(UNITS_EN)} | {
    word: 10 * value for value, word in enumerate(TENS_EN, 2)
}
IRREGULAR_ORDINALS = {
    "first": 1, "second": 2, "third": 3, "fifth": 5, "eighth": 8, "ninth": 9, "twelfth": 12,
}  # fmt: skip
ORDINALS_EN = (
    {f"{word}th": value for word, value in NUMBERS_EN.items() if value < 20 and word != "five"}
    | {f"{word[:-1]}ieth": value for word, value in NUMBERS_EN.items() if value >= 20}
    | IRREGULAR_ORDINALS
)
MONTHS_EN = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
]  # fmt: skip
WEEKDAYS_EN = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]

ROMAN = re.compile(r"(?=[IVX])X{0,3}(?:IX|IV|V?I{0,3})")
ROMAN_DIGITS = {"I": 1, "V": 5, "X": 10}


def alternation(words: Iterable[str]) -> str:
    """The words as one regular expression group, longest first."""
    ordered = sorted(words, key=len, reverse=True)
    return "(?:" + "|".join(map(re.escape, ordered)) + ")"


def parse_roman(numeral: str) -> int | None:
    """The value of a Roman numeral below forty, or None."""
    if not ROMAN.fullmatch(numeral):
        return None
    values = [ROMAN_DIGITS[letter] for letter in numeral]
    following = [*values[1:], 0]
    return sum(-v if v < n else v for v, n in zip(values, following, strict=True))


def parse_numeral_vi(numeral: str) -> list[Decimal]:
    """What figures written the Vietnamese way may mean, the likeliest first."""
    compact = re.sub(r"\s", "", numeral)
    if re.fullmatch(r"\d{1,3}(?:\.\d{3})+(?:,\d+)?", compact):
        return [Decimal(compact.replace(".", "").replace(",", "."))]
    plain = re.fullmatch(r"\d+(?:[.,]\d+)?", compact)
    values = [Decimal(compact.replace(",", "."))] if plain else []
    if re.fullmatch(r"\d{1,3}(?:,\d{3})+", compact):
        values.append(Decimal(compact.replace(",", "")))
    return values


def parse_numeral_en(numeral: str) -> Decimal:
    """The value of figures written the English way; a stray decimal comma is understood."""
    if re.fullmatch(r"\d+,\d{1,2}", numeral):
        return Decimal(numeral.replace(",", "."))
    return Decimal(numeral.replace(",", ""))


def scale_of(words: str, scales: dict[str, int]) -> int:
    """The product of scale words, as in "nghìn tỷ"; 1 without any."""
    product = 1
    for word in words.lower().split():
        product *= scales[word]
    return product


def _below_hundred_vi(words: list[str]) -> tuple[int, int] | None:
    """Value and word count of the tens at the start of the words."""
    units = {word: value for word, value in DIGITS_VI.items() if word != "năm"}
    if words[0] == "mười":
        unit = units.get(words[1]) if len(words) > 1 else None
        return (10 + unit, 2) if unit else (10, 1)
    if words[0] not in DIGITS_VI:
        return None
    if len(words) > 1 and words[1] in ("mươi", "chục"):
        unit = units.get(words[2]) if len(words) > 2 and words[1] == "mươi" else None
        return (DIGITS_VI[words[0]] * 10 + (unit or 0), 3 if unit else 2)
    return DIGITS_VI[words[0]], 1


def _below_thousand_vi(words: list[str]) -> tuple[int, int] | None:
    first = _below_hundred_vi(words)
    if first is None or first[1] != 1 or words[1:2] != ["trăm"]:
        return first
    value, used = first[0] * 100, 2
    if words[2:3] in (["linh"], ["lẻ"]) and len(words) > 3 and words[3] in DIGITS_VI:
        return value + DIGITS_VI[words[3]], 4
    tens = _below_hundred_vi(words[2:]) if len(words) > 2 else None
    # "hai trăm năm" is two hundred years far more often than 205, so lone digits stay out.
    return (value + tens[0], used + tens[1]) if tens and tens[0] >= 10 else (value, used)


def parse_words_vi(words: list[str]) -> tuple[int, int] | None:
    """Value and word count of the number that the words begin with, or None."""
    total = used = 0
    ceiling = 10**13
    while used < len(words):
        part = _below_thousand_vi(words[used:])
        if part is None:
            break
        value, count = part
        scale = 1
        while words[used + count : used + count + 1] and (
            words[used + count] in ("nghìn", "ngàn", "vạn", "triệu", "tỷ", "tỉ")
        ):
            scale *= SCALES_VI[words[used + count]]
            count += 1
        if scale >= ceiling or (used and scale == 1 and value < 10):
            break
        total, used, ceiling = total + value * scale, used + count, scale
        if scale == 1:
            break
    return (total, used) if used else None


def parse_words_en(words: list[str]) -> Decimal | None:
    """The value of English number words, or None where they do not make one number."""
    total = current = Decimal(0)
    previous = 100
    for word in words:
        if word in SCALES_EN:
            scale = SCALES_EN[word]
            current = (current or Decimal(1)) * scale
            if scale > 100:
                total, current = total + current, Decimal(0)
            previous = 100
            continue
        value = NUMBERS_EN.get(word, ORDINALS_EN.get(word))
        if value is None or not (previous == 100 or (previous >= 20 and value < 10)):
            return None
        current += value
        previous = value
    return total + current
