"""Do our families learn what PyTorch's learn? The same network, from the same first weights, with the same optimizer on the same
minibatches, is trained by this library and by PyTorch; both judge the same held-out samples, in bits per element.

    make bench-setup && make bench-likelihoods SPEECH=folder of WAV files

Real NVP and PixelCNN with 256 levels on Fashion-MNIST, WaveNet on speech at 8 kHz (espeak-ng makes some). Ends with status 1 where
they differ by more than one percent, or where nothing was learned.
"""

import argparse
import dataclasses
import json
import math
import pathlib
import sys

import numpy as np
import torch
import torch_families
from families import realnvp_images
from machine import machine
from ours import swiftgan
from sequences import pixelcnn, wavenet

ROOT = pathlib.Path(__file__).parents[2]
ALPHA, LEVELS = 0.05, 256


class Images:
    """Fashion-MNIST, in -1...1."""

    def __init__(self, family, options):
        self.family, self.batch = family, family.batch
        read = {split: swiftgan.Dataset.open(options.images, split=split) for split in ("train", "test")}
        self.train = read["train"].read(0, 20000)[0]
        self.held = read["test"].read(0, 500)[0]

    def bits(self, model):
        """Of this library's model."""
        parts = [model.log_likelihood(self.held[i : i + 50]) for i in range(0, len(self.held), 50)]
        return -float(np.concatenate(parts).mean()) / (self.held[0].size * math.log(2))

    def torch_input(self, x):
        return torch.from_numpy(np.ascontiguousarray(x)).permute(0, 3, 1, 2)

    def torch_bits(self, rival):
        with torch.no_grad():
            parts = [rival.cost(self.torch_input(self.held[i : i + 50])) for i in range(0, len(self.held), 50)]
        return float(torch.stack(parts).mean()) / (self.held[0].size * math.log(2))


class Continuous(Images):
    """The same with noise and logit, which a flow of this library adds itself (Dinh et al. 2017, section 4.1)."""

    def torch_input(self, x):
        numbers = np.round((x + 1) / 2 * (LEVELS - 1))
        noisy = torch.from_numpy(np.ascontiguousarray(numbers)).permute(0, 3, 1, 2)
        p = ALPHA + (1 - 2 * ALPHA) * (noisy + torch.rand_like(noisy)) / LEVELS
        self.nats = (math.log((1 - 2 * ALPHA) / LEVELS) - torch.log(p) - torch.log1p(-p)).flatten(1).sum(1).mean()
        return torch.logit(p)

    def torch_bits(self, rival):
        total = 0.0
        with torch.no_grad():
            for i in range(0, len(self.held), 50):
                total += float(rival.cost(self.torch_input(self.held[i : i + 50])) - self.nats)
        return total / (len(self.held) // 50) / (self.held[0].size * math.log(2))


class Speech(Images):
    """Windows of a folder's WAV files, every tenth of which is held out."""

    def __init__(self, family, options):
        self.family, self.batch = family, family.batch
        data = swiftgan.Dataset.open(options.speech, rate=8000, window=family.shape[0])
        samples = data.read(0, len(data))[0]
        is_held = np.arange(len(samples)) % 10 == 9
        self.train, self.held = samples[~is_held], samples[is_held][:50]

    def torch_input(self, x):
        return torch.from_numpy(np.ascontiguousarray(x))


def compare(task, steps):
    family = task.family
    model = swiftgan.Model(family.config())
    for key, array in family.weights().items():
        model.tensors[key] = array
    rival = torch_families.of(family, tuned=True)
    before = task.bits(model), task.torch_bits(rival)
    random, order = np.random.default_rng(1), np.empty(0, int)
    for _ in range(steps):
        if len(order) < task.batch:
            order = random.permutation(len(task.train))
        batch, order = task.train[order[: task.batch]], order[task.batch :]
        model.step(batch)
        rival.step(task.torch_input(batch))
    return before, (task.bits(model), task.torch_bits(rival))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--images", default="/usr/share/datasets/fashion-mnist")
    parser.add_argument("--speech", help="a folder of WAV files; without: no WaveNet")
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--only", choices=["realnvp", "pixelcnn", "wavenet"])
    options = parser.parse_args()
    torch.manual_seed(1)
    cnn = pixelcnn(levels=LEVELS)
    tasks = {
        "realnvp": (Continuous, realnvp_images(side=28, levels=LEVELS, alpha=ALPHA)),
        "pixelcnn": (Images, dataclasses.replace(cnn, name="PixelCNN of 256 levels")),
        "wavenet": (Speech, wavenet()),
    }
    report, failed = {"machine": machine(), "steps": options.steps, "bits per element": {}}, False
    for name, (task, family) in tasks.items():
        if options.only not in (None, name):
            continue
        if name == "wavenet" and not options.speech:
            print("wavenet: left out, since --speech names no folder")
            continue
        before, (ours, theirs) = compare(task(family, options), options.steps)
        report["bits per element"][name] = {"swiftgan": ours, "torch": theirs, "before": before}
        failed |= abs(ours - theirs) > 0.01 * theirs or ours > 0.95 * before[0]
        print(
            f"{name:9} {options.steps} steps of {family.batch}: swiftgan {ours:.4f}, PyTorch {theirs:.4f}"
            f" ({100 * (ours / theirs - 1):+.2f} %); before {before[0]:.4f} and {before[1]:.4f}",
            flush=True,
        )
    (ROOT / "likelihoods.json").write_text(json.dumps(report, indent=1) + "\n")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
