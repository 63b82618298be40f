"""How long the service waits for a client: gunicorn's own reading, from a real connection."""

from __future__ import annotations

import json
import socket
import time
from contextlib import suppress

import pytest
from gunicorn.config import Config
from gunicorn.http.parser import RequestParser
from gunicorn.http.wsgi import create
from werkzeug.test import run_wsgi_app

from service.job_api import PACE
from service.job_pace import Pace, PaceLimits, keep_pace
from tests.job_api_lab import DRIPPING_S, dripping, job_files, upload_head, zip_of

FORM = "multipart/form-data; boundary=b"
PART = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.zip"\r\n\r\n'
ZIP = zip_of(2)
HASTY = PaceLimits(size=1 << 20, seconds=1.0)
CHUNKED = "Transfer-Encoding: chunked"
LONG = "Content-Length: 999999"

CREEPING = [
    upload_head("application/zip", LONG) + ZIP[:50],
    upload_head("application/zip", CHUNKED) + b"FFFFF\r\n" + ZIP[:50],
    upload_head("application/zip", CHUNKED),  # not even the length of a piece
    upload_head(FORM, LONG),
    upload_head(FORM, LONG) + PART + ZIP[:50],
    upload_head(FORM, LONG) + PART + ZIP + b'\r\n--b\r\nContent-Disposition: form-data; name="a',
]


@pytest.fixture
def ask(client):
    """What the application answers to a request that gunicorn reads from a connection."""

    def answer(connection):
        config = Config()
        request = next(RequestParser(config, connection, ("127.0.0.1", 1)))
        _, environ = create(request, connection, ("127.0.0.1", 1), ("127.0.0.1", 2), config)
        pieces, status, _ = run_wsgi_app(client.application, environ, buffered=True)
        return int(status.split()[0]), json.loads(b"".join(pieces))

    return answer


@pytest.fixture
def pair():
    with socket.create_server(("127.0.0.1", 0)) as server:
        theirs = socket.create_connection(server.getsockname())
        ours, _ = server.accept()
    with ours, theirs:
        yield ours, theirs


@pytest.mark.parametrize("head", CREEPING, ids=range(len(CREEPING)))
def test_an_upload_that_creeps_is_ended(client, ask, pair, tmp_path, head):
    client.application.config[PACE] = HASTY
    with dripping(pair[1], head) as drips:
        status, told = ask(pair[0])
        assert drips.is_alive(), "the client did not end it"
    assert (status, told["type"]) == (400, "urn:diemtin:problem:upload-cut-off")
    assert "came too slowly" in told["detail"]
    assert job_files(tmp_path) == []


def test_what_is_refused_is_not_read_on_for_long(ask, pair):
    began = time.monotonic()
    with dripping(pair[1], upload_head("application/pdf", LONG)):
        assert ask(pair[0])[0] == 415
        assert time.monotonic() - began < DRIPPING_S - 3, "the client did not end it"


def test_an_upload_in_time_is_taken(client, ask, pair):
    client.application.config[PACE] = HASTY
    pair[1].sendall(upload_head("application/zip", f"Content-Length: {len(ZIP)}") + ZIP)
    assert ask(pair[0])[0] == 202


def test_only_waiting_for_too_few_bytes_is_too_slow():
    pace = Pace(PaceLimits(size=10, seconds=1.0))
    time.sleep(1.1)
    assert not pace.is_too_slow
    for moved in (4, 6, 9):
        with pace.waiting():
            time.sleep(0.4)
        pace.count(moved)
    assert not pace.is_over, "the second wait made the ten bytes whole"
    with pace.waiting():
        time.sleep(0.7)
        assert pace.is_over and pace.is_stuck
    assert pace.is_over and not pace.is_stuck


@pytest.mark.parametrize(("last_s", "sent"), [(0.0, 0), (60.0, 3)])
def test_a_download_goes_on_for_a_while_when_the_service_stops(last_s, sent):
    seen = []
    pieces = keep_pace([b"a", b"b", b"c"], Pace(is_stopping=lambda: True, last_s=last_s))
    with suppress(BrokenPipeError):
        seen.extend(pieces)
    assert len(seen) == sent
