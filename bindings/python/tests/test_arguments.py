"""Every public function, with integers and arrays that ctypes and NumPy would change silently on their way to C."""

import inspect

import numpy as np
import pytest
from conftest import RING

import swiftgan
from swiftgan import _library

CONDITIONAL = RING | {"data": {"shape": [2], "classes": 3}, "labels": {"mode": "conditional"}}
WITH_CONDITIONS = RING | {"data": {"shape": [2], "conditions": 2}, "labels": {"mode": "conditional"}}


class Things:
    """What the calls below need, made once."""

    def __init__(self, folder):
        self.folder = folder
        self.model = swiftgan.Model(RING)
        self.translator = swiftgan.Model(WITH_CONDITIONS)
        self.data = swiftgan.Dataset.open("ring", count=100)
        self.x = np.zeros((10, 2), np.float32)
        self.mask = np.ones(2)
        self.fitted = swiftgan.GAN(width=4, steps=1, batch=4).fit(self.x, progress=False)


@pytest.fixture(scope="module")
def things(tmp_path_factory):
    return Things(tmp_path_factory.mktemp("arguments"))


def plotted(samples, columns):
    figure = pytest.importorskip("matplotlib.figure", reason="matplotlib is not installed").Figure()
    return samples.plot(figure.subplots(), columns)


