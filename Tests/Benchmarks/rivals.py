"""Who takes part, in what, and what was done to make each fast."""

import dataclasses
import importlib.util
import pathlib

HERE = pathlib.Path(__file__).parent
PROGRAMS = HERE / ".venv" / "rivals"
"""Where setup.sh leaves the C++ programs."""

# glibc gives large blocks back to the system at each free, and PyTorch then pays page faults for every tensor; who tunes it
# keeps them (about 8 % of a DCGAN-64 step).
KEEP_MEMORY = {
    "MALLOC_MMAP_THRESHOLD_": str(1 << 30),
    "MALLOC_TRIM_THRESHOLD_": str(1 << 32),
    "MALLOC_TOP_PAD_": str(1 << 28),
}


# What torch.compile made is kept, so that a later run starts sooner.
INDUCTOR = {"TORCHINDUCTOR_CACHE_DIR": str(HERE / ".venv" / "inductor")}


@dataclasses.dataclass(frozen=True)
class Rival:
    name: str
    module: str
    """The file of this folder whose make(name) gives it."""
    needs: tuple
    """Python modules that it imports."""
    parts: tuple
    """Of "steps", "families", "sampling", "threads" and "memory"."""
    how: str
    """What was done to make it fast."""
    works: tuple = ("",)
    """How the names of the workloads begin whose steps it takes."""
    also: tuple = ()
    """The same of a run with ALL=1: workloads where it loses by far."""
    environment: dict = dataclasses.field(default_factory=dict)
    program: str = ""
    """The name of a program in PROGRAMS that it runs."""
    penalties: bool = True
    """Whether its step can have second derivatives."""
    slow_start: bool = False
    """Whether it compiles so long that a quick run leaves it out."""

    def missing(self):
        """Why it cannot take part here, or None."""
        for module in self.needs:
            if not importlib.util.find_spec(module):
                return f"{module} is not installed (make bench-setup)"
        if self.program and not (PROGRAMS / self.program).exists():
            return f"its program {self.program} was not built (make bench-setup)"
        return None

    def takes(self, part, workload=None, everything=False):
        """Whether it has a row of a part, and there of a workload (a `Workload`)."""
        if part not in self.parts:
            return False
        if workload is None:
            return True
        return workload.name.startswith(self.works + (self.also if everything else ())) and (self.penalties or not workload.penalized)


def openmp(threads):
    return {"OMP_NUM_THREADS": str(threads), "MKL_NUM_THREADS": str(threads)}


MOST = ("steps", "families", "sampling", "memory")
FROM_PYTORCH = "a file from PyTorch in NCHW, batch norm folded into the convolutions"

RIVALS = [
    Rival("ours", "ours", ("numpy",), (*MOST, "threads"), "this library through its Python package"),
    Rival("torch_default", "rival_torch", ("torch",), MOST, "as PyTorch's DCGAN tutorial and its examples write it"),
    Rival(
        "torch_tuned",
        "rival_torch",
        ("torch",),
        (*MOST, "threads"),
        "channels_last where that is faster, fused Adam, no gradient that nobody needs, memory kept by malloc; "
        "with penalties one pass of real and fake samples through D for cost and slope",
        environment=KEEP_MEMORY,
    ),
    Rival(
        "torch_compiled",
        "rival_torch",
        ("torch",),
        ("steps", "memory"),
        "the same, each network through torch.compile",
        environment=KEEP_MEMORY | INDUCTOR,
        penalties=False,
        slow_start=True,
    ),
    *(
        Rival(
            f"torch_whole_{n}",
            "rival_whole",
            ("torch",),
            ("steps",),
            "the whole step, gradients and both Adams in one compiled function, a C++ wrapper around its kernels; "
            f"{n} thread{'s' * (n > 1)}",
            works=("MLP",),
            environment=KEEP_MEMORY | INDUCTOR | openmp(n) | {"TORCHINDUCTOR_CPP_WRAPPER": "1"},
        )
        for n in (1, 2)
    ),
    *(
        Rival(
            f"libtorch_{n}",
            "rival_program",
            ("torch",),
            ("steps",),
            f"the tuned step in C++ against PyTorch's library, fused Adam; {n} thread{'s' * (n > 1)}",
            works=("MLP",),
            environment=KEEP_MEMORY | openmp(n),
            program="libtorch",
        )
        for n in (1, 2)
    ),
    Rival(
        "torch_frozen",
        "rival_frozen",
        ("torch",),
        ("sampling",),
        "batch norm folded, torch.compile with frozen and packed weights, a fixed batch",
        environment=KEEP_MEMORY | INDUCTOR | {"TORCHINDUCTOR_FREEZING": "1"},
    ),
    Rival("openvino_ours", "rival_onnx", ("openvino",), ("sampling",), "our ONNX file, a fixed batch, latency hint, 32-bit floats"),
    Rival("openvino_torch", "rival_onnx", ("openvino", "onnx", "torch"), ("sampling",), f"the same of {FROM_PYTORCH}"),
    Rival("onnxruntime_ours", "rival_onnx", ("onnxruntime",), ("sampling",), "our ONNX file, all graph optimizations"),
    Rival("onnxruntime_torch", "rival_onnx", ("onnxruntime", "onnx", "torch"), ("sampling",), f"the same of {FROM_PYTORCH}"),
    Rival(
        "dlib",
        "rival_program",
        (),
        ("steps",),
        "Debian's library under a program compiled for this processor, products by OpenBLAS with its kernels for it, "
        "no weight gradients of D in G's update",
        works=("DCGAN-28",),
        program="dlib",
    ),
    Rival(
        "jax",
        "rival_jax",
        ("jax",),
        ("steps", "sampling", "memory"),
        "the whole step in one jit, buffers donated, the paddings of convolutions given as numbers",
        works=("MLP",),
        also=("",),
        penalties=False,
    ),
]


def named(name):
    return next(r for r in RIVALS if r.name == name)


def module(name):
    """The file that measures a rival, or single kernels."""
    return "kernels" if name.startswith("kernels_") else named(name).module


def environment(name):
    return {} if name.startswith("kernels_") else named(name).environment
