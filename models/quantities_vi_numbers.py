"""Readers of plain numbers, money, percentages and number words in Vietnamese text."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction

from models.quantity_types import (
    Atom,
    Draft,
    QuantityKind,
    Reader,
    draft_numbers,
    number,
    readings,
    share,
    with_share,
)
from models.quantity_words import (
    DIGITS_VI,
    HINTS_VI,
    SCALES_VI,
    alternation,
    parse_numeral_vi,
    parse_words_vi,
    scale_of,
)

# No figure in the news has more digits; bounds keep hostile input cheap.
NUMERAL = (
    r"(?:\d{1,3}(?:\.\d{3}){1,9}(?!\d)(?:,\d{1,30})?|\d{1,3}(?:[ \u00a0]\d{3}){2,9}(?!\d)"
    r"|\d{1,30}(?:[.,]\d{1,30}){0,30})"
)
NOT_SCALE = r"(?!\w|\s+(?:lệ|phú|suất|trọng|số\s+(?:bàn|cuối|trận)))"
LARGE = r"(?:nghìn|ngàn|vạn|triệu|tỷ|tỉ)"
SCALE = rf"(?:chục|trăm|{LARGE}){NOT_SCALE}(?:\s+{LARGE}{NOT_SCALE}){{0,2}}"
UNIT = r"(?:\s?(?P<unit>%|(?:phần trăm|đồng|USD|VND|VNĐ|đô la|ha|km|tấn|tạ|m|kg)(?!\w)))?"
NAMED = re.compile(
    r"(?:khu|số|tổ|thôn|quận|đoạn|đợt|lần|phường|lộ|điều|khoản|cấp|lớp|khối)\s$", re.IGNORECASE
)
# "hàng trăm", but not the goods and the shops that "hàng" is a part of.
MANY = r"(?P<many>(?<!mặt\s)(?<!cửa\s)(?<!bán\s)(?<!gian\s)(?<!đơn\s)(?<!khách\s)hàng)"
# A lone digit word that is hardly anything else where a noun follows, with what English may
# have for it: "hai nước" are also "both countries", and what they sign is bilateral.
COUNTED = frozenset({"hai", "ba", "bốn", "sáu", "bảy"})
NUMBERED_THINGS = frozenset(
    {
        *("thứ", "số", "hạng", "lớp", "cấp", "khu", "tầng", "nhóm", "loại", "phần", "vế", "kỳ"),
        *("khóa", "tập", "quý", "điều", "khoản", "phiên", "nhất", "bộ", "giải", "ngã"),
        *("ông", "bà", "anh", "chị", "chú", "cô", "bác"),
    }
)
UNCOUNTED = frozenset(
    {
        *("bên", "đến", "tới", "hoặc", "hay", "và", "là", "lúa", "vai", "mươi", "mặt", "chiều"),
        *("tay", "chân", "mắt", "bàn", "đầu"),
        # "ba" is also a father, and the first half of words for a rucksack or bacon.
        *("ba", "con", "dượng", "em", "gác", "gai", "gạc", "khía", "kích", "lá", "lan", "láp"),
        *("lê", "lô", "má", "mẹ", "phải", "que", "rem", "rọi", "sừng", "ta", "toong", "trợn"),
    }
)
_WORD_BEFORE = re.compile(r"[^\W\d_]+\s\Z")
_WORD_AFTER = re.compile(r"\s(?!ngày cuối tuần)([^\W\d_]+)")
MONEY_UNITS = {"đồng", "usd", "vnd", "vnđ", "đô la"}


def _kind_of(unit: str | None) -> QuantityKind:
    if unit in ("%", "phần trăm"):
        return QuantityKind.PERCENT
    return QuantityKind.MONEY if (unit or "").lower() in MONEY_UNITS else QuantityKind.NUMBER


def _values(numeral: str) -> list[list[Decimal]]:
    """Alternative values; figures with many commas are a list of numbers."""
    parsed = [[value] for value in parse_numeral_vi(numeral)]
    return parsed or [[Decimal(part) for part in re.findall(r"\d+", numeral)]]


def _read_range(match: re.Match[str]) -> Draft | None:
    scale = scale_of(match["scale"] or "", SCALES_VI)
    first, last = _values(match["a"])[0][0], _values(match["b"])[0][0]
    unit = match["unit"]
    alternatives = [[first * scale, last * scale], [first, last * scale]]
    return draft_numbers(*alternatives, kind=_kind_of(unit), unit=unit)


def _read_compound(match: re.Match[str]) -> Draft:
    """ "2 tỷ 500 triệu", "3 triệu rưỡi": one sum, though English may keep the parts."""
    scale = scale_of(match["scale"], SCALES_VI)
    first = _values(match["a"])[0][0] * scale
    if match["half"]:
        return draft_numbers([first + Decimal(scale) / 2])
    second = _values(match["b"])[0][0] * scale_of(match["scale2"], SCALES_VI)
    return draft_numbers([first + second], [first, second])


def _read_number(match: re.Match[str]) -> Draft | None:
    numeral, unit = match["n"], match["unit"]
    scale = scale_of(match["scale"] or "", SCALES_VI) * (1000 if match["k"] else 1)
    values = [[value * scale for value in alternative] for alternative in _values(numeral)]
    before = match.string[max(0, match.start() - 12) : match.start()]
    # "1 người" becomes "a person"; "phân khu 1" keeps its figure.
    optional = numeral == "1" and scale == 1 and unit is None and not NAMED.search(before)
    # "trong 2 ngày 5 và 6-4": the days themselves follow, and were read and hidden before.
    counts_days = len(numeral) == 1 and match.string[match.end() :].startswith(" \0")
    optional = optional or (counts_days and scale == 1 and unit is None)
    return with_share(draft_numbers(*values, kind=_kind_of(unit), unit=unit, optional=optional))


def _read_half_scale(match: re.Match[str]) -> Draft:
    """ "nửa tỷ đồng"."""
    return draft_numbers([Decimal(scale_of(match["scale"], SCALES_VI)) / 2], unit=match["unit"])


def _read_and_half(match: re.Match[str]) -> Draft:
    """ "2 năm rưỡi", "gấp rưỡi": half a unit more, which English may also count in months."""
    word = (match["a"] or "một").lower()
    whole = Decimal(word) if word.isdigit() else Decimal(DIGITS_VI.get(word, 10))
    value = whole + Decimal("0.5")
    alternatives = [[value], [value * 12]] if match["year"] else [[value]]
    return draft_numbers(*alternatives, optional=not word.isdigit() or bool(match["times"]))


def _read_years_and_months(match: re.Match[str]) -> Draft:
    """ "7 năm 6 tháng": in English also seven and a half years, or ninety months."""
    years, months = Decimal(match["years"]), Decimal(match["months"])
    alternatives = [[years, months], [years * 12 + months]]
    if months == 6:
        alternatives.append([years + Decimal("0.5")])
    return draft_numbers(*alternatives)


def _read_seconds(match: re.Match[str]) -> Draft:
    """ "12 giây 35": hundredths of a second, which English writes as a decimal."""
    whole = Decimal(f"{match['seconds']}.{match['parts']}")
    return draft_numbers([whole], [Decimal(match["seconds"]), Decimal(match["parts"])])


def _read_round_the_clock(match: re.Match[str]) -> Draft:
    """ "24/24 giờ": English has words for it."""
    return draft_numbers([24, 24], [24, 7], [24], optional=True)


def _read_part(match: re.Match[str]) -> Draft:
    """ "một phần ba"."""
    count, part = DIGITS_VI[match["count"].lower()], DIGITS_VI.get(match["part"].lower(), 10)
    ratio = Atom(QuantityKind.RATIO, (count, part))
    alternatives = readings([ratio], [number(count), number(part)], [share(Fraction(count, part))])
    if count == 1:
        alternatives |= readings([number(part)])
    return Draft(QuantityKind.RATIO, (count, part), alternatives)


def _read_vague(match: re.Match[str]) -> Draft:
    """ "hàng trăm nghìn", or a scale word left alone: an order of magnitude."""
    magnitude = Decimal(scale_of(match["scale"], SCALES_VI))
    alternatives = [[Atom(QuantityKind.VAGUE, magnitude)], [number(magnitude)]]
    alternatives += [[number(12)]] if magnitude == 10 else []
    return Draft(QuantityKind.VAGUE, magnitude, readings(*alternatives), optional=not match["many"])


def _read_words(match: re.Match[str]) -> Draft | None:
    """Spelled-out numbers; a lone digit word is mostly too ambiguous ("năm", "ba") to be missed."""
    words = match.group().lower().split()
    if match.group() in COUNTED and _counts(match):
        return draft_numbers([DIGITS_VI[match.group()]])
    clear: list[Decimal] = []
    doubtful: list[Decimal] = []
    while words:
        value, used = parse_words_vi(words) or (None, 1)
        if value is not None:
            (clear if value > 10 and used > 1 else doubtful).append(Decimal(value))
        words = words[used:]
    if clear:
        return draft_numbers(clear)
    return draft_numbers(*([value] for value in doubtful), optional=True) if doubtful else None


def _counts(match: re.Match[str]) -> bool:
    """Whether a lone digit word counts what follows: "hai cảng", not "hạng hai"."""
    text = match.string
    before = _WORD_BEFORE.search(text[max(0, match.start() - 12) : match.start()])
    if before and before.group().strip().casefold() in NUMBERED_THINGS:
        return False
    after = _WORD_AFTER.match(text, match.end())
    return after is not None and after[1] not in UNCOUNTED


def _read_hint(match: re.Match[str]) -> Draft:
    return draft_numbers([HINTS_VI[match.group().lower()]], optional=True)


BEFORE = r"(?<!\d)(?<!\d[.,])"
PARTS_VI = ("hai", "ba", "tư", "năm", "sáu", "tám", "mười")
WORDS = alternation({*DIGITS_VI, "mười"})
MORE_WORDS = alternation({*DIGITS_VI, *SCALES_VI, "mười", "mươi", "linh", "lẻ"})
RANGE = rf"{BEFORE}(?P<a>{NUMERAL})\s?(?:[-–—]|đến|tới)\s?(?P<b>{NUMERAL})"
# These go before the reader of bare pairs, which would take the figures without their scale.
# So do figures of two parts that make one.
COMPOUNDS = (
    Reader(
        re.compile(r"(?<![\w.,/-])24/(?:24|7)(?:\s?(?:giờ|h)\b)?(?![\w/])"), _read_round_the_clock
    ),
    Reader(
        re.compile(r"(?<![\w.,/-])(?P<seconds>\d{1,2})\s?giây\s?(?P<parts>\d{1,3})(?!\w|[.,]\d)"),
        _read_seconds,
    ),
    Reader(
        re.compile(
            r"(?<![\w.,/-])(?P<years>\d{1,2})\s+năm(?:\s+và|,)?\s+(?P<months>\d{1,2})\s+tháng(?!\s+\d)"
        ),
        _read_years_and_months,
    ),
    Reader(
        re.compile(
            rf"\b(?:(?P<times>gấp)(?P<a2>)|(?P<a>\d{{1,3}}|{alternation({*DIGITS_VI, 'mười'})})\s+"
            r"(?:(?P<year>năm)|tháng|ngày|giờ|tiếng|tuần|sào|ha|héc-?ta|tấn|tạ|lần|mét|km|cân|mẫu|điểm))"
            r"\s+rưỡi(?!\w)",
            re.IGNORECASE,
        ),
        _read_and_half,
    ),
)
MEASURED_RANGES = Reader(
    re.compile(rf"{RANGE}(?=\s(?:{SCALE})|\s?%)(?:\s(?P<scale>{SCALE}))?{UNIT}"), _read_range
)
NUMBER_READERS = (
    Reader(re.compile(rf"{RANGE}(?:\s(?P<scale>{SCALE}))?{UNIT}"), _read_range),
    Reader(
        re.compile(
            rf"{BEFORE}(?P<a>{NUMERAL})\s(?P<scale>{SCALE})"
            rf"(?:\s(?P<half>rưỡi)|\s(?P<b>{NUMERAL})\s(?P<scale2>{SCALE}))(?!\w)"
        ),
        _read_compound,
    ),
    Reader(
        re.compile(rf"{BEFORE}(?P<n>{NUMERAL})(?:(?P<k>k)(?!\w)|\s?(?P<scale>{SCALE}))?{UNIT}"),
        _read_number,
    ),
    Reader(
        re.compile(
            rf"\b(?P<count>{WORDS})\sphần\s(?P<part>{alternation(PARTS_VI)})(?!\w)", re.IGNORECASE
        ),
        _read_part,
    ),
    Reader(re.compile(rf"\bnửa\s(?P<scale>{SCALE}){UNIT}", re.IGNORECASE), _read_half_scale),
    Reader(re.compile(rf"\b{WORDS}(?:\s{MORE_WORDS})*(?!\w)(?!\s+lệ)", re.IGNORECASE), _read_words),
    Reader(re.compile(rf"\b(?:{MANY}\s)?(?P<scale>{SCALE})", re.IGNORECASE), _read_vague),
    Reader(re.compile(rf"(?:\b|(?=‰)){alternation(HINTS_VI)}(?!\w)", re.IGNORECASE), _read_hint),
)
