"""What a family is given, the same for every rival."""

import dataclasses
import math
import zlib

import numpy as np

RATE, BETA1, BETA2 = 0.001, 0.9, 0.999


@dataclasses.dataclass(frozen=True)
class Family:
    name: str
    family: str
    batch: int
    shape: tuple
    own: dict
    parameters: dict
    """{name: shape}, in our layout: dense [in, out], convolutions [kh, kw, in, out]."""
    values: dict = dataclasses.field(default_factory=dict)
    """{name: function of random numbers of that parameter's shape}: others than the usual ones."""

    @property
    def binary(self):
        return self.family not in ("realnvp", "wavenet")

    def config(self):
        """As swiftgan_model_create takes it."""
        optimizer = {"adam": {"learning_rate": RATE, "beta1": BETA1, "beta2": BETA2}}
        return {"family": self.family, "optimizer": optimizer} | self.own

    def random(self, what):
        return np.random.default_rng(zlib.crc32(f"{self.name} {what}".encode()))

    def weights(self):
        """{name: float32 array}: Glorot's normal where a parameter has two axes or more, else small numbers."""
        out = {}
        for name, shape in self.parameters.items():
            fans = math.prod(shape[:-2]) * (shape[-2] + shape[-1]) if len(shape) > 1 else 200
            x = self.random(name).standard_normal(shape)
            out[name] = self.values.get(name, lambda x, f=fans: x * math.sqrt(2 / f))(x).astype(np.float32)
        return out

    def data(self, batches):
        """[batches, batch, shape…], float32: 0 or 1, or in -1…1."""
        x = self.random("data").random((batches, self.batch, *self.shape), dtype=np.float32)
        return (x < 0.3).astype(np.float32) if self.binary else 2 * x - 1
