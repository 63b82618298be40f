"""The table of the jobs, in an SQLite file or in PostgreSQL; every change is one statement."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from models.errors import BadConfig, MissingDependency
from models.memory_file import DatabaseFile, open_file_engine
from service.jobs.faults import StateUnusable, UnknownJob
from service.jobs.notices import Notices
from service.jobs.records import UNFINISHED, Job, JobRequest, JobStatus, Progress

_PATIENCE_S = 10.0
_PG_PATIENCE_MS = 10_000

# Another shape of the table is another version, and so another table.
_JOBS = sa.Table(
    "diemtin_jobs_v1",
    sa.MetaData(),
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("status", sa.String(16), nullable=False, index=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("file", sa.Text, nullable=False),
    sa.Column("request", sa.Text, nullable=False),
    sa.Column("done", sa.BigInteger, nullable=False, default=0),
    sa.Column("failed", sa.BigInteger, nullable=False, default=0),
    sa.Column("total", sa.BigInteger),
    sa.Column("items_per_second", sa.Double, nullable=False, default=0.0),
    sa.Column("seconds_left", sa.Double),
    sa.Column("created", sa.Double, nullable=False),  # all times in seconds since the epoch
    sa.Column("started", sa.Double),
    sa.Column("finished", sa.Double),
    sa.Column("expires", sa.Double),
    sa.Column("detail", sa.Text),
    sa.Column("result_bytes", sa.BigInteger),
    sa.Column("owner", sa.Text),
    sa.Column("beat", sa.Double),
    sa.Column("crashes", sa.Integer, nullable=False, default=0),  # in a row, without an item
)
_C = _JOBS.c


@dataclass(frozen=True)
class Held:
    """A job that somebody works on, or did when last heard of."""

    id: str
    owner: str
    beat: float
    crashes: int


class JobStore:
    """What is known of the jobs; safe with many threads, and processes, on one database."""

    def __init__(
        self, database: str, default_file: Path, clock: Callable[[], float] = time.time
    ) -> None:
        """Nothing is opened or created until the first use.

        Args:
            database: its URL; empty for the file.
            default_file: used where no URL is given.
            clock: seconds since the epoch.

        Raises:
            BadConfig: the URL is malformed.
            MissingDependency: the package that speaks to the database is not installed.
        """
        self._clock = clock
        self._url = _read_url(database, default_file)
        is_file = self._url.get_backend_name() == "sqlite"
        self._file = DatabaseFile(Path(self._url.database or "")) if is_file else None
        self._engine = _open_file(self._url) if is_file else _open_server(self._url)
        self._notices, self._lock = Notices(), Lock()
        self._is_ready = False

    def add(self, job_id: str, name: str, file: str, request: JobRequest) -> Job:
        """Take a job, which waits."""
        values = {"name": name, "file": file, "request": request.model_dump_json()}
        self._change(
            sa.insert(_JOBS).values(
                id=job_id, status=JobStatus.QUEUED, created=self._clock(), **values
            )
        )
        return self.get(job_id)

    def get(self, job_id: str) -> Job:
        """Return a job as it stands.

        Raises:
            UnknownJob: there is none of this id, or not any more.
        """
        rows = self._read(sa.select(_JOBS).where(_C.id == job_id))
        if not rows:
            raise UnknownJob(
                "There is no job of this id, or it is long over. Send the archive again."
            )
        return _job(rows[0])

    def waiting(self) -> list[str]:
        """The jobs that nobody works on yet, the oldest first."""
        query = sa.select(_C.id).where(_C.status == JobStatus.QUEUED).order_by(_C.created)
        return [row.id for row in self._read(query)]

    def held(self) -> list[Held]:
        """The jobs that somebody works on, or did."""
        query = sa.select(_C.id, _C.owner, _C.beat, _C.crashes)
        rows = self._read(query.where(_C.status == JobStatus.RUNNING))
        return [Held(row.id, row.owner, row.beat, row.crashes) for row in rows]

    def claim(self, job_id: str, owner: str) -> Job | None:
        """Make a waiting job the owner's; None where another was first or it was cancelled."""
        now = self._clock()
        started = sa.func.coalesce(_C.started, now)
        change = sa.update(_JOBS).where(_C.id == job_id, _C.status == JobStatus.QUEUED)
        values = {"status": JobStatus.RUNNING, "owner": owner, "beat": now, "started": started}
        return self.get(job_id) if self._change(change.values(**values)) else None

    def beat(self, job_id: str, owner: str, progress: Progress | None) -> bool:
        """Tell that the owner lives and how far it came; say whether the job still is its own."""
        values: dict[str, Any] = {"beat": self._clock()}
        if progress:
            values |= asdict(progress) | {"crashes": 0}
        return self._change(_held_by(job_id, owner).values(**values))

    def release(self, job_id: str, owner: str, *, crashed: bool = False) -> bool:
        """Let a job wait again, because its owner stops or was found dead."""
        values = {"status": JobStatus.QUEUED, "owner": None, "beat": None}
        more = {"crashes": _C.crashes + 1} if crashed else {}
        return self._change(_held_by(job_id, owner).values(**values, **more))

    def finish(
        self,
        job_id: str,
        owner: str,
        status: JobStatus,
        detail: str | None,
        progress: Progress | None = None,
        *,
        keep_s: float | None = None,
        result_bytes: int | None = None,
    ) -> bool:
        """Let a job end; False where it is not the owner's any more."""
        now = self._clock()
        values: dict[str, Any] = {"status": status, "detail": detail, "finished": now}
        values |= {"owner": None, "beat": None, "seconds_left": None, "result_bytes": result_bytes}
        if keep_s is not None:
            values["expires"] = now + keep_s
        if progress:
            values |= asdict(progress) | {"seconds_left": None}
        return self._change(_held_by(job_id, owner).values(**values))

    def cancel(self, job_id: str, detail: str) -> bool:
        """End what waits or runs; False where it is over."""
        change = sa.update(_JOBS).where(_C.id == job_id, _C.status.in_(UNFINISHED))
        values = {"status": JobStatus.CANCELLED, "detail": detail, "finished": self._clock()}
        return self._change(change.values(**values, seconds_left=None, owner=None))

    def expire(self, job_id: str, detail: str) -> bool:
        """Let a result be gone; False where there is none."""
        change = sa.update(_JOBS).where(_C.id == job_id, _C.status == JobStatus.DONE)
        return self._change(change.values(status=JobStatus.EXPIRED, detail=detail))

    def due(self) -> list[str]:
        """The jobs whose results are to be deleted now."""
        query = sa.select(_C.id).where(_C.status == JobStatus.DONE, _C.expires <= self._clock())
        return [row.id for row in self._read(query)]

    def drop(self, job_id: str) -> bool:
        """Forget a job that waits; False where somebody took it."""
        return self._change(sa.delete(_JOBS).where(_C.id == job_id, _C.status == JobStatus.QUEUED))

    def forget(self, before_s: float) -> None:
        """Forget the jobs without a result that ended longer ago than that."""
        over = (JobStatus.EXPIRED, JobStatus.CANCELLED, JobStatus.FAILED)
        last = sa.func.coalesce(_C.expires, _C.finished)
        self._change(sa.delete(_JOBS).where(_C.status.in_(over), last < self._clock() - before_s))

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    def _change(self, statement: sa.Insert | sa.Update | sa.Delete) -> bool:
        with self._opened() as connection:
            return bool(connection.execute(statement).rowcount)

    def _read(self, query: sa.Select[Any]) -> Sequence[sa.Row[Any]]:
        with self._opened() as connection:
            return connection.execute(query).all()

    @contextmanager
    def _opened(self) -> Iterator[sa.Connection]:
        try:
            self._make_ready()
            with self._engine.connect() as connection:
                yield connection
        except (SQLAlchemyError, OSError) as error:
            label = self._url.render_as_string(hide_password=True)
            reason = type(getattr(error, "orig", None) or error).__name__
            self._notices.begin(
                "database", "database of the jobs unusable", database=label, error=reason
            )
            raise StateUnusable(
                f"The database of the jobs cannot be used ({reason}). Try again in a minute; "
                "whoever runs the service should look at it."
            ) from error
        self._notices.end("database", "database of the jobs usable again")

    def _make_ready(self) -> None:
        with self._lock:
            if self._is_ready:
                return
            if self._file:
                with self._file.prepared():
                    _JOBS.metadata.create_all(self._engine)
            else:
                _create_beside_others(self._engine)
            self._is_ready = True


