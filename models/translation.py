"""What became of a piece: a hypothesis checked and repaired, the best of its beams."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from models.answers import strip_announcement
from models.engine import Hypothesis, Provenance
from models.fidelity import Issue, IssueKind, check_segment, severity
from models.pieces import Piece
from models.repair import repair
from models.term_repair import repair_terms
from models.term_report import TermHit, check_terms, count_used, report_terms


@dataclass(frozen=True)
class Translation:
    """One source segment, its target, what the checks found and what made it.

    `attempts` counts the hypotheses behind the target that was chosen and those that
    were not; `terms` tells of each term of the source whether its English was used.
    """

    source: str
    target: str
    issues: tuple[Issue, ...]
    attempts: int
    provenance: Provenance
    terms: tuple[TermHit, ...] = ()


def judge(piece: Piece, hypothesis: Hypothesis) -> Translation:
    """Check a hypothesis, and take another of its beams where that one passes better.

    The best beam is the one with the lightest issues, then with the most terms, then the
    one that the model likes best.
    """
    text = strip_announcement(piece.source, hypothesis.text)
    best = check_target(piece, text, hypothesis.provenance)
    if hypothesis.truncated:
        best = replace(best, issues=(*best.issues, _CUT_OFF))
    for text in hypothesis.alternatives:
        if _may_win(piece, text, best):
            other = check_target(piece, text, hypothesis.provenance)
            best = other if _rank(other) < _rank(best) else best
    return best


def join(piece: Piece, parts: Sequence[Translation]) -> Translation:
    """The translation of a whole whose parts were translated one by one, checked anew."""
    target = " ".join(_with_comma(one) for one in parts if one.target)
    terms = report_terms(piece.matches, target, piece.names)
    cut_off = [one for part in parts for one in part.issues if one.kind is IssueKind.TRUNCATED]
    return Translation(
        source=piece.source,
        target=target,
        issues=(*_found(piece, target), *check_terms(terms), *cut_off),
        attempts=sum(one.attempts for one in parts),
        provenance=parts[0].provenance,
        terms=terms,
    )


def _with_comma(part: Translation) -> str:
    """The target of a part of a list, which goes on as its source does."""
    if not part.source.rstrip().endswith(","):
        return part.target
    return f"{part.target.rstrip(' ,.;')},"


def better(first: Translation, second: Translation | None) -> Translation:
    """The one with the lighter issues, the first in a draw; attempts are added up."""
    if second is None:
        return first
    best = second if severity(second.issues) < severity(first.issues) else first
    return replace(best, attempts=first.attempts + second.attempts)


_CUT_OFF = Issue(IssueKind.TRUNCATED, "The English was cut off at the token limit.")


def _may_win(piece: Piece, text: str, best: Translation) -> bool:
    """Whether checking it may pay: the checks take ten times as long as the terms."""
    if best.issues:
        return True
    used = count_used(best.terms)
    if used == len(best.terms):
        return False
    return count_used(report_terms(piece.matches, text, piece.names)) > used


def check_target(piece: Piece, text: str, provenance: Provenance) -> Translation:
    """A target with what the source settles put right, and what is wrong with it even so."""
    text = repair_terms(piece.matches, text)
    found = _found(piece, text)
    target, issues = repair(piece.source, text, found, piece.names, matches=piece.matches)
    terms = report_terms(piece.matches, target, piece.names)
    return Translation(piece.source, target, issues + check_terms(terms), 1, provenance, terms)


def _found(piece: Piece, target: str) -> tuple[Issue, ...]:
    return check_segment(piece.source, target, piece.names, matches=piece.matches)


def _rank(one: Translation) -> tuple[float, int]:
    return severity(one.issues), -count_used(one.terms)
