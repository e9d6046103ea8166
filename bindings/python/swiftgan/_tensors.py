"""A model's tensors by name."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator, MutableMapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ._arguments import Array, floats
from ._library import check, lib, text_bytes
from .errors import HandleError

if TYPE_CHECKING:
    from .model import Model


class Tensors(MutableMapping[str, NDArray[np.float32]]):
    """A model's tensors: a mapping from names such as ``generator.0.weight`` to arrays."""

    def __init__(self, model: Model) -> None:
        self._model = model

    def _info(self, index: int) -> tuple[str, tuple[int, ...]]:
        name, dims, rank = ctypes.c_char_p(), ctypes.POINTER(ctypes.c_uint64)(), ctypes.c_size_t()
        check(
            lib.swiftgan_model_tensor_info(
                self._model.handle, index, ctypes.byref(name), ctypes.byref(dims), ctypes.byref(rank)
            )
        )
        return (name.value or b"").decode(), tuple(dims[: rank.value])

    def _shapes(self) -> dict[str, tuple[int, ...]]:
        count = ctypes.c_size_t()
        check(lib.swiftgan_model_tensor_count(self._model.handle, ctypes.byref(count)))
        found = [self._info(i) for i in range(count.value)]
        # Tensors keep their indices; those that appear later stand at the end.
        self._model._tensor_indices = {name: i for i, (name, _) in enumerate(found)}
        return dict(found)

    def _shape(self, name: str) -> tuple[int, ...]:
        index = self._model._tensor_indices.get(name)
        if index is not None:
            found, shape = self._info(index)
            if found == name:
                return shape
        known = self._shapes().get(name)
        if known is None:
            raise KeyError(name)
        return known

    def __getitem__(self, name: str) -> NDArray[np.float32]:
        out = np.empty(self._shape(name), np.float32)
        check(
            lib.swiftgan_model_tensor_read(self._model.handle, text_bytes(name), out.ctypes.data, out.size)
        )
        return out

    def __setitem__(self, name: str, values: Array) -> None:
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
