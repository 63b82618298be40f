"""Errors as RFC 9457 problem documents, one class of error to one status."""

from __future__ import annotations

from dataclasses import dataclass

from models.errors import (
    BadConfig,
    CorruptWeights,
    DiemtinError,
    EngineFailed,
    InputTooLong,
    UnknownModel,
    WeightsUnavailable,
)
from service.extracting import NoArticle
from service.language import NotVietnamese
from service.normalizing import EmptyText, LegacyEncoding

MEDIA_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:diemtin:problem:"


class TextTooLong(DiemtinError):
    """The text exceeds what one request may hold."""


class NotReady(DiemtinError):
    """The model is still loading, or could not be loaded."""


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
    UnknownModel: ProblemKind("unknown-model", 422, "There is no such model"),
    WeightsUnavailable: ProblemKind("not-ready", 503, "The model is not ready"),
    CorruptWeights: ProblemKind("not-ready", 503, "The model is not ready"),
    EngineFailed: ProblemKind("engine-failed", 500, "The model failed"),
}
_FALLBACK = ProblemKind("internal", 500, "Something went wrong")


def problem_of(error: DiemtinError) -> dict[str, object]:
    """Return the problem document of an error."""
    found = next((_KINDS[one] for one in type(error).__mro__ if one in _KINDS), _FALLBACK)
    return problem(found, str(error))


def problem(kind: ProblemKind, detail: str) -> dict[str, object]:
    """Return a problem document: type, title, status and detail (RFC 9457, section 3.1)."""
    return {
        "type": TYPE_PREFIX + kind.slug,
        "title": kind.title,
        "status": kind.status,
        "detail": detail,
    }
