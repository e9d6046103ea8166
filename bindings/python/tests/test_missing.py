"""Learning from tables with missing elements, and filling them in (Yoon et al. 2018)."""

import numpy as np
import pytest

import swiftgan


def with_holes(x, share, seed=0):
    """A copy with missing elements; at least one element of each sample stays."""
    rng = np.random.default_rng(seed)
    holes = rng.random(x.shape) < share
    holes[np.arange(len(x)), rng.integers(0, x.shape[1], len(x))] = False
    return np.where(holes, np.nan, x).astype(np.float32), holes


def error(filled, x, holes):
    """Root mean square over the holes, in deviations of the columns."""
    scale = x.std(0) + (x.std(0) == 0)
    return float(np.sqrt((((filled - x) / scale)[holes] ** 2).mean()))


@pytest.mark.parametrize("share", [0.2, 0.5])
@pytest.mark.parametrize("name", ["breast_cancer", "digits"])
def test_imputation(name, share):
    """The error is below the column mean's, and at most a twentieth above the same network's by least squares."""
    datasets = pytest.importorskip("sklearn.datasets")
    x = getattr(datasets, f"load_{name}")().data[:600]
    x_holes, holes = with_holes(x, share)
    model = swiftgan.Model(
        {
            "family": "gain",
            "data": {"shape": [x.shape[1]]},
            "gain": {"network": {"preset": "mlp", "width": 64}, "discriminator_network": {"preset": "mlp", "width": 64}},
        }
    )
    model.train(swiftgan.Dataset.from_arrays(x_holes, missing=True), 1000, batch=64)
    errors = {
        method: error(model.complete(x_holes, method=method)[:, 0], x, holes)
        for method in ("gain", "least_squares", "mean")
    }
    print(name, share, errors)
    assert errors["gain"] < 0.95 * errors["mean"], errors
    assert errors["gain"] <= 1.05 * errors["least_squares"], errors


def test_doors(tmp_path):
    x, holes = with_holes(np.random.default_rng(1).normal(size=(40, 3)) * 9 + 100, 0.3)
    model = swiftgan.Model({"family": "gain", "data": {"shape": [3]}})
    assert model.capabilities == ("complete",)
    report = model.step(x)
    assert {"reconstruction_cost", "least_squares_cost", "hidden_error", "hidden_error_mean"} <= set(report)
    model = swiftgan.Model({"family": "gain", "data": {"shape": [3]}})
    data = swiftgan.Dataset.from_arrays(x, missing=True)
    assert data.info["missing"] and data.describe()["missing_share"] == pytest.approx(holes.mean())
    model.train(data, 20)
    filled = model.complete(x, answers=2)
    assert filled.shape == (40, 2, 3) and np.isfinite(filled).all()
    for answer in (0, 1):
        np.testing.assert_array_equal(filled[:, answer][~holes], x[~holes])
    masked = model.complete(np.where(holes, 0, x), ~holes, answers=2)
    np.testing.assert_array_equal(masked, filled)
    np.testing.assert_allclose(model.complete(x, method="mean")[:, 0].mean(), np.nanmean(x), rtol=0.05)
    model.save(tmp_path / "gain.safetensors")
    np.testing.assert_array_equal(swiftgan.Model.load(tmp_path / "gain.safetensors").complete(x, answers=2), filled)
    np.save(tmp_path / "x.npy", x)
    for memory in (512, 0):
        again = swiftgan.Model({"family": "gain", "data": {"shape": [3]}})
        again.train(swiftgan.Dataset.open(tmp_path / "x.npy", missing=True, memory=memory), 20)
        np.testing.assert_array_equal(again.complete(x, answers=2), filled)


def test_refused(tmp_path):
    x = np.array([[1, np.nan], [np.nan, np.nan]], np.float32)
    with pytest.raises(swiftgan.ArgumentError, match="samples.1.: nothing is known of it"):
        swiftgan.Dataset.from_arrays(x, missing=True)
    np.save(tmp_path / "x.npy", x)
    for memory in (512, 0):
        with pytest.raises(swiftgan.ArgumentError, match="samples.1.: nothing is known of it"):
            swiftgan.Dataset.open(tmp_path / "x.npy", missing=True, memory=memory)
    with pytest.raises(swiftgan.ArgumentError, match="element 1 is nan"):
        swiftgan.Dataset.from_arrays(x)
    data = swiftgan.Dataset.from_arrays(x[:1], missing=True)
    with pytest.raises(swiftgan.MismatchError, match='missing elements .* families that can: "gain"'):
        swiftgan.Model({"data": {"shape": [2]}}).train(data, 1)
    model = swiftgan.Model({"family": "gain", "data": {"shape": [2]}})
    with pytest.raises(swiftgan.ArgumentError, match="samples.0.: nothing is known of it"):
        model.complete(x[1:])
    with pytest.raises(ValueError, match="mask: expected shape"):
        model.complete(x, np.ones(3))
    with pytest.raises(swiftgan.UnsupportedError, match='"gain" has no sample'):
        model.sample(1)
    with pytest.raises(swiftgan.ArgumentError, match="mask: expected values"):
        swiftgan.Model({"data": {"shape": [2]}}).complete(np.zeros((1, 2)))
