"""The terms of an item as a short table: how many have their English, and which have not."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from service.rendering import Numbers, escape_markdown, number_paragraphs
from service.schemas import DigestOut, TermOut


def render_terms_text(digest: DigestOut) -> str:
    """The counts and the missing terms, for a terminal."""
    terms = [term for element in digest.elements for term in element.terms]
    lines = [f"TERMS found {len(terms)}, used {_count_used(terms)}"]
    lines += [
        f"- {'[' + str(number) + '] ' if number else ''}{term.source} = {term.target}"
        + (" (your glossary)" if term.user else "")
        for number, term in _missing(digest)
    ]
    return "\n".join(lines)


def render_terms_markdown(digest: DigestOut) -> str:
    """The counts and the missing terms, as Markdown."""
    terms = [term for element in digest.elements for term in element.terms]
    blocks = ["## Terms", f"Found {len(terms)}, used {_count_used(terms)}."]
    rows = [
        f"| {number or ''} | {escape_markdown(term.source)} | {escape_markdown(term.target)} "
        f"| {'yours' if term.user else 'built-in'} |"
        for number, term in _missing(digest)
    ]
    if rows:
        head = "| Paragraph | Not used | English | Glossary |\n| --- | --- | --- | --- |"
        blocks.append("\n".join([head, *rows]))
    return "\n\n".join(blocks)


TERM_RENDERERS: dict[str, Callable[[DigestOut], str]] = {
    "text": render_terms_text,
    "markdown": render_terms_markdown,
}


def _count_used(terms: list[TermOut]) -> int:
    return sum(term.used is not None for term in terms)


def _missing(digest: DigestOut) -> Iterator[tuple[int | None, TermOut]]:
    numbers: Numbers = number_paragraphs(digest.elements)
    for element in digest.elements:
        for term in element.terms:
            if term.used is None:
                yield numbers.get(element.id), term
