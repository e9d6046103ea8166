"""Three whole training steps against PyTorch in float64 (Tests/SwiftGANTests/Vectors/README.md says what is stored)."""

import importlib.util
import json
import pathlib

import numpy as np
import pytest

import swiftgan

VECTORS = pathlib.Path(__file__).parents[3] / "Tests" / "SwiftGANTests" / "Vectors"
_spec = importlib.util.spec_from_file_location("swiftgan_vector_values", VECTORS / "values.py")
values = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(values)

STORED = json.loads((VECTORS / "steps.json").read_text())
CASES = {case["name"]: case for case in STORED["cases"]}

TENSOR = 1e-4  # root mean square of the error, relative to the tensor's own
CHANGE = 2e-2  # … and relative to what the three steps changed: the updates themselves, not only the sum
REPORT = 1e-4


def rms(x):
    return float(np.sqrt(np.mean(np.square(x))))


def errors(actual, expected):
    """(relative error of the samples, of the whole by projections, sums' error; of the whole relative to the change)."""
    flat = np.asarray(actual, dtype=np.float64).ravel()
    norm = np.sqrt(expected["sum_of_squares"])
    sampled = flat[values.sampled_indices(flat.size)] - np.array(expected["values"])
    whole = rms(values.projections(flat) - np.array(expected["projections"]))  # about |error|
    total = abs(flat.sum() - expected["sum"]) / np.sqrt(flat.size)  # at most |error|
    squares = abs((flat**2).sum() - expected["sum_of_squares"]) / (2 * norm)  # about |error| at most
    sampled_relative = rms(sampled) / (norm / np.sqrt(flat.size))
    return sampled_relative, max(whole, total, squares) / norm, whole / expected["change"]


def test_formula():
    known = STORED["formula"]
    made = values.values(known["tag"], [4], known["scale"], known["offset"])
    np.testing.assert_allclose(made, known["values"], rtol=1e-9)


@pytest.mark.parametrize("name", CASES)
def test_three_steps(name):
    case = CASES[name]
    def make(t, shape, step=0):
        return values.values(t["tag"] + step, shape, t["scale"], t.get("offset", 0.0))
    batch, shape = case["batch"], case["config"]["data"]["shape"]
    with swiftgan.Model(case["config"]) as model:
        for t in case["tensors"]:
            model.tensors[t["name"]] = make(t, t["shape"])
            averaged = t["name"].replace("generator.", "generator_average.")
            if averaged in case["expected"]["tensors"]:
                model.tensors[averaged] = make(t, t["shape"])
        reports = []
        for step in range(STORED["steps"]):
            x = make(case["data"], [batch, *shape], step)
            z = make(case["latents"], [batch, case["config"]["latent"]["size"]], step)
            reports.append(model.step(x, latents=z))
        after = {n: np.array(model.tensors[n]) for n in case["expected"]["tensors"]}

    for step, (report, expected) in enumerate(zip(reports, case["expected"]["reports"], strict=True)):
        for key, value in expected.items():
            assert report[key] == pytest.approx(value, rel=REPORT), f"{key} of step {step}"
    for tensor, expected in case["expected"]["tensors"].items():
        sampled, whole, of_change = errors(after[tensor], expected)
        assert sampled <= TENSOR, f"{tensor}: samples are off by {sampled:.1e}"
        assert whole <= TENSOR, f"{tensor}: off by {whole:.1e}"
        assert of_change <= CHANGE, f"{tensor}: off by {of_change:.1e} of its change"
