"""Checks of arguments for C.

ctypes and NumPy convert silently: of an integer that is too large they take the low bits, of an array they drop the mask and
the imaginary part. Every integer and every array for the library goes through this module."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any, Protocol, Union

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ._tables import as_array
from .errors import DataTypeError, error_of


class SupportsDLPack(Protocol):
    """A tensor of another program, such as JAX."""

    def __dlpack__(self) -> Any:
        """A capsule with the tensor."""

    def __dlpack_device__(self) -> Any:
        """The type and the number of its device."""


class SupportsArrowStream(Protocol):
    """A table or a column in chunks, such as of polars and pyarrow."""

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        """A capsule with the stream."""


class SupportsArrowArray(Protocol):
    """A table or a column in one piece, such as of pyarrow."""

    def __arrow_c_array__(self, requested_schema: Any = None) -> Any:
        """Capsules with type and elements."""


Array = Union[ArrayLike, SupportsDLPack, SupportsArrowStream, SupportsArrowArray]
"""Whatever is read as an array of numbers."""


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


def numeric(values: Array, name: str) -> NDArray[Any]:
    """``values`` as an array of real numbers or truth values, as it is where it is one. Tensors of PyTorch and pictures of
    Pillow are taken, and lists of them, tables and tensors as `as_array` takes them.

    Raises:
        TypeError: masked, objects. DataTypeError: complex numbers, text, sparse matrices. ValueError: pictures of different
        sizes, missing values, a tensor on another device than the CPU.
    """
    values = _plain(values, name)
    if _is_masked(values):
        raise TypeError(f"{name}: expected an array without a mask; fill the masked elements first (numpy.ma.filled)")
    try:
        array = np.asarray(values)
    except ValueError as error:
        if "inhomogeneous" not in str(error):
            raise
        raise ValueError(f"{name}: the entries differ in shape; bring them to one (pictures: resize them)") from None
    if array.dtype.name == "bfloat16":  # of ml_dtypes, as JAX has them
        array = array.astype(np.float32)
    if array.dtype.kind == "c":
        raise DataTypeError(f"{name}: expected real numbers, found dtype {array.dtype}. Complex data not supported")
    if array.dtype.kind not in "biuf":
        kind = ValueError if array.dtype.kind in "US" else TypeError
        raise kind(f"{name}: expected real numbers, found dtype {array.dtype}")
    return array


def _plain(values: Any, name: str) -> Any:
    """Tensors of PyTorch and pictures of Pillow, and lists of them, as arrays; anything else as it is."""
    if _is_tensor(values):
        return _of_tensor(values, name)
    if _is_picture(values):
        return _of_pictures([values], name)[0]
    if not isinstance(values, (list, tuple)) or not values:
        return as_array(values, name)
    if all(map(_is_tensor, values)):
        parts = [_of_tensor(item, name) for item in values]
    elif all(map(_is_picture, values)):
        parts = _of_pictures(values, name)
    else:
        return values
    shapes = sorted({part.shape for part in parts})
    if len(shapes) > 1:
        raise ValueError(f"{name}: the entries have the shapes {_shown(shapes)}; bring them to one (pictures: resize them)")
    return np.stack(parts)


def _is_tensor(value: Any) -> bool:
    return hasattr(value, "detach") and hasattr(value, "cpu")


def _of_tensor(tensor: Any, name: str) -> NDArray[Any]:
    """The memory of a tensor of PyTorch."""
    if tensor.device.type != "cpu":
        raise ValueError(f"{name}: its memory is on the device {tensor.device}; bring it to the CPU first: {name}.cpu()")
    if tensor.is_sparse or tensor.is_sparse_csr:
        raise DataTypeError(f"{name}: sparse tensors are not taken; write {name}.to_dense()")
    tensor = tensor.detach().resolve_conj().resolve_neg()
    if str(tensor.dtype) == "torch.bfloat16":
        tensor = tensor.float()  # NumPy has no such type
    array: NDArray[Any] = tensor.numpy()
    return array


def _is_picture(value: Any) -> bool:
    return hasattr(value, "getbands") and hasattr(value, "convert")


# Modes of more than 8 bits, whose numbers stay as they are.
_DEEP = ("I", "F", "I;16", "I;16L", "I;16B", "I;16N")


def _of_pictures(pictures: Sequence[Any], name: str) -> list[NDArray[Any]]:
    """Pictures of Pillow as arrays of one kind: gray values, or red, green and blue if one has colors. What is transparent is
    composed on white."""
    modes = sorted({picture.mode for picture in pictures})
    if modes == ["1"] or (len(modes) == 1 and modes[0] in _DEEP):
        return [np.asarray(picture) for picture in pictures]
    if any(mode in _DEEP for mode in modes):
        raise ValueError(f"{name}: expected pictures of one depth, found the modes {', '.join(modes)}")
    colored = any(map(_is_colored, pictures))
    return [_bytes_of(picture, colored) for picture in pictures]


def _is_colored(picture: Any) -> bool:
    if picture.mode in ("P", "PA"):
        palette = np.asarray(picture.getpalette(), np.uint8).reshape(-1, 3)
        return bool((palette != palette[:, :1]).any())
    return picture.mode not in ("1", "L", "LA", "La")


def _bytes_of(picture: Any, colored: bool) -> NDArray[np.uint8]:
    if picture.mode in ("LA", "La", "PA", "RGBA", "RGBa") or "transparency" in picture.info:
        pixels = np.asarray(picture.convert("RGBA")).astype(np.float32)
        alpha = pixels[..., 3:] / 255
        rgb: NDArray[np.uint8] = np.rint(pixels[..., :3] * alpha + 255 * (1 - alpha)).astype(np.uint8)
        return rgb if colored else rgb[..., 0]
    return np.asarray(picture.convert("RGB" if colored else "L"))


def floats(values: Array, name: str, tail: tuple[int, ...] | None = None) -> NDArray[np.float32]:
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


def label_indices(values: Array, count: int, name: str = "labels") -> NDArray[np.int32]:
    """Labels of ``count`` samples as (count,) class indices: from class indices, (count,) or (count, 1), or from one-hot rows,
    (count, classes).

    Raises:
        TypeError: no integers. ValueError: another shape, rows that are not one-hot, values that do not fit in 32 bits.
    """
    text = first_text(values)
    if text is not None:
        raise ValueError(
            f"{name}: expected class indices, found names such as {text!r}; number them:"
            f" names, {name} = numpy.unique({name}, return_inverse=True)"
        )
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
    if array.dtype.kind not in "iu" and array.size > 0:
        raise TypeError(f"{name}: expected integers, found {array.dtype}; write {name}.astype(int) if they are whole")
    if array.size and (array.min() < -(2**31) or array.max() >= 2**31):
        raise ValueError(f"{name}: expected values that fit in 32 bits")
    return np.ascontiguousarray(array, dtype=np.int32)


def of_names(values: Any, names: Sequence[str], count: int, name: str = "labels") -> Any:
    """Class indices of names, one for each of ``count`` samples or one for all; where no names are known the labels as they
    are.

    Raises:
        ValueError: a name that is not known.
    """
    if not names:
        return values
    given = np.asarray(values).astype(str)
    numbers = {text: i for i, text in enumerate(names)}
    unknown = next((text for text in given.ravel().tolist() if text not in numbers), None)
    if unknown is not None:
        raise ValueError(f"{name}: unknown class {unknown!r}; expected one of {', '.join(names[:20])}")
    indices = np.vectorize(numbers.__getitem__, otypes=[np.int32])(given)
    return np.full(count, indices) if indices.ndim == 0 else indices


def first_text(values: Any) -> str | None:
    """The first of labels that are names; None where they are none."""
    if isinstance(values, str):
        return values
    if isinstance(values, (list, tuple)):
        return values[0] if values and isinstance(values[0], str) else None
    if _is_tensor(values) or not hasattr(values, "__array__"):
        return None
    array = np.asarray(values)
    if array.dtype.kind not in "UO" or array.size == 0:
        return None
    first = array.ravel()[0]
    return str(first) if isinstance(first, str) else None


def condition_rows(values: Array, count: int, name: str = "conditions") -> NDArray[np.float32]:
    """Conditions of ``count`` samples as (count, size); (count,) is one for each, and images and other arrays of several axes
    are laid out in rows."""
    array = floats(values, name)
    if array.ndim == 1:
        array = array[:, np.newaxis]
    elif array.ndim > 2:
        array = array.reshape(len(array), -1)
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
