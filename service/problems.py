"""Errors as RFC 9457 problem documents, one class of error to one status."""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from pathlib import Path

import structlog
from pydantic import ValidationError

from models.errors import (
    BadConfig,
    Cancelled,
    CorruptWeights,
    DiemtinError,
    EngineFailed,
    InputTooLong,
    MissingDependency,
    QueueFull,
    UnknownModel,
    UnsafeWeights,
    WeightsUnavailable,
)
from service.extracting import NoArticle
from service.jobs.faults import (
    DiskFull,
    EmptyUpload,
    JobExpired,
    JobNotDone,
    JobsFull,
    QueueDown,
    StateUnusable,
    UnknownJob,
    UploadCutOff,
    UploadTooLarge,
    WrongUploadType,
)
from service.language import NotVietnamese
from service.normalizing import EmptyText, LegacyEncoding
from service.pipeline import TextTooLong

MEDIA_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:diemtin:problem:"
JSON_ADVICE = 'Send a JSON object such as {"text": "…"}, in UTF-8.'

_log = structlog.get_logger()


class NotReady(DiemtinError):
    """The model is still loading."""


class Busy(DiemtinError):
    """As many requests are under way as the service takes."""


class ModelFailed(DiemtinError):
    """The model could not be loaded, and will not be before a restart."""


class MalformedUpload(DiemtinError):
    """The body is not the form that its header says."""


class BadUpload(DiemtinError):
    """The parts of the body are not those that are asked for."""


class ForeignPage(DiemtinError):
    """A page of another site had the browser send this."""


@dataclass(frozen=True)
class ProblemKind:
    """Status and names of one class of error."""

    slug: str
    status: int
    title: str


_KINDS: dict[type[DiemtinError], ProblemKind] = {
    EmptyText: ProblemKind("empty-text", 422, "The text is empty"),
    NoArticle: ProblemKind("no-article", 422, "The HTML holds no article"),
    LegacyEncoding: ProblemKind("legacy-encoding", 422, "The text is not in Unicode"),
    NotVietnamese: ProblemKind("not-vietnamese", 422, "The text is not Vietnamese"),
    TextTooLong: ProblemKind("too-long", 413, "The text is too long"),
    InputTooLong: ProblemKind("segment-too-long", 413, "A segment is too long for the model"),
    BadConfig: ProblemKind("bad-glossary", 422, "The glossary is malformed"),
    NotReady: ProblemKind("not-ready", 503, "The model is not ready"),
    Busy: ProblemKind("busy", 503, "The service is busy"),
    QueueFull: ProblemKind("queue-full", 503, "Too many segments wait for the model"),
    Cancelled: ProblemKind("client-gone", 499, "The client has gone"),
    ModelFailed: ProblemKind("model-failed", 503, "The model could not be loaded"),
    UnknownModel: ProblemKind("unknown-model", 422, "There is no such model"),
    WeightsUnavailable: ProblemKind("model-failed", 503, "The model could not be loaded"),
    CorruptWeights: ProblemKind("model-failed", 503, "The model could not be loaded"),
    UnsafeWeights: ProblemKind("model-failed", 503, "The model could not be loaded"),
    EngineFailed: ProblemKind("engine-failed", 500, "The model failed"),
    MissingDependency: ProblemKind("missing-dependency", 501, "A package is not installed"),
    MalformedUpload: ProblemKind("malformed-upload", 400, "The form cannot be read"),
    UploadCutOff: ProblemKind("upload-cut-off", 400, "The upload ended before its time"),
    ForeignPage: ProblemKind("foreign-page", 403, "The request came from another site's page"),
    UnknownJob: ProblemKind("unknown-job", 404, "There is no such job"),
    JobNotDone: ProblemKind("job-not-done", 409, "The job has no result"),
    JobExpired: ProblemKind("job-expired", 410, "The result was deleted"),
    UploadTooLarge: ProblemKind("upload-too-large", 413, "The archive is too large"),
    WrongUploadType: ProblemKind("wrong-upload-type", 415, "The upload is no archive"),
    BadUpload: ProblemKind("bad-upload", 422, "The form is not as it should be"),
    EmptyUpload: ProblemKind("empty-upload", 422, "The archive is empty"),
    StateUnusable: ProblemKind("state-unusable", 500, "The service cannot keep its jobs"),
    JobsFull: ProblemKind("jobs-full", 503, "Too many jobs wait"),
    QueueDown: ProblemKind("queue-down", 503, "The queue cannot be reached"),
    DiskFull: ProblemKind("disk-full", 507, "The disk is full"),
}
_UNKNOWN_FIELD = ProblemKind("unknown-field", 422, "The request has an unknown field")
_WRONG_TYPE = ProblemKind("wrong-type", 422, "The request is not valid")
_NOT_AN_OBJECT = ProblemKind("not-an-object", 422, "The body is not a JSON object")
_BRANCHES = {"str", "list[str]", "[key]"}  # which of its alternatives pydantic was trying
_FALLBACK = ProblemKind("internal", 500, "Something went wrong")


def problem_of(error: DiemtinError) -> dict[str, object]:
    """Return the problem document of an error."""
    found = next((_KINDS[one] for one in type(error).__mro__ if one in _KINDS), _FALLBACK)
    return problem(found, str(error))


def problem_of_request(error: ValidationError) -> dict[str, object]:
    """Return the problem document of a body that is not what it should be; it names the fields."""
    found = error.errors(include_input=False, include_url=False, include_context=False)
    if any(not one["loc"] for one in found):
        return problem(_NOT_AN_OBJECT, JSON_ADVICE)
    said: dict[str, list[str]] = {}
    for one in found:
        name = ".".join(str(part) for part in one["loc"] if part not in _BRANCHES)
        said.setdefault(name, []).append(one["msg"])
    unknown = all(one["type"] == "extra_forbidden" for one in found)
    text = " ".join(f"{name}: {'; '.join(messages)}." for name, messages in said.items())
    return problem(_UNKNOWN_FIELD if unknown else _WRONG_TYPE, text)


def report_unexpected(error: Exception, where: str) -> dict[str, object]:
    """Log where an error that nobody raised on purpose came from; return its problem document.

    Neither holds the error's message: it may quote the user's text.
    """
    _log.error(
        "unexpected error", error=type(error).__name__, where=where, trace=describe_trace(error)
    )
    return problem(
        _FALLBACK, "The service failed on this request; its log says where. Please report it."
    )


def describe_trace(error: BaseException) -> list[str]:
    """The frames that an error went through, without its message and without any value."""
    frames = traceback.extract_tb(error.__traceback__)
    return [f"{Path(one.filename).name}:{one.lineno} {one.name}" for one in frames]


def problem(kind: ProblemKind, detail: str) -> dict[str, object]:
    """Return a problem document: type, title, status and detail (RFC 9457, section 3.1)."""
    return {
        "type": TYPE_PREFIX + kind.slug,
        "title": kind.title,
        "status": kind.status,
        "detail": detail,
    }
