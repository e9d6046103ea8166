"""Batches that an iterable gives, such as PyTorch's DataLoader."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from itertools import repeat
from typing import Any

from .dataset import Dataset

# What arrays, tables and sequences have.
_OF_ARRAYS = ("shape", "__array__", "__arrow_c_stream__", "__arrow_c_array__", "__getitem__")


def are_batches(x: Any) -> bool:
    """Whether it is an iterable of batches: neither an array, a table or a sequence, nor a Dataset or the path of one."""
    if isinstance(x, (Dataset, str, bytes, os.PathLike, dict)) or not isinstance(x, Iterable):
        return False
    return not any(hasattr(x, name) for name in _OF_ARRAYS)


def batches(x: Any, passes: int | None = None) -> Iterator[tuple[Any, Any]]:
    """The batches as (samples, labels or None). An iterable is gone through again and again, or ``passes`` times; an iterator
    ends once it is used up.

    Raises:
        ValueError: an item that is neither an array nor a pair, or no items.
    """
    made = 0
    for _ in repeat(None) if passes is None else repeat(None, passes):
        before = made
        for item in x:
            yield _pair(item, made)
            made += 1
        if made == 0:
            raise ValueError("x: expected at least one batch")
        if made == before or isinstance(x, Iterator):
            return


def _pair(item: Any, index: int) -> tuple[Any, Any]:
    is_pair = isinstance(item, tuple) or (isinstance(item, list) and all(hasattr(part, "shape") for part in item))
    if isinstance(item, dict) or (is_pair and len(item) not in (1, 2)):
        found = f"{len(item)} parts" if is_pair else "a dict"
        raise ValueError(f"x: batch {index}: expected an array or (array, labels), found {found}")
    if not is_pair:
        return item, None
    return item[0], (item[1] if len(item) == 2 else None)
