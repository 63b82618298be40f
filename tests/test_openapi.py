"""The OpenAPI document, and whether what goes over the wire is what it says."""

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from tests.items import ENGLISH, ITEM, SHORT

TEXTS = ["/v1/digest", "/v1/translate", "/v1/summarize"]
ROUTES = {
    "/v1/digest": {"post"},
    "/v1/digest/stream": {"post"},
    "/v1/translate": {"post"},
    "/v1/summarize": {"post"},
    "/v1/models": {"get"},
    "/v1/archives": {"post"},
    "/v1/jobs/{job_id}": {"get", "delete"},
    "/v1/jobs/{job_id}/events": {"get"},
    "/v1/jobs/{job_id}/result": {"get"},
    "/healthz": {"get"},
    "/readyz": {"get"},
}
ERRORS = {"400", "413", "415", "422", "500", "503"}
PLACES = "Sáng 12-5, hộ dân tỉnh Bình Định và xã Tân Lập họp chợ phiên nông sản."
SUMMARIES_SHOWN = "document.querySelectorAll('.opblock').length"


@pytest.fixture
def spec(client):
    return client.get("/openapi.json").json


def schema_of(spec, path, status="200", method="post", kind="application/json"):
    return spec["paths"][path][method]["responses"][status]["content"][kind]["schema"]


def check(spec, schema, value):
    whole = {**schema, "components": spec["components"]}
    errors = sorted(Draft202012Validator(whole).iter_errors(value), key=str)
    assert errors == [], errors[:2]


def test_it_is_valid_and_complete(spec):
    validate(spec)
    assert spec["openapi"].startswith("3.")
    assert {path: set(operations) for path, operations in spec["paths"].items()} == ROUTES
    names = [each["operationId"] for one in spec["paths"].values() for each in one.values()]
    assert len(set(names)) == len(names)


def test_every_reference_leads_somewhere(spec):
    def references(node):
        if isinstance(node, dict):
            yield from [node["$ref"]] if "$ref" in node else []
            for each in node.values():
                yield from references(each)
        elif isinstance(node, list):
            for each in node:
                yield from references(each)

    found = set(references(spec))
    assert len(found) > 10
    known = {f"#/components/schemas/{name}" for name in spec["components"]["schemas"]}
    assert found <= known


@pytest.mark.parametrize("path", TEXTS)
def test_one_text_and_a_list_are_both_described(spec, path):
    answer = spec["components"]["schemas"][schema_of(spec, path)["$ref"].rpartition("/")[2]]
    assert len(answer["oneOf"]) == 2
    body = spec["paths"][path]["post"]["requestBody"]
    assert body["required"] is True
    request = body["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
    text = spec["components"]["schemas"][request]["properties"]["text"]
    assert [one["type"] for one in text["anyOf"]] == ["string", "array"]


@pytest.mark.parametrize("path", [*TEXTS, "/v1/digest/stream"])
def test_every_error_is_described_as_a_problem(spec, path):
    responses = spec["paths"][path]["post"]["responses"]
    assert set(responses) == {"200", *ERRORS}
    for status in ERRORS:
        assert list(responses[status]["content"]) == ["application/problem+json"]


def test_the_stream_is_described_as_events(spec):
    assert schema_of(spec, "/v1/digest/stream", kind="text/event-stream") == {"type": "string"}


@pytest.mark.parametrize("path", TEXTS)
def test_real_answers_are_as_described(spec, client, path):
    schema = schema_of(spec, path)
    tags = "Từ khóa: chợ phiên, nông sản, Gia Lai"
    for text in (ITEM, SHORT, [SHORT, "", ENGLISH], tags, PLACES):
        answer = client.post(path, json={"text": text})
        assert answer.status_code == 200
        check(spec, schema, answer.json)
    broken = client.post(path, json={"text": SHORT}).json | {"warnings": None}
    with pytest.raises(AssertionError):
        check(spec, schema, broken)


def test_real_errors_and_states_are_as_described(spec, client):
    for body in ({"text": ""}, {"text": 5}, {"text": "x" * 50_001}):
        answer = client.post("/v1/digest", json=body)
        kind = "application/problem+json"
        check(spec, schema_of(spec, "/v1/digest", str(answer.status_code), kind=kind), answer.json)
    for path in ("/healthz", "/readyz", "/v1/models"):
        check(spec, schema_of(spec, path, method="get"), client.get(path).json)
    check(spec, schema_of(spec, "/readyz", "503", "get"), {"status": "loading", "detail": None})


def test_examples_of_the_requests_work(spec, client):
    schemas = spec["components"]["schemas"]
    [text] = schemas["DigestRequest"]["properties"]["text"]["examples"]
    glossaries = schemas["DigestRequest"]["properties"]["glossary"]["examples"]
    assert [type(one) for one in glossaries] == [dict, list]
    for glossary in glossaries:
        answer = client.post("/v1/digest", json={"text": text, "glossary": glossary})
        assert answer.status_code == 200
        found = [term for one in answer.json["elements"] for term in one["terms"] if term["user"]]
        assert len(found) == ("họp bàn" in str(glossary))


def test_a_place_is_described_field_by_field(spec):
    schemas = spec["components"]["schemas"]
    places = schemas["DigestAnswer.DigestOut"]["properties"]["places"]
    place = schemas[places["items"]["$ref"].rpartition("/")[2]]
    assert set(place["required"]) == set(place["properties"])
    assert all(len(one["description"]) > 20 for one in place["properties"].values())
    status = place["properties"]["status"]
    assert status["enum"] == ["current", "former", "ambiguous"]
    assert all(f"“{one}”: " in status["description"] for one in status["enum"])


def test_the_documentation_page_shows_every_operation_and_stays_at_home(page, service_url):
    page.goto(f"{service_url}/docs/")
    page.wait_for_function(f"{SUMMARIES_SHOWN} === {sum(map(len, ROUTES.values()))}")
    shown = page.locator(".opblock-summary-path").all_inner_texts()
    assert {path.replace("\u200b", "") for path in shown} == set(ROUTES)
    page.click(".opblock-summary-path >> nth=0")
    page.wait_for_selector(".opblock-body")
