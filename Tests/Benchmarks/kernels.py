"""Single kernels: each layer of the DCGANs in its three roles, ours beside the best that PyTorch (oneDNN) offers.

A role is named by what it makes: "output" (D's forward pass), "input" (the adjoint, and G's forward pass) or "weight". Effective GFLOP/s count
two operations for each multiplication of the textbook sum, whatever a fast algorithm saves.
"""

import ctypes
import dataclasses
import pathlib
import subprocess
import time

import numpy as np

ROOT = pathlib.Path(__file__).parents[2]
ROLES = ["output", "input", "weight"]


@dataclasses.dataclass(frozen=True)
class Kernel:
    """A convolution of `batch` maps of edge² x channels by kernel² with padding to out_edge² x out_channels."""

    batch: int
    edge: int
    channels: int
    out_edge: int
    out_channels: int
    kernel: int
    stride: int
    padding: int

    @property
    def operations(self):
        """Of the textbook sum over all taps, padding included."""
        return 2 * self.batch * self.out_edge**2 * self.out_channels * self.kernel**2 * self.channels

    def __str__(self):
        return f"{self.edge}² x {self.channels} – {self.out_edge}² x {self.out_channels}, {self.kernel} x {self.kernel}"

    def arrays(self):
        """x, y (NHWC) and w [kernel, kernel, channels, out_channels]."""
        random = np.random.default_rng(1)
        shapes = [
            (self.batch, self.edge, self.edge, self.channels),
            (self.batch, self.out_edge, self.out_edge, self.out_channels),
            (self.kernel, self.kernel, self.channels, self.out_channels),
        ]
        return [random.standard_normal(s, np.float32) for s in shapes]


def kernels_of(workload):
    """The convolutions of D, from the image down, and what G begins with."""
    edge, channels, out = workload.size, workload.channels, []
    for i in range(workload.doublings):
        width = workload.width * 2**i
        out.append(Kernel(workload.batch, edge, channels, edge // 2, width, 4, 2, 1))
        edge, channels = edge // 2, width
    out.append(Kernel(workload.batch, edge, channels, 1, 1, edge, 1, 0))
    out.append(Kernel(workload.batch, edge, channels, 1, workload.latents, edge, 1, 0))
    return out


class Geometry(ctypes.Structure):
    """`sg_convolution`."""

    _fields_ = [
        (name, ctypes.c_int32)
        for name in "batch height width channels out_height out_width out_channels kernel_height kernel_width "
        "stride_height stride_width pad_top pad_left".split()
    ]


class Ours:
    """The C kernels alone, compiled as the package compiles them."""

    def __init__(self):
        library = ROOT / "build" / "libkernels.so"
        sources = sorted(map(str, (ROOT / "Sources" / "CKernels").glob("*.c")))
        include = f"-I{ROOT / 'Sources' / 'CKernels' / 'include'}"
        clang = subprocess.check_output([ROOT / ".ci" / "toolchain", "clang"], text=True).strip()
        subprocess.run(
            [clang, "-O2", "-std=gnu11", "-shared", "-fPIC", include, *sources, "-lm", "-lpthread", "-o", library], check=True
        )
        self.lib = ctypes.CDLL(str(library))

    def prepare(self, kernel):
        k = kernel
        self.geometry = Geometry(
            k.batch, k.edge, k.edge, k.channels, k.out_edge, k.out_edge, k.out_channels, k.kernel, k.kernel, k.stride, k.stride, k.padding, k.padding
        )
        self.x, self.y, self.w = k.arrays()

    def run(self, role):
        call = getattr(self.lib, f"sg_convolution_{role}")
        a, b, out = {
            "output": (self.x, self.w, np.empty_like(self.y)),
            "input": (self.y, self.w, np.empty_like(self.x)),
            "weight": (self.x, self.y, np.empty_like(self.w)),
        }[role]
        pointers = [ctypes.c_void_p(array.ctypes.data) for array in (a, b, out)]
        # The weight role takes no epilogue.
        tail = [] if role == "weight" else [None]
        return out, lambda: call(ctypes.byref(self.geometry), *pointers, *tail)


class Torch:
    """The fastest of PyTorch's ways: both layouts, and for the input role the transposed convolution, too."""

    def __init__(self):
        import torch

        self.torch = torch
        torch.set_grad_enabled(False)

    def prepare(self, kernel):
        torch, k = self.torch, kernel
        self.kernel = k
        x, y, w = map(torch.from_numpy, k.arrays())
        # Views of NHWC arrays are channels_last already.
        plain = [x.permute(0, 3, 1, 2), y.permute(0, 3, 1, 2), w.permute(3, 2, 0, 1)]
        layouts = [torch.channels_last, torch.contiguous_format]
        self.layouts = [[t.contiguous(memory_format=f) for t in plain] for f in layouts]

    def ways(self, role):
        torch, k = self.torch, self.kernel
        stride, padding = [k.stride] * 2, [k.padding] * 2
        for x, y, w in self.layouts:
            if role == "output":
                yield lambda x=x, w=w: torch.nn.functional.conv2d(x, w, None, stride, padding)
                continue
            mask = [role == "input", role == "weight", False]
            yield lambda x=x, y=y, w=w: torch.ops.aten.convolution_backward(
                y, x, w, None, stride, padding, [1, 1], False, [0, 0], 1, mask
            )[mask.index(True)]
            if role == "input":
                yield lambda y=y, w=w: torch.nn.functional.conv_transpose2d(y, w, None, stride, padding)

    def run(self, role):
        """The result as our layout has it, and the fastest way."""
        best = min(self.ways(role), key=lambda way: min(timed(way, 5)))
        axes = (2, 3, 1, 0) if role == "weight" else (0, 2, 3, 1)
        return best().permute(*axes).numpy(), best

    def product(self):
        """Matrices of the sizes that the output role has as a product."""
        k = self.kernel
        a = self.torch.rand(k.batch * k.out_edge**2, k.kernel**2 * k.channels)
        b = self.torch.rand(k.kernel**2 * k.channels, k.out_channels)
        return lambda: a @ b


def timed(call, count):
    seconds = []
    for _ in range(count):
        start = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - start)
    return seconds


class Worker:
    """One side, in a process of its own (worker.py)."""

    def __init__(self, side):
        self.side = side

    def kernel(self, role, **kernel):
        """Chooses what `count` calls measure; a checksum of the result, to compare."""
        self.side.prepare(Kernel(**kernel))
        if role == "product":
            self.call = self.side.product()
            return None
        # Kept: the call writes into it.
        self.out, self.call = self.side.run(role)
        self.call()
        return float(np.square(self.out, dtype=np.float64).sum())

    def steps(self, count):
        return timed(self.call, count)


def make(name):
    return Worker(Ours() if name == "kernels_ours" else Torch())
