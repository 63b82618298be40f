"""Vietnamese segments to English: glossary in, checks out, second attempts between."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from models.engine import DecodeOptions, Engine, EngineInput, Hypothesis, Provenance
from models.errors import InputTooLong
from models.fidelity import Issue, IssueKind, check_segment, severity
from models.hints import Hint, find_hints
from models.lexicon import Lexicon
from models.names import Name, find_names, fold_diacritics, restore_diacritics
from models.prompts import instructions
from models.repair import repair
from models.runaway import token_budget
from models.segmenter import split_long, split_sentences

# What the model gets at once. Pairs of sentences beat single ones, and lose nothing; of
# whole paragraphs of four it leaves sentences out (`diemtin bench units`).
SENTENCES_AT_ONCE = 2
SEGMENT_LIMIT = 600

REPEAT_PENALTY = 1.15
RETRY_TEMPERATURE = 0.5
RETRY_SEED = 1
_RUNAWAY = frozenset({IssueKind.REPETITION, IssueKind.LENGTH, IssueKind.TRUNCATED})


@dataclass(frozen=True)
class TranslateOptions:
    """How to translate; `glossary` is the user's own (source, target) pairs, which win."""

    keep_diacritics: bool = False
    glossary: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Translation:
    """One source segment, its target, what the checks found and what made it.

    `attempts` counts the engine calls behind the target that was chosen and those that
    were not.
    """

    source: str
    target: str
    issues: tuple[Issue, ...]
    attempts: int
    provenance: Provenance


@dataclass(frozen=True)
class _Piece:
    """A source text with what was found in it."""

    source: str
    names: tuple[Name, ...]
    hints: tuple[Hint, ...]


class Translator:
    """Translates segments with one engine; safe to share between threads."""

    def __init__(self, engine: Engine, lexicon: Lexicon) -> None:
        """Both are only read."""
        self._engine = engine
        # A digest asks element by element, always with the same glossary: index it once.
        self._with_glossary = lru_cache(maxsize=4)(lexicon.with_entries)
        self._texts = instructions("translate")

    def translate(
        self, segments: Sequence[str], options: TranslateOptions = TranslateOptions()
    ) -> list[Translation]:
        """Return one translation a segment, in order; a segment is a paragraph or less.

        Raises:
            InputTooLong: a run without a space exceeds the model's context.
            EngineFailed: the engine could not generate.
        """
        lexicon = self._with_glossary(options.glossary)
        drafts = [self._translate_segment(segment, lexicon) for segment in segments]
        return [self._finish(draft, lexicon, options) for draft in drafts]

    def provenance(self) -> Provenance:
        """Model, engine and decode options of a first attempt."""
        return self._engine.provenance(decode_options(""))

    def _translate_segment(self, segment: str, lexicon: Lexicon) -> Translation:
        if not any(character.isalpha() for character in segment):
            return Translation(segment, segment.strip(), (), 0, self.provenance())
        packed = _parts(segment, SEGMENT_LIMIT)
        if len(packed) > 1:
            return self._translate_parts(segment, packed, lexicon)
        piece = _read(segment, lexicon)
        try:
            whole = self._attempt(piece, self._instruction(piece), decode_options(segment))
        except InputTooLong:
            return self._translate_parts(segment, _halves(segment), lexicon)
        if not whole.issues:
            return whole
        sentences = _parts(segment, SEGMENT_LIMIT, sentences_apart=True)
        if len(sentences) > 1:
            return _better(whole, self._translate_parts(segment, sentences, lexicon))
        return self._insist(piece, whole)

    def _translate_parts(self, segment: str, parts: Sequence[str], lexicon: Lexicon) -> Translation:
        done = [self._translate_segment(part, lexicon) for part in parts]
        target = " ".join(one.target for one in done if one.target)
        names = _read(segment, lexicon).names
        return Translation(
            source=segment,
            target=target,
            issues=_with_truncation(check_segment(segment, target, names), done),
            attempts=sum(one.attempts for one in done),
            provenance=done[0].provenance,
        )

    def _insist(self, piece: _Piece, first: Translation) -> Translation:
        """Try again with what was wrong stated, then by sampling, against a loop discouraged."""
        best = first
        options = decode_options(piece.source)
        for temperature in (0.0, RETRY_TEMPERATURE):
            instruction = self._instruction(piece) + self._demands(piece, best.issues)
            looping = not _RUNAWAY.isdisjoint(issue.kind for issue in best.issues)
            changed = replace(
                options,
                temperature=temperature,
                seed=RETRY_SEED,
                repeat_penalty=REPEAT_PENALTY if looping else 1.0,
            )
            best = _better(best, self._attempt(piece, instruction, changed))
            if not best.issues:
                break
        return best

    def _attempt(self, piece: _Piece, instruction: str, options: DecodeOptions) -> Translation:
        text = piece.source.strip()
        [hypothesis] = self._engine.generate([EngineInput(text, instruction)], options)
        found = check_segment(piece.source, hypothesis.text, piece.names)
        target, issues = repair(piece.source, hypothesis.text, found, piece.names)
        return Translation(
            source=piece.source,
            target=target,
            issues=issues + _cut_off(hypothesis),
            attempts=1,
            provenance=hypothesis.provenance,
        )

    @staticmethod
    def plain_instruction() -> str:
        """The instruction without glossary: what a bare engine is measured with."""
        return instructions("translate")["instruction"]

    def _instruction(self, piece: _Piece) -> str:
        lines = "\n".join(f"{hint.source} = {hint.target}" for hint in piece.hints)
        terms = self._texts["terms"].format(terms=lines) if lines else ""
        return self._texts["instruction"] + terms

    def _demands(self, piece: _Piece, issues: Sequence[Issue]) -> str:
        """What a second attempt must and must not contain, in English where that is known."""
        lost = [one.source_value for one in issues if one.target_value is None]
        required = [_english_of(value, piece) for value in lost if value]
        forbidden = [one.target_value for one in issues if one.target_value]
        demands = ""
        if required:
            demands += self._texts["again"].format(required="; ".join(required))
        if forbidden:
            demands += self._texts["without"].format(forbidden="; ".join(forbidden))
        return demands

    def _finish(
        self, draft: Translation, lexicon: Lexicon, options: TranslateOptions
    ) -> Translation:
        if not options.keep_diacritics:
            return draft
        names = _read(draft.source, lexicon).names
        return replace(draft, target=restore_diacritics(draft.target, names))


