"""The page in a real Chromium, against the running service."""

import json
import re
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from models.summarizer import DEFAULT_WORDS, FEWEST_WORDS, MOST_WORDS
from service.rendering import render_markdown
from service.schemas import DigestOut
from tests.browser import translate, watched_page

ITEM = """Xã vùng biên mở phiên chợ nông sản đầu mùa mưa

(GLO)- Sáng 12-5, xã Ia Mơ khai trương phiên chợ nông sản với 46 gian hàng.

Theo ban tổ chức, chợ bán gạo, điều và mật ong của 38 hộ dân trong xã.

gian-hang-mat-ong-cua-hop-tac-xa.jpg
Khách chọn mua mật ong tại gian hàng của hợp tác xã. Ảnh: Nguyễn Hoa

Chị Rơ Châm H'Lan cho biết gia đình chị bán được 80 kg gạo chỉ trong 2 giờ.

Xã dự kiến tổ chức chợ vào ngày 12 hằng tháng và sửa 4 km đường dẫn vào chợ.
"""
HOSTILE = """(GLO)- Sáng 12-5, xã Ia Mơ <script>window.pwned=1</script> khai trương chợ nông sản.

Theo ban tổ chức, <img src=x onerror="window.pwned=1"> chợ bán gạo và mật ong của 38 hộ dân.

Người dân &lt;b&gt; cho biết <svg onload=window.pwned=1></svg> đường vào chợ đã được sửa xong.
"""
WATCH_STATUS = """() => {
  window.statuses = [];
  const status = document.getElementById("status");
  const note = () => window.statuses.push(
    [status.textContent, document.querySelector(".placeholder") !== null]);
  new MutationObserver(note).observe(status, {childList: true});
}"""
CONTRAST = """(selector) => {
  const node = document.querySelector(selector);
  const parse = (colour) => colour.match(/[\\d.]+/g).map(Number);
  let back = node;
  while (back && (parse(getComputedStyle(back).backgroundColor)[3] ?? 1) === 0) {
    back = back.parentElement;
  }
  const paint = getComputedStyle(back ?? document.documentElement).backgroundColor;
  return [parse(getComputedStyle(node).color).slice(0, 3), parse(paint).slice(0, 3)];
}"""
TRANSLATED = {"headline", "lead", "paragraph", "heading", "caption", "tags"}


def fetch_digest(service_url: str, text: str) -> dict:
    body = json.dumps({"text": text}).encode()
    request = Request(f"{service_url}/v1/digest", body, {"Content-Type": "application/json"})
    with urlopen(request) as answer:
        return json.load(answer)


def test_page_carries_a_strict_policy_and_nothing_inline(service_url):
    with urlopen(f"{service_url}/") as answer:
        html, headers = answer.read().decode(), answer.headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy and "base-uri 'none'" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert not re.search(r"<style|\son\w+=|\sstyle=|<script(?![^>]*\ssrc=)", html)


def test_paragraphs_arrive_one_after_another_before_the_summary(page):
    page.evaluate(WATCH_STATUS)
    translate(page, ITEM)
    statuses = page.evaluate("window.statuses")
    rows = page.locator(".pair").count()
    assert rows >= 5
    waiting = [text for text, placeholder in statuses if placeholder]
    assert [f"{n} of {rows} paragraphs" for n in range(rows + 1)] == waiting
    assert statuses[-1] == [f"Done: {rows} of {rows} paragraphs", False]
    assert page.title() == "Điểm tin"


def test_vietnamese_and_english_stand_side_by_side_as_the_api_gives_them(page, service_url):
    translate(page, ITEM)
    elements = fetch_digest(service_url, ITEM)["elements"]
    pairs = [each for each in elements if each["kind"] in TRANSLATED]
    assert page.locator(".source > *").all_text_contents() == [e["source"].strip() for e in pairs]
    english = page.locator(".target > :first-child").all_text_contents()
    assert english == [e["target"] for e in pairs]
    quiet = [e["source"].strip() for e in elements if e["kind"] not in TRANSLATED]
    assert page.locator(".aside .only > p").all_text_contents() == list(filter(None, quiet))
    fixed = [e["target"] for e in elements if e["kind"] not in TRANSLATED and e["target"]]
    assert "Photo: Nguyen Hoa" in fixed
    assert page.locator(".aside .fixed > p[lang=en]").all_text_contents() == fixed
    credit, english = (page.locator(f"[data-kind=credit] {part}") for part in (".only", ".fixed"))
    assert credit.bounding_box()["y"] == english.bounding_box()["y"]
    assert credit.bounding_box()["x"] == page.locator(".source").first.bounding_box()["x"]
    assert english.bounding_box()["x"] == page.locator(".target").first.bounding_box()["x"]
    left = page.locator(".source").nth(1).bounding_box()
    right = page.locator(".target").nth(1).bounding_box()
    assert left["y"] == right["y"] and left["x"] + left["width"] < right["x"]
    assert page.locator(".source > *:not([lang=vi]), .target > p:not([lang=en])").count() == 0


