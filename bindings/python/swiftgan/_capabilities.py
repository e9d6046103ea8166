"""What only some families of models can do: likelihoods, latents of given samples, Markov chains."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._arguments import Array, floats
from ._forms import json_text, parsed
from ._handle import Owned
from ._library import check, lib, text_bytes, text_of


class Capabilities(Owned):
    """The part of a model that its family may lack; :attr:`Model.summary` lists its capabilities."""

    _shape: tuple[int, ...]
    _latents: tuple[int, ...]
    _inputs: Callable[..., Any]
    _real: Callable[[Array], NDArray[np.float32]]

    def log_likelihood(
        self,
        samples: Array,
        *,
        labels: Array | None = None,
        conditions: Array | None = None,
        **options: Any,
    ) -> NDArray[np.float32]:
        """Natural log density of real-valued samples, or log probability of discrete ones: (count,), in nats.

        Args:
            options: those of the family, such as ``importance_samples`` of a VAE or of a flow with levels,
                ``quadrature`` (points for each latent number, of which there are at most 2) of a VAE,
                ``annealing_chains`` and ``annealing_steps`` of an RBM or a DBM, ``mean_field_steps`` of a DBM.

        Raises:
            UnsupportedError: the model's family has no likelihood; the message names those that have.
        """
        x = self._real(samples)
        out = np.empty(len(x), np.float32)
        inputs = self._inputs(len(x), labels, None, conditions)
        status = lib.swiftgan_model_log_likelihood(
            self._handle,
            x.ctypes.data,
            len(x),
            inputs.pointer,
            text_bytes(json_text(options)),
            out.ctypes.data,
            out.size,
        )
        check(status)
        return out

    def mixing(self, **options: Any) -> dict[str, Any]:
        """How well the Markov chains mix by which the model samples.

        Args:
            options: ``chains`` (20), ``steps`` (1000), ``seed`` (1), and those of the family.

        Returns:
            ``autocorrelation_time``, ``effective_samples``, ``autocorrelation`` by lags, and the family's own figures,
            such as ``log_partition`` of an RBM.

        Raises:
            UnsupportedError: the model's family has no chains.
        """
        return parsed(text_of(lib.swiftgan_model_mixing, self._handle, text_bytes(json_text(options))))

    def encode(
        self, samples: Array, *, labels: Array | None = None, conditions: Array | None = None
    ) -> NDArray[np.float32]:
        """The latents of samples, (count, latent size).

        Raises:
            UnsupportedError: the model's family has no encoder.
        """
        x = self._real(samples)
        return self._coded(lib.swiftgan_model_encode, x, self._latents, labels, conditions)

    def decode(
        self, latents: Array, *, labels: Array | None = None, conditions: Array | None = None
    ) -> NDArray[np.float32]:
        """The samples that the model makes of latents (count, latent size): (count, \\*sample_shape).

        Raises:
            UnsupportedError: the model's family has no latents.
        """
        z = floats(latents, "latents", self._latents)
        return self._coded(lib.swiftgan_model_decode, z, self._shape, labels, conditions)

    def reconstruct(
        self, samples: Array, *, labels: Array | None = None, conditions: Array | None = None
    ) -> NDArray[np.float32]:
        """The samples that the model makes of the latents of given ones, of the same shape.

        Raises:
            UnsupportedError: the model's family has no encoder.
        """
        x = self._real(samples)
        return self._coded(lib.swiftgan_model_reconstruct, x, self._shape, labels, conditions)

    def _coded(
        self, function: Callable[..., int], x: NDArray[np.float32], shape: tuple[int, ...], labels: Any, conditions: Any
    ) -> NDArray[np.float32]:
        out = np.empty((len(x), *shape), np.float32)
        inputs = self._inputs(len(x), labels, None, conditions)
        check(function(self._handle, x.ctypes.data, len(x), inputs.pointer, out.ctypes.data, out.size, None))
        return out
