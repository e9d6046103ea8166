"""A model's tensors by name."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator, MutableMapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ._arguments import floats
from ._library import check, lib, text_bytes
from .errors import HandleError

if TYPE_CHECKING:
    from .model import Model


class Tensors(MutableMapping[str, NDArray[np.float32]]):
    """A model's tensors: a mapping from names such as ``generator.0.weight`` to arrays."""

    def __init__(self, model: Model) -> None:
        self._model = model

    def _shapes(self) -> dict[str, tuple[int, ...]]:
        handle = self._model.handle
        count, rank = ctypes.c_size_t(), ctypes.c_size_t()
        check(lib.swiftgan_model_tensor_count(handle, ctypes.byref(count)))
        name, dims = ctypes.c_char_p(), ctypes.POINTER(ctypes.c_uint64)()
        shapes = {}
        for i in range(count.value):
            check(
                lib.swiftgan_model_tensor_info(
                    handle, i, ctypes.byref(name), ctypes.byref(dims), ctypes.byref(rank)
                )
            )
            shapes[(name.value or b"").decode()] = tuple(dims[: rank.value])
        return shapes

    def _shape(self, name: str) -> tuple[int, ...]:
        shape = self._shapes().get(name)
        if shape is None:
            raise KeyError(name)
        return shape

    def __getitem__(self, name: str) -> NDArray[np.float32]:
        out = np.empty(self._shape(name), np.float32)
        check(
            lib.swiftgan_model_tensor_read(self._model.handle, text_bytes(name), out.ctypes.data, out.size)
        )
        return out

    def __setitem__(self, name: str, values: ArrayLike) -> None:
        shape = self._shape(name)
        array = floats(values, name)
        if array.shape != shape:
            raise ValueError(f"{name}: expected shape {shape}, found {array.shape}")
        check(
            lib.swiftgan_model_tensor_write(
                self._model.handle, text_bytes(name), array.ctypes.data, array.size
            )
        )

    def __delitem__(self, name: str) -> None:
        raise TypeError("a model's tensors cannot be deleted")

    def __iter__(self) -> Iterator[str]:
        return iter(self._shapes())

    def __len__(self) -> int:
        return len(self._shapes())

    def __repr__(self) -> str:
        try:
            return f"Tensors({self._shapes()})"
        except HandleError:
            return "Tensors(closed)"