def _held_by(job_id: str, owner: str) -> sa.Update:
    return sa.update(_JOBS).where(
        _C.id == job_id, _C.status == JobStatus.RUNNING, _C.owner == owner
    )


def _job(row: sa.Row[Any]) -> Job:
    values = {name: row._mapping[name] for name in Job.__dataclass_fields__}
    for name in ("created", "started", "finished", "expires"):
        if values[name] is not None:
            values[name] = datetime.fromtimestamp(values[name], UTC)
    request = JobRequest.model_validate_json(values["request"])
    return Job(**values | {"status": JobStatus(values["status"]), "request": request})


def _read_url(database: str, default_file: Path) -> sa.URL:
    if not database:
        return sa.URL.create("sqlite", database=str(default_file.absolute()))
    try:
        url = sa.make_url(database)
    except (SQLAlchemyError, ValueError) as error:
        raise BadConfig("DIEMTIN_DATABASE is no URL of a database that can be read.") from error
    if url.get_backend_name() == "postgresql":
        return url.set(drivername="postgresql+psycopg")
    if not url.database or url.database.startswith((":", "file:")):
        raise BadConfig("DIEMTIN_DATABASE needs a file; give sqlite:///FILE or leave it empty.")
    return url


def _open_file(url: sa.URL) -> sa.Engine:
    engine = open_file_engine(url, _PATIENCE_S)

    def set_up(connection: Any, _record: object) -> None:  # noqa: ANN401 - sqlite3's
        # A job that was taken must outlast a power cut.
        connection.execute("PRAGMA synchronous = FULL").close()

    sa.event.listen(engine, "connect", set_up)
    return engine


def _open_server(url: sa.URL) -> sa.Engine:
    given = {"connect_timeout": 5, "options": f"-c statement_timeout={_PG_PATIENCE_MS}"}
    try:
        return sa.create_engine(
            url,
            connect_args=given | dict(url.query),
            isolation_level="AUTOCOMMIT",
            hide_parameters=True,
            max_overflow=-1,
            pool_pre_ping=True,
        )
    except ImportError as error:
        raise MissingDependency(
            "To keep the jobs in PostgreSQL, install its driver with: "
            "pip install 'diemtin[postgres]', or leave DIEMTIN_DATABASE empty."
        ) from error


def _create_beside_others(engine: sa.Engine) -> None:
    """Create the table, unless another process does so at the same time."""
    try:
        _JOBS.metadata.create_all(engine)
    except SQLAlchemyError:
        if not sa.inspect(engine).has_table(_JOBS.name):
            raise
