"""Whether whoever asked is still there, known to every layer without a parameter."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar

IsGone = Callable[[], bool]


def never() -> bool:
    """Whoever asked stays: what holds where nothing else was said."""
    return False


_is_gone: ContextVar[IsGone] = ContextVar("is_gone", default=never)


@contextmanager
def cancellable(is_gone: IsGone) -> Iterator[None]:
    """Let the work of the block be dropped once `is_gone` says so; the innermost block counts.

    A thread begins without it: start one with `contextvars.copy_context().run`. A generator
    must not yield inside the block, or its consumer would be inside as well.
    """
    token = _is_gone.set(is_gone)
    try:
        yield
    finally:
        with suppress(ValueError):  # closed by another thread, where there is nothing to undo
            _is_gone.reset(token)


def current_cancellation() -> IsGone:
    """What tells whether whoever asked is gone; cheap enough for ten calls a second."""
    return _is_gone.get()