def test_summary_sentences_link_to_their_paragraphs(page, service_url):
    translate(page, ITEM)
    summary = fetch_digest(service_url, ITEM)["summary"]
    sentences = page.locator(".digest .sentence").all_text_contents()
    assert sentences == [each["text"].strip() for each in summary["sentences"]]
    wanted = [f"#element-{i}" for each in summary["sentences"] for i in each["paragraphs"]]
    links = page.locator(".digest .ref")
    assert [link.get_attribute("href") for link in links.all()] == wanted
    assert len(wanted) >= 1
    links.last.click()
    row = page.locator(wanted[-1])
    number = row.locator(".number").text_content()
    assert links.last.text_content() == f"paragraph {number}"
    painted = "node => getComputedStyle(node).backgroundColor"
    unlit = page.locator(f".pair:not({wanted[-1]})").first
    assert row.evaluate(painted) != unlit.evaluate(painted)
    assert row.evaluate("node => document.activeElement === node")
    bar = page.locator("#run-bar").bounding_box()
    assert row.bounding_box()["y"] >= bar["y"] + bar["height"]


def test_everything_is_done_with_the_keyboard_alone(page):
    def press_tab_to(selector: str) -> None:
        for _ in range(30):
            page.keyboard.press("Tab")
            focused = page.locator(":focus")
            ring = "n => getComputedStyle(n.closest('.open') ?? n).outlineStyle"
            assert focused.evaluate(ring) == "solid"
            if focused.evaluate("(node, wanted) => node.matches(wanted)", selector):
                return
        pytest.fail(f"Tab never reaches {selector}")

    press_tab_to("#file")
    press_tab_to("#text")
    page.keyboard.insert_text(ITEM)
    press_tab_to("#style")
    page.keyboard.press("End")
    press_tab_to("#keep-diacritics")
    page.keyboard.press("Space")
    with page.expect_request("**/v1/digest/stream") as sent:
        page.keyboard.press("Control+Enter")
    page.wait_for_selector("main[data-state=done]")
    assert sent.value.post_data_json == {
        "text": ITEM,
        "format": "text",
        "style": "bullets",
        "max_words": DEFAULT_WORDS,
        "keep_diacritics": True,
    }
    press_tab_to(".ref")
    page.keyboard.press("Enter")
    page.wait_for_function("document.activeElement.matches('.pair')")


def test_focus_goes_to_cancel_and_comes_back(page):
    page.fill("#text", ITEM)
    page.focus("#translate")
    page.keyboard.press("Enter")
    page.wait_for_function("document.activeElement.id === 'cancel'")
    page.wait_for_selector("main[data-state=done]")
    assert page.evaluate("document.activeElement.id") == "translate"


def test_markup_in_the_item_is_shown_and_never_run(page):
    translate(page, HOSTILE)
    shown = page.text_content("#article")
    assert "<script>window.pwned=1</script>" in shown
    assert '<img src=x onerror="window.pwned=1">' in shown
    assert "&lt;b&gt;" in shown
    assert page.evaluate("window.pwned") is None
    assert page.locator("main :is(script, img, svg)").count() == 0


def test_a_failing_engine_keeps_the_text_and_what_arrived(page):
    broken = ITEM + "\nĐoạn cuối của bản tin này bị HỎNG nên không dịch được.\n"
    translate(page, broken, state="failed")
    rows = page.locator(".pair").count()
    assert page.locator("[role=alert] h2").text_content()
    assert page.text_content("#status") == f"Stopped after {rows - 1} of {rows} paragraphs"
    assert page.locator(".target .missing").all_text_contents() == ["Did not arrive"]
    assert page.text_content("#summary-body") == "The summary did not arrive"
    assert page.input_value("#text") == broken
    page.fill("#text", ITEM)
    page.click("#retry")
    page.wait_for_selector("main[data-state=done]")
    assert page.text_content("#alert") == ""


