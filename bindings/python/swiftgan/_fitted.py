"""What :class:`swiftgan.GAN` knows after it was fitted, as scikit-learn's estimators say it."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import _plots as plots
from ._history import History
from ._parameters import Parameters
from .errors import NotFittedError
from .model import Model


class Fitted(Parameters):
    """Parameters, and the model that was made by them with what its data was like."""

    _model: Model | None = None
    # The names of the classes and of the columns, where they have some.
    _names: list[str] | None = None
    _columns: list[str] | None = None
    _history: History | None = None

    @property
    def model(self) -> Model:
        """The model that was fitted or loaded.

        Raises:
            NotFittedError: there is none yet.
        """
        if self._model is None:
            raise NotFittedError("this GAN has no model yet: call fit, partial_fit or GAN.load first")
        return self._model

    def __sklearn_is_fitted__(self) -> bool:
        return self._model is not None

    @property
    def n_features_in_(self) -> int:
        """How many numbers a sample has: the columns of vectors; of images height x width x channels."""
        return math.prod(self.model.sample_shape)

    @property
    def feature_names_in_(self) -> NDArray[Any]:
        """The names of the columns of the table that was fitted.

        Raises:
            AttributeError: it was no table with names.
        """
        if self._columns is None:
            raise AttributeError("feature_names_in_: this GAN was not fitted to a table with names of columns")
        return np.array(self._columns, dtype=object)

    @property
    def classes_(self) -> NDArray[Any]:
        """The classes as ``labels`` takes them: their names, or 0 ... classes - 1.

        Raises:
            AttributeError: the model knows no classes.
        """
        count = self.model.config["data"].get("classes", 0)
        if count == 0:
            raise AttributeError('classes_: this GAN was fitted without classes; write GAN(labels="conditional").fit(x, y)')
        return np.array(self._names or self.model.class_names or range(count))

    @property
    def history_(self) -> dict[str, NDArray[Any]]:
        """The training's figures as arrays of one length by their names, as in :meth:`Model.step`, beside ``step``; NaN where
        a step had none. About 1,000 steps of each training are kept, and each that :meth:`partial_fit` made by itself.

        Raises:
            NotFittedError: nothing was trained here.
        """
        if self._history is None:
            raise NotFittedError("history_: this GAN has not been trained; call fit or partial_fit first")
        return self._history.arrays()

    def plot_history(self, names: Iterable[str] | None = None, ax: Any = None) -> Any:
        """Draws figures of :attr:`history_` over the steps with matplotlib.

        Args:
            names: of the figures; by default the players' costs.
            ax: matplotlib's axes to draw on; by default new ones.

        Returns:
            The axes.

        Raises:
            ImportError: matplotlib is not installed. ValueError: a figure that there is not.
        """
        return plots.history(self.history_, names, ax)
