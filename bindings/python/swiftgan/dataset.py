"""Real samples to train on."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable, Iterable, Sequence
from contextlib import nullcontext
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._arguments import Array, floats, numeric, whole
from ._forms import json_text, parsed
from ._handle import Owned
from ._library import (
    Accompaniment,
    Handle,
    check,
    dims,
    lib,
    path_bytes,
    sample_reader,
    text_bytes,
    text_of,
)
from ._pixels import Values, are_images, data_set, limits, sample_shape


class Dataset(Owned):
    """Samples in memory or in files, with labels if there are any. Made by `open`, `from_arrays`,
    `from_function` or `from_iterator`."""

    _destroy = staticmethod(lib.swiftgan_dataset_destroy)

    # ctypes' function, which must live as long as the library may call it.
    _reader: Any = None

    def __init__(self, handle: Handle) -> None:
        if not isinstance(handle, Handle):
            what = "open" if isinstance(handle, (str, os.PathLike)) else "from_arrays"
            raise TypeError(f"expected Dataset.{what}(…) instead of Dataset(…) for a {type(handle).__name__}")
        super().__init__(handle)
        info = self.info
        self._count: int = info["count"]
        self._shape: tuple[int, ...] = tuple(info["shape"])

    @classmethod
    def open(cls, path: str | os.PathLike[str], **options: Any) -> Dataset:
        """Opens an IDX file of images (also .gz), a folder of IDX files, a folder of PNG files (subfolders are classes),
        CIFAR's binary files, a .npy or .npz file, a .csv table, WAV files (subfolders are classes), or the synthetic
        sets "ring" and "grid".

        Args:
            options: for files ``labels``, ``split`` ("train" or "test"), ``range``, ``limit``, ``labelled``, ``memory``,
                ``shuffle_block``, ``stack`` (gray images as channels; with ``count``), ``flip`` and ``shift`` (of images in
                training); for CIFAR-100 ``coarse``; for IDX files ``transposed``;
                for .npz ``samples`` and ``labels``, names of arrays; for a .csv table
                ``labels`` and ``conditions``, names of columns; for pairs ``inputs`` (a folder, a .npy file, the name of an
                array in a .npz) and ``unpaired``, ``side_by_side`` ("left" or "right" half of each picture) or ``degrade``; for
                tables and arrays ``missing``; for PNG files ``crop``, ``resize``, ``channels``, ``skip_corrupt``; for WAV
                files ``window``, ``hop`` and ``rate``; for "ring" ``count``, ``seed``, ``modes``, ``radius``, ``deviation``;
                for "grid" ``count``, ``seed``, ``side``, ``spacing``, ``deviation``.

        Raises:
            IOFailure, FormatError, TruncatedError: the file. ConfigError: an option. MismatchError: labels.
        """
        handle = Handle()
        text = text_bytes(json_text(options))
        check(lib.swiftgan_dataset_open(ctypes.byref(handle), path_bytes(path), text))
        return cls(handle)

    @classmethod
    def from_arrays(
        cls,
        samples: Array,
        labels: Array | None = None,
        conditions: Array | None = None,
        *,
        values: Values = None,
        missing: bool = False,
    ) -> Dataset:
        """A copy of samples, of their labels and of (count, size) conditions, which may also be images or other arrays, one for
        each sample.

        Images may have 8-bit or 16-bit integers, truth values, or floats in -1...1 or 0...1, may have their channels before
        height and width, and may be tensors of PyTorch or a list of pictures of Pillow. Vectors may be a table of pandas,
        polars or Arrow. Integers and truth values become -1...1; floats stay as they are, and a model receives them in its
        own range where their scale is known.

        Args:
            samples: (count, n) vectors, which stay as they are, or (count, height, width), (count, height, width, channels) or
                (count, channels, height, width) images.
            labels: (count,) class indices, -1 where unknown, or one-hot rows (count, classes).
            values: the numbers that mean black and white, such as (0, 4095). By default (0, 255) for unsigned bytes, (0, 1) for
                floats of which all are in 0...1, and (0, 255) for numbers that are all integers in 0...255 and not all
                below 128.
            missing: whether elements of floats may be NaN, which are missing; models of the family "gain" learn from such
                samples. They stay as they are.

        Raises:
            ArgumentError: no samples, NaN or infinity in them. ValueError: shapes that do not fit. TypeError: masked or complex
            arrays, labels that are no integers.
        """
        if missing:
            return cls._of_floats(floats(samples, "samples"), labels, conditions, missing=True)
        if conditions is not None and are_images(pictures := numeric(conditions, "conditions")):
            # Integers and truth values become -1...1, as those of samples do.
            conditions, _ = data_set(pictures, "conditions", None)
        array, found = data_set(samples, "samples", limits(values, "values"))
        if not 2 <= array.ndim <= 4:
            raise ValueError(f"samples: expected 2 to 4 axes, found shape {array.shape}")
        return cls._of_floats(array, labels, conditions)._scaled(found)

    @classmethod
    def _of_floats(
        cls, array: NDArray[np.float32], labels: Any, conditions: Any, *, missing: bool = False
    ) -> Dataset:
        """Samples as they are, images with channels last."""
        handle = Handle()
        inputs = Accompaniment(len(array), labels, None, conditions)
        make = lib.swiftgan_dataset_with_missing if missing else lib.swiftgan_dataset_from_memory
        check(
            make(
                ctypes.byref(handle),
                array.ctypes.data,
                len(array),
                dims(array.shape[1:]),
                array.ndim - 1,
                inputs.pointer,
            )
        )
        return cls(handle)

    def _scaled(self, values: Values) -> Dataset:
        """This data set, or one of the same samples with a known scale, which takes its place."""
        if values is None:
            return self
        with self:
            return self.derive(values=values)

    @classmethod
    def from_function(
        cls,
        count: int,
        shape: Sequence[int],
        read: Callable[[NDArray[np.int64]], Array],
        labels: Array | None = None,
        conditions: Array | None = None,
        *,
        values: Values = None,
    ) -> Dataset:
        """``count`` samples that ``read`` makes when they are wanted.

        Args:
            shape: of a sample: (n,), (height, width), (height, width, channels) or (channels, height, width).
            values: the numbers that mean black and white, such as (0, 1); unsigned bytes and truth values of images become
                -1...1 without.
            read: is given an array of indices below ``count`` and returns their samples, (indices, \\*shape), or images
                with channels before height and width, on the thread
                that trains, reads or evaluates. An index must always give the same sample. What it raises comes out of the
                call that wanted the samples; training keeps the steps made before. It must not use the model or this dataset.
            labels, conditions: as in `from_arrays`.

        Raises:
            ValueError, ArgumentError: count, shape, labels. The calls that read: ValueError (the shape of what ``read``
            returned), ArgumentError (NaN or infinity), MismatchError (values beyond the model's range).
        """
        count = whole(count, "count", 1)
        shape = tuple(whole(n, "shape", 1) for n in shape)
        shape = sample_shape(shape)
        black_white = limits(values, "values")
        reader = sample_reader(shape, read, black_white)
        handle = Handle()
        inputs = Accompaniment(count, labels, None, conditions)
        check(
            lib.swiftgan_dataset_from_callback(
                ctypes.byref(handle), count, dims(shape), len(shape), inputs.pointer, reader, None
            )
        )
        dataset = cls(handle)
        dataset._reader = reader
        return dataset._scaled(black_white)

    @classmethod
    def from_iterator(
        cls, items: Iterable[Array | tuple[Array, int]], *, values: Values = None
    ) -> Dataset:
        """A copy in memory of all samples that an iterable gives: arrays, or pairs (tuples) of an array and its label. It is
        read to its end, so it must have one. ``values`` and images are as in `from_arrays`.

        Raises:
            ValueError: no items, arrays of different shapes, labels with only some. ArgumentError: NaN or infinity.
        """
        samples: list[NDArray[Any]] = []
        labels: list[int] = []
        for i, item in enumerate(items):
            if isinstance(item, tuple):
                if len(item) != 2:
                    raise ValueError(f"item {i}: expected an array or (array, label), found {len(item)} parts")
                labels.append(whole(item[1], f"item {i}: label", -(2**31), 2**31 - 1))
                item = item[0]
            samples.append(numeric(item, f"item {i}").copy())
            if samples[i].shape != samples[0].shape:
                raise ValueError(f"item {i}: expected shape {samples[0].shape}, found {samples[i].shape}")
            if labels and len(labels) != i + 1:
                raise ValueError(f"item {i}: expected a label with every item or with none")
        if len(labels) not in (0, len(samples)):
            raise ValueError("expected a label with every item or with none")
        if not samples:
            raise ValueError("expected at least one sample")
        return cls.from_arrays(np.stack(samples), np.array(labels) if labels else None, values=values)

    @classmethod
    def pair(cls, inputs: Dataset, targets: Dataset) -> Dataset:
        """The samples of ``targets``, each made from the one of ``inputs`` at its place, which are shared.

        Raises:
            MismatchError: another number of samples; files of folders without a counterpart of their name.
        """
        for name, data in (("inputs", inputs), ("targets", targets)):
            if not isinstance(data, Dataset):
                raise TypeError(f"{name}: expected a swiftgan.Dataset, found {type(data).__name__}")
        handle = Handle()
        check(lib.swiftgan_dataset_pair(ctypes.byref(handle), inputs._handle, targets._handle))
        paired = cls(handle)
        paired._reader = (inputs._reader, targets._reader)
        return paired

    def derive(self, **options: Any) -> Dataset:
        """Another dataset of the same samples, which are shared.

        Args:
            options: ``values``, the numbers that mean black and white in samples that came as floats; as in `open`
                ``labelled``, ``stack`` (with ``count``), ``degrade``, ``shuffle_block``, ``flip``, ``shift``, ``seed``.

        Raises:
            ConfigError: an option. MismatchError: not the images that it needs. ArgumentError: too few labels.
        """
        handle = Handle()
        check(lib.swiftgan_dataset_derive(ctypes.byref(handle), self._handle, text_bytes(json_text(options))))
        derived = type(self)(handle)
        derived._reader = self._reader
        return derived

    @property
    def info(self) -> dict[str, Any]:
        """count, shape, classes (0 without labels), class_names, range (None where samples came as arrays), source, skipped
        and skipped_files (damaged PNG files), conditions (numbers that each sample is conditioned on), input_shape (of what
        each sample is made from, or None), missing (whether elements may be)."""
        return parsed(text_of(lib.swiftgan_dataset_info, self._handle))

    def describe(self) -> dict[str, Any]:
        """``info``, and class_counts (labelled samples of each class); lowest, highest, mean and deviation of all elements of
        10,000 samples, evenly over the whole.

        Raises:
            SwiftGANError: a sample cannot be read.
        """
        return parsed(text_of(lib.swiftgan_dataset_describe, self._handle))

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of one sample."""
        return self._shape

    def __len__(self) -> int:
        return self._count

    def read(self, first: int, count: int) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
        """Samples first ... first + count - 1 in stored order, (count, \\*shape), and their labels, -1 without."""
        first, count = whole(first, "first", -(2**63)), whole(count, "count", -(2**63))
        if first < 0 or count < 1 or first + count > self._count:
            raise IndexError(f"expected samples within 0 ... {self._count}, found {first} and {count} more")
        out, labels = np.empty((count, *self._shape), np.float32), np.empty(count, np.int32)
        check(
            lib.swiftgan_dataset_read(
                self._handle, first, count, out.ctypes.data, out.size, labels.ctypes.data
            )
        )
        return out, labels

    def __repr__(self) -> str:
        return f"<swiftgan.Dataset: {'closed' if self.closed else f'{self._count} of shape {self._shape}'}>"


def opened(data: Any, name: str = "data") -> Any:
    """A data set as a context: the caller's own, which stays open, or that of a path.

    Raises:
        TypeError: something else. IOFailure, FormatError, TruncatedError: the path.
    """
    if isinstance(data, Dataset):
        return nullcontext(data)
    if isinstance(data, (str, os.PathLike)):
        return Dataset.open(data)
    raise TypeError(
        f"{name}: expected a swiftgan.Dataset or the path of one, found {type(data).__name__};"
        f" write Dataset.from_arrays({name})"
    )
