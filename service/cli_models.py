"""The `models` commands: which models there are, and fetching and checking their weights."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource
from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from models.catalogue import Catalogue, ModelCard
from models.references import checkpoint_label, licence_label, licence_warning, size_of
from models.store import Verification, WeightsState, WeightsStore, default_root
from service.cli_errors import told_errors
from service.settings import Settings

_COLUMNS = (
    TextColumn("{task.description}"),
    BarColumn(),
    DownloadColumn(),
    TransferSpeedColumn(),
    TimeRemainingColumn(),
)

_MODELS_EXAMPLES = """
\b
Examples:
  diemtin models list
  diemtin models pull qwen2.5-coder-1.5b-instruct-q4_k_m
  diemtin models verify
"""
_LIST_EXAMPLES = """
\b
Examples:
  diemtin models list
  diemtin models list --json
"""
_INFO_EXAMPLES = """
\b
Examples:
  diemtin models info qwen2.5-coder-1.5b-instruct-q4_k_m
  diemtin models info VietAI/envit5-translation@main
"""
_PULL_EXAMPLES = """
\b
Examples:
  diemtin models pull qwen2.5-coder-1.5b-instruct-q4_k_m
  diemtin models pull qwen2.5-coder-1.5b-instruct-q4_k_m --from weights.gguf
  diemtin models pull vinai-translate-vi2en-v2
  diemtin models pull opus-mt-vi-en --allow-pickle
  diemtin models pull google-t5/t5-small@main
"""
_VERIFY_EXAMPLES = """
\b
Examples:
  diemtin models verify
  diemtin models verify qwen2.5-coder-1.5b-instruct-q4_k_m
"""
_PATH_EXAMPLES = """
\b
Example:
  diemtin models path qwen2.5-coder-1.5b-instruct-q4_k_m
"""


@click.group("models", epilog=_MODELS_EXAMPLES)
@click.option(
    "--models-dir",
    envvar="DIEMTIN_MODELS_DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where the weights lie.  [env: DIEMTIN_MODELS_DIR; default: the user's cache]",
)
@click.option(
    "--catalogue",
    envvar="DIEMTIN_CATALOGUE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A catalogue instead of the built-in one.  [env: DIEMTIN_CATALOGUE]",
)
@click.pass_context
def models_group(ctx: click.Context, models_dir: Path | None, catalogue: Path | None) -> None:
    """List, fetch and check the models' weights."""
    settings = ctx.find_object(Settings)  # of `diemtin`, whose flags win over the environment
    if settings and not _is_flag(ctx, "models_dir"):
        models_dir = settings.models_dir
    if settings and not _is_flag(ctx, "catalogue"):
        catalogue = settings.catalogue
    with told_errors(model_argument="NAME"):
        ctx.obj = WeightsStore(models_dir or default_root(), Catalogue.load(catalogue))


def _is_flag(ctx: click.Context, name: str) -> bool:
    return ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE


@models_group.command("list", epilog=_LIST_EXAMPLES)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list.")
@click.pass_obj
def list_models(store: WeightsStore, as_json: bool) -> None:
    """List the models of the catalogue."""
    cards = [store.catalogue.get(name) for name in store.catalogue.names]
    if as_json:
        click.echo(json.dumps([_describe(store, card) for card in cards], indent=2))
        return
    for card in cards:
        state = "present" if store.is_present(card.name) else "not fetched"
        tasks = ",".join(card.tasks)
        click.echo("\t".join([card.name, tasks, _size(card), licence_label(card), state]))


@models_group.command("info", epilog=_INFO_EXAMPLES)
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object.")
@click.pass_obj
def show_info(store: WeightsStore, name: str, as_json: bool) -> None:
    """Show what is known about model NAME: a catalogue's name, a hub id or a folder."""
    with told_errors(model_argument="NAME"):
        facts = _describe(store, store.resolve(name))
    if as_json:
        click.echo(json.dumps(facts, indent=2))
        return
    for key, value in facts.items():
        click.echo(f"{key + ':':16}{_in_words(value)}")