def test_copies_and_downloads_hold_the_digest(browser, service_url):
    granted = ["clipboard-read", "clipboard-write"]
    with watched_page(browser, service_url, permissions=granted) as page:
        translate(page, ITEM)
        with page.expect_download() as saved_json:
            page.click("text=Download JSON")
        digest = json.loads(Path(saved_json.value.path()).read_text("utf-8"))
        assert digest["elements"] == fetch_digest(service_url, ITEM)["elements"]
        assert saved_json.value.suggested_filename.endswith(".json")
        with page.expect_download() as saved_markdown:
            page.click("text=Download Markdown")
        markdown = Path(saved_markdown.value.path()).read_text("utf-8")
        assert re.fullmatch(r"diemtin-[a-z0-9-]+\.md", saved_markdown.value.suggested_filename)
        check_markdown(markdown, digest)
        for form, content in (("Markdown", markdown), ("JSON", json.dumps(digest))):
            page.click(f"text=Copy {form}")
            page.wait_for_selector(f"text={form} copied")
            copied = page.evaluate("navigator.clipboard.readText()")
            assert copied == content or json.loads(copied) == digest


def check_markdown(markdown: str, digest: dict) -> None:
    command = render_markdown(DigestOut.model_validate(digest))
    assert markdown.rpartition("Time: ")[0] == command.rpartition("Time: ")[0]
    plain = markdown.replace("\\", "")
    places = [plain.index(f"\n## {title}\n") for title in ("Summary", "English text", "Warnings")]
    assert plain.startswith("# ") and places == sorted(places)
    text = plain[places[1] : places[2]]
    for element in digest["elements"]:
        if element["kind"] in {"lead", "paragraph", "caption", "credit", "byline"}:
            assert element["target"].strip() in text
    assert ".jpg" not in text
    last = plain.strip().splitlines()[-1]
    translator = digest["provenance"]["translator"]
    assert translator["model"] in last and translator["revision"] in last
    assert f"diemtin {digest['provenance']['package_version']}" in last


def test_provenance_and_timings_stand_in_the_footer(page):
    translate(page, ITEM)
    shown = page.inner_text("footer dl")
    assert "Translation" in shown and "diemtin 0.1.0" in shown
    assert re.search(r"[\d.]+ s: reading [\d.]+ s, translating [\d.]+ s", shown)
    links = [link.get_attribute("href") for link in page.locator("footer a").all()]
    assert links == ["docs", "openapi.json"]


@pytest.mark.parametrize("width", [360, 768, 1280])
def test_no_width_scrolls_sideways(browser, service_url, width):
    overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    with watched_page(browser, service_url, viewport={"width": width, "height": 740}) as page:
        assert page.evaluate(overflow) == 0
        translate(page, ITEM.replace("gian-hang-mat-ong", "gian_hang_mat_ong" * 12))
        assert page.evaluate(overflow) == 0
        page.locator(".ref").first.click()
        assert page.evaluate(overflow) == 0
        if width == 360:
            above = page.locator(".source").first.bounding_box()
            below = page.locator(".target").first.bounding_box()
            assert above["x"] == below["x"] and above["y"] + above["height"] <= below["y"]


def luminance(colour: list[float]) -> float:
    parts = [part / 255 for part in colour]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return sum(weight * p for weight, p in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def test_dark_and_light_differ_and_both_read_well(browser, service_url):
    papers = []
    for scheme in ("light", "dark"):
        with watched_page(browser, service_url, color_scheme=scheme) as page:
            translate(page, ITEM)
            selectors = [".source > *", ".target > *", ".sentence", ".label", ".aside .only > p"]
            selectors += [
                ".ref",
                "#translate",
                ".quiet",
                ".hint",
                ".masthead p",
                "footer a",
                "#text",
            ]
            selectors += [
                ".aside .fixed > p",
                ".method",
                "footer dd",
                "#warning-count",
                ".open label",
            ]
            for selector in selectors:
                colours = page.evaluate(CONTRAST, selector)
                dim, bright = sorted(map(luminance, colours))
                assert (bright + 0.05) / (dim + 0.05) >= 4.5, (scheme, selector, colours)
            papers.append(luminance(page.evaluate(CONTRAST, "body")[1]))
    assert papers[0] > 0.8 and papers[1] < 0.05


def test_an_empty_box_and_a_bad_number_are_named_and_focused(page):
    assert page.input_value("#max-words") == str(DEFAULT_WORDS)
    page.click("#translate")
    assert "Paste a Vietnamese item" in page.text_content("[role=alert]")
    assert page.evaluate("document.activeElement.id") == "text"
    page.fill("#text", ITEM)
    for words in (FEWEST_WORDS - 1, MOST_WORDS + 1):
        page.fill("#max-words", str(words))
        page.press("#max-words", "Control+Enter")
        wanted = f"whole number from {FEWEST_WORDS} to {MOST_WORDS}"
        assert wanted in page.text_content("[role=alert]")
        assert page.evaluate("document.activeElement.id") == "max-words"
    assert page.get_attribute("main", "data-state") == "idle"
    page.fill("#max-words", str(MOST_WORDS))
    page.press("#max-words", "Control+Enter")
    page.wait_for_selector("main[data-state=done]")
