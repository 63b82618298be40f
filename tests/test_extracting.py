import socket

import pytest

from models.errors import DiemtinError
from service.extracting import NoArticle, extract_text
from service.normalizing import normalize
from service.parsing import parse_article

LEAD = (
    "Sáng 10-3, đoàn công tác của Tỉnh ủy đã kiểm tra tiến độ xây dựng cụm công nghiệp và làm "
    "việc với lãnh đạo xã Ea Tân."
)
SECOND = (
    "Cụm công nghiệp có diện tích 74,5 ha, tổng vốn đầu tư hơn 612 tỷ đồng, đến nay mới giải "
    "ngân được 38,2% kế hoạch."
)
THIRD = "Tham gia đoàn có lãnh đạo các sở, ngành."
CAPTION = "Lãnh đạo tỉnh thăm cơ sở chế biến cà phê. Ảnh: Minh Khuê"
TITLE = "Kiểm tra cụm công nghiệp"
NOISE = ("Trang chủ", "Bản quyền", "Giá hồ tiêu tăng", "Bình luận hay", "khong_hien", "theo-doi")
LINKED_LEAD = LEAD.replace("Tỉnh ủy", "<a href='/t'>Tỉnh ủy</a>")
BOLD_SECOND = SECOND.replace("74,5", "<b>74,5</b>")

HEAD = f"<head><title>{TITLE} | Báo Đắk Lắk</title><style>.khong_hien{{}}</style></head>"
PIXEL = '<img src="https://x.example/theo-doi.gif" width="1" height="1">'
SCRIPT = "<script>var khong_hien = 'Bình luận hay';</script>"

PAGES = {
    "small article": f"""<html>{HEAD}<body><nav>Trang chủ</nav><article><h1>{TITLE}</h1>
        <p>{LEAD}</p><p>{SECOND}</p></article><footer>Bản quyền</footer></body></html>""",
    "article in article": f"<main><article><div><br>{LEAD}</div></article></main>",
    "figcaption": f"""<html>{HEAD}<body><article><h1>{TITLE}</h1><p><strong>{LEAD}</strong></p>
        <figure><img src="/a/ca-phe.jpg" alt="x"><figcaption>{CAPTION}</figcaption></figure>
        <p>{SECOND}</p><h2>Nhiều khó khăn</h2><p>{THIRD}</p>{PIXEL}</article></body></html>""",
    "paragraph in figcaption": f"""<html><body><div class="article-content"><h1>{TITLE}</h1>
        <h2 class="sapo">{LEAD}</h2><div class="detail"><p>{SECOND}</p><figure class="picture">
        <div><img src="/ca-phe.webp"></div><figcaption><p>{CAPTION}</p></figcaption></figure>
        <p>{THIRD}</p></div></div></body></html>""",
    "table around a picture": f"""<html>{HEAD}<body><div id="detail"><p>{LEAD}</p>
        <table class="picture"><tbody><tr><td><img src="/ca-phe.jpg?w=600"></td></tr>
        <tr><td class="caption"><p>{CAPTION}</p></td></tr></tbody></table><p>{SECOND}</p>
        {PIXEL}<p>{THIRD}</p></div></body></html>""",
    "line breaks": f"""<html><body><div class="content"><h1>{TITLE}</h1><div>{LEAD}<br><br>
        {SECOND}<br/>{THIRD}</div></div>{SCRIPT}{PIXEL}</body></html>""",
    "nested blocks": f"""<html><body><main><div><div><h1>{TITLE}</h1></div><div>{LEAD}</div><div>
        <div>{SECOND}</div><div><div>{THIRD}</div></div></div></div></main></body></html>""",
    "list": f"""<html><body><article><h1>{TITLE}</h1><p>{LEAD}</p><ul><li>{SECOND}</li>
        <li>{THIRD}</li></ul></article></body></html>""",
    "page with everything round it": f"""<html>{HEAD}<body><header><ul><li>Trang chủ</li></ul>
        </header>{SCRIPT}<article><h1>{TITLE}</h1><p>{LEAD}</p><p>{SECOND}</p><p>{THIRD}</p>
        </article><aside><h3>Tin khác</h3><ul><li><a href="/a">Giá hồ tiêu tăng</a></li></ul>
        </aside><div class="comments"><p>Bình luận hay</p></div></body></html>""",
    "XML declaration": f"""<?xml version="1.0" encoding="utf-8"?><html><body><p>{LEAD}</p>
        <p>{SECOND}</p></body></html>""",
    "bold and links": f"""<html><body><article><p>{LINKED_LEAD}</p><p>{BOLD_SECOND}</p></article>
        </body></html>""",
    "same paragraph twice": f"""<html><body><article><p>{LEAD}</p><p>{SECOND}</p><p>{THIRD}</p>
        <p>{LEAD}</p></article></body></html>""",
    "fragment": f"<p>{THIRD}</p>",
}


