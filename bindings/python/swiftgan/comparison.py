"""Families of models side by side."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from ._arguments import whole
from ._forms import json_text, parsed
from ._library import lib, text_bytes, text_of
from .dataset import Dataset, opened


def compare(
    data: Dataset | str | os.PathLike[str],
    families: Sequence[str] | str | None = None,
    *,
    minutes: float | None = None,
    steps: int | Mapping[str, int] | None = None,
    batch: int | None = None,
    held_out: int | None = None,
    seed: int = 1,
    configurations: Mapping[str, Mapping[str, Any]] | None = None,
) -> dict[str, Any]:
    """Trains families of models on the same samples for the same time, and measures what each can do.

    Args:
        families: their names, in the report's order; by default all.
        minutes: of the whole comparison; by default 2. Training takes three fifths, divided equally.
        steps: instead of ``minutes``: steps of each family, or by family. Everything but speeds is then the same each time.
        batch: samples in a minibatch; by default 64, or all of the data where there are fewer.
        held_out: samples that are not trained on; by default a sixth of the data, at most 1,000.
        configurations: by family, members of its configuration beside those that fit the data.

    Returns:
        ``data``, ``minutes``, ``seed``, ``seconds``, and under ``families`` a dict for each: ``likelihood``, ``distances``,
        ``samples_per_second``, ``sampling``, … as ``swiftgan.h`` says at ``swiftgan_compare``; ``refusal`` says why a family
        cannot take the data, ``missing`` what was not measured and why.

    Raises:
        ConfigError: an unknown family, minutes that are not above 0, another option. MismatchError: fewer than 42 samples.
    """
    options: dict[str, Any] = {"seed": whole(seed, "seed")}
    if families is not None:
        options["families"] = families if isinstance(families, str) else list(families)
    if minutes is not None:
        options["minutes"] = minutes
    if steps is not None:
        options["steps"] = dict(steps) if isinstance(steps, Mapping) else whole(steps, "steps")
    if batch is not None:
        options["batch"] = whole(batch, "batch")
    if held_out is not None:
        options["held_out"] = whole(held_out, "held_out")
    if configurations is not None:
        options["configurations"] = {name: dict(members) for name, members in configurations.items()}
    text = text_bytes(json_text(options))
    with opened(data) as source:
        return parsed(text_of(lib.swiftgan_compare, source.handle, text, guess=65536 + 6 * len(text)))
