"""`diemtin archive`: a whole archive, which can be stopped at any moment and goes on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from models.summarizer import (
    DEFAULT_WORDS,
    FEWEST_WORDS,
    MOST_WORDS,
    SummarizeOptions,
    SummaryStyle,
)
from service.archives.archiving import Finished, Watcher, archive_here, archive_with
from service.archives.destination import FAILURES, REPORT, NewRun
from service.archives.feeding_back import feed_back
from service.archives.limits import ArchiveLimits
from service.archives.mapping import FieldMapping
from service.archives.options import ArchiveOptions, OutputForm
from service.archives.progress import Display, choose_display
from service.archives.ray_cluster import RayOptions
from service.archives.ray_worker import ray_worker
from service.cli_errors import EXIT_NONE_DONE, EXIT_SOME_FAILED, told_errors
from service.cli_ray import ray_options, read_ray_options
from service.cli_stopping import EXIT_STOPPED, stopping
from service.runtime import Runtime
from service.settings import Settings

_MIB = 1 << 20
_STOPPING = b"\nStopping; press Ctrl-C again to stop at once.\n"
_EXAMPLES = """
\b
Examples:
  diemtin archive news/ --out digests
  diemtin archive news.zip more.jsonl.gz --out digests --text-field noi_dung
  diemtin archive 'crawl/*.warc.gz' --out digests --output-format parquet --no-summary
  diemtin archive news/ --out digests --retry-failed
  diemtin archive digests/failures.jsonl --out digests --retry-failed
  diemtin archive news/ --out digests --engine ray --ray-address auto --ray-gpus 1
