"""A model with the manners of an estimator."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from itertools import islice
from typing import Any, Union

import numpy as np
from numpy.typing import NDArray

from ._arguments import Array, first_text, numeric, of_names, whole
from ._batches import are_batches, batches
from ._fitted import Fitted
from ._history import History
from ._pixels import Values, are_images, black_and_white, channels_last, in_range, limits, of_shape
from ._progress import bar
from ._tables import column_names
from ._tensors import Tensors
from .dataset import Dataset, opened
from .errors import ArgumentError, error_of
from .model import Model, Report
from .samples import Samples

Callback = Callable[["GAN", Report], Any]
Real = Union[Array, Dataset, str, "os.PathLike[str]", Iterable[Any]]
"""What is trained on: see :meth:`GAN.fit`."""

# Reports of a training in its history, about.
_REPORTS = 1000


class GAN(Fitted):
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
        random_state: another name of ``seed`` with scikit-learn's meaning: an integer, a RandomState or a Generator, from which
            each new model draws its seed, or None: NumPy's global one.

    All others are the keys of the configuration, as :class:`Configuration` has them; None: the default. What ``data`` leaves
    out is found out from the samples; ``latent`` may be the size alone and ``labels`` the mode alone.
    """

    # What fit found: black and white of arrays of one type.
    _scale: tuple[str, Values] | None = None

    # ---- Training ----------------------------------------------------------------------------------------------

    def fit(
        self,
        x: Real,
        y: Array | None = None,
        *,
        conditions: Array | None = None,
        values: Values = None,
        steps: int | None = None,
        callbacks: Callback | Iterable[Callback] = (),
        every: int = 100,
        progress: bool | None = None,
    ) -> GAN:
        """Makes a new model and trains it. Ctrl-C stops it after a whole step and raises; the model can be used and trained on.

        Args:
            x: (count, n) vectors, or a table of pandas, polars or Arrow with numbers only; images as
                :meth:`Dataset.from_arrays` takes them, which are brought to the model's range; a Dataset, or the path of one;
                or an iterable of batches such as PyTorch's DataLoader, each an array or a pair (x, y): one step is made for
                each batch, again from its beginning until ``steps`` are made (an iterator ends the training with its last
                batch), and vectors stay as they are, as in :meth:`partial_fit`.
            y: (count,) class indices, -1 where unknown, or names, which :meth:`sample` then takes; only where ``labels`` is
                set, and passed over where it is "none", as scikit-learn's pipelines need it.
            values: the numbers that mean black and white in images. By default they are found out from the type and the values.
            conditions: (count, n) real numbers.
            callbacks: each is called as ``callback(gan, report)`` every ``every`` steps and at the end, between two steps, so
                that it may sample; returning False ends the training.
            progress: a bar of tqdm, or a plain line where it is not installed; None: where somebody sees it.

        Raises:
            ConfigError: settings. MismatchError: data and settings. DivergedError: see :meth:`Model.train`. What was fitted
            before stays where the error comes before the first step.
        """
        with self._kept():
            self._model = self._scale = self._names = self._columns = self._history = None
            return self._train(x, y, conditions, values, steps, callbacks, every, progress)

    def partial_fit(
        self,
        x: Real,
        y: Array | None = None,
        *,
        conditions: Array | None = None,
        values: Values = None,
        steps: int | None = None,
        callbacks: Callback | Iterable[Callback] = (),
        every: int = 100,
        progress: bool | None = False,
    ) -> GAN:
        """Goes on with the model that there is, or makes one. Without ``steps`` it makes one step, whose batch is all of ``x``,
        or one for each batch of an iterable; with them, and on a Dataset, it is as :meth:`fit`.
        """
        with self._kept():
            if steps is not None or isinstance(x, (Dataset, str, os.PathLike)):
                return self._train(x, y, conditions, values, steps, callbacks, every, progress)
            given: Iterable[Any] = batches(x, 1) if are_batches(x) else [(x, y)]
            for samples, labels in given:
                self._record(self._step(samples, labels, conditions, values))
        return self

    @contextmanager
    def _kept(self) -> Iterator[None]:
        """Restores what was fitted before where an error comes before a new model has made a step."""
        before = {name: getattr(self, name) for name in ("_model", "_scale", "_names", "_columns", "_history")}
        try:
            yield
        except BaseException:
            if self._model is None or self._model.summary["step"] == 0:
                vars(self).update(before)
            raise

    def _step(self, x: Any, y: Any, conditions: Any = None, values: Values = None) -> Report:
        """One step on one batch, with a new model where there is none."""
        samples = self._data_set(x, values)
        labels = self._indices(self._used(y, conditions), "y")
        if self._model is None:
            with Dataset._of_floats(samples, labels, conditions) as data:
                self._model = Model(self._configuration(data))
        return self.model.step(samples, labels=labels, conditions=conditions)

    def _record(self, report: Report) -> None:
        if self._history is None:
            self._history = History()
        self._history.append(report)

    def _train(
        self,
        x: Any,
        y: Any,
        conditions: Any,
        values: Values,
        steps: int | None,
        callbacks: Callback | Iterable[Callback],
        every: int,
        progress: bool | None,
    ) -> GAN:
        every = whole(every, "every", 1)
        left = whole(self.steps if steps is None else steps, "steps")
        called = [callbacks] if callable(callbacks) else list(callbacks)
        with self._source(x, y, conditions, values) as source, bar(left, progress) as line:
            if isinstance(source, Dataset) and self._model is None:
                self._model = Model(self._configuration(source))
            latest: Report = {"step": 0 if self._model is None else self._model.summary["step"]}
            interval = max(1, left // _REPORTS)
            interval -= interval % 16 if interval > 16 else 0  # the library reports every 16 steps then

            def report(step: int, figures: Report) -> None:
                if line is not None:
                    line.update(step - latest["step"])
                latest.update(figures)
                self._record(figures)

            # Training in parts gives the bits of training at once.
            while left > 0:
                part = min(every, left) if called else left
                made = self._advance(source, part, min(interval, part), report)
                left -= made
                if any([call(self, dict(latest)) is False for call in called]) or made < part:
                    break
        return self

    def _source(self, x: Any, y: Any, conditions: Any, values: Values) -> Any:
        """What is trained on, as a context: a data set, or an iterator of batches."""
        if not are_batches(x):
            if not isinstance(x, (Dataset, str, os.PathLike)):
                y = self._used(y, conditions)
            return self._dataset(x, y, conditions, values)
        for name, value in (("y", y), ("conditions", conditions)):
            if value is not None:
                raise ValueError(f"{name}: an iterable of batches has its own: pairs (x, y)")
        return nullcontext((samples, labels, values) for samples, labels in batches(x))

    def _advance(self, source: Any, steps: int, interval: int, report: Callable[[int, Report], None]) -> int:
        """Makes steps and reports every ``interval`` of them and at the end. Returns how many there were: fewer where
        batches ended."""
        if isinstance(source, Dataset):
            size = min(whole(self.batch, "batch", 1), len(source))
            self.model.train(source, steps, batch=size, report_every=interval, on_progress=report)
            return steps
        made, figures = 0, {}
        for samples, labels, values in islice(source, steps):
            figures = self._step(samples, labels, values=values)
            made += 1
            if made % interval == 0:
                report(figures["step"], figures)
        if made % interval != 0:
            report(figures["step"], figures)
        return made

    @property
    def _range(self) -> Values:
        """What values images take: those of the model, or of the settings."""
        if self._model is not None:
            return self._model._range
        data: Any = self.data or {}
        given = data.get("range", (-1, 1)) if isinstance(data, Mapping) else data.range or (-1, 1)
        return None if given is None or given == "any" else (given[0], given[1])

    def _data_set(self, x: Array, values: Values) -> NDArray[np.float32]:
        """A whole data set's samples in the model's range. What its values mean is remembered."""
        array = numeric(x, "x")
        self._expect_columns(x, array)
        given = limits(values, "values")
        if not are_images(array):
            return np.ascontiguousarray(array, dtype=np.float32)
        array = channels_last(array, "x")
        if given is None:
            given = self._known_scale(x, array) or (None if self._range is None else black_and_white(array, "x"))
        if self._scale is None:
            self._scale = _type(array), given
        return in_range(array, "x", self._range, given=given, is_all=True)

    def _part(self, x: Array) -> NDArray[np.float32]:
        """Some samples in the model's range."""
        array, shape = numeric(x, "x"), self.model.sample_shape
        self._expect_columns(x, array)
        if len(shape) < 3:
            return np.ascontiguousarray(array, dtype=np.float32)
        array = of_shape(array, shape)
        return in_range(array, "x", self._range, given=self._known_scale(x, array))

    def _expect_columns(self, x: Any, array: NDArray[Any]) -> None:
        """The columns of vectors are those of the data set. Its first table defines their names.

        Raises:
            ValueError: other columns, or none.
        """
        if array.ndim != 2:
            return
        size = array.shape[1]
        if size == 0:
            raise ValueError(f"x: 0 feature(s) (shape={array.shape}) while a minimum of 1 is required.")
        if self._model is not None and self._model.sample_shape != (size,) and len(self._model.sample_shape) == 1:
            raise ValueError(f"X has {size} features, but GAN is expecting {self.n_features_in_} features as input")
        names = column_names(x)
        if self._model is None:
            self._columns = names
        elif names is not None and self._columns is not None and names != self._columns:
            raise ValueError(
                f"x: The feature names should match those that were passed during fit: {', '.join(self._columns)};"
                f" found {', '.join(names)}"
            )

    def _known_scale(self, x: Any, array: NDArray[Any]) -> Values:
        """Black and white of samples that say it themselves, or that are like those of the data set."""
        if isinstance(x, Samples):
            return x.range
        if self._scale is None or self._scale[0] != _type(array) or self._scale[1] is None or array.size == 0:
            return None
        # Below its black lie only values in the model's own range.
        return self._scale[1] if array.min() >= self._scale[1][0] else None

    def _dataset(self, x: Any, y: Any, conditions: Any, values: Values = None) -> Any:
        """Samples as a dataset, to be closed after use if it is made here."""
        if not isinstance(x, (Dataset, str, os.PathLike)):
            samples = self._data_set(x, values)
            if not 2 <= samples.ndim <= 4:
                hint = "; samples of one number each are x[:, None]" if samples.ndim == 1 else ""
                raise ValueError(f"x: expected 2 to 4 axes, found shape {samples.shape}{hint}")
            try:
                return Dataset._of_floats(samples, self._indices(y, "y"), conditions)
            except ArgumentError as error:
                if np.isfinite(samples).all():
                    raise
                raise error_of(error.status, error.status_name, f"x: contains NaN or infinity; {error}") from None
        for name, value in (("y", y), ("conditions", conditions), ("values", values)):
            if value is not None:
                raise ValueError(f"{name}: a Dataset has its own")
        return opened(x, "x")

    def _used(self, y: Any, conditions: Any) -> Any:
        """The labels, or None where ``labels`` says that they make no difference.

        Raises:
            ValueError: labels or conditions that make no difference, or no labels where they are needed.
        """
        mode = self._label_mode()
        if mode not in (None, "none"):
            if y is None and conditions is None:
                raise ValueError(
                    f"y: labels={mode!r} needs the class of each sample; write fit(x, y)"
                    " (it requires y to be passed, but the target y is None)"
                )
            return y
        told = 'this GAN makes no use of it; write GAN(labels="conditional", …)'
        if conditions is not None:
            raise ValueError(f"conditions: {told}, or leave conditions out")
        if y is not None and mode is None:
            ways = 'labels="auxiliary" or labels="semi_supervised"; labels="none" to pass it over, or leave y out'
            raise ValueError(f"y: {told}, {ways}")
        return None

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
        info = data.info
        found = {k: info[k] for k in ("shape", "classes", "conditions")}
        if self._names is not None:
            found["class_names"] = self._names
        return self._settings(found)

    # ---- The model ---------------------------------------------------------------------------------------------

    @property
    def tensors(self) -> Tensors:
        """See :attr:`Model.tensors`."""
        return self.model.tensors

    def sample(
        self,
        n: int = 1,
        *,
        labels: Array | None = None,
        conditions: Array | None = None,
        latents: Array | None = None,
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
        self, x: Array, *, labels: Array | None = None, conditions: Array | None = None
    ) -> NDArray[np.float32]:
        """See :meth:`Model.discriminate`."""
        return self.model.discriminate(self._part(x), labels=self._indices(labels, "labels"), conditions=conditions)

    def density_ratio(
        self, x: Array, *, labels: Array | None = None, conditions: Array | None = None
    ) -> NDArray[np.float32]:
        """See :meth:`Model.density_ratio`."""
        return self.model.density_ratio(self._part(x), labels=self._indices(labels, "labels"), conditions=conditions)

    def score_samples(
        self, x: Array, *, labels: Array | None = None, conditions: Array | None = None
    ) -> NDArray[np.float32]:
        """The natural logarithm of p_data / p_model at each sample as the discriminator estimates it, (count,): above 0 where
        the model makes too few such samples, below where it makes too many. See :meth:`Model.log_density_ratio`.

        Raises:
            UnsupportedError: the discriminator tells no ratio.
        """
        return self.model.log_density_ratio(self._part(x), labels=self._indices(labels, "labels"), conditions=conditions)

    def score(self, x: Array, y: Array | None = None, *, conditions: Array | None = None) -> float:
        """Minus the mean of :meth:`score_samples` over real samples, an estimate of minus the Kullback-Leibler divergence
        KL(p_data || p_model) in nats: the greater the better, 0 at best. It is the opinion of the model's own discriminator,
        and no better than that is: one that has learned nothing says 0, too.

        Args:
            y: the samples' labels, where the discriminator is given them.

        Raises:
            UnsupportedError: the discriminator tells no ratio.
        """
        labels = y if self._label_mode() == "conditional" else None
        return -float(self.score_samples(x, labels=labels, conditions=conditions).mean(dtype=np.float64))

    def classify(self, x: Array) -> NDArray[np.float32]:
        """See :meth:`Model.classify`."""
        return self.model.classify(self._part(x))

    def evaluate(self, x: Real, y: Array | None = None, **options: Any) -> dict[str, Any]:
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


def _type(array: NDArray[Any]) -> str:
    return "float" if array.dtype.kind == "f" else array.dtype.name


def _of_each(labels: Any, n: int) -> Any:
    return labels if labels is None or np.ndim(labels) else np.full(n, labels)
