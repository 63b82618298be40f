"""The `diemtin` command."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import click

from models.engine_choice import check_loadable
from models.summarizer import (
    DEFAULT_WORDS,
    FEWEST_WORDS,
    MOST_WORDS,
    SummarizeOptions,
    SummaryStyle,
)
from models.translator import TranslateOptions
from service.cli_archive import archive
from service.cli_bench import bench_group
from service.cli_digests import OptionsOf, digest_files
from service.cli_errors import EXIT_NONE_DONE, EXIT_SOME_FAILED, told_errors
from service.cli_eval import evaluate
from service.cli_logging import start_logging
from service.cli_models import models_group
from service.cli_text import FORMS, render_item, render_named_item
from service.cli_worker import worker
from service.pipeline import Digest, DigestOptions, TextFormat
from service.place_tables import PLACE_RENDERERS
from service.runtime import Runtime
from service.schemas import DigestOut
from service.settings import Settings, load_settings
from service.term_tables import TERM_RENDERERS

HTML_SUFFIXES = {".html", ".htm", ".xhtml"}

Command = Callable[..., Any]
Renderers = Mapping[str, Callable[[DigestOut], str]]

_EXAMPLES = """
\b
Examples:
  diemtin digest item.txt
  diemtin serve
  diemtin models list
"""
_DIGEST_EXAMPLES = """
\b
Examples:
  diemtin digest item.txt
  diemtin digest --format markdown --style bullets item.txt > item.md
  cat item.txt | diemtin digest --max-words 40
"""
_TRANSLATE_EXAMPLES = """
\b
Examples:
  diemtin translate item.txt
  diemtin translate --format json --glossary terms.csv item.txt
  diemtin translate --glossary terms.csv --terms --places item.txt
  echo 'UBND tỉnh Gia Lai họp sáng 5-6.' | diemtin translate
"""
_SUMMARIZE_EXAMPLES = """
\b
Examples:
  diemtin summarize item.txt
  diemtin summarize --style sentence --max-words 30 item.txt
"""
_SERVE_EXAMPLES = """
\b
Examples:
  diemtin serve
  diemtin serve --host 0.0.0.0 --port 9000
