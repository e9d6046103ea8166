"""Families of models besides the GAN."""

import itertools

import numpy as np
import pytest

import swiftgan


def states(count):
    return np.array(list(itertools.product([0, 1], repeat=count)), np.float32)


def test_made_is_exact():
    model = swiftgan.Model({"family": "made", "data": {"shape": [12]}, "made": {"width": 30, "orders": 2}})
    assert model.family == "made" and model.summary["likelihood"] == "exact"
    assert set(model.capabilities) == {"sample", "log_likelihood"}
    for _ in range(20):
        model.step(states(12)[1000:1100])
    assert np.exp(model.log_likelihood(states(12)).astype(np.float64)).sum() == pytest.approx(1, abs=1e-4)
    samples = model.sample(20, seed=1)
    assert samples.shape == (20, 12) and set(np.unique(samples)) <= {0, 1}
    with pytest.raises(swiftgan.ArgumentError, match="neither 0 nor 1"):
        model.log_likelihood(np.full((1, 12), 0.5, np.float32))


def test_vae(tmp_path):
    model = swiftgan.Model({"family": "vae", "data": {"shape": [8]}, "latent": {"size": 2}, "vae": {"warm_up": 10}})
    x = states(8)[::5]
    reports = [model.step(x) for _ in range(50)]
    assert reports[-1]["cost"] < reports[0]["cost"]
    assert {"reconstruction_cost", "divergence", "gradient_norm"} <= set(reports[0])
    z = model.encode(x)
    assert z.shape == (len(x), 2)
    np.testing.assert_array_equal(model.decode(z), model.reconstruct(x))
    bound = model.log_likelihood(x, importance_samples=200)
    assert bound.shape == (len(x),) and (bound < 0).all()
    assert model.summary["likelihood"] == "bound"
    model.save(tmp_path / "vae.safetensors")
    again = swiftgan.Model.load(tmp_path / "vae.safetensors")
    np.testing.assert_array_equal(again.log_likelihood(x, importance_samples=200), bound)
    np.testing.assert_array_equal(again.sample(3, seed=4), model.sample(3, seed=4))


def test_what_a_family_lacks():
    vae = swiftgan.Model({"family": "vae", "data": {"shape": [2]}})
    with pytest.raises(swiftgan.UnsupportedError, match='"vae" has no discriminate; those that have: "gan"'):
        vae.discriminate(np.zeros((1, 2), np.float32))
    gan = swiftgan.Model({"data": {"shape": [2]}})
    with pytest.raises(swiftgan.UnsupportedError, match='those that have: "vae", "made"'):
        gan.log_likelihood(np.zeros((1, 2), np.float32))
    with pytest.raises(swiftgan.ConfigError, match='did you mean "made"'):
        swiftgan.Model({"family": "mode", "data": {"shape": [2]}})