# Every integer parameter of the public functions: a call with it, and a value that is right.
INTEGERS = {
    "set_threads(n)": (lambda t, n: swiftgan.set_threads(n), 2),
    "compare(batch)": (lambda t, n: swiftgan.compare("ring", "gan", steps=1, batch=n, held_out=8), 4),
    "compare(held_out)": (lambda t, n: swiftgan.compare("ring", "gan", steps=1, held_out=n), 8),
    "compare(seed)": (lambda t, n: swiftgan.compare("ring", "gan", steps=1, held_out=8, seed=n), 2),
    "compare_costs(points)": (lambda t, n: swiftgan.compare_costs(points=n), 3),
    "compare_costs(batch)": (lambda t, n: swiftgan.compare_costs(t.model, batch=n, batches=2), 4),
    "compare_costs(batches)": (lambda t, n: swiftgan.compare_costs(t.model, batch=2, batches=n), 2),
    "compare_costs(seed)": (lambda t, n: swiftgan.compare_costs(t.model, batch=2, batches=2, seed=n), 2),
    "evaluate_features(seed)": (
        lambda t, n: swiftgan.evaluate_features(np.eye(9)[:, :2], np.eye(9)[:, 1:3], ridge=1, seed=n),
        2,
    ),
    "interpolate(steps)": (lambda t, n: swiftgan.interpolate([0, 1], [1, 0], n), 3),
    "png(columns)": (lambda t, n: swiftgan.png(np.zeros((2, 4, 4)), n), 2),
    "write_png(columns)": (lambda t, n: swiftgan.write_png(t.folder / "a.png", np.zeros((2, 4, 4)), n), 2),
    "Model.train(steps)": (lambda t, n: t.model.train(t.data, n), 1),
    "Model.train(batch)": (lambda t, n: t.model.train(t.data, 1, batch=n), 4),
    "Model.train(report_every)": (lambda t, n: t.model.train(t.data, 1, report_every=n), 1),
    "Model.train(checkpoint_every)": (
        lambda t, n: t.model.train(t.data, 1, checkpoint=t.folder / "m", checkpoint_every=n),
        1,
    ),
    "Model.sample(count)": (lambda t, n: t.model.sample(n), 3),
    "Model.sample(seed)": (lambda t, n: t.model.sample(1, seed=n), 3),
    "Model.latents(count)": (lambda t, n: t.model.latents(n), 3),
    "Model.latents(seed)": (lambda t, n: t.model.latents(1, seed=n), 3),
    "Model.evaluate(count)": (lambda t, n: t.model.evaluate(t.data, count=n, ridge=1), 9),
    "Model.evaluate(epochs)": (lambda t, n: t.model.evaluate(t.data, count=9, epochs=n, ridge=1), 1),
    "Model.evaluate(seed)": (lambda t, n: t.model.evaluate(t.data, count=9, seed=n, ridge=1), 1),
    "Model.divergences(count)": (lambda t, n: t.model.divergences(t.data, count=n), 9),
    "Model.divergences(seed)": (lambda t, n: t.model.divergences(t.data, count=9, seed=n), 1),
    "Model.find_latents(answers)": (lambda t, n: t.model.find_latents(t.x, answers=n, steps=1), 1),
    "Model.find_latents(steps)": (lambda t, n: t.model.find_latents(t.x, steps=n), 1),
    "Model.translate(answers)": (lambda t, n: t.translator.translate(t.x, answers=n), 2),
    "Model.translate(seed)": (lambda t, n: t.translator.translate(t.x, seed=n), 2),
    "Model.complete(answers)": (lambda t, n: t.model.complete(t.x, t.mask, answers=n, steps=1), 1),
    "Model.complete(seed)": (lambda t, n: t.model.complete(t.x, t.mask, steps=1, seed=n), 1),
    "Dataset.open(count)": (lambda t, n: swiftgan.Dataset.open("ring", count=n), 9),
    "Dataset.derive(shuffle_block)": (lambda t, n: t.data.derive(shuffle_block=n), 9),
    "Dataset.read(first)": (lambda t, n: t.data.read(n, 1), 9),
    "Dataset.read(count)": (lambda t, n: t.data.read(0, n), 9),
    "Dataset.from_function(count)": (lambda t, n: swiftgan.Dataset.from_function(n, (2,), lambda i: 0), 9),
    "Dataset.from_function(shape)": (lambda t, n: swiftgan.Dataset.from_function(1, (2, n), lambda i: 0), 9),
    "Dataset.from_iterator(labels)": (lambda t, n: swiftgan.Dataset.from_iterator([([0, 1], n)]), 1),
    "GAN(width)": (lambda t, n: swiftgan.GAN(width=n, steps=1).fit(t.x, progress=False), 4),
    "GAN(latent)": (lambda t, n: swiftgan.GAN(latent=n, steps=1).fit(t.x, progress=False), 4),
    "GAN(steps)": (lambda t, n: swiftgan.GAN(width=4, steps=n).fit(t.x, progress=False), 2),
    "GAN(batch)": (lambda t, n: swiftgan.GAN(width=4, batch=n, steps=1).fit(t.x, progress=False), 4),
    "GAN(reference_batch)": (
        lambda t, n: swiftgan.GAN(width=4, reference_batch=n, steps=1).fit(t.x, progress=False),
        4,
    ),
    "GAN(packing)": (lambda t, n: swiftgan.GAN(width=4, packing=n, steps=1).fit(t.x, progress=False), 2),
    "GAN(seed)": (lambda t, n: swiftgan.GAN(width=4, seed=n, steps=1).fit(t.x, progress=False), 4),
    "GAN(random_state)": (lambda t, n: swiftgan.GAN(width=4, random_state=n, steps=1).fit(t.x, progress=False), 4),
    "GAN.fit(steps)": (lambda t, n: swiftgan.GAN(width=4).fit(t.x, steps=n, progress=False), 2),
    "GAN.fit(every)": (lambda t, n: swiftgan.GAN(width=4).fit(t.x, steps=1, every=n, progress=False), 1),
    "GAN.partial_fit(steps)": (lambda t, n: swiftgan.GAN(width=4).partial_fit(t.x, steps=n), 1),
    "GAN.partial_fit(every)": (lambda t, n: swiftgan.GAN(width=4).partial_fit(t.x, steps=1, every=n), 1),
    "GAN.sample(n)": (lambda t, n: t.fitted.sample(n), 2),
    "Samples.save(columns)": (lambda t, n: swiftgan.Samples(np.zeros((2, 4, 4))).save(t.folder / "a.png", n), 2),
    "Samples.plot(columns)": (lambda t, n: plotted(swiftgan.Samples(np.zeros((2, 4, 4))), n), 2),
    "GAN.sample(seed)": (lambda t, n: t.fitted.sample(1, seed=n), 2),
}

