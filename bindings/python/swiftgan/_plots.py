"""Drawings with matplotlib, where it is installed."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._arguments import whole
from ._pixels import Values, pictures


def axes(ax: Any) -> Any:
    """Axes to draw on: those given, or new ones.

    Raises:
        ImportError: matplotlib is not installed.
    """
    if ax is not None:
        return ax
    try:
        from matplotlib import pyplot
    except ImportError:
        raise ImportError("plots need matplotlib; install it: pip install matplotlib") from None
    return pyplot.subplots()[1]


def history(figures: Mapping[str, NDArray[Any]], names: Iterable[str] | None, ax: Any) -> Any:
    """Lines of figures over the steps."""
    chosen = [n for n in ("discriminator_cost", "generator_cost") if n in figures] if names is None else list(names)
    for name in chosen:
        if name not in figures:
            raise ValueError(f"names: no figure {name!r}; expected some of {', '.join(figures)}")
    ax = axes(ax)
    for name in chosen:
        ax.plot(figures["step"], figures[name], label=name.replace("_", " "))
    ax.set_xlabel("step")
    ax.legend()
    return ax


def samples(values: NDArray[Any], range_: Values, columns: int | None, ax: Any) -> Any:
    """Images as a grid; vectors as a histogram of one number, or a scatter of two.

    Raises:
        ValueError: vectors of more than two numbers.
    """
    if values.ndim <= 2:
        points = np.atleast_2d(values)
        if points.shape[1] > 2:
            raise ValueError(f"expected images, or vectors of 1 or 2 numbers, found {points.shape[1]}; choose columns")
        ax = axes(ax)
        if points.shape[1] == 1:
            ax.hist(points[:, 0], bins="auto")
        else:
            ax.scatter(points[:, 0], points[:, 1], s=4)
        return ax
    images = pictures(values, "samples", range_)
    columns = math.ceil(math.sqrt(len(images))) if columns is None else whole(columns, "columns", 1)
    images = np.clip(images.reshape(*images.shape[:3], -1) / 2 + 0.5, 0, 1)
    rows, (_, height, width, channels) = math.ceil(len(images) / columns), images.shape
    grid = np.ones((rows * columns, height + 1, width + 1, channels), np.float32)
    grid[: len(images), :height, :width] = images
    grid = grid.reshape(rows, columns, height + 1, width + 1, channels).swapaxes(1, 2)
    whole_grid = grid.reshape(rows * (height + 1), columns * (width + 1), channels)
    ax = axes(ax)
    ax.imshow(whole_grid[..., 0] if channels == 1 else whole_grid, cmap="gray", vmin=0, vmax=1)
    ax.set_axis_off()
    return ax
