"""The figures of a training, step by step."""

from __future__ import annotations

import math
from array import array
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

MOST = 20_000


class History:
    """Numbers of reports by name. Beyond `MOST` reports every second one is dropped."""

    def __init__(self) -> None:
        self._columns: dict[str, array[float]] = {"step": array("d")}

    def append(self, report: Mapping[str, Any]) -> None:
        """Adds the numbers of one report; what others have and it has not is NaN."""
        count = len(self._columns["step"])
        for name, value in report.items():
            if isinstance(value, (int, float)) and name not in self._columns:
                self._columns[name] = array("d", [math.nan] * count)
        for name, column in self._columns.items():
            value = report.get(name)
            column.append(value if isinstance(value, (int, float)) else math.nan)
        if count + 1 > MOST:
            self._columns = {name: column[1::2] for name, column in self._columns.items()}

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Copies as arrays: "step" of integers, all others of float64."""
        found = {name: np.array(column, np.float64) for name, column in self._columns.items()}
        return {**found, "step": found["step"].astype(np.int64)}
