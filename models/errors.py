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
