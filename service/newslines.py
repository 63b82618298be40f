"""What one line of a Vietnamese news item looks like: bylines, credits, image names, tags."""

from __future__ import annotations

import re

_UPPER = "A-ZÀ-ÖØ-ÞĂĐĨŨƠƯẠẢẤẦẨẪẬẮẰẲẴẶẸẺẼẾỀỂỄỆỈỊỌỎỐỒỔỖỘỚỜỞỠỢỤỦỨỪỬỮỰỲỴỶỸ"
_CLOSERS = "\"'”’»)]*_ "
_SENTENCE_FINAL = (".", "!", "?", "…")
_FINAL = (*_SENTENCE_FINAL, ";", ":", ",")
_MOST_CREDIT = 110  # characters; longer than any credit, short enough to search each line's end
_MOST_NAME = 60

_IMAGE = re.compile(
    r"(?:!\[[^\]\n]*\]\([^()\n]*\)|\S+\.(?:jpe?g|jfif|png|webp|gif|avif|bmp|heic)(?:\?\S*)?"
    r"|(?!xem\b|tải\b|mở\b)[\w ()+.,-]{1,80}\.(?:jpe?g|png|webp|gif))",
    re.IGNORECASE,
)
# What a web page puts around an item, and pasting takes along.
_FURNITURE = re.compile(
    r"chia sẻ(?: bài viết| qua)?(?:\s*:)?(?:[\s,|]*(?:facebook|zalo|twitter|x|email))*"
    r"|(?:facebook|zalo|twitter|google news|copy link|sao chép liên kết|like|in bài(?: viết)?)"
    r"|(?:lưu|gửi|nghe|đọc) bài(?: viết)?|(?:gửi )?bình luận(?: \(\d+\))?|cỡ chữ|a[+-](?:\s+a[+-])?"
    r"|theo dõi .{2,40} trên google news|trang chủ(?:\s*[›»>/|]\s*[^›»>/|]{2,40})+",
    re.IGNORECASE,
)
_BULLET = re.compile(r"[-–—+•*·]\s")
_TAGS_LABEL = re.compile(r"(?:từ kh(?:óa|oá)|tags?|thẻ)\s*:", re.IGNORECASE)
_HASH_TAGS = re.compile(r"(?:#[^\s#]+[\s,;]*)+")

_CREDIT = re.compile(
    r"(?:(?<=[.!?…”\"»)])\s*|(?:^|(?<=\s)))"
    r"(?:"
    r"(?:[-–—|]\s*)?[(\[]\s*(?:nguồn\s+)?(?:ảnh|đồ h(?:ọa|oạ)|clip|video)\b[^()\[\]]{0,80}[)\]]"
    r"|(?:[-–—|]\s*|^|(?-i:(?=[ẢNĐCV])))"
    r"(?:nguồn\s+ảnh|ảnh(?:\s*(?:,|và|-)\s*(?:clip|video))?|đồ h(?:ọa|oạ)|clip|video)"
    r"\s*:\s*(?P<name>[^:;!?()\[\]]{1,80}(?:\([^()]{1,30}\))?)"
    r"|(?:[-–—|]\s*)?(?-i:Ảnh|ẢNH)\s+(?:minh h(?:ọa|oạ)|internet|tư liệu|chụp màn hình"
    r"|cắt từ (?:clip|video)|do\s[^.:;()]{2,50}\scung cấp|ttxvn(?:\sphát)?|ctv|đvcc|nvcc)"
    r"(?:\s*[:/]\s*[^.:;()]{1,50})?"
    r")\s*\.?$",
    re.IGNORECASE,
)
_SOURCE_CREDIT = re.compile(r"(?:^|(?<=[.!?…”\")]\s))[(\[]?Nguồn\s*:\s*[^.:;()]{1,60}[)\]]?\.?$")

