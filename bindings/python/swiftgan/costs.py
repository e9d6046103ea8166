"""The generator's costs side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ._arguments import whole
from ._forms import json_text, parsed
from ._handle import handle_of
from ._library import lib, text_bytes, text_of
from .model import Model


def compare_costs(
    model: Model | None = None,
    *,
    objectives: Sequence[Any] | None = None,
    points: int = 200,
    batch: int = 64,
    batches: int = 16,
    seed: int = 1,
) -> dict[str, Any]:
    """The generator's costs as functions of D(G(z)) (Goodfellow 2016, figure 16).

    Args:
        model: for the noise of each cost's gradient on minibatches of ``batch`` latents; it stays as it is.
        objectives: as in a configuration; by default minimax, non_saturating and maximum_likelihood.
        points: values of D(G(z)), evenly spaced inside (0, 1).

    Returns:
        ``discriminator_output`` (of f-GAN r / (1 + r) with r the density ratio) and, under ``costs``, for each
        objective ``cost`` and ``slope`` (its derivative by D(G(z))), and with a model ``gradient_norm`` and
        ``gradient_variance``.
    """
    points = whole(points, "points", 2, 100_000)
    options: dict[str, Any] = {"points": points, "batch": whole(batch, "batch")}
    options |= {"batches": whole(batches, "batches"), "seed": whole(seed, "seed")}
    if objectives is not None:
        options["objectives"] = list(objectives)
    handle = None if model is None else handle_of(model, Model, "model")
    text = text_of(
        lib.swiftgan_compare_costs, handle, text_bytes(json_text(options)), guess=1 << 10 | 256 * points
    )
    return parsed(text)
