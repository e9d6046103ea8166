"""Layers of a generator or a discriminator, for the lists that ``Configuration.generator`` and ``discriminator`` take.

>>> from swiftgan import layers
>>> layers.Conv(64, kernel=4, stride=2).json()["conv"]["channels"]
64
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Union

from ._forms import Form

Size = Union[int, tuple[int, int]]
"""A number for both sides, or (height, width)."""
Padding = Union[Literal["same", "valid"], int, tuple[int, int]]


@dataclass(frozen=True)
class Normal(Form):
    """Initial weights from a normal distribution."""

    normal: float


@dataclass(frozen=True)
class Constant(Form):
    """All initial weights the same."""

    constant: float


@dataclass(frozen=True)
class TruncatedNormal(Form):
    """The same without what lies beyond two deviations."""

    truncated_normal: float


@dataclass(frozen=True)
class Orthogonal(Form):
    """An orthogonal matrix times a gain."""

    orthogonal: float


Initializer = Union[
    Literal["glorot", "he", "lecun", "zeros"], Constant, Normal, TruncatedNormal, Orthogonal, Mapping[str, float]
]


class Layer(Form):
    """Any layer."""


@dataclass(frozen=True)
class Dense(Layer):
    """x w + b of a vector."""

    key: ClassVar[str | None] = "dense"
    units: int
    bias: bool = True
    initializer: Initializer = "glorot"


@dataclass(frozen=True)
class Conv(Layer):
    """Convolution of an image."""

    key: ClassVar[str | None] = "conv"
    channels: int
    kernel: Size = 3
    stride: Size = 1
    padding: Padding = "same"
    groups: int | None = None
    """Groups of channels that are convolved apart; None: 1."""
    bias: bool = True
    initializer: Initializer = "glorot"


@dataclass(frozen=True)
class ConvTranspose(Layer):
    """Transposed convolution of an image."""

    key: ClassVar[str | None] = "conv_transpose"
    channels: int
    kernel: Size = 4
    stride: Size = 2
    padding: Padding = "same"
    output_padding: Size = 0
    bias: bool = True
    initializer: Initializer = "glorot"


@dataclass(frozen=True)
class BatchNorm(Layer):
    """Batch normalization by channel."""

    key: ClassVar[str | None] = "batch_norm"
    epsilon: float = 1e-5
    momentum: float = 0.1


@dataclass(frozen=True)
class LayerNorm(Layer):
    """Normalization over all of a sample."""

    key: ClassVar[str | None] = "layer_norm"
    epsilon: float = 1e-5


@dataclass(frozen=True)
class ReferenceNorm(Layer):
    """Normalization by a fixed reference batch: alone, united with the sample (virtual batch norm) or with the batch."""

    key: ClassVar[str | None] = "reference_norm"
    unite: Literal["none", "sample", "batch"] = "none"
    epsilon: float = 1e-5


@dataclass(frozen=True)
class MinibatchDeviation(Layer):
    """One more channel: the minibatch's deviation."""

    key: ClassVar[str | None] = "minibatch_deviation"
    epsilon: float = 1e-8


@dataclass(frozen=True)
class MinibatchDiscrimination(Layer):
    """Closeness to the minibatch's other samples."""

    key: ClassVar[str | None] = "minibatch_discrimination"
    kernels: int = 100
    size: int = 5
    initializer: Initializer = Normal(0.05)


@dataclass(frozen=True)
class ReLU(Layer):
    """max(x, 0)."""

    key: ClassVar[str | None] = "relu"


@dataclass(frozen=True)
class LeakyReLU(Layer):
    """x, or slope times x where it is negative."""

    key: ClassVar[str | None] = "leaky_relu"
    slope: float = 0.2


@dataclass(frozen=True)
class Tanh(Layer):
    """Hyperbolic tangent."""

    key: ClassVar[str | None] = "tanh"


@dataclass(frozen=True)
class Sigmoid(Layer):
    """1 / (1 + exp(-x))."""

    key: ClassVar[str | None] = "sigmoid"


@dataclass(frozen=True)
class ELU(Layer):
    """x, or alpha (exp(x) - 1) where it is negative."""

    key: ClassVar[str | None] = "elu"
    alpha: float = 1


@dataclass(frozen=True)
class SiLU(Layer):
    """x sigmoid(x)."""

    key: ClassVar[str | None] = "silu"


@dataclass(frozen=True)
class Softplus(Layer):
    """log(1 + exp(x))."""

    key: ClassVar[str | None] = "softplus"


@dataclass(frozen=True)
class Scale(Layer):
    """factor x + offset."""

    key: ClassVar[str | None] = "scale"
    factor: float = 1
    offset: float = 0


@dataclass(frozen=True)
class Flatten(Layer):
    """A sample's elements as one vector."""

    key: ClassVar[str | None] = "flatten"