"""


@click.command("archive", epilog=_EXAMPLES)
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="Folder of the output; the same command goes on where it was stopped.",
)
@click.option(
    "--output-format",
    type=click.Choice([form.value for form in OutputForm]),
    default=OutputForm.JSONL.value,
    show_default=True,
    help="One file of lines, Parquet, or a folder tree like the source's.",
)
@click.option("--text-field", metavar="NAME", help="Field of a row that holds the text.")
@click.option("--title-field", metavar="NAME", help="Its title, which goes before the text.")
@click.option("--id-field", metavar="NAME", help="Its id, kept in the record.")
@click.option("--date-field", metavar="NAME", help="Its date, kept in the record.")
@click.option("--language-field", metavar="NAME", help="Its language; only Vietnamese is done.")
@click.option("--html", is_flag=True, help="Every item is HTML, whatever its name.")
@click.option("--keep-diacritics", is_flag=True, help="Keep them in names.")
@click.option(
    "--glossary",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Your own terms: TOML, or CSV with columns source,target.",
)
@click.option(
    "--max-words",
    type=click.IntRange(FEWEST_WORDS, MOST_WORDS),
    default=DEFAULT_WORDS,
    show_default=True,
    help="Most words of a summary.",
)
@click.option(
    "--style",
    type=click.Choice([style.value for style in SummaryStyle]),
    default=SummaryStyle.SHORT.value,
    show_default=True,
    help="Form of the summaries.",
)
@click.option("--no-summary", is_flag=True, help="Only translate.")
@click.option(
    "--retry-failed",
    is_flag=True,
    help="Do again what failed before; SOURCE may be failures.jsonl.",
)
@click.option("--limit", type=click.IntRange(1), help="Only the first so many items.")
@click.option("--max-item-mib", type=click.IntRange(1), help="Refuse larger items.")
@click.option("--max-expansion", type=click.IntRange(1), help="Refuse what unpacks to more times.")
@click.option("--max-members", type=click.IntRange(1), help="Most files in one container.")
@click.option("--max-depth", type=click.IntRange(1), help="Most containers within containers.")
@ray_options
@click.option("--quiet", is_flag=True, help="Show no progress.")
@click.option("--json-progress", is_flag=True, help="Show it as JSON, one object a line.")
@click.pass_obj
def archive(settings: Settings, /, **given: Any) -> None:  # noqa: ANN401 - click's
    """Digest all items of SOURCE: folders, files, globs, or URLs of an object store.

    Reads text, HTML, ZIP, tar, gzip, Zstandard, JSONL, CSV, TSV, Parquet and WARC. Writes
    records, failures.jsonl, manifest.json and report.html to the folder of --out. Exit status
    0: all done; 3: some failed; 4: none done; 130: stopped, to go on.
    """
    if given["quiet"] and given["json_progress"]:
        raise click.UsageError("--quiet and --json-progress exclude each other.")
    wanted = read_ray_options(given)
    if given["glossary"]:
        settings = settings.model_copy(update={"glossary": given["glossary"]})
    display = choose_display(quiet=given["quiet"], as_json=given["json_progress"])
    with told_errors(), _closing(display), stopping(_STOPPING) as stop:
        watcher = Watcher(stop, display.show, lambda new: display.say(_told_new_run(new)))
        runtime = Runtime(settings)
        try:
            done = _run(runtime, given, _options(given), wanted, watcher)
        finally:
            runtime.close()
    finish(done, given["out"], quiet=given["quiet"] or given["json_progress"])


def _run(
    runtime: Runtime,
    given: dict[str, Any],
    options: ArchiveOptions,
    wanted: RayOptions | None,
    watcher: Watcher,
) -> Finished:
    sources = given["sources"]
    fed = feed_back(sources) if options.retry_failed else None
    if fed and not fed.only:
        click.echo("Nothing failed; there is nothing to try again.", err=True)
        raise SystemExit(0)
    if fed:
        sources, options = fed.sources, replace(options, only=fed.only)
    where = sources, given["out"], options
    if wanted is None:
        return archive_here(runtime, *where, watcher)
    worker = ray_worker(runtime, options, wanted, watcher.stop.is_set)
    return archive_with(worker, runtime, *where, watcher)


def _options(given: dict[str, Any]) -> ArchiveOptions:
    summarize = SummarizeOptions(given["max_words"], SummaryStyle(given["style"]))
    fields = {name: given[f"{name}_field"] for name in ("text", "title", "id", "date", "language")}
    item_mib = given["max_item_mib"]
    limits = {
        "most_item_bytes": item_mib and item_mib * _MIB,
        "most_expansion": given["max_expansion"],
        "most_members": given["max_members"],
        "most_depth": given["max_depth"],
    }
    return ArchiveOptions(
        mapping=FieldMapping(**fields),
        limits=ArchiveLimits(**{name: one for name, one in limits.items() if one is not None}),
        form=OutputForm(given["output_format"]),
        html=given["html"],
        keep_diacritics=given["keep_diacritics"],
        summarize=None if given["no_summary"] else summarize,
        retry_failed=given["retry_failed"],
        most_items=given["limit"],
    )


@contextmanager
def _closing(display: Display) -> Iterator[None]:
    try:
        yield
    finally:
        display.close()


def _told_new_run(new: NewRun) -> str:
    changed = "; ".join(new.changes)
    begun = "An earlier run with these settings goes on" if new.is_resumed else "A new run begins"
    return f"The settings changed ({changed}). {begun}; the other one now lies in {new.earlier}."


def finish(done: Finished, folder: Path, *, quiet: bool) -> None:
    """Tell how a pass ended, and end with the status that says so."""
    counts = done.result.counts
    if not quiet:
        click.echo(_told_result(done, folder), err=True)
    if done.result.stopped:
        raise SystemExit(EXIT_STOPPED)
    failed = counts.failed + counts.failed_before
    if not counts.done + counts.done_before:
        raise SystemExit(EXIT_NONE_DONE)
    if failed or done.result.lost:
        raise SystemExit(EXIT_SOME_FAILED)


def _told_result(done: Finished, folder: Path) -> str:
    counts = done.result.counts
    parts = [f"{counts.done} done"]
    if counts.done_before:
        parts.append(f"{counts.done_before} done before")
    if failed := counts.failed + counts.failed_before:
        parts.append(f"{failed} failed (see {folder / FAILURES})")
    if counts.duplicates:
        parts.append(f"{counts.duplicates} met twice")
    lines = [f"{', '.join(parts)}; {counts.seconds:.1f} s. Report: {folder / REPORT}"]
    if done.result.stopped:
        lines.append("Stopped; give the same command again to go on.")
    elif done.result.lost:
        lines.append(f"{done.result.lost} lost on the way; give the same command again for them.")
    elif counts.failed_before:
        lines.append("To try again what failed before, add --retry-failed.")
    return "\n".join(lines)
