"""The parameters of :class:`swiftgan.GAN`, kept as scikit-learn's estimators keep theirs."""

from __future__ import annotations

import difflib
import functools
import inspect
import numbers
from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any, Literal, TypeVar, cast

import numpy as np

from . import config
from ._arguments import whole

F = TypeVar("F", bound=Callable[..., None])
Self = TypeVar("Self", bound="Parameters")

_KEYS = [f.name for f in fields(config.Configuration)]
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
    "conditional": 'labels="conditional"',
    "classes": 'labels="conditional"; the classes are counted in y',
    "n_classes": 'labels="conditional"; the classes are counted in y',
    "range": "data={'range': (low, high)}",
    "shape": "nothing: fit finds it in x",
}


def _explains(init: F) -> F:
    """A constructor that says of an unknown parameter what it may have been meant for."""

    @functools.wraps(init)
    def checked(self: Parameters, *arguments: Any, **parameters: Any) -> None:
        self._expect_known(parameters)
        init(self, *arguments, **parameters)

    return cast(F, checked)


class Parameters:
    """Parameters by name, each an attribute. They are stored as they are given and checked when a model is made."""

    @_explains
    def __init__(
        self,
        preset: Literal["dcgan", "mlp", "resnet", "r3gan"] | None = None,
        *,
        width: int | None = None,
        steps: int = 1000,
        batch: int = 64,
        random_state: int | np.random.RandomState | np.random.Generator | None = 1,
        data: config.Data | Mapping[str, Any] | None = None,
        latent: config.Latent | Mapping[str, Any] | int | None = None,
        generator: config.Network | None = None,
        discriminator: config.Network | None = None,
        discriminators: Mapping[str, config.Network] | None = None,
        objective: config.Objective | None = None,
        penalties: config.Penalties | Mapping[str, Any] | None = None,
        labels: config.Labels
        | Mapping[str, Any]
        | Literal["none", "conditional", "auxiliary", "semi_supervised"]
        | None = None,
        feature_matching: config.FeatureMatching | Mapping[str, Any] | float | None = None,
        content: config.Content | Mapping[str, Any] | None = None,
        label_smoothing: config.LabelSmoothing | Mapping[str, Any] | None = None,
        schedule: config.UpdateSchedule | Mapping[str, Any] | None = None,
        optimizer: config.Optimizer | config.Optimizers | None = None,
        learning_rate: config.LearningRate | None = None,
        average: config.Average | None = None,
        clip_weights: float | None = None,
        standardize: bool | None = None,
        packing: int | None = None,
        augment: config.Augment | Mapping[str, Any] | None = None,
        instance_noise: config.InstanceNoise | Mapping[str, Any] | float | None = None,
        label_flipping: float | None = None,
        historical_averaging: float | None = None,
        replay: config.Replay | Mapping[str, Any] | None = None,
        reference_batch: int | None = None,
        seed: int | None = None,
        family: Literal["gan"] | None = None,
    ) -> None:
        self.preset = preset
        self.width = width
        self.steps = steps
        self.batch = batch
        self.random_state = random_state
        self.data = data
        self.latent = latent
        self.generator = generator
        self.discriminator = discriminator
        self.discriminators = discriminators
        self.objective = objective
        self.penalties = penalties
        self.labels = labels
        self.feature_matching = feature_matching
        self.content = content
        self.label_smoothing = label_smoothing
        self.schedule = schedule
        self.optimizer = optimizer
        self.learning_rate = learning_rate
        self.average = average
        self.clip_weights = clip_weights
        self.standardize = standardize
        self.packing = packing
        self.augment = augment
        self.instance_noise = instance_noise
        self.label_flipping = label_flipping
        self.historical_averaging = historical_averaging
        self.replay = replay
        self.reference_batch = reference_batch
        self.seed = seed
        self.family = family

    @classmethod
    def _defaults(cls) -> dict[str, Any]:
        return {name: p.default for name, p in inspect.signature(cls).parameters.items()}

    @classmethod
    def _expect_known(cls, parameters: Mapping[str, Any]) -> None:
        """Raises:
        TypeError: a name that no parameter has.
        """
        known = cls._defaults()
        for name in parameters:
            if name in known:
                continue
            if name in _OTHER_NAMES:
                meant = f"write {_OTHER_NAMES[name]}"
            else:
                close = difflib.get_close_matches(name, known, 1, 0.7)
                meant = f"did you mean {close[0]!r}?" if close else f"expected one of {', '.join(known)}"
            raise TypeError(f"unknown parameter {name!r}; {meant}")

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """All parameters of the constructor by name; None where the library's default holds."""
        return {name: getattr(self, name) for name in self._defaults()}

    def set_params(self: Self, **params: Any) -> Self:
        """Changes parameters; a model that was fitted before keeps its own until the next :meth:`fit`.

        Raises:
            TypeError: a name that no parameter has.
        """
        self._expect_known(params)
        vars(self).update(params)
        return self

    def _label_mode(self) -> Any:
        """The mode of ``labels``, however it was given; None where nothing was."""
        labels: Any = self.labels
        return labels.get("mode", "none") if isinstance(labels, Mapping) else getattr(labels, "mode", labels)

    def _settings(self, found: Mapping[str, Any]) -> dict[str, Any]:
        """The configuration of a new model: the parameters, and what the data told for ``data``."""
        chosen = {key: value for key in _KEYS if (value := getattr(self, key)) is not None}
        given = chosen.get("data", {})
        chosen["data"] = {**found, **given} if isinstance(given, Mapping) else given
        if isinstance(chosen.get("latent"), numbers.Integral):
            chosen["latent"] = {"size": chosen["latent"]}
        if isinstance(chosen.get("labels"), str):
            chosen["labels"] = {"mode": chosen["labels"]}
        chosen["seed"] = self._new_seed()
        preset = self.preset or ("dcgan" if len(found["shape"]) == 3 else "mlp")
        network = {"preset": preset} | ({} if self.width is None else {"width": self.width})
        return {"generator": network, "discriminator": network} | config.network_lists(chosen)

    def _new_seed(self) -> int:
        """The seed of a new model.

        Raises:
            ValueError: both ``seed`` and ``random_state`` were given. TypeError: ``random_state`` is none.
        """
        state = self.random_state
        if self.seed is not None:
            if type(state) is not int or state != self._defaults()["random_state"]:
                raise ValueError("random_state: another name of seed; give only one of them")
            return whole(self.seed, "seed", high=2**64 - 1)
        if state is None:
            return int(np.random.randint(2**31 - 1))
        if isinstance(state, np.random.RandomState):
            return int(state.randint(2**31 - 1))
        if isinstance(state, np.random.Generator):
            return int(state.integers(2**31 - 1))
        return whole(state, "random_state", high=2**64 - 1)

    def __sklearn_tags__(self) -> Any:
        from sklearn.utils import InputTags, Tags, TargetTags

        is_labeled = self._label_mode() not in (None, "none", "semi_supervised")
        return Tags(
            estimator_type=None,
            target_tags=TargetTags(required=is_labeled),
            input_tags=InputTags(two_d_array=True, three_d_array=True),
            non_deterministic=self.random_state is None and self.seed is None,
        )

    def __repr__(self) -> str:
        default = self._defaults()
        given = [f"{k}={v!r}" for k, v in self.get_params().items() if repr(v) != repr(default[k])]
        return f"{type(self).__name__}({', '.join(given)})"
