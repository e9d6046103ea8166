"""Arrow's C data interface: arrays and tables of polars, pyarrow and others.

https://arrow.apache.org/docs/format/CDataInterface.html, …/CStreamInterface.html and …/CDataInterface/PyCapsuleInterface.html
"""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._library import ArrowArray, ArrowError, ArrowGet, ArrowRelease, ArrowSchema, ArrowStream, capsule_pointer
from ._tables import concatenated
from .errors import DataTypeError

_TYPES = {
    "c": np.int8, "C": np.uint8, "s": np.int16, "S": np.uint16, "i": np.int32, "I": np.uint32, "l": np.int64, "L": np.uint64,
    "e": np.float16, "f": np.float32, "g": np.float64,
}  # fmt: skip
_OTHERS = {
    "n": "nothing", "u": "text", "U": "text", "vu": "text", "z": "bytes", "Z": "bytes", "vz": "bytes", "d": "decimals",
    "t": "dates or times", "w": "bytes", "+": "lists or structures",
}  # fmt: skip


class _Owned:
    """A structure that is released with its last view."""

    def __init__(self, structure: Any) -> None:
        self.structure = structure

    def __del__(self) -> None:
        if self.structure.release and ArrowRelease is not None:
            ArrowRelease(self.structure.release)(ctypes.addressof(self.structure))


class _Memory:
    """Memory as NumPy's array interface, with what it belongs to."""

    def __init__(self, address: int, shape: tuple[int, ...], dtype: np.dtype[Any], owner: Any) -> None:
        self.owner = owner
        self.__array_interface__ = {
            "data": (address, True), "shape": shape, "typestr": dtype.str, "version": 3,
        }  # fmt: skip


def of_arrow(values: Any, name: str) -> NDArray[Any]:
    """A table as (rows, columns), an array as (count,), or as (count, n, …) where it holds lists of one size.

    Raises:
        DataTypeError: a column of something else than numbers. ValueError: missing values.
    """
    if hasattr(values, "__arrow_c_array__"):
        capsules = values.__arrow_c_array__()
        schema = ArrowSchema.from_address(capsule_pointer(capsules[0], b"arrow_schema"))
        arrays = [ArrowArray.from_address(capsule_pointer(capsules[1], b"arrow_array"))]
        owners: list[Any] = [capsules]
    else:
        stream = values.__arrow_c_stream__()
        owned, arrays, owners = _read(ArrowStream.from_address(capsule_pointer(stream, b"arrow_array_stream")), name)
        schema = owned.structure
    is_table = schema.format == b"+s"
    children = [schema.children[i].contents for i in range(schema.n_children)] if is_table else [schema]
    labels = [(child.name or b"").decode() for child in children]
    if is_table and not labels:
        raise ValueError(f"{name}: expected a table with columns, found none")
    chunks = []
    for array, owner in zip(arrays, owners):
        parts = [array.children[i].contents for i in range(len(children))] if is_table else [array]
        first, count = (array.offset, array.length) if is_table else (0, array.length)
        if is_table:
            _expect_all(array, first, count, name)
        chunks.append(
            [
                _column(child, part, owner, f"{name}: column {label!r}" if is_table else name, first, count)
                for child, part, label in zip(children, parts, labels)
            ]
        )
    if not is_table:
        return chunks[0][0] if len(chunks) == 1 else np.concatenate([chunk[0] for chunk in chunks])
    return concatenated(chunks, labels, name)


def _read(stream: Any, name: str) -> tuple[_Owned, list[Any], list[Any]]:
    """A stream's schema, and its arrays with their owners; one empty array where it has none."""
    address = ctypes.addressof(stream)

    def get(function: int, out: Any) -> None:
        if ArrowGet(function)(address, ctypes.addressof(out)) != 0:
            text = ArrowError(stream.get_last_error)(address)
            raise ValueError(f"{name}: {(text or b'the Arrow stream failed').decode(errors='replace')}")

    schema = ArrowSchema()
    get(stream.get_schema, schema)
    owned = _Owned(schema)
    owners = []
    while True:
        array = ArrowArray()
        get(stream.get_next, array)
        if not array.release:
            break
        owners.append(_Owned(array))
    if not owners:
        owners.append(_Owned(_empty(schema)))
    return owned, [owner.structure for owner in owners], owners


def _empty(schema: Any) -> Any:
    """An array of no elements, which owns nothing."""
    array = ArrowArray(n_children=schema.n_children)
    parts = [_empty(schema.children[i].contents) for i in range(schema.n_children)]
    array.children = (ctypes.POINTER(ArrowArray) * len(parts))(*map(ctypes.pointer, parts))
    array.buffers = (ctypes.c_void_p * 3)()
    return array


def _column(schema: Any, array: Any, owner: Any, what: str, first: int, count: int) -> NDArray[Any]:
    """Elements first ... first + count - 1 of an array, counted from its offset."""
    kind = (schema.format or b"").decode()
    _expect_numbers(kind, bool(schema.dictionary), what)
    first += array.offset
    _expect_all(array, first, count, what)
    if kind.startswith("+w:"):
        size = int(kind[3:])
        child = _column(schema.children[0].contents, array.children[0].contents, owner, what, first * size, count * size)
        return child.reshape(count, size, *child.shape[1:])
    if count == 0:
        return np.empty(0, _TYPES.get(kind, np.bool_))
    if kind == "b":
        bits = np.asarray(_Memory(array.buffers[1], ((first + count + 7) // 8,), np.dtype(np.uint8), owner))
        return np.unpackbits(bits, bitorder="little")[first : first + count].astype(np.bool_)
    dtype: Any = np.dtype(_TYPES[kind])
    return np.asarray(_Memory(array.buffers[1] + first * dtype.itemsize, (count,), dtype, owner))


def _expect_numbers(kind: str, is_dictionary: bool, what: str) -> None:
    if is_dictionary:
        raise DataTypeError(f"{what} holds categories; expected real numbers")
    if kind not in _TYPES and kind != "b" and not kind.startswith("+w:"):
        found = _OTHERS.get(kind) or _OTHERS.get(kind[:1], f"Arrow's type {kind!r}")
        raise DataTypeError(f"{what} holds {found}; expected real numbers")


def _expect_all(array: Any, first: int, count: int, what: str) -> None:
    """Raises:
    ValueError: elements without a value.
    """
    if array.null_count == 0 or count == 0 or array.n_buffers == 0 or not array.buffers[0]:
        return
    bits = np.asarray(_Memory(array.buffers[0], ((first + count + 7) // 8,), np.dtype(np.uint8), None))
    missing = count - int(np.unpackbits(bits, bitorder="little")[first : first + count].sum())
    if missing:
        raise ValueError(f"{what} has missing values ({missing} of {count}); fill or drop them first")
