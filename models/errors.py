"""Errors that the models raise; each message says what to do next."""


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


class EngineFailed(DiemtinError):
    """The engine raised or answered with something that is not a result."""


class UnsafeWeights(DiemtinError):
    """The checkpoint comes as a pickle, which may run code, and that was not allowed."""


class QueueFull(DiemtinError):
    """More segments wait for the engine than its queue holds."""


class Cancelled(DiemtinError):
    """Whoever asked has gone; what was not begun is dropped."""
