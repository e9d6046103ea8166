"""Parts of the benchmark beside steps and samples. Each takes the `Bench` that it writes its part of the report to."""

import contextlib
import math
import struct
import subprocess
import sys
import tempfile
import time

import numpy as np
from alternate import HERE, Worker, in_turns
from figures import summary
from kernels import ROLES, kernels_of
from workloads import LARGEST, MLP, WORKLOADS, label

COMMAND = HERE.parents[1] / "build" / "swiftgan"


def cold_start(bench, workers):
    print(f"\nCold start: process start, load the checkpoint of {LARGEST.name}, write one PNG; milliseconds")
    with tempfile.TemporaryDirectory() as folder:
        checkpoint, weights = f"{folder}/model.safetensors", f"{folder}/generator.pt"
        commands = {"ours": [str(COMMAND), "sample", checkpoint, "--count", "1", "--out", f"{folder}/a.png"]}
        workers["ours"].ask("prepare", **vars(LARGEST))
        workers["ours"].ask("call", method="save", path=checkpoint)
        if "torch_tuned" in workers:
            workers["torch_tuned"].ask("prepare", **vars(LARGEST))
            workers["torch_tuned"].ask("call", method="save", path=weights)
            script = [sys.executable, str(HERE / "cold_torch.py"), weights, f"{folder}/b.png"]
            commands["torch_tuned"] = script

        def starts(arguments, count):
            seconds = []
            for _ in range(count):
                start = time.perf_counter()
                subprocess.run(arguments, check=True, stdout=subprocess.DEVNULL)
                seconds.append(time.perf_counter() - start)
            return seconds

        contestants = {r: lambda count, a=a: starts(a, count) for r, a in commands.items()}
        times = in_turns(contestants, bench.rounds, 0.0, bench.limit)
    bench.report["cold_start"] = summary(times)
    bench.show("", bench.report["cold_start"])


def loading(bench, workers):
    """60,000 images of an IDX file, shuffled: what a batch costs, against a DCGAN-28 step."""
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/train-images-idx3-ubyte"
        pixels = np.random.default_rng(1).integers(0, 256, 60000 * 28 * 28, dtype=np.uint8)
        with open(path, "wb") as file:
            file.write(struct.pack(">IIII", 0x803, 60000, 28, 28) + pixels.tobytes())
        result = workers["ours"].ask("call", method="loading", path=path, batch=64, steps=300)
    cost = max(0.0, result["with"] - result["without"])
    steps = bench.report.get("workloads", [])
    step = next((w["rivals"]["ours"]["median"] for w in steps if w["size"] == 28), None)
    bench.report["loading"] = result | {"batch": cost, "share": cost / step if step else None}
    share = f", {cost / step:.2%} of a DCGAN-28 step" if step else ""
    print(f"\nData: 60,000 images opened in {result['open'] * 1e3:.0f} ms; a shuffled batch of 64 costs {cost * 1e6:.0f} µs{share}")


def pictures(bench, workers):
    """Training on a folder of JPEG files, which are decoded and resized for each batch, against the same samples in memory;
    ratio: folder / memory. At most 1.03 is the goal."""
    print(f"\n{label(LARGEST)} on JPEG files of 96 x 80 pixels, milliseconds a step")
    try:
        from PIL import Image
    except ImportError:
        print("  left out: Pillow is not installed")
        return
    worker, random = workers["ours"], np.random.default_rng(1)
    with tempfile.TemporaryDirectory() as folder:
        for i in range(1024):
            # Smooth as photographs are, so that files have their usual size.
            small = random.integers(0, 256, (10, 12, 3), dtype=np.uint8)
            Image.fromarray(small).resize((96, 80), Image.BICUBIC).save(f"{folder}/{i:04}.jpg", quality=90)
        worker.ask("prepare", **vars(LARGEST))
        worker.ask("call", method="open_pictures", path=folder, batch=LARGEST.batch)
        contestants = {
            name: lambda count, source=source: worker.ask("call", method="train_on", source=source, count=count)
            for name, source in (("ours", "memory"), ("JPEG folder", "folder"))
        }
        result = summary(in_turns(contestants, bench.rounds, bench.seconds, 2 * bench.limit))
    bench.report["pictures"] = {"memory": result["ours"], "folder": result["JPEG folder"]}
    bench.show("in memory, then from the folder", result)


def kernels(bench):
    """Each layer and role of the large DCGANs, ours beside the fastest of PyTorch's ways, with PyTorch's matrix product."""
    print("\nKernels, effective GFLOP/s" + " " * 30 + "   ours  oneDNN    sgemm   ours / oneDNN (lowest … highest round)")
    bench.report["kernels"] = []
    with contextlib.ExitStack() as stack:
        sides = ["ours"] + (["torch"] if "torch_tuned" not in bench.absent else [])
        workers = {s: stack.enter_context(Worker(f"kernels_{s}")) for s in sides}
        seen = set()
        for workload in WORKLOADS:
            if workload == MLP or workload.batch < 64 or workload.update != "alternating":
                continue
            if bench.quick and workload != LARGEST:
                continue
            for one in kernels_of(workload):
                for role in ROLES:
                    if (one, role) not in seen:
                        kernel(bench, workers, one, role)
                    seen.add((one, role))


def kernel(bench, workers, one, role):
    sums = {s: w.ask("call", method="kernel", role=role, **vars(one)) for s, w in workers.items()}
    if "torch" in sums and abs(sums["ours"] / sums["torch"] - 1) > 1e-4:
        print(f"{one}, {role}: RESULTS DIFFER")
        bench.failures += 1
    contestants = {s: lambda count, w=w: w.ask("steps", count=count) for s, w in workers.items()}
    times = summary(in_turns(contestants, bench.rounds, 0.05, bench.limit))
    speed = {s: one.operations / t["median"] / 1e9 for s, t in times.items()}
    if "torch" in workers:
        workers["torch"].ask("call", method="kernel", role="product", **vars(one))
        product = contestants["torch"](3) and contestants["torch"](10)
        speed["sgemm"] = one.operations / min(product) / 1e9
    row = {**vars(one), "role": role, "gflops": speed, "ratio": times.get("torch", {}).get("ratio")}
    bench.report["kernels"].append(row)
    line = f"  {one!s:40} {role:7}" + " " * 6 + "".join(f"{speed.get(s, math.nan):8.0f}" for s in ("ours", "torch", "sgemm"))
    if row["ratio"]:
        line += "   {:5.2f} ({:.2f} … {:.2f})".format(*row["ratio"])
    print(line, flush=True)


def memory(bench):
    print(f"\nPeak memory of a process that trains {label(LARGEST)}; MB")
    bench.report["memory"] = {}
    for r in bench.rivals("memory", LARGEST):
        with Worker(r) as worker:
            worker.ask("prepare", **vars(LARGEST))
            worker.ask("steps", count=3)
            bench.report["memory"][r] = worker.ask("peak")
        ratio = bench.report["memory"][r] / bench.report["memory"]["ours"]
        print(f"{'':44} {r:18}{bench.report['memory'][r]:9.0f}" + ("" if r == "ours" else f"   {ratio:14.2f}"), flush=True)
