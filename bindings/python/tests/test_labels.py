import numpy as np
import pytest

import swiftgan

NET = {"preset": "mlp", "width": 16}
CONFIG = {"data": {"shape": [2], "classes": 8}, "latent": {"size": 4}, "generator": NET, "discriminator": NET}


def test_conditional_round_trip(points, tmp_path):
    with swiftgan.Model(CONFIG | {"labels": {"mode": "conditional"}}) as model:
        model.train(points, 5, batch=32)
        labels = np.arange(6) % 8
        samples = model.sample(6, labels=labels)
        assert model.discriminate(samples, labels=labels).shape == (6,)
        model.save(tmp_path / "m.safetensors")
        with swiftgan.Model.load(tmp_path / "m.safetensors") as again:
            np.testing.assert_array_equal(again.sample(6, labels=labels), samples)
        with pytest.raises(swiftgan.ArgumentError, match="expected a class 0...7"):
            model.sample(6)
        with pytest.raises(ValueError, match="labels: expected 6 entries"):
            model.sample(6, labels=[1])


def test_classifies(points):
    fast = {"optimizer": {"adam": {"learning_rate": 0.003}}}
    with swiftgan.Model(
        CONFIG | fast | {"labels": {"mode": "semi_supervised"}, "feature_matching": 1}
    ) as model:
        reports = {}
        model.train(points, 300, batch=64, on_progress=reports.__setitem__)
        x, labels = points.read(0, 100)
        logits = model.classify(x)
        assert logits.shape == (100, 8)
        assert (logits.argmax(1) == labels).mean() > 0.8
        assert reports[300]["class_accuracy"] > 0.8
    with swiftgan.Model(CONFIG) as model, pytest.raises(swiftgan.UnsupportedError, match="tells no classes"):
        model.classify(x)


def test_conditions():
    config = CONFIG | {"data": {"shape": [2], "conditions": 3}, "labels": {"mode": "conditional"}}
    rng = np.random.default_rng(1)
    x, c = rng.normal(size=(50, 2)), rng.normal(size=(50, 3))
    with swiftgan.Dataset.from_arrays(x, conditions=c) as data, swiftgan.Model(config) as model:
        assert data.info["conditions"] == 3
        model.train(data, 3, batch=10)
        model.step(x[:8], conditions=c[:8])
        assert model.sample(4, conditions=c[:4]).shape == (4, 2)
        with pytest.raises(swiftgan.MismatchError, match="condition_size: expected 3, found 2"):
            model.sample(4, conditions=c[:4, :2])
