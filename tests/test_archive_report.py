"""The report opens from the disk, fetches nothing, and shows no markup of an archive."""

import json

import fsspec
import pytest

from service.archives.archiving import archive
from service.archives.items import ArchiveItem, Trouble, Unreadable
from service.archives.options import ArchiveOptions
from service.archives.report import MOST_FAILURES, MOST_ROWS
from tests.archive_runs import SETTINGS, InstantWorker, make_items, run_pass

HOSTILE = "</script><script>document.title='owned'</script><img src=x onerror=alert(1)>"


@pytest.fixture
def opened(browser, tmp_path):
    def open_report(scheme="light"):
        context = browser.new_context(color_scheme=scheme, offline=True)
        page = context.new_page()
        page.asked, page.wrong = [], []
        page.on("request", lambda request: page.asked.append(request.url))
        page.on("pageerror", lambda error: page.wrong.append(str(error)))
        page.on("console", lambda message: page.wrong.append(message.text))
        page.goto((tmp_path / "report.html").as_uri())
        return page

    yield open_report
    for context in browser.contexts:
        context.close()


def test_it_tells_counts_failures_and_items_and_searches_without_diacritics(opened, tmp_path):
    found = [*make_items(300), Unreadable("hỏng.gz", Trouble.TRUNCATED, "It ends too early.")]
    run_pass(tmp_path, found)
    page = opened()
    names, numbers = (page.locator(tag).all_inner_texts() for tag in ("dt", "dd"))
    figures = dict(zip(names, numbers, strict=True))
    assert (figures["Found"], figures["Done"], figures["Failed"]) == ("301", "300", "1")
    assert "It ends too early." in page.locator("body").inner_text()
    assert page.locator("#shown").inner_text() == "200 of 301 shown."
    page.get_by_role("button", name="Show more").click()
    assert page.locator("#shown").inner_text() == "301 of 301 shown."
    page.get_by_label("Search").fill("HONG too")
    assert page.locator("#rows tr").count() == 1
    page.get_by_label("Search").fill("xa thu 299 ")
    assert page.locator("#rows td").first.inner_text() == "news.zip!/2/tin.jsonl#100"
    assert (page.asked, page.wrong) == ([page.url], [])


def test_what_an_archive_says_is_text_and_nothing_else(opened, tmp_path):
    items = [ArchiveItem(f"{HOSTILE}#1", f"{HOSTILE} Xã họp.", id=HOSTILE)]
    run_pass(tmp_path, [*items, Unreadable(HOSTILE, Trouble.CORRUPT, HOSTILE)], sources=(HOSTILE,))
    page = opened("dark")
    assert page.title().startswith("Archive run") and page.locator("img").count() == 0
    assert (page.asked, page.wrong) == ([page.url], [])
    assert HOSTILE in page.locator("#rows").inner_text()


def test_the_password_in_an_address_goes_to_no_file(tmp_path):
    memory = fsspec.filesystem("memory")
    memory.pipe("/ai:bimat@tin/a.txt", b"a")
    given = (["memory://ai:bimat@tin"], tmp_path, ArchiveOptions(), SETTINGS, InstantWorker())
    try:
        archive(*given)
    finally:
        memory.rm("/ai:bimat@tin", recursive=True)
    files = [one for one in tmp_path.rglob("*") if one.is_file()]
    assert "memory://tin" in (tmp_path / "report.html").read_text("utf-8")
    assert [one for one in files if b"bimat" in one.read_bytes()] == []


def test_light_and_dark_differ(opened, tmp_path):
    run_pass(tmp_path, make_items(3))
    colours = "() => getComputedStyle(document.body).backgroundColor"
    assert opened("light").evaluate(colours) != opened("dark").evaluate(colours)


def test_of_a_large_run_it_has_the_failures_and_the_worst_and_says_so(tmp_path):
    broken = [Unreadable(f"b{n}", Trouble.CORRUPT, "It is cut.") for n in range(MOST_FAILURES + 5)]
    run_pass(tmp_path, [*make_items(MOST_ROWS), *broken])
    text = (tmp_path / "report.html").read_text("utf-8")
    rows = json.loads(text.split('id="data">')[1].split("</script>")[0])
    assert len(rows) == MOST_ROWS and sum(bool(one[4]) for one in rows) == MOST_FAILURES
    assert f"Another {MOST_FAILURES + 5:,} items are in the output only" in text


def test_a_run_that_was_stopped_says_that_it_is_not_complete(tmp_path):
    run_pass(tmp_path, make_items(9), most_items=5)
    assert "Not complete:" in (tmp_path / "report.html").read_text("utf-8")
    run_pass(tmp_path, make_items(9))
    assert "Not complete:" not in (tmp_path / "report.html").read_text("utf-8")
