"""The places and the terms that the page shows below an item."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser import translate, watched_page
from tests.scripted_digest import ALL, ELEMENTS, make_digest, stream
from tests.scripted_service import Reply, Script, serve_script
from tests.test_web import CONTRAST, fetch_digest, luminance

EVIL = "<img src=x onerror=window.pwned=1><script>window.pwned=1</script>"
FORMER = "Sáng 12-5, hộ dân tỉnh Bình Định và xã Tân Lập đến xã Ia Mơ họp chợ phiên nông sản."
PLACE_KEYS = ("text", "english", "level", "province", "status", "note")
PLACES = [
    ("xã Ia Mơ", "Ia Mo commune", "commune", "Gia Lai province", "current", ""),
    (
        *("tỉnh Kon Tum", "Kon Tum province", "province", "Quang Ngai province", "former"),
        "Kon Tum province: merged into Quang Ngai province",
    ),
    ("xã Tân Lập", "Tan Lap commune", "commune", "", "ambiguous", "one of 22 units"),
]
TERM_KEYS = ("source", "target", "used", "user")
TERMS = {
    0: [("Chợ", "market", "Market", False), ("vùng biên", "border area", None, False)],
    2: [("chợ", "market", "market", False), ("thu", "collect", None, True)],
    3: [("vùng biên", "border area", "border", False), ("họp", "meet", None, False)],
}


def make_reported(places=PLACES, terms=TERMS) -> dict:
    elements = [
        each | {"terms": [dict(zip(TERM_KEYS, one, strict=True)) for one in terms.get(n, [])]}
        for n, each in ((each["id"], each) for each in ELEMENTS)
    ]
    told = [dict(zip(PLACE_KEYS, one, strict=True)) for one in places]
    return make_digest(elements) | {"places": told}


def answer(script: Script, **changed) -> None:
    script.replies = [Reply(tuple(stream(make_reported(**changed))))]


def rows_of(page: Page, report: str) -> list[list[str]]:
    rows = page.locator(f"#{report} tbody tr")
    return [
        [" ".join(cell.split()) for cell in row.locator("th, td").all_inner_texts()]
        for row in rows.all()
    ]


def open_reports(page: Page) -> None:
    for summary in page.locator("#reports summary").all():
        summary.click()


@pytest.fixture
def script() -> Iterator[Script]:
    with serve_script() as script:
        yield script


@pytest.fixture
def page(browser: Browser, script: Script) -> Iterator[Page]:
    with watched_page(browser, script.url) as opened:
        yield opened


def test_both_are_closed_until_the_reader_opens_them(page, script):
    answer(script)
    translate(page, "Chợ vùng biên")
    titles = page.locator("#reports summary").all_inner_texts()
    assert titles == ["Places (3)", "Terms (found 6, used 3)"]
    assert page.locator("#reports table:visible, #reports [open]").count() == 0
    last = page.locator("#article .row").last.bounding_box()
    assert page.locator("#reports").bounding_box()["y"] >= last["y"] + last["height"]
    page.locator("#places summary").focus()
    page.keyboard.press("Enter")
    assert page.is_visible("#places table") and page.is_hidden("#terms table")


def test_places_are_told_with_what_became_of_them(page, script):
    answer(script)
    translate(page, "Chợ vùng biên")
    open_reports(page)
    assert rows_of(page, "places") == [
        ["xã Ia Mơ", "Ia Mo commune", "Gia Lai province", ""],
        [
            "tỉnh Kon Tum",
            "Kon Tum province former",
            "Quang Ngai province",
            "Merged into Quang Ngai province",
        ],
        ["xã Tân Lập", "Tan Lap commune which one is not clear", "", "One of 22 units"],
    ]


def test_missing_terms_come_first_the_readers_own_before_all(page, script):
    answer(script)
    translate(page, "Chợ vùng biên")
    open_reports(page)
    missing = "not in the translation"
    assert rows_of(page, "terms") == [
        ["thu", "collect yours", missing, "paragraph 2"],
        ["vùng biên", "border area", missing, "paragraph 1"],
        ["họp", "meet", missing, "paragraph 3"],
        ["Chợ", "market", "as in the glossary", "paragraph 1 paragraph 2"],
        ["vùng biên", "border area", "border", "paragraph 3"],
    ]
    assert "rephrased" in page.inner_text("#terms .remark")
    page.locator("#terms .ref").first.click()
    assert page.evaluate("document.activeElement.id") == "element-2"


def test_nothing_stands_where_a_list_is_empty(page, script):
    answer(script, places=[])
    translate(page, "Chợ vùng biên")
    assert page.locator("#reports details").evaluate_all("all => all.map(one => one.id)") == [
        "terms"
    ]
    used = {0: TERMS[0][:1]}
    answer(script, terms=used)
    page.click("#translate")
    page.wait_for_selector("text=Terms (found 1, used 1)")
    assert page.locator("#terms .remark").count() == 0
    script.replies = [Reply(ALL)]
    page.click("#translate")
    page.wait_for_selector("#reports", state="hidden")
    assert page.locator("#reports > *").count() == 0
    assert page.get_attribute("main", "data-state") in ("running", "done")


def test_markup_in_a_place_or_a_term_is_shown_as_text(page, script):
    places = [(EVIL,) * 6, (*PLACES[1][:5], f"Kon Tum province: {EVIL}")]
    answer(
        script,
        places=places,
        terms={0: [(EVIL, EVIL, None, True)], 2: [(EVIL, EVIL, f"{EVIL}s", False)]},
    )
    translate(page, "Chợ vùng biên")
    open_reports(page)
    assert rows_of(page, "places")[0] == [EVIL] * 4
    assert rows_of(page, "places")[1][3] == EVIL
    assert [row[:3] for row in rows_of(page, "terms")] == [
        [EVIL, f"{EVIL} yours", "not in the translation"],
        [EVIL, EVIL, f"{EVIL}s"],
    ]
    assert page.locator("#reports :is(script, img)").count() == 0
    assert page.evaluate("window.pwned") is None


def test_the_service_and_the_page_agree(browser, service_url):
    places = fetch_digest(service_url, FORMER)["places"]
    assert [one["status"] for one in places] == ["former", "ambiguous", "current"]
    with watched_page(browser, service_url) as page:
        translate(page, FORMER)
        assert page.inner_text("#places summary") == "Places (3)"
        open_reports(page)
        shown = rows_of(page, "places")
        assert [row[0] for row in shown] == [one["text"] for one in places]
        assert [row[2] for row in shown] == [one["province"] for one in places]
        assert rows_of(page, "terms")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_reports_fit_every_width_and_read_well(browser, script, width, scheme):
    answer(script)
    size = {"width": width, "height": 780}
    with watched_page(browser, script.url, viewport=size, color_scheme=scheme) as page:
        translate(page, "Chợ vùng biên")
        open_reports(page)
        assert page.evaluate("document.documentElement.scrollWidth") == width
        selectors = [".report summary", ".remark", ".report tbody th", ".report tbody td"]
        selectors += [".used", ".unused", ".own.unused", "[data-status=ambiguous] .tag", ".tag"]
        for selector in selectors:
            dim, bright = sorted(map(luminance, page.evaluate(CONTRAST, selector)))
            assert (bright + 0.05) / (dim + 0.05) >= 4.5, selector
        named, english = (page.locator(f"#places tbody {one}").first for one in ("th", "td"))
        stacked = named.bounding_box()["y"] < english.bounding_box()["y"]
        assert stacked == (width == 360)
