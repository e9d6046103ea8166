"""Rivals that are C++ programs (programs/*.cpp): each is given numbers in a file and commands on its standard input."""

import os
import pathlib
import subprocess
import tempfile

import numpy as np
from machine import machine
from rivals import PROGRAMS
from workloads import BETA1, BETA2, LEARNING_RATE


def as_torch(array):
    """A weight of our layout in that of PyTorch and dlib, [out, in, …], transposed convolutions [in, out, …]."""
    axes = {2: (1, 0), 4: (3, 2, 0, 1)}.get(array.ndim)
    return np.ascontiguousarray(array.transpose(axes)) if axes else array


class Rival:
    def __init__(self, name):
        self.program = PROGRAMS / name.split("_")[0]
        self.process = None

    def versions(self):
        return {self.program.name: pathlib.Path(f"{self.program}.version").read_text().strip()}

    def prepare(self, w):
        self.close()
        images = w.data(2)
        if images.ndim == 5:
            images = np.ascontiguousarray(images.transpose(0, 1, 4, 2, 3))
        weights = [as_torch(a) for n in ("generator", "discriminator") for a in w.weights(n).values()]
        with tempfile.NamedTemporaryFile() as file:
            for array in [*weights, images, w.first_latents()]:
                file.write(array.tobytes())
            file.flush()
            sizes = [w.batch, w.latents, w.width, LEARNING_RATE, BETA1, BETA2]
            self.process = subprocess.Popen(
                [self.program, file.name, *map(str, sizes)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env=os.environ | blas(),
                text=True,
            )
            # It has read the file when it answers.
            self.costs = self.ask("costs")

    def ask(self, command):
        print(command, file=self.process.stdin, flush=True)
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.program.name} ended with status {self.process.wait()}")
        return [float(word) for word in line.split()]

    def first_costs(self):
        return [self.costs[i : i + 2] for i in (0, 2, 4)]

    def steps(self, count):
        return self.ask(f"steps {count}")

    def close(self):
        if self.process:
            self.process.stdin.close()
            self.process.wait()
            self.process = None


def blas():
    """Debian's OpenBLAS does not know processors newer than itself, and would take its slowest kernels on them."""
    kernels = {"AVX-512": "SkylakeX", "AVX2": "Haswell"}.get(machine()["instruction_set"])
    return {"OPENBLAS_CORETYPE": kernels} if kernels else {}


def make(name):
    return Rival(name)
