"""The queue that tells workers of jobs: huey, on SQLite or on Redis.

It holds nothing but ids. What it loses is found again in the store, and what it says twice or
too late does no harm: the store decides who works on a job.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from huey import Huey
from huey.exceptions import ConfigurationError
from huey.registry import Message
from huey.serializer import Serializer
from huey.storage import RedisStorage, SqliteStorage

from models.errors import BadConfig, MissingDependency
from service.jobs.faults import QueueDown
from service.jobs.uploads import told_file_errors
from service.settings import Settings

FILE = "queue.sqlite3"

_NAME = "diemtin"
_TASK = "run_job"
_CONNECT_S, _ANSWER_S = 2, 10


class PlainSerializer(Serializer):  # type: ignore[misc] # huey ships no types
    """Tasks as JSON: what others may write into a queue must not be run as a pickle would be."""

    def _serialize(self, data: Message) -> bytes:
        return json.dumps({"id": data.id, "name": data.name, "args": data.args}).encode()

    def _deserialize(self, data: bytes) -> Message:
        found = json.loads(bytes(data))
        [job_id] = found["args"]
        return Message(str(found["id"]), str(found["name"]), args=(str(job_id),), kwargs={})


class JobQueue:
    """A queue of job ids, and huey's own object, which a consumer needs."""

    def __init__(self, settings: Settings, run: Callable[[str], None]) -> None:
        """Open it; `run` is what is done with an id.

        Raises:
            QueueDown: the file of the queue cannot be used.
            StateUnusable: its folder cannot be.
            BadConfig: the URL is malformed.
            MissingDependency: the client of Redis is not installed.
        """
        self.huey = open_queue(settings)
        self._task = self.huey.task(name=_TASK)(run)

    def put(self, job_id: str) -> None:
        """Tell of a job.

        Raises:
            QueueDown: the queue cannot be reached.
        """
        try:
            self._task(job_id)
        except Exception as error:  # each storage raises errors of its own library
            raise _down(error) from error

    def check(self) -> None:
        """Return if the queue can be reached.

        Raises:
            QueueDown: it cannot be.
        """
        self._ask(self.huey.storage.queue_size)

    def ids(self) -> set[str]:
        """The jobs that it tells of.

        Raises:
            QueueDown: it cannot be reached.
        """
        found = set()
        for data in self._ask(self.huey.storage.enqueued_items):
            with suppress(ValueError, LookupError, TypeError):  # somebody else's
                found.add(self.huey.serializer.deserialize(data).args[0])
        return found

    def clear(self) -> None:
        """Forget everything that it tells of.

        Raises:
            QueueDown: it cannot be reached.
        """
        self._ask(self.huey.storage.flush_queue)

    def close(self) -> None:
        """Close its connections."""
        storage = self.huey.storage
        if isinstance(storage, RedisStorage):
            storage.pool.disconnect()
        else:
            storage.close()

    def _ask(self, question: Callable[[], Any]) -> Any:  # noqa: ANN401 - huey ships no types
        try:
            return question()
        except Exception as error:
            raise _down(error) from error


def open_queue(settings: Settings) -> Huey:
    """Return huey on the storage that the settings name.

    Raises:
        QueueDown: the file of the queue cannot be used.
        StateUnusable: its folder cannot be.
        BadConfig: the URL is malformed.
        MissingDependency: the client of Redis is not installed.
    """
    given = {"results": False, "serializer": PlainSerializer()}
    if settings.queue:
        return Huey(_NAME, storage_class=RedisStorage, **given, **_redis(settings.queue))
    with told_file_errors():
        settings.state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = settings.state_dir / FILE
    try:
        return Huey(_NAME, storage_class=SqliteStorage, filename=str(path), **given)
    except Exception as error:
        raise _down(error) from error


def _redis(url: str) -> dict[str, Any]:
    try:
        from redis import ConnectionPool
        from redis.backoff import NoBackoff
        from redis.retry import Retry
    except ImportError as error:
        raise MissingDependency(
            "The queue needs the client of Redis; install it with: pip install 'diemtin[redis]', "
            "or leave DIEMTIN_QUEUE empty."
        ) from error
    try:
        pool = ConnectionPool.from_url(
            url,
            socket_connect_timeout=_CONNECT_S,
            socket_timeout=_ANSWER_S,
            retry=Retry(NoBackoff(), 1),  # of a connection that was idle too long
        )
        return {"connection_pool": pool}
    except (ValueError, ConfigurationError) as error:
        raise BadConfig(
            "DIEMTIN_QUEUE is malformed; write it as redis://HOST:PORT/DATABASE."
        ) from error


def _down(error: Exception) -> QueueDown:
    return QueueDown(f"The queue of jobs cannot be reached ({type(error).__name__}).")
