"""Vietnamese segments to English: glossary in, checks out, second attempts between."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from models.attempts import Attempter, decode_options
from models.engine import Engine, Provenance
from models.entries import GlossaryTerm
from models.fidelity import IssueKind
from models.lexicon import Lexicon
from models.names import restore_diacritics
from models.narrowing import narrow
from models.pieces import (
    SEGMENT_LIMIT,
    SENTENCES_AT_ONCE,
    Piece,
    Reader,
    split_halves,
    split_list,
    split_parts,
)
from models.prompts import instructions
from models.translation import Translation, better, join

_INCOMPLETE = frozenset(
    {IssueKind.OMISSION, IssueKind.LENGTH, IssueKind.TRUNCATED, IssueKind.REPETITION}
)

__all__ = ["SEGMENT_LIMIT", "TranslateOptions", "Translation", "Translator", "decode_options"]


@dataclass(frozen=True)
class TranslateOptions:
    """How to translate.

    Args:
        keep_diacritics: write names as Vietnamese does.
        glossary: the user's own terms, which win.
        given_names: of people whom other segments of the item name in full.
    """

    keep_diacritics: bool = False
    glossary: tuple[GlossaryTerm, ...] = ()
    given_names: frozenset[str] = frozenset()


class Translator:
    """Translates segments with one engine; safe to share between threads.

    Segments are worked on in rounds: the engine gets the first attempts of all of them at
    once, then the second attempts of those that failed a check.
    """

    def __init__(self, engine: Engine, lexicon: Lexicon, *, second_attempts: bool = True) -> None:
        """Both are only read; without second attempts the checks only warn."""
        self._engine = engine
        self._attempter = Attempter(engine)
        self._traits = engine.traits
        self._second_attempts = second_attempts
        # A digest asks element by element, always with the same glossary: index it once.
        self._with_glossary = lru_cache(maxsize=4)(lexicon.with_entries)

    def translate(
        self, segments: Sequence[str], options: TranslateOptions = TranslateOptions()
    ) -> list[Translation]:
        """Return one translation a segment, in order; a segment is a paragraph or less.

        Raises:
            InputTooLong: a run without a space exceeds the model's context.
            EngineFailed: the engine could not generate.
        """
        reader = Reader(self._with_glossary(options.glossary), options.given_names)
        at_once = SENTENCES_AT_ONCE if self._traits.instructed else 1
        parts = [split_parts(segment, at_once) or [segment] for segment in segments]
        drafts = self._translate_by_parts(segments, parts, reader)
        return [_finish(draft, reader, options) for draft in drafts]

    def provenance(self) -> Provenance:
        """Model, engine and decode options of a first attempt."""
        return self._engine.provenance(decode_options("", self._traits))

    @property
    def takes_batches(self) -> bool:
        """Whether many segments at once are faster than one after the other."""
        return self._traits.batch_tokens > 0

    @staticmethod
    def plain_instruction() -> str:
        """The instruction without glossary: what a bare engine is measured with."""
        return instructions("translate")["instruction"]

    def _translate_by_parts(
        self, segments: Sequence[str], parts: Sequence[Sequence[str]], reader: Reader
    ) -> list[Translation]:
        """Translate the parts of all segments in the same rounds, and join them again."""
        done = iter(self._translate_pieces([one for ones in parts for one in ones], reader))
        return [
            self._join(segment, [next(done) for _ in ones], reader)
            for segment, ones in zip(segments, parts, strict=True)
        ]

    @staticmethod
    def _join(segment: str, done: Sequence[Translation], reader: Reader) -> Translation:
        if len(done) == 1 and done[0].source == segment:
            return done[0]
        return join(reader.read(segment), done)

    def _translate_pieces(self, texts: Sequence[str], reader: Reader) -> list[Translation]:
        """Translate texts that were split already: first attempts, then what failed, smaller."""
        pieces = [reader.read(text) for text in texts]
        drafts = self._try_first(pieces)
        smaller: dict[int, list[str]] = {}
        for at, (text, draft) in enumerate(zip(texts, drafts, strict=True)):
            if draft is None:
                smaller[at] = split_halves(text)
            elif self._second_attempts and _is_incomplete(draft):
                parts = _smaller_parts(text)
                if len(parts) > 1:
                    smaller[at] = parts
        redone = self._translate_smaller(texts, smaller, reader)
        best = [
            better(draft, redone.get(at)) if draft else redone[at]
            for at, draft in enumerate(drafts)
        ]
        stubborn = [at for at, one in enumerate(best) if one.issues and at not in smaller]
        if self._second_attempts and stubborn:
            again = self._try_again(
                [pieces[at] for at in stubborn], [best[at] for at in stubborn], reader
            )
            for at, one in zip(stubborn, again, strict=True):
                best[at] = one
        return best

    def _try_again(
        self, pieces: Sequence[Piece], drafts: Sequence[Translation], reader: Reader
    ) -> list[Translation]:
        """Second attempts at what failed, and at no more of it than needed."""
        pairs = list(zip(pieces, drafts, strict=True))
        narrowed = [narrow(piece, draft, reader) for piece, draft in pairs]
        parts = [one.piece for one in narrowed]
        made = self._attempter.try_again(parts, [one.draft for one in narrowed])
        return [
            one.widen(piece, draft, done)
            for (piece, draft), one, done in zip(pairs, narrowed, made, strict=True)
        ]

    def _translate_smaller(
        self, texts: Sequence[str], smaller: dict[int, list[str]], reader: Reader
    ) -> dict[int, Translation]:
        if not smaller:
            return {}
        segments = [texts[at] for at in smaller]
        done = self._translate_by_parts(segments, list(smaller.values()), reader)
        return dict(zip(smaller, done, strict=True))

    def _try_first(self, pieces: Sequence[Piece]) -> list[Translation | None]:
        """The first attempts; None where a piece exceeds the model's window."""
        worded = [at for at, one in enumerate(pieces) if any(map(str.isalpha, one.source))]
        tried = self._attempter.try_first([pieces[at] for at in worded])
        made = dict(zip(worded, tried, strict=True))
        return [made[at] if at in made else self._copy(one) for at, one in enumerate(pieces)]

    def _copy(self, piece: Piece) -> Translation:
        """What holds no letter needs no model."""
        return Translation(piece.source, piece.source.strip(), (), 0, self.provenance())


def _is_incomplete(draft: Translation) -> bool:
    """Whether something of the source is lost, or the target runs away: smaller pieces help."""
    return not _INCOMPLETE.isdisjoint(issue.kind for issue in draft.issues)


def _smaller_parts(text: str) -> list[str]:
    sentences = split_parts(text, 1)
    return sentences if len(sentences) > 1 else split_list(text)


def _finish(draft: Translation, reader: Reader, options: TranslateOptions) -> Translation:
    if not options.keep_diacritics:
        return draft
    names = reader.read(draft.source).names
    return replace(draft, target=restore_diacritics(draft.target, names))
