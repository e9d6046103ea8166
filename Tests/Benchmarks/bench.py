"""The benchmark: this library and its rivals in turns, on the same shapes, batches and mathematics.

    make bench            everything (under an hour)
    make bench QUICK=1    within eight minutes: fewer rounds and rows, torch.compile only of the MLP's whole step and of generators
    make bench ALL=1      also the rivals that lose by far on some rows (JAX on convolutions)
    make bench ONLY=steps,sampling

Says who takes part, in which version, and what was done to make each fast. Prints a table of medians, minima and ratios
(rival / ours: above 1, ours is faster) with the ratios' spread over the rounds, then the strongest rival of each row, and
writes bench.json. Rivals that are not installed are named and left out (make bench-setup). Ends with status 1 if a rival failed,
or if its first three steps' costs or its samples disagree with ours: then it would not have been the same work.
"""

import argparse
import contextlib
import json
import os
import sys
import tempfile
import textwrap
import time

import numpy as np
import parts
from alternate import HERE, RivalFailed, Worker, in_turns
from families import FAMILIES
from figures import (
    SAMPLE_AGREEMENT,
    disagreements,
    sample_difference,
    strongest,
    summary,
)
from machine import machine
from rivals import RIVALS, named
from workloads import LARGEST, QUICK, SAMPLED, WORKLOADS, label

ROOT = HERE.parents[1]
USUAL = ("ours", "torch_tuned")
"""Those that also take part in what no rival's row names, such as a cold start."""


