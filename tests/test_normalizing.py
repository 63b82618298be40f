import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import DiemtinError
from service.normalizing import EmptyText, LegacyEncoding, normalize

ITEM = "Chiều 10-3, đoàn công tác của Tỉnh ủy đã kiểm tra tiến độ dự án."


@pytest.mark.parametrize(
    ("given_text", "expected"),
    [
        ("Một\r\nHai\rBa\u2028Bốn", "Một\nHai\nBa\nBốn"),
        ("1.500\u00a0ha\tcà\u202fphê\u3000", "1.500 ha cà phê "),
        ("\ufeffGia\u200b Lai\u00ad, ng\u2060ày\x00 10\x1b-3", "Gia Lai, ngày 10-3"),
        ("Đa\u0306\u0301k La\u0306\u0301k", "Đắk Lắk"),
        ("e\u0323\u0302", "ệ"),
        ("e\u200b\u0302\u0301", "ế"),
        ("hoà hòa thuỷ thủy khoẻ khỏe", "hoà hòa thuỷ thủy khoẻ khỏe"),
        ("Ðắk Lắk, ðồng bằng", "Đắk Lắk, đồng bằng"),
        ("Guðmundur nói", "Guðmundur nói"),
        ("  giữ  nguyên  khoảng trắng  ", "  giữ  nguyên  khoảng trắng  "),
        ("½ ha, 20 m², “3 ca, 4 kíp”…", "½ ha, 20 m², “3 ca, 4 kíp”…"),
        ("ẩn\U000e0041\U000e007f chữ", "ẩn chữ"),
        ("lỗi\ud800 mã", "lỗi mã"),
    ],
)
def test_normalize(given_text, expected):
    assert normalize(given_text) == expected


def test_decomposed_item_equals_composed():
    assert normalize(unicodedata.normalize("NFD", ITEM)) == ITEM


@pytest.mark.parametrize("text", ["", "  \n\t ", "\ufeff\u200b", "\x00", "\u00a0\r\n"])
def test_empty(text):
    with pytest.raises(EmptyText, match="Send the news item"):
        normalize(text)


VNI = (
    "Vieät Nam",
    "Chieàu 10-3, ñoaøn coâng taùc cuûa Tænh uûy ñaõ kieåm tra tieán ñoä döï aùn.",
    "ñöôïc",
    "UÛY BAN NHAÂN DAÂN TÆNH GIA LAI, THAØNH PHOÁ PLEIKU",
    "Tröôûng Coâng an xaõ cho bieát, löïc löôïng chöùc naêng ñang ñieàu tra.",
)
TCVN3 = (
    "ViÖt Nam",
    "®îc",
    "®\u00adîc",
    "ChiÒu 10-3, ®oµn c«ng t¸c cña TØnh ñy ®· kiÓm tra tiÕn ®é dù ¸n.",
    "Tr\u00adëng C«ng an x· cho biÕt, lùc l\u00adîng chøc n¨ng ®ang ®iÒu tra.",
)
MISREAD = (
    "Viá»‡t Nam",
    ITEM.encode().decode("latin-1"),
    "ChiÃªu nay, Ä‘oÃ n cÃ´ng tÃ¡c Ä‘áº¿n thÄƒm.",
)


@pytest.mark.parametrize(
    ("text", "encoding"),
    [(text, "VNI") for text in VNI]
    + [(text, "TCVN3") for text in TCVN3]
    + [(text, "UTF-8 that was read") for text in MISREAD],
)
def test_legacy_encoding_names_itself_and_the_way_out(text, encoding):
    with pytest.raises(LegacyEncoding, match=encoding) as caught:
        normalize(text)
    assert isinstance(caught.value, DiemtinError)
    assert "send it again" in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        ITEM,
        "Hoàn toàn",
        "Khánh Hoà, Thanh Hoá",
        "Toà án xoá án, hoà giải, hoá đơn, loã thể, khoá sổ, toán",
        "TOÀN TỈNH HOÀN THÀNH",
        "Quý I: thuê mướn, huỷ bỏ, khuỷu tay, luỹ kế, nguyên quán",
        "Où est le goût du maïs en août ? L'État français a réuni à Noël les députés naïfs.",
        "« Où allez-vous ? »",
        "L'École «Émile» : 5µm, 20°C, Coca-Cola®, 1ª fila, ¿qué?",
        "Straßenbahn fährt über die Brücke; größere Städte müssen schließen. Öl, Äpfel, Übung.",
        "The café's naïve rôle: coöperate, reëlect, façade ©2026 Apple® at 10±2µm",
        "El niño soñó con la leña; ñandú, año, señor, baúl, país, aéreo.",
        "São Paulo: não há ações, leões, pães, saúde, coração, avô.",
        "Højskolen på Ærø, kørsel og mælk; trädgård, kött, åäö.",
        "Col·lecció d'història il·lustrada",
        "10-3",
    ],
)
def test_no_false_legacy_encoding(text):
    assert normalize(text) == unicodedata.normalize("NFC", text)


@given(st.text())
def test_idempotent(text):
    try:
        once = normalize(text)
    except DiemtinError:
        return
    assert normalize(once) == once
    assert not set(once) & set("\r\u00a0\u200b\ufeff\u00ad\x00\t")
    assert unicodedata.is_normalized("NFC", once)
