"""A model's configuration, typed. Names, defaults and meanings are those of the configuration's keys in the README.

>>> from swiftgan import Model, config
>>> model = Model(config.Configuration(config.Data((2,)), config.Latent(16), optimizer=config.Adam(0.001)))
>>> model.config["optimizer"]["generator"]["adam"]["learning_rate"]
0.001
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, Union

from ._forms import Form
from .layers import Layer, Layers


@dataclass(frozen=True)
class Data(Form):
    """What a sample is: (n,) or (height, width, channels), with which labels and values."""

    shape: Sequence[int]
    classes: int = 0
    conditions: int | Sequence[int] = 0
    """How many numbers each sample is conditioned on, or their shape, such as that of an image."""
    class_names: Sequence[str] | None = None
    """The classes' names; None: those of the data that the model is first trained on, if it has some."""
    range: tuple[float, float] | Literal["any"] | None = None
    """(low, high); "any"; None: (-1, 1) for images and any for vectors."""

    def json(self) -> Any:
        """The object `data`."""
        return super().json() | ({"range": None} if self.range == "any" else {})


@dataclass(frozen=True)
class Latent(Form):
    """The prior."""

    size: int = 100
    distribution: Literal["normal", "uniform", "truncated_normal"] = "normal"


class Preset(Form):
    """A network by name."""

    name: ClassVar[str]

    def json(self) -> Any:
        """The preset and its numbers."""
        return {"preset": self.name} | super().json()


@dataclass(frozen=True)
class MLP(Preset):
    """Hidden dense layers."""

    name: ClassVar[str] = "mlp"
    width: int = 128
    depth: int = 2


@dataclass(frozen=True)
class DCGAN(Preset):
    """Convolutions, for square images."""

    name: ClassVar[str] = "dcgan"
    width: int = 64


@dataclass(frozen=True)
class ResNet(Preset):
    """Residual networks after SNGAN, for images whose sides are 4 to 7 pixels doubled once or more often."""

    name: ClassVar[str] = "resnet"
    width: int = 64
    spectral_norm: bool = True


@dataclass(frozen=True)
class R3GAN(Preset):
    """Residual networks after R3GAN, scaled down, for images as those of ResNet."""

    name: ClassVar[str] = "r3gan"
    width: int = 32
    blocks: int = 1


Noise = Literal["none", "dropout", "latent"]
"""What a generator of images from images leaves to chance, so that it can give several answers."""


@dataclass(frozen=True)
class UNet(Preset):
    """A generator of images from images of the same size, with skips; depth None: as many halvings as the sides allow."""

    name: ClassVar[str] = "unet"
    width: int = 64
    depth: int | None = None
    noise: Noise = "dropout"


@dataclass(frozen=True)
class SuperResolution(Preset):
    """A generator of images from images of half the size, a quarter, …, with residual blocks."""

    name: ClassVar[str] = "super_resolution"
    width: int = 64
    blocks: int = 4
    noise: Noise = "none"


@dataclass(frozen=True)
class Patch(Preset):
    """A discriminator of patches; depth None: 3 halvings, or as many as leave 4 pixels a side."""

    name: ClassVar[str] = "patch"
    width: int = 64
    depth: int | None = None


Network = Union[
    Preset,
    Layers,
    Mapping[str, Any],
    Literal["mlp", "dcgan", "resnet", "r3gan", "unet", "super_resolution", "patch"],
]
"""A preset, a list of layers, or its JSON form."""


@dataclass(frozen=True)
class FGAN(Form):
    """The f-GAN of a divergence."""

    key: ClassVar[str | None] = "f_gan"
    divergence: Literal[
        "kl",
        "reverse_kl",
        "pearson",
        "neyman",
        "squared_hellinger",
        "jensen_shannon",
        "gan",
        "jeffreys",
        "total_variation",
    ]
    generator: Literal["saturating", "non_saturating"] = "saturating"


@dataclass(frozen=True)
class LeastSquares(Form):
    """Least squares with these targets: of fakes, of real samples, and what the generator wants said of its fakes."""

    key: ClassVar[str | None] = "least_squares"
    a: float = 0
    b: float = 1
    c: float = 1


Objective = Union[
    Literal[
        "non_saturating",
        "minimax",
        "maximum_likelihood",
        "wasserstein",
        "least_squares",
        "hinge",
        "relativistic",
        "relativistic_average",
    ],
    FGAN,
    LeastSquares,
    Mapping[str, Any],
]


@dataclass(frozen=True)
class LinearValue(Form):
    """A setting's value over the steps: along a straight line from start to end, where it stays."""

    key: ClassVar[str | None] = "linear"
    start: float
    end: float
    steps: int


