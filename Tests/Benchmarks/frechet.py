"""Do our samples come as near to the data as PyTorch's? The same DCGAN, from the same first weights, with the same optimizer and number of
steps, is trained on Fashion-MNIST by this library and by PyTorch, for several seeds; both are judged by one classifier's features.

    make bench-setup && make bench-frechet

PyTorch's weights and running statistics are written into a model of this library, whose samples must equal PyTorch's own, so that one
evaluation serves both. Prints each Fréchet distance, means and deviations, and writes frechet.json. Ends with status 1 if our mean
is above PyTorch's by more than the standard error of their difference.
"""

import argparse
import json
import pathlib
import statistics
import sys
import time

import numpy as np
import ours
import rival_torch
import swiftgan
import torch
from machine import machine
from workloads import Workload

ROOT = pathlib.Path(__file__).parents[2]


def train_ours(w, data, steps, seed):
    model = swiftgan.Model(w.config() | {"seed": seed})
    for network in ("generator", "discriminator"):
        for name, array in w.weights(network).items():
            model.tensors[name] = array
    model.train(data, steps, batch=w.batch, report_every=steps)
    return model


def train_torch(w, images, steps, seed):
    rival = rival_torch.make("torch_tuned")
    rival.prepare(w)
    torch.manual_seed(seed)
    order = torch.empty(0, dtype=torch.long)
    for _ in range(steps):
        if len(order) < w.batch:
            order = torch.randperm(len(images))
        index, order = order[: w.batch], order[w.batch :]
        rival.step(images[index].contiguous(memory_format=torch.channels_last), rival.latents(w.batch))
    return rival.G.eval()


def taken_over(w, network):
    """A model of this library with a PyTorch generator's weights."""
    model = swiftgan.Model(w.config())
    tensors, names = model.tensors, [n for n in model.tensors if n.startswith("generator.")]
    weights = [n for n in names if "running" not in n and "optimizer" not in n]
    statistics_ = [n for n in names if "running" in n]
    buffers = [b for n, b in network.named_buffers() if "running" in n]
    for name, value in zip(weights, network.parameters(), strict=True):
        a = value.detach()
        # PyTorch's transposed convolution is [in, out, h, w]; ours [h, w, out, in].
        tensors[name] = (a.permute(2, 3, 1, 0) if a.dim() == 4 else a).numpy()
    # Mean and variance of each layer in turn, in both.
    for name, value in zip(sorted(statistics_, key=layer_of), buffers, strict=True):
        tensors[name] = value.numpy()
    z = np.random.default_rng(1).standard_normal((64, w.latents)).astype(np.float32)
    with torch.inference_mode():
        theirs = network(torch.from_numpy(z)[:, :, None, None]).permute(0, 2, 3, 1).numpy()
    np.testing.assert_allclose(model.sample(64, latents=z), theirs, atol=1e-4)
    return model


def layer_of(name):
    return int(name.split(".")[1]), name.endswith("var")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", default="/usr/share/datasets/fashion-mnist")
    parser.add_argument("--width", type=int, default=16)
    parser.add_argument("--steps", type=int, default=3000)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--extractor", default=str(ROOT / "build" / "frechet-extractor.safetensors"))
    options = parser.parse_args()
    data = swiftgan.Dataset.open(options.data)
    images = torch.from_numpy(data.read(0, len(data))[0]).permute(0, 3, 1, 2)
    report = {"machine": machine(), "steps": options.steps, "width": options.width, "count": 10000}
    distances = {"swiftgan": [], "torch": []}
    for seed in range(1, options.seeds + 1):
        w = Workload(f"Fréchet {seed}", 64, size=28, width=options.width)
        start = time.time()
        mine = train_ours(w, data, options.steps, seed)
        middle = time.time()
        theirs = taken_over(w, train_torch(w, images, options.steps, seed))
        seconds = {"swiftgan": middle - start, "torch": time.time() - middle}
        for name, model in (("swiftgan", mine), ("torch", theirs)):
            e = model.evaluate(data, count=10000, extractor=options.extractor)
            distances[name].append(e["frechet_distance"])
            report["extractor"] = e["features"]
            print(
                f"seed {seed}  {name:9} Fréchet distance {e['frechet_distance']:7.3f}  precision {e['precision']:.3f}"
                f"  recall {e['recall']:.3f}  trained in {seconds[name]:.0f} s",
                flush=True,
            )
    (mine, my_deviation), (theirs, their_deviation) = (
        (statistics.mean(d), statistics.stdev(d) if len(d) > 1 else 0.0) for d in distances.values()
    )
    slack = ((my_deviation**2 + their_deviation**2) / options.seeds) ** 0.5
    print(f"swiftgan {mine:.3f} ± {my_deviation:.3f}, PyTorch {theirs:.3f} ± {their_deviation:.3f}")
    report["distances"] = distances
    (ROOT / "frechet.json").write_text(json.dumps(report, indent=1) + "\n")
    return 0 if mine <= theirs + slack else 1


if __name__ == "__main__":
    assert ours  # puts this checkout's package on the path
    sys.exit(main())
