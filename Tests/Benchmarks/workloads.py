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
    gradient_penalty: float = 0.0
    """The weight of WGAN-GP's penalty; with it the costs are Wasserstein's."""
    norm: bool = True
    """Whether a DCGAN's D has batch norm; without it its convolutions have biases."""

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

    @property
    def penalized(self):
        """Whether a step has second derivatives."""
        return self.penalty > 0 or self.gradient_penalty > 0

    def discriminator(self):
        if self.norm:
            return {"preset": self.preset, "width": self.width}
        layers = []
        for i in range(self.doublings):
            layers += [{"conv": {"channels": self.width * 2**i, "kernel": 4, "stride": 2, "padding": 1}}, "leaky_relu"]
        return {"layers": [*layers, {"conv": {"channels": 1, "kernel": self.base, "padding": "valid"}}, "flatten"]}

    def config(self):
        """As swiftgan_model_create takes it."""
        return {
            "penalties": {"r1": self.penalty, "r2": self.penalty, "gradient_penalty": self.gradient_penalty},
            "objective": "wasserstein" if self.gradient_penalty else "non_saturating",
            "data": {"shape": list(self.shape)},
            "latent": {"size": self.latents},
            "generator": {"preset": self.preset, "width": self.width},
            "discriminator": self.discriminator(),
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
            if not self.norm:
                layers.append((f"discriminator.{index}.bias", (channels[i + 1],)))
            elif 0 < i < k:
                layers += [(f"discriminator.{index + 1}.{n}", (channels[i + 1],)) for n in ("weight", "bias")]
                index += 1
            index += 2
        return layers

    def random(self, what):
        return np.random.default_rng(zlib.crc32(f"{self.name} {what}".encode()))

    def weights(self, network):
        """{name: float32 array}: DCGAN's N(0, 0.02), Glorot's normal for dense layers, batch norm near identity.

        With WGAN-GP biases keep D's units positive. D is linear there, so that the first costs do not depend on where between a
        real sample and a fake the slope is taken, which rivals draw otherwise; the work is that of any other weights.
        """
        random, out = self.random(network), {}
        for name, shape in self.parameters(network):
            deviation = 0.02 if len(shape) != 2 else math.sqrt(2.0 / sum(shape))
            offset = 1.0 if name.endswith("weight") and len(shape) == 1 else 0.0
            if self.gradient_penalty and name.startswith("discriminator") and name.endswith("bias"):
                offset = 5.0 ** (len(out) // 2)
            out[name] = (offset + deviation * random.standard_normal(shape)).astype(np.float32)
        return out

    def data(self, batches):
        """[batches, batch, shape…], float32 in -1…1."""
        x = self.random("data").random((batches, self.batch, *self.shape), dtype=np.float32)
        return 2 * x - 1

    def statistics(self):
        """{name: float32 array}: running means and variances of the generator's batch norms, as after a training."""
        random, out = self.random("statistics"), {}
        for name, shape in self.parameters("generator"):
            if name.endswith("bias"):
                layer = name.removesuffix("bias")
                out[layer + "running_mean"] = (0.1 * random.standard_normal(shape)).astype(np.float32)
                out[layer + "running_var"] = random.uniform(0.1, 0.3, shape).astype(np.float32)
        return out

    def sample_latents(self, count):
        """[count, latents]: those whose samples are compared."""
        return self.random("samples").standard_normal((count, self.latents)).astype(np.float32)

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
    Workload("DCGAN-32 w64", 64, size=32, penalty=1.0, norm=False),
    Workload("DCGAN-32 w64", 64, size=32, gradient_penalty=10.0, norm=False),
]
LARGEST = WORKLOADS[7]
QUICK = [w for w in WORKLOADS if w.batch >= 64 and w.update == "alternating" and not (w.penalty and w.norm)]
"""What a quick run keeps."""
SAMPLED = [(LARGEST, [1, 64]), (WORKLOADS[1], [1])]
"""Generators, and how many samples a call makes."""


def label(workload):
    both = ", simultaneous" if workload.update == "simultaneous" else ""
    penalties = ", R1 + R2" if workload.penalty else ", WGAN-GP" if workload.gradient_penalty else ""
    norm = ", no norm" if workload.penalty and not workload.norm else ""
    return f"{workload.name}, batch {workload.batch}{both}{penalties}{norm}"