class Bench:
    def __init__(self, options):
        self.quick, self.everything, self.only = options.quick, options.all, options.only
        self.rounds, self.seconds, self.limit = (5, 0.4, 6.0) if self.quick else (9, 1.5, 40.0)
        self.absent = {r.name: why for r in RIVALS if (why := r.missing())}
        if self.quick:
            for r in RIVALS:
                if r.slow_start:
                    self.absent.setdefault(r.name, "not in a quick run: it compiles for half a minute each")
        self.report = {"machine": machine(), "quick": self.quick, "absent": self.absent, "seconds": {}}
        self.failures = 0
        self.strongest = []

    def rivals(self, part, workload=None):
        """The names of those that have a row of a part."""
        return [r.name for r in RIVALS if r.name not in self.absent and r.takes(part, workload, self.everything)]

    def run(self):
        start = time.time()
        self.header()
        with contextlib.ExitStack() as stack:
            wanted = [r for r in RIVALS if r.name not in self.absent and (not self.only or {*r.parts} & {*self.only} or r.name in USUAL)]
            workers = {r.name: stack.enter_context(Worker(r.name)) for r in wanted}
            self.versions(workers)
            for part in (self.steps, self.families, self.sampling, self.threads, parts.cold_start, parts.loading, parts.pictures):
                self.timed(part, workers)
        # Those start processes of their own.
        for part in (parts.kernels, parts.memory):
            self.timed(part)
        self.show_strongest()
        self.report["seconds"]["all"] = time.time() - start
        path = ROOT / "bench.json"
        path.write_text(json.dumps(self.report, indent=1) + "\n")
        print(f"\n{path.name} written; {self.report['seconds']['all']:.0f} s in all")
        return 1 if self.failures else 0

    def timed(self, part, *arguments):
        name = part.__name__
        if self.only and name not in self.only:
            return
        start = time.time()
        part(*arguments) if part.__module__ == __name__ else part(self, *arguments)
        self.report["seconds"][name] = time.time() - start

    def header(self):
        m = self.report["machine"]
        load = m["load"][0]
        print(f"{m['processor']}, {m['cores']} cores, {m['instruction_set']}; load before {load:.2f}")
        if load > 0.5:
            print("  The machine is not idle: these times show that everything runs, and nothing else.")

    def versions(self, workers):
        self.report["versions"] = {}
        for r in RIVALS:
            if r.name in self.absent:
                print(f"  {r.name:18} LEFT OUT: {self.absent[r.name]}")
            if r.name not in workers:
                continue
            versions = self.report["versions"][r.name] = workers[r.name].ask("versions")
            text = ", ".join(f"{k} {x}" for k, x in versions.items()) + f": {r.how}"
            print(textwrap.fill(text, 130, initial_indent=f"  {r.name:18} ", subsequent_indent=" " * 21))

    def measure(self, title, workers, prepare, run, compare, disagree="COSTS DIFFER"):
        """A row: everybody prepares, what they give is compared, then they run in turns.

        prepare: function(name, worker) -> what is compared; run: function(worker, count) -> seconds of each; compare: function
        ({name: what it gave}) -> {name: [differences]} of those that did other work.
        """
        given, failed = {}, {}
        for r, worker in workers.items():
            try:
                given[r] = prepare(r, worker)
            except RivalFailed as error:
                if r == "ours":
                    raise
                failed[r] = str(error)
        contestants = {r: lambda count, w=workers[r]: run(w, count) for r in given}
        row = {"rivals": summary(in_turns(contestants, self.rounds, self.seconds, self.limit))}
        row |= {"failed": failed, "disagreement": compare(given), "strongest": strongest(row["rivals"])}
        self.failures += len(failed) + len(row["disagreement"])
        self.show(title, row["rivals"], row["disagreement"], disagree)
        for r, why in failed.items():
            print(f"{'':44} {r:18} FAILED: {why}")
        if row["strongest"]:
            self.strongest.append((title, row["strongest"], row["rivals"][row["strongest"]]["ratio"]))
        return row

    def steps(self, workers):
        print(f"\n{'Training steps, milliseconds':63}   median      min   rival / ours (lowest … highest round)")
        self.report["workloads"] = []
        for workload in WORKLOADS:
            if self.quick and workload not in QUICK:
                continue

            def prepare(name, worker, workload=workload):
                worker.ask("prepare", **vars(workload))
                return worker.ask("first_costs")

            chosen = {r: workers[r] for r in self.rivals("steps", workload)}
            row = self.measure(label(workload), chosen, prepare, lambda w, n: w.ask("steps", count=n), disagreements)
            self.report["workloads"].append({"name": label(workload), **vars(workload), **row})

    def families(self, workers):
        """A step of each family that descends one cost, beside the same network in PyTorch."""
        print("\nFamilies, milliseconds a step")
        self.report["families"] = []
        chosen = {r: workers[r] for r in self.rivals("families")}
        for family in FAMILIES:

            def prepare(name, worker, family=family):
                worker.ask("call", method="prepare_family", name=family.name)
                return worker.ask("call", method="family_costs")

            title = f"{family.name}, batch {family.batch}"
            run = lambda w, n: w.ask("call", method="family_steps", count=n)
            row = self.measure(title, chosen, prepare, run, disagreements)
            self.report["families"].append({"name": family.name, "batch": family.batch, **row})

    def sampling(self, workers):
        """Generators with the same weights and statistics; the same latents must give the same samples."""
        print("\nSamples, milliseconds a call")
        self.report["sampling"] = []
        for workload, counts in SAMPLED:
            if self.quick and workload != LARGEST:
                continue
            chosen = {r: workers[r] for r in self.rivals("sampling", workload)}
            with tempfile.TemporaryDirectory() as folder:
                files = {"ours": f"{folder}/ours.onnx", "torch": f"{folder}/torch.onnx"}
                for origin, worker in (("ours", "ours"), ("torch", "torch_tuned")):
                    if worker in chosen:
                        chosen[worker].ask("call", method="export", path=files[origin], **vars(workload))
                for count in counts:
                    row = self.samples(chosen, workload, count, files, folder)
                    self.report["sampling"].append({"name": label(workload), "count": count, **row})

    def samples(self, chosen, workload, count, files, folder):
        def prepare(name, worker):
            path = f"{folder}/{name}.npy"
            worker.ask("call", method="prepare_samples", files=files, count=count, **vars(workload))
            worker.ask("call", method="samples_of", path=path)
            return np.load(path)

        def compare(samples):
            differences = {r: sample_difference(samples["ours"], x) for r, x in samples.items()}
            return {r: [d] for r, d in differences.items() if d > SAMPLE_AGREEMENT}

        title = f"{count} sample{'s' * (count > 1)} of {workload.name}"
        return self.measure(
            title, chosen, prepare, lambda w, n: w.ask("samples", size=count, count=n), compare, "SAMPLES DIFFER"
        )

    def threads(self, workers):
        """One thread against all, in the same process; ratio: one / all."""
        cores = self.report["machine"]["cores"]
        print(f"\nThreads, 1 against {cores}: {label(LARGEST)}, milliseconds a step")
        for r in self.rivals("threads"):
            if self.quick and r != "ours":
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
            print("{:44} {:18}{:9.2f}{:9.2f}   {:5.2f} ({:.2f} … {:.2f})".format("", r, one, many, *speedup))

    def show(self, title, rivals, disagreement=(), disagree=""):
        for i, (r, s) in enumerate(rivals.items()):
            line = f"{title if i == 0 else '':44} {r:18}{s['median'] * 1e3:9.2f}{s['minimum'] * 1e3:9.2f}"
            if "ratio" in s:
                line += "   {:5.2f} ({:.2f} … {:.2f})".format(*s["ratio"])
            if r in disagreement:
                line += f"   {disagree}: " + ", ".join(f"{d:.1e}" for d in disagreement[r])
            print(line, flush=True)

    def show_strongest(self):
        if self.strongest:
            print(f"\n{'The strongest rival of each row':63}   rival / ours")
        for title, rival, ratio in self.strongest:
            print("{:44} {:18}   {:5.2f} ({:.2f} … {:.2f})".format(title, rival, *ratio))
        how = {rival for _, rival, _ in self.strongest}
        for rival in sorted(how):
            print(textwrap.fill(f"{rival}: {named(rival).how}", 130, initial_indent="  ", subsequent_indent="    "))


def said(variable):
    return os.environ.get(variable, "") not in ("", "0")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--quick", action="store_true", default=said("QUICK"))
    parser.add_argument("--all", action="store_true", default=said("ALL"))
    parser.add_argument(
        "--only",
        action="append",
        metavar="PART",
        default=[p for p in os.environ.get("ONLY", "").split(",") if p],
        choices=[*"steps families sampling threads cold_start loading pictures kernels memory".split()],
        help="%(choices)s; may be given more than once",
    )
    sys.exit(Bench(parser.parse_args()).run())


if __name__ == "__main__":
    main()