@pytest.mark.parametrize("name", INTEGERS)
def test_integers(things, name):
    call, right = INTEGERS[name]
    for value in (right, np.int64(right), np.uint8(right)):
        call(things, value)
    for value in (right + 0.5, float("nan"), str(right), right + 1j):
        with pytest.raises((TypeError, ValueError)):
            call(things, value)
    for value in (-(2**70), -(2**31) - 1, -3, 2**64, 2**64 + right, 2**70, 10**5000):
        # Labels below 0 are unknown ones.
        if name == "Dataset.from_iterator(labels)" and value == -3:
            continue
        with pytest.raises((ValueError, IndexError, MemoryError, swiftgan.SwiftGANError)):
            call(things, value)
    swiftgan.set_threads(0)


def test_every_integer_parameter_is_tried():
    """Parameters that are annotated as integers have a row above."""
    functions = {
        name: value
        for name, value in vars(swiftgan).items()
        if name in swiftgan.__all__ and inspect.isfunction(value)
    }
    for owner in (swiftgan.Model, swiftgan.Dataset, swiftgan.GAN, swiftgan.Samples):
        for name, value in inspect.getmembers(owner, callable):
            if not name.startswith("_"):
                functions[f"{owner.__name__}.{name}"] = value
    functions["GAN"] = swiftgan.GAN
    for name, function in functions.items():
        for parameter in inspect.signature(function).parameters.values():
            if parameter.annotation in ("int", "int | None"):
                assert f"{name}({parameter.name})" in INTEGERS


def test_no_integer_is_cut_on_its_way():
    """The last check before ctypes, for whatever comes there."""
    with pytest.raises(swiftgan.ArgumentError, match="swiftgan_set_threads: argument 1: expected at most 2147483647"):
        _library.lib.swiftgan_set_threads(2**40)
    with pytest.raises(TypeError, match="swiftgan_status_name: argument 1: expected an integer, found 1.5"):
        _library.lib.swiftgan_status_name(1.5)
    with pytest.raises(swiftgan.ArgumentError):
        _library.lib.swiftgan_dataset_read(None, -1, 1, None, 0, None)


# Every function that takes samples, and what else it needs.
ARRAYS = {
    "step": lambda t, x: t.model.step(x),
    "discriminate": lambda t, x: t.model.discriminate(x),
    "density_ratio": lambda t, x: t.model.density_ratio(x),
    "log_density_ratio": lambda t, x: t.model.log_density_ratio(x),
    "log_density_ratio_gradient": lambda t, x: t.model.log_density_ratio_gradient(x),
    "find_latents": lambda t, x: t.model.find_latents(x, steps=1),
    "complete": lambda t, x: t.model.complete(x, t.mask, steps=1),
    "mask": lambda t, x: t.model.find_latents(t.x, mask=x, steps=1),
    "from_arrays": lambda t, x: swiftgan.Dataset.from_arrays(x),
    "from_iterator": lambda t, x: swiftgan.Dataset.from_iterator([x]),
    "from_function": lambda t, x: swiftgan.Dataset.from_function(10, (2,), lambda i: x).read(0, 10),
    "evaluate_features": lambda t, x: swiftgan.evaluate_features(x, np.eye(10)[:, :2], ridge=1),
    "interpolate": lambda t, x: swiftgan.interpolate(np.ravel(x) if isinstance(x, list) else x[0], t.x[0] + 1, 2),
    "png": lambda t, x: swiftgan.png(x[np.newaxis] if not isinstance(x, list) else [x]),
    "Samples": lambda t, x: swiftgan.Samples(x),
    "fit": lambda t, x: swiftgan.GAN(width=4, steps=1).fit(x, progress=False),
    "partial_fit": lambda t, x: swiftgan.GAN(width=4).partial_fit(x),
    "GAN.discriminate": lambda t, x: t.fitted.discriminate(x),
    "conditions": lambda t, x: swiftgan.Dataset.from_arrays(t.x, conditions=x),
    "latents": lambda t, x: t.model.sample(10, latents=np.concatenate([x, x], axis=1)),
    "tensors": lambda t, x: t.model.tensors.update({"generator.0.weight": x[:4, :1] + np.zeros((4, 16), np.int8)}),
}


