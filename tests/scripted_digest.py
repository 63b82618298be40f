"""A small digest that follows the HTTP contract, and the events that stream it."""

from tests.scripted_service import event

NUMBER = {
    "kind": "number",
    "message": "The number is missing in the English.",
    "element": 2,
    "source_value": "215,5",
    "target_value": None,
}
DATE = {
    "kind": "date",
    "message": "The day and the month changed places.",
    "element": 2,
    "source_value": "5-12",
    "target_value": "May 12",
}
SHORT = {
    "kind": "summary",
    "message": "A figure of the summary is in no paragraph.",
    "element": None,
    "source_value": None,
    "target_value": "47",
}
WHOLE = {
    "kind": "truncated",
    "message": "The end of the item was left out.",
    "element": None,
    "source_value": None,
    "target_value": None,
}


def element(id_: int, kind: str, source: str, target: str | None, *warnings: dict) -> dict:
    return {
        "id": id_,
        "kind": kind,
        "source": source,
        "target": target,
        "warnings": list(warnings),
    }


ELEMENTS = [
    element(0, "headline", "Chợ vùng biên", "Border market"),
    element(1, "space", "\n\n", None),
    element(2, "paragraph", "Ngày 5-12, chợ thu 215,5 triệu.", "On May 12.", NUMBER, DATE),
    element(3, "paragraph", "Chợ họp hằng tháng.", "The market is monthly."),
]
MODEL = {"model": "m", "revision": "r1", "engine": "e", "engine_version": "2", "options": {}}


def make_digest(elements: list[dict] = ELEMENTS, **summary: object) -> dict:
    shown = {
        "text": "A market opened.",
        "style": "short",
        "words": 3,
        "method": "abstractive",
        "sentences": [{"text": "A market opened.", "paragraphs": [0, 3]}],
        "warnings": [SHORT],
        **summary,
    }
    return {
        "elements": elements,
        "summary": shown,
        "warnings": [NUMBER, DATE, SHORT, WHOLE],
        "timings": {"parse_s": 0.1, "translate_s": 2, "summarize_s": 1, "total_s": 3.1},
        "provenance": {"translator": MODEL, "summarizer": MODEL, "package_version": "0.1.0"},
    }


def stream(digest: dict) -> list[bytes]:
    bare = [{**each, "target": None, "warnings": []} for each in digest["elements"]]
    filled = [each for each in digest["elements"] if each["target"] is not None]
    return [
        event("article", {"elements": bare}),
        *(event("element", each) for each in filled),
        event("summary", digest["summary"]),
        event("done", digest),
    ]


ALL = tuple(stream(make_digest()))
