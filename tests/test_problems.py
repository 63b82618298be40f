"""Every error is a problem document with a type of its own and the right status."""

import re

import pytest

import service
from models import errors
from models.errors import DiemtinError
from service.problems import describe_trace, problem_of
from tests.items import BROKEN, ENGLISH, SHORT

QUOTED = SHORT.encode()
PATH = "/v1/digest"
BODIES = [
    (b'{"text": ""}', 422, "empty-text", "The text is empty"),
    (b'{"text": " \\n\\u200b\\u0000"}', 422, "empty-text", "The text is empty"),
    (b'{"text": "\\ud800"}', 422, "empty-text", "The text is empty"),
    (
        b'{"text": "%s"}' % (b"a" * 50_001),
        413,
        "too-long",
        "50,001 characters; the limit is 50,000",
    ),
    (b'{"text": "%s"}' % ENGLISH.encode(), 422, "not-vietnamese", "seems to be English"),
    (b'{"text": "Hoi nghi duoc to chuc tai tinh Gia Lai vao sang nay"}', 422, "not-vietnamese", ""),
    ('{"text": "Vieät Nam tröôûng hoïc"}'.encode(), 422, "legacy-encoding", "VNI"),
    (b'{"text": "<p></p>", "format": "html"}', 422, "no-article", "No article"),
    (b'{"text": 5}', 422, "wrong-type", "text: Input should be a valid string"),
    (b'{"text": null}', 422, "wrong-type", "text: Input should be a valid string"),
    (b'{"text": []}', 422, "wrong-type", "text: "),
    (b'{"text": ["%s", 5]}' % QUOTED, 422, "wrong-type", "text.1: "),
    (b"{}", 422, "wrong-type", "text: Field required"),
    (b'{"text": "a", "max_words": "many"}', 422, "wrong-type", "max_words: "),
    (b'{"text": "a", "max_words": 9}', 422, "wrong-type", "max_words: "),
    (b'{"text": "a", "style": "poem"}', 422, "wrong-type", "'sentence', 'short' or 'bullets'"),
    (b'{"text": "a", "format": "pdf"}', 422, "wrong-type", "format: "),
    (b'{"text": "a", "keep_diacritics": "x"}', 422, "wrong-type", "keep_diacritics: "),
    (b'{"text": "a", "glossary": {"b": 5}}', 422, "wrong-type", "glossary.b: "),
    (b'{"text": "a", "glossary": {"b": " "}}', 422, "wrong-type", "glossary.b: "),
    (b'{"text": "a", "glossary": {"": "b"}}', 422, "wrong-type", "glossary."),
    (b'{"text": "a", "glossary": {"\\ud800": "b"}}', 422, "wrong-type", "glossary."),
    (b'{"text": "a", "glossary": {"b": "\\ud800"}}', 422, "wrong-type", "glossary.b: "),
    (b'{"text": "a", "words": 5}', 422, "unknown-field", "words: "),
    (b'{"text": "a", "\\ud800": 5}', 422, "not-an-object", "JSON object"),
    (b"[1]", 422, "not-an-object", "JSON object"),
    (b'"text"', 422, "not-an-object", "JSON object"),
    (b"5", 422, "not-an-object", "JSON object"),
    (b"null", 422, "wrong-type", "text: Field required"),
    (b"{", 400, "malformed-json", "JSON object"),
    (b"", 400, "malformed-json", "JSON object"),
    (b'{"text": "\xff\xfe"}', 400, "malformed-json", "UTF-8"),
    (b"[" * 100_000, 400, "malformed-json", "JSON object"),
    (b'{"text": 1%s}' % (b"0" * 5000), 400, "malformed-json", "JSON object"),
    (b'{"text": "%s"}' % BROKEN.encode(), 500, "engine-failed", "told to fail"),
    ('{"text": "LỖI %s"}'.encode() % QUOTED, 500, "internal", "its log says where"),
]
ids = [f"{slug}-{number}" for number, (_, _, slug, _) in enumerate(BODIES)]


