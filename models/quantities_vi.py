"""Readers of dates, times and ordinals in Vietnamese text."""

from __future__ import annotations

import re
from itertools import pairwise

from models.quantities_shared import (
    ADDRESSES,
    CODES,
    DOCUMENTS,
    FULL_DATES,
    ISO_DATES,
    MONTH_YEARS,
    PAIRS,
    YEAR,
    YEARS,
    is_day_of_month,
)
from models.quantities_vi_numbers import COMPOUNDS, MEASURED_RANGES, NUMBER_READERS
from models.quantity_types import (
    Atom,
    Draft,
    QuantityKind,
    Reader,
    draft_dates,
    draft_month,
    draft_numbers,
    draft_quarter,
    draft_times,
    draft_weekday,
    number,
    readings,
)
from models.quantity_words import parse_roman

# Bounded, or a long list of numbers without a month would be retried from each of them.
DAYS = (
    r"\d{1,2}(?:\s?(?:,|-|–|và ngày|và|đến ngày|đến|tới ngày|tới"
    r"|,?\s?(?:và\s)?(?:rạng\s+)?sáng(?:\s+ngày)?)\s?\d{1,2}){1,8}"
)
IN_YEAR = rf"(?:\s?[-/.]\s?(?P<y>{YEAR})|,?\s+năm\s+(?P<y2>{YEAR}))?"
CONTEXT = (
    r"(?:(?:(?:rạng\s+)?sáng|trưa|chiều|tối|đêm)\s+(?:ngày|nay|qua)|rạng\s+sáng|(?:hôm|ngày)\s+(?:nay|qua)"
    r"|ngày\s+hôm\s+(?:nay|qua)|ngày|hôm|sáng|trưa|chiều|tối|đêm|khuya|mùng|mồng)"
)
MONTH_WORDS = {
    "giêng": 1, "một": 11, "chạp": 12, "hai": 2, "ba": 3, "tư": 4, "năm": 5, "sáu": 6,
    "bảy": 7, "tám": 8, "chín": 9, "mười": 10, "mười một": 11, "mười hai": 12,
}  # fmt: skip
QUARTER_WORDS = {"một": 1, "hai": 2, "ba": 3, "bốn": 4, "tư": 4, "đầu": 1, "đầu tiên": 1, "cuối": 4}
ORDINAL_WORDS = {
    "nhất": 1, "hai": 2, "nhì": 2, "ba": 3, "tư": 4, "bốn": 4, "năm": 5, "sáu": 6, "bảy": 7,
    "bẩy": 7, "tám": 8, "chín": 9, "mười": 10,
}  # fmt: skip
# Hours that a part of the day puts after noon beyond doubt.
AFTERNOON_HOURS = {
    "trưa": range(1, 4), "chiều": range(1, 8), "tối": range(5, 12), "đêm": range(6, 12),
    "khuya": range(8, 12),
}  # fmt: skip


