"""Vietnamese segments to English: glossary in, checks out, second attempts between."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from models.engine import (
    DecodeOptions,
    Engine,
    EngineInput,
    EngineTraits,
    Hypothesis,
    Provenance,
)
from models.errors import InputTooLong
from models.fidelity import Issue, IssueKind, check_segment, severity
from models.lexicon import Lexicon
from models.names import restore_diacritics
from models.pieces import (
    SEGMENT_LIMIT,
    SENTENCES_AT_ONCE,
    Piece,
    instruct,
    read_piece,
    split_halves,
    split_parts,
)
from models.prompts import instructions
from models.repair import repair
from models.runaway import token_budget

__all__ = ["SEGMENT_LIMIT", "TranslateOptions", "Translation", "Translator", "decode_options"]

REPEAT_PENALTY = 1.15
RETRY_TEMPERATURE = 0.5
RETRY_SEED = 1
RETRY_BEAM_SIZE = 8
CAUSAL = EngineTraits()
_RUNAWAY = frozenset({IssueKind.REPETITION, IssueKind.LENGTH, IssueKind.TRUNCATED})


@dataclass(frozen=True)
class TranslateOptions:
    """How to translate; `glossary` is the user's own (source, target) pairs, which win."""

    keep_diacritics: bool = False
    glossary: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Translation:
    """One source segment, its target, what the checks found and what made it.

    `attempts` counts the hypotheses behind the target that was chosen and those that
    were not.
    """

    source: str
    target: str
    issues: tuple[Issue, ...]
    attempts: int
    provenance: Provenance


@dataclass(frozen=True)
class _Attempt:
    """One input for the engine: a piece, how it is asked for and how it is decoded."""

    piece: Piece
    instruction: str
    options: DecodeOptions

    @property
    def as_input(self) -> EngineInput:
        return EngineInput(self.piece.source.strip(), self.instruction)


