"""Tables and the tensors of other programs as NumPy's arrays, without a copy where their memory can be read as it is.

A table is (rows, columns). Its memory is taken as it is where it has one column (a column of fixed-size lists counts as many),
or where pandas keeps all columns in one block; otherwise the columns are written into one array of their common type.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .errors import DataTypeError

# DLPack's devices whose memory the host reads: the CPU, and pinned memory of CUDA and ROCm.
_HOST = (1, 3, 11)
_DEVICES = {2: "CUDA", 4: "OpenCL", 7: "Vulkan", 8: "Metal", 10: "ROCm", 12: "external", 13: "CUDA (managed)", 14: "oneAPI"}


def as_array(values: Any, name: str) -> Any:
    """An array for tables and series of pandas, what has Arrow's C interface (polars, pyarrow, …) and what has DLPack's
    (JAX, …); anything else as it is.

    Raises:
        DataTypeError: a column that holds no numbers. ValueError: missing values, a tensor on another device.
    """
    if isinstance(values, (np.ndarray, np.generic)):
        return values
    if hasattr(values, "tocsr"):
        raise DataTypeError(f"{name}: sparse matrices are not taken; write {name}.toarray()")
    if type(values).__module__.partition(".")[0] == "pandas":
        return _of_pandas(values, name)
    if hasattr(values, "__arrow_c_stream__") or hasattr(values, "__arrow_c_array__"):
        # Its structures are declared beside those of the library, which needs this module.
        from ._arrow import of_arrow

        return of_arrow(values, name)
    if hasattr(values, "__dlpack__") and hasattr(values, "__dlpack_device__"):
        return _of_dlpack(values, name)
    return values


def column_names(values: Any) -> list[str] | None:
    """The names of a table's columns; None where it has none."""
    names = getattr(values, "columns", None)
    if names is None or not hasattr(names, "__iter__") or hasattr(values, "column_names"):
        names = getattr(values, "column_names", None)  # of pyarrow, whose columns are arrays
    found = [] if names is None or isinstance(values, np.ndarray) else list(names)
    return found if found and all(isinstance(column, str) for column in found) else None


def _of_pandas(values: Any, name: str) -> Any:
    if not hasattr(values, "to_numpy") or not hasattr(values, "dtype") and not hasattr(values, "dtypes"):
        return values
    is_table = hasattr(values, "columns")
    types = dict(enumerate(values.dtypes)) if is_table else {0: values.dtype}
    for i, dtype in types.items():
        if getattr(dtype, "kind", "O") not in "biuf":
            column = f" column {values.columns[i]!r}" if is_table else ""
            raise DataTypeError(f"{name}:{column} holds {dtype}; expected real numbers")
    if all(isinstance(dtype, np.dtype) for dtype in types.values()):
        return values.to_numpy()
    # Types of pandas' own, which know missing values.
    missing = values.isna().to_numpy().any(axis=0)
    if missing.any():
        column = f" column {values.columns[int(np.argmax(missing))]!r}" if is_table else ""
        raise ValueError(f"{name}:{column} has missing values; fill or drop them first")
    plain = [np.dtype(getattr(dtype, "numpy_dtype", dtype)) for dtype in types.values()]
    return values.to_numpy(dtype=np.result_type(*plain))


def _of_dlpack(values: Any, name: str) -> Any:
    kind, index = values.__dlpack_device__()
    if int(kind) not in _HOST:
        device = _DEVICES.get(int(kind), f"of type {int(kind)}")
        raise ValueError(f"{name}: its memory is on the device {device} {index}; bring it to the CPU first")
    try:
        return np.from_dlpack(values)
    except (BufferError, RuntimeError, TypeError):
        # A type that NumPy has not, or memory that it cannot view.
        if hasattr(values, "__array__"):
            return values
        raise DataTypeError(f"{name}: NumPy cannot read this tensor's type; expected real numbers") from None


def concatenated(chunks: list[list[NDArray[Any]]], labels: list[str], name: str) -> NDArray[Any]:
    """Rows of columns: each chunk has one array for each column. The memory of a single column in one chunk stays."""
    if len(labels) == 1 and len(chunks) == 1:
        column = chunks[0][0]
        return column[:, np.newaxis] if column.ndim == 1 else column
    if len(labels) == 1:
        whole = np.concatenate([chunk[0] for chunk in chunks])
        return whole[:, np.newaxis] if whole.ndim == 1 else whole
    for column, label in zip(chunks[0], labels):
        if column.ndim > 1:
            raise DataTypeError(f"{name}: column {label!r} holds lists beside other columns; expected one number a row")
    rows = sum(len(chunk[0]) for chunk in chunks)
    out = np.empty((rows, len(labels)), np.result_type(*(column.dtype for column in chunks[0])))
    first = 0
    for chunk in chunks:
        for i, column in enumerate(chunk):
            out[first : first + len(column), i] = column
        first += len(chunk[0])
    return out
