"""What the HTTP interface answers, with the real application and an engine that echoes."""

import json
import re

import pytest

from models.summarizer import FEWEST_WORDS, MOST_WORDS
from service.app import create_app
from tests.fake_home import fake_settings
from tests.items import BROKEN, ENGLISH, ITEM, PAGE, SHORT

ENDPOINTS = ["/v1/digest", "/v1/translate", "/v1/summarize"]


def post(client, path="/v1/digest", **body):
    answer = client.post(path, json=body)
    assert answer.status_code == 200, answer.text
    assert answer.mimetype == "application/json"
    return answer.json


def read_events(answer):
    blocks = answer.get_data(as_text=True).split("\n\n")[:-1]
    events = [block.split("\n", 1) for block in blocks]
    return [
        (name.removeprefix("event: "), json.loads(data.removeprefix("data: ")))
        for name, data in events
    ]


def without_timings(digest):
    return {key: value for key, value in digest.items() if key != "timings"}


def test_a_digest_holds_every_element_in_order_with_its_english(client):
    digest = post(client, text=ITEM)
    assert [(one["kind"], one["source"], one["target"]) for one in digest["elements"]] == [
        ("headline", ITEM.splitlines()[0], "EN: Xa vung bien mo phien cho nong san dau mua mua"),
        ("byline", "Nguyễn Hoa", "Nguyen Hoa"),
        ("dateline", "(GLO)- ", "(GLO)-"),
        (
            "lead",
            "Sáng 12-5, xã Ia Mơ khai trương phiên chợ nông sản với 46 gian hàng.",
            "EN: Sang 12-5, xa Ia Mo khai truong phien cho nong san voi 46 gian hang.",
        ),
        (
            "paragraph",
            "Theo ban tổ chức, chợ bán gạo, điều và mật ong của 38 hộ dân trong xã.",
            "EN: Theo ban to chuc, cho ban gao, dieu va mat ong cua 38 ho dan trong xa.",
        ),
        ("image", "gian-hang-mat-ong-cua-hop-tac-xa.jpg", None),
        (
            "caption",
            "Khách chọn mua mật ong tại gian hàng của hợp tác xã.",
            "EN: Khach chon mua mat ong tai gian hang cua hop tac xa.",
        ),
        ("credit", "Ảnh: Nguyễn Hoa", "Photo: Nguyen Hoa"),
        (
            "paragraph",
            "Xã dự kiến tổ chức chợ vào ngày 12 hằng tháng và sửa 4 km đường dẫn vào chợ.",
            "EN: Xa du kien to chuc cho vao ngay 12 hang thang va sua 4 km duong dan vao cho.",
        ),
    ]
    ids = [one["id"] for one in digest["elements"]]
    assert ids == sorted(set(ids))


def test_warnings_name_their_element_and_are_listed_whole(client):
    digest = post(client, text=ITEM)
    placed = [warning for one in digest["elements"] for warning in one["warnings"]]
    assert {warning["element"] for warning in placed} <= {one["id"] for one in digest["elements"]}
    assert digest["warnings"] == placed + digest["summary"]["warnings"]
    assert {"kind", "message", "element", "source_value", "target_value"} == set(placed[0])


def test_timings_and_provenance_stand_in_every_answer(client):
    for path in ENDPOINTS:
        answer = post(client, path, text=SHORT)
        times = answer["timings"]
        parts = ("parse_s", "translate_s", "summarize_s")
        assert times["total_s"] == pytest.approx(sum(times[part] for part in parts), abs=0.002)
        made = answer["provenance"]["translator"]
        assert (made["model"], made["engine"], made["revision"]) == ("fake", "fake", "sha256:0")
        assert made["options"]["ascii_only"] is True
        assert answer["provenance"]["package_version"] == "0.1.0"


def test_translate_makes_no_summary_and_summarize_no_translation(client):
    whole = post(client, text=ITEM)
    translated = post(client, "/v1/translate", text=ITEM)
    assert translated["elements"] == whole["elements"]
    assert translated["summary"] is None
    assert translated["provenance"]["summarizer"] is None
    summarized = post(client, "/v1/summarize", text=ITEM)
    assert "elements" not in summarized
    assert summarized["summary"] == whole["summary"]


@pytest.mark.parametrize("path", ENDPOINTS)
def test_a_list_gets_results_in_order_and_errors_harm_no_other(client, path):
    texts = [SHORT, "", "LỖI " + SHORT, ENGLISH, BROKEN, "x" * 50_001, ITEM]
    results = post(client, path, text=texts)["results"]
    kinds = [one.get("error", {}).get("type", "").rpartition(":")[2] for one in results]
    assert kinds == [
        "",
        "empty-text",
        "internal",
        "not-vietnamese",
        "engine-failed",
        "too-long",
        "",
    ]
    assert [one["error"]["status"] for one in results if "error" in one] == [
        422,
        500,
        422,
        500,
        413,
    ]
    for text, result in ((SHORT, results[0]), (ITEM, results[-1])):
        assert without_timings(result) == without_timings(post(client, path, text=text))


