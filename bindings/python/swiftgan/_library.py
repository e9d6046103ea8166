"""All of ctypes: finds libswiftgan, declares its functions, turns statuses into exceptions."""

from __future__ import annotations

import ctypes
import math
import os
import pathlib
import threading
from collections.abc import Callable
from ctypes import POINTER, Structure, c_char_p, c_int32, c_int64, c_size_t, c_uint32, c_uint64, c_void_p
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._arguments import Array, condition_rows, floats, label_indices, whole
from ._pixels import Values, part_of_data
from .errors import error_of

ABI = 1
Handle = c_void_p


class Inputs(Structure):
    """`swiftgan_inputs`: what may accompany samples."""

    _fields_ = [
        ("size", c_size_t),
        ("labels", c_void_p),
        ("latents", c_void_p),
        ("conditions", c_void_p),
        ("condition_size", c_size_t),
    ]


Progress = ctypes.CFUNCTYPE(c_int32, c_void_p, c_uint64, c_char_p)
# Indices and samples as addresses.
ReadSamples = ctypes.CFUNCTYPE(c_int32, c_void_p, c_void_p, c_size_t, c_void_p)
Log = ctypes.CFUNCTYPE(None, c_void_p, c_int32, c_char_p)


class ArrowSchema(Structure):
    """The type of an array, of Arrow's C data interface."""


class ArrowArray(Structure):
    """The elements of an array, of Arrow's C data interface."""


class ArrowStream(Structure):
    """Arrays of one type, of Arrow's C stream interface."""

    _fields_ = [(n, c_void_p) for n in ("get_schema", "get_next", "get_last_error", "release", "private_data")]


ArrowSchema._fields_ = [
    *((name, c_char_p) for name in ("format", "name", "metadata")),
    *((name, c_int64) for name in ("flags", "n_children")),
    ("children", POINTER(POINTER(ArrowSchema))),
    *((name, c_void_p) for name in ("dictionary", "release", "private_data")),
]
ArrowArray._fields_ = [
    *((name, c_int64) for name in ("length", "null_count", "offset", "n_buffers", "n_children")),
    ("buffers", POINTER(c_void_p)),
    ("children", POINTER(POINTER(ArrowArray))),
    *((name, c_void_p) for name in ("dictionary", "release", "private_data")),
]
ArrowRelease = ctypes.CFUNCTYPE(None, c_void_p)
ArrowGet = ctypes.CFUNCTYPE(c_int32, c_void_p, c_void_p)
ArrowError = ctypes.CFUNCTYPE(c_char_p, c_void_p)
# The pointer in a capsule of Python's with a name.
capsule_pointer = ctypes.PYFUNCTYPE(c_void_p, ctypes.py_object, c_char_p)(("PyCapsule_GetPointer", ctypes.pythonapi))

_needed = POINTER(c_size_t)
_inputs = POINTER(Inputs)

