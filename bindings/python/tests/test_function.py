"""Datasets of Python's functions and iterables."""

import numpy as np
import pytest

import swiftgan

CONFIG = {
    "data": {"shape": [3], "range": [-1, 1]},
    "latent": {"size": 2},
    "generator": {"preset": "mlp", "width": 8},
    "discriminator": {"preset": "mlp", "width": 8},
}


@pytest.fixture
def points():
    return np.random.default_rng(0).uniform(-1, 1, (100, 3)).astype(np.float32)


def tensors(model):
    return {name: model.tensors[name] for name in model.tensors}


def test_function_is_like_arrays(points):
    seen = []

    def read(indices):
        seen.extend(indices)
        return points[indices]

    labels = np.arange(100) % 3
    with (
        swiftgan.Dataset.from_function(100, (3,), read, labels=labels) as function,
        swiftgan.Dataset.from_arrays(points) as memory,
        swiftgan.Model(CONFIG) as a,
        swiftgan.Model(CONFIG) as b,
    ):
        assert len(function) == 100 and function.shape == (3,) and function.info["classes"] == 3
        x, y = function.read(5, 4)
        np.testing.assert_array_equal(x, points[5:9])
        np.testing.assert_array_equal(y, labels[5:9])
        seen.clear()
        a.train(function, 10, batch=20)
        b.train(memory, 10, batch=20)
        assert sorted(seen) == sorted([*range(100)] * 2)
        assert a.evaluate(function, count=50)["frechet_distance"] > 0
        for name, value in tensors(a).items():
            np.testing.assert_array_equal(value, b.tensors[name])


def test_describe(points):
    with swiftgan.Dataset.from_function(100, (3,), points.__getitem__, labels=np.arange(100) % 3 - 1) as data:
        found = data.describe()
    assert found["class_counts"] == [33, 33] and found["labelled"] == 66
    assert found["lowest"] == points.min() and found["highest"] == points.max()
    np.testing.assert_allclose([found["mean"], found["deviation"]], [points.mean(), points.std()], atol=1e-6)


def test_images_may_lack_channels():
    images = np.random.default_rng(0).uniform(-1, 1, (10, 6, 5))
    with swiftgan.Dataset.from_function(10, (6, 5), lambda i: images[i]) as data:
        assert data.shape == (6, 5, 1)
        np.testing.assert_array_equal(data.read(0, 10)[0][..., 0], images.astype(np.float32))


def test_exceptions_come_out(points):
    calls = 0

    def read(indices):
        nonlocal calls
        calls += 1
        if calls == 4:
            raise ZeroDivisionError("at the fourth")
        return points[indices]

    with swiftgan.Dataset.from_function(100, (3,), read) as data, swiftgan.Model(CONFIG) as model:
        with pytest.raises(ZeroDivisionError, match="at the fourth"):
            model.train(data, 10, batch=20)
        reports = []
        model.train(data, 1, batch=20, on_progress=lambda step, report: reports.append(step))
        assert reports == [4]
        # An error of the library's own afterwards is its own.
        with pytest.raises(swiftgan.ConfigError):
            swiftgan.Dataset.open("ring", nothing=1)
        calls = 3
        with pytest.raises(ZeroDivisionError):
            data.read(0, 1)
        calls = 3
        with pytest.raises(ZeroDivisionError):
            model.evaluate(data, count=50)


@pytest.mark.parametrize(
    ("read", "error", "words"),
    [
        (lambda i: np.zeros((len(i), 2)), ValueError, r"expected samples of shape \(20, 3\), found \(20, 2\)"),
        (lambda i: np.zeros(3 * len(i)), ValueError, "found"),
        (lambda i: None, (TypeError, ValueError), None),
        (lambda i: "text", ValueError, None),
        (lambda i: np.full((len(i), 3), np.nan), swiftgan.ArgumentError, "element 0"),
        (lambda i: np.full((len(i), 3), 5), swiftgan.MismatchError, "from 5.0 to 5.0"),
    ],
)
def test_wrong_samples(read, error, words):
    with swiftgan.Dataset.from_function(100, (3,), read) as data, swiftgan.Model(CONFIG) as model:
        with pytest.raises(error, match=words):
            model.train(data, 1, batch=20)


def test_reads_while_busy(points):
    def read(indices):
        model.sample(1)

    with swiftgan.Dataset.from_function(100, (3,), read) as data, swiftgan.Model(CONFIG) as model:
        with pytest.raises(swiftgan.BusyError):
            model.train(data, 1)


def test_wrong_arguments():
    for count, shape in ((0, (3,)), (3, (0,)), (3, (2, -1))):
        with pytest.raises(ValueError):
            swiftgan.Dataset.from_function(count, shape, lambda i: None)
    with pytest.raises(swiftgan.ArgumentError, match="rank"):
        swiftgan.Dataset.from_function(3, (1, 1, 1, 1), lambda i: None)


def test_iterator(points):
    with swiftgan.Dataset.from_iterator(x for x in points) as data:
        np.testing.assert_array_equal(data.read(0, 100)[0], points)
    with swiftgan.Dataset.from_iterator((x, i % 4) for i, x in enumerate(points)) as data:
        assert data.info["classes"] == 4
        assert data.read(0, 6)[1].tolist() == [0, 1, 2, 3, 0, 1]
    for items, error in (
        ([], "at least one"),
        ([points[0], points[0][:2]], "item 1: expected shape"),
        ([points[0], (points[1], 1)], "with none"),
        ([(points[1], 1), points[0]], "with none"),
        ([(points[0], 1, 2)], "3 parts"),
    ):
        with pytest.raises(ValueError, match=error):
            swiftgan.Dataset.from_iterator(items)
    with pytest.raises(TypeError):
        swiftgan.Dataset.from_iterator([(points[0], 0.5)])
