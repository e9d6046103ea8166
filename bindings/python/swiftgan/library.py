"""Settings of the library as a whole."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from typing import Any

from ._arguments import whole
from ._forms import parsed
from ._library import Log, check, lib, text_of

_log: Any = None


def set_threads(n: int) -> None:
    """Threads for the arithmetic, at most 256; 0: as many as there are cores (the default). Results do not depend on it."""
    check(lib.swiftgan_set_threads(whole(n, "n", -(2**31), 2**31 - 1)))


def set_log(receiver: Callable[[str, str], Any] | logging.Logger | logging.LoggerAdapter[Any] | None) -> None:
    """Sends the library's notices and warnings to a logger of ``logging``, such as ``logging.getLogger("swiftgan")``, at the
    levels INFO and WARNING, or to ``receiver(level, message)``, level "notice" or "warning"; None: nowhere (the default).

    Raises:
        TypeError: something else.
    """
    global _log
    if isinstance(receiver, (logging.Logger, logging.LoggerAdapter)):
        send: Callable[[str, str], Any] = functools.partial(_to_logger, receiver)
    elif receiver is None or callable(receiver):
        send = receiver or _nowhere
    else:
        raise TypeError(f"receiver: expected a function, a logging.Logger or None, found {type(receiver).__name__}")

    def call(_: Any, level: int, message: bytes) -> None:
        send("warning" if level == 2 else "notice", message.decode(errors="replace"))

    new = None if receiver is None else Log(call)
    check(lib.swiftgan_set_log(new, None))
    _log = new  # the library calls it: it must live on


def _to_logger(logger: Any, level: str, message: str) -> None:
    # The message is no format.
    logger.log(logging.WARNING if level == "warning" else logging.INFO, "%s", message)


def _nowhere(level: str, message: str) -> None:
    pass


def config_schema() -> dict[str, Any]:
    """The JSON Schema of a model's configuration: every key of every family with its default, range and meaning."""
    return parsed(text_of(lib.swiftgan_config_schema, guess=1 << 17))