@dataclass(frozen=True)
class Reshape(Layer):
    """A sample's elements under another shape."""

    key: ClassVar[str | None] = "reshape"
    shape: Sequence[int]


@dataclass(frozen=True)
class Upsample(Layer):
    """Each pixel becomes a block."""

    key: ClassVar[str | None] = "upsample"
    factor: int = 2


@dataclass(frozen=True)
class AveragePool(Layer):
    """Means over blocks."""

    key: ClassVar[str | None] = "average_pool"
    factor: int = 2


@dataclass(frozen=True)
class Dropout(Layer):
    """Zeros with a probability; with ``sampling`` also when samples are drawn."""

    key: ClassVar[str | None] = "dropout"
    probability: float = 0.5
    sampling: bool = False


@dataclass(frozen=True)
class GaussianNoise(Layer):
    """Normal noise on each element; with ``sampling`` also when samples are drawn."""

    key: ClassVar[str | None] = "gaussian_noise"
    deviation: float = 0.1
    multiplicative: bool = False
    sampling: bool = False


@dataclass(frozen=True)
class Condition(Layer):
    """The condition beside the input; with a size an embedding of it."""

    key: ClassVar[str | None] = "condition"
    size: int = 0
    initializer: Initializer = Normal(1)


@dataclass(frozen=True)
class ConditionalBatchNorm(Layer):
    """Batch normalization whose scale and offset depend on the condition."""

    key: ClassVar[str | None] = "conditional_batch_norm"
    epsilon: float = 1e-5
    momentum: float = 0.1


@dataclass(frozen=True)
class Projection(Layer):
    """A discriminator's last layer: a logit and the inner product of features and condition."""

    key: ClassVar[str | None] = "projection"
    initializer: Initializer = "glorot"


@dataclass(frozen=True)
class Features(Layer):
    """Marks what feature matching compares."""

    key: ClassVar[str | None] = "features"


@dataclass(frozen=True)
class Embedding(Layer):
    """Vectors for class indices."""

    key: ClassVar[str | None] = "embedding"
    classes: int
    size: int
    initializer: Initializer = Normal(1)


@dataclass(frozen=True)
class Basis(Layer):
    """A learned image, whose channels are multiplied by the input's numbers."""

    key: ClassVar[str | None] = "basis"
    size: Size = 4
    initializer: Initializer = Normal(1)


@dataclass(frozen=True)
class FIRUpsample(Layer):
    """Twice the sides, by the filter [1, 3, 3, 1] along both axes."""

    key: ClassVar[str | None] = "fir_upsample"


@dataclass(frozen=True)
class FIRDownsample(Layer):
    """Half the sides, which are even, by the filter [1, 3, 3, 1] along both axes."""

    key: ClassVar[str | None] = "fir_downsample"


@dataclass(frozen=True)
class SumPool(Layer):
    """The sum over all pixels, a vector of the channels."""

    key: ClassVar[str | None] = "sum_pool"


@dataclass(frozen=True)
class InnerProduct(Layer):
    """A discriminator's last layer: the inner product of features and an embedding of the condition."""

    key: ClassVar[str | None] = "inner_product"
    initializer: Initializer = "glorot"


@dataclass(frozen=True)
class WeightNorm(Layer):
    """Weights of a length that is learned apart from their direction; the first batch decides gains and biases."""

    key: ClassVar[str | None] = "weight_norm"
    layer: Dense | Conv | ConvTranspose
    train_gain: bool = True
    first_batch: bool = True

    def json(self) -> Any:
        members = self.layer.json() | {"train_gain": self.train_gain, "first_batch": self.first_batch}
        return {self.key: members}


@dataclass(frozen=True)
class SpectralNorm(Layer):
    """A weight divided by its largest singular value."""

    key: ClassVar[str | None] = "spectral_norm"
    layer: Dense | Conv | ConvTranspose

    def json(self) -> Any:
        return {self.key: self.layer.json()}


Layers = Sequence[Union[Layer, str, Mapping[str, Any]]]
"""Layers, or their JSON forms."""


@dataclass(frozen=True)
class Residual(Layer):
    """x + f(x); a shortcut takes the place of x where f changes the shape."""

    key: ClassVar[str | None] = "residual"
    layers: Layers
    shortcut: Layers | None = None


@dataclass(frozen=True)
class Sequential(Layer):
    """Layers one after another."""

    key: ClassVar[str | None] = "sequence"
    layers: Layers


@dataclass(frozen=True)
class Skip(Layer):
    """x and behind its channels what the layers make of it; nested, a U-Net."""

    key: ClassVar[str | None] = "skip"
    layers: Layers


@dataclass(frozen=True)
class Input(Layer):
    """An input of the network by name (condition, labels, values) in place of what comes before."""

    key: ClassVar[str | None] = "input"
    name: str
