"""Of two sentences the one that is at fault: only that one is translated again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from models.fidelity import Issue
from models.pieces import Piece, Reader
from models.segmenter import split_sentences
from models.translation import Translation, better, check_target


@dataclass(frozen=True)
class Narrowed:
    """A part of a piece with its part of the target, and the target around it."""

    piece: Piece
    draft: Translation
    before: str = ""
    after: str = ""

    def widen(self, piece: Piece, draft: Translation, made: Translation) -> Translation:
        """The better of a piece's draft and the same with what was made of the part."""
        if piece is self.piece:
            return made
        parts = (self.before, made.target, self.after)
        target = " ".join(part for part in parts if part)
        whole = check_target(piece, target, made.provenance)
        return better(draft, replace(whole, attempts=made.attempts))


def narrow(piece: Piece, draft: Translation, reader: Reader) -> Narrowed:
    """The one sentence that all the issues are of, where that can be told; else the whole.

    It can where the target has as many sentences as the source: then they are taken to
    belong together in order.
    """
    sources = split_sentences(piece.source)
    targets = [one.strip() for one in split_sentences(draft.target)]
    at = _find_fault(sources, targets, draft.issues)
    if at is None:
        return Narrowed(piece, draft)
    part = reader.read(sources[at])
    found = check_target(part, targets[at], draft.provenance)
    if not found.issues:
        return Narrowed(piece, draft)
    before, after = " ".join(targets[:at]), " ".join(targets[at + 1 :])
    return Narrowed(part, replace(found, attempts=0), before, after)


def _find_fault(
    sources: Sequence[str], targets: Sequence[str], issues: Sequence[Issue]
) -> int | None:
    if len(sources) != len(targets) or len(sources) < 2:
        return None
    faults = {_place(issue, sources, targets) for issue in issues}
    return faults.pop() if len(faults) == 1 else None


def _place(issue: Issue, sources: Sequence[str], targets: Sequence[str]) -> int | None:
    """The index of the only sentence that has the issue's value; None where none or two have."""
    value, texts = (
        (issue.source_value, sources) if issue.source_value else (issue.target_value, targets)
    )
    found = [at for at, text in enumerate(texts) if value and value in text]
    return found[0] if len(found) == 1 else None
