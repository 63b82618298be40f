"""The glossary of a request, in both forms, from the body to the report and the warning."""

import json

import pytest

from models.glossary import MOST_TERM_CHARACTERS
from service.glossary_schemas import MOST_TERMS
from tests.items import SHORT

ROWS = [{"source": "họp bàn", "target": "discuss"}]
EQUAL = [
    {"họp bàn": "discuss"},
    ROWS,
    [{**ROWS[0], "case": False, "accept": []}],
    [*ROWS, {"source": "Họp  bàn", "target": "discuss "}],
]


def translate(client, glossary, path="/v1/translate"):
    return client.post(path, json={"text": SHORT, "glossary": glossary})


def users_terms(answer):
    assert answer.status_code == 200, answer.text
    [element] = answer.json["elements"]
    return [term for term in element["terms"] if term["user"]]


@pytest.mark.parametrize("glossary", EQUAL)
def test_mapping_and_rows_say_the_same(client, engine, glossary):
    answer = translate(client, glossary)
    assert users_terms(answer) == [
        {"source": "họp bàn", "target": "discuss", "used": None, "user": True}
    ]
    assert "họp bàn = discuss" in engine.calls[0][0].instruction
    # Missing English of one's own is asked for again, and then warned of.
    assert "must contain: discuss" in engine.calls[1][0].instruction.replace("hop ban; ", "")
    [warning] = [one for one in answer.json["warnings"] if one["kind"] == "term"]
    assert (warning["source_value"], warning["target_value"]) == ("họp bàn", None)


def test_a_row_tells_what_else_is_right_and_whether_capitals_count(client):
    row = {"source": "họp bàn", "target": "discuss", "accept": ["hop ban"]}
    answer = translate(client, [row])
    assert [one["used"] for one in users_terms(answer)] == ["hop ban"]
    assert "term" not in {one["kind"] for one in answer.json["warnings"]}
    assert users_terms(translate(client, [row | {"source": "HỌP BÀN", "case": True}])) == []
    assert users_terms(translate(client, [row | {"source": "HỌP BÀN"}])) != []


def test_built_in_terms_are_told_without_a_warning(client):
    answer = client.post("/v1/digest", json={"text": SHORT})
    [element] = answer.json["elements"]
    built_in = {one["source"]: one["used"] for one in element["terms"]}
    assert "UBND tỉnh" in built_in and built_in["UBND tỉnh"] is None
    assert {one["user"] for one in element["terms"]} == {False}
    assert "term" not in {one["kind"] for one in answer.json["warnings"]}


def test_the_stream_tells_the_terms_of_each_element(client):
    answer = translate(client, ROWS, "/v1/digest/stream")
    events = answer.get_data(as_text=True).split("\n\n")
    [element] = [json.loads(one.split("data: ")[1]) for one in events if "event: element" in one]
    assert [one["source"] for one in element["terms"] if one["user"]] == ["họp bàn"]


LONG = "x" * (MOST_TERM_CHARACTERS + 1)
BAD = [
    ([{"source": "chợ"}], "glossary.0.target: Field required"),
    ([*ROWS, {"source": "chợ", "target": " "}], "glossary.1.target: "),
    ([*ROWS, {"source": 5, "target": "market"}], "glossary.1.source: "),
    ([{**ROWS[0], "case": "x"}], "glossary.0.case: "),
    ([{**ROWS[0], "accept": "talk"}], "glossary.0.accept: "),
    ([{**ROWS[0], "accept": ["talk", ""]}], "glossary.0.accept.1: "),
    ([{**ROWS[0], "note": "x"}], "glossary.0.note: Extra inputs"),
    ([["chợ", "market"]], "glossary.0: "),
    ([{"source": LONG, "target": "x"}], "glossary.0.source: "),
    ({LONG: "x"}, "at most 200 characters"),
    ({"chợ": LONG}, "glossary.chợ: "),
    ({"chợ": ["market"]}, "glossary.chợ: "),
    ("chợ = market", "glossary: Input should be a valid dictionary"),
    (ROWS * (MOST_TERMS + 1), "glossary: List should have at most 5000"),
    ({f"từ {n}": "x" for n in range(MOST_TERMS + 1)}, "glossary: Dictionary should have at most"),
    (
        [*ROWS, {"source": "Họp bàn", "target": "meet"}],
        "glossary: glossary.1: the same source as in glossary.0, but another target",
    ),
    ({"Chợ": "fair", "chợ": "market"}, "glossary.chợ: the same source as in glossary.Chợ"),
]


@pytest.mark.parametrize(("glossary", "message"), BAD)
def test_a_bad_glossary_is_named_by_index_or_key(client, glossary, message):
    answer = translate(client, glossary)
    assert answer.status_code == 422
    assert message in answer.json["detail"]


@pytest.mark.parametrize("glossary", [None, {}, []])
def test_no_glossary_is_no_fault(client, glossary):
    assert users_terms(translate(client, glossary)) == []
