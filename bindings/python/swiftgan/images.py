"""Pictures of samples."""

from __future__ import annotations

import math
import os
import pathlib
import tempfile

from numpy.typing import ArrayLike

from ._arguments import floats, whole
from ._library import check, dims, lib, path_bytes


def write_png(path: str | os.PathLike[str], samples: ArrayLike, columns: int | None = None) -> None:
    """Writes a grid of images as a PNG.

    Args:
        samples: (count, height, width) or (count, height, width, channels) with 1, 3 or 4 channels, from -1 (black) to 1;
            values beyond are clamped.
        columns: images in a row; by default about as many as rows.

    Raises:
        ArgumentError: NaN or infinity, or another number of channels. IOFailure: the path.
    """
    array = floats(samples, "samples")
    if array.ndim not in (3, 4):
        raise ValueError(f"samples: expected (count, height, width[, channels]), found shape {array.shape}")
    if columns is None:
        columns = max(1, math.ceil(math.sqrt(len(array))))
    columns = whole(columns, "columns", 1)
    check(
        lib.swiftgan_write_png(
            path_bytes(path), array.ctypes.data, len(array), dims(array.shape[1:]), array.ndim - 1, columns
        )
    )


def png(samples: ArrayLike, columns: int | None = None) -> bytes:
    """The same grid as the bytes of a PNG."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "samples.png"
        write_png(path, samples, columns)
        return path.read_bytes()
