"""This library as the benchmark sees it: through its Python package, as a user would."""

import pathlib
import sys
import time

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "bindings" / "python"))

import swiftgan
from workloads import Workload


class Ours:
    def versions(self):
        return {"swiftgan": swiftgan.__version__}

    def threads(self, count):
        swiftgan.set_threads(count)

    def prepare(self, w):
        self.w = w
        self.model = swiftgan.Model(w.config())
        for network in ("generator", "discriminator"):
            for name, array in w.weights(network).items():
                self.model.tensors[name] = array
        self.data = w.data(2)

    def first_costs(self):
        costs = []
        for i, z in enumerate(self.w.first_latents()):
            report = self.model.step(self.data[i % 2], latents=z)
            costs.append([report["discriminator_cost"], report["generator_cost"]])
        return costs

    def steps(self, count):
        seconds = []
        for i in range(count):
            start = time.perf_counter()
            self.model.step(self.data[i % 2])
            seconds.append(time.perf_counter() - start)
        return seconds

    def samples(self, size, count):
        seconds = []
        for seed in range(count):
            start = time.perf_counter()
            self.model.sample(size, seed=seed)
            seconds.append(time.perf_counter() - start)
        return seconds

    def save(self, path):
        self.model.save(path)

    def loading(self, path, batch, steps):
        """Seconds a step with and without a dataset behind it, for a network so small that loading shows."""
        w = Workload("loading", batch, preset="mlp", size=28, width=1)
        config = w.config() | {"data": {"shape": [28, 28, 1]}}
        start = time.perf_counter()
        dataset = swiftgan.Dataset.open(path)
        opened = time.perf_counter() - start
        model = swiftgan.Model(config)
        x = np.zeros((batch, 28, 28, 1), np.float32)
        with_data, without = [], []
        for _ in range(6):
            start = time.perf_counter()
            model.train(dataset, steps, batch=batch, report_every=steps)
            with_data.append((time.perf_counter() - start) / steps)
            start = time.perf_counter()
            for _ in range(steps):
                model.step(x)
            without.append((time.perf_counter() - start) / steps)
        return {"open": opened, "with": min(with_data), "without": min(without)}


def make(name):
    return Ours()