class Translator:
    """Translates segments with one engine; safe to share between threads.

    Segments are worked on in rounds: the engine gets the first attempts of all of them at
    once, then the second attempts of those that failed a check.
    """

    def __init__(self, engine: Engine, lexicon: Lexicon, *, second_attempts: bool = True) -> None:
        """Both are only read; without second attempts the checks only warn."""
        self._engine = engine
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
        lexicon = self._with_glossary(options.glossary)
        at_once = SENTENCES_AT_ONCE if self._traits.instructed else 1
        parts = [split_parts(segment, at_once) or [segment] for segment in segments]
        drafts = self._translate_by_parts(segments, parts, lexicon)
        return [_finish(draft, lexicon, options) for draft in drafts]

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
        self, segments: Sequence[str], parts: Sequence[Sequence[str]], lexicon: Lexicon
    ) -> list[Translation]:
        """Translate the parts of all segments in the same rounds, and join them again."""
        done = iter(self._translate_pieces([one for ones in parts for one in ones], lexicon))
        return [
            self._join(segment, [next(done) for _ in ones], lexicon)
            for segment, ones in zip(segments, parts, strict=True)
        ]

    def _join(self, segment: str, done: Sequence[Translation], lexicon: Lexicon) -> Translation:
        if len(done) == 1 and done[0].source == segment:
            return done[0]
        target = " ".join(one.target for one in done if one.target)
        names = read_piece(segment, lexicon).names
        return Translation(
            source=segment,
            target=target,
            issues=_with_truncation(check_segment(segment, target, names), done),
            attempts=sum(one.attempts for one in done),
            provenance=done[0].provenance,
        )

    def _translate_pieces(self, texts: Sequence[str], lexicon: Lexicon) -> list[Translation]:
        """Translate texts that were split already: first attempts, then what failed, smaller."""
        pieces = [read_piece(text, lexicon) for text in texts]
        drafts = self._attempt_first(pieces)
        smaller: dict[int, list[str]] = {}
        for at, (text, draft) in enumerate(zip(texts, drafts, strict=True)):
            if draft is None:
                smaller[at] = split_halves(text)
            elif draft.issues and self._second_attempts:
                sentences = split_parts(text, 1)
                if len(sentences) > 1:
                    smaller[at] = sentences
        redone = self._translate_smaller(texts, smaller, lexicon)
        best = [
            _better(draft, redone.get(at)) if draft else redone[at]
            for at, draft in enumerate(drafts)
        ]
        stubborn = [at for at, one in enumerate(best) if one.issues and at not in smaller]
        if self._second_attempts and stubborn:
            insisted = self._insist([pieces[at] for at in stubborn], [best[at] for at in stubborn])
            for at, one in zip(stubborn, insisted, strict=True):
                best[at] = one
        return best

    def _translate_smaller(
        self, texts: Sequence[str], smaller: dict[int, list[str]], lexicon: Lexicon
    ) -> dict[int, Translation]:
        if not smaller:
            return {}
        segments = [texts[at] for at in smaller]
        done = self._translate_by_parts(segments, list(smaller.values()), lexicon)
        return dict(zip(smaller, done, strict=True))

    def _attempt_first(self, pieces: Sequence[Piece]) -> list[Translation | None]:
        """The first attempts; None where a piece exceeds the model's window."""
        worded = [at for at, one in enumerate(pieces) if any(map(str.isalpha, one.source))]
        attempts = [
            _Attempt(
                pieces[at],
                self._instruct(pieces[at]),
                decode_options(pieces[at].source, self._traits),
            )
            for at in worded
        ]
        made = dict(zip(worded, self._attempt(attempts), strict=True))
        return [made[at] if at in made else self._copy(one) for at, one in enumerate(pieces)]

    def _copy(self, piece: Piece) -> Translation:
        """What holds no letter needs no model."""
        return Translation(piece.source, piece.source.strip(), (), 0, self.provenance())

    def _instruct(self, piece: Piece, issues: Sequence[Issue] = ()) -> str:
        return instruct(piece, issues) if self._traits.instructed else ""

    def _insist(self, pieces: Sequence[Piece], firsts: Sequence[Translation]) -> list[Translation]:
        """Try again with what was wrong stated or other beams, then by sampling."""
        best = list(firsts)
        for temperature in (0.0, RETRY_TEMPERATURE):
            failed = [at for at, one in enumerate(best) if one.issues]
            attempts = [self._changed(pieces[at], best[at].issues, temperature) for at in failed]
            for at, second in zip(failed, self._attempt(attempts), strict=True):
                best[at] = _better(best[at], second)
        return best

    def _changed(self, piece: Piece, issues: Sequence[Issue], temperature: float) -> _Attempt:
        """An attempt that is decoded otherwise than the first: a loop is discouraged."""
        looping = not _RUNAWAY.isdisjoint(issue.kind for issue in issues)
        options = replace(
            decode_options(piece.source, self._traits),
            temperature=temperature,
            seed=RETRY_SEED,
            repeat_penalty=REPEAT_PENALTY if looping else 1.0,
        )
        if not self._traits.instructed:
            options = replace(options, beam_size=1 if temperature else RETRY_BEAM_SIZE)
        return _Attempt(piece, self._instruct(piece, issues), options)

    def _attempt(self, attempts: Sequence[_Attempt]) -> list[Translation | None]:
        """Generate and check, each group of the same options in one call; None: too long."""
        made: dict[int, Translation | None] = {}
        groups: dict[DecodeOptions, list[int]] = {}
        for at, attempt in enumerate(attempts):
            groups.setdefault(attempt.options, []).append(at)
        for options, members in groups.items():
            inputs = [attempts[at].as_input for at in members]
            for at, hypothesis in zip(members, self._generate(inputs, options), strict=True):
                made[at] = _checked(attempts[at].piece, hypothesis) if hypothesis else None
        return [made[at] for at in range(len(attempts))]

    def _generate(
        self, inputs: Sequence[EngineInput], options: DecodeOptions
    ) -> list[Hypothesis | None]:
        try:
            return list(self._engine.generate(inputs, options))
        except InputTooLong:
            if len(inputs) == 1:
                return [None]
        return [self._generate([one], options)[0] for one in inputs]


def _checked(piece: Piece, hypothesis: Hypothesis) -> Translation:
    found = check_segment(piece.source, hypothesis.text, piece.names)
    target, issues = repair(piece.source, hypothesis.text, found, piece.names)
    return Translation(
        source=piece.source,
        target=target,
        issues=issues + _cut_off(hypothesis),
        attempts=1,
        provenance=hypothesis.provenance,
    )


def decode_options(source: str, traits: EngineTraits = CAUSAL) -> DecodeOptions:
    """How a first attempt at the source is decoded: its best beam, in plain English letters.

    An engine that takes batches bounds the length by the source itself: the options of a
    batch have to be the same.
    """
    return DecodeOptions(
        max_tokens=None if traits.batch_tokens else token_budget(source),
        ascii_only=True,
        beam_size=traits.beam_size,
    )


def _finish(draft: Translation, lexicon: Lexicon, options: TranslateOptions) -> Translation:
    if not options.keep_diacritics:
        return draft
    names = read_piece(draft.source, lexicon).names
    return replace(draft, target=restore_diacritics(draft.target, names))


def _cut_off(hypothesis: Hypothesis) -> tuple[Issue, ...]:
    if not hypothesis.truncated:
        return ()
    return (Issue(IssueKind.TRUNCATED, "The English was cut off at the token limit."),)


def _with_truncation(issues: tuple[Issue, ...], parts: Sequence[Translation]) -> tuple[Issue, ...]:
    cut = [one for part in parts for one in part.issues if one.kind is IssueKind.TRUNCATED]
    return issues + tuple(cut)


def _better(first: Translation, second: Translation | None) -> Translation:
    """The one with the lighter issues, the first in a draw; attempts are added up."""
    if second is None:
        return first
    best = second if severity(second.issues) < severity(first.issues) else first
    return replace(best, attempts=first.attempts + second.attempts)
