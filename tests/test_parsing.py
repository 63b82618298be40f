import textwrap
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import DiemtinError
from service.article import Kind
from service.newslines import find_credit, is_attribution, is_image, is_names, match_dateline
from service.normalizing import normalize
from service.parsing import parse_article

DATA = Path(__file__).parent / "data"
LEAD = "Chiều 10-3, đoàn công tác của Tỉnh ủy đã kiểm tra tiến độ dự án cấp nước tại xã Ea Tân."
BODY = "Đến nay, nhà thầu đã hoàn thành 62% khối lượng, chậm 3 tháng so với kế hoạch đề ra."


def kinds_of(text):
    return [element.kind.value for element in parse_article(text).visible]


def parts_of(text):
    return [(element.kind.value, element.text) for element in parse_article(text).visible]


def assert_lossless(text):
    article = parse_article(text)
    assert "".join(element.text for element in article.elements) == text == article.source
    assert [element.id for element in article.elements] == list(range(len(article.elements)))
    at = 0
    for element in article.elements:
        assert (element.start, element.text) == (at, text[element.start : element.end])
        assert element.text
        at = element.end
    assert at == len(text)


GOLDEN = {
    "dak-lak-cum-cong-nghiep.txt": """byline dateline lead paragraph image caption credit
        paragraph paragraph image caption credit paragraph paragraph""",
    "ha-tinh-mua-lu.txt": """headline byline dateline lead paragraph heading paragraph image
        caption credit paragraph heading paragraph paragraph tags""",
    "lang-son-phao-lau.txt": """headline dateline lead paragraph caption credit paragraph
        paragraph paragraph signature""",
}


@pytest.mark.parametrize("name", GOLDEN)
def test_golden(name):
    text = normalize((DATA / name).read_text(encoding="utf-8"))
    assert kinds_of(text) == GOLDEN[name].split()
    assert_lossless(text)


@pytest.mark.parametrize("name", GOLDEN)
def test_golden_with_windows_line_ends(name):
    text = (DATA / name).read_text(encoding="utf-8").replace("\n", "\r\n")
    assert kinds_of(normalize(text)) == GOLDEN[name].split()


@pytest.mark.parametrize("name", GOLDEN)
def test_golden_with_other_spacing_between_paragraphs(name):
    """Blank lines doubled: only a caption far below its image could be read otherwise."""
    text = (DATA / name).read_text(encoding="utf-8").replace("\n\n", "\n\n\n\n")
    assert kinds_of(text) == GOLDEN[name].split()


@pytest.mark.parametrize(
    ("tag", "kept"),
    [
        ("(GLO)- ", "(GLO)- "),
        ("(GLO)-", "(GLO)-"),
        ("(QNO) - ", "(QNO) - "),
        ("(TTXVN) ", "(TTXVN) "),
        ("(ĐN)- ", "(ĐN)- "),
        ("BDO - ", "BDO - "),
        ("GD&TĐ - ", "GD&TĐ - "),
        ("ĐBP - ", "ĐBP - "),
        ("(Dân trí) - ", "(Dân trí) - "),
        ("(PLVN) – ", "(PLVN) – "),
        ("(Baonghean.vn) - ", "(Baonghean.vn) - "),
        ("Baoquangninh.vn - ", "Baoquangninh.vn - "),
        ("VOV.VN - ", "VOV.VN - "),
        ("Gia Lai (TTXVN) - ", "Gia Lai (TTXVN) - "),
        ("TP.HCM (PLO) - ", "TP.HCM (PLO) - "),
        ("Thành phố Hồ Chí Minh (TTXVN) - ", "Thành phố Hồ Chí Minh (TTXVN) - "),
        ("Hà Nội (TTXVN 5/3) - ", "Hà Nội (TTXVN 5/3) - "),
        ("Hà Nội, ngày 5/3 - ", "Hà Nội, ngày 5/3 - "),
        ("Hà Nội, ngày 5/3 (TTXVN) - ", "Hà Nội, ngày 5/3 (TTXVN) - "),
        ("Đắk Lắk - ", "Đắk Lắk - "),
    ],
)
def test_dateline_and_lead_are_two_elements(tag, kept):
    assert parts_of(f"Hà Duy\n{tag}{LEAD}\n\n{BODY}") == [
        ("byline", "Hà Duy"),
        ("dateline", kept),
        ("lead", LEAD),
        ("paragraph", BODY),
    ]


