"""Short English summaries of translated items, every sentence tied to its paragraphs."""

from __future__ import annotations

from collections.abc import Sequence

from models.attribution import Paragraph
from models.engine import Engine, Provenance
from models.errors import BadConfig
from models.instructed_summarizer import InstructedWriter
from models.seq2seq_summarizer import EnglishWriter, VietnameseWriter
from models.summary import (
    DEFAULT_WORDS,
    FEWEST_WORDS,
    MOST_WORDS,
    SummarizeOptions,
    Summary,
    SummaryMethod,
    SummarySentence,
    SummaryStyle,
    SummaryWriter,
    build_summary,
    lead_sentences,
)
from models.translator import Translator

__all__ = [
    "DEFAULT_WORDS",
    "FEWEST_WORDS",
    "MOST_WORDS",
    "SummarizeOptions",
    "Summarizer",
    "Summary",
    "SummaryMethod",
    "SummarySentence",
    "SummaryStyle",
    "lead_sentences",
]

_DEFAULT = SummarizeOptions()


class Summarizer:
    """Summarises with one engine, asked as its traits want; safe to share between threads."""

    def __init__(self, engine: Engine, translator: Translator | None = None) -> None:
        """Both are only called; a summarizer that writes Vietnamese needs the translator.

        Raises:
            BadConfig: the engine writes Vietnamese and there is no translator.
        """
        self._writer = _writer_for(engine, translator)

    def summarize(
        self, paragraphs: Sequence[Paragraph], options: SummarizeOptions = _DEFAULT
    ) -> Summary:
        """Summarise the whole item from its translated paragraphs.

        The model writes; what it writes must hold no figure and no name that the item
        does not have. It gets a second attempt, then sentences of the translation stand
        in, with an issue that says so.

        Raises:
            EngineFailed: the engine could not generate.
        """
        draft = self._writer.write(paragraphs, options)
        return build_summary(draft, paragraphs, options, self.provenance())

    def provenance(self) -> Provenance:
        """Model, engine and decode options of a first attempt."""
        return self._writer.provenance()


def _writer_for(engine: Engine, translator: Translator | None) -> SummaryWriter:
    if engine.traits.instructed:
        return InstructedWriter(engine)
    if engine.traits.language == "en":
        return EnglishWriter(engine)
    if translator is None:
        raise BadConfig(
            "This summarizer writes Vietnamese; give it a translator, "
            "or choose a summarizer that writes English."
        )
    return VietnameseWriter(engine, translator)
