import numpy as np
import pytest
from conftest import RING

import swiftgan

X = np.random.default_rng(4).normal(size=(70, 2)).astype(np.float32)


def test_without_smoothing_the_log_ratio_is_the_logit(ring):
    np.testing.assert_array_equal(ring.log_density_ratio(X), ring.discriminate(X))
    np.testing.assert_allclose(ring.density_ratio(X), np.exp(ring.discriminate(X)), rtol=1e-5)


def test_smoothing_is_undone():
    with swiftgan.Model(RING | {"label_smoothing": {"real": 0.3}}) as model:
        d = 1 / (1 + np.exp(-model.discriminate(X).astype(np.float64)))
        np.testing.assert_allclose(model.density_ratio(X), d / (0.7 - d), rtol=1e-4)


def test_flipping_is_undone():
    flipped = RING | {"label_smoothing": {"real": 0.2}, "label_flipping": 0.1}
    with swiftgan.Model(flipped) as model:
        d = 1 / (1 + np.exp(-model.discriminate(X).astype(np.float64)))
        inside = (d > 0.1) & (d < 0.7)
        assert inside.sum() > 10
        want = (d - 0.8 * 0.1) / (0.8 * 0.9 - d)
        np.testing.assert_allclose(model.density_ratio(X)[inside], want[inside], rtol=1e-3)
    with swiftgan.Model(RING | {"label_flipping": 0.5}) as model:
        with pytest.raises(swiftgan.UnsupportedError, match="label_flipping"):
            model.density_ratio(X)


def test_minibatch_layers_judge_one_batch(points):
    layers = [{"dense": 8}, "tanh", {"minibatch_discrimination": {"kernels": 4, "size": 2}}, {"dense": 1}]
    with swiftgan.Model(RING | {"discriminator": {"layers": layers}}) as model:
        both = model.discriminate(np.concatenate([X, X]))
        np.testing.assert_allclose(both[:70], both[70:], rtol=1e-5)
        assert np.abs(both[:70] - model.discriminate(X)).max() > 1e-6
        assert model.divergences(points)["count"] == 1000


def test_f_gan_curves_are_over_the_ratio():
    table = swiftgan.compare_costs(objectives=[{"f_gan": {"divergence": "kl"}}], points=5)
    d = np.array(table["discriminator_output"])
    # the optimal output for KL is 1 + log r, and the generator's cost -exp(output - 1) = -r
    np.testing.assert_allclose(table["costs"][0]["cost"], -d / (1 - d), rtol=1e-5)
    np.testing.assert_allclose(table["costs"][0]["slope"], -1 / (1 - d) ** 2, rtol=1e-4)


def test_gradient_of_the_log_ratio(ring):
    gradient = ring.log_density_ratio_gradient(X)
    assert gradient.shape == X.shape
    for axis in range(2):
        shift = np.zeros((1, 2), np.float32)
        shift[0, axis] = 1e-2
        slope = (ring.log_density_ratio(X + shift) - ring.log_density_ratio(X - shift)) / 2e-2
        # a kink of LeakyReLU can lie between the two points
        assert np.median(np.abs(slope - gradient[:, axis])) < 1e-4


def test_divergences(ring, points):
    report = ring.divergences(points, count=500)
    assert report["count"] == 500
    assert set(report) == {"count", "seed", "kl", "reverse_kl", "jensen_shannon", "total_variation", "pearson", "limited"}
    assert all(report[k]["standard_error"] >= 0 for k in report if k not in ("count", "seed", "limited"))
    assert 0 <= report["limited"] <= 1
    with pytest.raises(swiftgan.ArgumentError, match="count: expected 2...1000, found 5000"):
        ring.divergences(points, count=5000)


def test_total_variation_tells_no_ratio():
    with swiftgan.Model(RING | {"objective": {"f_gan": {"divergence": "total_variation"}}}) as model:
        with pytest.raises(swiftgan.UnsupportedError, match="total variation"):
            model.density_ratio(X)


def test_compares_costs(ring):
    table = swiftgan.compare_costs(points=9)
    d = np.array(table["discriminator_output"])
    np.testing.assert_allclose(d, (np.arange(9) + 0.5) / 9, rtol=1e-6)
    want = {
        "minimax": (0.5 * np.log(1 - d), -0.5 / (1 - d)),
        "non_saturating": (-0.5 * np.log(d), -0.5 / d),
        "maximum_likelihood": (-0.5 * d / (1 - d), -0.5 / (1 - d) ** 2),
    }
    for row in table["costs"]:
        cost, slope = want.pop(row["objective"])
        np.testing.assert_allclose(row["cost"], cost, rtol=1e-5, atol=1e-6)
        np.testing.assert_allclose(row["slope"], slope, rtol=1e-5)
    assert not want
    before = ring.tensors["generator.0.weight"]
    noisy = swiftgan.compare_costs(ring, objectives=["minimax", {"f_gan": {"divergence": "kl"}}], batches=4)
    assert [c["objective"] for c in noisy["costs"]][0] == "minimax"
    assert all(c["gradient_norm"] > 0 and c["gradient_variance"] > 0 for c in noisy["costs"])
    np.testing.assert_array_equal(ring.tensors["generator.0.weight"], before)


@pytest.mark.parametrize("objective", ["wasserstein", "hinge", "relativistic", "relativistic_average"])
def test_scores_are_no_ratios(objective):
    with swiftgan.Model(RING | {"objective": objective, "penalties": {"gradient_penalty": 1}}) as model:
        report = model.step(0.01 * X)
        assert "D gives a score, not a ratio" in report["verdict"] and report["penalty_gradient_penalty"] > 0
        with pytest.raises(swiftgan.UnsupportedError, match="a score, not a density ratio"):
            model.density_ratio(X)
