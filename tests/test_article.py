from service.article import Article, Element, Kind

PARTS = (
    (Kind.HEADLINE, "Giá cà phê tăng mạnh"),
    (Kind.SPACE, "\n"),
    (Kind.BYLINE, "MINH KHUÊ MINH KHUÊ"),
    (Kind.SPACE, "\n"),
    (Kind.DATELINE, "(ĐLO)- "),
    (Kind.LEAD, "Sáng 10-3, giá cà phê tăng 2.000 đồng/kg."),
    (Kind.SPACE, "\n\n"),
    (Kind.HEADING, "Nông dân phấn khởi"),
    (Kind.SPACE, "\n"),
    (Kind.PARAGRAPH, "Ông Y Blim bán được 3 tấn."),
    (Kind.SPACE, "\n"),
    (Kind.IMAGE, "ca-phe.jpg"),
    (Kind.SPACE, "\n"),
    (Kind.CAPTION, "Thu hoạch cà phê."),
    (Kind.SPACE, " "),
    (Kind.CREDIT, "Ảnh: M.K"),
    (Kind.SPACE, "\n"),
    (Kind.TAGS, "Từ khóa: cà phê"),
    (Kind.SPACE, "\n"),
    (Kind.SIGNATURE, "Theo TTXVN"),
)


def build_article(parts=PARTS):
    elements, at = [], 0
    for id_, (kind, text) in enumerate(parts):
        elements.append(Element(id_, kind, text, at, at + len(text)))
        at += len(text)
    return Article(tuple(elements), "".join(text for _, text in parts))


def test_translatable_kinds():
    kinds = [element.kind for element in build_article().translatable]
    assert kinds == ["headline", "lead", "heading", "paragraph", "caption", "tags"]


def test_visible_leaves_out_space_only():
    article = build_article()
    assert len(article.visible) == sum(kind is not Kind.SPACE for kind, _ in PARTS)


def test_named_parts():
    article = build_article()
    assert article.headline == "Giá cà phê tăng mạnh"
    assert article.byline == "MINH KHUÊ MINH KHUÊ"
    assert article.dateline == "(ĐLO)"
    assert article.lead == "Sáng 10-3, giá cà phê tăng 2.000 đồng/kg."
    assert [element.id for element in article.body] == [5, 9]
    assert [element.text for element in article.of_kind(Kind.IMAGE)] == ["ca-phe.jpg"]


def test_absent_parts_are_none():
    article = Article((), "")
    assert (article.headline, article.byline, article.dateline, article.lead) == (None,) * 4
