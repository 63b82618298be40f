"""Text that commands read and print: a file's, and a digest's in the form that was asked for."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from models.errors import DiemtinError
from service.pipeline import Digest
from service.rendering import RENDERERS, SUMMARY_RENDERERS, escape_markdown
from service.schemas import DigestOut, SummarizedOut

FORMS = ("json", *sorted(RENDERERS))


def read_text(path: Path) -> str:
    """The text of a file; of standard input for `-`.

    Raises:
        DiemtinError: it is neither UTF-8 nor marked as UTF-16.
    """
    data = sys.stdin.buffer.read() if path == Path("-") else path.read_bytes()
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise DiemtinError(
            f"it is not UTF-8 text (byte {error.start}); convert it to UTF-8 first."
        ) from error


def render_item(done: Digest, form: str, *, summary_only: bool) -> str:
    """The one item that was asked for."""
    if form == "json":
        return _as_out(done, summary_only).model_dump_json(indent=2)
    renderers = SUMMARY_RENDERERS if summary_only else RENDERERS
    return renderers[form](DigestOut.of(done))


def render_named_item(done: Digest, form: str, path: Path, *, summary_only: bool) -> str:
    """One of several items: a line of JSON, or the item under its file's name."""
    name = click.format_filename(path)
    if form == "json":
        named = {"file": name, **_as_out(done, summary_only).model_dump(mode="json")}
        return json.dumps(named, ensure_ascii=False, separators=(",", ":"))
    heading = f"# {escape_markdown(name)}" if form == "markdown" else f"==> {name} <=="
    return f"{heading}\n\n{render_item(done, form, summary_only=summary_only)}\n"


def _as_out(done: Digest, summary_only: bool) -> DigestOut | SummarizedOut:
    return SummarizedOut.of(done) if summary_only else DigestOut.of(done)
