"""diemtin's own errors as the command's, without a traceback."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click

from models.errors import DiemtinError, UnknownModel

# Exit statuses of commands that do many items; click has 1 for errors and 2 for wrong calls.
EXIT_SOME_FAILED = 3
EXIT_NONE_DONE = 4


@contextmanager
def told_errors(*, model_argument: str | None = None) -> Iterator[None]:
    """Let diemtin's own errors end the command with status 1.

    With `model_argument`, an unknown model is a usage error of that argument (status 2).
    """
    try:
        yield
    except DiemtinError as error:
        if model_argument and isinstance(error, UnknownModel):
            raise click.BadParameter(str(error), param_hint=model_argument) from error
        raise click.ClickException(str(error)) from error
