"""Samples that notebooks show."""

from __future__ import annotations

import os
import pathlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import _plots as plots
from ._arguments import Array, floats, numeric, whole
from ._pixels import are_images, black_and_white, pictures, scaled
from .images import png, write_png

# Functions that do not go through a ufunc, and whose results are no samples.
_PLAIN = (np.quantile, np.percentile, np.nanquantile, np.nanpercentile, np.unique, np.dot)


class Samples(np.ndarray[Any, np.dtype[np.float32]]):
    """Samples as a float32 array; images show themselves in notebooks, the first 256 of them as a grid.

    Parts of it and elementwise results of the same shape are samples with its range; sums, means and other reductions,
    comparisons and products are plain arrays or numbers.

    Args:
        values: (count, height, width[, channels]) images, or (count, n).
        range: the values of black and white, which then stay as they are. By default integers and truth values become -1...1
            as in :func:`write_png`, and floats are -1...1, or 0...1 where all of them are in 0...1.
    """

    shown = 256
    range: tuple[float, float]

    def __new__(cls, values: Array, range: tuple[float, float] | None = None) -> Samples:
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

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, out: Any = None, **options: Any) -> Any:
        """Elementwise results of float32 in the same shape are samples; reductions, comparisons and products are plain."""
        plain = [np.asarray(x) if isinstance(x, Samples) else x for x in inputs]
        if out is not None:
            options["out"] = tuple(np.asarray(x) if isinstance(x, Samples) else x for x in out)
        result = getattr(ufunc, method)(*plain, **options)
        if out is not None:
            return out[0] if len(out) == 1 else out
        is_elementwise = method == "__call__" and ufunc.signature is None and isinstance(result, np.ndarray)
        if is_elementwise and result.dtype == np.float32 and result.shape == self.shape:
            result = result.view(type(self))
            result.range = self.range
        return result

    def __array_function__(self, function: Any, types: Any, arguments: Any, options: Any) -> Any:
        if function not in _PLAIN:
            return super().__array_function__(function, types, arguments, options)
        plain = (np.asarray(x) if isinstance(x, Samples) else x for x in arguments)
        return function(*plain, **options)

    def __array_wrap__(self, array: Any, context: Any = None, return_scalar: bool = False) -> Any:
        # Of functions such as those of numpy.linalg.
        return array[()] if array.ndim == 0 else np.asarray(array)

    def round(self, *arguments: Any, **options: Any) -> Any:
        """As NumPy's; samples."""
        rounded = np.asarray(self).round(*arguments, **options)
        return type(self)(rounded, self.range) if rounded.shape == self.shape else rounded

    def astype(self, dtype: Any, *arguments: Any, **options: Any) -> Any:
        """As NumPy's; samples where the type is float32, else a plain array."""
        values = self if np.dtype(dtype) == np.float32 else np.asarray(self)
        return np.ndarray.astype(values, dtype, *arguments, **options)

    def argmax(self, *arguments: Any, **options: Any) -> Any:
        """As NumPy's, a plain array."""
        return np.asarray(self).argmax(*arguments, **options)

    def argmin(self, *arguments: Any, **options: Any) -> Any:
        """As NumPy's, a plain array."""
        return np.asarray(self).argmin(*arguments, **options)

    def argsort(self, *arguments: Any, **options: Any) -> Any:
        """As NumPy's, a plain array."""
        return np.asarray(self).argsort(*arguments, **options)

    def dot(self, *arguments: Any, **options: Any) -> Any:
        """As NumPy's, a plain array."""
        return np.asarray(self).dot(*arguments, **options)

    def __reduce__(self) -> Any:
        reduced: Any = super().__reduce__()
        make, arguments, state = reduced
        return make, arguments, (self.range, state)

    def __setstate__(self, state: Any) -> None:
        self.range, state = state
        super().__setstate__(state)

    def to_pil(self) -> Any:
        """The images as pictures of Pillow: a list, or one picture of one image (height, width, channels).

        Raises:
            ImportError: Pillow is not installed. ValueError: no images.
        """
        try:
            from PIL import Image
        except ImportError:
            raise ImportError("to_pil needs Pillow; install it: pip install Pillow") from None
        images, is_one = self._images()
        bytes_ = np.rint((np.clip(pictures(images, "samples", self.range), -1, 1) + 1) * 127.5).astype(np.uint8)
        found = [Image.fromarray(image[..., 0] if image.shape[-1:] == (1,) else image) for image in bytes_]
        return found[0] if is_one else found

    def save(self, path: str | os.PathLike[str], columns: int = 8) -> None:
        """Writes the samples as the path's ending says: a grid of images as .png, an array as .npy, or in an archive, under the
        name "samples", as .npz.

        Args:
            columns: of the grid.

        Raises:
            ValueError: another ending, or vectors as .png. OSError: the path.
        """
        ending = pathlib.Path(os.fsdecode(path)).suffix.lower()
        if ending == ".png":
            images, _ = self._images()
            write_png(path, images, min(whole(columns, "columns", 1), len(images)), values=self.range)
        elif ending == ".npy":
            with open(path, "wb") as file:
                np.save(file, np.asarray(self))
        elif ending == ".npz":
            with open(path, "wb") as file:
                np.savez(file, samples=np.asarray(self))
        else:
            raise ValueError(f"path: expected the ending .png, .npy or .npz, found {os.fsdecode(path)!r}")

    def plot(self, ax: Any = None, columns: int | None = None) -> Any:
        """Draws with matplotlib: images as a grid, vectors of one number as a histogram and of two as points.

        Args:
            ax: matplotlib's axes to draw on; by default new ones.
            columns: of the grid; by default about as many as rows.

        Returns:
            The axes.

        Raises:
            ImportError: matplotlib is not installed. ValueError: vectors of more than two numbers.
        """
        values = np.asarray(self)
        return plots.samples(values if values.ndim <= 2 else self._images()[0], self.range, columns, ax)

    def _images(self) -> tuple[NDArray[np.float32], bool]:
        """Several images, and whether it was one of them.

        Raises:
            ValueError: no images.
        """
        images = np.asarray(self)
        is_one = images.ndim == 3 and images.shape[2] in (1, 3, 4)
        if is_one:
            images = images[np.newaxis]
        has_channels = images.ndim == 4 and (images.shape[3] in (1, 3, 4) or images.shape[1] in (1, 3, 4))
        if 0 in images.shape or not (images.ndim == 3 or has_channels):
            raise ValueError(f"expected images, (count, height, width[, channels]), found shape {self.shape}")
        return images, is_one

    def _repr_png_(self) -> bytes | None:
        try:
            images, _ = self._images()
        except ValueError:
            return None
        return png(images[: self.shown], values=self.range) if np.isfinite(images).all() else None