@pytest.mark.parametrize("name", ARRAYS)
def test_arrays(things, name):
    call = ARRAYS[name]
    right = np.ones((10, 2), np.float32)
    strided = np.ones((20, 4))[::2, ::2]
    for values in (right, right.astype(np.float64), np.asfortranarray(right), right.astype(np.int8), strided):
        call(things, values)
    for values in (np.ma.masked_array(right, right > 0), right + 0j):
        with pytest.raises(TypeError, match="mask|real numbers"):
            call(things, values)
    if name != "tensors":
        with pytest.raises(TypeError, match="real numbers"):
            call(things, right.astype(object))
        with pytest.raises(TypeError, match="real numbers"):
            call(things, right.astype("datetime64[s]"))


def labels_read(labels):
    return swiftgan.Dataset.from_arrays(np.zeros((3, 2)), labels).read(0, 3)[1].tolist()


def test_labels():
    assert labels_read([2, 0, 1]) == labels_read([[2], [0], [1]]) == labels_read(np.array([2, 0, 1], np.uint8)) == [2, 0, 1]
    one_hot = np.eye(3)[[2, 0, 1]]
    for dtype in (int, float, bool, np.float32):
        assert labels_read(one_hot.astype(dtype)) == [2, 0, 1]
    for wrong in (
        one_hot * 2, one_hot * 0, np.ones((3, 3), int), one_hot * 0.5, one_hot - one_hot[::-1], np.eye(4),
        np.zeros((3, 2, 1), int), np.zeros((1, 3), int), [1, 2], np.int64(1), [2**31, 0, 0], np.full((3, 3), np.nan),
    ):  # fmt: skip
        with pytest.raises(ValueError, match="labels"):
            labels_read(wrong)
    for wrong in ([0.5, 1, 2], [0.0, 1.0, 2.0], [True, False, True], np.ma.masked_array([1, 2, 0], [0, 0, 1]), [1j, 0, 0]):
        with pytest.raises(TypeError, match="labels"):
            labels_read(wrong)


def test_labels_and_conditions_of_models():
    with swiftgan.Model(CONDITIONAL) as model:
        one_hot = np.eye(3)[[2, 0, 1]]
        assert (model.sample(3, labels=one_hot) == model.sample(3, labels=[2, 0, 1])).all()
        with pytest.raises(ValueError, match="one-hot"):
            model.sample(3, labels=one_hot + 1)
        with pytest.raises(ValueError, match="labels"):
            model.discriminate(np.zeros((3, 2)), labels=np.zeros((3, 1, 1), int))
    with swiftgan.Model(WITH_CONDITIONS) as model:
        model.sample(3, conditions=np.zeros((3, 2)))
        for wrong in (np.zeros((3, 2, 1)), np.zeros((3, 1, 2)), np.zeros((2, 3)), 1.0):
            with pytest.raises(ValueError, match="conditions"):
                model.sample(3, conditions=wrong)
        with pytest.raises(swiftgan.SwiftGANError, match="condition"):
            model.sample(3, conditions=np.zeros(3))


# Every parameter of the public functions that takes a model or a dataset.
OWNED = {
    "Model.train(data)": lambda t, x: t.model.train(x, 1),
    "Model.evaluate(data)": lambda t, x: t.model.evaluate(x, count=9, ridge=1),
    "Model.divergences(data)": lambda t, x: t.model.divergences(x, count=9),
    "compare_costs(model)": lambda t, x: swiftgan.compare_costs(x, batch=2, batches=2),
}


@pytest.mark.parametrize("name", OWNED)
@pytest.mark.parametrize("wrong", [[[1.0, 2.0]], np.zeros((4, 2)), 1], ids=["list", "array", "number"])
def test_what_is_no_model_or_dataset(things, name, wrong):
    parameter = name[name.index("(") + 1 : -1]
    kind = parameter.capitalize().replace("Data", "Dataset")
    with pytest.raises(TypeError, match=f"{parameter}: expected a swiftgan.{kind}[^,]*, found {type(wrong).__name__}"):
        OWNED[name](things, wrong)


@pytest.mark.parametrize("name", OWNED)
def test_what_was_closed(things, name):
    closed = swiftgan.Model(RING) if name.endswith("(model)") else swiftgan.Dataset.open("ring", count=100)
    closed.close()
    with pytest.raises(swiftgan.HandleError, match="closed"):
        OWNED[name](things, closed)
