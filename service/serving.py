"""The service under gunicorn: one worker process, many threads, one copy of the weights."""

from __future__ import annotations

import json
import socket
import time
from threading import Thread
from typing import Any

import click
from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter

from models.errors import BadConfig
from service.admission import THREADS
from service.api import EXTENSION
from service.app import create_app
from service.job_api import JOB_THREADS, JOBS, STOPPING
from service.settings import Settings

ENDING = "diemtin-jobs-ending"
_LOOK_S = 0.2

SAMPLE = "(GLO)- Sáng 5-6, UBND tỉnh Gia Lai họp bàn về thu hút đầu tư vào khu công nghiệp."


class GunicornService(BaseApplication):  # type: ignore[misc] # gunicorn ships no types
    """gunicorn with its options given in code, so that no file is read."""

    def __init__(self, settings: Settings, options: dict[str, Any]) -> None:
        """Keep both for gunicorn, which asks for them."""
        self._settings = settings
        self._options = options
        super().__init__()

    def load_config(self) -> None:
        """Set the options."""
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:  # noqa: ANN401 - a WSGI application
        """Return the application, in the worker process."""
        return create_app(self._settings)


def serve(settings: Settings, host: str, port: int) -> None:
    """Serve until a signal stops it; requests under way are finished first.

    Raises:
        BadConfig: nobody can listen at this address, or somebody does already.
    """
    _check_address(host, port)
    GunicornService(settings, _options(settings, host, port)).run()


def _check_address(host: str, port: int) -> None:
    """Fail at once: gunicorn would try for five seconds, and then say less."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise BadConfig(
            f"Cannot listen on {_quoted(host)}:{port}: {error.strerror}. "
            "Choose another address or port with --host and --port."
        ) from error


def _quoted(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _options(settings: Settings, host: str, port: int) -> dict[str, Any]:
    return {
        "bind": f"{_quoted(host)}:{port}",
        "workers": 1,  # each worker would hold weights of its own
        "worker_class": "gthread",
        "threads": THREADS + JOB_THREADS,
        "timeout": 0,  # a long item takes minutes; the thread pool keeps answering meanwhile
        "graceful_timeout": 120,
        "proc_name": "diemtin",
        "control_socket_disable": True,
        "loglevel": settings.log_level,
        "when_ready": _announce,
        "post_worker_init": _tell_stopping,
        "worker_exit": _close,
    }


def _tell_stopping(worker: Any) -> None:  # noqa: ANN401 - gunicorn ships no types
    """Let streams and jobs end when the worker is told to: it waits for requests under way."""
    extensions = worker.app.callable.extensions
    extensions[STOPPING] = lambda: not worker.alive
    extensions[ENDING] = ending = Thread(target=_end_jobs, args=(worker,), daemon=True)
    ending.start()


def _end_jobs(worker: Any) -> None:  # noqa: ANN401 - gunicorn ships no types
    """Not left to the worker's exit: a request may last until the time for an orderly one is up."""
    while worker.alive:
        time.sleep(_LOOK_S)
    worker.app.callable.extensions[JOBS].close()


def _close(_arbiter: Arbiter, worker: Any) -> None:  # noqa: ANN401 - gunicorn ships no types
    """Wait for the jobs' end, write down what the memory holds back, free the engines."""
    app = worker.app.callable
    if app is not None:  # it may have failed to start
        worker.alive = False  # it still is where its parent died
        if ending := app.extensions.get(ENDING):
            ending.join()
        app.extensions[EXTENSION].close()


def _announce(arbiter: Arbiter) -> None:
    host, port = arbiter.LISTENERS[0].sock.getsockname()[:2]
    address = f"http://{_quoted(host)}:{port}"
    body = json.dumps({"text": SAMPLE}, ensure_ascii=False)
    click.echo(f"Web page:  {address}/")
    click.echo(
        f"Try it:    curl -sS --retry 20 {address}/v1/digest "  # it may still be loading
        f"-H 'Content-Type: application/json' -d '{body}'"
    )
