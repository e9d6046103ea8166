"""Checks of arguments for C.

ctypes and NumPy convert silently: of an integer that is too large they take the low bits, of an array they drop the mask and
the imaginary part. Every integer and every array for the library goes through this module."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .errors import error_of


def whole(value: Any, name: str, low: int = 0, high: int = 2**63 - 1) -> int:
    """An integer of Python's or NumPy's as a Python int.

    Raises:
        TypeError: no integer. ArgumentError: below ``low`` or above ``high``.
    """
    try:
        number = operator.index(value)
    except TypeError:
        raise TypeError(f"{name}: expected an integer, found {_shown(value)}") from None
    if not low <= number <= high:
        expected = f"at least {low}" if number < low else f"at most {high}"
        raise error_of(-1, "SWIFTGAN_ERROR_ARGUMENT", f"{name}: expected {expected}, found {_shown(number)}")
    return number


def numeric(values: ArrayLike, name: str) -> NDArray[Any]:
    """``values`` as an array of real numbers or truth values, as it is where it is one.

    Raises:
        TypeError: masked, complex, or objects. ValueError: text.
    """
    if _is_masked(values):
        raise TypeError(f"{name}: expected an array without a mask; fill the masked elements first (numpy.ma.filled)")
    array = np.asarray(values)
    if array.dtype.kind not in "biuf":
        kind = ValueError if array.dtype.kind in "US" else TypeError
        raise kind(f"{name}: expected real numbers, found dtype {array.dtype}")
    return array


def floats(values: ArrayLike, name: str, tail: tuple[int, ...] | None = None) -> NDArray[np.float32]:
    """``values`` as C-contiguous float32; the same array where it is so already.

    With ``tail``, the shape of one entry, a lone entry becomes a batch of one, images of one channel may come without
    that axis, and other shapes raise ValueError.
    """
    array: NDArray[np.float32] = np.ascontiguousarray(numeric(values, name), dtype=np.float32)
    if tail is None:
        return array
    if tail[-1:] == (1,) and len(tail) == 3 and array.shape[-2:] == tail[:2] and array.ndim in (2, 3):
        array = array[..., np.newaxis]
    if array.shape == tail:
        array = array[np.newaxis]
    if array.ndim == 0 or array.shape[1:] != tail:
        raise ValueError(f"{name}: expected shape (count, {', '.join(map(str, tail))}), found {array.shape}")
    return array


def label_indices(values: ArrayLike, count: int, name: str = "labels") -> NDArray[np.int32]:
    """Labels of ``count`` samples as (count,) class indices: from class indices, (count,) or (count, 1), or from one-hot rows,
    (count, classes).

    Raises:
        TypeError: no integers. ValueError: another shape, rows that are not one-hot, values that do not fit in 32 bits.
    """
    array = numeric(values, name)
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim == 2 and len(array) == count:
        if not (((array == 0) | (array == 1)).all() and (array.sum(axis=1) == 1).all()):
            raise ValueError(
                f"{name}: expected ({count},) class indices, or one-hot rows, each with a single 1 and otherwise 0;"
                f" found shape {array.shape} with other rows"
            )
        array = array.argmax(axis=1)
    if array.shape != (count,):
        raise ValueError(f"{name}: expected {count} entries, one class index for each sample, found shape {array.shape}")
    if array.dtype.kind not in "iu":
        raise TypeError(f"{name}: expected integers, found {array.dtype}")
    if array.size and (array.min() < -(2**31) or array.max() >= 2**31):
        raise ValueError(f"{name}: expected values that fit in 32 bits")
    return np.ascontiguousarray(array, dtype=np.int32)


def condition_rows(values: ArrayLike, count: int, name: str = "conditions") -> NDArray[np.float32]:
    """Conditions of ``count`` samples as (count, size); (count,) is one for each."""
    array = floats(values, name)
    if array.ndim == 1:
        array = array[:, np.newaxis]
    if array.ndim != 2 or len(array) != count:
        raise ValueError(f"{name}: expected {count} entries, of shape ({count}, size), found shape {array.shape}")
    return array


def _is_masked(values: Any) -> bool:
    """Whether it is a masked array or a sequence of such, whose masks NumPy drops."""
    if isinstance(values, (list, tuple)):
        return any(isinstance(item, np.ma.MaskedArray) for item in values)
    return isinstance(values, np.ma.MaskedArray)


def _shown(value: Any) -> str:
    """A value in a message: not longer than it helps."""
    try:
        text = repr(value)
    except ValueError:  # an integer of more digits than Python prints
        text = f"an integer of {value.bit_length()} bits"
    return text if len(text) <= 100 else f"{text[:80]}…"
