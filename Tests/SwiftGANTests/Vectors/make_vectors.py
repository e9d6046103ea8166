"""Writes steps.json: three training steps of each case, computed by PyTorch in float64.

    python make_vectors.py            write steps.json
    python make_vectors.py --float32  also run the cases in float32 and print how far that lies from float64

Deterministic, on the CPU, from the formula in values.py alone. See README.md for what the file holds.
"""

import argparse
import math

import numpy as np
import torch
from reference import Game
from values import projections, sampled_indices, values, write

STEPS = 3
ADAM = {"adam": {"learning_rate": 0.0002, "beta1": 0.5}}
MLP = {
    "data": {"shape": [2]},
    "latent": {"size": 16},
    "generator": {"preset": "mlp"},
    "discriminator": {"preset": "mlp"},
    "optimizer": ADAM,
}


def dcgan(size, channels, latents, width=8, **more):
    network = {"preset": "dcgan", "width": width}
    return {
        "data": {"shape": [size, size, channels]},
        "latent": {"size": latents},
        "generator": network,
        "discriminator": network,
        "optimizer": ADAM,
        **more,
    }


# Every layer without randomness, odd and non-square sizes, a falling learning rate and an averaged generator.
LAYERS = {
    "data": {"shape": [11, 10, 2]},
    "latent": {"size": 12},
    "generator": {
        "layers": [
            {"dense": 60},
            "silu",
            {"reshape": [3, 5, 4]},
            {"upsample": 2},
            {"conv": {"channels": 6, "kernel": 3, "stride": 1, "padding": "same"}},
            "layer_norm",
            {"elu": 1},
            {
                "residual": [
                    {"conv": {"channels": 6, "kernel": [3, 5], "stride": 1, "padding": [1, 2]}},
                    "softplus",
                ]
            },
            {
                "conv_transpose": {
                    "channels": 2,
                    "kernel": [4, 3],
                    "stride": [2, 1],
                    "padding": [2, 1],
                    "output_padding": [1, 0],
                }
            },
            "tanh",
        ]
    },
    "discriminator": {
        "layers": [
            {"scale": {"factor": 1.5, "offset": 0.25}},
            {"conv": {"channels": 5, "kernel": 4, "stride": 2, "padding": "same", "bias": False}},
            {"sequence": [{"batch_norm": {"epsilon": 1e-3, "momentum": 0.2}}, "sigmoid"]},
            {"conv_transpose": {"channels": 3, "kernel": 5, "stride": 2, "padding": "same", "bias": False}},
            "silu",
            {"average_pool": 2},
            {"conv": {"channels": 4, "kernel": [2, 3], "stride": [1, 2], "padding": "valid"}},
            "silu",
            "flatten",
            {"dense": {"units": 9, "bias": False}},
            "tanh",
            {"dense": 1},
        ]
    },
    "label_smoothing": {"real": 0.1, "fake": 0.05},
    "optimizer": {"adam": {"learning_rate": 0.001, "beta1": 0.5, "beta2": 0.9}},
    "learning_rate": {"linear": {"steps": 4, "to": 0.5}},
    "average": 0.7,
}

SIMULTANEOUS = {"schedule": {"update": "simultaneous"}}
# Name, first tag, batch, configuration. Of a few tags tried, those whose steps are the least sensitive (README.md, "Conditioning").
CASES = [
    ("mlp", 21000, 32, MLP),
    ("mlp_simultaneous", 21100, 32, MLP | SIMULTANEOUS),
    ("mlp_minimax", 1200, 32, MLP | {"objective": "minimax"}),
    ("mlp_two_discriminator_steps", 11300, 32, MLP | {"schedule": {"discriminator_steps": 2}}),
    ("dcgan28", 21400, 8, dcgan(28, 1, 64)),
    ("dcgan28_simultaneous", 41500, 8, dcgan(28, 1, 64, **SIMULTANEOUS)),
    ("dcgan28_smoothed", 21600, 8, dcgan(28, 1, 64, label_smoothing={"real": 0.1})),
    ("layers", 1900, 6, LAYERS),
    ("dcgan64", 11700, 4, dcgan(64, 3, 100)),
    ("dcgan64_simultaneous", 21800, 4, dcgan(64, 3, 100, **SIMULTANEOUS)),
]


def recipe(name, shape, norm, config):
    """Scale and offset of a parameter: spread by its fan-in, so that every layer carries signal and gradient."""
    if len(shape) == 3:
        return {"scale": 0.5, "offset": 1.0 if name.endswith("weight") else 0.0}  # layer norm
    if len(shape) == 1:
        # After a normalization most values are kept off the activation's kink (README.md, "Conditioning").
        if name.endswith("weight"):
            return {"scale": 0.2, "offset": 0.5}
        return {"scale": 0.4, "offset": 1.2} if norm else {"scale": 0.5, "offset": 0.0}
    # The generator's 4-D weights are [kh, kw, out, in] with kernel 4, stride 2: four taps reach an output.
    transposed = len(shape) == 4 and name.startswith("generator") and config["generator"].get("preset")
    fan_in = 4 * shape[3] if transposed else math.prod(shape[:-1])
    gain = 2.0 if len(shape) == 2 else 1.0
    return {"scale": round(math.sqrt(12.0 * gain / fan_in), 3), "offset": 0.0}


