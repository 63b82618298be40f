"""What the OpenAPI document needs beyond what is read off the views."""

from __future__ import annotations

from typing import Any

from service.job_uploads import FILE, FILENAME, MULTIPART, SUFFIXES
from service.jobs.records import JobRequest
from service.problems import MEDIA_TYPE
from service.schemas import Problem

PROBLEM_REF = {"$ref": "#/components/schemas/Problem"}

PROBLEMS: dict[int | str, Any] = {
    status: {"description": text, "content": {MEDIA_TYPE: {"schema": PROBLEM_REF}}}
    for status, text in {
        400: "The body is not JSON.",
        413: "The text is too long; the detail says how long it may be.",
        415: "The body is not application/json.",
        422: "The request cannot be carried out: empty, not Vietnamese, or of a wrong type.",
        500: "The model failed.",
        503: "The model is not ready, or the service is busy; Retry-After says when to ask again.",
    }.items()
}


NOT_READY: dict[int | str, Any] = {
    503: {
        "description": "The model does not answer: it is loading, or it could not be loaded.",
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/StatusOut"}}},
    }
}

_JOB_PROBLEMS = {
    400: "The upload ended before its time, or the form cannot be read.",
    403: "A page of another site may not send archives.",
    404: "There is no such job.",
    409: "The job has no result, or not yet.",
    410: "The result was deleted.",
    413: "The archive is larger than the service takes; the detail says how large it may be.",
    415: "The body is neither a form nor an archive, or the archive is of no format that is read.",
    422: "A field has a wrong value, or there is not one file.",
    500: "The service failed; its log says where.",
    501: "A package that the archive or its output needs is not installed with the service.",
    503: "As many jobs wait, or clients are served, as the service takes, or its queue is gone; "
    "Retry-After says when to ask again.",
    507: "The service's disk is full.",
}

EVENTS: dict[int | str, Any] = {
    200: {
        "description": "Server-sent events: progress whenever the job has changed, done when it "
        "has ended; or error. A comment at least every 15 seconds.",
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    },
    204: {"description": "Last-Event-ID says that all was told; a browser does not come back."},
}

_ZIP = {"application/zip": {"schema": {"type": "string", "format": "binary"}}}
_ETAG = {"ETag": {"description": "For If-Range.", "schema": {"type": "string"}}}

RESULT: dict[int | str, Any] = {
    200: {
        "description": "A ZIP: records, failures.jsonl, manifest.json and report.html.",
        "content": _ZIP,
        "headers": _ETAG,
    },
    206: {"description": "The range that was asked for.", "content": _ZIP, "headers": _ETAG},
    304: {"description": "The result is the one that If-None-Match names."},
    416: {
        "description": "There is no such range; Content-Range says how long the result is.",
        "content": {MEDIA_TYPE: {"schema": PROBLEM_REF}},
    },
}


def problems_for(*statuses: int) -> dict[int | str, Any]:
    """The problem responses of an operation on jobs."""
    content = {MEDIA_TYPE: {"schema": PROBLEM_REF}}
    return {
        status: {"description": _JOB_PROBLEMS[status], "content": content} for status in statuses
    }


def complete_spec(spec: Any) -> Any:  # noqa: ANN401 - APIFlask allows a string here too
    """Add the schema that the problem responses refer to, and that bodies are required."""
    schemas = spec["components"]["schemas"]
    schemas["Problem"] = Problem.model_json_schema()
    _describe_upload(spec["paths"]["/v1/archives"]["post"], schemas)
    for operations in spec["paths"].values():
        for operation in operations.values():
            if "requestBody" in operation:
                operation["requestBody"]["required"] = True
    return spec


def _describe_upload(operation: dict[str, Any], schemas: dict[str, Any]) -> None:
    """Describe a body that no schema reads, and its fields."""
    name = JobRequest.__name__
    whole = JobRequest.model_json_schema(ref_template=f"#/components/schemas/{name}.{{model}}")
    schemas.update({f"{name}.{one}": schema for one, schema in whole["$defs"].items()})
    fields = {one: _without_null(schema) for one, schema in whole["properties"].items()}
    binary = {"type": "string", "format": "binary"}
    file = binary | {"description": "The archive; the end of its filename tells its format."}
    form = {
        "type": "object",
        "properties": {FILE: file, **fields},
        "required": [FILE],
        "additionalProperties": False,
    }
    kinds = {one: {"schema": binary} for one in SUFFIXES}
    operation["requestBody"] = {"content": {MULTIPART: {"schema": form}, **kinds}, "required": True}
    filename = {"type": "string", "description": "The archive's name; its end tells its format."}
    operation["parameters"] = [
        {
            "in": "query",
            "name": one,
            "required": False,
            "description": f"{schema['description']} Where the body is the archive alone.",
            "schema": {key: value for key, value in schema.items() if key != "description"},
        }
        for one, schema in {FILENAME: filename, **fields}.items()
    ]


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """A field as a form has it: it is there, or it is not."""
    if "anyOf" not in schema:
        return schema
    kept = {key: value for key, value in schema.items() if key not in ("anyOf", "default")}
    [value] = [one for one in schema["anyOf"] if one["type"] != "null"]
    return {**kept, **value}