def _flags(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


def _year(match: re.Match[str]) -> int | None:
    year = match["y"] or match["y2"]
    return int(year) if year else None


def _read_days(match: re.Match[str]) -> Draft | None:
    """Days that share a month: "10-15/3", "ngày 10 và 11-3"; a single one needs more proof."""
    days = [int(day) for day in re.findall(r"\d+", match["days"])]
    month_number = int(match["m"])
    if not all(is_day_of_month(day, month_number) for day in days):
        return None
    if any(first >= last for first, last in pairwise(days)):
        return None
    plain = [[number(day) for day in (*days, month_number)]]
    return draft_dates(days, month_number, _year(match), *([] if match["context"] else plain))


def _read_dated_pair(match: re.Match[str]) -> Draft | None:
    day, month_number = int(match["a"]), int(match["b"])
    return draft_dates([day], month_number, None) if is_day_of_month(day, month_number) else None


def _read_month(match: re.Match[str]) -> Draft | None:
    word = match["m"].lower()
    month_number = int(word) if word.isdigit() else MONTH_WORDS[word]
    if not 1 <= month_number <= 12:
        return None
    # "tháng năm" and "tháng ba" are months, but lower-case words are often something else.
    return draft_month(month_number, _year(match), optional=match["m"].islower())


def _read_quarter(match: re.Match[str]) -> Draft | None:
    word = match["q"]
    value = parse_roman(word.upper()) or QUARTER_WORDS.get(word.lower())
    value = int(word) if word.isdigit() else value
    return draft_quarter(value, _year(match)) if value and value <= 4 else None


def _read_quarters(match: re.Match[str]) -> Draft | None:
    values = [parse_roman(word) for word in re.findall(r"[IV]+", match.group())]
    if not all(value and value <= 4 for value in values):
        return None
    atoms = [Atom(QuantityKind.QUARTER, number(value or 0).value) for value in values]
    year = _year(match)
    atoms += [number(year)] if year else []
    return Draft(QuantityKind.QUARTER, match.group(), readings(atoms))


def _hours(hour: int, part: str) -> list[int]:
    """What an hour means in its part of the day, the likeliest first."""
    if hour > 12 or part not in AFTERNOON_HOURS:
        return [hour]
    if hour == 12:
        return [12 if part in ("trưa", "chiều") else 24]
    if part == "trưa" and hour > 3:
        return [hour]
    if part in ("đêm", "khuya") and hour < 5:
        return [hour]
    shifted = hour + 12
    return [shifted] if hour in AFTERNOON_HOURS[part] else [shifted, hour]


def _read_time(match: re.Match[str]) -> Draft | None:
    """Read a time of day; without "chiều" or "tối" the press means the 24-hour clock."""
    hour, minute = int(match["h"]), int(match["min"] or 0)
    if hour > 24 or minute > 59:
        return None
    part = (match["part"] or match["before"] or "").lower()
    times = [(one, minute) for one in _hours(hour, part)]
    spelled = [number(hour)] + ([number(minute)] if match["min"] else [])
    return draft_times(times, *([spelled] if match["word"].lower() == "giờ" else []))


def _read_weekday(match: re.Match[str]) -> Draft | None:
    if match["sunday"]:
        return draft_weekday(8)
    word = match["w"]
    weekday = int(word) if word.isdigit() else ORDINAL_WORDS[word.lower()]
    # A date that was read before is hidden: it also shows that this is a day of the week.
    certain = match["context"] is not None or match["after"] is not None
    ordinal = [[number(weekday)]]
    doubtful = word.islower() and not certain
    return draft_weekday(weekday, *([] if certain else ordinal), optional=doubtful)


def _read_ordinal(match: re.Match[str]) -> Draft | None:
    word = match["o"]
    value = int(word) if word.isdigit() else parse_roman(word) or ORDINAL_WORDS.get(word.lower())
    if value is None:
        return None
    return draft_numbers([value], kind=QuantityKind.ORDINAL, optional=word.islower() or value == 1)


def _read_roman(match: re.Match[str]) -> Draft | None:
    value = parse_roman(match["r"])
    # "bác sĩ CKII": a grade of doctors that English seldom gives.
    is_grade = match.string[: match.start()].endswith(("CK", "chuyên khoa "))
    return draft_numbers([value], kind=QuantityKind.ORDINAL, optional=is_grade) if value else None


def _read_scale(match: re.Match[str]) -> Draft:
    """After "tỷ lệ" two numbers are a proportion and never a day."""
    first, last = int(match["a"]), int(re.sub(r"\D", "", match["b"]))
    ratio = Atom(QuantityKind.RATIO, (first, last))
    return Draft(
        QuantityKind.RATIO, (first, last), readings([ratio], [number(first), number(last)])
    )


SHARED_MONTH = rf"(?:\s?[-/.]\s?|\s+tháng\s+)(?P<m>\d{{1,2}}){IN_YEAR}(?![\w/]|[.,]\d)"
VI_READERS = (
    ADDRESSES,
    *COMPOUNDS,
    CODES,
    DOCUMENTS,
    ISO_DATES,
    Reader(
        re.compile(
            r"\b(?P<ctx>[Tt][ỷỉ] lệ\s+)(?P<a>\d{1,3})\s?(?P<sep>[/:])\s?"
            r"(?P<b>\d{1,3}(?:[.,]\d{3}){1,3}|\d{1,6})(?!\w)"
        ),
        _read_scale,
    ),
    FULL_DATES,
    Reader(
        _flags(
            rf"(?P<context>\b(?:từ\s+)?{CONTEXT}\s*\(?)?(?<![\w.,/-])"
            rf"(?P<days>{DAYS})"
            rf"{SHARED_MONTH}(?!\s?%|\s+(?:nghìn|ngàn|triệu|tỷ|tỉ|ha|km|tấn|tạ|kg|mét|m|độ|lần)\b)"
        ),
        _read_days,
    ),
    Reader(
        _flags(
            rf"(?P<context>\b(?:từ\s+)?{CONTEXT}\s*\(?)?(?<![\w.,/-])(?P<days>\d{{1,2}})"
            rf"\s+tháng\s+(?P<m>\d{{1,2}}){IN_YEAR}(?![\w/]|[.,]\d)"
        ),
        _read_days,
    ),
    Reader(
        _flags(
            rf"\btháng\s+(?P<m>\d{{1,2}}|{'|'.join(sorted(MONTH_WORDS, key=len, reverse=True))})"
            rf"(?!\w){IN_YEAR}(?![/.,]\d)"
        ),
        _read_month,
    ),
    Reader(
        re.compile(r"\b[Qq]uý\s+[IV]+(?:\s?(?:,|-|–|và)\s?(?:quý\s+)?[IV]+)+(?!\w)" + IN_YEAR),
        _read_quarters,
    ),
    Reader(
        _flags(
            r"\bquý\s+(?P<q>I{1,3}|IV|[1-4]|một|hai|ba|bốn|tư|đầu tiên|đầu|cuối)(?!\w)" + IN_YEAR
        ),
        _read_quarter,
    ),
    MONTH_YEARS,
    YEARS,
    Reader(
        _flags(
            rf"\b{CONTEXT}\s*\(?(?<![\w.,])(?P<a>\d{{1,2}})\s?[-/.–]\s?(?P<b>\d{{1,2}})"
            r"(?![\w/]|[.,]\d|-\d)"
        ),
        _read_dated_pair,
    ),
    Reader(
        _flags(
            r"(?:(?P<before>sáng|chiều|tối|đêm)\s)?(?<![\w.,:/-])(?P<h>\d{1,2})\s?"
            r"(?P<word>giờ|h|g(?=\d)|:)(?!\w*[^\W\d])(?:\s?(?P<min>[0-5]\d)(?!\d|[.,]\d|\s?%)(?:\s?(?:phút|p)\b)?)?"
            r"(?<![:])(?:\s+(?P<part>sáng|trưa|chiều|tối|đêm|khuya)\b)?"
        ),
        _read_time,
    ),
    Reader(
        _flags(
            r"(?P<context>\b(?:sáng|trưa|chiều|tối|đêm|vào|từ|hằng|đến|ngày)\s+)?"
            r"(?:(?P<sunday>\bchủ nhật|\bCN(?=\s*\())"
            r"|\bthứ\s+(?P<w>[2-7]|hai|ba|tư|năm|sáu|bảy|bẩy)(?!\w)"
            r"(?!\s+(?:từ\s+(?:phải|trái|trên|dưới|bên)|của|trong|liên|trên|về|sau|cả|là))"
            r"(?P<after>(?=[\s,(]{1,3}(?:\0|ngày\b|hằng tuần|hàng tuần)))?)(?!\w)"
        ),
        _read_weekday,
    ),
    Reader(
        re.compile(
            r"\b[Tt]hứ\s+(?P<o>\d{1,4}|[IVX]+|" + "|".join(ORDINAL_WORDS) + r")(?!\w)",
        ),
        _read_ordinal,
    ),
    Reader(
        re.compile(
            r"(?:(?<![\w.])|(?<=CK))(?:(?<=khóa )|(?<=khoá )|(?<=kỳ )|(?<=kỷ )|(?<=loại )"
            r"|(?<=hạng )|(?<=cấp )|(?<=nhóm )|(?<=khu )|(?<=Khóa )|(?<=đoạn )|(?<=đoàn )|(?<=CK)"
            r"|(?<=chuyên khoa )|(?=[IVX]{2}))"
            r"(?P<r>[IVX]+)(?![\w.]\w|\w)"
        ),
        _read_roman,
    ),
    MEASURED_RANGES,
    PAIRS,
    *NUMBER_READERS,
)