def run(case, dtype, noise=0.0, seed=0):
    """(first values, last values, reports) of a case; parameters and running statistics by name.

    `noise`: relative disturbance of every weight, datum and latent, to see how much a step magnifies it.
    """
    random = np.random.default_rng(seed)

    def disturbed(*recipe):
        x = values(*recipe)
        return (x * (1 + noise * random.standard_normal(x.shape))).astype(np.float32)

    game = Game(case["config"], dtype)
    for t in case["tensors"]:
        game.write(t["name"], disturbed(t["tag"], t["shape"], t["scale"], t["offset"]))
    game.begin()
    batch, shape = case["batch"], case["config"]["data"]["shape"]
    first = {n: t.detach().double().numpy().copy() for n, t in game.tensors().items()}
    reports = []
    for step in range(STEPS):
        data, latents = case["data"], case["latents"]
        x = disturbed(data["tag"] + step, [batch, *shape], data["scale"], data["offset"])
        z = disturbed(latents["tag"] + step, [batch, case["config"]["latent"]["size"]], latents["scale"], 0.0)
        reports.append(game.step(torch.from_numpy(x).to(dtype), torch.from_numpy(z).to(dtype)))
    last = {n: t.detach().double().numpy() for n, t in game.tensors().items()}
    return first, last, reports


def describe(name, batch, config, tag):
    """The inputs of a case: which formula makes each tensor, the data and the latents."""
    game = Game(config, torch.float32)
    tensors, names = [], game.tensors()
    for i, (parameter, p) in enumerate(game.parameters().items()):
        shape, norm = list(p.shape), parameter.rsplit(".", 1)[0] + ".running_mean" in names
        tensors.append(
            {"name": parameter, "shape": shape, "tag": tag + i, **recipe(parameter, shape, norm, config)}
        )
    return {
        "name": name,
        "config": config,
        "batch": batch,
        "data": {"tag": tag + 80, "scale": 2.0, "offset": 0.0},
        "latents": {"tag": tag + 90, "scale": 3.0},
        "tensors": tensors,
    }


def expectation(first, last):
    """What is stored of one tensor after the steps (README.md, "expected")."""
    flat = last.ravel()
    picked = sampled_indices(flat.size)
    return {
        "values": [float(v) for v in flat[picked]],
        "sum": float(flat.sum()),
        "sum_of_squares": float((flat**2).sum()),
        "projections": projections(flat).tolist(),
        "change": float(np.linalg.norm(last - first)),
    }


def deviations(reference, other):
    """How far `other` lies from `reference`, each a (first, last, reports): the worst of each figure."""
    tensors = []
    for name, expected in reference[1].items():
        error, norm = other[1][name] - expected, np.linalg.norm(expected)
        tensors.append(
            (
                np.linalg.norm(error) / norm,
                math.sqrt(np.mean(projections(error) ** 2)) / norm,
                np.linalg.norm(error) / np.linalg.norm(expected - reference[0][name]),
                np.abs(error).max() / norm * math.sqrt(expected.size),
            )
        )
    report = max(abs(a[k] - b[k]) / abs(a[k]) for a, b in zip(reference[2], other[2], strict=True) for k in a)
    return np.array([*np.max(tensors, axis=0), report])


def show(name, what, worst):
    figures = ["|error|/|value|", "the same, projected", "|error|/|change|", "element/RMS", "report"]
    print(f"{name:28}{what:18}" + ", ".join(f"{f} {w:.1e}" for f, w in zip(figures, worst, strict=True)))


def main():
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    arguments.add_argument("--float32", action="store_true", help="print what float32 deviates by")
    options = arguments.parse_args()
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    cases = []
    for name, tag, batch, config in CASES:
        case = describe(name, batch, config, tag)
        reference = run(case, torch.float64)
        first, last, reports = reference
        case["expected"] = {
            "reports": reports,
            "tensors": {n: expectation(first[n], last[n]) for n in last},
        }
        cases.append(case)
        if options.float32:
            show(name, "float32:", deviations(reference, run(case, torch.float32)))
            noisy = [deviations(reference, run(case, torch.float32, 3e-6, seed)) for seed in range(3)]
            show("", "noise of 3e-6:", np.max(noisy, axis=0))
    known = {"tag": 1, "scale": 1.0, "offset": 0.0, "values": values(1, [4]).astype(float).tolist()}
    write("steps.json", {"steps": STEPS, "torch": torch.__version__, "formula": known, "cases": cases})


if __name__ == "__main__":
    main()
