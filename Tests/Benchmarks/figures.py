"""What is computed from times, costs and samples. Pure functions."""

import math
import statistics

import numpy as np

# Adam's first updates are nearly signs of gradients, so rounding grows from step to step (PyTorch's own variants
# differ by 1 % in the third): what a rival's costs may differ by, of ours.
AGREEMENT = [1e-4, 5e-3, 3e-2]
# Of a pixel in -1…1, after five layers of products in another order.
SAMPLE_AGREEMENT = 1e-4


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


def strongest(rivals):
    """The name of the rival with the lowest median ratio to ours in a summary; None where nobody else ran."""
    ratios = {name: s["ratio"][0] for name, s in rivals.items() if "ratio" in s}
    return min(ratios, key=ratios.get) if ratios else None


def disagreements(costs):
    """{rival: [largest relative difference of a cost in each step]} for those beyond what rounding explains.

    costs: {rival: [[cost, …] for each of the first three steps]}, "ours" among them. What is not a number disagrees.
    """
    out, ours = {}, np.array(costs["ours"])
    for rival, theirs in costs.items():
        difference = np.max(np.abs(np.array(theirs) - ours) / np.abs(ours), axis=1)
        if not (difference <= AGREEMENT).all():
            out[rival] = difference.tolist()
    return out


def sample_difference(ours, theirs):
    """The largest difference of an element; infinite where the shapes differ or something is not a number."""
    if ours.shape != theirs.shape:
        return math.inf
    difference = float(np.max(np.abs(ours - theirs)))
    return difference if math.isfinite(difference) else math.inf


def exponents(sizes, values):
    """The exponents of growth: log(value ratio) / log(size ratio) of each row and the one before; None for the first.

    Where sizes double this is log2 of the ratio of consecutive values. None, too, where a value is not positive.
    """
    out = [None]
    for (a, b), (x, y) in zip(zip(sizes, sizes[1:], strict=False), zip(values, values[1:], strict=False), strict=True):
        out.append(math.log(y / x) / math.log(b / a) if x > 0 and y > 0 else None)
    return out
