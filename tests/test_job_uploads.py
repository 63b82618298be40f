"""What is refused of an upload, and whether the answers are as the OpenAPI document says."""

from __future__ import annotations

import io

import pytest
from jsonschema import Draft202012Validator

from service.app import create_app
from service.job_api import MOST_MIB
from service.job_pace import Pace
from service.job_uploads import SUFFIXES, open_upload
from service.jobs.records import JobRequest
from tests.fake_home import fake_settings
from tests.job_api_lab import MIB, job_files, zip_of

PATH = "/v1/archives"
FORM = "multipart/form-data; boundary=b"
ZIP = zip_of(2)


def part(name, data=b"", filename=None, kind=None):
    head = f'Content-Disposition: form-data; name="{name}"'
    head += f'; filename="{filename}"' if filename is not None else ""
    head += f"\r\nContent-Type: {kind}" if kind else ""
    return b"--b\r\n" + head.encode() + b"\r\n\r\n" + data + b"\r\n"


END = b"--b--\r\n"
FILE = part("file", ZIP, "tin.zip")

FORMS = [
    (END, 422, "bad-upload", "file: Field required"),
    (part("style", b"short") + END, 422, "bad-upload", "file: Field required"),
    (part("file", ZIP) + END, 422, "bad-upload", "no filename"),
    (part("file", ZIP, "") + END, 422, "bad-upload", "no filename"),
    (part("archive", ZIP, "tin.zip") + END, 422, "bad-upload", "archive: "),
    (FILE + FILE + END, 422, "bad-upload", "One archive"),
    (FILE + part("style", b"poem") + END, 422, "wrong-type", "style: "),
    (part("style", b"poem") + FILE + END, 422, "wrong-type", "style: "),
    (FILE + part("max_words", b"9") + END, 422, "wrong-type", "max_words: "),
    (FILE + part("max_words", b"many") + END, 422, "wrong-type", "max_words: "),
    (FILE + part("html", b"perhaps") + END, 422, "wrong-type", "html: "),
    (FILE + part("text_field") + END, 422, "wrong-type", "text_field: "),
    (FILE + part("output_format", b"pdf") + END, 422, "wrong-type", "output_format: "),
    (FILE + part("words", b"9") + END, 422, "unknown-field", "words: "),
    (FILE + part("html", b"true") * 2 + END, 422, "bad-upload", "html: It is given twice"),
    (FILE + part("text_field", b"a" * 70_000) + END, 422, "bad-upload", "text_field: "),
    (FILE + part("text_field", b"\xff") + END, 400, "malformed-upload", "UTF-8"),
    (FILE, 400, "malformed-upload", "curl"),
    (FILE[:-40], 400, "malformed-upload", "curl"),
    (b"", 400, "malformed-upload", "curl"),
    (b"x" * 400_000, 400, "malformed-upload", "curl"),
    (b"--b\r\nX: y\r\n\r\nz\r\n" + END, 400, "malformed-upload", "curl"),
    (b"--b\r\nContent-Disposition: form-data\r\n\r\nz\r\n" + END, 400, "malformed-upload", "curl"),
    (b"--b\r\n" + b"X" * 400_000, 400, "malformed-upload", "curl"),
    (b"--b\r\nX: \xff\r\n\r\n" + END, 400, "malformed-upload", "curl"),
    (FILE + b"".join(part(f"f{n}") for n in range(50)) + END, 400, "malformed-upload", "curl"),
    (part("file", b"", "tin.zip") + END, 422, "empty-upload", "empty"),
    (part("file", b"%PDF-1.7", "tin.pdf") + END, 415, "wrong-upload-type", "jsonl"),
    (part("file", b"%PDF-1.7", "tin.txt") + END, 415, "wrong-upload-type", ""),
    (part("file", b"text", "tin.zip") + END, 415, "wrong-upload-type", "ZIP"),
    (part("file", ZIP, "tin") + END, 415, "wrong-upload-type", "jsonl"),
]


