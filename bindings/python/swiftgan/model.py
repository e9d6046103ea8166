"""A generative adversarial network."""

from __future__ import annotations

import ctypes
import os
import pathlib
import tempfile
import warnings
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._arguments import Array, floats, whole
from ._capabilities import Capabilities
from ._exchange import Exchange
from ._forms import json_text, parsed
from ._interrupts import Interrupts
from ._latent_search import LatentSearch
from ._library import (
    Handle,
    Progress,
    check,
    lib,
    path_bytes,
    text_bytes,
    text_of,
)
from ._pixels import are_unit
from ._tensors import Tensors
from .config import Configuration
from .dataset import Dataset, opened
from .errors import CancelledError, error_of

Report = dict[str, Any]
_REPORT_BYTES = 16384


class Model(Capabilities, Exchange, LatentSearch):
    """A generator and a discriminator, their game and how far it has come.

    Args:
        config: a `config.Configuration`, a dict or a JSON text; the project's README lists the keys. Only ``data.shape`` has no
            default.

    Copies and pickles go through the bytes of a checkpoint, so that they train on with the bits of the original.

    Raises:
        ConfigError: a key is unknown or its value is not what it should be; the message names it.
        FormatError: the text is not JSON.
        LimitError, OutOfMemoryError: the networks are too large.
    """

    _destroy = staticmethod(lib.swiftgan_model_destroy)

    def __init__(self, config: Configuration | Mapping[str, Any] | str) -> None:
        text = config if isinstance(config, str) else json_text(config)
        handle = Handle()
        check(lib.swiftgan_model_create(ctypes.byref(handle), text_bytes(text)))
        self._adopt(handle)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Model:
        """The model of a checkpoint, whole: training goes on with the bits that an uninterrupted run would have had.

        Raises:
            IOFailure, FormatError, TruncatedError, ChecksumError, UnsupportedError: the file.
        """
        handle = Handle()
        check(lib.swiftgan_model_load(ctypes.byref(handle), path_bytes(path)))
        model = cls.__new__(cls)
        model._adopt(handle)
        return model

    def _adopt(self, handle: Handle) -> None:
        super().__init__(handle)
        self._report = ctypes.create_string_buffer(_REPORT_BYTES)
        config = self.config
        self._shape = tuple(config["data"]["shape"])
        # The call fails for families without latents and leaves 0.
        size = ctypes.c_size_t()
        lib.swiftgan_model_latents(self._handle, 1, 0, None, 0, ctypes.byref(size))
        self._latents = (size.value,)
        self._family = str(config["family"])
        self._classes = config["data"].get("classes", 0)
        # The shape of what samples are conditioned on; None: nothing.
        conditions = config["data"].get("conditions", 0) if self._family in ("gan", "cyclegan") else 0
        shape = tuple(conditions) if isinstance(conditions, list) else (conditions,)
        self._conditions = None if shape == (0,) else shape
        given = config["data"]["range"]
        self._range = None if given is None else (given[0], given[1])
        self._looked_at = False
        self._tensor_indices: dict[str, int] = {}

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes one safetensors file; at any moment the old file or the new one is there, whole."""
        check(lib.swiftgan_model_save(self._handle, path_bytes(path)))

    def to_bytes(self) -> bytes:
        """The checkpoint that :meth:`save` would write."""
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "model.safetensors"
            self.save(path)
            return path.read_bytes()

    @classmethod
    def from_bytes(cls, checkpoint: bytes) -> Model:
        """The model of a checkpoint's bytes; raises what :meth:`load` does."""
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "model.safetensors"
            path.write_bytes(checkpoint)
            return cls.load(path)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self).from_bytes, (self.to_bytes(),)

    def __copy__(self) -> Model:
        return type(self).from_bytes(self.to_bytes())

    def __deepcopy__(self, memo: Any) -> Model:
        return self.__copy__()

    @property
    def config(self) -> dict[str, Any]:
        """The complete configuration, defaults filled in."""
        return parsed(text_of(lib.swiftgan_model_config, self._handle))

    @property
    def summary(self) -> dict[str, Any]:
        """Family, capabilities, kind of likelihood, and the networks layer by layer: output shape, parameters and
        multiply-adds of one sample."""
        return parsed(text_of(lib.swiftgan_model_summary, self._handle))

    @property
    def class_names(self) -> list[str]:
        """The names of the classes in the order of their numbers, which ``labels`` may use: those of the data that the model
        was trained on, or of the configuration; empty where they have none."""
        names: list[str] = self.summary["class_names"]
        return names

    @property
    def family(self) -> str:
        """The family of the model: "gan", …"""
        return self._family

    @property
    def capabilities(self) -> tuple[str, ...]:
        """What the family can do, such as "sample" and "log_likelihood"; other calls raise UnsupportedError."""
        return tuple(self.summary["capabilities"])

    @property
    def sample_shape(self) -> tuple[int, ...]:
        """The shape of one sample: (n,) or (height, width, channels)."""
        return self._shape

    def step(
        self,
        samples: Array,
        *,
        labels: Array | None = None,
        latents: Array | None = None,
        conditions: Array | None = None,
    ) -> Report:
        """One step of the game on a batch of real samples.

        Args:
            samples: (batch, \\*sample_shape), in the range of the configuration's ``data.range``. float32 in C order is
                passed without a copy. Images of unsigned bytes or truth values are brought to that range; images may have
                their channels before height and width.
            latents: (batch, latent size), used by every update of the step; by default drawn from the prior.
            labels: (batch,) class indices or names (`class_names`), for models
                with labels; -1 where unknown in semi-supervised learning.
            conditions: (batch, conditions), for models that are conditioned on real numbers.

        Returns:
            The step's figures: costs, mean D on real and fake, accuracies, gradient norms, …

        Raises:
            ArgumentError: NaN or infinity in the samples, or a batch too small.
            DivergedError: a cost, gradient or weight became NaN; the model is as before.
        """
        x = self._real(samples)
        if not self._looked_at:
            self._looked_at = True
            self._warn_of_scale(samples, x)
        inputs = self._inputs(len(x), labels, latents, conditions)
        status = lib.swiftgan_model_step(
            self._handle, x.ctypes.data, len(x), inputs.pointer, self._report, _REPORT_BYTES, None
        )
        check(status)
        return parsed(self._report.value)

    def _warn_of_scale(self, samples: Any, x: NDArray[np.float32]) -> None:
        """Looks at the first batch: images in 0...1 may be meant for another range."""
        if len(self._shape) == 3 and self._range is not None and self._range[0] < 0 and are_unit(x):
            low, high = self._range
            warnings.warn(
                f"samples: all values are in 0...1, the model's range is {low:g} (black) to {high:g} (white);"
                f" write samples * {high - low:g} + {low:g} if 0 is black",
                UserWarning,
                stacklevel=3,
            )

    def train(
        self,
        data: Dataset | str | os.PathLike[str],
        steps: int,
        *,
        batch: int | None = None,
        report_every: int = 1,
        checkpoint: str | os.PathLike[str] | None = None,
        checkpoint_every: int = 1000,
        on_progress: Callable[[int, Report], Any] | None = None,
    ) -> None:
        """``steps`` more steps on a dataset, shuffled anew each epoch. Ctrl-C stops it after a whole step.

        Args:
            data: a data set, or the path of one, as for `Dataset.open`.
            batch: samples a step; by default 64, or all where there are fewer.
            report_every: steps between calls of ``on_progress``.
            checkpoint: a path, written every ``checkpoint_every`` steps and at the end.
            on_progress: called with the step and its report; returning False ends the training. An exception in it ends
                the training, too, and comes out of here.

        Raises:
            MismatchError: the data's shape or range is not the model's.
            DivergedError: a cost, gradient or weight became NaN; the model is at the last good step.
        """
        # The library is heard of more often than the caller, so that Ctrl-C is never waited for long.
        steps = whole(steps, "steps", high=2**64 - 1)
        report_every = whole(report_every, "report_every", 1)
        heard = max(d for d in range(1, 17) if report_every % d == 0)
        options: dict[str, Any] = {"report_every": heard}
        if batch is not None:
            options["batch"] = whole(batch, "batch", 1)
        if checkpoint is not None:
            options["checkpoint"] = os.fspath(checkpoint)
            options["checkpoint_every"] = whole(checkpoint_every, "checkpoint_every", 1)
        raised: list[BaseException] = []
        stopped, done = False, 0

        def progress(_: Any, step: int, report: bytes) -> int:
            nonlocal stopped, done
            done = min(done + heard, steps)
            try:
                if on_progress is None or done % report_every and done < steps:
                    pass
                elif on_progress(step, parsed(report)) is False:
                    stopped = True
            except BaseException as error:  # must not pass through C; raised again below
                raised.append(error)
            return int(stopped or bool(raised) or interrupts.came)

        with opened(data) as source, Interrupts() as interrupts:
            status = lib.swiftgan_model_train(
                self._handle, source.handle, steps, text_bytes(json_text(options)), Progress(progress), None
            )
        if raised:
            raise raised[0]
        try:
            check(status)
        except CancelledError:
            if not stopped:
                raise

    def sample(
        self,
        count: int,
        *,
        seed: int = 0,
        labels: Array | None = None,
        latents: Array | None = None,
        conditions: Array | None = None,
        out: NDArray[np.float32] | None = None,
    ) -> NDArray[np.float32]:
        """New samples, (count, \\*sample_shape). Latent i depends on (seed, i) alone.

        Args:
            labels, conditions: (count,), indices or names (`class_names`; one name is for all), and (count, conditions): what
                the samples should be, for conditional models.
            latents: (count, latent size); by default drawn from the prior by ``seed``.
            out: where to write them: float32 in C order of that shape.
        """
        count = whole(count, "count", 1)
        seed = whole(seed, "seed", high=2**64 - 1)
        shape = (count, *self._shape)
        if out is None:
            try:
                out = np.empty(shape, np.float32)
            except ValueError as error:
                raise MemoryError(f"count: {error}") from None
        elif not isinstance(out, np.ndarray):
            raise TypeError(f"out: expected an array, found {type(out).__name__}")
        elif out.shape != shape or out.dtype != np.float32 or not out.flags.c_contiguous:
            raise ValueError(f"out: expected float32 in C order of shape {shape}, found {out.dtype} {out.shape}")
        elif not out.flags.writeable:
            raise ValueError("out: is read-only")
        inputs = self._inputs(count, labels, latents, conditions)
        check(
            lib.swiftgan_model_sample(
                self._handle, count, seed, inputs.pointer, out.ctypes.data, out.size, None
            )
        )
        return out

    def translate(
        self,
        inputs: Array,
        *,
        answers: int = 1,
        seed: int = 0,
        labels: Array | None = None,
        back: bool = False,
    ) -> NDArray[np.float32]:
        """What a model that was trained on pairs makes from inputs: (count, answers, \\*sample_shape).

        Args:
            inputs: (count, \\*shape), with the shape of the configuration's ``data.conditions``; images of unsigned bytes or
                truth values become -1...1, and may have their channels before height and width.
            answers: how many for each; they differ where the generator has noise. Answer j of input i is sample
                i * answers + j of ``seed``.
            labels: (count,) classes of the inputs, where the model is given classes, too.
            back: of the family "cyclegan", inputs from samples, one answer each: (count, 1, \\*shape).

        Raises:
            UnsupportedError: the model makes its samples from no inputs.
        """
        answers = whole(answers, "answers", 1, 1000)
        seed = whole(seed, "seed")
        if self._conditions is None:
            raise error_of(
                -9,
                "SWIFTGAN_ERROR_UNSUPPORTED",
                "translate: the model makes its samples from no inputs; it needs data.conditions and labels.mode"
                ' "conditional"',
            )
        given = self._real(inputs) if back else floats(self._given(inputs, "inputs"), "inputs", self._conditions)
        made = self._conditions if back else self._shape
        out = np.empty((len(given), answers, *made), np.float32)
        accompaniment = self._inputs(len(given), labels, None, None)
        options = text_bytes(json_text({"answers": answers, "seed": seed, "back": back}))
        check(
            lib.swiftgan_model_translate(
                self._handle, given.ctypes.data, len(given), accompaniment.pointer, options, out.ctypes.data, out.size, None
            )
        )
        return out

    def latents(self, count: int, *, seed: int = 0) -> NDArray[np.float32]:
        """The latents that :meth:`sample` draws for a seed, (count, latent size), for arithmetic and interpolation."""
        count = whole(count, "count", 1)
        seed = whole(seed, "seed", high=2**64 - 1)
        try:
            out = np.empty((count, *self._latents), np.float32)
        except ValueError as error:
            raise MemoryError(f"count: {error}") from None
        check(lib.swiftgan_model_latents(self._handle, count, seed, out.ctypes.data, out.size, None))
        return out

    def discriminate(
        self, samples: Array, *, labels: Array | None = None, conditions: Array | None = None
    ) -> NDArray[np.float32]:
        """D's logits, (count,): its belief that a sample is real is ``1 / (1 + exp(-logit))``.

        A discriminator with ``minibatch_discrimination`` or ``minibatch_deviation`` judges all samples as one batch.
        """
        return self._judge(lib.swiftgan_model_discriminate, samples, (), labels, conditions)

    def classify(self, samples: Array) -> NDArray[np.float32]:
        """Class logits, (count, classes), of a model whose discriminator classifies.

        Raises:
            UnsupportedError: ``labels.mode`` is neither "auxiliary" nor "semi_supervised".
        """
        x = self._real(samples)
        out = np.empty((len(x), self._classes), np.float32)
        check(
            lib.swiftgan_model_classify(
                self._handle, x.ctypes.data, len(x), out.ctypes.data, out.size, None
            )
        )
        return out

    def density_ratio(
        self, samples: Array, *, labels: Array | None = None, conditions: Array | None = None
    ) -> NDArray[np.float32]:
        """The discriminator's estimate of p_data / p_model at each sample, (count,).

        Label smoothing and label flipping are undone. Samples are one batch as in :meth:`discriminate`.

        Raises:
            UnsupportedError: the discriminator tells no ratio: an f-GAN of total variation, ``label_flipping`` 0.5, or
                equal targets by ``label_smoothing``.
        """
        return self._judge(lib.swiftgan_model_density_ratio, samples, (), labels, conditions)

    def log_density_ratio(
        self, samples: Array, *, labels: Array | None = None, conditions: Array | None = None
    ) -> NDArray[np.float32]:
        """The logarithm of :meth:`density_ratio`, which does not overflow."""
        return self._judge(lib.swiftgan_model_log_density_ratio, samples, (), labels, conditions)

    def log_density_ratio_gradient(
        self, samples: Array, *, labels: Array | None = None, conditions: Array | None = None
    ) -> NDArray[np.float32]:
        """Its derivative by each sample's elements, (count, \\*sample_shape): the way towards the data."""
        gradient = lib.swiftgan_model_log_density_ratio_gradient
        return self._judge(gradient, samples, self._shape, labels, conditions)

    def evaluate(
        self,
        data: Dataset | str | os.PathLike[str],
        *,
        count: int | None = None,
        features: str = "auto",
        extractor: str | os.PathLike[str] | None = None,
        epochs: int = 8,
        ridge: float = 0,
        seed: int = 1,
    ) -> dict[str, Any]:
        """How samples of the model compare with data: Fréchet and kernel distance, precision, recall, density, coverage, …

        Args:
            count: samples of each side; by default 10,000, or all of the data where there are fewer.
            features: "pixels", "classifier" (trained on the data's labels), or "auto": a classifier for images with labels.
            extractor: a safetensors file of that classifier: read if it is there, else written.
            epochs: passes over the data when a classifier is trained.
            ridge: added to the covariances' diagonals; needed where there are not more samples than features.

        Raises:
            ArgumentError: too few samples. MismatchError: the data's shape or labels.
        """
        options: dict[str, Any] = {"features": features, "ridge": ridge}
        options |= {"epochs": whole(epochs, "epochs"), "seed": whole(seed, "seed")}
        if count is not None:
            options["count"] = whole(count, "count")
        if extractor is not None:
            options["extractor"] = os.fspath(extractor)
        with opened(data) as source:
            return parsed(
                text_of(lib.swiftgan_evaluate, self._handle, source.handle, text_bytes(json_text(options)))
            )

    def divergences(
        self, data: Dataset | str | os.PathLike[str], *, count: int | None = None, seed: int = 1
    ) -> dict[str, Any]:
        """How far the model is from the data by its discriminator's density ratio, in nats.

        Args:
            count: samples of each side; by default 10,000, or all of the data where there are fewer.
            seed: of the model's samples.

        Returns:
            ``kl``, ``reverse_kl``, ``jensen_shannon``, ``total_variation`` and ``pearson``, each with ``value`` and
            ``standard_error``; ``count``, ``seed``, and ``limited``, the share of log ratios beyond ±log(count),
            which are taken as that. Where it is not near 0, the estimates say little.
        """
        options = {"seed": whole(seed, "seed")}
        if count is not None:
            options["count"] = whole(count, "count")
        function = lib.swiftgan_model_divergences
        with opened(data) as source:
            return parsed(text_of(function, self._handle, source.handle, text_bytes(json_text(options))))

    def _judge(
        self, function: Callable[..., int], samples: Array, tail: tuple[int, ...], labels: Any, conditions: Any
    ) -> NDArray[np.float32]:
        """What a function says of each sample: (count, \\*tail)."""
        x = self._real(samples)
        out = np.empty((len(x), *tail), np.float32)
        inputs = self._inputs(len(x), labels, None, conditions)
        check(function(self._handle, x.ctypes.data, len(x), inputs.pointer, out.ctypes.data, out.size))
        return out

    @property
    def tensors(self) -> Tensors:
        """Weights, running statistics and optimizer state by name; arrays are copies, assignment writes."""
        return Tensors(self)

    def __repr__(self) -> str:
        state = "closed" if self.closed else f"samples {self._shape}, latents {self._latents}"
        return f"<swiftgan.Model: {state}>"
