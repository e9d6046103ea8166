"""The benchmark: this library and its rivals in turns, on the same shapes, batches and mathematics.

    make bench            everything (half an hour)
    make bench QUICK=1    within eight minutes: fewer rounds, JAX on the MLP only, torch.compile not at all, kernels of the largest DCGAN only

Prints a table of medians, minima and ratios (rival / ours: above 1, ours is faster) with the ratios' spread over the rounds, and writes
bench.json. Rivals that are not installed are named and left out (make bench-setup). Ends with status 1 if the
first three steps' costs of a rival disagree with ours: then it would not have been the same work.
"""

import argparse
import contextlib
import json
import math
import os
import struct
import subprocess
import sys
import tempfile
import time

import numpy as np
from alternate import HERE, RIVALS, Worker, in_turns, missing, summary
from families import FAMILIES
from kernels import ROLES, kernels_of
from machine import machine
from workloads import LARGEST, MLP, WORKLOADS, label

ROOT = HERE.parents[1]
# Adam's first updates are nearly signs of gradients, so rounding grows from step to step (PyTorch's own variants
# differ by 1 % in the third): what a rival's costs may differ by, of ours.
AGREEMENT = [1e-4, 5e-3, 3e-2]


class Bench:
    def __init__(self, options):
        self.quick = options.quick
        self.rounds, self.seconds, self.limit = (5, 0.4, 6.0) if self.quick else (9, 1.5, 40.0)
        self.only = options.only
        self.absent = {r: why for r in RIVALS if (why := missing(r))}
        if self.quick:
            self.absent.setdefault("torch_compiled", "not in a quick run: it compiles for half a minute each")
        self.report = {"machine": machine(), "quick": self.quick, "absent": self.absent, "workloads": []}
        self.disagreements = 0

    def rivals(self, workload=None):
        out = [r for r in RIVALS if r not in self.absent]
        # JAX's step here has no penalties.
        if (self.quick and workload not in (None, MLP)) or (workload and workload.penalty):
            out = [r for r in out if r != "jax"]
        return out

    def run(self):
        self.header()
        with contextlib.ExitStack() as stack:
            workers = {r: stack.enter_context(Worker(r)) for r in self.rivals()}
            self.report["versions"] = {r: w.ask("versions") for r, w in workers.items()}
            for r, v in self.report["versions"].items():
                print(f"  {r:15} " + ", ".join(f"{k} {x}" for k, x in v.items()))
            for r, why in self.absent.items():
                print(f"  {r:15} left out: {why}")
            parts = [self.steps, self.families, self.sampling, self.threads, self.cold_start, self.loading, self.pictures]
            for part in parts:
                if not self.only or part.__name__ in self.only:
                    part(workers)
        if not self.only or "kernels" in self.only:
            self.kernels()
        if not self.only or "memory" in self.only:
            self.memory()
        self.report["seconds"] = time.time() - self.report["machine"]["time"]
        path = ROOT / "bench.json"
        path.write_text(json.dumps(self.report, indent=1) + "\n")
        print(f"\n{path.name} written; {self.report['seconds']:.0f} s in all")
        return 1 if self.disagreements else 0

    def header(self):
        m = self.report["machine"]
        print(f"{m['processor']}, {m['cores']} cores, {m['instruction_set']}; load before {m['load'][0]:.2f}")

    def steps(self, workers):
        print(
            "\nTraining steps, milliseconds"
            + " " * 30
            + "median      min   rival / ours (lowest … highest round)"
        )
        for workload in WORKLOADS:
            chosen = {r: workers[r] for r in self.rivals(workload)}
            costs = {}
            for r, worker in chosen.items():
                worker.ask("prepare", **vars(workload))
                costs[r] = worker.ask("first_costs")
            times = in_turns(
                {r: lambda count, w=w: w.ask("steps", count=count) for r, w in chosen.items()},
                self.rounds,
                self.seconds,
                self.limit,
            )
            result = {"name": label(workload), **vars(workload), "costs": costs, "rivals": summary(times)}
            result["disagreement"] = self.compare(costs)
            self.report["workloads"].append(result)
            self.show(label(workload), result["rivals"], result["disagreement"])

    def families(self, workers):
        """A step of each family that descends one cost, beside the same network in PyTorch."""
        print("\nFamilies, milliseconds a step")
        self.report["families"] = []
        chosen = {r: w for r, w in workers.items() if r in ("ours", "torch_default", "torch_tuned")}
        for family in FAMILIES:
            costs = {}
            for r, worker in chosen.items():
                worker.ask("call", method="prepare_family", name=family.name)
                costs[r] = worker.ask("call", method="family_costs")
            times = in_turns(
                {r: lambda count, w=w: w.ask("call", method="family_steps", count=count) for r, w in chosen.items()},
                self.rounds,
                self.seconds,
                self.limit,
            )
            row = {"name": family.name, "batch": family.batch, "costs": costs, "rivals": summary(times)}
            row["disagreement"] = self.compare(costs)
            self.report["families"].append(row)
            self.show(f"{family.name}, batch {family.batch}", row["rivals"], row["disagreement"])

    def compare(self, costs):
        """{rival: [largest relative difference of a cost in each step]} for those beyond what rounding explains."""
        out = {}
        for r in costs:
            ours = np.array(costs["ours"])
            difference = np.max(np.abs(np.array(costs[r]) - ours) / np.abs(ours), axis=1)
            if not (difference <= AGREEMENT).all():
                out[r] = difference.tolist()
                self.disagreements += 1
        return out

    def show(self, title, rivals, disagreement=(), unit=1e3):
        for i, (r, s) in enumerate(rivals.items()):
            line = f"{title if i == 0 else '':40} {r:14}{s['median'] * unit:9.2f}{s['minimum'] * unit:9.2f}"
            if "ratio" in s:
                line += "   {:5.2f} ({:.2f} … {:.2f})".format(*s["ratio"])
            if r in disagreement:
                line += "   COSTS DIFFER: " + ", ".join(f"{d:.1e}" for d in disagreement[r])
            print(line, flush=True)

    def sampling(self, workers):
        print("\nSamples of " + LARGEST.name + ", milliseconds a call")
        chosen = {r: workers[r] for r in self.rivals() if not (self.quick and r == "jax")}
        for worker in chosen.values():
            worker.ask("prepare", **vars(LARGEST))
        for size in (1, 64):
            times = in_turns(
                {r: lambda count, w=w, n=size: w.ask("samples", size=n, count=count) for r, w in chosen.items()},
                self.rounds,
                self.seconds,
                self.limit,
            )
            self.report[f"sampling_{size}"] = summary(times)
            self.show(f"{size} a call", self.report[f"sampling_{size}"])

    def threads(self, workers):
        """One thread against all, in the same process; ratio: one / all."""
        cores = self.report["machine"]["cores"]
        print(f"\nThreads, 1 against {cores}: {label(LARGEST)}, milliseconds a step")
        for r in self.rivals():
            if r not in ("ours", "torch_tuned"):
                continue
            worker = workers[r]
            worker.ask("prepare", **vars(LARGEST))

            def steps(count, threads, worker=worker):
                worker.ask("threads", count=threads)
                return worker.ask("steps", count=count)

            contestants = {"ours": lambda n: steps(n, cores), "one thread": lambda n: steps(n, 1)}
            result = summary(in_turns(contestants, self.rounds, self.seconds, 2 * self.limit))
            steps(0, cores)
            speedup = result["one thread"]["ratio"]
            self.report.setdefault("threads", {})[r] = {
                "one": result["one thread"]["median"],
                "all": result["ours"]["median"],
                "ratio": speedup,
            }
            one, many = result["one thread"]["median"] * 1e3, result["ours"]["median"] * 1e3
            print("{:40} {:14}{:9.2f}{:9.2f}   {:5.2f} ({:.2f} … {:.2f})".format("", r, one, many, *speedup))

    def cold_start(self, workers):
        print(
            f"\nCold start: process start, load the checkpoint of {LARGEST.name}, write one PNG; milliseconds"
        )
        command = ROOT / "build" / "swiftgan"
        with tempfile.TemporaryDirectory() as folder:
            checkpoint, weights = f"{folder}/model.safetensors", f"{folder}/generator.pt"
            commands = {
                "ours": [str(command), "sample", checkpoint, "--count", "1", "--out", f"{folder}/a.png"]
            }
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

            times = in_turns(
                {r: lambda count, a=a: starts(a, count) for r, a in commands.items()},
                self.rounds,
                0.0,
                self.limit,
            )
        self.report["cold_start"] = summary(times)
        self.show("", self.report["cold_start"])

    def loading(self, workers):
        """60,000 images of an IDX file, shuffled: what a batch costs, against a DCGAN-28 step."""
        with tempfile.TemporaryDirectory() as folder:
            path = f"{folder}/train-images-idx3-ubyte"
            pixels = np.random.default_rng(1).integers(0, 256, 60000 * 28 * 28, dtype=np.uint8)
            with open(path, "wb") as file:
                file.write(struct.pack(">IIII", 0x803, 60000, 28, 28) + pixels.tobytes())
            result = workers["ours"].ask("call", method="loading", path=path, batch=64, steps=300)
        cost = max(0.0, result["with"] - result["without"])
        step = next(
            (w["rivals"]["ours"]["median"] for w in self.report["workloads"] if w["size"] == 28), None
        )
        self.report["loading"] = result | {"batch": cost, "share": cost / step if step else None}
        share = f", {cost / step:.2%} of a DCGAN-28 step" if step else ""
        print(
            f"\nData: 60,000 images opened in {result['open'] * 1e3:.0f} ms; a shuffled batch of 64 costs {cost * 1e6:.0f} µs{share}"
        )

    def pictures(self, workers):
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
            result = summary(in_turns(contestants, self.rounds, self.seconds, 2 * self.limit))
        self.report["pictures"] = {"memory": result["ours"], "folder": result["JPEG folder"]}
        self.show("in memory, then from the folder", result)

    def kernels(self):
        """Each layer and role of the large DCGANs, ours beside the fastest of PyTorch's ways, with PyTorch's matrix product."""
        print("\nKernels, effective GFLOP/s" + " " * 30 + "   ours  oneDNN    sgemm   ours / oneDNN (lowest … highest round)")
        self.report["kernels"] = []
        with contextlib.ExitStack() as stack:
            sides = ["ours"] + (["torch"] if "torch_tuned" not in self.absent else [])
            workers = {s: stack.enter_context(Worker(f"kernels_{s}")) for s in sides}
            seen = set()
            for workload in WORKLOADS:
                if workload == MLP or workload.batch < 64 or workload.update != "alternating":
                    continue
                if self.quick and workload != LARGEST:
                    continue
                for kernel in kernels_of(workload):
                    for role in ROLES:
                        if (kernel, role) not in seen:
                            self.kernel(workers, kernel, role)
                        seen.add((kernel, role))

    def kernel(self, workers, kernel, role):
        sums = {s: w.ask("call", method="kernel", role=role, **vars(kernel)) for s, w in workers.items()}
        if "torch" in sums and abs(sums["ours"] / sums["torch"] - 1) > 1e-4:
            print(f"{kernel}, {role}: RESULTS DIFFER")
            self.disagreements += 1
        contestants = {s: lambda count, w=w: w.ask("steps", count=count) for s, w in workers.items()}
        times = summary(in_turns(contestants, self.rounds, 0.05, self.limit))
        speed = {s: kernel.operations / t["median"] / 1e9 for s, t in times.items()}
        if "torch" in workers:
            workers["torch"].ask("call", method="kernel", role="product", **vars(kernel))
            product = contestants["torch"](3) and contestants["torch"](10)
            speed["sgemm"] = kernel.operations / min(product) / 1e9
        row = {**vars(kernel), "role": role, "gflops": speed, "ratio": times.get("torch", {}).get("ratio")}
        self.report["kernels"].append(row)
        line = f"  {kernel!s:40} {role:7}" + " " * 6 + "".join(f"{speed.get(s, math.nan):8.0f}" for s in ("ours", "torch", "sgemm"))
        if row["ratio"]:
            line += "   {:5.2f} ({:.2f} … {:.2f})".format(*row["ratio"])
        print(line, flush=True)

    def memory(self):
        print(f"\nPeak memory of a process that trains {label(LARGEST)}; MB")
        self.report["memory"] = {}
        for r in self.rivals():
            if r == "jax" and self.quick:
                continue
            with Worker(r) as worker:
                worker.ask("prepare", **vars(LARGEST))
                worker.ask("steps", count=3)
                self.report["memory"][r] = worker.ask("peak")
            ratio = self.report["memory"][r] / self.report["memory"]["ours"]
            print(
                f"{'':40} {r:14}{self.report['memory'][r]:9.0f}"
                + ("" if r == "ours" else f"   {ratio:14.2f}"),
                flush=True,
            )


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--quick", action="store_true", default=os.environ.get("QUICK", "") not in ("", "0"))
    parser.add_argument(
        "--only",
        action="append",
        metavar="PART",
        help="steps, families, sampling, threads, cold_start, loading, pictures, kernels or memory; may be given more than once",
    )
    sys.exit(Bench(parser.parse_args()).run())


if __name__ == "__main__":
    main()
