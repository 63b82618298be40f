"""A digest as plain text or as Markdown, its paragraphs numbered as on the web page."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from service.article import TRANSLATABLE, Kind
from service.schemas import DigestOut, ElementOut, SummaryOut, WarningOut

Numbers = Mapping[int, int]

_MARKDOWN_FORMS = {Kind.HEADING: "### {}", Kind.LEAD: "**{}**", Kind.PARAGRAPH: "{}"}
_WARNING_NAMES = {  # as static/warnings.js has them; other kinds are their own names
    "truncated": "Cut short",
    "omission": "Left out",
    "addition": "Added",
}
_EXTRACTIVE = " (taken from the translation)"
_ESCAPES = (  # those of static/export.js, in its order
    (re.compile(r"\s*[\r\n]\s*"), " "),
    (re.compile(r"[\\`*_\[\]<&~|]"), r"\\\g<0>"),
    (re.compile(r"^([0-9]+)([.)])(?=\s|$)"), r"\1\\\2"),
    (re.compile(r"^[#>+=-]"), r"\\\g<0>"),
)

_UNTOLD = frozenset({Kind.IMAGE, Kind.FURNITURE, Kind.SPACE})


def number_paragraphs(elements: Sequence[ElementOut]) -> dict[int, int]:
    """The number that a reader sees beside each translated element, by the element's id."""
    shown = [one.id for one in elements if one.kind in TRANSLATABLE and one.source.strip()]
    return {id_: number for number, id_ in enumerate(shown, 1)}


def escape_markdown(text: str) -> str:
    """Make text mean itself in Markdown, so that no source can add markup or HTML."""
    text = text.strip()
    for pattern, escaped in _ESCAPES:
        text = pattern.sub(escaped, text)
    return text


def render_text(digest: DigestOut) -> str:
    """Summary, English and warnings, for a terminal."""
    numbers = number_paragraphs(digest.elements)
    blocks = [_summary_text(digest.summary, numbers)] if digest.summary else []
    blocks += [_element_text(one, numbers) for one in digest.elements if one.target]
    blocks += _warnings_text(digest.warnings, numbers)
    blocks.append(provenance_line(digest))
    return "\n\n".join(blocks)


def render_markdown(digest: DigestOut) -> str:
    """Headline, summary, English, warnings and origin; static/export.js writes the same."""
    numbers = number_paragraphs(digest.elements)
    headline = next((one for one in digest.elements if one.kind is Kind.HEADLINE), None)
    blocks = [_markdown_title(headline, numbers)]
    blocks += _summary_markdown(digest.summary, numbers) if digest.summary else []
    blocks.append("## English text")
    blocks += [
        _markdown_element(one, numbers)
        for one in digest.elements
        if one is not headline and one.kind not in _UNTOLD and one.source.strip()
    ]
    blocks += _warnings_markdown(digest.warnings, numbers) or ["## Warnings", "None."]
    blocks += ["---", escape_markdown(". ".join(_origin(digest)) + ".")]
    return "\n\n".join(blocks)


def render_summary_text(digest: DigestOut) -> str:
    """The summary alone and what was found wrong with it, for a terminal."""
    if not digest.summary:
        return ""
    numbers = number_paragraphs(digest.elements)
    blocks = [_summary_text(digest.summary, numbers)]
    return "\n\n".join(blocks + _warnings_text(digest.summary.warnings, numbers))


def render_summary_markdown(digest: DigestOut) -> str:
    """The summary alone and what was found wrong with it, as Markdown."""
    if not digest.summary:
        return ""
    numbers = number_paragraphs(digest.elements)
    blocks = _summary_markdown(digest.summary, numbers)
    return "\n\n".join(blocks + _warnings_markdown(digest.summary.warnings, numbers))


RENDERERS: dict[str, Callable[[DigestOut], str]] = {
    "text": render_text,
    "markdown": render_markdown,
}
SUMMARY_RENDERERS: dict[str, Callable[[DigestOut], str]] = {
    "text": render_summary_text,
    "markdown": render_summary_markdown,
}


