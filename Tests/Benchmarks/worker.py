"""One rival in a process of its own, told by JSON lines on stdin what to measure; answers go to stdout.

python worker.py RIVAL, one of rivals.py, or kernels_ours or kernels_torch
"""

import importlib
import json
import os
import resource
import sys
import traceback

import rivals
from workloads import Workload


def peak_megabytes():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main():
    name = sys.argv[1]
    # What libraries print must not come between the answers.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    rival = importlib.import_module(rivals.module(name)).make(name)
    commands = {
        "versions": lambda: rival.versions(),
        "prepare": lambda **w: rival.prepare(Workload(**w)),
        "threads": lambda count: rival.threads(count),
        "first_costs": lambda: rival.first_costs(),
        "steps": lambda count: rival.steps(count),
        "samples": lambda size, count: rival.samples(size, count),
        "call": lambda method, **options: getattr(rival, method)(**options),
        "peak": peak_megabytes,
    }
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = {"result": commands[request.pop("do")](**request)}
        except Exception as error:
            traceback.print_exc()
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main()
