"""What goes out over HTTP; the OpenAPI document is made from these classes."""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, RootModel

from models.catalogue import ModelCard
from models.fidelity import Issue, IssueKind
from models.references import checkpoint_label, size_of
from models.summarizer import Summary, SummaryMethod, SummaryStyle
from models.term_report import TermHit
from service.article import Kind
from service.pipeline import Digest, DigestElement, Timings
from service.place_schemas import PlaceOut


class Problem(BaseModel):
    """An error (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str


class WarningOut(BaseModel):
    """Something that a check found; the two values where it has them."""

    kind: IssueKind
    message: str
    element: int | None = None
    source_value: str | None = None
    target_value: str | None = None

    @classmethod
    def of(cls, issue: Issue, element: int | None = None) -> Self:
        """The warning that an issue makes."""
        return cls(
            kind=issue.kind,
            message=issue.message,
            element=element,
            source_value=issue.source_value,
            target_value=issue.target_value,
        )


class TermOut(BaseModel):
    """One term of an element, and whether its English was used."""

    source: str = Field(description="The term as it stands in the Vietnamese.")
    target: str = Field(description="The preferred English.")
    used: str | None = Field(
        description="The accepted English that stands in the translation; null where none "
        "does, which may be a right rephrasing."
    )
    user: bool = Field(
        description="The term is of your own glossary; where its English is missing, a "
        "warning says so."
    )

    @classmethod
    def of(cls, hit: TermHit) -> Self:
        """The term as it goes out."""
        return cls(source=hit.source, target=hit.target, used=hit.used, user=hit.user)


class ElementOut(BaseModel):
    """One element of the item: its Vietnamese and its English."""

    id: int
    kind: Kind
    source: str
    target: str | None
    warnings: list[WarningOut]
    terms: list[TermOut] = Field([], description="Terms found in it, each once, in order.")

    @classmethod
    def of(cls, done: DigestElement) -> Self:
        """The element as it goes out."""
        return cls(
            id=done.element.id,
            kind=done.element.kind,
            source=done.element.text,
            target=done.target,
            warnings=[WarningOut.of(issue, done.element.id) for issue in done.issues],
            terms=[TermOut.of(hit) for hit in done.terms],
        )


class SummarySentenceOut(BaseModel):
    """One sentence of the summary and the elements that support it."""

    text: str
    paragraphs: list[int]


class SummaryOut(BaseModel):
    """The summary."""

    text: str
    style: SummaryStyle
    words: int
    method: SummaryMethod
    sentences: list[SummarySentenceOut]
    warnings: list[WarningOut]

    @classmethod
    def of(cls, summary: Summary) -> Self:
        """The summary as it goes out."""
        return cls(
            text=summary.text,
            style=summary.style,
            words=summary.words,
            method=summary.method,
            sentences=[
                SummarySentenceOut(text=one.text, paragraphs=list(one.paragraphs))
                for one in summary.sentences
            ],
            warnings=[WarningOut.of(issue) for issue in summary.issues],
        )


class TimingsOut(BaseModel):
    """Seconds that each step took."""

    parse_s: float
    translate_s: float
    summarize_s: float
    total_s: float

    @classmethod
    def of(cls, timings: Timings) -> Self:
        """The timings, to the millisecond."""
        return cls(
            parse_s=round(timings.parse_s, 3),
            translate_s=round(timings.translate_s, 3),
            summarize_s=round(timings.summarize_s, 3),
            total_s=round(timings.total_s, 3),
        )


class ProvenanceOut(BaseModel):
    """What made the English: models, engines, options and the package's version."""

    translator: dict[str, Any]
    summarizer: dict[str, Any] | None
    package_version: str


class DigestOut(BaseModel):
    """An item in English; `summary` is null where only a translation was asked for."""

    elements: list[ElementOut]
    places: list[PlaceOut] = Field(
        [], description="Each province, city, district, commune or ward named, once, in order."
    )
    summary: SummaryOut | None
    warnings: list[WarningOut]
    timings: TimingsOut
    provenance: ProvenanceOut

    @classmethod
    def of(cls, digest: Digest) -> Self:
        """The digest as it goes out."""
        elements = [ElementOut.of(one) for one in digest.elements]
        summary = SummaryOut.of(digest.summary) if digest.summary else None
        warnings = [warning for one in elements for warning in one.warnings]
        return cls(
            elements=elements,
            places=[PlaceOut.model_validate(place) for place in digest.places],
            summary=summary,
            warnings=warnings + (summary.warnings if summary else []),
            timings=TimingsOut.of(digest.timings),
            provenance=ProvenanceOut(
                translator=digest.translator.as_dict(),
                summarizer=digest.summarizer.as_dict() if digest.summarizer else None,
                package_version=digest.package_version,
            ),
        )


class SummarizedOut(BaseModel):
    """The summary of an item, without its translation."""

    summary: SummaryOut | None
    warnings: list[WarningOut]
    timings: TimingsOut
    provenance: ProvenanceOut

    @classmethod
    def of(cls, digest: Digest) -> Self:
        """The digest's summary as it goes out."""
        whole = DigestOut.of(digest)
        return cls(
            summary=whole.summary,
            warnings=whole.warnings,
            timings=whole.timings,
            provenance=whole.provenance,
        )


class FailedOut(BaseModel):
    """An item of a list that failed; the others are not touched by it."""

    error: Problem


class DigestListOut(BaseModel):
    """One result an item, in the order of the request."""

    results: list[DigestOut | FailedOut]


class SummarizedListOut(BaseModel):
    """One result an item, in the order of the request."""

    results: list[SummarizedOut | FailedOut]


def _say_one_of(schema: dict[str, Any]) -> None:
    schema["oneOf"] = schema.pop("anyOf")


class DigestAnswer(RootModel[DigestOut | DigestListOut]):
    """A digest for one text, results for a list."""

    model_config = ConfigDict(json_schema_extra=_say_one_of)


class SummarizedAnswer(RootModel[SummarizedOut | SummarizedListOut]):
    """A summary for one text, results for a list."""

    model_config = ConfigDict(json_schema_extra=_say_one_of)


class ModelOut(BaseModel):
    """One model of the catalogue; its weights are one file or a checkpoint."""

    name: str
    tasks: list[str]
    family: str
    engine: str
    licence: str
    commercial_use: bool
    size: int | None
    sha256: str | None
    checkpoint: str | None
    present: bool

    @classmethod
    def of(cls, card: ModelCard, present: bool) -> Self:
        """The card as it goes out; `present` when its weights are on this machine."""
        return cls(
            name=card.name,
            tasks=list(card.tasks),
            family=card.family,
            engine=card.engine,
            licence=card.licence,
            commercial_use=card.commercial_use,
            size=size_of(card),
            sha256=card.artifact.sha256 if card.artifact else None,
            checkpoint=checkpoint_label(card),
            present=present,
        )


class ModelsOut(BaseModel):
    """The catalogue, and which models this service uses."""

    translator: str
    summarizer: str
    models: list[ModelOut]


class StatusOut(BaseModel):
    """Whether the service is alive, or ready; `detail` says what to do where it failed."""

    status: Literal["ok", "loading", "failed"]
    detail: str | None = None