_ROLE = re.compile(
    r"(?:tin|bài|thực hiện|tác giả|biên tập|tổng hợp|người viết|ảnh(?=\s*(?:,|và|&)\s*(?:tin|bài)))"
    r"(?:\s*(?:,|và|&|-|–|/)\s*(?:tin|bài|ảnh|clip|video|đồ họa))*\s*:\s*[^.!?:]{2,60}\.?",
    re.IGNORECASE,
)
_STAFF = re.compile(
    r"(?:nhóm\s+)?(?:pv|p\.v\.?|phóng viên|ctv|bbt|ban biên tập|tổng hợp)(?:\s*[-–/,]\s*\S{1,20})?",
    re.IGNORECASE,
)
_BORROWED = re.compile(
    r"[(\[]\s*(?:Theo|THEO|Nguồn)\b[^()\[\]]{2,60}[)\]]\.?"
    r"|(?:Theo|THEO|Nguồn)\s*:\s*[^()\[\]:;!?]{1,59}[^()\[\]:;!?.\s]"
    r"|(?:Theo|THEO)\s+(?:[Bb]áo|[Tt]rang|[Cc]ổng|[Tt]ạp chí|[Đđ]ài|Thông tấn xã)"
    rf"(?:\s(?:điện tử|thông tin))*(?:\s[{_UPPER}][^\s()]*(?:\s[^\W\d_.]+){{0,3}}){{1,3}}"
    rf"|(?:Theo|THEO)(?:\s+(?:[{_UPPER}0-9][^\s()]*|[-–]|[a-z]+\.(?:vn|com|net))){{1,6}}"
)
_NAME_WORD = re.compile(
    rf"[{_UPPER}][^\W\d_]*\.?|(?!TP\.)(?:[{_UPPER}][^\W\d_]?\.){{1,4}}(?:[{_UPPER}][^\W\d_]*)?"
)
_NAME_PARTS = re.compile(r"\s*(?:[-–—,&/;|]|\bvà\b)\s*")
_AGENCY_AFTER = re.compile(r"\s*[(/]\s*[^()/]{2,25}\)?$")
_FAMILY_NAMES = re.compile(
    r"(?:nguyễn|trần|lê|phạm|huỳnh|hoàng|phan|vũ|võ|đặng|bùi|đỗ|hồ|ngô|dương|lý|đinh|mai|trịnh"
    r"|lương|đoàn|trương|lưu|đào|cao|tô|tạ|thái|châu|quách|la|lâm|hà|nông|lộc|vi|hứa|ksor|rơ"
    r"|siu|rcom|y|h|phùng|chu|tống|kiều|văn|thân|mạc|tăng|nghiêm|khổng|triệu|bạch|từ|quan)",
    re.IGNORECASE,
)
# A headline in capitals may begin with one: "LÂM ĐỒNG TĂNG TỐC" is nobody's name.
_PROVINCES = re.compile(
    r"(?:an giang|bắc giang|bắc ninh|bến tre|bình định|bình dương|bình phước|bình thuận|cà mau"
    r"|cao bằng|cần thơ|đà nẵng|đắk lắk|đắk nông|điện biên|đồng nai|đồng tháp|gia lai|hà giang"
    r"|hà nam|hà nội|hà tĩnh|hải dương|hải phòng|hậu giang|hòa bình|hưng yên|khánh hòa"
    r"|kiên giang|kon tum|lai châu|lâm đồng|lạng sơn|lào cai|long an|nam định|nghệ an"
    r"|ninh bình|ninh thuận|phú thọ|phú yên|quảng bình|quảng nam|quảng ngãi|quảng ninh"
    r"|quảng trị|sóc trăng|sơn la|tây ninh|thái bình|thái nguyên|thanh hóa|tiền giang|trà vinh"
    r"|tuyên quang|vĩnh long|vĩnh phúc|yên bái)",
    re.IGNORECASE,
)

_MORNING = (
    "Rạng sáng|Sáng|Trưa|Chiều|Tối|Đêm|Ngày|Hôm|Khoảng|Vừa|Mới|Từ|Trong|Theo|Sau|Liên quan|Hiện"
    "|Nhiều|Các|Những|Đến|Tại|Ông|Bà|UBND|Công an|Lực lượng"
)
_PLACE_WORD = rf"[{_UPPER}][^\W\d_]*"
_PLACE = (
    r"(?:(?:[Tt]ỉnh|[Tt]hành phố|[Xx]ã|[Pp]hường)\s)?"
    rf"{_PLACE_WORD}(?:(?:\s|\.\s?){_PLACE_WORD}){{0,4}}"
)
_DAY = r"(?:ngày\s+)?\d{1,2}[/.-]\d{1,2}(?:[/.-]\d{4})?"
_DASH = r"\s*[-–—:]+(?=\s|[^\W_]|[“\"(])\s*"
_DATELINE = re.compile(
    r"(?:"
    rf"[(\[][^()\[\]\n]{{2,40}}[)\]]{_DASH}"
    rf"|\((?:[{_UPPER}0-9]{{2,10}}|[\w-]+\.(?:vn|com))\)\s+"
    rf"|{_PLACE}\s*,?\s*(?:{_DAY}\s*)?\([^()\n]{{2,40}}\)(?:\s*,\s*{_DAY})?{_DASH}"
    rf"|{_PLACE}\s*,\s*{_DAY}{_DASH}"
    rf"|(?:[{_UPPER}][{_UPPER}&]{{1,7}}|[\w-]+\.(?:vn|com)|[{_UPPER}]{{2,8}}\.VN)\s*[-–—]\s+"
    rf"|{_PLACE}\s+[-–—]\s+(?=(?:{_MORNING})\b)"
    r")"
)
_LONE_DATELINE = re.compile(rf"(?:{_PLACE}\s*)?\([^()\n]{{2,40}}\)\s*[-–—]?")
_PUBLISHED = re.compile(
    r"(?:\d{1,2}:\d{2}\s*[|,-]\s*(?=thứ|chủ))?"
    r"(?:(?:thứ\s\w+|chủ nhật|ngày|cập nhật:?|đăng lúc:?)(?:\s?,)?\s?){0,3}"
    r"(?:\d{1,2}\s*[:hg]\s*\d{2}\s*(?:phút)?\s*(?:,|-|–|\|)?\s*(?:ngày\s+)?)?"
    r"\d{1,2}[/.-]\d{1,2}[/.-]\d{4}"
    r"(?:\s*(?:,|-|–|\||lúc)?\s*\d{1,2}\s*[:hg]\s*\d{2}(?::\d{2})?)?"
    r"(?:\s*[(\[]?GMT\s*\+?\d{1,2}[)\]]?)?",
    re.IGNORECASE,
)
_PUBLISHED_BEHIND = re.compile(rf"\s*[-–—|,]?\s(?:{_PUBLISHED.pattern})$", re.IGNORECASE)