def test_a_list_of_one_is_a_list(client):
    [result] = post(client, text=[SHORT])["results"]
    assert result["elements"]


def test_html_is_read_for_its_article(client):
    sources = [one["source"] for one in post(client, text=PAGE, format="html")["elements"]]
    assert any("46 gian hàng" in source for source in sources)
    assert not any("Trang chủ" in source or "<" in source for source in sources)


@pytest.mark.parametrize(
    ("style", "max_words"),
    [("sentence", 40), ("short", 20), ("short", 45), ("bullets", 60), ("short", FEWEST_WORDS)],
)
def test_style_and_word_limit_are_kept(client, style, max_words):
    summary = post(client, text=ITEM, style=style, max_words=max_words)["summary"]
    assert summary["style"] == style
    assert 0 < summary["words"] <= max_words
    assert summary["words"] == sum(len(one["text"].split()) for one in summary["sentences"])
    assert len(summary["sentences"]) <= (1 if style == "sentence" else 3)
    lines = summary["text"].splitlines()
    assert all(line.startswith("- ") for line in lines) == (style == "bullets")
    known = {one["id"] for one in post(client, text=ITEM)["elements"]}
    assert all(
        one["paragraphs"] and set(one["paragraphs"]) <= known for one in summary["sentences"]
    )


def test_the_word_limit_changes_what_is_asked_and_what_comes_back(client, engine):
    long = post(client, text=ITEM, max_words=MOST_WORDS)["summary"]
    asked = int(re.search(r"at most (\d+) words", engine.calls[-1][0].source)[1])
    assert MOST_WORDS - 50 < asked < MOST_WORDS
    assert post(client, text=ITEM, max_words=20)["summary"]["words"] < long["words"]


def test_the_glossary_reaches_the_prompt_and_nothing_else_does(client, engine):
    post(client, text=SHORT, glossary={"thu hút đầu tư": "INVESTMENT PULL"})
    asked = [one.instruction for one, _ in engine.calls if one.source == SHORT]
    assert asked and all("thu hút đầu tư = INVESTMENT PULL" in one for one in asked)
    engine.calls.clear()
    post(client, text=SHORT)
    assert not any("INVESTMENT PULL" in one.instruction for one, _ in engine.calls)


def test_diacritics_are_kept_on_request_only(client):
    text = "Ông Nguyễn Văn Thuận họp với UBND tỉnh Gia Lai."
    for keep, names, credit in (
        (False, "Nguyen Van Thuan", "Photo: Nguyen Hoa"),
        (True, "Nguyễn Văn Thuận", "Photo: Nguyễn Hoa"),
    ):
        [element] = post(client, text=text, keep_diacritics=keep)["elements"]
        assert names in element["target"]
        credits = post(client, text=ITEM, keep_diacritics=keep)["elements"]
        assert credit in [one["target"] for one in credits]


def test_what_a_text_may_hold_is_no_error(client):
    plain = post(client, text=SHORT)["elements"]
    for odd in (f"\x00{SHORT}", f"{SHORT[:4]}\x00{SHORT[4:]}", f"\ufeff{SHORT}"):
        assert post(client, text=odd)["elements"] == plain
    half = client.post(
        "/v1/digest",
        data=b'{"text": "%s\\ud800"}' % SHORT.encode(),
        content_type="application/json",
    )
    assert half.json["elements"] == plain
    page = {"text": PAGE.replace("Sáng", "\x00Sáng"), "format": "html"}
    assert any("46 gian" in one["source"] for one in post(client, **page)["elements"])


PLACES = [
    ("Người dân trong vùng họp chợ hằng tháng để bán nông sản và mật ong.", []),
    (
        "Sáng 12-5, hộ dân tỉnh Bình Định đến xã Ia Mơ họp chợ.",
        [
            (
                *("tỉnh Bình Định", "Binh Dinh province", "province", "Gia Lai province", "former"),
                r"Binh Dinh province: merged into Gia Lai province on 1 July 2025",
            ),
            ("xã Ia Mơ", "Ia Mo commune", "commune", "Gia Lai province", "current", ""),
        ],
    ),
    (
        "Sáng 12-5, xã Tân Lập khai trương phiên chợ nông sản.",
        [
            (
                *("xã Tân Lập", "Tan Lap commune", "commune", "", "ambiguous"),
                r"one of \d+ units of this name: Tan Lap commune, .* province; .*",
            )
        ],
    ),
]


@pytest.mark.parametrize(("text", "wanted"), PLACES, ids=["none", "former", "ambiguous"])
def test_places_say_what_became_of_them(client, text, wanted):
    places = post(client, text=text)["places"]
    keys = ("text", "english", "level", "province", "status")
    assert [tuple(one[key] for key in keys) for one in places] == [one[:-1] for one in wanted]
    for place, (*_, note) in zip(places, wanted, strict=True):
        assert re.fullmatch(note, place["note"])
    assert post(client, "/v1/translate", text=text)["places"] == places
    assert "places" not in post(client, "/v1/summarize", text=text)
    [*_, (name, last)] = read_events(client.post("/v1/digest/stream", json={"text": text}))
    assert (name, last["places"]) == ("done", places)


