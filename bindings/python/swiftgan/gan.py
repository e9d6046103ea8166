"""A model with the manners of an estimator."""

from __future__ import annotations

import difflib
import numbers
import os
import sys
from collections.abc import Callable, Iterable, Mapping
from contextlib import nullcontext
from dataclasses import fields
from typing import Any, Union

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ._arguments import first_text, numeric, of_names, whole
from ._pixels import Values, are_images, black_and_white, channels_last, in_range, limits, of_shape
from ._tensors import Tensors
from .config import Configuration, network_lists
from .dataset import Dataset, opened
from .errors import NotFittedError
from .model import Model, Report
from .samples import Samples

Callback = Callable[["GAN", Report], Any]
Real = Union[ArrayLike, Dataset, str, "os.PathLike[str]"]

_OWN = {"preset": None, "width": None, "steps": 1000, "batch": 64}
_KEYS = [f.name for f in fields(Configuration)]
# What other programs call the parameters.
_OTHER_NAMES = {
    "lr": "optimizer=config.Adam(learning_rate=…)",
    "beta1": "optimizer=config.Adam(beta1=…)",
    "betas": "optimizer=config.Adam(beta1=…, beta2=…)",
    "weight_decay": "optimizer=config.Adam(weight_decay=…)",
    "epochs": "steps=…, each of which learns from one batch",
    "n_epochs": "steps=…, each of which learns from one batch",
    "iterations": "steps=…",
    "n_steps": "steps=…",
    "max_iter": "steps=…",
    "batch_size": "batch=…",
    "latent_dim": "latent=…",
    "latent_size": "latent=…",
    "z_dim": "latent=…",
    "nz": "latent=…",
    "ngf": "width=…",
    "ndf": "width=…",
    "hidden": "width=…",
    "loss": "objective=…",
    "ema": "average=…",
    "ema_decay": "average=…",
    "random_state": "seed=…",
    "conditional": 'labels="conditional"',
    "classes": 'labels="conditional"; the classes are counted in y',
    "n_classes": 'labels="conditional"; the classes are counted in y',
    "range": "data={'range': (low, high)}",
    "shape": "nothing: fit finds it in x",
}


