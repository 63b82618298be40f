"""Digests of files for the command line: in order, several at a time where that is faster."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Event

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from models.cancellation import cancellable
from models.errors import DiemtinError
from service.cli_text import read_text
from service.pipeline import Digest, DigestDone, Digester, DigestOptions, ElementDone, ItemParsed

FILES_AT_ONCE = 8

OptionsOf = Callable[[Path], DigestOptions]


@dataclass(frozen=True)
class Outcome:
    """What became of one file: its digest, or what went wrong."""

    path: Path
    digest: Digest | None = None
    error: Exception | None = None


def digest_files(
    digester: Digester, paths: Sequence[Path], options_of: OptionsOf, *, with_summary: bool
) -> Iterator[Outcome]:
    """Yield an outcome a file, in order.

    An engine that takes batches gets the segments of several files together.
    """

    def digest_one(path: Path, show: bool) -> Outcome:
        try:
            text = read_text(path)
            return Outcome(path, _digest_text(digester, text, options_of(path), with_summary, show))
        except (DiemtinError, OSError) as error:
            return Outcome(path, error=error)

    if len(paths) == 1 or not digester.takes_batches:
        yield from (digest_one(path, True) for path in paths)
        return
    stopped = Event()

    def digest_unless_stopped(path: Path) -> Outcome:
        with cancellable(stopped.is_set):
            return digest_one(path, False)

    pool = ThreadPoolExecutor(FILES_AT_ONCE)
    waiting: deque[Future[Outcome]] = deque()
    try:
        for path in paths:
            waiting.append(pool.submit(digest_unless_stopped, path))
            if len(waiting) >= 2 * FILES_AT_ONCE:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        stopped.set()  # whoever interrupts the command does not wait for sixteen files
        pool.shutdown(cancel_futures=True)


def _digest_text(
    digester: Digester, text: str, options: DigestOptions, with_summary: bool, show: bool
) -> Digest:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    console = Console(stderr=True)
    with Progress(
        *columns, console=console, transient=True, disable=not (show and console.is_terminal)
    ) as progress:
        task = progress.add_task("Translating", total=None)
        for event in digester.stream(text, options, with_summary=with_summary):
            match event:
                case ItemParsed(article):
                    progress.update(task, total=len(article.visible) + with_summary)
                case ElementDone():
                    progress.advance(task)
                case DigestDone(done):
                    return done
    raise RuntimeError("a digest ended without its last event")