def test_letters_go_out_as_they_are(client):
    raw = client.post("/v1/digest", json={"text": SHORT}).get_data(as_text=True)
    assert "họp bàn" in raw and "\\u" not in raw


def test_the_stream_tells_each_element_once_and_ends_with_the_digest(client):
    answer = client.post("/v1/digest/stream", json={"text": ITEM, "style": "bullets"})
    assert answer.mimetype == "text/event-stream"
    assert answer.headers["Cache-Control"] == "no-store"
    events = read_events(answer)
    digest = post(client, text=ITEM, style="bullets")
    count = len(digest["elements"])
    assert [name for name, _ in events] == ["article", *["element"] * count, "summary", "done"]
    bare = [{**one, "target": None, "warnings": [], "terms": []} for one in digest["elements"]]
    assert events[0][1] == {"elements": bare}
    assert [data for name, data in events if name == "element"] == digest["elements"]
    assert events[-2][1] == digest["summary"]
    assert without_timings(events[-1][1]) == without_timings(digest)
    assert set(events[-1][1]["timings"]) == set(digest["timings"])


@pytest.mark.parametrize(
    ("mark", "kind"), [("HỎNG", "engine-failed"), ("LỖI", "internal")], ids=["engine", "bug"]
)
def test_a_stream_that_fails_ends_with_the_problem(client, mark, kind):
    events = read_events(client.post("/v1/digest/stream", json={"text": f"{ITEM}\nBị {mark} rồi."}))
    names = [name for name, _ in events]
    assert names[0] == "article" and names[-1] == "error" and "done" not in names
    assert names.count("element") > 5
    problem = events[-1][1]
    assert problem["type"] == f"urn:diemtin:problem:{kind}"
    assert problem["status"] == 500
    assert set(problem) == {"type", "title", "status", "detail"}


def test_a_stream_takes_one_text_and_refuses_bad_ones_with_a_status(client):
    for text, status in ((["a"], 422), ("", 422), (ENGLISH, 422), ("x" * 50_001, 413)):
        answer = client.post("/v1/digest/stream", json={"text": text})
        assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")


def test_models_are_listed_with_what_is_in_use(client, runtime):
    listed = client.get("/v1/models").json
    assert (listed["translator"], listed["summarizer"]) == ("fake", "fake")
    [model] = listed["models"]
    assert model["tasks"] == ["translate", "summarize"]
    assert (model["licence"], model["size"], model["present"]) == ("Apache-2.0", 5, True)
    runtime.store.target("fake").unlink()
    assert client.get("/v1/models").json["models"][0]["present"] is False


def test_limits_are_the_settings(runtime, tmp_path):
    settings = fake_settings(tmp_path, max_characters=80, max_texts=2)
    runtime.settings = settings
    client = create_app(settings, runtime).test_client()
    assert post(client, text=[SHORT, SHORT])["results"]
    many = client.post("/v1/digest", json={"text": [SHORT] * 3})
    assert (many.status_code, many.json["type"]) == (413, "urn:diemtin:problem:too-long")
    assert "3 texts; the limit is 2" in many.json["detail"]
    long = client.post("/v1/digest", json={"text": SHORT * 2})
    assert long.status_code == 413
    assert f"{2 * len(SHORT)} characters; the limit is 80" in long.json["detail"]
    huge = client.post("/v1/digest", json={"text": "x" * 2_000_000})
    assert (huge.status_code, huge.json["type"]) == (413, "urn:diemtin:problem:request-too-large")
    assert "1,001,920 bytes" in huge.json["detail"]


def test_of_a_web_page_only_the_article_counts_against_the_limit(runtime, tmp_path):
    runtime.settings = fake_settings(tmp_path, max_characters=300)
    client = create_app(runtime.settings, runtime).test_client()
    assert len(PAGE) > 3000
    assert post(client, text=PAGE, format="html")["elements"]
    long = PAGE.replace("</article>", "<p>Người dân vui.</p>" * 30 + "</article>")
    answer = client.post("/v1/digest", json={"text": long, "format": "html"})
    assert answer.status_code == 413 and "the limit is 300" in answer.json["detail"]
    endless = client.post("/v1/digest", json={"text": PAGE + " " * 12_000, "format": "html"})
    assert endless.status_code == 413 and "the limit is 12,000" in endless.json["detail"]


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("max_words", "40", "valid integer"),
        ("max_words", True, "valid integer"),
        ("max_words", 40.0, "valid integer"),
        ("keep_diacritics", "yes", "valid boolean"),
        ("keep_diacritics", 1, "valid boolean"),
    ],
)
@pytest.mark.parametrize("path", ["/v1/digest", "/v1/summarize", "/v1/digest/stream"])
def test_a_value_of_another_type_is_not_read_as_the_right_one(client, path, field, value, said):
    answer = client.post(path, json={"text": SHORT, field: value})
    assert (answer.status_code, answer.json["type"]) == (422, "urn:diemtin:problem:wrong-type")
    assert answer.json["detail"].startswith(f"{field}: ") and said in answer.json["detail"]