@pytest.mark.parametrize(
    "lead",
    [
        LEAD,
        "Ông Trịnh Hữu Khang - Phó Bí thư Tỉnh ủy - cho biết dự án chậm tiến độ 3 tháng.",
        "Trịnh Hữu Khang - Ủy viên Ban Thường vụ - làm trưởng đoàn kiểm tra.",
        "COVID-19 đã làm 12 người ở xã Ea Tân phải nhập viện.",
        "VN-Index tăng 12,5 điểm trong phiên sáng nay.",
        "Hội Nông dân (HND) xã Ea Tân vừa tổ chức đại hội.",
        "UBND tỉnh - cơ quan chủ quản - đã có văn bản trả lời.",
    ],
)
def test_lead_without_dateline(lead):
    assert parts_of(f"{lead}\n\n{BODY}")[0] == ("lead", lead)


def test_dateline_on_its_own_line():
    assert kinds_of(f"Giá cà phê tăng\n(GLO)-\n{LEAD}\n{BODY}") == [
        "headline",
        "dateline",
        "lead",
        "paragraph",
    ]


@pytest.mark.parametrize(
    "byline",
    [
        "HÀ DUY HÀ DUY",
        "Hà Duy",
        "Nguyễn Thị Minh Khuê",
        "Hà Duy - Minh Khuê",
        "Hà Duy, Minh Khuê (TTXVN)",
        "M.K",
        "Theo Nguyễn Văn An",
        "PV",
        "Nhóm PV",
        "Bài, ảnh: Hà Duy",
        "Bài và ảnh: HÀ DUY",
        "Tin, ảnh: Đức Thịnh",
        "Thực hiện: Hà Duy",
        "Hà Duy/VOV",
    ],
)
def test_byline(byline):
    assert parts_of(f"Giá cà phê tăng mạnh trong tuần\n{byline}\n{LEAD}\n{BODY}")[:3] == [
        ("headline", "Giá cà phê tăng mạnh trong tuần"),
        ("byline", byline),
        ("lead", LEAD),
    ]


@pytest.mark.parametrize(
    "headline",
    [
        "Giá cà phê tăng mạnh trong tuần",
        "GIA LAI TĂNG TỐC",
        "LÂM ĐỒNG BỨT PHÁ",
        "Vì sao giá cà phê tăng?",
        "Theo chân người trồng sâm trên núi",
        "Bắt 2 đối tượng trộm 1.500 kg sầu riêng",
        "“Vua” cà phê ở buôn Jung",
    ],
)
def test_headline(headline):
    assert parts_of(f"{headline}\n\n{LEAD}\n\n{BODY}")[:2] == [
        ("headline", headline),
        ("lead", LEAD),
    ]


def test_byline_below_the_lead():
    assert kinds_of(f"Giá tăng\n{LEAD}\nHà Duy\n{BODY}\n{BODY}") == [
        "headline",
        "lead",
        "byline",
        "paragraph",
        "paragraph",
    ]
    assert kinds_of(f"Giá tăng\n{LEAD}\nHà Duy") == ["headline", "lead", "signature"]


def test_headline_below_image_and_publication_date():
    assert kinds_of(f"Giá tăng\nThứ Ba, 10/3/2026 - 08:15\na.jpg\nVườn. Ảnh: PV\n{LEAD}") == [
        "headline",
        "dateline",
        "image",
        "caption",
        "credit",
        "lead",
    ]


CAPTION = "Bí thư Tỉnh ủy (thứ 2 từ phải sang) thăm vườn cà phê."


@pytest.mark.parametrize(
    "credit",
    [
        "Ảnh: Hà Duy",
        "Ảnh: M.K",
        "(Ảnh: Hà Duy)",
        "(ảnh: Hà Duy)",
        "Ảnh minh họa",
        "Ảnh minh họa: Internet",
        "Ảnh Internet",
        "- Ảnh: TTXVN",
        "- ảnh: TTXVN",
        "Ảnh: Hà Duy/TTXVN",
        "Ảnh: Hà Duy - TTXVN",
        "Ảnh: TTXVN phát",
        "Ảnh: Công an tỉnh cung cấp",
        "Ảnh do người dân cung cấp",
        "Ảnh cắt từ clip",
        "Ảnh tư liệu",
        "Nguồn ảnh: Sở Y tế",
        "Ảnh: Hà Duy.",
    ],
)
@pytest.mark.parametrize("space", [" ", "\n"])
def test_caption_and_credit_are_two_elements(credit, space):
    text = f"{LEAD}\n\nvuon-ca-phe.jpg\n{CAPTION}{space}{credit}\n\n{BODY}\n\n{BODY}"
    assert parts_of(text)[1:5] == [
        ("image", "vuon-ca-phe.jpg"),
        ("caption", CAPTION),
        ("credit", credit),
        ("paragraph", BODY),
    ]


