"""Files that are opened or dropped on the page, in a real Chromium."""

from base64 import b64encode

import pytest
from playwright.sync_api import Page

DROP = """([name, base64]) => {
  const transfer = new DataTransfer();
  const bytes = Uint8Array.from(atob(base64), (each) => each.charCodeAt(0));
  transfer.items.add(new File([bytes], name));
  const options = {dataTransfer: transfer, bubbles: true, cancelable: true};
  document.querySelector("#text").dispatchEvent(new DragEvent("dragover", options));
  return !document.querySelector("#text").dispatchEvent(new DragEvent("drop", options));
}"""


def open_file(page: Page, how: str, name: str, content: bytes) -> None:
    if how == "drop":
        dropped = [name, b64encode(content).decode()]
        assert page.evaluate(DROP, dropped), "the browser would leave the page"
        return
    payload = {"name": name, "mimeType": "application/octet-stream", "buffer": content}
    page.set_input_files("#file", payload)


@pytest.mark.parametrize("how", ["input", "drop"])
@pytest.mark.parametrize(
    ("name", "content", "format_", "note"),
    [
        ("tin.txt", "Chợ họp ngày 12.".encode(), "text", "Opened tin.txt."),
        ("tin.txt", "\ufeffChợ họp ngày 12.".encode(), "text", "Opened tin.txt."),
        ("tin.HTML", "<p>Chợ họp</p>".encode(), "html", "Opened tin.HTML."),
    ],
)
def test_a_file_fills_the_box(page, how, name, content, format_, note):
    page.fill("#text", "văn bản cũ")
    open_file(page, how, name, content)
    page.wait_for_function(
        "note => document.querySelector('#file-note').textContent === note", arg=note
    )
    assert page.input_value("#text") == content.decode("utf-8-sig")
    assert page.input_value("#format") == format_
    page.click("#put-back")
    assert page.input_value("#text") == "văn bản cũ"
    assert page.input_value("#format") == "text"


@pytest.mark.parametrize("how", ["input", "drop"])
@pytest.mark.parametrize(
    ("name", "content", "note"),
    [
        ("cu.txt", "Chợ họp".encode("utf-16"), "cu.txt is not UTF-8 text. Save it as UTF-8"),
        ("tin.pdf", b"%PDF-1.7", "tin.pdf is neither a .txt nor an .html file."),
        ("to.txt", b"a" * 5_000_001, "to.txt is larger than 5 MB."),
    ],
)
def test_a_file_that_cannot_be_read_says_why_and_keeps_the_text(page, how, name, content, note):
    page.fill("#text", "văn bản cũ")
    open_file(page, how, name, content)
    page.wait_for_selector("#file-note.bad")
    assert note in page.text_content("#file-note")
    assert page.input_value("#text") == "văn bản cũ"


def test_an_html_file_is_sent_as_html_until_plain_text_replaces_it(page):
    open_file(page, "input", "tin.html", "<p>Chợ họp</p>".encode())
    page.wait_for_function("document.querySelector('#format').value === 'html'")
    page.fill("#text", "Chợ họp ngày 12.")
    assert page.input_value("#format") == "text"