# Every function of the header: its result and its arguments. Arrays go as addresses (c_void_p).
DECLARATIONS: dict[str, tuple[Any, list[Any]]] = {
    "swiftgan_abi": (c_uint32, []),
    "swiftgan_version": (c_char_p, []),
    "swiftgan_status_name": (c_char_p, [c_int32]),
    "swiftgan_last_error": (c_char_p, []),
    "swiftgan_set_threads": (c_int32, [c_int32]),
    "swiftgan_set_log": (c_int32, [c_void_p, c_void_p]),
    "swiftgan_model_create": (c_int32, [POINTER(Handle), c_char_p]),
    "swiftgan_model_load": (c_int32, [POINTER(Handle), c_char_p]),
    "swiftgan_model_save": (c_int32, [Handle, c_char_p]),
    "swiftgan_model_destroy": (None, [Handle]),
    "swiftgan_config_schema": (c_int32, [c_void_p, c_size_t, _needed]),
    "swiftgan_model_config": (c_int32, [Handle, c_void_p, c_size_t, _needed]),
    "swiftgan_model_summary": (c_int32, [Handle, c_void_p, c_size_t, _needed]),
    "swiftgan_model_step": (c_int32, [Handle, c_void_p, c_size_t, _inputs, c_void_p, c_size_t, _needed]),
    "swiftgan_model_train": (c_int32, [Handle, Handle, c_uint64, c_char_p, c_void_p, c_void_p]),
    "swiftgan_model_sample": (
        c_int32,
        [Handle, c_size_t, c_uint64, _inputs, c_void_p, c_size_t, _needed],
    ),
    "swiftgan_model_discriminate": (c_int32, [Handle, c_void_p, c_size_t, _inputs, c_void_p, c_size_t]),
    "swiftgan_model_latents": (c_int32, [Handle, c_size_t, c_uint64, c_void_p, c_size_t, _needed]),
    "swiftgan_interpolate": (
        c_int32,
        [c_void_p, c_void_p, c_size_t, c_size_t, c_int32, c_void_p, c_size_t],
    ),
    "swiftgan_model_find_latents": (
        c_int32,
        [Handle, c_void_p, c_size_t, c_void_p, c_size_t, _inputs, c_char_p, c_void_p, c_size_t, c_void_p],
    ),
    "swiftgan_model_complete": (
        c_int32,
        [Handle, c_void_p, c_size_t, c_void_p, c_size_t, _inputs, c_char_p, c_void_p, c_size_t, _needed],
    ),
    "swiftgan_model_log_likelihood": (
        c_int32,
        [Handle, c_void_p, c_size_t, _inputs, c_char_p, c_void_p, c_size_t],
    ),
    "swiftgan_model_mixing": (c_int32, [Handle, c_char_p, c_void_p, c_size_t, _needed]),
    "swiftgan_model_encode": (c_int32, [Handle, c_void_p, c_size_t, _inputs, c_void_p, c_size_t, _needed]),
    "swiftgan_model_decode": (c_int32, [Handle, c_void_p, c_size_t, _inputs, c_void_p, c_size_t, _needed]),
    "swiftgan_model_reconstruct": (c_int32, [Handle, c_void_p, c_size_t, _inputs, c_void_p, c_size_t, _needed]),
    "swiftgan_model_classify": (c_int32, [Handle, c_void_p, c_size_t, c_void_p, c_size_t, _needed]),
    "swiftgan_model_density_ratio": (c_int32, [Handle, c_void_p, c_size_t, _inputs, c_void_p, c_size_t]),
    "swiftgan_model_log_density_ratio": (c_int32, [Handle, c_void_p, c_size_t, _inputs, c_void_p, c_size_t]),
    "swiftgan_model_log_density_ratio_gradient": (
        c_int32,
        [Handle, c_void_p, c_size_t, _inputs, c_void_p, c_size_t],
    ),
    "swiftgan_model_divergences": (c_int32, [Handle, Handle, c_char_p, c_void_p, c_size_t, _needed]),
    "swiftgan_model_export": (c_int32, [Handle, c_char_p, c_char_p]),
    "swiftgan_model_import": (c_int32, [Handle, c_char_p, c_char_p]),
    "swiftgan_evaluate": (c_int32, [Handle, Handle, c_char_p, c_void_p, c_size_t, _needed]),
    "swiftgan_evaluate_features": (
        c_int32,
        [c_void_p, c_size_t, c_void_p, c_size_t, c_size_t, c_char_p, c_void_p, c_size_t, _needed],
    ),
    "swiftgan_model_translate": (
        c_int32,
        [Handle, c_void_p, c_size_t, _inputs, c_char_p, c_void_p, c_size_t, _needed],
    ),
    "swiftgan_compare": (c_int32, [Handle, c_char_p, c_void_p, c_size_t, _needed]),
    "swiftgan_compare_costs": (c_int32, [Handle, c_char_p, c_void_p, c_size_t, _needed]),
    "swiftgan_model_tensor_count": (c_int32, [Handle, _needed]),
    "swiftgan_model_tensor_info": (
        c_int32,
        [Handle, c_size_t, POINTER(c_char_p), POINTER(POINTER(c_uint64)), _needed],
    ),
    "swiftgan_model_tensor_read": (c_int32, [Handle, c_char_p, c_void_p, c_size_t]),
    "swiftgan_model_tensor_write": (c_int32, [Handle, c_char_p, c_void_p, c_size_t]),
    "swiftgan_dataset_open": (c_int32, [POINTER(Handle), c_char_p, c_char_p]),
    "swiftgan_dataset_from_memory": (
        c_int32,
        [POINTER(Handle), c_void_p, c_size_t, POINTER(c_uint64), c_size_t, _inputs],
    ),
    "swiftgan_dataset_from_callback": (
        c_int32,
        [POINTER(Handle), c_size_t, POINTER(c_uint64), c_size_t, _inputs, c_void_p, c_void_p],
    ),
    "swiftgan_dataset_info": (c_int32, [Handle, c_void_p, c_size_t, _needed]),
    "swiftgan_dataset_pair": (c_int32, [POINTER(Handle), Handle, Handle]),
    "swiftgan_dataset_with_missing": (
        c_int32,
        [POINTER(Handle), c_void_p, c_size_t, POINTER(c_uint64), c_size_t, _inputs],
    ),
    "swiftgan_dataset_derive": (c_int32, [POINTER(Handle), Handle, c_char_p]),
    "swiftgan_dataset_describe": (c_int32, [Handle, c_void_p, c_size_t, _needed]),
    "swiftgan_dataset_read": (c_int32, [Handle, c_size_t, c_size_t, c_void_p, c_size_t, c_void_p]),
    "swiftgan_dataset_destroy": (None, [Handle]),
    "swiftgan_write_png": (c_int32, [c_char_p, c_void_p, c_size_t, POINTER(c_uint64), c_size_t, c_size_t]),
}