@dataclass(frozen=True)
class CosineValue(Form):
    """A setting's value over the steps: along half a cosine from start to end, where it stays."""

    key: ClassVar[str | None] = "cosine"
    start: float
    end: float
    steps: int


ScheduledValue = Union[float, LinearValue, CosineValue, Mapping[str, Any]]
"""A number, or its course over the steps."""


@dataclass(frozen=True)
class Penalty(Form):
    """A penalty's weight, and at every how many steps it is added, times that number."""

    weight: ScheduledValue
    every: int = 1
    approximate: float | None = None
    """The deviation of the noise whose effect on D takes the place of the slope; None: the slope itself."""


@dataclass(frozen=True)
class GradientPenalty(Form):
    """The same for the gradient penalty: the slope's norm that costs nothing, and whether only larger ones cost."""

    weight: ScheduledValue
    every: int = 1
    center: float = 1
    one_sided: bool = False


@dataclass(frozen=True)
class Penalties(Form):
    """What is added to the discriminator's cost to bound its slope; a number is a weight, None leaves one out."""

    gradient_penalty: GradientPenalty | Mapping[str, Any] | float | None = None
    r1: Penalty | Mapping[str, Any] | float | None = None
    r2: Penalty | Mapping[str, Any] | float | None = None


@dataclass(frozen=True)
class Labels(Form):
    """What labels and conditions are for."""

    mode: Literal["none", "conditional", "auxiliary", "semi_supervised"] = "none"
    generator: Literal["concatenate", "embedding", "batch_norm"] = "concatenate"
    discriminator: Literal["concatenate", "projection"] = "concatenate"
    embedding: int = 50
    draw: Literal["data", "balanced"] = "data"
    weight: float = 1


@dataclass(frozen=True)
class FeatureMatching(Form):
    """The generator's cost from features."""

    weight: float = 0
    adversarial: float = 0


@dataclass(frozen=True)
class Content(Form):
    """The generator's cost from the difference between its samples and those that the conditions belong to, and the weight of
    the objective's own cost beside it."""

    l1: float = 0
    l2: float = 0
    adversarial: float = 1


@dataclass(frozen=True)
class LabelSmoothing(Form):
    """How far targets are from 1 and 0."""

    real: float = 0
    fake: float = 0


@dataclass(frozen=True)
class UpdateSchedule(Form):
    """Who moves when, and how often a step."""

    update: Literal["alternating", "simultaneous"] = "alternating"
    discriminator_steps: int = 1
    generator_steps: int = 1


@dataclass(frozen=True)
class Adam(Form):
    """Adam, with decoupled weight decay: a step takes rate times decay off each weight."""

    key: ClassVar[str | None] = "adam"
    learning_rate: float = 0.0002
    beta1: float = 0.5
    beta2: ScheduledValue = 0.999
    epsilon: float = 1e-8
    weight_decay: float = 0
    amsgrad: bool = False
    clip_norm: float | None = None
    clip_value: float | None = None


@dataclass(frozen=True)
class SGD(Form):
    """Gradient descent with momentum; weight decay times the weight is added to the gradient."""

    key: ClassVar[str | None] = "sgd"
    learning_rate: float = 0.01
    momentum: float = 0
    nesterov: bool = False
    weight_decay: float = 0
    clip_norm: float | None = None
    clip_value: float | None = None


@dataclass(frozen=True)
class RMSprop(Form):
    """RMSprop; weight decay times the weight is added to the gradient."""

    key: ClassVar[str | None] = "rmsprop"
    learning_rate: float = 0.001
    decay: float = 0.99
    epsilon: float = 1e-8
    momentum: float = 0
    weight_decay: float = 0
    clip_norm: float | None = None
    clip_value: float | None = None


Optimizer = Union[Adam, SGD, RMSprop, Mapping[str, Any]]


@dataclass(frozen=True)
class Optimizers(Form):
    """One optimizer for each player."""

    generator: Optimizer = Adam()
    discriminator: Optimizer = Adam()


@dataclass(frozen=True)
class Linear(Form):
    """The learning rates' factor falls linearly from 1."""

    key: ClassVar[str | None] = "linear"
    steps: int
    to: float = 0


@dataclass(frozen=True)
class Cosine(Form):
    """The learning rates' factor falls along half a cosine from 1."""

    key: ClassVar[str | None] = "cosine"
    steps: int
    to: float = 0


