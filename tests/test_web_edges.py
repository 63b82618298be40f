"""The page in a real Chromium, against a service that follows a script."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from models.fidelity import IssueKind
from service.rendering import render_markdown
from service.schemas import DigestOut
from tests.browser import translate, watched_page
from tests.scripted_digest import (
    ALL,
    ELEMENTS,
    MODEL,
    NUMBER,
    WHOLE,
    element,
    make_digest,
    stream,
)
from tests.scripted_service import CUT, HOLD, Reply, Script, event, problem, serve_script

EVIL = "<img src=x onerror=window.pwned=1><script>window.pwned=1</script>"
KINDS = ["headline", "lead", "paragraph", "heading", "caption", "tags", "credit", "image", "space"]
PARSER = """async (bytes) => {
  const { readEvents } = await import("/static/sse.js");
  const whole = Uint8Array.from(bytes);
  const read = async (sizes) => {
    const source = new ReadableStream({
      start(controller) {
        let at = 0;
        for (const size of sizes) controller.enqueue(whole.slice(at, (at += size)));
        controller.close();
      },
    });
    const events = [];
    for await (const { name, data } of readEvents(source)) events.push([name, data]);
    return JSON.stringify(events);
  };
  const seen = new Set([await read([whole.length]), await read(Array(whole.length).fill(1))]);
  for (let cut = 1; cut < whole.length; cut += 1) seen.add(await read([cut, whole.length - cut]));
  return [...seen];
}"""


@pytest.fixture
def script() -> Iterator[Script]:
    with serve_script() as script:
        yield script


@pytest.fixture
def page(browser: Browser, script: Script) -> Iterator[Page]:
    with watched_page(browser, script.url) as opened:
        yield opened


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_events_are_the_same_wherever_the_stream_is_cut(page, newline):
    lines = ["\ufeff: hello", "event: element", "data: chợ", "data:  hai", "id: 7", "", ""]
    lines += ["data:không tên", "", "event: empty", "", "event: summary", "data", "", "data: lost"]
    seen = page.evaluate(PARSER, list(newline.join(lines).encode()))
    assert [json.loads(each) for each in seen] == [
        [["element", "chợ\n hai"], ["message", "không tên"], ["summary", ""]]
    ]


def test_warnings_stand_beside_what_they_are_about_and_are_counted_once(page, script):
    script.replies = [Reply(ALL)]
    translate(page, "Chợ vùng biên")
    shown = page.locator("#element-2 .warning").all_inner_texts()
    assert [" ".join(text.split()) for text in shown] == [
        "Number The number is missing in the English. Vietnamese 215,5 English not found",
        "Date The day and the month changed places. Vietnamese 5-12 English May 12",
    ]
    assert page.locator("#element-0 .warning, #element-3 .warning").count() == 0
    assert page.locator("#summary .warning strong").all_text_contents() == ["Summary", "Cut short"]
    assert page.text_content("#warning-count") == "4 warnings"


def test_a_warning_about_an_untranslated_element_is_shown_too(page, script):
    byline = element(0, "byline", "NGUYỄN HOA", None, {**WHOLE, "element": 0})
    script.replies = [Reply(tuple(stream(make_digest([byline, *ELEMENTS[1:]]))))]
    translate(page, "Chợ vùng biên")
    assert page.locator(".aside .warning .message").all_text_contents() == [WHOLE["message"]]


def test_an_item_without_a_summary_is_shown_and_can_be_saved(page, script):
    tags = element(0, "tags", "Từ khóa: chợ", "Keywords: market")
    digest = make_digest([tags]) | {"summary": None, "warnings": [WHOLE]}
    digest["provenance"] = digest["provenance"] | {"summarizer": None}
    events = (event("article", {"elements": [{**tags, "target": None}]}), event("done", digest))
    script.replies = [Reply(events)]
    translate(page, "Từ khóa: chợ")
    assert "no paragraph" in page.text_content("#summary-body")
    assert page.text_content("#warning-count") == "1 warning"
    assert page.locator("#provenance dt").all_text_contents() == [
        "Translation",
        "Time",
        "Made with",
    ]
    with page.expect_download() as saved:
        page.click("text=Download Markdown")
    markdown = Path(saved.value.path()).read_text("utf-8")
    assert "## Summary" not in markdown and "*Keywords: market* [1]\n" in markdown


def test_a_status_is_announced_once(page, script):
    byline = element(0, "byline", "HÀ DUY", "HA DUY")
    script.replies = [Reply(tuple(stream(make_digest([byline, *ELEMENTS[1:]]))))]
    page.evaluate(
        """() => {
          window.said = [];
          const status = document.getElementById("status");
          new MutationObserver(() => window.said.push(status.textContent))
            .observe(status, {childList: true});
        }"""
    )
    translate(page, "Chợ vùng biên")
    said = page.evaluate("window.said")
    assert said == list(dict.fromkeys(said))
    assert page.locator(".aside .fixed > p").all_text_contents() == ["HA DUY"]


def test_bullets_are_a_list(page, script):
    points = [{"text": f"Point {n}.", "paragraphs": [n]} for n in (2, 3)]
    script.replies = [Reply(tuple(stream(make_digest(style="bullets", sentences=points))))]
    translate(page, "Chợ vùng biên")
    assert page.locator("ul.digest > li .sentence").all_text_contents() == ["Point 2.", "Point 3."]


def test_markup_is_inert_in_every_field(page, script):
    evil = {"kind": EVIL, "message": EVIL, "element": 1, "source_value": EVIL, "target_value": EVIL}
    kinds = ["headline", "lead", "paragraph", "heading", "caption", "tags", "byline", "image", EVIL]
    translated = kinds[:6]
    elements = [
        element(n, kind, EVIL, EVIL if kind in translated else None, evil)
        for n, kind in enumerate(kinds)
    ]
    sentences = [{"text": EVIL, "paragraphs": [1, EVIL]}]
    words = {"words": EVIL, "method": EVIL, "style": EVIL}
    digest = make_digest(elements, text=EVIL, sentences=sentences, warnings=[evil], **words)
    digest["warnings"] = [{**evil, "element": None}]
    digest["timings"] = dict.fromkeys(digest["timings"], EVIL)
    model = dict.fromkeys(MODEL, EVIL)
    digest["provenance"] = dict.fromkeys(("translator", "summarizer", "package_version"), EVIL)
    digest["provenance"] |= {"translator": model, "summarizer": model}
    script.replies = [Reply(tuple(stream(digest))), problem(422, EVIL, EVIL)]
    translate(page, EVIL)
    assert page.locator(f"text={EVIL}").count() > 20
    with page.expect_download() as saved:
        page.click("text=Download Markdown")
    markdown = Path(saved.value.path()).read_text("utf-8")
    assert "\\<script>" in markdown and "<" not in markdown.replace("\\<", "")
    page.click("#translate")
    page.wait_for_selector("main[data-state=failed]")
    assert page.locator("[role=alert] > *").all_text_contents() == [EVIL, EVIL]
    assert page.locator("body :is(script, img, iframe, svg)").count() == 0
    assert page.evaluate("window.pwned") is None


def test_cancel_stops_the_request_and_keeps_what_arrived(page, script):
    script.replies = [Reply((*ALL[:2], HOLD, *ALL[2:]))]
    translate(page, "Chợ vùng biên", state="running")
    page.wait_for_selector("text=1 of 3 paragraphs")
    assert page.text_content("#summary-body") == "Summary comes last, after the paragraphs"
    assert page.get_attribute("#results", "aria-busy") == "true"
    page.click("#cancel")
    page.wait_for_selector("main[data-state=cancelled]")
    assert script.left.wait(5), "the request goes on"
    assert page.text_content("#status") == "Cancelled after 1 of 3 paragraphs"
    assert page.locator(".target > :first-child").all_text_contents() == [
        "Border market",
        "Did not arrive",
        "Did not arrive",
    ]
    assert page.text_content("[role=alert]") == ""
    assert page.input_value("#text") == "Chợ vùng biên"
    assert page.is_hidden("#actions") and page.is_enabled("#translate")


@pytest.mark.parametrize("end", [(), (CUT, b": late\n\n"), (b"event: element\ndata: {",)])
def test_a_lost_connection_keeps_what_arrived_and_can_be_tried_again(page, script, end):
    script.replies = [Reply((*ALL[:2], HOLD, *end)), Reply((*ALL[:1], HOLD, *ALL[1:]))]
    translate(page, "Chợ vùng biên", state="running")
    page.wait_for_selector("text=1 of 3 paragraphs")
    script.go_on.set()
    page.wait_for_selector("main[data-state=failed]")
    assert "The connection was lost" in page.inner_text("[role=alert]")
    assert page.locator("#element-0 .target").inner_text() == "Border market"
    assert page.input_value("#text") == "Chợ vùng biên"
    page.click("#retry")
    page.wait_for_selector("main[data-state=done]")
    assert page.locator("#element-3 .target").inner_text() == "The market is monthly."
    assert page.text_content("[role=alert]") == ""
    assert script.bodies[0] == script.bodies[1]


def test_a_summary_that_came_before_the_loss_stays(page, script):
    script.replies = [Reply(ALL[:-1])]
    translate(page, "Chợ vùng biên", state="failed")
    assert page.locator(".digest .sentence").all_text_contents() == ["A market opened."]


def test_a_loading_model_is_waited_for(page, script):
    loading = problem(503, "Not ready", "The model is loading.", **{"Retry-After": "1"})
    script.replies = [loading, Reply(ALL)]
    translate(page, "Chợ vùng biên", state="running")
    page.wait_for_selector("text=The model is still loading. Trying again in 1 s.")
    page.wait_for_selector("main[data-state=done]")
    assert len(script.bodies) == 2


def test_a_busy_service_is_waited_for_and_called_so(page, script):
    busy = problem(503, "Busy", "Try later.", **{"Retry-After": "1"})
    body = json.loads(busy.parts[0]) | {"type": "urn:diemtin:problem:busy"}
    script.replies = [Reply((json.dumps(body).encode(),), 503, busy.headers), Reply(ALL)]
    translate(page, "Chợ vùng biên", state="running")
    page.wait_for_selector("text=The service is busy. Trying again in 1 s.")
    page.wait_for_selector("main[data-state=done]")


SAVED = {
    "as it is": make_digest(),
    "bullets": make_digest(
        style="bullets",
        method="extractive",
        sentences=[
            {"text": "# One <b>", "paragraphs": [3, 1, 0]},
            {"text": "2) Two", "paragraphs": []},
        ],
    ),
    "every warning": make_digest(
        [
            element(n, "paragraph", "Chợ.", "Market.", {**NUMBER, "kind": kind, "element": n})
            for n, kind in enumerate(IssueKind)
        ]
    ),
    "every kind": make_digest(
        [
            element(n, kind, f"{EVIL}\r# {n}. _{kind}_ ", f"- {n}) *{kind}* & [x](y) ~|`\\\n # z")
            for n, kind in enumerate(KINDS)
        ]
        + [element(len(KINDS), "byline", "# Hà Duy", None)],
    ),
}


@pytest.mark.parametrize("digest", SAVED.values(), ids=SAVED)
def test_the_page_saves_the_markdown_that_the_command_writes(page, script, digest):
    warnings = [one for each in digest["elements"] for one in each["warnings"]]
    digest = digest | {"warnings": warnings + digest["summary"]["warnings"]}
    script.replies = [Reply(tuple(stream(digest)))]
    translate(page, "Chợ vùng biên")
    with page.expect_download() as saved:
        page.click("text=Download Markdown")
    markdown = Path(saved.value.path()).read_bytes().decode()
    assert markdown == render_markdown(DigestOut.model_validate(digest)) + "\n"


def test_a_model_that_failed_is_not_waited_for(page, script):
    failed = problem(503, "Failed", "Pull it.", **{"Retry-After": "1"})
    body = json.loads(failed.parts[0]) | {"type": "urn:diemtin:problem:model-failed"}
    script.replies = [Reply((json.dumps(body).encode(),), failed.status, failed.headers)]
    translate(page, "Chợ vùng biên", state="failed")
    assert len(script.bodies) == 1
    assert page.locator("[role=alert] p").all_text_contents() == ["Pull it."]


def test_waiting_for_the_model_ends_after_some_tries_or_at_once_by_cancel(page, script):
    script.replies = [problem(503, "Not ready", "Try later.", **{"Retry-After": "0"})]
    translate(page, "Chợ vùng biên", state="failed")
    assert len(script.bodies) == 6
    assert page.inner_text("[role=alert]").startswith("Not ready\n")
    script.replies = [problem(503, "Not ready", "Try later.", **{"Retry-After": "600"})]
    page.click("#retry")
    page.wait_for_selector("text=Trying again in 30 s.")
    page.click("#cancel")
    page.wait_for_selector("main[data-state=cancelled]")


@pytest.mark.parametrize(
    ("reply", "title", "detail", "again"),
    [
        (problem(422, "Not Vietnamese", "It is in Lao."), "Not Vietnamese", "It is in Lao.", 0),
        (problem(413, "Too long", "Cut it."), "Too long", "Cut it.", 0),
        (problem(500, "Engine failed", "Look."), "Engine failed", "Look.", 1),
        (Reply((b"<h1>Bad</h1>",), 502), "The service answered 502", None, 1),
        (Reply((event("article", {}), b"data: {\n\n")), "The service sent", "again", 1),
        (Reply((b"event: article\ndata: 7{\n\n",)), "something unreadable", "again", 1),
        (Reply((event("error", {"title": "Out", "status": 500}),)), "Out", None, 1),
    ],
)
def test_an_error_is_shown_and_the_text_is_kept(page, script, reply, title, detail, again):
    script.replies = [reply]
    if reply.parts[0] == event("article", {}):
        script.replies = [Reply((ALL[0], *reply.parts[1:]))]
    translate(page, "Chợ vùng biên", state="failed")
    assert title in page.locator("[role=alert] h2").text_content()
    said = page.locator("[role=alert] p").all_text_contents()
    assert said == [] if detail is None else detail in said[0]
    assert page.locator("#retry").count() == again
    assert page.input_value("#text") == "Chợ vùng biên"


def test_a_service_out_of_reach_is_named(page, script):
    script.replies = [Reply(ALL)]
    page.route("**/v1/digest/stream", lambda route: route.abort("connectionrefused"))
    translate(page, "Chợ vùng biên", state="failed")
    assert "The service cannot be reached" in page.text_content("[role=alert]")
    page.unroute("**/v1/digest/stream")
    page.click("#retry")
    page.wait_for_selector("main[data-state=done]")


def test_copying_works_where_the_page_has_no_clipboard_of_its_own(browser, script):
    script.replies = [Reply(ALL)]
    with watched_page(browser, script.url, permissions=["clipboard-read"]) as page:
        read = page.evaluate_handle("navigator.clipboard")
        page.evaluate("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
        translate(page, "Chợ vùng biên")
        page.click("text=Copy JSON")
        page.wait_for_selector("text=JSON copied")
        assert json.loads(read.evaluate("clipboard => clipboard.readText()")) == make_digest()


def test_a_new_item_takes_the_place_of_the_old_one(page, script):
    other = make_digest([element(0, "paragraph", "Bài mới.", "A new item.")])
    script.replies = [Reply(ALL), Reply(tuple(stream(other)))]
    translate(page, "Chợ vùng biên")
    page.locator(".ref").last.click()
    page.fill("#text", "Bài mới.")
    page.press("#text", "Control+Enter")
    page.wait_for_selector("text=A new item.")
    assert page.locator(".pair").count() == 1
    assert page.evaluate("location.hash") == ""
