"""Progress of a training: a bar of tqdm where it is installed, else a line that is written anew."""

from __future__ import annotations

import shutil
import sys
import time
from contextlib import nullcontext
from types import TracebackType
from typing import Any


class Line:
    """A line on stderr that shows how far a training has come. A context manager, which ends the line."""

    def __init__(self, total: int, pause: float = 0.1) -> None:
        self.total, self.done, self.pause = total, 0, pause
        self.start = self.shown = time.monotonic()
        self.width = 0

    def update(self, steps: int = 1) -> None:
        """Counts steps; writes at most once in ``pause`` seconds, and at the end."""
        self.done += steps
        now = time.monotonic()
        if now - self.shown >= self.pause or self.done == self.total:
            self.shown = now
            self._write(now - self.start)

    def _write(self, seconds: float) -> None:
        rate = self.done / seconds if seconds > 0 else 0.0
        left = f", {_clock((self.total - self.done) / rate)} left" if rate > 0 and self.done < self.total else ""
        text = f"{self.done}/{self.total} steps in {_clock(seconds)}, {rate:.4g} a second{left}"
        text = text[: shutil.get_terminal_size().columns - 1]
        sys.stderr.write("\r" + text.ljust(self.width))
        sys.stderr.flush()
        self.width = len(text)

    def __enter__(self) -> Line:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.done:
            self._write(time.monotonic() - self.start)
            sys.stderr.write("\n")


def _clock(seconds: float) -> str:
    """Minutes and seconds, with hours where there are some."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def bar(steps: int, progress: bool | None) -> Any:
    """What shows the progress of ``steps`` steps, as a context, or one of None where nobody would see it."""
    ipython: Any = sys.modules.get("IPython")
    is_notebook = ipython is not None and hasattr(ipython.get_ipython(), "kernel")
    if progress is False or not (progress or is_notebook or sys.stderr.isatty()):
        return nullcontext()
    try:
        from tqdm.auto import tqdm
    except ImportError:
        return Line(steps)
    return tqdm(total=steps, unit="step")