@models_group.command("pull", epilog=_PULL_EXAMPLES)
@click.argument("name")
@click.option(
    "--from",
    "source",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Take this file instead of fetching; its hash is checked all the same.",
)
@click.option(
    "--allow-pickle",
    is_flag=True,
    envvar="DIEMTIN_ALLOW_PICKLE",
    help="Take weights that come as a pickle, which may run code when they are loaded, where a "
    "checkpoint has no safetensors.  [env: DIEMTIN_ALLOW_PICKLE]",
)
@click.pass_context
def pull_model(ctx: click.Context, name: str, source: Path | None, allow_pickle: bool) -> None:
    """Fetch the weights of model NAME; an interrupted fetch goes on where it stopped.

    NAME is one of the catalogue, or a hub id: owner/name or owner/name@revision.
    """
    store: WeightsStore = ctx.obj
    settings = ctx.find_object(Settings)
    allow_pickle = allow_pickle or (settings is not None and settings.allow_pickle)
    with told_errors(model_argument="NAME"):
        warning = licence_warning(store.resolve(name))
    if warning:
        click.echo(f"Warning: {warning}", err=True)
    fetched = False
    with told_errors(model_argument="NAME"), _progress_display(name) as display:

        def show(done: int, total: int) -> None:
            nonlocal fetched
            fetched = True
            display(done, total)

        path = store.pull(name, show, source, allow_pickle=allow_pickle)
    if not fetched:
        click.echo(f"{name} is already there, nothing was fetched.", err=True)
    click.echo(path)


@models_group.command("verify", epilog=_VERIFY_EXAMPLES)
@click.argument("name", required=False)
@click.pass_context
def verify_models(ctx: click.Context, name: str | None) -> None:
    """Hash the weights of model NAME; exit 1 if any is not intact.

    Without NAME: of the default models and of every model that was fetched.
    """
    store: WeightsStore = ctx.obj
    names = _expected(store) if name is None else (name,)
    intact = True
    for each in names:
        with told_errors(model_argument="NAME"):
            checked = store.verify(each)
        click.echo(_verdict(checked))
        intact = intact and checked.state is WeightsState.OK
    ctx.exit(0 if intact else 1)


@models_group.command("path", epilog=_PATH_EXAMPLES)
@click.argument("name")
@click.pass_obj
def show_path(store: WeightsStore, name: str) -> None:
    """Print where the weights of model NAME lie; exit 1 if they are not there."""
    with told_errors(model_argument="NAME"):
        click.echo(store.path(name))


def _expected(store: WeightsStore) -> tuple[str, ...]:
    wanted = set(store.catalogue.defaults.values())
    return tuple(n for n in store.catalogue.names if n in wanted or store.is_present(n))


def _size(card: ModelCard) -> str:
    size = size_of(card)
    return "size unknown" if size is None else f"{size / 1e9:.2f} GB"


def _describe(store: WeightsStore, card: ModelCard) -> dict[str, Any]:
    facts = asdict(card)
    for key in ("artifact", "checkpoint"):
        del facts[key]
    defaults = store.catalogue.defaults
    default_for = [task for task, name in defaults.items() if name == card.name]
    facts |= {
        "tasks": list(card.tasks),
        "default_for": default_for,
        "scores": list(facts["scores"]),
    }
    if card.artifact:
        facts |= {"filename": card.artifact.filename, "sha256": card.artifact.sha256}
    else:
        facts |= {"checkpoint": checkpoint_label(card)}
    facts |= {"size": size_of(card), "warning": licence_warning(card)}
    return facts | {"present": store.is_present(card.name), "path": str(store.target(card.name))}


def _in_words(value: object) -> str:
    if isinstance(value, list) and value:
        return ", ".join(map(_in_words, value))
    if isinstance(value, Mapping):
        return " ".join(f"{key}={part!r}" for key, part in value.items() if part != "")
    return "-" if value is None or value in ("", []) else str(value)


def _verdict(checked: Verification) -> str:
    if checked.state is WeightsState.OK:
        remedy = str(checked.path)
    else:
        remedy = f"run: diemtin models pull {checked.model}"
    if checked.state is WeightsState.CORRUPT:
        fault = f"wrong are {', '.join(checked.damaged)}" if checked.damaged else ""
        remedy = f"{fault or f'sha256 is {checked.sha256}'}; {remedy}"
    return f"{checked.model}\t{checked.state}\t{remedy}"


@contextmanager
def _progress_display(name: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on a terminal, elsewhere one line each tenth; both on stderr."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _TenthLines(name).show
        return
    with Progress(*_COLUMNS, console=console) as bar:
        yield _Bar(bar, name).show


class _Bar:
    def __init__(self, bar: Progress, name: str) -> None:
        self._bar = bar
        self._name = name
        self._task: TaskID | None = None

    def show(self, done: int, total: int) -> None:
        if self._task is None:
            # Bytes of an earlier run are no part of this one's speed.
            self._task = self._bar.add_task(self._name, total=total, completed=done)
        self._bar.update(self._task, completed=done)


class _TenthLines:
    def __init__(self, name: str) -> None:
        self._name = name
        self._tenth = -1
        self._began = time.monotonic()

    def show(self, done: int, total: int) -> None:
        tenth = done * 10 // total
        if tenth > self._tenth:
            self._tenth = tenth
            seconds = time.monotonic() - self._began
            line = f"{self._name}: {tenth * 10}% ({done} of {total} bytes, {seconds:.0f} s)"
            click.echo(line, err=True)
