"""Comparing two sets of features."""

from __future__ import annotations

from typing import Any

from ._arguments import Array, floats, whole
from ._forms import json_text, parsed
from ._library import lib, text_bytes, text_of


def evaluate_features(real: Array, fake: Array, *, ridge: float = 0, seed: int = 1) -> dict[str, Any]:
    """How two sets of the caller's features compare: Fréchet and kernel distance, precision, recall, density, coverage, and
    sliced Wasserstein distance.

    Args:
        real, fake: (count, size), at least 7 each.
        ridge: added to the covariances' diagonals; needed where there are not more samples than features.
    """
    a, b = floats(real, "real"), floats(fake, "fake")
    if a.ndim != 2 or b.ndim != 2 or a.shape[1] != b.shape[1]:
        raise ValueError(f"expected (count, size) twice, found shapes {a.shape} and {b.shape}")
    options = text_bytes(json_text({"ridge": ridge, "seed": whole(seed, "seed")}))
    text = text_of(
        lib.swiftgan_evaluate_features,
        a.ctypes.data,
        len(a),
        b.ctypes.data,
        len(b),
        a.shape[1],
        options,
    )
    return parsed(text)
