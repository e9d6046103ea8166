"""This library as the benchmark sees it: through its Python package, as a user would."""

import pathlib
import sys
import time

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "bindings" / "python"))

import swiftgan
from families import named
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

    def prepare_family(self, name):
        self.family = named(name)
        self.model = swiftgan.Model(self.family.config())
        for key, array in self.family.weights().items():
            self.model.tensors[key] = array
        self.data = self.family.data(2)

    def family_costs(self):
        """Costs of three steps from the common weights and data."""
        return [[self.model.step(self.data[i % 2])["cost"]] for i in range(3)]

    def family_steps(self, count):
        return self.steps(count)

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

    def prepare_samples(self, files, count, **workload):
        """The model with running statistics as after a training."""
        self.prepare(Workload(**workload))
        self.count = count
        for name, array in self.w.statistics().items():
            self.model.tensors[name] = array

    def export(self, path, **workload):
        self.prepare_samples({}, 1, **workload)
        self.model.export_onnx(path)

    def samples_of(self, path):
        """Writes the samples of the workload's latents, [count, height, width, channels]."""
        np.save(path, self.model.sample(self.count, latents=self.w.sample_latents(self.count)))

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

    def open_pictures(self, path, batch):
        """A folder of pictures, decoded anew for each batch, and the same samples in memory; a model for each."""
        w = self.w
        folder = swiftgan.Dataset.open(path, size=w.size, memory=0)
        memory = swiftgan.Dataset.from_arrays(folder.read(0, len(folder))[0])
        self.batch = batch
        self.trainings = {"folder": (folder, swiftgan.Model(w.config())), "memory": (memory, swiftgan.Model(w.config()))}
        return len(folder)

    def train_on(self, source, count):
        """Seconds between the steps of one training: its first waits for a batch that nobody could read ahead."""
        data, model = self.trainings[source]
        ends = []
        model.train(data, count + 1, batch=self.batch, on_progress=lambda *_: ends.append(time.perf_counter()), report_every=1)
        return [b - a for a, b in zip(ends, ends[1:], strict=False)]


def make(name):
    return Ours()
