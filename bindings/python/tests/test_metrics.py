import numpy as np
import pytest

import swiftgan


def test_features_against_numpy():
    rng = np.random.default_rng(2)
    a, b = rng.normal(size=(500, 6)) @ rng.normal(size=(6, 6)), rng.normal(size=(400, 6)) + 1
    report = swiftgan.evaluate_features(a, b)
    ca, cb = np.cov(a.T), np.cov(b.T)
    root = np.linalg.eigvals(ca @ cb)
    want = ((a.mean(0) - b.mean(0)) ** 2).sum() + np.trace(ca + cb) - 2 * np.sqrt(root.real.clip(0)).sum()
    assert report["frechet_distance"] == pytest.approx(want, rel=1e-3)
    assert (report["n_real"], report["n_fake"], report["feature_size"]) == (500, 400, 6)
    with pytest.raises(ValueError, match="count, size"):
        swiftgan.evaluate_features(a, b[:, :5])


def test_evaluates_a_model(ring, points, tmp_path):
    report = ring.evaluate(points, count=200)
    assert report["features"] == {"kind": "pixels", "size": 2}
    assert report["modes"]["modes"] == 8
    kept = tmp_path / "extractor.safetensors"
    first = ring.evaluate(points, count=300, features="classifier", extractor=kept, epochs=2)
    assert kept.exists() and first["features"]["size"] == 128
    again = ring.evaluate(points, count=300, features="classifier", extractor=kept)
    assert again["features"] == first["features"]
    assert again["frechet_distance"] == pytest.approx(first["frechet_distance"], rel=1e-6)


@pytest.mark.parametrize("size", [4, 16, 64, 200])
def test_repeated_rows(size):
    """Equal sets have density and coverage 1, however often their rows occur."""
    rows = np.random.default_rng(size).normal(size=(60, size))
    for repeated in (np.repeat(rows, 10, 0), np.tile(rows, (7, 1)), np.concatenate([rows, np.repeat(rows[:20], 9, 0)])):
        found = swiftgan.evaluate_features(repeated, repeated, ridge=1)
        assert abs(found["density"] - 1) < 0.01 and found["coverage"] == 1
        assert found["precision"] == found["recall"] == 1
    away = swiftgan.evaluate_features(np.repeat(rows, 10, 0), np.repeat(rows + 100, 10, 0), ridge=1)
    assert away["density"] == away["coverage"] == 0
    # Half of the fakes are copies of real rows, half are far away.
    moved = rows + 100 * (np.arange(60) % 2)[:, None]
    half = swiftgan.evaluate_features(np.repeat(rows, 10, 0), np.repeat(moved, 10, 0), ridge=1)
    assert abs(half["density"] - 0.5) < 0.01 and half["coverage"] == 0.5
