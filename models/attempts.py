"""Attempts at pieces: how each is asked for and decoded, and the engine that makes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from models.engine import DecodeOptions, Engine, EngineInput, EngineTraits, Hypothesis
from models.errors import InputTooLong
from models.fidelity import IssueKind
from models.pieces import Piece, instruct
from models.runaway import token_budget
from models.source_help import help_source, lost_values
from models.translation import Translation, better, judge

REPEAT_PENALTY = 1.15
RETRY_TEMPERATURE = 0.5
RETRY_SEED = 1
RETRY_BEAM_SIZE = 8
CAUSAL = EngineTraits()
_WORDS = frozenset({IssueKind.NAME, IssueKind.TERM})
_RUNAWAY = frozenset({IssueKind.REPETITION, IssueKind.LENGTH, IssueKind.TRUNCATED})


@dataclass(frozen=True)
class Attempt:
    """One input for the engine: a piece, how it is asked for and how it is decoded.

    `helped` is the piece's source with English in it, where the engine gets that.
    """

    piece: Piece
    instruction: str
    options: DecodeOptions
    helped: str | None = None

    @property
    def as_input(self) -> EngineInput:
        """What the engine gets."""
        return EngineInput((self.helped or self.piece.source).strip(), self.instruction)


def decode_options(source: str, traits: EngineTraits = CAUSAL) -> DecodeOptions:
    """How a first attempt at the source is decoded: its best beam, in plain English letters.

    An engine that takes batches bounds the length by the source itself: the options of a
    batch have to be the same. Of a model that takes no instruction all beams are wanted, to
    choose from.
    """
    return DecodeOptions(
        max_tokens=None if traits.batch_tokens else token_budget(source),
        ascii_only=True,
        beam_size=traits.beam_size,
        hypotheses=1 if traits.instructed else traits.beam_size,
    )


class Attempter:
    """Makes attempts with one engine; safe to share between threads."""

    def __init__(self, engine: Engine) -> None:
        """The engine is only called."""
        self._engine = engine
        self._traits = engine.traits

    def try_first(self, pieces: Sequence[Piece]) -> list[Translation | None]:
        """First attempts; None where a piece exceeds the model's window."""
        return self._run(
            [
                Attempt(
                    one,
                    instruct(one) if self._traits.instructed else "",
                    decode_options(one.source, self._traits),
                )
                for one in pieces
            ]
        )

    def try_again(
        self, pieces: Sequence[Piece], firsts: Sequence[Translation]
    ) -> list[Translation]:
        """Try what failed once more: what was wrong stated, or other beams, then by sampling."""
        best = list(firsts)
        for temperature in (None,) if self._traits.instructed else (0.0, RETRY_TEMPERATURE):
            failed = [at for at, one in enumerate(best) if one.issues]
            attempts = [self._change(pieces[at], best[at], temperature) for at in failed]
            for at, attempt, made in zip(failed, attempts, self._run(attempts), strict=True):
                best[at] = _choose(attempt, best[at], made)
        return best

    def _change(self, piece: Piece, draft: Translation, temperature: float | None) -> Attempt:
        """An attempt that is decoded otherwise than the first: a loop is discouraged."""
        if temperature is None:
            temperature = _told_temperature(draft)
        looping = not _RUNAWAY.isdisjoint(issue.kind for issue in draft.issues)
        options = replace(
            decode_options(piece.source, self._traits),
            temperature=temperature,
            seed=RETRY_SEED,
            repeat_penalty=REPEAT_PENALTY if looping else 1.0,
        )
        if self._traits.instructed:
            return Attempt(piece, instruct(piece, draft.issues), options)
        beams = 1 if temperature else RETRY_BEAM_SIZE
        options = replace(options, beam_size=beams, hypotheses=beams)
        helped = None if temperature else help_source(piece, draft.issues)
        return Attempt(piece, "", options, helped)

    def _run(self, attempts: Sequence[Attempt]) -> list[Translation | None]:
        """Generate and check, each group of the same options in one call; None: too long."""
        made: dict[int, Translation | None] = {}
        groups: dict[DecodeOptions, list[int]] = {}
        for at, attempt in enumerate(attempts):
            groups.setdefault(attempt.options, []).append(at)
        for options, members in groups.items():
            inputs = [attempts[at].as_input for at in members]
            for at, hypothesis in zip(members, self._generate(inputs, options), strict=True):
                made[at] = judge(attempts[at].piece, hypothesis) if hypothesis else None
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


def _told_temperature(draft: Translation) -> float:
    """How a model that is told what was wrong is decoded.

    It puts in a name or term that is demanded; of other faults it mostly says the same
    again unless its choice is loosened, and loosened it loses names.
    """
    kinds = {issue.kind for issue in draft.issues}
    return 0.0 if kinds <= _WORDS else RETRY_TEMPERATURE


def _choose(attempt: Attempt, first: Translation, second: Translation | None) -> Translation:
    """The better one; a helped source has to have brought what it was helped with."""
    if second and attempt.helped and lost_values(first.issues) <= lost_values(second.issues):
        return replace(first, attempts=first.attempts + second.attempts)
    return better(first, second)