@pytest.mark.parametrize(
    "sentence",
    [
        "Đây chỉ là ảnh minh họa.",
        "Người dân quay clip: xe tải chở gỗ chạy trong đêm.",
        "Cuộc thi ảnh có chủ đề: Tây Nguyên xanh.",
        "Nguồn: nước ngầm và nước mặt",
        "Tác giả có 2 bức ảnh về buôn làng đoạt giải",
    ],
)
def test_no_credit(sentence):
    assert find_credit(sentence) is None


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        (f"{LEAD}\n\na.jpg\n{CAPTION}\n\n{BODY}", "lead image caption paragraph"),
        (f"{LEAD}\na.jpg\nThu hoạch cà phê ở Ea Tân\n{BODY}", "lead image caption paragraph"),
        (f"{LEAD}\na.jpg\n{BODY * 3}\n{BODY}", "lead image paragraph paragraph"),
        (
            f"{LEAD}\n\na.jpg\n\nb.PNG\n\nHai bức ảnh\n\n{BODY}",
            "lead image image caption paragraph",
        ),
        (f"a.jpg\n(GLO)- {LEAD}\n{BODY}", "image dateline lead paragraph"),
        (f"{LEAD}\n\n{CAPTION} Ảnh: M.K\n\n{BODY}", "lead caption credit paragraph"),
    ],
)
def test_captions(text, kinds):
    assert kinds_of(text) == kinds.split()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("bi-thu-tinh-uy-6364.jpg", True),
        ("IMG 2034 (1).JPG", True),
        ("anh.webp?w=600", True),
        ("https://bao.example/a/b.jpeg", True),
        ("![Vườn cà phê](/a/b.png)", True),
        ("Xem tệp đính kèm anh.jpg", False),
        ("anh.jpg là tên tệp", False),
        ("Báo cáo.docx", False),
    ],
)
def test_is_image(name, expected):
    assert is_image(name) is expected


@pytest.mark.parametrize(
    ("signature", "kept"),
    [
        ("Hà Duy", "Hà Duy"),
        ("HÀ DUY", "HÀ DUY"),
        ("Vi Thúy Nga (TTXVN)", "Vi Thúy Nga (TTXVN)"),
        ("Theo TTXVN", "Theo TTXVN"),
        ("Theo Báo Tin tức", "Theo Báo Tin tức"),
        ("Nguồn: Cổng thông tin điện tử tỉnh", "Nguồn: Cổng thông tin điện tử tỉnh"),
        ("(Theo Báo Chính phủ)", "(Theo Báo Chính phủ)"),
        ("Bài, ảnh: Hà Duy", "Bài, ảnh: Hà Duy"),
        ("PV", "PV"),
    ],
)
@pytest.mark.parametrize("after", ["", "\n\nTừ khóa: cà phê, Ea Tân", "\n#CaPhe #EaTan"])
def test_signature(signature, kept, after):
    parts = parts_of(f"{LEAD}\n\n{BODY}\n{signature}{after}")
    assert parts[2] == ("signature", kept)
    assert [kind for kind, _ in parts[3:]] == (["tags"] if after else [])


@pytest.mark.parametrize("sign", ["(Theo TTXVN)", "(Nguồn: Sở Y tế)"])
def test_signature_on_the_last_line_of_text(sign):
    assert parts_of(f"{LEAD}\n\n{BODY} {sign}")[1:] == [("paragraph", BODY), ("signature", sign)]
    assert kinds_of(f"{LEAD}\n\n{BODY} {sign}\n\n{BODY}") == ["lead", "paragraph", "paragraph"]