def count_words(html, sentence):
    """How often a sentence is in a page, markup inside it aside."""
    for tag in ("<a href='/t'>", "</a>", "<b>", "</b>"):
        html = html.replace(tag, "")
    return html.count(sentence)


@pytest.mark.parametrize("name", PAGES)
def test_every_sentence_comes_out_once(name):
    text = extract_text(PAGES[name])
    lines = [line.removeprefix("- ") for line in text.split("\n")]
    for sentence in (LEAD, SECOND, THIRD, CAPTION):
        assert lines.count(sentence) == count_words(PAGES[name], sentence), sentence
    assert lines.count(TITLE) == (1 if TITLE in PAGES[name] else 0)
    assert not [noise for noise in NOISE if noise in text]


def test_squeezed_blocks_are_not_glued():
    html = f"""<html><body><main><section><p>Đầu tiên.</p>Dòng rời.<div><h4>Mục một</h4>
        <p>Câu khác.</p>Dòng rời nữa.</div><div><h4>Mục hai</h4><p>{THIRD}</p></div></section>
        </main></body></html>"""
    expected = ["Đầu tiên.", "Dòng rời.", "Mục một", "Câu khác.", "Dòng rời nữa.", "Mục hai", THIRD]
    assert extract_text(html).split("\n") == expected


def test_page_parses_like_a_paste():
    text = normalize(extract_text(PAGES["figcaption"].replace(LEAD, f"(ĐLO)- {LEAD}")))
    kinds = [element.kind.value for element in parse_article(text).visible]
    expected = "headline dateline lead image caption credit paragraph heading paragraph"
    assert kinds == expected.split()


@pytest.mark.parametrize(
    ("head", "title"),
    [
        (f"<title>{TITLE} | Báo Đắk Lắk</title>", TITLE),
        (f"<title>{TITLE} - Báo Đắk Lắk điện tử</title>", TITLE),
        (f"<meta property='og:title' content='{TITLE}'><title>Tin</title>", TITLE),
        ("", LEAD),
    ],
)
def test_headline_without_h1(head, title):
    html = f"<html><head>{head}</head><body><div><p>{LEAD}</p><p>{SECOND}</p></div></body></html>"
    assert extract_text(html).split("\n")[0] == title


def test_data_table_is_rows_without_frame():
    table = (
        "<table><tr><th>Nơi</th><th>Giá</th></tr><tr><td>Ea Tân</td><td>112.500</td></tr></table>"
    )
    html = f"<html><body><article><p>{LEAD}</p>{table}<p>{SECOND}</p></article></body></html>"
    assert extract_text(html).split("\n") == [LEAD, "Nơi | Giá", "Ea Tân | 112.500", SECOND]


@pytest.mark.parametrize(
    ("html", "message"),
    [
        ("", 'use the format "text"'),
        (" \n", 'use the format "text"'),
        ("không phải trang web", 'use the format "text"'),
        ("<html><body><script>x()</script></body></html>", "No article was found"),
        ("<html><body></body></html>", "No article was found"),
        ("<!-- -->", "No article was found"),
    ],
)
def test_no_article(html, message):
    with pytest.raises(NoArticle, match=message) as caught:
        extract_text(html)
    assert isinstance(caught.value, DiemtinError)


def test_nul_characters_are_dropped():
    assert extract_text(f"<article><p>Chiều\0 nay</p><p>{LEAD}</p></article>").startswith(
        "Chiều nay"
    )


def test_nothing_is_fetched(monkeypatch):
    def refuse(*args, **kwargs):
        raise AssertionError("extraction opened a connection")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    base = '<base href="https://x.example/"><link rel="canonical" href="https://x.example/a">'
    assert LEAD in extract_text(PAGES["figcaption"].replace("<head>", f"<head>{base}"))