@pytest.fixture
def problem(client, tmp_path):
    def send(body, kind, query=""):
        answer = client.post(PATH + query, input_stream=io.BytesIO(body), content_type=kind)
        assert answer.mimetype == "application/problem+json"
        assert answer.json["status"] == answer.status_code
        assert job_files(tmp_path) == [], "nothing is kept"
        slug = answer.json["type"].removeprefix("urn:diemtin:problem:")
        return answer.status_code, slug, answer.json["detail"]

    return send


@pytest.mark.parametrize(("body", "status", "slug", "detail"), FORMS)
def test_a_bad_form_gets_its_own_problem(problem, body, status, slug, detail):
    got, named, told = problem(body, FORM)
    assert (got, named) == (status, slug), told
    assert detail in told


BODIES = [
    ("application/json", "", b"{}", 415, "wrong-upload-type"),
    ("application/x-www-form-urlencoded", "", b"file=a", 415, "wrong-upload-type"),
    (None, "", ZIP, 415, "wrong-upload-type"),
    ("multipart/form-data", "", FILE + END, 400, "malformed-upload"),
    ("multipart/form-data; boundary=đ", "", FILE + END, 400, "malformed-upload"),
    ("multipart/mixed; boundary=b", "", FILE + END, 415, "wrong-upload-type"),
    ("application/octet-stream", "", ZIP, 415, "wrong-upload-type"),
    ("application/gzip", "", b"\x1f\x8b\x08", 415, "wrong-upload-type"),
    ("application/zip", "", b"", 422, "empty-upload"),
    ("application/zip", "?style=poem", ZIP, 422, "wrong-type"),
    ("application/zip", "?words=9", ZIP, 422, "unknown-field"),
    ("application/zip", "?style=short&style=short", ZIP, 422, "bad-upload"),
    (FORM, "?filename=a.zip", FILE + END, 422, "unknown-field"),
    (FORM, "?style=short", FILE + part("style", b"short") + END, 422, "bad-upload"),
]


@pytest.mark.parametrize(("kind", "query", "body", "status", "slug"), BODIES)
def test_a_bad_body_gets_its_own_problem(problem, kind, query, body, status, slug):
    got, named, told = problem(body, kind, query)
    assert (got, named) == (status, slug), told


class OneByOne(io.BytesIO):
    """A network that gives a few bytes at a time."""

    def read(self, size=-1):
        return super().read(min(size, 7) if size > 0 else 7)


TRICKY = [
    b"",
    b"\r\n",
    b"\r\n--",
    b"--b",
    b"a\r\n--c\r\n--bb",
    b"\n--b \n",
    b"\r" * 200_000,
    b"\n" * 200_000,
    b"\r\n--b" * 40_000,
    bytes(range(256)) * 3000,
    b"\r\n-" * 50_000 + b"-",
]


@pytest.mark.parametrize("content", TRICKY, ids=range(len(TRICKY)))
@pytest.mark.parametrize("stream", [io.BytesIO, OneByOne])
def test_the_file_is_read_to_the_byte(client, content, stream):
    if stream is OneByOne:
        content = content[:5000]
    boundary = "------------------------long0123456789"
    body = part("style", b"bullets") + part("file", content, "a.zip") + part("html", b"1") + END
    body = body.replace(b"--b\r\nContent", f"--{boundary}\r\nContent".encode())
    body = body.removesuffix(END) + f"--{boundary}--".encode()
    kind = f"multipart/form-data; boundary={boundary}"
    sent = {"input_stream": stream(body), "content_type": kind, "content_length": len(body)}
    with client.application.test_request_context(PATH, method="POST", **sent) as context:
        upload = open_upload(context.request, 10, Pace())
        read = b"".join(iter(lambda: upload.stream.read(1000), b""))
        assert read == content
        assert upload.request() == JobRequest(style="bullets", html=True)
        assert (upload.name, upload.length) == ("a.zip", None)


