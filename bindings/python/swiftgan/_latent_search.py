"""Latents that make given samples, and what they put where something is missing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._arguments import Array, first_text, floats, numeric, of_names, whole
from ._forms import json_text
from ._handle import Owned
from ._library import Accompaniment, check, lib, text_bytes
from ._pixels import in_range, of_shape, part_of_data
from .samples import Samples


class LatentSearch(Owned):
    """The part of a model that looks for latents."""

    _shape: tuple[int, ...]
    _latents: tuple[int, ...]
    class_names: Any
    _range: tuple[float, float] | None
    _conditions: tuple[int, ...] | None

    def find_latents(
        self,
        samples: Array,
        mask: Array | None = None,
        *,
        answers: int = 1,
        labels: Array | None = None,
        conditions: Array | None = None,
        **options: Any,
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Latents whose samples match the given ones where they are known, by gradient descent on the latent.

        Args:
            samples: (count, \\*sample_shape).
            mask: 1 (or True) where an element is known, else 0; for one sample or for each. By default everything is known.
            answers: how many are wanted for each sample.
            options: ``steps`` (300), ``learning_rate`` (0.05), ``tries`` (4), ``prior`` (0.2), ``seed`` (1).

        Returns:
            (count, answers, latent size), the best first, and (count, answers) mean squared differences over what is known.
        """
        find = lib.swiftgan_model_find_latents
        x = self._real(samples)
        answers = whole(answers, "answers", 1, 1000)
        errors = np.empty((len(x), answers), np.float32)
        options |= {"answers": answers}
        found = self._search(find, x, mask, self._latents, labels, conditions, options, errors.ctypes.data)
        return found, errors

    def complete(
        self,
        samples: Array,
        mask: Array | None = None,
        *,
        answers: int = 1,
        labels: Array | None = None,
        conditions: Array | None = None,
        **options: Any,
    ) -> NDArray[np.float32]:
        """Samples with their unknown elements (mask 0) filled in: (count, answers, \\*sample_shape).

        Arguments as for :meth:`find_latents`. The families "rbm", "dbm" and "gsn" have the options ``steps`` (of a
        Markov chain in which the known elements stay) and ``seed`` (1). The family "gain" takes NaN for unknown elements and
        then needs no mask; its option ``method`` is "gain", "least_squares" (the same network without its adversarial cost) or
        "mean" (of each element's known values in training).
        """
        options |= {"answers": whole(answers, "answers", 1, 1000)}
        return self._search(
            lib.swiftgan_model_complete, samples, mask, self._shape, labels, conditions, options, None
        )

    def _search(
        self,
        function: Callable[..., int],
        samples: Array,
        mask: Array | None,
        tail: tuple[int, ...],
        labels: Any,
        conditions: Any,
        options: dict[str, Any],
        last: int | None,
    ) -> NDArray[np.float32]:
        """What a search gives for each sample and answer: (count, answers) + tail; ``last`` ends the arguments."""
        x = self._real(samples)
        known = None if mask is None else floats(mask, "mask", self._shape)
        out = np.empty((len(x), options["answers"], *tail), np.float32)
        inputs = self._inputs(len(x), labels, None, conditions)
        check(
            function(
                self._handle,
                x.ctypes.data,
                len(x),
                None if known is None else known.ctypes.data,
                0 if known is None else len(known),
                inputs.pointer,
                text_bytes(json_text(options)),
                out.ctypes.data,
                out.size,
                last,
            )
        )
        return out

    def _real(self, samples: Array) -> NDArray[np.float32]:
        """Samples as the library takes them. Images of unsigned bytes or truth values, those with channels before height and
        width, and `Samples` with a range of their own are brought to the model's."""
        array = numeric(samples, "samples")
        if len(self._shape) == 3:
            given = samples.range if isinstance(samples, Samples) else None
            array = in_range(of_shape(array, self._shape), "samples", self._range, given=given)
        return floats(array, "samples", self._shape)

    def _inputs(self, count: int, labels: Any, latents: Any, conditions: Any) -> Accompaniment:
        """What goes to the library beside samples or latents."""
        if conditions is not None:
            conditions = self._given(conditions, "conditions")
        if latents is not None:
            latents = floats(latents, "latents", self._latents)
        if labels is not None and first_text(labels) is not None:
            labels = of_names(labels, self.class_names, count)
        return Accompaniment(count, labels, latents, conditions)

    def _given(self, conditions: Array, name: str) -> NDArray[np.float32]:
        """What samples are conditioned on as the library takes it: images in -1...1, one for each sample or one alone, or
        anything in rows."""
        array = numeric(conditions, name)
        shape = self._conditions
        if shape is None or len(shape) != 3 or array.ndim == 2 and array.shape[1] == np.prod(shape):
            if array.ndim > 2:
                raise ValueError(f"{name}: expected (count, size), found shape {array.shape}")
            return floats(array, name)
        return floats(part_of_data(array, name, shape, None), name, shape)
