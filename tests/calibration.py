"""How far the checks can be trusted: their precision and recall on labelled cases."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Protocol

from models.fidelity import Issue, IssueKind

Check = Callable[[str, str], Sequence[Issue]]


class Corruption(StrEnum):
    """What was done to a right translation."""

    NUMBER = "number"
    DATE = "date"
    TIME = "time"
    NAME = "name"
    UNTRANSLATED = "untranslated"
    OMISSION = "omission"
    ADDITION = "addition"
    REPETITION = "repetition"
    NEGATION = "negation"


RIGHT = "right"
# Which issues tell that a corruption was noticed for what it is. On a right case an alarm
# counts against the checks that raise issues of its kind themselves.
TELLING = MappingProxyType(
    {
        Corruption.NUMBER: frozenset({IssueKind.NUMBER}),
        Corruption.DATE: frozenset({IssueKind.DATE, IssueKind.NUMBER}),
        Corruption.TIME: frozenset({IssueKind.DATE, IssueKind.NUMBER}),
        Corruption.NAME: frozenset({IssueKind.NAME}),
        Corruption.UNTRANSLATED: frozenset({IssueKind.UNTRANSLATED}),
        Corruption.OMISSION: frozenset({IssueKind.OMISSION, IssueKind.LENGTH}),
        Corruption.ADDITION: frozenset({IssueKind.ADDITION, IssueKind.LENGTH}),
        Corruption.REPETITION: frozenset({IssueKind.REPETITION}),
        Corruption.NEGATION: frozenset({IssueKind.NEGATION}),
    }
)
_BORROWED = MappingProxyType(
    {Corruption.DATE: {IssueKind.NUMBER}, Corruption.TIME: {IssueKind.NUMBER}}
)


class LabelledCase(Protocol):
    """A source with a target whose only fault, if any, is known."""

    @property
    def id(self) -> str:
        """Its name."""

    @property
    def kind(self) -> str:
        """`right`, or what was done to the target."""

    @property
    def source(self) -> str:
        """The Vietnamese."""

    @property
    def target(self) -> str:
        """The English."""


@dataclass(frozen=True)
class CheckScore:
    """One check: corrupted cases that it caught and missed, right ones where it cried wolf."""

    check: str
    caught: tuple[str, ...]
    missed: tuple[str, ...]
    false_alarms: tuple[str, ...]

    @property
    def precision(self) -> float:
        """Share of its alarms that were deserved; 1 where it raised none."""
        alarms = len(self.caught) + len(self.false_alarms)
        return len(self.caught) / alarms if alarms else 1.0

    @property
    def recall(self) -> float:
        """Share of the corrupted cases that it caught; 1 where there were none."""
        corrupted = len(self.caught) + len(self.missed)
        return len(self.caught) / corrupted if corrupted else 1.0


@dataclass(frozen=True)
class Calibration:
    """The scores of every check, and how often any warning was raised at all."""

    scores: tuple[CheckScore, ...]
    right: int
    right_warned: int
    corrupted: int
    corrupted_warned: int

    def score(self, check: str) -> CheckScore:
        """The score of a check."""
        return next(one for one in self.scores if one.check == check)


def calibrate(cases: Sequence[LabelledCase], check: Check) -> Calibration:
    """Apply a check of source and target to every case, and count."""
    found = {case.id: {issue.kind for issue in check(case.source, case.target)} for case in cases}
    right = [case for case in cases if case.kind == RIGHT]
    corrupted = [case for case in cases if case.kind != RIGHT]
    return Calibration(
        scores=tuple(_score(one, TELLING[one], cases, found) for one in Corruption),
        right=len(right),
        right_warned=sum(bool(found[case.id]) for case in right),
        corrupted=len(corrupted),
        corrupted_warned=sum(bool(found[case.id]) for case in corrupted),
    )


def _score(
    corruption: Corruption,
    telling: Collection[IssueKind],
    cases: Sequence[LabelledCase],
    found: dict[str, set[IssueKind]],
) -> CheckScore:
    own = set(telling) - _BORROWED.get(corruption, set())
    told = {case.id for case in cases if not found[case.id].isdisjoint(telling)}
    mine = [case.id for case in cases if case.kind == corruption.value]
    return CheckScore(
        corruption.value,
        caught=tuple(one for one in mine if one in told),
        missed=tuple(one for one in mine if one not in told),
        false_alarms=tuple(
            case.id for case in cases if case.kind == RIGHT and not found[case.id].isdisjoint(own)
        ),
    )


def format_calibration(calibration: Calibration) -> str:
    """The scores as a table in plain text."""
    lines = [f"{'check':<14}{'cases':>6}{'precision':>11}{'recall':>8}{'false alarms':>14}"]
    for one in calibration.scores:
        cases = len(one.caught) + len(one.missed)
        lines.append(
            f"{one.check:<14}{cases:>6}{one.precision:>11.2f}{one.recall:>8.2f}"
            f"{len(one.false_alarms):>14}"
        )
    lines.append(f"right cases with a warning: {calibration.right_warned} of {calibration.right}")
    lines.append(
        f"corrupted cases with a warning: {calibration.corrupted_warned} of {calibration.corrupted}"
    )
    return "\n".join(lines)