# What each C integer can hold. ctypes would take the low bits of other values.
_RANGES: dict[Any, tuple[int, int]] = {
    c_int32: (-(2**31), 2**31 - 1),
    c_uint32: (0, 2**32 - 1),
    c_uint64: (0, 2**64 - 1),
    c_size_t: (0, 2 ** (8 * ctypes.sizeof(c_size_t)) - 1),
}


def _checked(name: str, function: Any, kinds: list[Any]) -> Callable[..., Any]:
    """A function of the library that takes integers only as they are."""
    limits = [(i, *_RANGES[kind]) for i, kind in enumerate(kinds) if kind in _RANGES]
    if not limits:
        return function  # type: ignore[no-any-return]

    def call(*arguments: Any) -> Any:
        checked = list(arguments)
        for i, low, high in limits:
            checked[i] = whole(arguments[i], f"{name}: argument {i + 1}", low, high)
        return function(*checked)

    return call


def _candidates() -> list[str]:
    """Where the library may be, best first."""
    named = os.environ.get("SWIFTGAN_LIBRARY")
    if named:
        return [named]
    here = pathlib.Path(__file__).resolve().parent
    beside = [here / "libswiftgan.so", here / "../../../build/libswiftgan.so"]
    return [str(p) for p in beside if p.exists()] + ["libswiftgan.so.0", "libswiftgan.so"]


def _load() -> ctypes.CDLL:
    failures = []
    for path in _candidates():
        try:
            library = ctypes.CDLL(path)
        except OSError as error:
            failures.append(str(error))
            continue
        for name, (result, arguments) in DECLARATIONS.items():
            function = getattr(library, name, None)
            if function is None:
                raise ImportError(f"{path} has no {name}: it is not the libswiftgan of this package")
            function.restype, function.argtypes = result, arguments
            setattr(library, name, _checked(name, function, arguments))
        found = library.swiftgan_abi()
        if found != ABI:
            raise ImportError(f"{path}: expected ABI {ABI}, found {found}; use a matching libswiftgan")
        return library
    raise ImportError(
        "libswiftgan.so was not found; build it (make), install it (make install), or name it in"
        " SWIFTGAN_LIBRARY. Tried:\n  " + "\n  ".join(failures)
    )


