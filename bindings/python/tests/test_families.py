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


def test_nade():
    model = swiftgan.Model({"family": "nade", "data": {"shape": [12]}, "nade": {"width": 20, "order": "reversed"}})
    assert set(model.capabilities) == {"sample", "log_likelihood"}
    for _ in range(20):
        model.step(states(12)[1000:1100])
    assert np.exp(model.log_likelihood(states(12)).astype(np.float64)).sum() == pytest.approx(1, abs=1e-4)
    with pytest.raises(swiftgan.ConfigError, match="permutation"):
        swiftgan.Model({"family": "nade", "data": {"shape": [2]}, "nade": {"order": [0, 0]}})


@pytest.mark.parametrize("family", ["realnvp", "nice", "ica"])
def test_flows(family, tmp_path):
    """Encoding and decoding undo each other, and the density is that of the latents times the determinant."""
    model = swiftgan.Model({"family": family, "data": {"shape": [3]}})
    x = np.random.default_rng(0).normal(size=(50, 3)).astype(np.float32)
    reports = [model.step(x) for _ in range(60)]
    assert reports[-1]["cost"] < reports[0]["cost"]
    z = model.encode(x)
    np.testing.assert_allclose(model.decode(z), x, atol=1e-4)
    assert model.summary["likelihood"] == "exact"
    step, slopes = 1e-2, []
    for k in range(3):
        move = np.eye(3, dtype=np.float32)[k] * step
        slopes.append((model.encode(x + move).astype(np.float64) - model.encode(x - move)) / (2 * step))
    z = z.astype(np.float64)
    prior = -0.5 * z**2 - 0.5 * np.log(2 * np.pi) if family == "realnvp" else -z - 2 * np.log1p(np.exp(-z))
    want = prior.sum(1) + np.linalg.slogdet(np.stack(slopes, 1))[1]
    nats = model.log_likelihood(x)
    assert np.median(np.abs(nats - want)) < 2e-2
    model.save(tmp_path / "flow.safetensors")
    again = swiftgan.Model.load(tmp_path / "flow.safetensors")
    np.testing.assert_array_equal(again.log_likelihood(x), nats)


def test_flow_of_images():
    model = swiftgan.Model({"family": "realnvp", "data": {"shape": [4, 4, 1]}, "realnvp": {"width": 4, "couplings": 1}})
    assert model.config["realnvp"]["dequantize"] == 256 and model.summary["likelihood"] == "bound"
    x = np.random.default_rng(0).integers(0, 256, (5, 4, 4, 1)).astype(np.float32) / 127.5 - 1
    np.testing.assert_allclose(model.reconstruct(x), x, atol=1e-6)
    assert model.log_likelihood(x, importance_samples=5).shape == (5,)
    with pytest.raises(swiftgan.ConfigError, match="checkerboard"):
        swiftgan.Model({"family": "realnvp", "data": {"shape": [5, 4, 1]}})


def test_rbm():
    model = swiftgan.Model(
        {"family": "rbm", "data": {"shape": [6]}, "rbm": {"hidden": 4, "persistent_chains": 10, "sampling_steps": 50}}
    )
    report = model.step(states(6)[::5])
    assert {"cost", "free_energy", "chain_correlation"} <= set(report)
    assert np.exp(model.log_likelihood(states(6)).astype(np.float64)).sum() == pytest.approx(1, abs=1e-4)
    mixing = model.mixing(chains=5, steps=100)
    assert mixing["log_partition_deviation"] == 0 and 1 <= mixing["autocorrelation_time"] < 10
    x = states(6)[:3]
    filled = model.complete(x, [1, 1, 0, 0, 1, 1], answers=4, steps=5)
    assert filled.shape == (3, 4, 6)
    np.testing.assert_array_equal(filled[..., [0, 1, 4, 5]], np.repeat(x[:, None, [0, 1, 4, 5]], 4, 1))


def test_dbm():
    """A machine with two hidden layers: its bound stays below 0 probabilities' logarithms that sum to at most 1."""
    model = swiftgan.Model(
        {
            "family": "dbm",
            "data": {"shape": [6]},
            "dbm": {"first_hidden": 4, "second_hidden": 3, "pretraining_steps": 1, "sampling_steps": 50},
        }
    )
    assert model.summary["likelihood"] == "bound"
    for _ in range(4):
        report = model.step(states(6)[::5])
    assert {"cost", "free_energy_bound", "chain_correlation"} <= set(report)
    total = np.exp(model.log_likelihood(states(6), mean_field_steps=30).astype(np.float64)).sum()
    assert 0.9 < total < 1 + 1e-4
    assert model.mixing(chains=5, steps=100)["log_partition_deviation"] == 0
    x = states(6)[:3]
    filled = model.complete(x, [1, 1, 0, 0, 1, 1], answers=4, steps=5)
    np.testing.assert_array_equal(filled[..., [0, 1, 4, 5]], np.repeat(x[:, None, [0, 1, 4, 5]], 4, 1))


def test_gsn():
    model = swiftgan.Model({"family": "gsn", "data": {"shape": [6]}, "gsn": {"sampling_steps": 20}})
    assert set(model.capabilities) == {"sample", "complete", "mixing"} and model.summary["likelihood"] is None
    for _ in range(5):
        model.step(states(6)[::5])
    assert set(np.unique(model.sample(20, seed=1))) <= {0, 1}
    assert model.mixing(steps=50)["effective_samples"] > 0
    with pytest.raises(swiftgan.UnsupportedError, match='"gsn" has no log_likelihood'):
        model.log_likelihood(states(6))
    with pytest.raises(swiftgan.ArgumentError, match="data.binarize"):
        model.step(np.full((2, 6), 0.5, np.float32))


@pytest.mark.parametrize(
    "settings",
    [
        {"family": "vae", "vae": {"decoder": "gaussian"}},
        {"family": "vae", "vae": {"decoder": "gaussian", "deviation": None}},
        {"family": "made", "made": {"output": "gaussian", "orders": 2}},
        {"family": "nade", "nade": {"output": "mixture"}},
        {"family": "rbm", "rbm": {"visible": "gaussian", "hidden": 3}},
        {"family": "realnvp"},
        {"family": "nice"},
        {"family": "ica"},
    ],
    ids=lambda s: s["family"],
)
def test_samples_beyond_all_densities(settings):
    """Where a density is below what 32-bit floats hold, its logarithm is minus infinity, not NaN."""
    model = swiftgan.Model({"data": {"shape": [3]}} | settings)
    for scale in (1e19, 1e30, 3e38):
        x = np.array([[1, -1, 0.5], [-1, 1, 1]], np.float32) * np.float32(scale)
        nats = model.log_likelihood(x)
        assert not np.isnan(nats).any() and (nats < -1e9).all(), (scale, nats)
