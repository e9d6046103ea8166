"""Generative adversarial networks: models, their training and their samples, from libswiftgan.

>>> import swiftgan
>>> with swiftgan.Dataset.open("ring") as data, swiftgan.Model({"data": {"shape": [2]}}) as model:
...     model.train(data, 10)
...     model.sample(3).shape
(3, 2)
"""

from . import config, layers
from ._library import lib as _lib
from .comparison import compare
from .config import Configuration
from .costs import compare_costs
from .dataset import Dataset
from .errors import (
    ArgumentError,
    BufferTooSmallError,
    BusyError,
    CancelledError,
    ChecksumError,
    ConfigError,
    DataTypeError,
    DivergedError,
    FormatError,
    HandleError,
    InternalError,
    IOFailure,
    LimitError,
    MismatchError,
    NotFittedError,
    OutOfMemoryError,
    SwiftGANError,
    TruncatedError,
    UnsupportedError,
)
from .gan import GAN
from .images import png, write_png
from .latents import interpolate
from .library import config_schema, set_log, set_threads
from .metrics import evaluate_features
from .model import Model
from .samples import Samples

__version__: str = _lib.swiftgan_version().decode()

__all__ = [
    "GAN",
    "ArgumentError",
    "BufferTooSmallError",
    "BusyError",
    "CancelledError",
    "ChecksumError",
    "ConfigError",
    "Configuration",
    "DataTypeError",
    "Dataset",
    "DivergedError",
    "FormatError",
    "HandleError",
    "IOFailure",
    "InternalError",
    "LimitError",
    "MismatchError",
    "Model",
    "NotFittedError",
    "OutOfMemoryError",
    "Samples",
    "SwiftGANError",
    "TruncatedError",
    "UnsupportedError",
    "compare",
    "compare_costs",
    "config",
    "config_schema",
    "evaluate_features",
    "interpolate",
    "layers",
    "png",
    "set_log",
    "set_threads",
    "write_png",
]
