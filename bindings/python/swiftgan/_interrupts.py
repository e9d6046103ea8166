"""Ctrl-C during a long call into the library."""

from __future__ import annotations

import signal
import threading
from types import FrameType, TracebackType


class Interrupts:
    """Notes SIGINT while it is entered and delivers it afterwards: raised in a callback it would be lost in C.

    Does nothing outside the main thread, where Python has no signals, and where SIGINT is not Python's.
    """

    def __init__(self) -> None:
        self.came = False

    def _note(self, number: int, frame: FrameType | None) -> None:
        self.came = True

    def __enter__(self) -> Interrupts:
        self._previous = None
        if threading.current_thread() is threading.main_thread() and callable(signal.getsignal(signal.SIGINT)):
            self._previous = signal.signal(signal.SIGINT, self._note)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._previous is None:
            return
        signal.signal(signal.SIGINT, self._previous)
        if self.came:
            signal.raise_signal(signal.SIGINT)