def test_name_after_the_closing_mark():
    assert parts_of(f"{LEAD}\n{BODY[:-1]}./. Hà Duy")[1:] == [
        ("paragraph", f"{BODY[:-1]}./."),
        ("signature", "Hà Duy"),
    ]


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        (f"{LEAD}\n\nNhiều khó khăn\n\n{BODY}", "lead heading paragraph"),
        (f"{LEAD}\n1. Về kinh tế\n{BODY}", "lead heading paragraph"),
        (
            f"{LEAD}\nNhiều khó khăn\na.jpg\nVườn. Ảnh: PV\n{BODY}",
            "lead heading image caption credit paragraph",
        ),
        (f"{LEAD}\nCụ thể như sau:\n{BODY}", "lead paragraph paragraph"),
        (
            f"{LEAD}\n- Cà phê 2.000 đồng\n- Hồ tiêu 500 đồng\n{BODY}",
            "lead paragraph paragraph paragraph",
        ),
        (f"{LEAD}\n{BODY}\nHết thời gian gia hạn", "lead paragraph paragraph"),
        (f"{LEAD}\n“Nước lên nhanh”, bà Nhàn nói\n{BODY}", "lead paragraph paragraph"),
        (f"Trang chủ\nXã hội\nGiá lợn hơi tăng mạnh\n{LEAD}", "heading heading headline lead"),
    ],
)
def test_headings(text, kinds):
    assert kinds_of(text) == kinds.split()


@pytest.mark.parametrize(
    "tags",
    [
        "Từ khóa: cà phê, Ea Tân",
        "Từ khoá: cà phê",
        "Tags: cà phê",
        "TAGS: #caphe",
        "#CaPhe #EaTan",
    ],
)
def test_tags(tags):
    assert parts_of(f"{LEAD}\n{BODY}\n{tags}")[2] == ("tags", tags)


def test_keywords_below_their_label():
    assert kinds_of(f"{LEAD}\n{BODY}\nTừ khóa:\ncà phê\nEa Tân") == ["lead", "paragraph"] + 3 * [
        "tags"
    ]


WRAPPED = """Ngày 14/1, Công an tỉnh Lạng Sơn cho biết, đơn vị vừa phối hợp với Đồn Biên
phòng Pò Mạ bắt quả tang hai đối tượng vận chuyển trái phép 185 kg pháo nổ
trong dịp Tết Nguyên đán. Tang vật gồm 9 bao tải, do ông Hoàng Văn Thiết và bà
Lộc Thị Mai thuê người vận chuyển."""


def test_hard_wrapped_lines_are_one_paragraph_with_its_line_ends():
    assert parts_of(f"{WRAPPED}\n\n{WRAPPED}") == [("lead", WRAPPED), ("paragraph", WRAPPED)]


def test_hard_wrapped_below_a_headline():
    text = f"Bắt hai đối tượng vận chuyển pháo\n{WRAPPED}\n\nanh-phao.jpg\nTang vật. Ảnh: PV"
    assert kinds_of(text) == ["headline", "lead", "image", "caption", "credit"]


def wrap(text, width):
    """The text as an e-mail has it; a paragraph's own line ends are not kept."""
    blocks = ["\n".join(lines) for lines in map(unwrap, text.strip().split("\n\n"))]
    lines = "\n\n".join(blocks).split("\n")
    wrapper = textwrap.TextWrapper(width, break_on_hyphens=False, break_long_words=False)
    return "\n".join(wrapper.fill(line) for line in lines)


def unwrap(block):
    lines = block.split("\n")
    is_wrapped = len(lines) > 1 and all(60 < len(line) <= 100 for line in lines[:-1])
    return [" ".join(lines)] if is_wrapped and not lines[0].endswith("jpg") else lines


@pytest.mark.parametrize("width", [60, 72, 80, 100])
@pytest.mark.parametrize("name", GOLDEN)
def test_golden_hard_wrapped(name, width):
    text = wrap((DATA / name).read_text(encoding="utf-8"), width)
    assert max(map(len, text.split("\n"))) <= 130
    assert kinds_of(text) == GOLDEN[name].split()
    assert_lossless(text)


