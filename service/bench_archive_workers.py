"""Workers and engines that cost nothing, or only sleep: what is left is the archive's own cost."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from importlib.metadata import version

from models.catalogue import ModelCard
from models.engine import (
    DecodeOptions,
    Engine,
    EngineInput,
    EngineSettings,
    EngineTraits,
    Hypothesis,
    Provenance,
)
from models.lexicon import load_lexicon
from models.store import WeightsStore
from models.summarizer import Summarizer
from models.translator import Translator
from service.archives.items import ArchiveItem
from service.archives.records import CountTokens, Outcome, make_done
from service.article import Element, Kind
from service.pipeline import Digest, DigestElement, Digester, Timings
from service.schemas import DigestOut

SLEEP_S = 0.2  # of the engine whose cost is sleep, a call
_WORDS_A_TARGET = 40
_TARGET = "The commune did it. " * (_WORDS_A_TARGET // 4)
_PROVENANCE = Provenance("instant", "0", "instant", "1")


class InstantEngine(Engine):
    """Answers at once, always with the same sentence; counts its calls."""

    def __init__(self, seconds: float = 0.0) -> None:
        """Each call sleeps for so long."""
        self.calls = 0
        self._seconds = seconds

    def generate(self, inputs: Sequence[EngineInput], options: DecodeOptions) -> list[Hypothesis]:
        """One hypothesis an input."""
        self.calls += 1
        time.sleep(self._seconds)
        return [Hypothesis("The commune did it.", 4, 4, False, _PROVENANCE) for _ in inputs]

    @property
    def traits(self) -> EngineTraits:
        """Those of a model that only translates, one segment after the other."""
        return EngineTraits(instructed=False)

    def provenance(self, options: DecodeOptions) -> Provenance:
        """Nobody's weights."""
        return _PROVENANCE


def load_sleeping(card: ModelCard, store: WeightsStore, settings: EngineSettings) -> Engine:
    """An engine whose only cost is sleep; what the registry calls."""
    return InstantEngine(SLEEP_S)


class InstantWorker:
    """Answers at once in place of parser, engine and checks, and makes whole records."""

    def __init__(self, pause_s: float = 0.0) -> None:
        """Pause so long before each item."""
        self._engine, self._pause_s = InstantEngine(), pause_s
        self.calls = 0  # one an item

    def digest(self, items: Iterable[ArchiveItem]) -> Iterator[Outcome]:
        """Yield a record for each item: each of its paragraphs with the same English."""
        package = version("diemtin")
        for item in items:
            self.calls += 1
            if self._pause_s:
                time.sleep(self._pause_s)
            digest = DigestOut.of(_digest(item, package))
            done = make_done(item, digest, self._engine.count_tokens)
            yield Outcome(item.origin, item.content_hash, item.id, done)


def _digest(item: ArchiveItem, package: str) -> Digest:
    return Digest(
        elements=tuple(DigestElement(one, _TARGET, attempts=1) for one in _elements(item)),
        places=(),
        summary=None,
        timings=Timings(),
        translator=_PROVENANCE,
        summarizer=None,
        package_version=package,
    )


def _elements(item: ArchiveItem) -> Iterator[Element]:
    start = 0
    for at, text in enumerate((item.title or "", *item.text.split("\n\n"))):
        kind = Kind.PARAGRAPH if at else Kind.HEADLINE
        yield Element(at, kind, text, start, start + len(text))
        start += len(text) + 2


def load_whole(engine: Engine) -> tuple[Digester, CountTokens]:
    """Everything that is around an engine: parser, language, terms, checks, summary."""
    translator = Translator(engine, load_lexicon())
    return Digester(translator, Summarizer(engine, translator)), engine.count_tokens