def provenance_line(digest: DigestOut) -> str:
    """Model, revision, engine and version on one line."""
    made = digest.provenance.translator
    return (
        f"{made['model']} ({made['revision'][:19]}), {made['engine']} {made['engine_version']}, "
        f"diemtin {digest.provenance.package_version}; {digest.timings.total_s:.1f} s"
    )


def _as_is(text: str) -> str:
    return text.strip()


def _marked(text: str, ids: Sequence[int], numbers: Numbers) -> str:
    """The text and, in brackets after it, the numbers of paragraphs."""
    known = ", ".join(str(numbers[one]) for one in ids if one in numbers)
    return f"{text} [{known}]" if known else text


def _sentences(summary: SummaryOut, numbers: Numbers, write: Callable[[str], str]) -> str:
    told = [_marked(write(one.text), one.paragraphs, numbers) for one in summary.sentences]
    if summary.style == "bullets":
        return "\n".join(f"- {one}" for one in told)
    return " ".join(told)


def _summary_text(summary: SummaryOut, numbers: Numbers) -> str:
    mark = _EXTRACTIVE if summary.method == "extractive" else ""
    return f"SUMMARY{mark}\n{_sentences(summary, numbers, _as_is)}"


def _summary_markdown(summary: SummaryOut, numbers: Numbers) -> list[str]:
    mark = _EXTRACTIVE if summary.method == "extractive" else ""
    return [f"## Summary{mark}", _sentences(summary, numbers, escape_markdown)]


def _element_text(element: ElementOut, numbers: Numbers) -> str:
    number = numbers.get(element.id)
    return (f"[{number}] " if number else "") + (element.target or "").strip()


def _markdown_title(headline: ElementOut | None, numbers: Numbers) -> str:
    text = escape_markdown(headline.target or "") if headline else ""
    return "# " + (_marked(text, [headline.id], numbers) if headline and text else "News item")


def _markdown_element(element: ElementOut, numbers: Numbers) -> str:
    text = escape_markdown(element.source if element.target is None else element.target)
    form = _MARKDOWN_FORMS.get(element.kind, "*{}*")
    return _marked(form.format(text), [element.id], numbers)


def _warnings_text(warnings: Sequence[WarningOut], numbers: Numbers) -> list[str]:
    lines = [f"! {_placed(one.kind, one, numbers)}: {one.message}" for one in warnings]
    return ["\n".join(lines)] if lines else []


def _warnings_markdown(warnings: Sequence[WarningOut], numbers: Numbers) -> list[str]:
    lines = [_warning_markdown(one, numbers) for one in warnings]
    return ["## Warnings", "\n".join(lines)] if lines else []


def _warning_markdown(warning: WarningOut, numbers: Numbers) -> str:
    name = _WARNING_NAMES.get(warning.kind, warning.kind.capitalize())
    pairs = (("Vietnamese", warning.source_value), ("English", warning.target_value))
    values = "; ".join(f"{label}: {value}" for label, value in pairs if value)
    said = escape_markdown(warning.message + (f" ({values})" if values else ""))
    return f"- {_placed(f'**{name}**', warning, numbers)}: {said}"


def _placed(name: str, warning: WarningOut, numbers: Numbers) -> str:
    return _marked(name, [] if warning.element is None else [warning.element], numbers)


def _origin(digest: DigestOut) -> Iterator[str]:
    made, times = digest.provenance, digest.timings
    for label, model in (("Translation", made.translator), ("Summary", made.summarizer)):
        if model:
            engine = f"{model['engine']} {model['engine_version']}"
            yield f"{label}: {model['model']} ({model['revision']}) on {engine}"
    yield (
        f"Time: {times.total_s:.2f} s: reading {times.parse_s:.2f} s, "
        f"translating {times.translate_s:.2f} s, summarizing {times.summarize_s:.2f} s"
    )
    yield f"Made with: diemtin {made.package_version}"
