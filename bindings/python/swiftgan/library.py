"""Settings of the library as a whole."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ._arguments import whole
from ._forms import parsed
from ._library import Log, check, lib, text_of

_log: Any = None


def set_threads(n: int) -> None:
    """Threads for the arithmetic, at most 256; 0: as many as there are cores (the default). Results do not depend on it."""
    check(lib.swiftgan_set_threads(whole(n, "n", -(2**31), 2**31 - 1)))


def set_log(function: Callable[[str, str], Any] | None) -> None:
    """Sends the library's notices and warnings to ``function(level, message)``, level "notice" or "warning"; None: nowhere."""
    global _log

    def call(_: Any, level: int, message: bytes) -> None:
        if function is not None:
            function("warning" if level == 2 else "notice", message.decode())

    new = None if function is None else Log(call)
    check(lib.swiftgan_set_log(new, None))
    _log = new  # the library calls it: it must live on


def config_schema() -> dict[str, Any]:
    """The JSON Schema of a model's configuration: every key of every family with its default, range and meaning."""
    return parsed(text_of(lib.swiftgan_config_schema, guess=1 << 17))
