"""What goes out over HTTP of the jobs that digest archives."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from pydantic import BaseModel, Field

from service.archives.runner import RATE_DIGITS
from service.jobs.records import Job, JobStatus


class JobOut(BaseModel):
    """A job; times are in UTC."""

    id: str = Field(description="The job's own; nobody can guess it, and who has it has the job.")
    status: JobStatus = Field(
        description="“queued”: it waits; “running”: it is worked on; “done”: its result can be "
        "fetched, some items may have failed; “failed”: it ended early, `detail` says why; "
        "“cancelled”: it was deleted; “expired”: its result was deleted."
    )
    done: int = Field(description="Items digested.")
    failed: int = Field(description="Items that were not; `failures.jsonl` says why.")
    total: int | None = Field(description="Items there are; null until they are counted.")
    items_per_second: float = Field(description="Of this run, or of its last part.")
    seconds_left: float | None = Field(description="At this pace; null where it is not known.")
    created: datetime = Field(description="When the archive had come.")
    started: datetime | None = Field(description="When work on it began.")
    finished: datetime | None = Field(description="When it ended, however it did.")
    expires: datetime | None = Field(description="When its result is deleted.")
    detail: str | None = Field(description="Why it ended as it did, and what to do.")
    result: str | None = Field(description="Address of its result, once it is done.")

    @classmethod
    def of(cls, job: Job, address: str) -> Self:
        """The job as it goes out; `address` is the job's own."""
        left = job.seconds_left
        return cls(
            id=job.id,
            status=job.status,
            done=job.done,
            failed=job.failed,
            total=job.total,
            items_per_second=round(job.items_per_second, RATE_DIGITS),
            seconds_left=None if left is None else round(left, 1),
            created=job.created,
            started=job.started,
            finished=job.finished,
            expires=job.expires,
            detail=job.detail,
            result=f"{address}/result" if job.status is JobStatus.DONE else None,
        )
