"""Sentence cuts on a table of Vietnamese cases, plus the lossless properties."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import InputTooLong
from models.segmenter import split_long, split_sentences

# Each row lists the wanted sentences; their concatenation is the input.
CASES: dict[str, list[str]] = {
    "plain": ["Trời đã tạnh mưa. ", "Bà con ra đồng từ sớm. ", "Chợ họp đông."],
    "no terminator": ["Huyện mở thêm hai lớp học"],
    "city with space": ["Đoàn đã đến TP. Pleiku vào buổi trưa. ", "Mọi người nghỉ tại đây."],
    "city closed": ["Hàng được chở về TP.HCM trong đêm. ", "Giá không đổi."],
    "lower city": ["Anh Hùng sống ở tp. Quy Nhơn đã lâu. ", "Nhà anh gần biển."],
    "professor": ["PGS.TS. Nguyễn Văn A chủ trì hội thảo. ", "Hơn 40 bài được gửi đến."],
    "spaced titles": ["GS. TS. Lê Thị B nói về cây điều. ", "Bà có nhiều số liệu."],
    "master": ["Th.S Trần C đọc báo cáo. ", "ThS. Lý D góp ý thêm."],
    "doctor": ["BS. Phan E khám cho 30 cụ già. ", "BS.CKII Võ G trực đêm."],
    "township": ["Chợ TT. Phú Túc mở lại. ", "Tx. An Khê cũng vậy."],
    "circular": ["Sở hướng dẫn theo TT. 12 của bộ. ", "Các trường làm theo."],
    "ward": ["Nhà văn hóa ở P. Hoa Lư vừa sửa xong. ", "Người dân phấn khởi."],
    "district number": ["Kho nằm ở Q.1 gần cảng. ", "Kho rộng 2 ha."],
    "rural district": ["Đường về H. Chư Sê bị ngập. ", "Xe phải đi vòng."],
    "commune": ["Lớp học ở X. Ia Pal có 20 em. ", "Các em học buổi tối."],
    "thousands": ["Tổng cộng 1.500 cây đã trồng. ", "Còn 200 cây chờ mưa."],
    "decimals": ["Dự toán 2,5 tỷ đồng. ", "Vốn vay 1,2 tỷ đồng."],
    "day-month": ["Lễ mở vào 10-3. ", "Vé phát từ 8-3."],
    "scale": ["Bản đồ tỷ lệ 1/2000. ", "Bản chi tiết 1/500."],
    "dotted date": ["Hạn là 8.3.2025. ", "Quá hạn không nhận."],
    "quote then speech tag": ['"Lúa năm nay tốt." ông A nói. ', "Ông cười."],
    "curly quote then tag": ["“Chúng tôi đã sẵn sàng.” chị B cho hay. ", "Chị là tổ trưởng."],
    "sentences in quotes": [
        "Ông kể: “Nước lên nhanh. ",
        "Cả làng phải chạy.” ",
        "Sáng ra nước rút.",
    ],
    "question in quotes, tag": ["“Bao giờ có điện?” anh hỏi. ", "Không ai trả lời."],
    "question and dash": ["“Có đi không?” - bà hỏi lại. ", "Cháu lắc đầu."],
    "exclamation in quotes": ["“Nhanh lên!” cô giục. ", "Xe sắp chạy."],
    "whole quotation": ["“Giá cà phê đang lên.” ", "Nhiều nhà chưa bán."],
    "etcetera mid": ["Có tiêu, điều, v.v. trong vườn. ", "Vườn rộng."],
    "etcetera end": ["Họ trồng tiêu, điều, v.v. ", "Vườn rộng một mẫu."],
    "etcetera dots": ["Họ nuôi heo, gà, v.v... ", "Thu nhập khá."],
    "ellipsis mid": ["Ông nghĩ… rồi đi tiếp. ", "Trời tối."],
    "ellipsis end": ["Có cam, quýt, bưởi… ", "Tất cả đều sạch."],
    "dots mid": ["Bà chờ... mãi không thấy. ", "Bà về."],
    "dots end": ["Có ngô, khoai, sắn... ", "Chợ bán đủ."],
    "initials": ["Đối tượng N.V.A. bị tạm giữ. ", "Vụ việc được làm rõ."],
    "initials before name": ["Ông N. V. Thành vắng mặt. ", "Cuộc họp vẫn diễn ra."],
    "numero": ["Lô hàng No. 12 đã tới. ", "Lô khác còn chờ."],
    "saint": ["Nhà thờ St. Mary đón khách. ", "Cửa mở cả ngày."],
    "web address": ["Xem tại https://vi-du.vn/tin.html?x=1.2 để biết thêm. ", "Trang có bản đồ."],
    "web address at end": ["Hồ sơ nộp tại www.vidu.gov.vn. ", "Hạn cuối là thứ Sáu."],
    "e-mail": ["Thư gửi về to.dan@vidu.vn trước trưa. ", "Thư đến muộn không nhận."],
    "file name": ["anh-cho-phien.jpg được đăng đầu bài. ", "Ảnh chụp lúc sáng."],
    "file name capital": ["Tệp so-lieu.Tong-hop.xlsx nặng 2 MB. ", "Tệp mở chậm."],
    "numbered list": ["1. Nội dung thi đua\n", "2. Thời gian nộp bài\n"],
    "numbered list, sentences": ["1. Mở lớp mới. ", "2. Sửa nhà cũ."],
    "roman list": ["I. Mục tiêu chung\n", "II. Nhiệm vụ cụ thể\n"],
    "letter list": ["a. Người học\n", "b. Người dạy\n"],
    "semicolons inside": ["Dọn kênh; vá đê; trồng cây. ", "Việc xong trước lũ."],
    "closing bracket": ["Xe dừng ở trạm (km 12.) ", "Khách xuống xe."],
    "bracket after stop": ["Vụ này được mùa (năm thứ ba liền). ", "Giá cũng tốt."],
    "sentence in brackets": ["Nhà máy đã chạy. ", "(Ảnh do bạn đọc gửi.) ", "Công suất còn thấp."],
    "missing space": ["Cách làm này hiệu quả.", "Đồng thời, xã mở thêm lớp."],
    "missing space after quote": ["“Tốt lắm.”", "Ông gật đầu."],
    "square kilometres": ["Rừng rộng 30 km2. ", "Hồ rộng 5 ha."],
    "document number": ["Tỉnh thực hiện Nghị quyết 57-NQ/TW. ", "Các sở báo cáo hằng tháng."],
    "youth team": ["Đội U.23 tập kín. ", "Vé đã hết."],
    "dollars": ["Máy có giá 3.000 USD. ", "Xã góp một nửa."],
    "blank lines": ["Tin vắn trong ngày\n\n\n", "Hồ đã đầy nước.\n\n", "Đập an toàn."],
    "wrapped line": ["Con đường dài nhất xã\nđã được đổ bê tông. ", "Xe chạy êm."],
    "wrapped before a figure": ["Bà Sáu (sinh năm\n1961) trồng nấm,\nRau cũng có. ", "Bà khỏe."],
    "heading before a list": ["Việc cần làm\n", "1. Mở lớp mới\n", "2) Sửa nhà\n"],
    "initial before brackets": ["Ông Lò Văn K. (52 tuổi) đến muộn. ", "Họp vẫn bắt đầu."],
    "initial ends the sentence": ["Người nhận là Lò Văn K. ", "Quà đã trao."],
    "article of a law": ["Điều 7. Nghĩa vụ\n", "Điều 8. Quyền lợi\n"],
    "leading space": ["  Mưa to. ", "Gió mạnh. \n"],
    "question": ["Ai sẽ quản lý chợ? ", "Xã đang bàn."],
    "mixed terminators": ["Thật vậy sao?! ", "Không ai tin..."],
    "year at end": ["Cầu khánh thành năm 2025. ", "Vốn do dân góp."],
    "number before stop, no space": ["Thu được 12 tấn.", "Giá bán ổn định."],
    "dateline": ["(BGT)- Sáng 5-4, xã mở hội. ", "Khách đến đông."],
    "caption credit": ["Chợ phiên ngày cuối năm. ", "Ảnh: H.T"],
    "version dots": ["Phần mềm bản 2.0.1 đã cài. ", "Máy chạy nhanh."],
    "clock dot": ["Lễ bắt đầu lúc 7.30. ", "Khách vào từ 7.00."],
    "dash dialogue": ["- Anh đi đâu?\n", "- Tôi ra chợ."],
    "acronym end": ["Dự án do UBND. ", "Vốn do dân."],
    "letter end": ["Cháu học lớp 5A. ", "Cô giáo khen cháu."],
    "ministry": ["Đoàn gặp ông Th. Nam ở cổng. ", "Họ bắt tay."],
    "company": ["CTCP. Hoa Sen góp 50 suất quà. ", "Quà trao tận tay."],
    "phone": ["ĐT. 0269 000 111 trực cả đêm. ", "Gọi miễn phí."],
}


@pytest.mark.parametrize("sentences", CASES.values(), ids=CASES.keys())
def test_table_of_sentence_cuts(sentences: list[str]) -> None:
    assert split_sentences("".join(sentences)) == sentences


def test_empty_text_has_no_sentences() -> None:
    assert split_sentences("") == []


def test_blank_text_is_one_sentence() -> None:
    assert split_sentences(" \n\n ") == [" \n\n "]


VIETNAMESE = st.text(alphabet=st.sampled_from("aĂb đ.?!…,;:-\"“”()’'»\n\t 1293/TPvV"), max_size=80)


@given(st.one_of(st.text(), VIETNAMESE))
def test_split_sentences_is_lossless(text: str) -> None:
    sentences = split_sentences(text)
    assert "".join(sentences) == text
    assert all(sentences)
    if text.strip():
        assert all(sentence.strip() for sentence in sentences)


@given(VIETNAMESE)
def test_no_sentence_but_the_first_starts_with_space(text: str) -> None:
    assert all(not sentence[0].isspace() for sentence in split_sentences(text)[1:])


@pytest.mark.parametrize(
    "unit",
    ["Mưa lớn làm hỏng 1.500 m đường. ", "a.", ".", "“", "A. ", "x\n", "TP. ", " ", "www.", "a"],
)
def test_split_sentences_is_linear(unit: str) -> None:
    text = unit * (1_000_000 // len(unit))
    started = time.process_time()
    assert "".join(split_sentences(text)) == text
    assert time.process_time() - started < 8


LONG_CASES: list[tuple[str, int, list[str]]] = [
    ("ngắn thôi", 20, ["ngắn thôi"]),
    ("dọn kênh; vá đê; trồng cây", 18, ["dọn kênh; vá đê; ", "trồng cây"]),
    ("dọn kênh, vá đê; trồng cây", 18, ["dọn kênh, vá đê; ", "trồng cây"]),
    ("cam, quýt, bưởi", 12, ["cam, quýt, ", "bưởi"]),
    ("một hai ba bốn", 8, ["một hai ", "ba bốn"]),
    ("giá 2,5 tỷ đồng", 7, ["giá ", "2,5 tỷ ", "đồng"]),
    ("đủ 1 500 000 đồng", 12, ["đủ ", "1 500 000 ", "đồng"]),
    ("hết; ", 5, ["hết; "]),
    ("", 5, []),
]


@pytest.mark.parametrize(("sentence", "limit", "pieces"), LONG_CASES)
def test_split_long_prefers_semicolon_comma_space(
    sentence: str, limit: int, pieces: list[str]
) -> None:
    assert split_long(sentence, limit) == pieces


def test_split_long_names_the_beginning_of_what_cannot_be_split() -> None:
    word = "khôngcáchra" * 20
    with pytest.raises(InputTooLong, match=word[:40]) as caught:
        split_long(f"trước đó {word}", 50)
    assert word[:60] not in str(caught.value)


@pytest.mark.parametrize("limit", [0, -1])
def test_split_long_rejects_a_limit_below_one(limit: int) -> None:
    with pytest.raises(ValueError, match="limit"):
        split_long("abc", limit)


WORDS = st.one_of(st.text("abđ;,.", min_size=1, max_size=9), st.sampled_from(["1.500", "2,5", "7"]))


@given(st.lists(WORDS, max_size=40), st.integers(12, 60))
def test_split_long_is_lossless_and_keeps_words_whole(words: list[str], limit: int) -> None:
    sentence = " ".join(words)
    pieces = split_long(sentence, limit)
    assert "".join(pieces) == sentence
    assert all(0 < len(piece) <= limit for piece in pieces)
    assert [word for piece in pieces for word in piece.split()] == sentence.split()
