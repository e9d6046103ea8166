"""Pictures of samples."""

from __future__ import annotations

import math
import os
import pathlib
import tempfile

from ._arguments import Array, whole
from ._library import check, dims, lib, path_bytes
from ._pixels import Values, limits, pictures


def write_png(
    path: str | os.PathLike[str], samples: Array, columns: int | None = None, *, values: Values = None
) -> None:
    """Writes a grid of images as a PNG.

    Args:
        samples: (count, height, width), (count, height, width, channels) or (count, channels, height, width) with 1, 3 or 4
            channels; or one picture, (height, width) or (height, width, channels). Unsigned bytes are 0...255, truth values
            black and white, floats -1 (black) to 1, or 0 to 1 where all of them are in 0...1; values beyond are clamped.
        columns: images in a row; by default about as many as rows.
        values: the numbers that mean black and white. By default those above.

    Raises:
        ArgumentError: NaN or infinity, or another number of channels. IOFailure: the path.
    """
    array = pictures(samples, "samples", limits(values, "values"))
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


def png(samples: Array, columns: int | None = None, *, values: Values = None) -> bytes:
    """The same grid as the bytes of a PNG."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "samples.png"
        write_png(path, samples, columns, values=values)
        return path.read_bytes()