def test_a_name_gets_the_end_that_its_type_tells(client):
    for kind, suffix in SUFFIXES.items():
        for name, wanted in (("", f"archive{suffix}"), ("tin", f"tin{suffix}"), ("a.gz", "a.gz")):
            sent = {"data": ZIP, "content_type": kind, "query_string": {"filename": name}}
            with client.application.test_request_context(PATH, method="POST", **sent) as context:
                upload = open_upload(context.request, 1, Pace())
                assert (upload.name, upload.length) == (wanted, len(ZIP))


def test_as_many_bytes_as_it_takes_are_taken_and_not_one_more(client, tmp_path):
    most = client.application.config[MOST_MIB] * MIB
    for more, status in ((0, 422), (1, 413)):
        told = {"CONTENT_LENGTH": str(most + more)}
        sent = {"content_type": "application/zip", "environ_overrides": told}
        answer = client.post(f"{PATH}?style=poem", input_stream=io.BytesIO(ZIP), **sent)
        assert answer.status_code == status
    assert job_files(tmp_path) == []


def test_more_jobs_than_may_wait_are_refused(runtime, tmp_path):
    settings = fake_settings(tmp_path, max_jobs=1)
    client = create_app(settings, runtime).test_client()
    first = client.post(PATH, data=ZIP, content_type="application/zip")
    refused = client.post(PATH, data=ZIP, content_type="application/zip")
    assert (first.status_code, refused.status_code) == (202, 503)
    assert refused.json["type"] == "urn:diemtin:problem:jobs-full"
    assert refused.headers["Retry-After"] == "5"
    client.delete(first.headers["Location"])
    assert client.post(PATH, data=ZIP, content_type="application/zip").status_code == 202


@pytest.fixture
def spec(client):
    return client.get("/openapi.json").json


def check(spec, schema, value):
    whole = {**schema, "components": spec["components"]}
    errors = sorted(Draft202012Validator(whole).iter_errors(value), key=str)
    assert errors == [], errors[:2]


def test_every_field_is_described_for_the_form_and_for_the_query(spec):
    operation = spec["paths"][PATH]["post"]
    content = operation["requestBody"]["content"]
    assert set(content) == {"multipart/form-data", *SUFFIXES}
    form = content["multipart/form-data"]["schema"]
    assert set(form["properties"]) == {"file", *JobRequest.model_fields}
    assert form["required"] == ["file"]
    assert {one["name"] for one in operation["parameters"]} == {
        "filename",
        *JobRequest.model_fields,
    }
    check(spec, form, {"file": "", "style": "short", "html": True, "text_field": "bài"})
    for wrong in ({}, {"file": "", "style": "poem"}, {"file": "", "x": 1}):
        with pytest.raises(AssertionError):
            check(spec, form, wrong)


def test_real_answers_are_described(spec, client):
    described = spec["paths"][PATH]["post"]["responses"]
    for body, status, _, _ in FORMS:
        answer = client.post(PATH, data=body, content_type=FORM)
        schema = described[str(status)]["content"]["application/problem+json"]["schema"]
        check(spec, schema, answer.json)
    answer = client.post(PATH, data=FILE + END, content_type=FORM)
    assert answer.status_code == 202, answer.text
    schema = described["202"]["content"]["application/json"]["schema"]
    check(spec, schema, answer.json)
    job = answer.headers["Location"]
    addresses = spec["paths"]
    told = addresses["/v1/jobs/{job_id}"]["get"]["responses"]
    check(spec, told["200"]["content"]["application/json"]["schema"], client.get(job).json)
    for path, status in (("/result", "409"), ("/events", "404"), ("", "404")):
        asked = f"{job}{path}" if status == "409" else f"/v1/jobs/nobodys{path}"
        answer = client.get(asked)
        assert answer.status_code == int(status)
        assert status in addresses["/v1/jobs/{job_id}" + path]["get"]["responses"]
    deleted = client.delete(job)
    assert (deleted.status_code, deleted.json["status"]) == (200, "cancelled")
    check(spec, told["200"]["content"]["application/json"]["schema"], deleted.json)
