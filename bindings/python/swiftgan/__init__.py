"""Generative adversarial networks: models, their training and their samples, from libswiftgan.

>>> import swiftgan
>>> with swiftgan.Dataset.open("ring") as data, swiftgan.Model({"data": {"shape": [2]}}) as model:
...     model.train(data, 10)
...     model.sample(3).shape
(3, 2)
"""

from ._library import lib as _lib
from .costs import compare_costs
from .dataset import Dataset
from .errors import (
    ArgumentError,
    BufferTooSmallError,
    BusyError,
    CancelledError,
    ChecksumError,
    ConfigError,
    DivergedError,
    FormatError,
    HandleError,
    InternalError,
    IOFailure,
    LimitError,
    MismatchError,
    OutOfMemoryError,
    SwiftGANError,
    TruncatedError,
    UnsupportedError,
)
from .images import write_png
from .latents import interpolate
from .library import set_log, set_threads
from .metrics import evaluate_features
from .model import Model

__version__: str = _lib.swiftgan_version().decode()

__all__ = [
    "ArgumentError",
    "BufferTooSmallError",
    "BusyError",
    "CancelledError",
    "ChecksumError",
    "ConfigError",
    "Dataset",
    "DivergedError",
    "FormatError",
    "HandleError",
    "IOFailure",
    "InternalError",
    "LimitError",
    "MismatchError",
    "Model",
    "OutOfMemoryError",
    "SwiftGANError",
    "TruncatedError",
    "UnsupportedError",
    "compare_costs",
    "evaluate_features",
    "interpolate",
    "set_log",
    "set_threads",
    "write_png",
]
