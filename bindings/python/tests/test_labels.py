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


NAMES = ["cat", "dog", "owl"]
NAMED = {
    "data": {"shape": [2], "classes": 3},
    "latent": {"size": 4},
    "labels": {"mode": "conditional"},
    "generator": NET,
    "discriminator": NET,
}


@pytest.fixture
def named(tmp_path):
    """A table whose classes have names: samples of class k lie around (10 k, 0)."""
    rng = np.random.default_rng(4)
    k = rng.integers(0, 3, 600)
    lines = [f"{10 * a + rng.normal():.3f},{rng.normal():.3f},{NAMES[a]}" for a in k]
    (tmp_path / "x.csv").write_text("\n".join(["a,b,kind", *lines]) + "\n")
    return tmp_path / "x.csv"


def test_names_belong_to_the_model(named, tmp_path):
    """A checkpoint alone knows the classes by name, and other data is matched by name."""
    with swiftgan.Dataset.open(named, labels="kind") as data, swiftgan.Model(NAMED) as model:
        assert model.class_names == []
        model.train(data, 400, batch=64)
        assert model.class_names == NAMES
        model.save(tmp_path / "m.safetensors")
    with swiftgan.Model.load(tmp_path / "m.safetensors") as model:
        assert model.class_names == NAMES and model.summary["class_names"] == NAMES
        owls = model.sample(50, labels="owl", seed=3)
        np.testing.assert_array_equal(owls, model.sample(50, labels=np.full(50, 2), seed=3))
        np.testing.assert_array_equal(
            model.sample(3, labels=["owl", "cat", "dog"]), model.sample(3, labels=[2, 0, 1])
        )
        x = owls[:2]
        np.testing.assert_array_equal(
            model.discriminate(x, labels=["owl", "cat"]), model.discriminate(x, labels=[2, 0])
        )
        model.step(x, labels=["owl", "owl"])
        with pytest.raises(ValueError, match="unknown class 'cow'; expected one of cat, dog, owl"):
            model.sample(1, labels="cow")
        # Data with fewer classes, which it numbers from 0 itself.
        lines = [line for line in named.read_text().splitlines() if not line.endswith(",cat")]
        (tmp_path / "few.csv").write_text("\n".join(lines) + "\n")
        alike = [line for line in named.read_text().splitlines()]
        (tmp_path / "other.csv").write_text("\n".join([*alike, "1,2,cow"]) + "\n")
        with swiftgan.Dataset.open(tmp_path / "few.csv", labels="kind") as few:
            assert few.info["class_names"] == ["dog", "owl"]
            by_name = few.derive(classes=NAMES)
            a, b = swiftgan.Model.load(tmp_path / "m.safetensors"), swiftgan.Model.load(tmp_path / "m.safetensors")
            a.train(few, 5, batch=32)
            b.train(by_name, 5, batch=32)
            for name in a.tensors:
                np.testing.assert_array_equal(a.tensors[name], b.tensors[name])
            assert a.class_names == NAMES
            assert a.evaluate(few, count=200) == b.evaluate(by_name, count=200)
            assert a.divergences(few) == b.divergences(by_name)
        with swiftgan.Dataset.open(tmp_path / "other.csv", labels="kind") as other:
            for use in (lambda: a.train(other, 1), lambda: a.evaluate(other), lambda: a.divergences(other)):
                with pytest.raises(swiftgan.MismatchError, match='class "cow", which is not one of "cat", "dog", "owl"'):
                    use()


def test_names_of_the_configuration(named, tmp_path):
    """They come first, and need no data that has names."""
    config = NAMED | {"data": {"shape": [2], "classes": 3, "class_names": ["owl", "dog", "cat"]}}
    with swiftgan.Dataset.open(named, labels="kind") as data, swiftgan.Model(config) as model:
        model.train(data, 2, batch=32)
        assert model.class_names == ["owl", "dog", "cat"]
        assert model.config["data"]["class_names"] == ["owl", "dog", "cat"]
        model.save(tmp_path / "m.safetensors")
        assert swiftgan.Model.load(tmp_path / "m.safetensors").class_names == ["owl", "dog", "cat"]
    for bad in (["a", "a"], ["a", "b", "c", "d"], [1], "abc"):
        with pytest.raises(swiftgan.ConfigError, match="class_names"):
            swiftgan.Model(NAMED | {"data": {"shape": [2], "classes": 3, "class_names": bad}})


def test_a_gan_keeps_the_names_of_its_labels(tmp_path):
    rng = np.random.default_rng(5)
    y = np.array(NAMES)[rng.integers(0, 3, 200)]
    x = rng.normal(size=(200, 2))
    for use in ("fit", "partial_fit"):
        gan = swiftgan.GAN(width=8, latent=2, labels="conditional", steps=3)
        gan = gan.fit(x, y, progress=False) if use == "fit" else gan.partial_fit(x, y)
        assert gan.model.class_names == NAMES
        gan.save(tmp_path / "m.safetensors")
        again = swiftgan.GAN.load(tmp_path / "m.safetensors")
        np.testing.assert_array_equal(again.sample(4, labels="dog"), gan.sample(4, labels=1))
        again.partial_fit(x[:20], y[:20])
        with pytest.raises(ValueError, match="unknown class 'cow'"):
            again.partial_fit(x[:2], ["cow", "cat"])