def ends_in_stop(text: str) -> bool:
    """Whether the text ends in a full stop or the like, with nothing after it."""
    return text.endswith(_SENTENCE_FINAL)


def ends_sentence(text: str) -> bool:
    """Whether the text ends in any stop, comma or colon, closing quotes and brackets aside."""
    return text[-12:].rstrip(_CLOSERS).endswith(_FINAL)


def is_image(text: str) -> bool:
    """Whether the text is one image file name or address."""
    return len(text) <= 400 and _IMAGE.fullmatch(text) is not None


def is_furniture(text: str) -> bool:
    """Whether the text is a button or label of the web page: "Chia sẻ", "In bài viết"."""
    return len(text) <= 60 and _FURNITURE.fullmatch(text) is not None


def is_tags(text: str) -> bool:
    """Whether the text is a list of keywords: "Từ khóa: ...", "#GiaLai #CaPhe"."""
    if len(text) > 600:
        return False
    return _TAGS_LABEL.match(text) is not None or _HASH_TAGS.fullmatch(text) is not None


def is_tags_label(text: str) -> bool:
    """Whether the text is "Từ khóa:" with the keywords still to come on the next lines."""
    return _TAGS_LABEL.fullmatch(text) is not None


def is_bullet(text: str) -> bool:
    """Whether the text is an item of a list."""
    return _BULLET.match(text) is not None


def is_published(text: str) -> bool:
    """Whether the text is a date and time of publication."""
    return len(text) <= 60 and _PUBLISHED.fullmatch(text) is not None


def find_credit(text: str, after_image: bool = False) -> int | None:
    """Where a photo credit begins that ends the text: "... . Ảnh: Hà Duy", "(Ảnh: X/TTXVN)"."""
    offset = max(0, len(text) - _MOST_CREDIT)
    if offset:
        offset = text.find(" ", offset) + 1 or offset
    tail = text[offset:]
    match = _CREDIT.search(tail)
    if match is None and after_image:
        match = _SOURCE_CREDIT.search(tail)
    if match is None or _has_sentence(match.groupdict().get("name") or ""):
        return None
    return offset + match.start() + len(match[0]) - len(match[0].lstrip())


def _has_sentence(name: str) -> bool:
    words = name.split()
    return any(word.endswith(".") and len(word) > 4 for word in words[:-1])


def _is_name(text: str) -> bool:
    words = text.split()
    if not all(_NAME_WORD.fullmatch(word) for word in words):
        return False
    if len(words) <= 1:
        return bool(words) and "." in text
    if len(words) > 2 and _PROVINCES.fullmatch(" ".join(words[:2])):
        return False
    return len(words) <= 3 or (len(words) <= 5 and _FAMILY_NAMES.fullmatch(words[0]) is not None)


def is_doubled_name(text: str) -> bool:
    """Whether the text is a name printed twice: "HÀ DUY HÀ DUY"."""
    words = text.split()
    half = len(words) // 2
    return (
        0 < half <= 5
        and len(words) % 2 == 0
        and words[:half] == words[half:]
        and all(_NAME_WORD.fullmatch(word) for word in words)
    )


def is_names(text: str) -> bool:
    """Whether the text is nothing but people's names: "Hà Duy", "Vi Nga - Minh Khuê (TTXVN)".

    A date and time of publication may stand behind them.
    """
    if len(text) > 2 * _MOST_NAME:
        return False
    text = _PUBLISHED_BEHIND.sub("", " ".join(text.split()))
    if is_doubled_name(text):
        return True
    parts = _NAME_PARTS.split(_AGENCY_AFTER.sub("", text.strip("()[] ")))
    return len(parts) <= 5 and all(_is_name(part) for part in parts)


def is_attribution(text: str) -> bool:
    """Whether the text says who wrote the item: "Bài, ảnh: Hà Duy", "PV", "(Theo TTXVN)"."""
    if len(text) > 2 * _MOST_NAME:
        return False
    return any(pattern.fullmatch(text) for pattern in (_ROLE, _STAFF, _BORROWED))


def match_dateline(text: str) -> int:
    """How many characters of the text are an agency tag or dateline, its dash and space included.

    0 if there is none. "(GLO)- Chiều 10-3" has 7, "Gia Lai (TTXVN) - Ngày 5/3" has 18.
    """
    match = _DATELINE.match(text, 0, 140)
    return match.end() if match else 0


def is_lone_dateline(text: str) -> bool:
    """Whether a whole line is an agency tag or dateline: "(GLO)-"."""
    return len(text) <= 80 and _LONE_DATELINE.fullmatch(text) is not None
