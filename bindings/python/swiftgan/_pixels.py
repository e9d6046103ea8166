"""Pictures as people have them: any layout, any dtype, any scale, as float32 with channels last.

The layout. (count, height, width, channels) is expected. (count, channels, height, width) is recognized where axis 1 has 1, 3
or 4 elements and the last axis does not, or where only that reading gives squares. Where a shape is known (a model's, a
function's), the order of the axes follows from it.

The values of black and white. Unsigned bytes: 0 and 255 (a data set that holds only 0 and 1: 0 and 1). Truth values: False
and True. 16-bit unsigned integers: 0 and the largest value of the least of 8, 10, 12, 14 and 16 bits that holds all; for less
than 16 bits there is a warning. Other numbers: -1 and 1, or 0 and 1 where all values lie in 0...1 and are not all equal, or 0
and 255 where all are integers in 0...255 and one is above 127. ``values`` overrules this."""

from __future__ import annotations

import warnings
from typing import Any, Optional

import numpy as np
from numpy.typing import NDArray

from ._arguments import Array, numeric
from .errors import error_of

Values = Optional[tuple[float, float]]
_CHANNELS = (1, 3, 4)
_BITS = (8, 10, 12, 14, 16)


def limits(values: Any, name: str) -> Values:
    """A pair of black and white that a caller gave.

    Raises:
        ValueError: not two finite numbers, the first of them the lower one.
    """
    if values is None:
        return None
    pair = np.asarray(values, dtype=np.float64) if np.size(values) == 2 else np.array([0.0, 0.0])
    if pair.shape != (2,) or not np.isfinite(pair).all() or pair[0] >= pair[1]:
        raise ValueError(f"{name}: expected (black, white), two numbers such as (0, 255), found {values!r}")
    return float(pair[0]), float(pair[1])


def channels_last(array: NDArray[Any], name: str) -> NDArray[Any]:
    """Images with their channels on the last axis; (count, height, width) gets an axis of one channel."""
    if array.ndim == 3:
        if array.shape[2] in (3, 4) and min(array.shape[:2]) >= 8:
            _warn(
                f"{name}: shape {array.shape} is read as {array.shape[0]} gray pictures of {array.shape[1]} x {array.shape[2]}"
                f" pixels; write {name}[numpy.newaxis] for one color picture"
            )
        return array[..., np.newaxis]
    if array.ndim != 4 or not _is_channels_first(array.shape):
        if array.ndim == 4 and array.shape[3] not in _CHANNELS and array.shape[1] < array.shape[2] == array.shape[3]:
            _warn(
                f"{name}: shape {array.shape} is read as pictures of {array.shape[1]} x {array.shape[2]} pixels with"
                f" {array.shape[3]} channels; write {name}.transpose(0, 2, 3, 1) if the channels are axis 1"
            )
        return array
    return np.moveaxis(array, 1, 3)


def _is_channels_first(shape: tuple[int, ...]) -> bool:
    _, a, b, c = shape
    if a not in _CHANNELS:
        return False
    return c not in _CHANNELS or (a != b and b == c)


def sample_shape(shape: tuple[int, ...]) -> tuple[int, ...]:
    """The shape of one sample with channels last: (height, width) gets one channel, (channels, height, width) is turned."""
    if len(shape) == 2:
        return (*shape, 1)
    return (*shape[1:], shape[0]) if len(shape) == 3 and _is_channels_first((1, *shape)) else shape


def are_unit(array: NDArray[Any]) -> bool:
    """Whether the values are floats in 0...1 that are not all equal."""
    return array.dtype.kind == "f" and array.size > 0 and 0 <= array.min() < array.max() <= 1


def of_shape(array: NDArray[Any], shape: tuple[int, ...]) -> NDArray[Any]:
    """Images with their channels on the last axis where they have the known shape only so."""
    first = (shape[2:] + shape[:2]) if len(shape) == 3 else shape
    if len(shape) == 3 and array.shape[-3:] == first != shape and array.ndim in (3, 4):
        return np.moveaxis(array, -3, -1)
    return array


def black_and_white(array: NDArray[Any], name: str, *, is_all: bool = True, is_bytes: bool = False) -> Values:
    """The values of black and white, where they are certain; None: unknown, or -1 and 1.

    Args:
        is_all: whether it is all that there is, so that what its values have in common says something.
        is_bytes: whether unsigned bytes always are 0...255.
    """
    kind = array.dtype
    if kind == np.bool_:
        return 0, 1
    if kind == np.uint8:
        if is_all and not is_bytes and array.size and array.max() == 1:
            return 0, 1
        return 0, 255
    if array.size == 0:
        return None
    if kind == np.uint16 and not is_all:
        raise ValueError(
            f"{name}: which of its bits 16-bit integers use cannot be told from a part of the data;"
            f" divide by the value of white, such as 4095 or 65535, and give floats in the model's range"
        )
    if not is_all:
        return None
    low, high = float(array.min()), float(array.max())
    if kind == np.uint16:
        bits = next(n for n in _BITS if high < 2**n)
        white = 2**bits - 1
        if bits < 16:
            _warn(
                f"{name}: the 16-bit integers go up to {high:.0f}, so white is taken to be {white};"
                f" values=(0, 65535) says otherwise"
            )
        return 0, white
    if low == high or low < 0 or not np.isfinite([low, high]).all():
        if -0.2 < low < 0 and 0.5 < high <= 1:
            _warn(
                f"{name}: values in {low:g}...{high:g} are taken as they are, between -1 (black) and 1;"
                f" values=(0, 1) says that 0 is black"
            )
        return None
    if high <= 1:
        return 0, 1
    if 127 < high <= 255 and (kind.kind in "iu" or bool((array == np.floor(array)).all())):
        return 0, 255
    return None


