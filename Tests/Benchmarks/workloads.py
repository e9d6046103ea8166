"""What is measured: each workload's networks, batch and data, the same for every rival.

Weights, data and the latents of the first steps come from NumPy's generator by name of the workload, so that each
process makes the same numbers. Layouts are ours: dense [in, out], convolutions [kh, kw, in, out], transposed ones
[kh, kw, out, in], images NHWC; a rival converts them once when it prepares.
"""

import dataclasses
import math
import zlib

import numpy as np

LEARNING_RATE, BETA1, BETA2 = 0.0002, 0.5, 0.999


@dataclasses.dataclass(frozen=True)
class Workload:
    name: str
    batch: int
    preset: str = "dcgan"
    size: int = 0
    channels: int = 1
    width: int = 64
    latents: int = 100
    update: str = "alternating"
    penalty: float = 0.0
    """The weight of R1 and of R2."""

    @property
    def shape(self):
        """Of one sample."""
        return (2,) if self.preset == "mlp" else (self.size, self.size, self.channels)

    @property
    def base(self):
        """Edge of the smallest map of a DCGAN."""
        return 7 if self.size == 28 else 4

    @property
    def doublings(self):
        return int(math.log2(self.size // self.base))

    def config(self):
        """As swiftgan_model_create takes it."""
        network = {"preset": self.preset, "width": self.width}
        return {
            "penalties": {"r1": self.penalty, "r2": self.penalty},
            "data": {"shape": list(self.shape)},
            "latent": {"size": self.latents},
            "generator": network,
            "discriminator": network,
            "schedule": {"update": self.update},
            "optimizer": {"adam": {"learning_rate": LEARNING_RATE, "beta1": BETA1, "beta2": BETA2}},
        }

    def parameters(self, network):
        """[(name, shape)] of "generator" or "discriminator", in the order of its layers."""
        if self.preset == "mlp":
            units = [self.latents, self.width, self.width, 2]
            if network == "discriminator":
                units = [2, self.width, self.width, 1]
            return [
                (
                    f"{network}.{2 * i}.{kind}",
                    (units[i], units[i + 1]) if kind == "weight" else (units[i + 1],),
                )
                for i in range(3)
                for kind in ("weight", "bias")
            ]
        k, w, edge = self.doublings, self.width, self.base
        if network == "generator":
            channels = [self.latents] + [w * 2**i for i in reversed(range(k))] + [self.channels]
            layers, index = [], 1
            for i in range(k + 1):
                kernel = edge if i == 0 else 4
                layers.append((f"generator.{index}.weight", (kernel, kernel, channels[i + 1], channels[i])))
                if i < k:
                    layers += [(f"generator.{index + 1}.{n}", (channels[i + 1],)) for n in ("weight", "bias")]
                index += 3
            return layers
        channels = [self.channels] + [w * 2**i for i in range(k)] + [1]
        layers, index = [], 0
        for i in range(k + 1):
            kernel = edge if i == k else 4
            layers.append((f"discriminator.{index}.weight", (kernel, kernel, channels[i], channels[i + 1])))
            if 0 < i < k:
                layers += [(f"discriminator.{index + 1}.{n}", (channels[i + 1],)) for n in ("weight", "bias")]
                index += 1
            index += 2
        return layers

    def random(self, what):
        return np.random.default_rng(zlib.crc32(f"{self.name} {what}".encode()))

    def weights(self, network):
        """{name: float32 array}: DCGAN's N(0, 0.02), Glorot's normal for dense layers, batch norm near identity."""
        random, out = self.random(network), {}
        for name, shape in self.parameters(network):
            deviation = 0.02 if len(shape) != 2 else math.sqrt(2.0 / sum(shape))
            offset = 1.0 if name.endswith("weight") and len(shape) == 1 else 0.0
            out[name] = (offset + deviation * random.standard_normal(shape)).astype(np.float32)
        return out

    def data(self, batches):
        """[batches, batch, shape…], float32 in -1…1."""
        x = self.random("data").random((batches, self.batch, *self.shape), dtype=np.float32)
        return 2 * x - 1

    def first_latents(self, steps=3):
        """[steps, batch, latents]: those of the steps whose costs are compared."""
        return self.random("latents").standard_normal((steps, self.batch, self.latents)).astype(np.float32)


MLP = Workload("MLP 2-128-128", 256, preset="mlp", width=128, latents=2)
WORKLOADS = [
    MLP,
    Workload("DCGAN-28 w64", 64, size=28),
    Workload("DCGAN-28 w64", 16, size=28),
    Workload("DCGAN-32 w32", 64, size=32, width=32),
    Workload("DCGAN-32 w32", 16, size=32, width=32),
    Workload("DCGAN-32 w64", 64, size=32),
    Workload("DCGAN-32 w64", 16, size=32),
    Workload("DCGAN-64 w64", 64, size=64, channels=3),
    Workload("DCGAN-64 w64", 16, size=64, channels=3),
    Workload("DCGAN-64 w64", 64, size=64, channels=3, update="simultaneous"),
    Workload("DCGAN-32 w64", 64, size=32, penalty=1.0),
]
LARGEST = WORKLOADS[7]


def label(workload):
    both = ", simultaneous" if workload.update == "simultaneous" else ""
    penalties = ", R1 + R2" if workload.penalty else ""
    return f"{workload.name}, batch {workload.batch}{both}{penalties}"
