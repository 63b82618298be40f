"""A digest as plain text, Markdown or JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from service.schemas import DigestOut, ElementOut, SummaryOut, WarningOut

_MARKDOWN_FORMS = {
    "headline": "# {}",
    "byline": "*{}*",
    "dateline": "*{}*",
    "heading": "## {}",
    "caption": "> {}",
    "credit": "> *{}*",
    "signature": "*{}*",
}


def render_json(digest: DigestOut) -> str:
    """The digest as the HTTP interface gives it."""
    return digest.model_dump_json(indent=2)


def render_text(digest: DigestOut) -> str:
    """Summary, English and warnings, for a terminal."""
    blocks = [_summary_text(digest.summary)] if digest.summary else []
    blocks += [one.target.strip() for one in digest.elements if one.target]
    blocks += [_warning_block(digest.warnings, "! ")] if digest.warnings else []
    blocks.append(provenance_line(digest))
    return "\n\n".join(blocks)


def render_markdown(digest: DigestOut) -> str:
    """Summary, English, warnings and provenance as Markdown."""
    headline = next((one for one in digest.elements if one.kind == "headline"), None)
    blocks = [_markdown_element(headline)] if headline else []
    if digest.summary:
        blocks.append(
            "**Summary.** " + digest.summary.text
            if digest.summary.style != "bullets"
            else digest.summary.text
        )
    blocks += [
        _markdown_element(one) for one in digest.elements if one.target and one is not headline
    ]
    if digest.warnings:
        blocks.append("## Warnings\n\n" + _warning_block(digest.warnings, "- "))
    blocks.append(f"*{provenance_line(digest)}*")
    return "\n\n".join(blocks)


def provenance_line(digest: DigestOut) -> str:
    """Model, revision, engine and version on one line."""
    made = digest.provenance.translator
    return (
        f"{made['model']} ({made['revision'][:19]}), {made['engine']} {made['engine_version']}, "
        f"diemtin {digest.provenance.package_version}; {digest.timings.total_s:.1f} s"
    )


RENDERERS: dict[str, Callable[[DigestOut], str]] = {
    "text": render_text,
    "markdown": render_markdown,
    "json": render_json,
}


def render_summary(summary: SummaryOut | None) -> str:
    """The summary alone, as text."""
    return summary.text if summary else ""


def _summary_text(summary: SummaryOut) -> str:
    flag = " (taken from the translation)" if summary.method == "extractive" else ""
    return f"SUMMARY{flag}\n{summary.text}"


def _markdown_element(element: ElementOut) -> str:
    target = " ".join((element.target or "").split())
    return _MARKDOWN_FORMS.get(element.kind.value, "{}").format(target)


def _warning_block(warnings: list[WarningOut], mark: str) -> str:
    return "\n".join(_warning_lines(warnings, mark))


def _warning_lines(warnings: list[WarningOut], mark: str) -> Iterator[str]:
    for warning in warnings:
        place = f" (element {warning.element})" if warning.element is not None else ""
        yield f"{mark}{warning.kind}{place}: {warning.message}"
