"""What models and datasets share: a handle that is destroyed once."""

from __future__ import annotations

from types import TracebackType
from typing import Any, TypeVar

from ._library import Handle, lib

Self = TypeVar("Self", bound="Owned")


class Owned:
    """An object of the library; a context manager that closes it."""

    _destroy: Any

    def __init__(self, handle: Handle) -> None:
        self._handle: Handle | None = handle

    @property
    def handle(self) -> Handle | None:
        """The C handle; None after `close`, which the library answers with an error."""
        return self._handle

    @property
    def closed(self) -> bool:
        """Whether `close` was called."""
        return self._handle is None

    def close(self) -> None:
        """Frees it; later uses raise. Closing twice is allowed."""
        if self._handle is not None:
            type(self)._destroy(self._handle)
            self._handle = None

    def __enter__(self: Self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __del__(self) -> None:
        if getattr(self, "_handle", None) is not None and lib is not None:
            self.close()