class GAN:
    """A generative adversarial network that is fitted to arrays.

    >>> import numpy as np, swiftgan
    >>> x = np.random.default_rng(0).normal(size=(500, 2))
    >>> gan = swiftgan.GAN("mlp", width=32, latent=8, seed=3).fit(x, steps=50, progress=False)
    >>> gan.sample(4).shape
    (4, 2)

    It keeps the conventions of scikit-learn (``fit`` returns the estimator and starts anew, ``clone`` and pipelines work) and
    stands on :class:`Model`, which is its attribute ``model``.

    Args:
        preset: of both networks, "dcgan", "resnet", "r3gan" or "mlp"; by default "dcgan" for images and "mlp" for vectors.
        width: of the presets.
        steps: of :meth:`fit`.
        batch: samples a step, at most the number that there are.
        settings: the keys of the configuration, as :class:`Configuration` has them. What ``data`` leaves out is found out
            from the samples; ``latent`` may be the size alone and ``labels`` the mode alone. None: the default.
    """

    preset: str | None
    width: int | None
    steps: int
    batch: int

    def __init__(
        self,
        preset: str | None = None,
        *,
        width: int | None = None,
        steps: int = 1000,
        batch: int = 64,
        **settings: Any,
    ) -> None:
        self._model: Model | None = None
        # What fit found: black and white of arrays of one type, and the classes' names.
        self._scale: tuple[str, Values] | None = None
        self._names: list[str] | None = None
        vars(self).update(dict.fromkeys(_KEYS))
        self.set_params(preset=preset, width=width, steps=steps, batch=batch, **settings)

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """All parameters of the constructor by name; None where the library's default holds."""
        return {name: getattr(self, name) for name in [*_OWN, *_KEYS]}

    def set_params(self, **params: Any) -> GAN:
        """Changes parameters; a model that was fitted before keeps its own until the next :meth:`fit`."""
        for name in params:
            if name not in _KEYS and name not in _OWN:
                raise TypeError(f"unknown parameter {name!r}; {_meant(name)}")
        vars(self).update(params)
        return self

    # ---- Training ----------------------------------------------------------------------------------------------

    def fit(
        self,
        x: Real,
        y: ArrayLike | None = None,
        *,
        conditions: ArrayLike | None = None,
        values: Values = None,
        steps: int | None = None,
        callbacks: Callback | Iterable[Callback] = (),
        every: int = 100,
        progress: bool | None = None,
    ) -> GAN:
        """Makes a new model and trains it. Ctrl-C stops it after a whole step and raises; the model can be used and trained on.

        Args:
            x: (count, n) vectors; images as :meth:`Dataset.from_arrays` takes them, which are brought to the model's range; a
                Dataset, or the path of one.
            y: (count,) class indices, -1 where unknown, or names, which :meth:`sample` then takes; only where ``labels`` is
                set.
            values: the numbers that mean black and white in images. By default they are found out from the type and the values.
            conditions: (count, n) real numbers.
            callbacks: each is called as ``callback(gan, report)`` every ``every`` steps and at the end, between two steps, so
                that it may sample; returning False ends the training.
            progress: a bar of tqdm, if it is installed; None: where somebody sees it.

        Raises:
            ConfigError: settings. MismatchError: data and settings. DivergedError: see :meth:`Model.train`.
        """
        self._model = self._scale = self._names = None
        return self._train(x, y, conditions, values, steps, callbacks, every, progress)

    def partial_fit(
        self,
        x: Real,
        y: ArrayLike | None = None,
        *,
        conditions: ArrayLike | None = None,
        values: Values = None,
        steps: int | None = None,
        callbacks: Callback | Iterable[Callback] = (),
        every: int = 100,
        progress: bool | None = False,
    ) -> GAN:
        """Goes on with the model that there is, or makes one. Without ``steps`` it makes one step, whose batch is all of ``x``;
        with them, and on a Dataset, it is as :meth:`fit`.
        """
        if steps is not None or isinstance(x, (Dataset, str, os.PathLike)):
            return self._train(x, y, conditions, values, steps, callbacks, every, progress)
        self._expect_use(x, y, conditions)
        samples, labels = self._data_set(x, values), self._indices(y, "y")
        if self._model is None:
            with Dataset._of_floats(samples, labels, conditions) as data:
                self._model = Model(self._configuration(data))
        self.model.step(samples, labels=labels, conditions=conditions)
        return self

    def _train(
        self,
        x: Real,
        y: ArrayLike | None,
        conditions: ArrayLike | None,
        values: Values,
        steps: int | None,
        callbacks: Callback | Iterable[Callback],
        every: int,
        progress: bool | None,
    ) -> GAN:
        self._expect_use(x, y, conditions)
        every = whole(every, "every", 1)
        left = whole(self.steps if steps is None else steps, "steps")
        most = whole(self.batch, "batch", 1)
        called = [callbacks] if callable(callbacks) else list(callbacks)
        with self._dataset(x, y, conditions, values) as data, _bar(left, progress) as bar:
            if self._model is None:
                self._model = Model(self._configuration(data))
            batch = min(most, len(data))
            latest: Report = {}

            def report(step: int, figures: Report) -> None:
                latest.update(figures)
                if bar is not None:
                    bar.update()

            # Training in parts gives the bits of training at once.
            while left > 0:
                part = min(every, left) if called else left
                quiet = bar is None
                self._model.train(
                    data, part, batch=batch, report_every=part if quiet else 1, on_progress=report
                )
                left -= part
                if any([call(self, dict(latest)) is False for call in called]):
                    break
        return self

    @property
    def _range(self) -> Values:
        """What values images take: those of the model, or of the settings."""
        if self._model is not None:
            return self._model._range
        data = self.get_params()["data"] or {}
        given = data.get("range", (-1, 1)) if isinstance(data, Mapping) else data.range or (-1, 1)
        return None if given is None or given == "any" else (given[0], given[1])

    def _data_set(self, x: ArrayLike, values: Values) -> NDArray[np.float32]:
        """A whole data set's samples in the model's range. What its values mean is remembered."""
        array = numeric(x, "x")
        given = limits(values, "values")
        if not are_images(array):
            return np.ascontiguousarray(array, dtype=np.float32)
        array = channels_last(array, "x")
        if given is None:
            given = self._known_scale(x, array) or (None if self._range is None else black_and_white(array, "x"))
        if self._scale is None:
            self._scale = _type(array), given
        return in_range(array, "x", self._range, given=given, is_all=True)

    def _part(self, x: ArrayLike) -> NDArray[np.float32]:
        """Some samples in the model's range."""
        array, shape = numeric(x, "x"), self.model.sample_shape
        if len(shape) < 3:
            return np.ascontiguousarray(array, dtype=np.float32)
        array = of_shape(array, shape)
        return in_range(array, "x", self._range, given=self._known_scale(x, array))

    def _known_scale(self, x: Any, array: NDArray[Any]) -> Values:
        """Black and white of samples that say it themselves, or that are like those of the data set."""
        if isinstance(x, Samples):
            return x.range
        if self._scale is None or self._scale[0] != _type(array) or self._scale[1] is None or array.size == 0:
            return None
        # Below its black lie only values in the model's own range.
        return self._scale[1] if array.min() >= self._scale[1][0] else None

    def _dataset(self, x: Real, y: Any, conditions: Any, values: Values = None) -> Any:
        """Samples as a dataset, to be closed after use if it is made here."""
        if not isinstance(x, (Dataset, str, os.PathLike)):
            samples = self._data_set(x, values)
            if not 2 <= samples.ndim <= 4:
                hint = "; samples of one number each are x[:, None]" if samples.ndim == 1 else ""
                raise ValueError(f"x: expected 2 to 4 axes, found shape {samples.shape}{hint}")
            return Dataset._of_floats(samples, self._indices(y, "y"), conditions)
        for name, value in (("y", y), ("conditions", conditions), ("values", values)):
            if value is not None:
                raise ValueError(f"{name}: a Dataset has its own")
        return opened(x, "x")

    def _expect_use(self, x: Any, y: Any, conditions: Any) -> None:
        """Labels and conditions that would make no difference are a mistake, and so is to leave out those that are needed."""
        if isinstance(x, (Dataset, str, os.PathLike)):
            return
        labels = self.get_params()["labels"]
        mode = labels.get("mode", "none") if isinstance(labels, Mapping) else getattr(labels, "mode", labels)
        if y is None and conditions is None:
            if mode not in (None, "none"):
                raise ValueError(f"y: labels={mode!r} needs the class of each sample; write fit(x, y)")
        elif mode in (None, "none"):
            name = "y" if y is not None else "conditions"
            ways = ', labels="auxiliary" or labels="semi_supervised"' if y is not None else ""
            raise ValueError(
                f"{name}: this GAN makes no use of it; write GAN(labels=\"conditional\", …){ways}, or leave {name} out"
            )

    def _indices(self, labels: Any, name: str) -> Any:
        """Class indices of labels that may be names. The first names define the classes, in the order of the alphabet."""
        if labels is None or first_text(labels) is None:
            return labels
        if self._names is None and self._model is not None:
            self._names = self._model.class_names or None
        if self._names is None:
            if name != "y":
                raise ValueError(f"{name}: this GAN knows no names of classes; write class indices")
            self._names = sorted(set(np.asarray(labels).astype(str).ravel().tolist()))
        indices = of_names(labels, self._names, 1, name)
        return indices if np.ndim(labels) else indices[0]

    def _configuration(self, data: Dataset) -> dict[str, Any]:
        """The settings, with what the data tells."""
        chosen = {k: v for k in _KEYS if (v := getattr(self, k)) is not None}
        info = data.info
        found = {k: info[k] for k in ("shape", "classes", "conditions")}
        if self._names is not None:
            found["class_names"] = self._names
        given = chosen.get("data", {})
        chosen["data"] = found | dict(given) if isinstance(given, Mapping) else given
        if isinstance(chosen.get("latent"), numbers.Integral):
            chosen["latent"] = {"size": chosen["latent"]}
        if isinstance(chosen.get("labels"), str):
            chosen["labels"] = {"mode": chosen["labels"]}
        preset = self.preset or ("dcgan" if len(info["shape"]) == 3 else "mlp")
        network = {"preset": preset} | ({} if self.width is None else {"width": self.width})
        return {"generator": network, "discriminator": network} | network_lists(chosen)

    # ---- The model ---------------------------------------------------------------------------------------------

    @property
    def model(self) -> Model:
        """The model that was fitted or loaded.

        Raises:
            NotFittedError: there is none yet.
        """
        if self._model is None:
            raise NotFittedError("this GAN has no model yet: call fit, partial_fit or GAN.load first")
        return self._model

    @property
    def tensors(self) -> Tensors:
        """See :attr:`Model.tensors`."""
        return self.model.tensors

    def sample(
        self,
        n: int = 1,
        *,
        labels: ArrayLike | None = None,
        conditions: ArrayLike | None = None,
        latents: ArrayLike | None = None,
        seed: int = 0,
    ) -> Samples:
        """``n`` samples as an array that notebooks show if they are images; ``labels`` may be one class for all, a number or
        the name that it had in ``y``. Sample i depends on the seed and i alone.
        """
        n = whole(n, "n", 1)
        labels = _of_each(self._indices(labels, "labels"), n)
        x = self.model.sample(n, labels=labels, conditions=conditions, latents=latents, seed=seed)
        return Samples(x, self.model.config["data"]["range"])

    def discriminate(
        self, x: ArrayLike, *, labels: ArrayLike | None = None, conditions: ArrayLike | None = None
    ) -> NDArray[np.float32]:
        """See :meth:`Model.discriminate`."""
        return self.model.discriminate(self._part(x), labels=self._indices(labels, "labels"), conditions=conditions)

    def density_ratio(
        self, x: ArrayLike, *, labels: ArrayLike | None = None, conditions: ArrayLike | None = None
    ) -> NDArray[np.float32]:
        """See :meth:`Model.density_ratio`."""
        return self.model.density_ratio(self._part(x), labels=self._indices(labels, "labels"), conditions=conditions)

    def classify(self, x: ArrayLike) -> NDArray[np.float32]:
        """See :meth:`Model.classify`."""
        return self.model.classify(self._part(x))

    def evaluate(self, x: Real, y: ArrayLike | None = None, **options: Any) -> dict[str, Any]:
        """How samples of the model compare with real ones; options and result as for :meth:`Model.evaluate`."""
        with self._dataset(x, y, None) as data:
            return self.model.evaluate(data, **options)

    def save(self, path: str | os.PathLike[str]) -> None:
        """See :meth:`Model.save`."""
        self.model.save(path)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> GAN:
        """A GAN with the model of a checkpoint and its configuration as parameters; raises what :meth:`Model.load` does."""
        model = Model.load(path)
        gan = cls(**model.config)
        gan._model = model
        return gan

    # ---- Manners -----------------------------------------------------------------------------------------------

    def __sklearn_is_fitted__(self) -> bool:
        return self._model is not None

    def __sklearn_tags__(self) -> Any:
        from sklearn.utils import InputTags, Tags, TargetTags

        return Tags(
            estimator_type=None,
            target_tags=TargetTags(required=False),
            input_tags=InputTags(two_d_array=True, three_d_array=True),
        )

    def __repr__(self) -> str:
        set_ = [f"{k}={v!r}" for k, v in self.get_params().items() if v is not None and v != _OWN.get(k)]
        return f"GAN({', '.join(set_)})"


def _type(array: NDArray[Any]) -> str:
    return "float" if array.dtype.kind == "f" else array.dtype.name


def _meant(name: str) -> str:
    """What a parameter that is none may have been meant for."""
    if name in _OTHER_NAMES:
        return f"write {_OTHER_NAMES[name]}"
    close = difflib.get_close_matches(name, [*_OWN, *_KEYS], 1, 0.7)
    return f"did you mean {close[0]!r}?" if close else f"expected one of {', '.join([*_OWN, *_KEYS])}"


def _of_each(labels: ArrayLike | None, n: int) -> ArrayLike | None:
    return labels if labels is None or np.ndim(labels) else np.full(n, labels)


def _bar(steps: int, progress: bool | None) -> Any:
    """A progress bar of tqdm as a context, or one of None where there is none to be seen."""
    if progress is False:
        return nullcontext()
    try:
        from tqdm.auto import tqdm
    except ImportError:
        return nullcontext()
    ipython: Any = sys.modules.get("IPython")
    is_notebook = ipython is not None and hasattr(ipython.get_ipython(), "kernel")
    seen = progress or is_notebook or sys.stderr.isatty()
    return tqdm(total=steps, unit="step") if seen else nullcontext()
