"""News items that are made up, for timing alone: the same ones for the same numbers."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

SEED = 2026
_WORDS_A_PARAGRAPH = 60

# Sentences are one of each list, in order; the numbers and names differ from item to item.
_TIMES = (
    "Sáng {day}-{month},",
    "Trong {count} ngày qua,",
    "Từ đầu tháng {month} đến nay,",
    "Theo kế hoạch năm {year},",
    "Chiều {day}-{month},",
    "Sau đợt mưa lớn kéo dài {count} giờ,",
    "Tại buổi họp giao ban tuần này,",
)
_WHO = (
    "Ủy ban nhân dân xã {place}",
    "hợp tác xã nông nghiệp {place}",
    "trạm y tế xã {place}",
    "ban quản lý chợ {place}",
    "đoàn thanh niên phường {place}",
    "hội nông dân huyện {place}",
    "trường tiểu học {place}",
    "tổ công tác của huyện {place}",
)
_DID = (
    "đã khởi công tuyến đường dài {count} km",
    "bàn giao {count} căn nhà cho các hộ khó khăn",
    "thu hoạch {count} héc ta lúa hè thu",
    "vận động người dân góp {count} triệu đồng",
    "mở {count} lớp học nghề cho lao động nông thôn",
    "kiểm tra {count} cơ sở sản xuất nước mắm",
    "trồng thêm {count} nghìn cây keo trên đồi trọc",
    "sửa xong {count} giếng nước bị nhiễm mặn",
    "đưa {count} giống cam mới về trồng thử",
)
_WHY = (
    "để bà con yên tâm sản xuất trước mùa lũ.",
    "nhằm giúp hàng hóa đi lại thuận lợi hơn.",
    "với mong muốn nâng cao thu nhập của người dân.",
    "vì nhiều thôn bản còn thiếu điện và nước sạch.",
    "theo đề nghị của cử tri tại kỳ họp vừa rồi.",
    "trong khi giá phân bón tăng thêm {count}% so với năm ngoái.",
    "và sẽ hoàn thành trước ngày {day}-{month}.",
    "cùng sự hỗ trợ của bộ đội biên phòng.",
)
_SYLLABLES = (
    ("An", "Bình", "Cẩm", "Đông", "Hòa", "Khánh", "Long", "Mỹ", "Phú", "Tân", "Thạnh", "Xuân"),
    ("Sơn", "Thủy", "Lộc", "Giang", "Hưng", "Lâm", "Phong", "Tiến", "Trung", "Vinh", "Yên"),
)


def make_item(number: int, words: int) -> dict[str, str]:
    """The item of a number: id, title and a text of so many words, in paragraphs."""
    chance = Random(f"{SEED}:{number}")  # noqa: S311 - not for secrets
    paragraphs: list[list[str]] = [[]]
    left = words
    while left > 0:
        sentence = _make_sentence(chance).split()[:left]
        left -= len(sentence)
        if len(paragraphs[-1]) >= _WORDS_A_PARAGRAPH:
            paragraphs.append([])
        paragraphs[-1] += sentence
    text = "\n\n".join(" ".join(one) for one in paragraphs)
    return {"id": str(number), "title": _make_sentence(chance).rstrip("."), "text": text}


def write_items(path: Path, count: int, words: int) -> None:
    """Write so many items as JSON lines, one after the other."""
    with path.open("w", encoding="utf-8") as target:
        for number in range(count):
            target.write(f"{json.dumps(make_item(number, words), ensure_ascii=False)}\n")


def _make_sentence(chance: Random) -> str:
    parts = " ".join(chance.choice(some) for some in (_TIMES, _WHO, _DID, _WHY))
    return parts.format(
        day=chance.randint(1, 28),
        month=chance.randint(1, 12),
        year=chance.randint(2019, 2026),
        count=chance.randint(2, 480),
        place=" ".join(chance.choice(some) for some in _SYLLABLES),
    )
