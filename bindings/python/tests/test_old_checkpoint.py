"""A checkpoint that version 0.1.0 wrote before models had families (November 2026), and what it made of it."""

import json
import pathlib

import numpy as np
import pytest

import swiftgan

HERE = pathlib.Path(__file__).parent


def test_goes_on_as_it_did():
    old = json.loads((HERE / "old_checkpoint.json").read_text())
    model = swiftgan.Model.load(HERE / "old_checkpoint.safetensors")
    assert model.family == "gan" and model.summary["step"] == 3
    x = np.array([((i * 7) % 11) / 11 - 0.5 for i in range(24)], np.float32).reshape(8, 3)
    report = model.step(x, labels=[0, 1] * 4)
    assert report["step"] == old["step"]
    # To the bit on the instruction set that it was written with.
    for key in ("discriminator_cost", "generator_cost"):
        assert report[key] == pytest.approx(old[key], rel=1e-5)
    samples = model.sample(4, seed=5, labels=[0, 1, 0, 1])
    np.testing.assert_allclose(samples.ravel(), old["samples"], rtol=1e-4, atol=1e-5)
