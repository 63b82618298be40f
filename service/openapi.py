"""What the OpenAPI document needs beyond what is read off the views."""

from __future__ import annotations

from typing import Any

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


def complete_spec(spec: Any) -> Any:  # noqa: ANN401 - APIFlask allows a string here too
    """Add the schema that the problem responses refer to, and that bodies are required."""
    spec["components"]["schemas"]["Problem"] = Problem.model_json_schema()
    for operations in spec["paths"].values():
        for operation in operations.values():
            if "requestBody" in operation:
                operation["requestBody"]["required"] = True
    return spec
