"""How a step's time and memory grow as one size doubles, so that what grows faster than the mathematics shows.

    make bench-growth            about ten minutes
    make bench-growth QUICK=1    under two minutes: smaller sizes

Each row is a process of its own. Its time is the least of some steps after the first, its memory the peak beyond what the process
had before the model was made. An exponent is log2 of the ratio of a row and the one before; the last ones are compared with what
the mathematics says of large sizes, and larger ones are marked. Writes growth.json.
"""

import argparse
import json
import math
import os
import pathlib
import resource
import subprocess
import sys
import time

from figures import exponents
from machine import machine

ROOT = pathlib.Path(__file__).parents[2]
# By how much noise and blocks may raise an exponent.
SLACK = 0.35


def dcgan(side=32, width=32, channels=3):
    network = {"preset": "dcgan", "width": width}
    return {"data": {"shape": [side, side, channels]}, "generator": network, "discriminator": network}


def mlp(columns=2, width=128, depth=2, **others):
    network = {"preset": "mlp", "width": width, "depth": depth}
    own = {"data": {"shape": [columns]}, "latent": {"size": 16}, "generator": network, "discriminator": network}
    return own | {"standardize": False} | others


def classes(count, generator, discriminator):
    labels = {"mode": "conditional", "generator": generator, "discriminator": discriminator}
    return mlp(labels=labels, data={"shape": [2], "classes": count})


def family(name, columns, **own):
    return {"family": name, "data": {"shape": [columns]}, "standardize": False, name: own}


# (what doubles, of what, first size, rows, rows of a quick run, exponents of time and of memory by the mathematics, function of the
# size that gives configuration and batch). Weights are what memory grows with where the exponent is that of time.
AXES = [
    ("batch", "DCGAN-32, width 32", 8, 5, 3, (1, 1), lambda n: (dcgan(), n)),
    ("width", "DCGAN-32, batch 16", 16, 4, 3, (2, 2), lambda n: (dcgan(width=n), 16)),
    # Twice the side is four times the pixels, and one more pair of layers with twice the channels.
    ("side", "DCGAN, width 8, batch 8", 16, 5, 3, (2, 2), lambda n: (dcgan(side=n, width=8), 8)),
    ("depth", "MLP, width 128, batch 256", 2, 6, 4, (1, 1), lambda n: (mlp(depth=n), 256)),
    ("classes", "MLP, one-hot", 625, 9, 4, (1, 1), lambda n: (classes(n, "concatenate", "concatenate"), 64)),
    ("classes", "MLP, embedding and projection", 625, 9, 4, (1, 1), lambda n: (classes(n, "embedding", "projection"), 64)),
    ("columns", "MLP GAN, batch 64", 256, 6, 4, (1, 1), lambda n: (mlp(columns=n), 64)),
    ("columns", "MADE, width 256, batch 64", 256, 5, 3, (1, 1), lambda n: (family("made", n, width=256), 64)),
    ("columns", "NADE, width 64, batch 64", 128, 5, 3, (1, 1), lambda n: (family("nade", n, width=64), 64)),
    ("columns", "Real NVP, width 64, batch 64", 128, 5, 3, (1, 1), lambda n: (family("realnvp", n, width=64), 64)),
]


def sizes(first, rows):
    return [first * 2**i for i in range(rows)]


def marked(exponent, expected):
    """Whether an exponent is beyond what the mathematics and noise explain."""
    return exponent is not None and exponent > expected + SLACK


def measure(axis, size, seconds):
    """{seconds of a step, peak bytes} of one row, in this process."""
    sys.path.insert(0, str(ROOT / "bindings" / "python"))
    import numpy as np
    import swiftgan

    config, batch = AXES[axis][-1](size)
    data, random = config["data"], np.random.default_rng(1)
    x = random.random((batch, *data["shape"]), dtype=np.float32)
    if config.get("family") in ("made", "nade"):
        x = (x < 0.3).astype(np.float32)
    labels = {"labels": random.integers(0, data["classes"], batch)} if data.get("classes") else {}
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    model = swiftgan.Model(config)
    times, end = [], time.perf_counter() + seconds
    model.step(x, **labels)
    while len(times) < 3 or (time.perf_counter() < end and len(times) < 200):
        start = time.perf_counter()
        model.step(x, **labels)
        times.append(time.perf_counter() - start)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {"seconds": min(times), "bytes": 1024 * (peak - before)}


