"""From an item of an archive to its record, or to why it has none."""

from __future__ import annotations

import html
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import structlog
from pydantic import BaseModel

from models.errors import Cancelled, DiemtinError, EngineFailed, QueueFull
from models.translator import TranslateOptions
from service.archives.items import ArchiveItem, Trouble, Unreadable
from service.archives.options import ArchiveOptions
from service.article import Kind
from service.pipeline import Digest, DigestDone, Digester, DigestOptions, TextFormat
from service.problems import describe_trace
from service.schemas import DigestOut, ElementOut

CountTokens = Callable[[Sequence[str]], Sequence[int]]
Key = tuple[str, str]

_HEADLINE_CHARACTERS = 160
_TELLING = (Kind.HEADLINE, Kind.LEAD, Kind.PARAGRAPH)
_VIETNAMESE = frozenset({"vi", "vie", "vietnamese", "tiếng việt", "tieng viet"})

_log = structlog.get_logger()


class Record(BaseModel):
    """What the output holds of one item; of HTML, `source` is the text that was found in it."""

    origin: str
    id: str | None
    title: str | None
    date: str | None
    language: str | None
    content_hash: str
    status: str = "done"
    source: str
    digest: DigestOut


@dataclass(frozen=True)
class Done:
    """A record as a line of JSON, and what totals are made of."""

    line: str
    headline: str
    characters: int
    tokens: int
    seconds: float
    provenance: str
    warnings: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Failure:
    """Why there is no record."""

    trouble: Trouble
    reason: str


@dataclass(frozen=True)
class Outcome:
    """What became of one item; small and picklable, so that it can come from elsewhere.

    Args:
        origin: of the item.
        content_hash: of the item; of what could not be read, the trouble.
        id: the archive's own name for the item.
        result: the record or the failure.
    """

    origin: str
    content_hash: str
    id: str | None
    result: Done | Failure

    @property
    def key(self) -> Key:
        """What makes it one and the same item."""
        return self.origin, self.content_hash


@dataclass(frozen=True)
class Recipe:
    """How items are digested; picklable."""

    translate: TranslateOptions
    options: ArchiveOptions

    @classmethod
    def of(cls, options: ArchiveOptions) -> Recipe:
        """The recipe that the options of a run make."""
        return cls(TranslateOptions(options.keep_diacritics), options)


def clean_item(item: ArchiveItem, *, as_html: bool) -> ArchiveItem:
    """The item without lone surrogates, which neither UTF-8 nor SQLite holds."""
    return replace(
        item,
        origin=_clean(item.origin),
        text=_clean(item.text),
        format=TextFormat.HTML if as_html else item.format,
        title=_clean_field(item.title),
        id=_clean_field(item.id),
        date=_clean_field(item.date),
        language=_clean_field(item.language),
    )


def unreadable_outcome(found: Unreadable) -> Outcome:
    """The failure that something unreadable is."""
    failure = Failure(found.trouble, _clean(found.reason))
    return Outcome(_clean(found.origin), str(found.trouble), None, failure)


def refuse_language(item: ArchiveItem) -> Outcome | None:
    """The failure of an item that the archive says is in another language."""
    told = " ".join((item.language or "").casefold().replace("_", "-").split())
    if not told or told in _VIETNAMESE or told.startswith("vi-"):
        return None
    reason = (
        f"The archive says that its language is {told[:40]!r}. Where that is wrong, map another "
        "field with --language-field."
    )
    return failed_outcome(item, Trouble.REJECTED, reason)


def failed_outcome(item: ArchiveItem, trouble: Trouble, reason: str) -> Outcome:
    """The outcome of an item without a record."""
    return Outcome(item.origin, item.content_hash, item.id, Failure(trouble, reason))


def digest_item(
    digester: Digester, item: ArchiveItem, recipe: Recipe, count_tokens: CountTokens
) -> Outcome:
    """Digest one item; what is wrong with it is its outcome.

    Raises:
        Cancelled: whoever asked has gone.
    """
    try:
        digest = _digest(digester, item, recipe)
        done = make_done(item, DigestOut.of(digest), count_tokens)
    except Cancelled:
        raise
    except (EngineFailed, QueueFull) as error:
        return failed_outcome(item, Trouble.FAILED, str(error))
    except DiemtinError as error:
        return failed_outcome(item, Trouble.REJECTED, str(error))
    except Exception as error:  # one item must not end a run over a million
        name = type(error).__name__
        _log.error("item failed", origin=item.origin, error=name, trace=describe_trace(error))
        return failed_outcome(item, Trouble.FAILED, f"It stopped with {name}; please report it.")
    return Outcome(item.origin, item.content_hash, item.id, done)


def _digest(digester: Digester, item: ArchiveItem, recipe: Recipe) -> Digest:
    wanted = recipe.options.summarize
    options = DigestOptions(format=item.format, translate=recipe.translate)
    if wanted:
        options = replace(options, summarize=wanted)
    text = text_with_title(item)
    for event in digester.stream(text, options, with_summary=wanted is not None):
        if isinstance(event, DigestDone):
            return event.digest
    raise RuntimeError("a digest ended without its last event")


def text_with_title(item: ArchiveItem) -> str:
    """The text, with a title that stands in a field of its own before it unless it has it."""
    title = " ".join((item.title or "").split())
    if not title:
        return item.text
    if item.format is TextFormat.HTML:
        has_heading = "<h1" in item.text.lower()
        return item.text if has_heading else f"<h1>{html.escape(title)}</h1>\n{item.text}"
    begin = " ".join(item.text[: 2 * len(title) + 200].split())
    return item.text if _comparable(begin).startswith(_comparable(title)) else _joined(title, item)


def _joined(title: str, item: ArchiveItem) -> str:
    return f"{title}\n\n{item.text}"


def _comparable(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold()


def make_done(item: ArchiveItem, digest: DigestOut, count_tokens: CountTokens) -> Done:
    """The record of an item that has its digest, and what totals are made of."""
    sources = [one.source for one in digest.elements]
    targets = [one.target for one in digest.elements if one.target]
    summary = [digest.summary.text] if digest.summary else []
    is_html = item.format is TextFormat.HTML
    record = Record(
        origin=item.origin,
        id=item.id,
        title=item.title,
        date=item.date,
        language=item.language,
        content_hash=item.content_hash,
        source="\n\n".join(sources) if is_html else item.text,
        digest=digest,
    )
    return Done(
        line=record.model_dump_json(),
        headline=_headline(digest.elements)[:_HEADLINE_CHARACTERS],
        characters=sum(map(len, sources)),
        tokens=sum(count_tokens([*sources, *targets, *summary])),
        seconds=digest.timings.total_s,
        provenance=digest.provenance.model_dump_json(),
        warnings=Counter(str(one.kind) for one in digest.warnings),
    )


def _headline(elements: Sequence[ElementOut]) -> str:
    """What tells the most of the item: a menu or the date may stand above it."""
    told = [(one.kind, one.target) for one in elements if one.target]
    first = dict(reversed(told))
    best = (first[kind] for kind in _TELLING if kind in first)
    return next(best, told[0][1] if told else "")


def _clean_field(text: str | None) -> str | None:
    return None if text is None else _clean(text).replace("\0", "\ufffd")


def _clean(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text
