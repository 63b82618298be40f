"""From the text of one item to its digest, element by element."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from importlib.metadata import version
from time import perf_counter

from models.attribution import Paragraph
from models.engine import Provenance
from models.errors import DiemtinError
from models.fidelity import Issue
from models.gazetteer import PlaceNote, report_places
from models.given_names import find_given_names
from models.names import find_names, fold_diacritics
from models.summarizer import SummarizeOptions, Summarizer, Summary
from models.term_report import TermHit
from models.translator import TranslateOptions, Translation, Translator
from service.article import Article, Element, Kind
from service.extracting import extract_text
from service.language import require_vietnamese
from service.normalizing import normalize
from service.parsing import parse_article

_CREDIT_WORDS = (
    (re.compile(r"\bẢnh minh (?:họa|hoạ)\b", re.IGNORECASE), "Illustrative photo"),
    (re.compile(r"\bẢnh tư liệu\b", re.IGNORECASE), "File photo"),
    (re.compile(r"\bẢnh\b", re.IGNORECASE), "Photo"),
    (re.compile(r"\b(?:phát|cung cấp)(?=\W*$)", re.IGNORECASE), "handout"),
)
ELEMENTS_AT_ONCE = 16
MARKUP_FACTOR = 40  # most characters of a web page to one of its article

_KEPT_KINDS = frozenset({Kind.DATELINE, Kind.SIGNATURE})


class TextTooLong(DiemtinError):
    """The text exceeds what one request may hold."""


class TextFormat(StrEnum):
    """How the text of a request is written."""

    TEXT = "text"
    HTML = "html"


@dataclass(frozen=True)
class DigestOptions:
    """What is wanted of one digest."""

    format: TextFormat = TextFormat.TEXT
    translate: TranslateOptions = field(default_factory=TranslateOptions)
    summarize: SummarizeOptions = field(default_factory=SummarizeOptions)
    most_characters: int | None = None


@dataclass(frozen=True)
class DigestElement:
    """One element of the item with its English; None for what has none (an image name)."""

    element: Element
    target: str | None
    issues: tuple[Issue, ...] = ()
    attempts: int = 0
    terms: tuple[TermHit, ...] = ()


@dataclass(frozen=True)
class Timings:
    """Seconds that each step took."""

    parse_s: float = 0.0
    translate_s: float = 0.0
    summarize_s: float = 0.0

    @property
    def total_s(self) -> float:
        """The sum of the steps."""
        return self.parse_s + self.translate_s + self.summarize_s


@dataclass(frozen=True)
class Digest:
    """An item in English, in its own order, and what is known about it."""

    elements: tuple[DigestElement, ...]
    places: tuple[PlaceNote, ...]
    summary: Summary | None
    timings: Timings
    translator: Provenance
    summarizer: Provenance | None
    package_version: str


@dataclass(frozen=True)
class ItemParsed:
    """The first event of a digest: what the item consists of."""

    article: Article


@dataclass(frozen=True)
class ElementDone:
    """One element has its English."""

    element: DigestElement


@dataclass(frozen=True)
class SummaryDone:
    """The summary is ready."""

    summary: Summary


@dataclass(frozen=True)
class DigestDone:
    """The last event: the whole digest."""

    digest: Digest


Event = ItemParsed | ElementDone | SummaryDone | DigestDone


def read_item(text: str, text_format: TextFormat, most_characters: int | None = None) -> Article:
    """Return the parsed item.

    Raises:
        TextTooLong: it exceeds the limit; of HTML, only the article's text counts.
        EmptyText: nothing but white space came in.
        NoArticle: the HTML holds no article.
        LegacyEncoding: the text is in a pre-Unicode encoding.
        NotVietnamese: the text is in another language.
    """
    if text_format is TextFormat.HTML:
        _check_length(text, most_characters and most_characters * MARKUP_FACTOR)
        plain = extract_text(text.encode("utf-8", "ignore").decode())  # no lone surrogates
    else:
        plain = text
    _check_length(plain, most_characters)
    source = normalize(plain)
    require_vietnamese(source)
    return parse_article(source)


def _check_length(text: str, limit: int | None) -> None:
    if limit and len(text) > limit:
        raise TextTooLong(
            f"The text has {len(text):,} characters; the limit is {limit:,}. "
            "Split it into items and send them one by one."
        )


class Digester:
    """Makes digests; safe to share between threads."""

    def __init__(self, translator: Translator, summarizer: Summarizer) -> None:
        """Both are only called."""
        self._translator = translator
        self._summarizer = summarizer

    @property
    def takes_batches(self) -> bool:
        """Whether several items at a time are faster than one after the other."""
        return self._translator.takes_batches

    def digest(self, text: str, options: DigestOptions = DigestOptions()) -> Digest:
        """Return the whole digest of one item; raises what `read_item` raises."""
        return _last(self.stream(text, options))

    def translate(self, text: str, options: DigestOptions = DigestOptions()) -> Digest:
        """Return a digest without a summary."""
        return _last(self.stream(text, options, with_summary=False))

    def stream(
        self, text: str, options: DigestOptions = DigestOptions(), *, with_summary: bool = True
    ) -> Iterator[Event]:
        """Yield the digest as it is made; a caller who stops listening stops the work."""
        started = perf_counter()
        article = read_item(text, options.format, options.most_characters)
        parsed = perf_counter()
        yield ItemParsed(article)
        translate = replace(options.translate, given_names=_given_names(article))
        done: list[DigestElement] = []
        translating = 0.0
        for group in self._groups(article.visible):
            began = perf_counter()
            translated = self._translate_elements(group, translate)
            translating += perf_counter() - began
            done += translated
            yield from map(ElementDone, translated)
        began = perf_counter()
        wanted = replace(options.summarize, glossary=options.translate.glossary)
        summary = self._summarize(done, wanted) if with_summary else None
        timings = Timings(parsed - started, translating, perf_counter() - began)
        if summary:
            yield SummaryDone(summary)
        yield DigestDone(self._assemble(done, summary, timings))

    def _groups(self, elements: Sequence[Element]) -> Iterator[Sequence[Element]]:
        """What is translated before anything of it is told: single elements, unless the
        engine is faster with many.
        """
        size = ELEMENTS_AT_ONCE if self._translator.takes_batches else 1
        return (elements[at : at + size] for at in range(0, len(elements), size))

    def _translate_elements(
        self, elements: Sequence[Element], options: TranslateOptions
    ) -> list[DigestElement]:
        texts = [one.text for one in elements if one.translatable]
        translations = iter(self._translator.translate(texts, options) if texts else ())
        return [
            _with_translation(one, next(translations))
            if one.translatable
            else DigestElement(one, _fixed_english(one, options.keep_diacritics))
            for one in elements
        ]

    def _summarize(self, done: list[DigestElement], options: SummarizeOptions) -> Summary | None:
        told = [one for one in done if one.element.kind in _TOLD_KINDS and one.target]
        body = [one for one in told if one.element.kind in _BODY_KINDS] or told
        paragraphs = [_paragraph(one) for one in body]
        return self._summarizer.summarize(paragraphs, options) if paragraphs else None

    def _assemble(
        self, done: list[DigestElement], summary: Summary | None, timings: Timings
    ) -> Digest:
        return Digest(
            elements=tuple(done),
            places=report_places([one.element.text for one in done if one.element.translatable]),
            summary=summary,
            timings=timings,
            translator=self._translator.provenance(),
            summarizer=summary.provenance if summary else None,
            package_version=version("diemtin"),
        )


_BODY_KINDS = frozenset({Kind.HEADLINE, Kind.LEAD, Kind.PARAGRAPH, Kind.HEADING})
_TOLD_KINDS = _BODY_KINDS | {Kind.CAPTION}


def _given_names(article: Article) -> frozenset[str]:
    """By what the people whom the item names in full may be called alone."""
    texts = (one.text for one in article.visible if one.translatable)
    return frozenset().union(*(find_given_names(find_names(text)) for text in texts))


def _last(events: Iterator[Event]) -> Digest:
    for event in events:
        if isinstance(event, DigestDone):
            return event.digest
    raise RuntimeError("a digest ended without its last event")


def _paragraph(one: DigestElement) -> Paragraph:
    own_terms = tuple(hit.used for hit in one.terms if hit.user and hit.used)
    return Paragraph(one.element.id, one.element.text, one.target or "", own_terms)


def _with_translation(element: Element, translation: Translation) -> DigestElement:
    done = translation
    return DigestElement(element, done.target, done.issues, done.attempts, done.terms)


def _fixed_english(element: Element, keep_diacritics: bool) -> str | None:
    """English of what needs no model: names, credits, agency tags."""
    text = element.text.strip()
    if element.kind is Kind.CREDIT:
        for pattern, english in _CREDIT_WORDS:
            text = pattern.sub(english, text)
    elif element.kind is Kind.BYLINE:
        text = _halved(text)
    elif element.kind not in _KEPT_KINDS:
        return None
    return text if keep_diacritics else fold_diacritics(text)


def _halved(byline: str) -> str:
    """A byline that pasting doubled, once."""
    words = byline.split()
    half = len(words) // 2
    return " ".join(words[:half]) if half and words[:half] == words[half:] else byline
