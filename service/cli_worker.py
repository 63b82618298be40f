"""`diemtin worker`: works on the archives that a service takes, beside it or far from it."""

from __future__ import annotations

import click

from service.cli_errors import told_errors
from service.cli_logging import start_logging
from service.cli_stopping import stopping
from service.runtime import Runtime
from service.settings import Settings

_EXAMPLES = """
\b
Examples:
  DIEMTIN_QUEUE=redis://127.0.0.1:6379/0 diemtin worker
  DIEMTIN_QUEUE=redis://queue.example:6379/0 DIEMTIN_STATE_DIR=/srv/diemtin diemtin worker
"""


@click.command("worker", epilog=_EXAMPLES)
@click.option(
    "--threads",
    type=click.IntRange(1, 64),
    help="Jobs at a time; DIEMTIN_JOB_WORKERS unless given.",
)
@click.pass_obj
def worker(settings: Settings, threads: int | None) -> None:
    """Work on archives that were sent over HTTP, as they come.

    The service and its workers share DIEMTIN_QUEUE, the URL of a Redis, and the folder
    DIEMTIN_STATE_DIR. Each worker loads models of its own. The first Ctrl-C or SIGTERM stops it
    at the next item, the second at once; either way the job goes on with another worker.
    """
    from service.jobs.jobs import Jobs  # SQLAlchemy is slow to import

    start_logging(settings.log_level)
    if threads:
        settings = settings.model_copy(update={"job_workers": threads})
    with told_errors(), stopping() as stop:
        runtime = Runtime(settings)
        try:
            Jobs(settings, runtime).work_until(stop)
        finally:
            runtime.close()
