"""Points of the latent space."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ._arguments import Array, floats, whole
from ._library import check, lib


def interpolate(start: Array, end: Array, steps: int, *, spherical: bool = True) -> NDArray[np.float32]:
    """Points from one latent to another, both included: (steps, size).

    Args:
        start, end: (size,).
        spherical: along the arc, which keeps the length that samples of a normal prior have; otherwise along the line.
    """
    a, b = floats(start, "start").ravel(), floats(end, "end").ravel()
    if a.shape != b.shape:
        raise ValueError(f"expected latents of one size, found shapes {a.shape} and {b.shape}")
    steps = whole(steps, "steps", 2)
    out = np.empty((steps, a.size), np.float32)
    check(
        lib.swiftgan_interpolate(
            a.ctypes.data, b.ctypes.data, a.size, steps, int(spherical), out.ctypes.data, out.size
        )
    )
    return out
