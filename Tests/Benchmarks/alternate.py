"""Rivals in processes of their own, measured in turns."""

import importlib.util
import json
import os
import pathlib
import statistics
import subprocess
import sys

HERE = pathlib.Path(__file__).parent
RIVALS = ["ours", "torch_default", "torch_tuned", "torch_compiled", "jax"]

# glibc gives large blocks back to the system at each free, and PyTorch then pays page faults for every tensor; who tunes it
# keeps them (about 8 % of a DCGAN-64 step).
KEEP_MEMORY = {
    "MALLOC_MMAP_THRESHOLD_": str(1 << 30),
    "MALLOC_TRIM_THRESHOLD_": str(1 << 32),
    "MALLOC_TOP_PAD_": str(1 << 28),
}


def missing(rival):
    """Why a rival cannot take part here, or None."""
    module = {"ours": "numpy", "jax": "jax"}.get(rival, "torch")
    return None if importlib.util.find_spec(module) else f"{module} is not installed"


class Worker:
    """A rival's process. Only one works at a time; the others wait for their next line."""

    def __init__(self, rival):
        self.rival = rival
        tuned = rival in ("torch_tuned", "torch_compiled")
        self.process = subprocess.Popen(
            [sys.executable, str(HERE / "worker.py"), rival],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=os.environ | (KEEP_MEMORY if tuned else {}),
            text=True,
        )

    def ask(self, do, **options):
        print(json.dumps({"do": do, **options}), file=self.process.stdin, flush=True)
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.rival} ended with status {self.process.wait()}")
        answer = json.loads(line)
        if "error" in answer:
            raise RuntimeError(f"{self.rival}: {answer['error']}")
        return answer["result"]

    def close(self):
        self.process.stdin.close()
        self.process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def in_turns(contestants, rounds, seconds, limit):
    """Seconds of single runs, {name: [[…] for each round]}.

    contestants: {name: function(count) -> [seconds]}, warmed up. In each round everybody runs for about `seconds`, the first to
    go changing from round to round; one that is so slow that it has used `limit` seconds sits out the remaining rounds.
    """
    times = {name: [] for name in contestants}
    counts = {
        name: max(1, min(500, round(seconds / min(run(1) + run(1))))) for name, run in contestants.items()
    }
    names = list(contestants)
    for turn in range(rounds):
        first = turn % len(names)
        for name in names[first:] + names[:first]:
            if sum(map(sum, times[name])) < limit:
                times[name].append(contestants[name](counts[name]))
    return times


def summary(times):
    """{name: {median, minimum, runs}} in seconds, and for all but "ours" the ratio to ours: median, lowest and highest of the rounds."""
    medians = {name: [statistics.median(r) for r in rounds] for name, rounds in times.items()}
    out = {}
    for name, rounds in times.items():
        every = [t for r in rounds for t in r]
        out[name] = {"median": statistics.median(every), "minimum": min(every), "runs": len(every)}
        if name != "ours" and "ours" in times:
            ratios = sorted(a / b for a, b in zip(medians[name], medians["ours"], strict=False))
            out[name]["ratio"] = [statistics.median(ratios), ratios[0], ratios[-1]]
    return out
