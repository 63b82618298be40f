"""How many requests the service takes at a time, and when it takes the next."""

import json

import pytest

from service.app import create_app
from tests.items import BROKEN, SHORT

PATHS = ["/v1/digest", "/v1/translate", "/v1/summarize", "/v1/digest/stream"]


@pytest.fixture
def narrow(runtime):
    """A client of an application that takes two requests at a time."""
    return create_app(runtime.settings, runtime, max_requests=2).test_client()


def open_stream(client):
    answer = client.post("/v1/digest/stream", json={"text": SHORT})
    assert answer.status_code == 200
    return answer


def check_busy(answer):
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert answer.mimetype == "application/problem+json"
    assert answer.json["type"] == "urn:diemtin:problem:busy"
    assert "2 requests" in answer.json["detail"]


def test_beyond_the_limit_a_request_is_refused_and_the_rest_is_told(narrow):
    streams = [open_stream(narrow), open_stream(narrow)]
    for path in PATHS:
        check_busy(narrow.post(path, json={"text": SHORT}))
    for path in ("/healthz", "/readyz", "/v1/models", "/"):
        assert narrow.get(path).status_code == 200
    streams[0].close()
    assert narrow.post("/v1/digest", json={"text": SHORT}).status_code == 200
    streams[1].close()


def test_a_stream_holds_its_place_until_it_is_closed_and_gives_it_back_once(narrow):
    left, read = open_stream(narrow), open_stream(narrow)
    left.close()  # its reader went away after the first event
    left.close()
    third = open_stream(narrow)
    check_busy(narrow.post("/v1/digest", json={"text": SHORT}))
    assert "event: done" in read.get_data(as_text=True)
    read.close()
    third.close()
    last = [open_stream(narrow), open_stream(narrow)]
    check_busy(narrow.post("/v1/digest", json={"text": SHORT}))
    for one in last:
        one.close()


def test_requests_that_fail_give_their_place_back(narrow):
    bodies = [b"{", b'{"text": ""}', b'{"text": 5}', json.dumps({"text": BROKEN}).encode()]
    bodies += [json.dumps({"text": f"LỖI {SHORT}"}).encode()]
    for path in PATHS:
        for body in bodies:
            answer = narrow.post(path, data=body, content_type="application/json")
            answer.close()
            assert answer.status_code != 503
    assert narrow.post("/v1/digest", data=b"{}", content_type="text/plain").status_code == 415
    streams = [open_stream(narrow), open_stream(narrow)]
    check_busy(narrow.post("/v1/digest", json={"text": SHORT}))
    for one in streams:
        one.close()