def _read(source: str, lexicon: Lexicon) -> _Piece:
    matches = lexicon.find(source)
    names = find_names(source, matches)
    return _Piece(source, names, find_hints(source, matches, names))


def _english_of(value: str, piece: _Piece) -> str:
    """The English that the hints give for a value of the source, or the value itself."""
    exact = next((hint.target for hint in piece.hints if hint.source == value), None)
    within = next((hint.target for hint in piece.hints if value in hint.source), None)
    return exact or within or fold_diacritics(value)


def decode_options(source: str) -> DecodeOptions:
    """How a first attempt at the source is decoded: greedily, in plain English letters."""
    return DecodeOptions(max_tokens=token_budget(source), ascii_only=True)


def _cut_off(hypothesis: Hypothesis) -> tuple[Issue, ...]:
    if not hypothesis.truncated:
        return ()
    return (Issue(IssueKind.TRUNCATED, "The English was cut off at the token limit."),)


def _with_truncation(issues: tuple[Issue, ...], parts: Sequence[Translation]) -> tuple[Issue, ...]:
    cut = [one for part in parts for one in part.issues if one.kind is IssueKind.TRUNCATED]
    return issues + tuple(cut)


def _better(first: Translation, second: Translation) -> Translation:
    """The one with the lighter issues, the first in a draw; attempts are added up."""
    best = second if severity(second.issues) < severity(first.issues) else first
    return replace(best, attempts=first.attempts + second.attempts)


def _parts(segment: str, limit: int, *, sentences_apart: bool = False) -> list[str]:
    """Split into sentences, packed in pairs up to the limit unless they are wanted apart.

    The limit is a wish: what has no space to split at, such as a long address of a web
    page, stays whole, and the engine says whether it fits.
    """
    sentences = [
        part for sentence in split_sentences(segment) for part in _split_gently(sentence, limit)
    ]
    if sentences_apart:
        return sentences
    parts: list[list[str]] = []
    for sentence in sentences:
        fits = parts and sum(map(len, parts[-1])) + len(sentence) <= limit
        if fits and len(parts[-1]) < SENTENCES_AT_ONCE:
            parts[-1].append(sentence)
        else:
            parts.append([sentence])
    return ["".join(part) for part in parts]


def _split_gently(sentence: str, limit: int) -> list[str]:
    try:
        return split_long(sentence, limit)
    except InputTooLong:
        return [sentence]


def _halves(segment: str) -> list[str]:
    """Split what exceeds the context; raises InputTooLong where there is nothing to split at."""
    return split_long(segment, max(1, len(segment) // 2))
