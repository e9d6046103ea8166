"""Samples that notebooks show."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ._arguments import floats, numeric
from ._pixels import are_images, black_and_white, scaled
from .images import png


class Samples(np.ndarray[Any, np.dtype[np.float32]]):
    """Samples as a float32 array; images show themselves in notebooks, the first 256 of them as a grid.

    Args:
        values: (count, height, width[, channels]) images, or (count, n).
        range: the values of black and white, which then stay as they are. By default integers and truth values become -1...1
            as in :func:`write_png`, and floats are -1...1, or 0...1 where all of them are in 0...1.
    """

    shown = 256
    range: tuple[float, float]

    def __new__(cls, values: ArrayLike, range: tuple[float, float] | None = None) -> Samples:
        array = numeric(values, "values")
        if range is None and are_images(array):
            range = getattr(values, "range", None) if isinstance(values, Samples) else None
            range = range or black_and_white(array, "values", is_bytes=True)
            if range is not None and (range != (0, 1) or array.dtype.kind != "f"):
                array, range = scaled(array, range, (-1, 1)), (-1, 1)
        self = floats(array, "values").view(cls)
        self.range = (-1, 1) if range is None else (range[0], range[1])
        return self

    def __array_finalize__(self, source: NDArray[Any] | None) -> None:
        self.range = getattr(source, "range", (-1, 1))

    def __array_wrap__(self, array: Any, context: Any = None, return_scalar: bool = False) -> Any:
        # One number, such as a mean, is a number.
        return array[()] if array.ndim == 0 else super().__array_wrap__(array, context)

    def __reduce__(self) -> Any:
        reduced: Any = super().__reduce__()
        make, arguments, state = reduced
        return make, arguments, (self.range, state)

    def __setstate__(self, state: Any) -> None:
        self.range, state = state
        super().__setstate__(state)

    def _repr_png_(self) -> bytes | None:
        images = np.asarray(self)
        if images.ndim == 3 and images.shape[2] in (1, 3, 4):
            images = images[np.newaxis]  # one of them
        if images.ndim not in (3, 4) or 0 in images.shape or not np.isfinite(images).all():
            return None
        if images.ndim == 4 and images.shape[3] not in (1, 3, 4) and images.shape[1] not in (1, 3, 4):
            return None
        return png(images[: self.shown], values=self.range)