def scaled(array: NDArray[Any], values: Values, to: Values) -> NDArray[np.float32]:
    """Values with another black and white."""
    if values is None or to is None or values == to:
        return np.ascontiguousarray(array, dtype=np.float32)
    factor = (to[1] - to[0]) / (values[1] - values[0])
    single = array.astype(np.float32)
    single -= np.float32(values[0])
    single *= np.float32(factor)
    single += np.float32(to[0])
    return np.ascontiguousarray(single)


def are_images(array: NDArray[Any]) -> bool:
    """Whether samples are images; those of two axes are vectors."""
    return array.ndim in (3, 4)


def data_set(values: Array, name: str, given: Values) -> tuple[NDArray[np.float32], Values]:
    """All samples of a data set as float32 with channels last, and their values of black and white where those are known.

    Integers and truth values become -1...1; floats stay as they are.

    Raises:
        TypeError, ValueError: as `numeric` does.
    """
    array = numeric(values, name)
    if not are_images(array):
        return np.ascontiguousarray(array, dtype=np.float32), given
    array = channels_last(array, name)
    found = given or black_and_white(array, name)
    if found == (0, 1) and array.dtype.kind == "f" or given is not None or found is None:
        return np.ascontiguousarray(array, dtype=np.float32), found
    return scaled(array, found, (-1, 1)), (-1, 1)


def pictures(values: Array, name: str, given: Values) -> NDArray[np.float32]:
    """Images to be drawn, in -1...1: several, or one, which may lack that axis.

    Raises:
        TypeError, ValueError: as `numeric` does.
    """
    array = numeric(values, name)
    if array.ndim == 2:
        array = array[np.newaxis]
    elif array.ndim == 3 and array.shape[2] in _CHANNELS and min(array.shape[:2]) >= 8:
        array = array[np.newaxis]
    elif array.ndim == 4 and _is_channels_first(array.shape):
        array = np.moveaxis(array, 1, 3)
    if given is None:
        own = getattr(values, "range", None)  # of `Samples`
        given = own if isinstance(own, tuple) else black_and_white(array, name, is_bytes=True)
    return scaled(array, given, (-1, 1))


def part_of_data(values: Array, name: str, shape: tuple[int, ...], given: Values) -> NDArray[np.float32]:
    """Some samples of a known shape as float32 with channels last; unsigned bytes and truth values of images become -1...1
    where no other black and white are given.

    Raises:
        TypeError, ValueError: as `numeric` does, or 16-bit integers without a scale.
    """
    array = numeric(values, name)
    if len(shape) == 1:
        return np.ascontiguousarray(array, dtype=np.float32)
    array = of_shape(array, shape)
    found = None if given else black_and_white(array, name, is_all=False)
    return scaled(array, found, (-1, 1))


def in_range(
    array: NDArray[Any], name: str, to: Values, *, given: Values = None, is_all: bool = False
) -> NDArray[np.float32]:
    """Images in a model's range.

    Raises:
        MismatchError: values beyond the range whose scale is unknown. ValueError: 16-bit integers in a part of a data set.
    """
    if to is None:
        return np.ascontiguousarray(array, dtype=np.float32)
    found = given or black_and_white(array, name, is_all=is_all)
    if found is None and is_all:
        check_range(array, name, to)
    return scaled(array, found, to)


def check_range(array: NDArray[Any], name: str, to: tuple[float, float]) -> None:
    """Says what to write where the scale of images is unknown and their values are beyond the model's.

    Raises:
        MismatchError.
    """
    if array.size == 0:
        return
    low, high = float(array.min()), float(array.max())
    slack = 1e-3 * (to[1] - to[0])
    if low < to[0] - slack or high > to[1] + slack:
        raise error_of(
            -11,
            "SWIFTGAN_ERROR_MISMATCH",
            f"{name}: its values go from {low:g} to {high:g}, the model's from {to[0]:g} to {to[1]:g}; write"
            f" values=(black, white), such as values=(0, 255), or set data={{'range': 'any'}} to keep them as they are",
        )


def _warn(message: str) -> None:
    # The caller of the public function is further up; the message names the argument.
    warnings.warn(message, UserWarning, stacklevel=5)
