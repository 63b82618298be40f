"""A news page's HTML -> the text of its article; nothing is ever fetched."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

import trafilatura
from lxml.html import HtmlElement  # type: ignore[import-untyped]  # lxml ships no types

from models.errors import DiemtinError

_MARKDOWN_IMAGE = re.compile(r"!\[[^\]\n]*\]\((?P<address>[^()\s]*)[^()\n]*\)")
_TABLE_PARTS = ("table", "thead", "tbody", "tfoot", "tr", "td", "th", "caption")
_SITE_NAME = re.compile(r"\s+[|–—-]\s+[^|–—]{2,40}$")


class NoArticle(DiemtinError):
    """The page holds no article text."""


def _load_page(html: str) -> HtmlElement:
    # A lone fragment such as "<p>...</p>" is refused by the loader, so every one gets a page.
    whole = re.search(r"<(?:html|body)[\s>]", html, re.IGNORECASE)
    page = html if whole else f"<html><body>{html}</body></html>"
    tree = trafilatura.load_html(page.replace("\0", "")) if "<" in html else None
    if tree is None:
        raise NoArticle(
            'The page is empty or is no HTML. Send the page\'s source, or use the format "text".'
        )
    return tree


def _is_pixel(image: HtmlElement) -> bool:
    sizes = (image.get("width", ""), image.get("height", ""))
    return any(size.removesuffix("px") in ("0", "1") for size in sizes)


def _keep_captions(tree: HtmlElement) -> None:
    """Turn figures, and tables laid out around a picture, into blocks: trafilatura drops them."""
    for figure in list(tree.iter("figure", "figcaption")):
        figure.tag = "p" if figure.tag == "figcaption" else "div"
    for table in [table for table in tree.iter("table") if table.find(".//img") is not None]:
        for part in list(table.iter(*_TABLE_PARTS)):
            part.tag = "div"
    for image in list(tree.iter("img")):
        if _is_pixel(image):
            image.drop_tree()


def _read_title(tree: HtmlElement) -> str:
    """The page's only <h1>, else what it calls itself, without the newspaper's name."""
    headings = [" ".join(heading.text_content().split()) for heading in tree.iter("h1")]
    if len(headings) == 1 and headings[0]:
        return headings[0]
    shared = tree.xpath("//meta[@property='og:title']/@content")
    title = shared[0] if shared else (tree.findtext(".//title") or "")
    return _SITE_NAME.sub("", " ".join(title.split()))


def _name_image(match: re.Match[str]) -> str:
    """The image's file name on a line of its own, as a reader's paste has it."""
    name = PurePosixPath(unquote(urlsplit(match["address"]).path)).name
    return f"\n{name}\n" if "." in name else "\n"


def _tidy(text: str) -> str:
    lines = (line.strip("| ") for line in _MARKDOWN_IMAGE.sub(_name_image, text).split("\n"))
    return "\n".join(line for line in lines if line.strip("-| "))


def extract_text(html: str) -> str:
    """The article's text, one line a paragraph: headline, captions, image names, the rest.

    Raises:
        NoArticle: no article text was found.
    """
    tree = _load_page(html)
    title = _read_title(tree)
    _keep_captions(tree)
    text = trafilatura.extract(
        tree,
        output_format="txt",
        favor_recall=True,
        include_comments=False,
        include_tables=True,
        include_images=True,
        deduplicate=False,
    )
    body = _tidy(text or "")
    if not body:
        raise NoArticle(
            'No article was found in the page. Copy the article\'s text and send it as "text".'
        )
    return body if not title or title in body else f"{title}\n{body}"
