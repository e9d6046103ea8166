"""One exception for each status of the C interface; the message is the library's."""

from __future__ import annotations


class SwiftGANError(Exception):
    """An error that the library reported. `status` is its number, `status_name` its name in the C header."""

    status: int = 0
    status_name: str = ""


class ArgumentError(SwiftGANError, ValueError):
    """A count of zero, an index or value out of its range, NaN or infinity in samples."""


class HandleError(SwiftGANError, ValueError):
    """A model or dataset that was closed."""


class BusyError(SwiftGANError, RuntimeError):
    """Another thread is using the model or dataset, or a callback its own model."""


class BufferTooSmallError(SwiftGANError, ValueError):
    """An output array is too small."""


class ConfigError(SwiftGANError, ValueError):
    """The configuration or options: which key, what was expected and found."""


class FormatError(SwiftGANError, ValueError):
    """A file or text that is not what it should be."""


class TruncatedError(FormatError):
    """A file that ends too early."""


class ChecksumError(FormatError):
    """A file whose bytes have changed."""


class UnsupportedError(SwiftGANError, NotImplementedError):
    """A valid file or request that this version cannot serve."""


class LimitError(SwiftGANError, ValueError):
    """A size beyond what is allowed."""


class MismatchError(SwiftGANError, ValueError):
    """Two things that do not fit: data and model, checkpoint and model."""


class IOFailure(SwiftGANError, OSError):
    """The operating system's answer for a path."""


class OutOfMemoryError(SwiftGANError, MemoryError):
    """Not enough memory."""


class DivergedError(SwiftGANError, ArithmeticError):
    """A cost, gradient or weight became NaN or infinite; the model is as before the step."""


class CancelledError(SwiftGANError):
    """Training was stopped by its callback; the model is at the last whole step."""


class InternalError(SwiftGANError, RuntimeError):
    """A bug in the library."""


class NotFittedError(ValueError, AttributeError):
    """A GAN that has no model yet. An AttributeError, too, as scikit-learn's is, so that ``hasattr(gan, "model")`` is False."""


class DataTypeError(TypeError, ValueError):
    """Data that holds something else than real numbers: complex ones, text, dates, sparse matrices. A TypeError as NumPy's, and
    a ValueError as scikit-learn's."""


BY_STATUS: dict[int, type[SwiftGANError]] = {
    -1: ArgumentError,
    -2: HandleError,
    -3: BusyError,
    -4: BufferTooSmallError,
    -5: ConfigError,
    -6: FormatError,
    -7: TruncatedError,
    -8: ChecksumError,
    -9: UnsupportedError,
    -10: LimitError,
    -11: MismatchError,
    -12: IOFailure,
    -13: OutOfMemoryError,
    -14: DivergedError,
    -15: CancelledError,
    -16: InternalError,
}


def error_of(status: int, name: str, message: str) -> SwiftGANError:
    """The exception of a status."""
    error = BY_STATUS.get(status, InternalError)(message)
    error.status, error.status_name = status, name
    return error
