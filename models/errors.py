"""Errors that the models raise; each message says what to do next."""

from __future__ import annotations

_NAMED_CHARACTERS = 40


def name_segment(source: str) -> str:
    """How a message names a segment: by its beginning."""
    return f"The segment that begins “{source[:_NAMED_CHARACTERS]}”"


class DiemtinError(Exception):
    """Base of every error that diemtin raises on purpose."""


class BadConfig(DiemtinError):
    """A setting or a data file is malformed or contradicts another."""


class UnknownModel(DiemtinError):
    """The name is not in the catalogue."""


class MissingDependency(DiemtinError):
    """An optional package that the chosen engine needs is not installed."""


class WeightsUnavailable(DiemtinError):
    """No mirror could supply the weights."""


class CorruptWeights(DiemtinError):
    """The bytes on disk are not the artifact that the catalogue names."""


class InputTooLong(DiemtinError):
    """The text does not fit into the model's context, and cannot be split further."""

    @classmethod
    def of(cls, source: str, tokens: int, model: str, window: int, remedy: str) -> InputTooLong:
        """The error of a source with so many tokens; it quotes only how the source begins."""
        return cls(
            f"{name_segment(source)} has {tokens} tokens; {model} reads {window} at most. {remedy}"
        )


class EngineFailed(DiemtinError):
    """The engine raised or answered with something that is not a result."""


class UnsafeWeights(DiemtinError):
    """The checkpoint comes as a pickle, which may run code, and that was not allowed."""


class QueueFull(DiemtinError):
    """More segments wait for the engine than its queue holds."""


class Cancelled(DiemtinError):
    """Whoever asked has gone; what was not begun is dropped."""