def check_problem(answer, status, slug):
    assert answer.mimetype == "application/problem+json"
    document = answer.json
    assert (answer.status_code, document["status"]) == (status, status)
    assert document["type"] == f"urn:diemtin:problem:{slug}"
    assert set(document) == {"type", "title", "status", "detail"}
    assert document["title"] and document["detail"]
    return document


@pytest.mark.parametrize(("body", "status", "slug", "detail"), BODIES, ids=ids)
def test_a_bad_body_gets_its_own_problem(client, body, status, slug, detail):
    answer = client.post(PATH, data=body, content_type="application/json")
    assert detail in check_problem(answer, status, slug)["detail"]


@pytest.mark.parametrize("path", ["/v1/translate", "/v1/summarize", "/v1/digest/stream"])
def test_the_other_endpoints_check_as_much(client, path):
    for body, status, slug in (
        (b"{", 400, "malformed-json"),
        (b'{"text": 5}', 422, "wrong-type"),
        (b'{"text": "a", "words": 5}', 422, "unknown-field"),
        (b'{"text": ""}', 422, "empty-text"),
        (b'{"text": "%s"}' % (b"a" * 50_001), 413, "too-long"),
    ):
        check_problem(client.post(path, data=body, content_type="application/json"), status, slug)


def test_translate_takes_no_summary_options(client):
    answer = client.post("/v1/translate", json={"text": SHORT, "max_words": 40})
    assert "max_words" in check_problem(answer, 422, "unknown-field")["detail"]


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", None])
def test_another_content_type_is_415(client, kind):
    answer = client.post(PATH, data=b'{"text": "a"}', content_type=kind)
    assert "application/json" in check_problem(answer, 415, "wrong-content-type")["detail"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/nothing", 404),
        ("POST", "/v1/nothing", 404),
        ("GET", "/static/nothing.js", 404),
        ("GET", PATH, 405),
        ("DELETE", PATH, 405),
        ("POST", "/v1/models", 405),
        ("POST", "/healthz", 405),
    ],
)
def test_unknown_addresses_and_methods(client, method, path, status):
    answer = client.open(path, method=method)
    check_problem(answer, status, f"http-{status}")
    if status == 405:
        wanted = "POST" if path == PATH else "GET"
        assert wanted in answer.headers["Allow"].split(", ")


def own_errors():
    found = [DiemtinError]
    for one in found:
        found += one.__subclasses__()
    packages = (errors.__name__, f"{service.__name__}.")
    in_runs = f"{service.__name__}.archives."  # which no request waits for
    names = {one: one.__module__ for one in found[1:]}
    return [one for one, name in names.items() if name.startswith(packages) and in_runs not in name]


@pytest.mark.parametrize("kind", own_errors(), ids=lambda kind: kind.__name__)
def test_every_own_error_has_a_status_and_keeps_its_message(kind):
    error = kind.__new__(kind)
    error.args = ("Do this.",)
    document = problem_of(error)
    assert 400 <= document["status"] < 600
    assert document["detail"] == "Do this."
    assert re.fullmatch(r"urn:diemtin:problem:[a-z-]+", document["type"])


def test_own_errors_share_no_type_but_that_of_a_model_that_failed():
    types = {}
    for kind in own_errors():
        error = kind.__new__(kind)
        types.setdefault(problem_of(error)["type"], set()).add(kind.__name__)
    shared = {name: kinds for name, kinds in types.items() if len(kinds) > 1}
    failed = {"ModelFailed", "WeightsUnavailable", "CorruptWeights", "UnsafeWeights"}
    assert shared == {"urn:diemtin:problem:model-failed": failed}


def test_a_trace_names_places_and_quotes_nothing():
    secret = "văn bản mật"
    try:
        int(secret)
    except ValueError as error:
        trace = describe_trace(error)
    assert trace == [f"test_problems.py:{trace[0].split(':')[1].split()[0]} {current_name()}"]
    assert secret not in str(trace)


def current_name():
    return test_a_trace_names_places_and_quotes_nothing.__name__
