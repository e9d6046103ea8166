"""What newcomers write, and what they are told."""

import numpy as np
import pytest
from conftest import RING

import swiftgan


def small(**settings):
    return swiftgan.GAN(width=8, latent=4, batch=8, steps=2, **settings)


@pytest.fixture
def x():
    return np.random.default_rng(0).normal(size=(30, 2)).astype(np.float32)


def test_data_sets_are_made_by_name(x):
    with pytest.raises(TypeError, match=r"Dataset\.from_arrays"):
        swiftgan.Dataset(x)
    with pytest.raises(TypeError, match=r"Dataset\.open"):
        swiftgan.Dataset("ring")


def test_paths_are_opened(ring, tmp_path, x):
    ring.train("ring", 1)
    assert ring.summary["step"] == 1
    assert ring.evaluate("ring", count=20, ridge=1)["n_real"] == 20
    assert ring.divergences("ring", count=20)["count"] == 20
    np.save(tmp_path / "x.npy", x)
    from_path = small().fit(tmp_path / "x.npy", progress=False)
    np.testing.assert_array_equal(from_path.sample(3), small().fit(x, progress=False).sample(3))
    assert from_path.partial_fit(str(tmp_path / "x.npy"), steps=1).model.summary["step"] == 3
    with pytest.raises(swiftgan.IOFailure, match="nowhere"):
        small().fit(tmp_path / "nowhere", progress=False)
    for call in (ring.train, ring.evaluate, ring.divergences):
        with pytest.raises(TypeError, match=r"data: expected a swiftgan.Dataset .*Dataset\.from_arrays\(data\)"):
            call(x, *([1] if call == ring.train else []))


def test_names_of_classes(x):
    names = np.array(["dog", "cat", "owl"])[np.arange(30) % 3]
    numbers = np.array([1, 0, 2])[np.arange(30) % 3]
    by_number = small(labels="conditional").fit(x, numbers, progress=False)
    for given in (names, list(names), names.astype(object)):
        gan = small(labels="conditional").fit(x, given, progress=False)
        np.testing.assert_array_equal(gan.sample(4, labels="dog"), by_number.sample(4, labels=1))
        np.testing.assert_array_equal(gan.sample(2, labels=["owl", "cat"]), by_number.sample(2, labels=[2, 0]))
        np.testing.assert_array_equal(gan.discriminate(x, labels=names), by_number.discriminate(x, labels=numbers))
    with pytest.raises(ValueError, match="unknown class 'cow'; expected one of cat, dog, owl"):
        gan.sample(1, labels="cow")
    with pytest.raises(ValueError, match="knows no names"):
        by_number.sample(1, labels="dog")
    with pytest.raises(ValueError, match=r"names such as 'dog'; number them: .*numpy\.unique\(labels, return_inverse=True\)"):
        swiftgan.Dataset.from_arrays(x, names)


def test_labels_without_use(x):
    y = np.arange(30) % 3
    with pytest.raises(ValueError, match=r'y: this GAN makes no use of it; write GAN\(labels="conditional".*labels="none"'):
        small().fit(x, y, progress=False)
    for labels in (None, "none", {"mode": "none"}, swiftgan.config.Labels()):
        with pytest.raises(ValueError, match=r'conditions: this GAN makes no use of it; write GAN\(labels="conditional"'):
            small(labels=labels).fit(x, progress=False, conditions=x)
        if labels is not None:  # said in so many words: scikit-learn hands labels to every estimator
            passed_over = small(labels=labels).fit(x, y, progress=False)
            np.testing.assert_array_equal(passed_over.sample(3), small().fit(x, progress=False).sample(3))
    with pytest.raises(ValueError, match=r"y: labels='conditional' needs the class of each sample; write fit\(x, y\)"):
        small(labels="conditional").fit(x, progress=False)
    with pytest.raises(swiftgan.UnsupportedError, match='leave labels out, or make the model with labels.mode "conditional"'):
        small().fit(x, progress=False).sample(1, labels=[1])


def test_closed(ring, points):
    ring.close()
    points.close()
    for kind, call in (
        ("model", lambda: ring.sample(1)),
        ("model", lambda: ring.config),
        ("model", lambda: ring.step(np.zeros((4, 2)))),
        ("dataset", lambda: points.read(0, 1)),
        ("dataset", lambda: points.info),
        ("dataset", lambda: swiftgan.Model(RING).train(points, 1)),
    ):
        with pytest.raises(swiftgan.HandleError, match=f"this {kind} is closed"):
            call()


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("lr", r"write optimizer=config\.Adam\(learning_rate="),
        ("batch_size", "write batch="),
        ("epochs", "write steps="),
        ("latent_dim", "write latent="),
        ("avrage", "did you mean 'average'"),
        ("xyzzy", "expected one of preset, width"),
    ],
)
def test_names_of_parameters(name, told):
    with pytest.raises(TypeError, match=f"unknown parameter '{name}'; {told}"):
        swiftgan.GAN(**{name: 1})


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"learning_rate": 0.001}, r"learning_rate: .*found 0\.001; a rate is set by optimizer\.adam\.learning_rate"),
        ({"optimizer": {"sgd": {}, "adam": {}}}, 'optimizer: expected one rule, found "adam" beside "sgd"'),
        ({"optimizer": {"generator": {"sgd": {}, "adam": {}}}}, 'optimizer.generator: expected one rule, found "adam" beside'),
        ({"optimizer": {"learning_rate": 0.1}}, r"write optimizer\.adam\.learning_rate"),
        ({"optimizer": {"lr": 0.1, "sgd": {}}}, r"write optimizer\.sgd\.learning_rate"),
        ({"optimizer": {"generator": {"lr": 0.1}}}, r"write optimizer\.generator\.adam\.learning_rate"),
    ],
)
def test_rates(settings, told, x):
    with pytest.raises(swiftgan.ConfigError, match=told):
        small(**settings).fit(x, progress=False)
    with pytest.raises(swiftgan.ConfigError, match=told):
        swiftgan.Model(RING | settings)