lib = _load()


class _Pending(threading.local):
    """The exception that a callback of this thread's call could not let through C."""

    error: BaseException | None = None


_pending = _Pending()


def check(status: int) -> None:
    """Raises the exception of a status that is not OK, with the library's message, or what a callback raised."""
    error, _pending.error = _pending.error, None
    if status and error is not None:
        raise error
    if status:
        name = lib.swiftgan_status_name(status).decode()
        raise error_of(status, name, lib.swiftgan_last_error().decode())


def path_bytes(path: str | os.PathLike[str]) -> bytes:
    """A path as the library takes it."""
    raw = os.fsencode(path)
    if b"\0" in raw:
        raise ValueError("path: contains a NUL character")
    return raw


def text_bytes(text: str) -> bytes:
    """A string as the library takes it."""
    if "\0" in text:
        raise ValueError("text: contains a NUL character")
    return text.encode()


def dims(shape: tuple[int, ...]) -> Any:
    """A shape as an array of uint64_t."""
    return (c_uint64 * len(shape))(*(whole(n, "shape") for n in shape))


def sample_reader(
    shape: tuple[int, ...], read: Callable[[NDArray[np.int64]], Array], values: Values
) -> Any:
    """A `swiftgan_read_samples` that calls `read`; what that raises, `check` raises again."""

    def fill(_: Any, index: int, count: int, out: int) -> int:
        try:
            numbers = np.ctypeslib.as_array(ctypes.cast(index, POINTER(c_uint64)), (count,)).astype(np.int64)
            samples = part_of_data(read(numbers), "read", shape, values)
            if samples.shape[:1] != (count,) or samples.size != count * math.prod(shape):
                raise ValueError(f"read: expected samples of shape {(count, *shape)}, found {samples.shape}")
            room = np.ctypeslib.as_array(ctypes.cast(out, POINTER(ctypes.c_float)), (count, *shape))
            room[...] = samples.reshape(room.shape)
        except BaseException as error:  # must not pass through C
            _pending.error = error
            return 1
        return 0

    return ReadSamples(fill)


class Accompaniment:
    """Labels, latents and conditions for one call; keeps the arrays alive while it lives."""

    def __init__(self, count: int, labels: Any = None, latents: Any = None, conditions: Any = None):
        self._arrays: list[NDArray[Any]] = []
        self.pointer = None
        if labels is None and latents is None and conditions is None:
            return
        struct = Inputs(ctypes.sizeof(Inputs))
        arrays: dict[str, NDArray[Any]] = {}
        if labels is not None:
            arrays["labels"] = label_indices(labels, count)
        if latents is not None:
            arrays["latents"] = floats(latents, "latents")
        if conditions is not None:
            arrays["conditions"] = condition_rows(conditions, count)
            struct.condition_size = arrays["conditions"].shape[1]
        for name, array in arrays.items():
            if array.shape[:1] != (count,):
                raise ValueError(f"{name}: expected {count} entries, found shape {array.shape}")
            self._arrays.append(array)
            setattr(struct, name, array.ctypes.data)
        self._struct = struct
        self.pointer = ctypes.pointer(struct)


def text_of(function: Callable[..., int], *arguments: Any, guess: int = 4096) -> str:
    """The text that a function writes into a buffer: of the guessed size, or of the size that it then asks for."""
    needed = c_size_t()
    buffer = ctypes.create_string_buffer(guess)
    status = function(*arguments, buffer, guess, ctypes.byref(needed))
    if needed.value > guess:
        buffer = ctypes.create_string_buffer(needed.value)
        status = function(*arguments, buffer, needed.value, ctypes.byref(needed))
    check(status)
    return buffer.value.decode()