"""


@click.group(epilog=_EXAMPLES, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(version("diemtin"), prog_name="diemtin")
@click.option("-v", "--verbose", count=True, help="Tell more on stderr; twice for everything.")
@click.option("--models-dir", type=click.Path(file_okay=False, path_type=Path), help="Weights.")
@click.option(
    "--translator",
    metavar="MODEL",
    help="Model that translates: a catalogue name, owner/name[@revision] of the hub, or a folder.",
)
@click.option("--summarizer", metavar="MODEL", help="Model that summarises, named alike.")
@click.option("--engine", type=click.Choice(["auto", "transformers", "ctranslate2"]))
@click.option("--device", type=click.Choice(["auto", "cpu", "cuda"]))
@click.option(
    "--allow-pickle/--no-pickle",
    default=None,
    help="Load checkpoints that come as pickles, which may hold code.",
)
@click.option("--memory", metavar="WHERE", help="Translation memory: on, off, a file or a URL.")
@click.pass_context
def main(context: click.Context, /, verbose: int, **flags: object) -> None:
    """English digests of Vietnamese provincial news."""
    level = "debug" if verbose > 1 else "info" if verbose else None
    with told_errors():
        context.obj = load_settings(log_level=level, **flags)
    start_logging(context.obj.log_level if verbose else "warning")


_glossary_option = click.option(
    "--glossary",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Your own terms: TOML, or CSV with columns source,target.",
)


def _text_options(command: Command) -> Command:
    for option in reversed(
        (
            click.argument("files", nargs=-1, type=click.Path(allow_dash=True, path_type=Path)),
            click.option("--html", is_flag=True, help="The input is HTML, whatever its name."),
            click.option("--keep-diacritics", is_flag=True, help="Keep them in names."),
            _glossary_option,
            click.option(
                "--format",
                "output",
                type=click.Choice(FORMS),
                default="text",
                show_default=True,
                help="Form of the result; for several files, json is one line a file.",
            ),
        )
    ):
        command = option(command)
    return command


def _table_options(command: Command) -> Command:
    terms = click.option(
        "--terms", is_flag=True, help="Add a table of the terms found; json has them anyway."
    )
    places = click.option(
        "--places", is_flag=True, help="Add a list of the places named; json has them anyway."
    )
    return terms(places(command))


def _summary_options(command: Command) -> Command:
    words = click.option(
        "--max-words",
        type=click.IntRange(FEWEST_WORDS, MOST_WORDS),
        default=DEFAULT_WORDS,
        show_default=True,
        help="Most words of the summary.",
    )
    style = click.option(
        "--style",
        type=click.Choice([style.value for style in SummaryStyle]),
        default=SummaryStyle.SHORT.value,
        show_default=True,
        help="Form of the summary.",
    )
    return words(style(command))


@main.command(epilog=_DIGEST_EXAMPLES)
@_text_options
@_table_options
@_summary_options
@click.pass_obj
def digest(settings: Settings, /, max_words: int, style: str, **given: Any) -> None:  # noqa: ANN401 - click's
    """Translate and summarise FILES, or standard input."""
    options = SummarizeOptions(max_words, SummaryStyle(style))
    _run(settings, options, **given)


@main.command(epilog=_TRANSLATE_EXAMPLES)
@_text_options
@_table_options
@click.pass_obj
def translate(settings: Settings, /, **given: Any) -> None:  # noqa: ANN401 - click's
    """Translate FILES, or standard input."""
    _run(settings, SummarizeOptions(), with_summary=False, **given)


@main.command(epilog=_SUMMARIZE_EXAMPLES)
@_text_options
@_summary_options
@click.pass_obj
def summarize(settings: Settings, /, max_words: int, style: str, **given: Any) -> None:  # noqa: ANN401 - click's
    """Summarise FILES, or standard input, in English."""
    options = SummarizeOptions(max_words, SummaryStyle(style))
    _run(settings, options, summary_only=True, **given)


@main.command(epilog=_SERVE_EXAMPLES)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=8080, show_default=True)
@_glossary_option
@click.pass_obj
def serve(settings: Settings, host: str, port: int, glossary: Path | None) -> None:
    """Serve the web page and the HTTP interface."""
    from service.serving import serve as serve_http  # gunicorn is for this command alone

    start_logging(settings.log_level)
    settings = _with_glossary(settings, glossary)
    with told_errors():
        runtime = Runtime(settings)
        for name in {runtime.translator, runtime.summarizer}:
            runtime.store.path(name)
            check_loadable(runtime.store.resolve(name), settings.engine_settings())
        serve_http(settings, host, port)


main.add_command(models_group)
main.add_command(bench_group)
main.add_command(evaluate)
main.add_command(archive)
main.add_command(worker)


def _with_glossary(settings: Settings, glossary: Path | None) -> Settings:
    return settings.model_copy(update={"glossary": glossary}) if glossary else settings


def _run(
    settings: Settings,
    summarize_options: SummarizeOptions,
    *,
    files: tuple[Path, ...],
    html: bool,
    keep_diacritics: bool,
    glossary: Path | None,
    output: str,
    with_summary: bool = True,
    summary_only: bool = False,
    terms: bool = False,
    places: bool = False,
) -> None:
    with told_errors():
        runtime = Runtime(_with_glossary(settings, glossary))
        digester = runtime.load()
    failed = 0
    sources = files or (Path("-"),)
    wanted = ((places, PLACE_RENDERERS), (terms, TERM_RENDERERS))
    tables = [renderers for is_wanted, renderers in wanted if is_wanted]
    options_of = _options_of(html, keep_diacritics, summarize_options)
    try:
        for outcome in digest_files(digester, sources, options_of, with_summary=with_summary):
            if outcome.digest is None:
                click.echo(f"Error: {outcome.path}: {outcome.error}", err=True)
                failed += 1
                continue
            path = outcome.path if len(sources) > 1 else None
            _echo_item(outcome.digest, output, path, summary_only=summary_only)
            _echo_tables(outcome.digest, output, tables)
    finally:
        runtime.close()
    if failed:
        raise SystemExit(_exit_status(failed, len(sources)))


def _options_of(html: bool, keep_diacritics: bool, summarize: SummarizeOptions) -> OptionsOf:
    def options_of(path: Path) -> DigestOptions:
        is_html = html or path.suffix.lower() in HTML_SUFFIXES
        return DigestOptions(
            format=TextFormat.HTML if is_html else TextFormat.TEXT,
            translate=TranslateOptions(keep_diacritics),
            summarize=summarize,
        )

    return options_of


def _echo_item(done: Digest, form: str, path: Path | None, *, summary_only: bool) -> None:
    if path is None:
        click.echo(render_item(done, form, summary_only=summary_only))
    else:
        click.echo(render_named_item(done, form, path, summary_only=summary_only))


def _echo_tables(done: Digest, form: str, tables: Sequence[Renderers]) -> None:
    told = [renderers[form](DigestOut.of(done)) for renderers in tables if form in renderers]
    if told:
        click.echo("\n{}\n".format("\n\n".join(told)))


def _exit_status(failed: int, total: int) -> int:
    if total == 1:
        return 1
    return EXIT_NONE_DONE if failed == total else EXIT_SOME_FAILED
