"""What models and datasets share: a handle that is destroyed once."""

from __future__ import annotations

from types import TracebackType
from typing import Any, TypeVar

from ._library import Handle, lib
from .errors import error_of

Self = TypeVar("Self", bound="Owned")


class Owned:
    """An object of the library; a context manager that closes it."""

    _destroy: Any

    def __init__(self, handle: Handle) -> None:
        self._open_handle: Handle | None = handle

    @property
    def handle(self) -> Handle:
        """The C handle.

        Raises:
            HandleError: after `close`.
        """
        return self._handle

    @property
    def _handle(self) -> Handle:
        if self._open_handle is None:
            name = type(self).__name__.lower()
            raise error_of(
                -2, "SWIFTGAN_ERROR_HANDLE", f"this {name} is closed (a with statement closes it at its end); make another one"
            )
        return self._open_handle

    @property
    def closed(self) -> bool:
        """Whether `close` was called."""
        return self._open_handle is None

    def close(self) -> None:
        """Frees it; later uses raise. Closing twice is allowed."""
        if self._open_handle is not None:
            type(self)._destroy(self._open_handle)
            self._open_handle = None

    def __enter__(self: Self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __del__(self) -> None:
        if getattr(self, "_open_handle", None) is not None and lib is not None:
            self.close()


def handle_of(value: Any, kind: type[Owned], name: str) -> Handle:
    """The C handle of a model or a dataset that the caller passed.

    Raises:
        TypeError: something else. HandleError: it was closed.
    """
    if not isinstance(value, kind):
        raise TypeError(f"{name}: expected a swiftgan.{kind.__name__}, found {type(value).__name__}")
    if value.handle is None:
        raise error_of(-2, "SWIFTGAN_ERROR_HANDLE", f"{name}: the {kind.__name__} was closed")
    return value.handle
