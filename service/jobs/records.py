"""What is known of a job, and what its sender asked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from models.summarizer import (
    DEFAULT_WORDS,
    FEWEST_WORDS,
    MOST_WORDS,
    SummarizeOptions,
    SummaryStyle,
)
from service.archives.mapping import FieldMapping
from service.archives.options import ArchiveOptions, OutputForm

_MOST_NAME = 200


class JobStatus(StrEnum):
    """How far a job is."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"

    @property
    def is_unfinished(self) -> bool:
        """Whether it waits or runs."""
        return self in UNFINISHED


UNFINISHED = (JobStatus.QUEUED, JobStatus.RUNNING)


def _field_of_rows(what: str) -> str | None:
    found: str | None = Field(None, min_length=1, max_length=_MOST_NAME, description=what)
    return found


class JobRequest(BaseModel):
    """What a sender may ask of the run over an archive; the flags of `diemtin archive`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    output_format: OutputForm = Field(
        OutputForm.JSONL, description="One file of lines, Parquet, or a folder tree."
    )
    text_field: str | None = _field_of_rows("Field of a row that holds the text.")
    title_field: str | None = _field_of_rows("Its title, which goes before the text.")
    id_field: str | None = _field_of_rows("Its id, kept in the record.")
    date_field: str | None = _field_of_rows("Its date, kept in the record.")
    language_field: str | None = _field_of_rows("Its language; only Vietnamese is done.")
    html: bool = Field(False, description="Every item is HTML, whatever its name.")
    keep_diacritics: bool = Field(False, description="Keep them in names.")
    max_words: int = Field(
        DEFAULT_WORDS, ge=FEWEST_WORDS, le=MOST_WORDS, description="Most words of a summary."
    )
    style: SummaryStyle = Field(SummaryStyle.SHORT, description="Form of the summaries.")
    summary: bool = Field(True, description="Summarise too; false only translates.")

    def options(self) -> ArchiveOptions:
        """The options of the run that these ask for."""
        return ArchiveOptions(
            mapping=FieldMapping(
                text=self.text_field,
                title=self.title_field,
                id=self.id_field,
                date=self.date_field,
                language=self.language_field,
            ),
            form=self.output_format,
            html=self.html,
            keep_diacritics=self.keep_diacritics,
            summarize=SummarizeOptions(self.max_words, self.style) if self.summary else None,
        )


@dataclass(frozen=True)
class Progress:
    """How far the run over a job's archive is."""

    done: int = 0
    failed: int = 0
    total: int | None = None
    items_per_second: float = 0.0
    seconds_left: float | None = None


@dataclass(frozen=True)
class Job:
    """A job as it stood when it was read; times are in UTC.

    Args:
        id: which nobody can guess.
        status: how far it is.
        name: what the sender calls the archive.
        request: what the sender asked for.
        done: items digested.
        failed: items that were not.
        total: items there are; None until that is known.
        items_per_second: of the pass under way, or of the last one.
        seconds_left: at this pace; None where that is not known.
        created: when it was taken.
        started: when work on it began, the first time.
        finished: when it ended, however it did.
        expires: when its result is deleted; None unless it has one.
        detail: why it failed or was ended, and what to do.
        file: name of the uploaded file in the job's folder.
        result_bytes: size of its result; None until it is done.
    """

    id: str
    status: JobStatus
    name: str
    request: JobRequest
    done: int
    failed: int
    total: int | None
    items_per_second: float
    seconds_left: float | None
    created: datetime
    started: datetime | None
    finished: datetime | None
    expires: datetime | None
    detail: str | None
    file: str
    result_bytes: int | None
