"""Samples that notebooks show."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ._arguments import floats
from .images import png


class Samples(np.ndarray[Any, np.dtype[np.float32]]):
    """Samples as a float32 array; images show themselves in notebooks, the first 256 of them as a grid.

    Args:
        values: (count, height, width[, channels]) images, or (count, n).
        range: the values of black and white.
    """

    shown = 256
    range: tuple[float, float]

    def __new__(cls, values: ArrayLike, range: tuple[float, float] | None = None) -> Samples:
        self = floats(values, "values").view(cls)
        self.range = range or (-1, 1)
        return self

    def __array_finalize__(self, source: NDArray[Any] | None) -> None:
        self.range = getattr(source, "range", (-1, 1))

    def _repr_png_(self) -> bytes | None:
        images = np.asarray(self)
        if images.ndim == 3 and images.shape[2] in (1, 3, 4):
            images = images[np.newaxis]  # one of them
        if images.ndim not in (3, 4) or 0 in images.shape or not np.isfinite(images).all():
            return None
        if images.ndim == 4 and images.shape[3] not in (1, 3, 4):
            return None
        low, high = self.range
        return png((images[: self.shown] - low) * (2 / (high - low)) - 1)