def test_paragraphs_a_line_each_stay_apart():
    assert kinds_of(f"{LEAD}\n{BODY}\n{LEAD}\n{BODY}") == ["lead"] + 3 * ["paragraph"]


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("", ""),
        ("\n \n", ""),
        ("Giá cà phê tăng", "lead"),
        ("Giá cà phê tăng\nNông dân phấn khởi", "headline lead"),
        (LEAD, "lead"),
        ("Hà Duy", "byline"),
        ("a.jpg", "image"),
        ("(GLO)-", "dateline"),
    ],
)
def test_tiny_items(text, kinds):
    assert kinds_of(text) == kinds.split()
    assert_lossless(text)


@given(st.text())
def test_any_text_is_kept(text):
    assert_lossless(text)


PIECES = st.sampled_from(
    [
        *(LEAD, BODY, CAPTION, "\n", "\n\n", " ", "\u3000", "\x1c", "- ", "./. ", "(GLO)- "),
        *("Gia Lai (TTXVN) - ", "Ảnh: Hà Duy", "(Ảnh: M.K)", "a.jpg", "#a", "Từ khóa:", "Hà Duy"),
        *("Theo TTXVN", "(Theo TTXVN)", "Nguồn: X", "Nhiều khó khăn"),
        *WRAPPED.split("\n"),
    ]
)


@given(st.lists(PIECES, max_size=25).map("".join))
def test_any_item_is_kept(text):
    assert_lossless(text)
    try:
        normalized = normalize(text)
    except DiemtinError:
        return
    assert_lossless(normalized)


@pytest.mark.parametrize(
    "text",
    [
        (f"{LEAD}\n\na.jpg\n{CAPTION} Ảnh: PV\n\n" + f"{BODY}\n") * 3_500,
        "a" * 1_000_000,
        "Ảnh: " * 200_000,
        "A " * 500_000,
        "(" * 1_000_000,
        "AAAAAAAA\n" * 110_000,
        "Hà Duy - " * 110_000,
        "#a " * 330_000,
        ("ngày " * 11 + "\n") * 17_000,
        "\n" * 1_000_000,
        (WRAPPED + "\n") * 3_000,
    ],
    ids=lambda text: repr(text[:12]),
)
def test_a_million_characters_take_seconds(text):
    start = time.process_time()
    parse_article(text)
    assert time.process_time() - start < 20  # a second or two; a quadratic step takes minutes


@pytest.mark.parametrize("text", ["Cụm Công Nghiệp Ea Tân", "Thời sự", "Hà Duy nói", "Y", "10-3"])
def test_not_names(text):
    assert not is_names(text)


@pytest.mark.parametrize(
    "text", ["Theo báo cáo của xã", "Theo dõi chúng tôi", "Bài học: giữ rừng."]
)
def test_not_attribution(text):
    assert not is_attribution(text)


def test_match_dateline_counts_its_space():
    assert match_dateline("Gia Lai (TTXVN) - Ngày 5/3, mưa.") == 18
    assert Kind.DATELINE == "dateline"


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("Chia sẻ", "furniture"),
        ("Chia sẻ Facebook", "furniture"),
        ("Bình luận (3)", "furniture"),
        ("Theo dõi Báo Vùng Cao trên Google News", "furniture"),
        ("T.AN", "signature"),
        ("B.NG", "signature"),
        ("H.TRANG", "signature"),
    ],
)
def test_what_stands_below_the_last_paragraph(line, kind):
    text = (
        f"Xã vùng biên mở chợ\n\nSáng 5-6, xã họp bàn việc mở chợ mới.\n\nChợ có 46 quầy.\n\n{line}"
    )
    assert kinds_of(text)[-1] == kind


def test_sharing_with_people_is_no_button():
    text = (
        "Sáng 5-6, xã họp bàn việc cứu trợ.\n\nChia sẻ với người dân vùng lũ là việc của mọi người."
    )
    assert kinds_of(text) == ["lead", "paragraph"]


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("Thanh Mai  -  18:47  21/10/2025", "byline"),
        ("11:05 | Thứ bảy, 15/11/2025", "dateline"),
        ("Chủ nhật, 12/10/2025 | 06:00 [GMT +7]", "dateline"),
        ("Trang chủ › Chuyển đổi số", "furniture"),
    ],
)
def test_what_stands_between_headline_and_lead(line, kind):
    text = (
        f"Xã vùng biên giới mở phiên chợ nông sản đầu mùa\n\n{line}\n\nSáng 5-6, xã họp bàn việc."
    )
    assert kinds_of(text) == ["headline", kind, "lead"]