@dataclass(frozen=True)
class Step(Form):
    """The learning rates' factor is multiplied every so many steps."""

    key: ClassVar[str | None] = "step"
    every: int
    factor: float = 0.1


LearningRate = Union[Literal["constant"], Linear, Cosine, Step, Mapping[str, Any]]


@dataclass(frozen=True)
class Augment(Form):
    """What is done to real samples and fakes before the discriminator sees them: names with commas between them, in order,
    of "color", "translation", "cutout" and "flip".
    """

    policy: str = ""
    target: float | None = None
    """What the mean sign of D on real samples is kept at, by changing the probability."""
    probability: ScheduledValue | None = None
    """That each operation is applied to a sample; None: 1, or with a target 0 at first."""
    samples: int | None = None
    """Samples over which the probability can change by 1; with a target."""
    interval: int | None = None
    """Steps from one change of the probability to the next; with a target."""


@dataclass(frozen=True)
class HalfLife(Form):
    """Samples of training after which half of the generator's moving average is left."""

    half_life: ScheduledValue


Average = Union[ScheduledValue, HalfLife]
"""The decay of the generator's moving average, or its half-life; 0: none."""


@dataclass(frozen=True)
class InstanceNoise(Form):
    """Normal noise on what the discriminator sees, falling to 0 over the steps; 0 steps: it stays."""

    deviation: float = 0
    steps: int = 0


@dataclass(frozen=True)
class Replay(Form):
    """Old fakes that are kept, and their share in the discriminator's."""

    capacity: int = 0
    share: float = 0.5


@dataclass(frozen=True)
class Configuration(Form):
    """A whole GAN: data, players, costs, how it trains. Everything but ``data`` has a default; plain numbers, texts and
    mappings are taken where the JSON takes them.
    """

    data: Data | Mapping[str, Any]
    latent: Latent | Mapping[str, Any] = Latent()
    generator: Network | None = None
    """None: a DCGAN for images, an MLP for vectors."""
    discriminator: Network | None = None
    discriminators: Mapping[str, Network] = field(default_factory=dict)
    """Further discriminators by name."""
    objective: Objective = "non_saturating"
    penalties: Penalties | Mapping[str, Any] = Penalties()
    labels: Labels | Mapping[str, Any] = Labels()
    feature_matching: FeatureMatching | Mapping[str, Any] | float = FeatureMatching()
    content: Content | Mapping[str, Any] = Content()
    label_smoothing: LabelSmoothing | Mapping[str, Any] = LabelSmoothing()
    schedule: UpdateSchedule | Mapping[str, Any] = UpdateSchedule()
    optimizer: Optimizer | Optimizers = Optimizers()
    learning_rate: LearningRate = "constant"
    average: Average = 0
    clip_weights: float | None = None
    """The largest absolute value of the discriminator's weights; None: any."""
    standardize: bool | None = None
    """Whether columns of vectors and conditions are standardized; None: by the data set, but for "ring" and "grid"."""
    packing: int = 1
    """Samples that the discriminator judges together."""
    augment: Augment | Mapping[str, Any] = Augment()
    instance_noise: InstanceNoise | Mapping[str, Any] | float = InstanceNoise()
    label_flipping: float = 0
    historical_averaging: float = 0
    replay: Replay | Mapping[str, Any] = Replay()
    reference_batch: int = 64
    seed: int = 1
    family: Literal["gan"] = "gan"

    def json(self) -> Any:
        """The configuration's object."""
        return network_lists(super().json())


def network_lists(members: dict[str, Any]) -> dict[str, Any]:
    """Lists of layers under the key that the library reads them by."""
    players = {k: {"layers": v} for k in ("generator", "discriminator") if isinstance(v := members.get(k), list)}
    further = {k: {"layers": v} if isinstance(v, list) else v for k, v in members.get("discriminators", {}).items()}
    return members | players | ({"discriminators": further} if "discriminators" in members else {})


__all__ = [
    "DCGAN",
    "FGAN",
    "MLP",
    "SGD",
    "Adam",
    "Augment",
    "Configuration",
    "Content",
    "Cosine",
    "CosineValue",
    "Data",
    "FeatureMatching",
    "GradientPenalty",
    "HalfLife",
    "InstanceNoise",
    "LabelSmoothing",
    "Labels",
    "Latent",
    "Layer",
    "LeastSquares",
    "Linear",
    "LinearValue",
    "Optimizers",
    "Patch",
    "Penalties",
    "Penalty",
    "Preset",
    "R3GAN",
    "RMSprop",
    "Replay",
    "ResNet",
    "Step",
    "SuperResolution",
    "UNet",
    "UpdateSchedule",
]
