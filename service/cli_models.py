"""The `models` commands: which models there are, and fetching and checking their weights."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
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
Example:
  diemtin models info qwen2.5-coder-1.5b-instruct-q4_k_m
"""
_PULL_EXAMPLES = """
\b
Examples:
  diemtin models pull qwen2.5-coder-1.5b-instruct-q4_k_m
  diemtin models pull qwen2.5-coder-1.5b-instruct-q4_k_m --from weights.gguf
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
        tasks, size = ",".join(card.tasks), f"{card.artifact.size / 1e9:.2f} GB"
        click.echo("\t".join([card.name, tasks, size, card.licence, state]))


@models_group.command("info", epilog=_INFO_EXAMPLES)
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object.")
@click.pass_obj
def show_info(store: WeightsStore, name: str, as_json: bool) -> None:
    """Show what the catalogue says about model NAME."""
    with told_errors(model_argument="NAME"):
        facts = _describe(store, store.catalogue.get(name))
    if as_json:
        click.echo(json.dumps(facts, indent=2))
        return
    for key, value in facts.items():
        shown = ", ".join(value) if isinstance(value, list) else value
        click.echo(f"{key + ':':16}{shown}")


@models_group.command("pull", epilog=_PULL_EXAMPLES)
@click.argument("name")
@click.option(
    "--from",
    "source",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Take this file instead of fetching; its hash is checked all the same.",
)
@click.pass_obj
def pull_model(store: WeightsStore, name: str, source: Path | None) -> None:
    """Fetch the weights of model NAME; an interrupted fetch goes on where it stopped."""
    fetched = False
    with told_errors(model_argument="NAME"), _progress_display(name) as display:

        def show(done: int, total: int) -> None:
            nonlocal fetched
            fetched = True
            display(done, total)

        path = store.pull(name, show, source)
    if not fetched:
        click.echo(f"{name} is already there, nothing was fetched.", err=True)
    click.echo(path)


@models_group.command("verify", epilog=_VERIFY_EXAMPLES)
@click.argument("name", required=False)
@click.pass_context
def verify_models(ctx: click.Context, name: str | None) -> None:
    """Hash the weights of model NAME, or of every model; exit 1 if any is not intact."""
    store: WeightsStore = ctx.obj
    names = store.catalogue.names if name is None else (name,)
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


def _describe(store: WeightsStore, card: ModelCard) -> dict[str, Any]:
    facts = asdict(card)
    artifact = facts.pop("artifact")
    defaults = store.catalogue.defaults
    default_for = [task for task, name in defaults.items() if name == card.name]
    facts |= {"tasks": list(card.tasks), "default_for": default_for}
    facts |= {key: artifact[key] for key in ("filename", "size", "sha256")}
    return facts | {"present": store.is_present(card.name), "path": str(store.target(card.name))}


def _verdict(checked: Verification) -> str:
    if checked.state is WeightsState.CORRUPT:
        remedy = f"sha256 is {checked.sha256}; run: diemtin models pull {checked.model}"
    elif checked.state is WeightsState.MISSING:
        remedy = f"run: diemtin models pull {checked.model}"
    else:
        remedy = str(checked.path)
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