def row(axis, size, seconds, limit):
    """The same by a process of its own; None where that takes more than `limit` seconds."""
    command = [sys.executable, __file__, "--axis", str(axis), "--size", str(size), "--seconds", str(seconds)]
    try:
        answer = subprocess.run(command, check=True, capture_output=True, text=True, timeout=limit).stdout
    except subprocess.TimeoutExpired:
        return None
    return json.loads(answer)


def text(exponent):
    return f"{'':8}" if exponent is None else f"{exponent:8.2f}"


def table(axis, quick):
    """Prints the rows of an axis; its part of the report."""
    what, of, first, rows, few, expected, _ = AXES[axis]
    print(f"\n{what} of {of}\n{what:>12}   ms a step  exponent        MB  exponent")
    seconds, limit = (0.2, 15) if quick else (2, 120)
    measured, complete = [], True
    for size in sizes(first, few if quick else rows):
        one = row(axis, size, seconds, limit)
        complete = one is not None
        if not complete:
            print(f"{size:12}   takes more than {limit} s; larger ones were not tried")
            break
        measured.append({"size": size, **one})
        for key in ("seconds", "bytes"):
            growth = exponents([m["size"] for m in measured], [m[key] for m in measured])
            measured[-1][key + "_exponent"] = growth[-1]
        time_growth, memory_growth = (text(measured[-1][f"{key}_exponent"]) for key in ("seconds", "bytes"))
        print(f"{size:12}{one['seconds'] * 1e3:12.2f}  {time_growth}{one['bytes'] / 1e6:10.1f}  {memory_growth}", flush=True)
    last = measured[-1] if measured else {}
    final = [last.get("seconds_exponent"), last.get("bytes_exponent")]
    return {"what": what, "of": of, "expected": expected, "rows": measured, "last": final, "complete": complete}


def conclusion(result):
    """One line: the last exponents, beside those of the mathematics."""
    marks = [name for name, e, limit in zip(("time", "memory"), result["last"], result["expected"], strict=True) if marked(e, limit)]
    line = f"{result['what'] + ' of ' + result['of']:44}" + "".join(
        f"{text(e)} (at most {limit})" for e, limit in zip(result["last"], result["expected"], strict=True)
    )
    if not result["complete"]:
        marks.append("a row that took too long")
    return line + (f"   FASTER THAN THE MATHEMATICS: {', '.join(marks)}" if marks else "")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--quick", action="store_true", default=os.environ.get("QUICK", "") not in ("", "0"))
    parser.add_argument("--only", metavar="WHAT", help="batch, width, side, depth, classes or columns")
    for name, kind in (("axis", int), ("size", int), ("seconds", float)):
        parser.add_argument(f"--{name}", type=kind, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.axis is not None:
        print(json.dumps(measure(options.axis, options.size, options.seconds)))
        return
    report = {"machine": machine(), "quick": options.quick}
    m, start = report["machine"], time.time()
    print(f"{m['processor']}, {m['cores']} cores, {m['instruction_set']}; load before {m['load'][0]:.2f}")
    chosen = [i for i, a in enumerate(AXES) if options.only in (None, a[0])]
    report["axes"] = [table(i, options.quick) for i in chosen]
    print(f"\n{'The last exponents':44}    time {'':11}  memory")
    for result in report["axes"]:
        print(conclusion(result))
    (ROOT / "growth.json").write_text(json.dumps(report, indent=1) + "\n")
    print(f"\ngrowth.json written; {math.ceil(time.time() - start)} s in all")


if __name__ == "__main__":
    main()
