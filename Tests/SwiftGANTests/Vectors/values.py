"""Numbers that two languages can make alike: the weights, data and latents of the vectors.

value(tag, i) = offset + scale * (mix(tag * 0x9E3779B9 + i) >> 8) / 2^24 - scale / 2, where the sum and products inside mix are modulo
2^32 and the result is rounded once, from float64, to float32. Uniform in offset ± scale / 2. README.md has it in C.
"""

import json
import pathlib

import numpy as np

GOLDEN = 0x9E3779B9


def mix(x):
    """The 32-bit hash "lowbias32" of C. Wellons (2018), elementwise over uint32."""
    x = np.asarray(x, dtype=np.uint32).copy()
    x ^= x >> np.uint32(16)
    x *= np.uint32(0x7FEB352D)
    x ^= x >> np.uint32(15)
    x *= np.uint32(0x846CA68B)
    x ^= x >> np.uint32(16)
    return x


def values(tag, shape, scale=1.0, offset=0.0):
    """An array of `shape`, row-major, float32: element i is value(tag, i)."""
    count = int(np.prod(shape, dtype=np.int64))
    start = np.uint32((tag * GOLDEN) & 0xFFFFFFFF)
    bits = mix(start + np.arange(count, dtype=np.uint32)) >> np.uint32(8)
    unit = bits.astype(np.float64) / 2.0**24 - 0.5
    return (offset + unit * scale).astype(np.float32).reshape(shape)


SAMPLED = 64
PROJECTIONS = 8


def sampled_indices(count):
    """Which elements of a tensor are stored: all up to 64, else 64 spread evenly, first and last among them."""
    if count <= SAMPLED:
        return np.arange(count)
    return np.arange(SAMPLED) * (count - 1) // (SAMPLED - 1)


def projections(x):
    """Eight sums of the elements of x under pseudo-random signs; element i has the sign of bit k of mix(i) in sum k.

    For the difference e of two tensors the mean square of the eight differences estimates |e|^2 over *all*
    elements, although only eight numbers were stored.
    """
    x = np.asarray(x, dtype=np.float64).ravel()
    bits = mix(np.arange(x.size, dtype=np.uint32))
    signs = [1.0 - 2.0 * ((bits >> np.uint32(k)) & np.uint32(1)) for k in range(PROJECTIONS)]
    return np.array([float(np.dot(s, x)) for s in signs])


def write(name, value):
    """`value` as JSON beside this file, numbers to ten digits, one line for each thing that has a name."""

    def short(v):
        if isinstance(v, dict):
            return {k: short(e) for k, e in v.items()}
        if isinstance(v, list):
            return [short(e) for e in v]
        return float(f"{v:.10g}") if isinstance(v, float) else v

    path = pathlib.Path(__file__).parent / name
    text = json.dumps(short(value), separators=(",", ":"))
    path.write_text(text.replace('{"name"', '\n{"name"') + "\n")
    print(f"{name}: {path.stat().st_size} bytes")
